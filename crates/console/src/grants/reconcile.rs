//! Carries decisions to the nodes: woken by a decision, by a node that answers again, and by a timer; compares nothing but what the
//! store says is pending, so it may run at any time and any number of times.

use super::store::{self, Pending};
use crate::{
    State,
    audit::{self, Line},
};
use bailiwick_api::{NodeId, PutTechnician};
use bailiwick_chassis::{Refusal, clock::from_us};
use bailiwick_client::{Caller, ClientError, NodeClient};
use futures_util::{StreamExt, stream};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Nodes worked on at a time.
const NODES: usize = 16;
/// Decisions looked at for one node in one pass.
const BATCH: i64 = 1_000;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What a node answers when the customer's administrator took the person's role away.
const REVOKED: &str = "REVOKED_BY_CUSTOMER";
const REVOKED_DETAIL: &str = "the customer's administrator revoked this person";

/// Wakes the task, and remembers what is not worth trying yet: a node that is down, a decision that its node refuses.
#[derive(Debug, Default)]
pub struct Reconciler {
    woken: Notify,
    ends: Notify,
    waits: Mutex<HashMap<String, Wait>>,
}

#[derive(Clone, Copy, Debug)]
struct Wait {
    until: Instant,
    span: Duration,
}

impl Reconciler {
    /// A decision was made.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Delegations may end at other moments than before.
    pub fn wake_ends(&self) {
        self.ends.notify_one();
    }

    /// Resolves when delegations may end at other moments.
    pub(super) async fn decided(&self) {
        self.ends.notified().await;
    }

    /// A node answers again.
    pub fn node_answers(&self, node: &NodeId) {
        self.succeeded(node.as_str());
        self.wake();
    }

    fn is_due(&self, what: &str, now: Instant) -> bool {
        self.waits().get(what).is_none_or(|wait| wait.until <= now)
    }

    /// Waits longer after each failure in a row.
    fn failed(&self, what: &str, now: Instant) {
        let mut waits = self.waits();
        let span = waits.get(what).map_or(FIRST_WAIT, |wait| (wait.span * 2).min(LONGEST_WAIT));
        waits.insert(what.to_owned(), Wait { until: now + span, span });
    }

    fn succeeded(&self, what: &str) {
        self.waits().remove(what);
    }

    fn waits(&self) -> MutexGuard<'_, HashMap<String, Wait>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the task.
pub fn reconcile(state: &State) {
    let state = state.clone();
    state.tasks.clone().spawn(async move {
        loop {
            match pass(&state).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(refusal) => tracing::warn!(code = refusal.code(), "grants could not be carried to their nodes"),
            }
            tokio::select! {
                () = state.reconciler.woken.notified() => {}
                () = tokio::time::sleep(state.pace.reconcile) => {}
            }
        }
    });
}

/// Carries what is due to every node. True when a node has more to take.
async fn pass(state: &State) -> Result<bool, Refusal> {
    let now = Instant::now();
    let waiting = store::waiting_nodes(&state.db).await?;
    let due: Vec<_> = waiting.into_iter().filter(|node| state.reconciler.is_due(node.as_str(), now)).collect();
    let more: Vec<_> = stream::iter(due).map(|node| async move { one_node(state, &node).await }).buffer_unordered(NODES).collect().await;
    more.into_iter().try_fold(false, |any, one| Ok(any | one?))
}

/// True when the node took something of a full batch.
async fn one_node(state: &State, node: &NodeId) -> Result<bool, Refusal> {
    let client = state.links.client(node).await?;
    let batch = store::pending(&state.db, node, BATCH).await?;
    let full = i64::try_from(batch.len()).is_ok_and(|len| len == BATCH);
    let (now, mut took) = (Instant::now(), false);
    for pending in batch.iter().filter(|p| state.reconciler.is_due(p.id.as_str(), now)) {
        match carry(state, &client, pending).await {
            Ok(()) => settle(state, pending, None).await?,
            Err(error) if error.code() == Some(REVOKED) => settle(state, pending, Some(REVOKED_DETAIL)).await?,
            Err(error) if error.problem().is_some_and(|p| p.status < 500 && p.status != 429) => {
                // The node is well and does not want this one; the others go on.
                state.reconciler.failed(pending.id.as_str(), Instant::now());
                store::delayed(&state.db, pending, &explain(&error)).await?;
                continue;
            }
            Err(error) => {
                state.reconciler.failed(node.as_str(), Instant::now());
                store::all_delayed(&state.db, node, &explain(&error)).await?;
                return Ok(false);
            }
        }
        took = true;
        state.reconciler.succeeded(node.as_str());
        state.reconciler.succeeded(pending.id.as_str());
    }
    Ok(full && took)
}

async fn carry(state: &State, client: &NodeClient, pending: &Pending) -> Result<(), ClientError> {
    let caller = Caller { email: pending.by_email.clone(), name: pending.by_name.clone(), now_seconds: state.clock.now().timestamp() };
    let deadline = state.pace.change_deadline;
    let Some(role) = pending.desired else {
        if has_successor(state, pending).await {
            return Ok(());
        }
        let done = client.delete_technician(&caller, &pending.workspace, &pending.email, deadline).await;
        // Gone already, or revoked by the customer: either way the person has nothing there.
        let gone = |error: &ClientError| matches!(error.code(), Some("NOT_FOUND" | REVOKED));
        return done.or_else(|error| if gone(&error) { Ok(()) } else { Err(error) });
    };
    let body = PutTechnician { name: pending.name.clone(), role, expires_time: pending.ends_us.map(from_us) };
    match client.put_technician(&caller, &pending.workspace, &pending.email, &body, deadline).await {
        // A node of the version before knows no end of a role; the console takes the role away when it is over.
        Err(error) if error.code() == Some("UNKNOWN_FIELD") && body.expires_time.is_some() => {
            let body = PutTechnician { expires_time: None, ..body };
            client.put_technician(&caller, &pending.workspace, &pending.email, &body, deadline).await.map(drop)
        }
        written => written.map(drop),
    }
}

/// Whether somebody else has a role there by now under the address of a person who was let go: what the node has is theirs.
async fn has_successor(state: &State, pending: &Pending) -> bool {
    match store::others(&state.db, pending).await {
        Ok(others) => others.iter().any(|email| email.to_lowercase() == pending.email.to_lowercase()),
        Err(refusal) => {
            tracing::warn!(code = refusal.code(), "who else has a role could not be read");
            false
        }
    }
}

/// Writes down what the node said, unless somebody decided anew meanwhile.
async fn settle(state: &State, pending: &Pending, refused: Option<&str>) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    let (latest, outcome) = match refused {
        Some(detail) => (store::refused(&mut tx, pending, detail, now_us).await?, REVOKED),
        None => (store::applied(&mut tx, pending, now_us).await?, audit::OK),
    };
    if latest {
        let line = Line { actor: &pending.by_email, verb: "grant.apply", customer: Some(&pending.customer), outcome };
        audit::record_in(&mut tx, line.about(&pending.email), now_us).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Why a decision waits, for people; what a node wrote in its refusal is its own and not kept.
fn explain(error: &ClientError) -> String {
    match error {
        ClientError::Unreachable(_) => "the node cannot be reached".into(),
        ClientError::Timeout(_) => "the node did not answer in time".into(),
        ClientError::Tls(_) => "the secure connection to the node failed".into(),
        ClientError::Refused(problem) => format!("the node refused: {}", problem.code.chars().take(60).collect::<String>()),
        ClientError::Protocol(_) => "the node gave an unexpected answer".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_fails_is_asked_less_often_up_to_ten_seconds_and_at_once_when_it_answers() {
        let (reconciler, node, start) = (Reconciler::default(), "n1", Instant::now());
        for seconds in [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0] {
            reconciler.failed(node, start);
            let until = start + Duration::from_secs_f64(seconds);
            assert!(!reconciler.is_due(node, until - Duration::from_millis(1)), "{seconds}");
            assert!(reconciler.is_due(node, until), "{seconds}");
        }
        reconciler.node_answers(&node.into());
        assert!(reconciler.is_due(node, start));
    }
}
