//! One console's link: dial, prove, serve, and again when it breaks, waiting longer each time and never in step with other nodes.

use super::store::{self, ConsoleLink};
use crate::{State, access, enrolments};
use axum::Router;
use bailiwick_api::LinkTrouble;
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_bytes};
use bailiwick_link::{ENROLMENT_ENDED, Gone, LinkError, Met, NODE_UNKNOWN, Want, serve};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A link that stood so long was a good one: the next wait is short again.
const GOOD: Duration = Duration::from_secs(30);

/// Why a link is not there.
enum Ended {
    /// This node hung up: it stops, or the administrator ended the enrolment.
    HungUp,
    /// The console let the customer go, and everything of it is gone here.
    LetGo,
    /// It broke, or never stood.
    Failed { code: String, detail: String },
}

impl From<LinkError> for Ended {
    fn from(error: LinkError) -> Self {
        let detail = match &error {
            LinkError::Refused { detail, .. } => detail.clone(),
            other => other.to_string(),
        };
        Self::Failed { code: error.code().to_owned(), detail }
    }
}

/// Keeps the link until it is not wanted any more.
pub(super) async fn keep(state: &State, router: &Router, link: &ConsoleLink, hang_up: &CancellationToken) {
    let config = &state.links().config;
    let mut wait = config.first_wait;
    loop {
        let began = Instant::now();
        let (code, detail) = match once(state, router, link, hang_up).await {
            Ended::HungUp | Ended::LetGo => return,
            Ended::Failed { code, detail } => (code, detail),
        };
        if began.elapsed() >= GOOD {
            wait = config.first_wait;
        }
        let pause = if code == NODE_UNKNOWN { jittered(config.longest_wait) } else { jittered(wait) };
        wait = (wait * 2).min(config.longest_wait);
        let now_us = state.clock().now_us();
        tracing::warn!(console.id = %link.console, code, detail, again_in_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX), "no link to the console");
        let next_us = now_us.saturating_add(i64::try_from(pause.as_micros()).unwrap_or(i64::MAX));
        state.links().failed(&link.console, LinkTrouble { code, detail, time: from_us(now_us) }, next_us);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = hang_up.cancelled() => return,
        }
    }
}

/// One connection, from dialling to its end.
async fn once(state: &State, router: &Router, link: &ConsoleLink, hang_up: &CancellationToken) -> Ended {
    let dialled = tokio::select! {
        dialled = dial(state, link) => dialled,
        () = hang_up.cancelled() => return Ended::HungUp,
    };
    let connection = match dialled {
        Ok(Ok(connection)) => connection,
        Ok(Err(met)) => return let_go(state, link, met).await,
        Err(error) => return error.into(),
    };
    tracing::info!(console.id = %link.console, "linked to the console");
    state.links().connected(&link.console, state.clock().now_us());
    match serve(connection, router.clone(), hang_up).await {
        Gone::Stopped => Ended::HungUp,
        Gone::Lost(reason) => Ended::Failed { code: "LINK_LOST".into(), detail: reason },
    }
}

/// Dials and proves. The inner error: the console said that the enrolment ended, and waits to hear that it was cleaned up.
async fn dial(state: &State, link: &ConsoleLink) -> Result<Result<Box<dyn bailiwick_link::Bytestream>, Met>, LinkError> {
    let guest = state.links().dialler.open(&link.address).await?;
    let met = guest.greet(Want::Connect { node: state.id().clone() }, &link.fingerprint).await?;
    if met.console != link.console {
        return Err(LinkError::Protocol("a console of another id has this key".into()));
    }
    match met.connect(&link.key).await? {
        Ok(connection) => Ok(Ok(connection)),
        Err((LinkError::Refused { code, .. }, met)) if code == ENROLMENT_ENDED => Ok(Err(met)),
        Err((refused, _)) => Err(refused),
    }
}

/// The console let the customer go: enrolments, technicians and the key go, then the console hears of it. What fails is tried again with the
/// next dialling.
async fn let_go(state: &State, link: &ConsoleLink, met: Met) -> Ended {
    if let Err(refusal) = clean_up(state, link).await {
        return Ended::Failed { code: refusal.code().to_owned(), detail: "the MSSP ended this relationship, and cleaning up here failed".into() };
    }
    if let Err(error) = met.farewell(&link.key).await {
        tracing::warn!(console.id = %link.console, error = %error, "the console did not hear that everything of it was cleaned up");
    }
    tracing::info!(console.id = %link.console, "the console ended the relationship; not dialled any more");
    state.links().changed.notify_one();
    Ended::LetGo
}

async fn clean_up(state: &State, link: &ConsoleLink) -> Result<(), Refusal> {
    for id in store::workspaces(state.db(), &link.console).await? {
        match access::open_for_node(state, &id).await {
            Ok(workspace) => enrolments::end_by_console(&workspace, link.console.as_str(), state.clock().now_us()).await?,
            Err(refusal) if refusal.status() == ::http::StatusCode::NOT_FOUND => {}
            Err(refusal) => return Err(refusal),
        }
        store::forget(state.db(), link.console.as_str(), &id).await?;
    }
    Ok(())
}

/// A span, give or take half, so that nodes that lost the same console do not come back in step.
fn jittered(span: Duration) -> Duration {
    let [byte] = random_bytes::<1>();
    span.mul_f64(0.5 + f64::from(byte) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::jittered;
    use std::{collections::BTreeSet, time::Duration};

    #[test]
    fn waits_are_spread_over_half_to_one_and_a_half() {
        let waits: BTreeSet<_> = (0..200).map(|_| jittered(Duration::from_secs(10))).collect();
        assert!(waits.len() > 50);
        assert!(waits.iter().all(|wait| (Duration::from_secs(5)..=Duration::from_secs(15)).contains(wait)));
    }
}
