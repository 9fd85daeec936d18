//! Whether each customer's node answers: asked every few seconds, many at a time, written down only when it changes.

pub mod http;
pub(crate) mod store;

use crate::{
    State,
    federation::Observation,
    links::{self, NodeLink},
};
use bailiwick_api::{About, Health, VERSION};
use bailiwick_chassis::{Refusal, secrets::random_bytes};
use bailiwick_client::ClientError;
use futures_util::{StreamExt, stream};
use std::time::Duration;
use tokio::time::Instant;

/// Nodes asked at a time.
const AT_ONCE: usize = 32;

/// What every node answers to who it is.
pub(crate) const PRODUCT: &str = "bailiwick-node";

/// Starts the task.
pub fn watch(state: &State) {
    let state = state.clone();
    state.tasks.clone().spawn(async move {
        loop {
            if let Err(refusal) = round(&state).await {
                tracing::warn!(code = refusal.code(), "health could not be written down");
            }
            tokio::time::sleep(jittered(state.pace.probe)).await;
        }
    });
}

/// A span, give or take a tenth, so that consoles do not knock in step.
fn jittered(span: Duration) -> Duration {
    let [byte] = random_bytes::<1>();
    span.mul_f64(0.9 + 0.2 * f64::from(byte) / 255.0)
}

/// Asks every node once.
async fn round(state: &State) -> Result<(), Refusal> {
    let nodes = links::store::all(&state.db).await?;
    let probes = nodes.into_iter().map(|link| async move { probe(state, &link).await });
    let done: Vec<_> = stream::iter(probes).buffer_unordered(AT_ONCE).collect().await;
    done.into_iter().collect()
}

async fn probe(state: &State, link: &NodeLink) -> Result<(), Refusal> {
    let asked = Instant::now();
    let heard = state.links.client(&link.node).await?.hello(state.pace.probe_deadline).await;
    let observation = match &heard {
        Ok(_) => Observation::Answered { latency: asked.elapsed() },
        Err(ClientError::Timeout(_)) => Observation::TimedOut,
        Err(_) => Observation::Unreachable,
    };
    state.federation.observe(&link.node, observation);
    if let Ok(about) = &heard
        && about.node == link.node
        && cut(&about.version) != link.version
    {
        links::store::set_version(&state.db, &link.node, &cut(&about.version)).await?;
    }
    let (health, detail) = judge(link, heard);
    let came_up = store::set(&state.db, &link.node, health, detail.as_deref(), state.clock.now_us()).await?;
    if came_up && health == Health::Up {
        state.reconciler.node_answers(&link.node);
    }
    Ok(())
}

/// What an answer, or none, says about a node.
fn judge(link: &NodeLink, heard: Result<About, ClientError>) -> (Health, Option<String>) {
    match heard {
        Ok(about) if about.product != PRODUCT => (Health::Down, Some("something else answers at the node's address".into())),
        Ok(about) if about.node != link.node => (Health::Down, Some("another node answers at this address".into())),
        Ok(about) if !compatible(&about.version, VERSION) => {
            (Health::Up, Some(format!("VERSION: the node runs {}, this console {VERSION}", cut(&about.version))))
        }
        Ok(_) => (Health::Up, None),
        Err(ClientError::Unreachable(_)) => (Health::Down, Some("the node cannot be reached".into())),
        Err(ClientError::Timeout(ms)) => (Health::Down, Some(format!("no answer within {ms} ms"))),
        Err(ClientError::Tls(_)) => (Health::Down, Some("the secure connection to the node failed".into())),
        Err(ClientError::Refused(problem)) => (Health::Down, Some(format!("the node answered with status {}", problem.status))),
        Err(ClientError::Protocol(_)) => (Health::Down, Some("the node gave an unexpected answer".into())),
    }
}

/// Whether two versions work together: the same major number, and at most one minor apart.
pub(crate) fn compatible(one: &str, other: &str) -> bool {
    let parts = |version: &str| -> Option<(u64, u64)> {
        let mut numbers = version.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    match (parts(one), parts(other)) {
        (Some(a), Some(b)) => a.0 == b.0 && a.1.abs_diff(b.1) <= 1,
        _ => false,
    }
}

/// What another server wrote, short enough to keep.
pub(crate) fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_work_together_within_one_minor_number() {
        for good in ["1.4.0", "1.5.9", "1.3.2-rc1"] {
            assert!(compatible(good, "1.4.7"), "{good}");
        }
        for bad in ["1.6.0", "1.2.0", "2.4.0", "", "1", "one.four"] {
            assert!(!compatible(bad, "1.4.7"), "{bad}");
        }
    }
}
