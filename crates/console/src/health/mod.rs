//! How each customer is: every node is asked every few seconds, many at a time; with what the last sync said of the workspace that makes
//! the customer's state, written down only when it changes.
//!
//! ```text
//! look ─► verdict of the node ─► three misses in a row? ─┐
//! sync ─► verdict of its parts ─────────────────────────►├─ the worse ─► row, history ─► notifications
//! ```

mod advice;
pub mod http;
mod latency;
pub(crate) mod store;
mod verdict;

pub(crate) use advice::advice;
pub use latency::Nodes;
pub(crate) use verdict::{Verdict, of_components, of_failed_sync};

use crate::{
    State,
    access::Seen,
    customers,
    federation::Observation,
    links::{self, NodeLink},
    sync,
};
use bailiwick_api::{CustomerHealth, CustomerId, Direction, Health, LinkKind, NodeId, WayBack};
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_bytes};
use bailiwick_client::ClientError;
use futures_util::{StreamExt, stream};
use std::{collections::HashSet, time::Duration};
use store::Bucket;
use tokio::time::Instant;

/// Nodes asked at a time.
const AT_ONCE: usize = 32;
/// How long five minutes of latency are kept.
const LATENCY_KEPT_US: i64 = 24 * 3_600_000_000;

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
    let known: HashSet<NodeId> = nodes.iter().map(|link| link.node.clone()).collect();
    state.nodes.keep(|node| known.contains(node));
    let probes = nodes.into_iter().map(|link| async move { probe(state, &link).await });
    let done: Vec<_> = stream::iter(probes).buffer_unordered(AT_ONCE).collect().await;
    done.into_iter().collect()
}

/// Asks one node now: its link just began or ended.
pub(crate) async fn look(state: &State, node: &NodeId) {
    let asked = async {
        match links::store::get(&state.db, node).await? {
            Some(link) => probe(state, &link).await,
            None => Ok(()),
        }
    };
    if let Err(refusal) = asked.await {
        tracing::warn!(code = refusal.code(), "health could not be written down");
    }
}

async fn probe(state: &State, link: &NodeLink) -> Result<(), Refusal> {
    let asked = Instant::now();
    let heard = state.links.client(&link.node).await?.ask_about(state.pace.probe_deadline).await;
    let took = asked.elapsed();
    let observation = match &heard {
        Ok(_) => Observation::Answered { latency: took },
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
    let now_us = state.clock.now_us();
    let noted = state.nodes.note(&link.node, both_ways(state, link, verdict::of_answer(link, heard)), took, now_us);
    if let Some(bucket) = noted.ended {
        store::keep_bucket(&state.db, &link.node, &bucket, now_us - LATENCY_KEPT_US).await?;
    }
    match noted.verdict {
        Some(verdict) => settle(state, link, &verdict, now_us).await,
        None => Ok(()),
    }
}

/// Writes down how a node is: each direction, and every customer of it.
async fn settle(state: &State, link: &NodeLink, verdict: &Verdict, now_us: i64) -> Result<(), Refusal> {
    let answers = if verdict.state == Health::Down { Health::Down } else { Health::Up };
    let detail = (answers == Health::Down).then_some(verdict.detail.as_deref()).flatten();
    store::set_direction(&state.db, &link.node, Direction::ConsoleToNode, answers, detail, now_us).await?;
    if link.kind == LinkKind::Outbound {
        let connected = if state.links.connected_us(&link.node).is_some() { Health::Up } else { Health::Down };
        store::set_direction(&state.db, &link.node, Direction::NodeToConsole, connected, None, now_us).await?;
    }
    let mut came_up = false;
    for row in store::of_node(&state.db, &link.node).await? {
        let wanted = verdict.clone().or_worse(row.parts.clone());
        came_up |= store::change(&state.db, &row, &wanted, now_us).await? && was_away(row.now.state) && !was_away(verdict.state);
    }
    if came_up {
        customers::store::forget_delete_failed(&state.db, &link.node).await?;
        state.reconciler.node_answers(&link.node);
        sync::node_answers(state, &link.node).await?;
    }
    Ok(())
}

fn was_away(health: Health) -> bool {
    matches!(health, Health::Down | Health::Unknown)
}

/// A sync ended: what it found to be wrong with a customer's workspace, or nothing. By the schedule, for no person.
pub(crate) async fn found(state: &State, node: &NodeId, customer: &CustomerId, parts: Option<Verdict>) -> Result<(), Refusal> {
    let Some(row) = store::tell_parts(&state.db, customer, parts.as_ref()).await? else { return Ok(()) };
    let Some(verdict) = state.nodes.last(node) else { return Ok(()) };
    store::change(&state.db, &row, &verdict.or_worse(parts), state.clock.now_us()).await?;
    Ok(())
}

/// The way back from a node that is dialled, as it tried it itself.
pub(crate) async fn found_way_back(state: &State, node: &NodeId, way_back: &WayBack) -> Result<(), Refusal> {
    let health = if way_back.open { Health::Up } else { Health::Down };
    let detail = way_back.detail.as_deref().map(|detail| detail.chars().filter(|c| !c.is_control()).take(200).collect::<String>());
    store::set_direction(&state.db, node, Direction::NodeToConsole, health, detail.as_deref(), state.clock.now_us()).await
}

/// The two directions of an outbound link, each by its name: commands go to the node over it, and the node comes to the console.
fn both_ways(state: &State, link: &NodeLink, verdict: Verdict) -> Verdict {
    let told = match (&verdict.detail, link.kind) {
        (Some(detail), LinkKind::Outbound) => detail,
        _ => return verdict,
    };
    let detail = match state.links.connected_us(&link.node) {
        Some(since) => format!("console to node: {told}; node to console: connected since {}", from_us(since).format("%Y-%m-%d %H:%M:%S UTC")),
        None => "node to console: the node is not connected; it dials again by itself; console to node: only over that link".to_owned(),
    };
    Verdict { detail: Some(detail), ..verdict }
}

/// How one customer is, with everything that explains it.
async fn of_customer(state: &State, seen: &Seen) -> Result<CustomerHealth, Refusal> {
    let (row, link) = store::of_customer(&state.db, seen).await?.ok_or_else(Refusal::not_found)?;
    let now_us = state.clock.now_us();
    let mut latency = store::latency(&state.db, &link.node, now_us - LATENCY_KEPT_US).await?;
    latency.extend(state.nodes.current(&link.node));
    latency.dedup_by_key(|bucket| bucket.bucket);
    Ok(CustomerHealth {
        customer: seen.customer().clone(),
        node: link.node.clone(),
        state: row.now.state,
        since: from_us(row.since_us),
        cause: row.now.cause,
        advice: advice::advice(row.now.cause, link.kind),
        detail: row.now.detail,
        directions: store::directions(&state.db, &link.node).await?,
        components: sync::components_told(state, seen).await?,
        latency: latency.iter().map(Bucket::shown).collect(),
        history: store::history(&state.db, seen).await?,
    })
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
