//! What a federated question leaves to be written in each workspace: that the person was here, and a line of the audit a minute. It is kept in
//! memory and written a little later, many together, so that reading writes to no workspace; what was answered stands in the node's own
//! record already. A workspace that is closed is opened for it after a quarter of an hour; whoever signs in to it or asks for it sees it at once.

use crate::{State, access, audit, workspaces::Workspace};
use bailiwick_api::WorkspaceId;
use bailiwick_chassis::Refusal;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Between two rounds of writing.
const ROUND: Duration = Duration::from_secs(10);
/// How long a closed workspace is let alone.
const PATIENCE_US: i64 = 15 * 60_000_000;
/// Between two rounds of forgetting old records, in rounds of writing.
const PRUNE_EVERY: u32 = 360;
/// Notes kept of one workspace; more cannot come within the patience but by more technicians than a workspace has.
const MAX_OF_ONE: usize = 10_000;

/// What waits to be written.
#[derive(Default)]
pub(crate) struct Notes(Mutex<HashMap<WorkspaceId, Waiting>>);

#[derive(Default)]
struct Waiting {
    since_us: i64,
    seen: BTreeMap<String, i64>,
    lines: Vec<(i64, String, &'static str, String)>,
}

impl Notes {
    /// A person asked; `line`: that the audit is to say so, with this outcome.
    pub(crate) fn note(&self, workspace: &WorkspaceId, email: &str, line: Option<(&'static str, &str)>, now_us: i64) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = notes.entry(workspace.clone()).or_insert_with(|| Waiting { since_us: now_us, ..Waiting::default() });
        waiting.seen.insert(email.to_owned(), now_us);
        if let Some((verb, outcome)) = line
            && waiting.lines.len() < MAX_OF_ONE
        {
            waiting.lines.push((now_us, email.to_owned(), verb, outcome.to_owned()));
        }
    }

    fn take(&self, workspace: &WorkspaceId) -> Option<Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(workspace)
    }

    /// What could not be written waits on.
    fn put_back(&self, workspace: &WorkspaceId, mut kept: Waiting) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(newer) = notes.remove(workspace) {
            kept.seen.extend(newer.seen);
            kept.lines.extend(newer.lines);
            kept.lines.truncate(MAX_OF_ONE);
        }
        notes.insert(workspace.clone(), kept);
    }

    fn all(&self) -> Vec<(WorkspaceId, i64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(id, waiting)| (id.clone(), waiting.since_us)).collect()
    }

    /// Writes what waits for an open workspace; what cannot be written waits on, and keeps nobody from anything.
    pub(crate) async fn write(&self, workspace: &Workspace) {
        let Some(waiting) = self.take(workspace.id()) else { return };
        if let Err(refusal) = write(workspace, &waiting).await {
            tracing::warn!(workspace.id = %workspace.id(), code = refusal.code(), "who asked is not noted yet");
            self.put_back(workspace.id(), waiting);
        }
    }
}

async fn write(workspace: &Workspace, waiting: &Waiting) -> Result<(), Refusal> {
    let mut tx = workspace.db().begin().await?;
    for (email, seen) in &waiting.seen {
        let text = "update technician set last_seen = max(coalesce(last_seen, 0), $1) where email = $2";
        sqlx::query(text).bind(seen).bind(email).execute(&mut *tx).await?;
    }
    for (time, email, verb, outcome) in &waiting.lines {
        audit::late(&mut tx, *time, email, verb, outcome).await?;
    }
    Ok(tx.commit().await?)
}

/// Writes what waits, in rounds, until the node stops; and forgets old records.
pub(crate) fn start(state: &State) {
    let state = state.clone();
    let tasks = state.tasks().clone();
    tasks.spawn(async move {
        let mut rounds: u32 = 0;
        loop {
            tokio::time::sleep(ROUND).await;
            round(&state).await;
            if rounds.is_multiple_of(PRUNE_EVERY) {
                prune(&state).await;
            }
            rounds = rounds.wrapping_add(1);
        }
    });
}

async fn prune(state: &State) {
    loop {
        match super::prune(state.db(), state.clock().now_us()).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(refusal) => return tracing::warn!(code = refusal.code(), "old records of answers were not let go"),
        }
    }
}

async fn round(state: &State) {
    let now_us = state.clock().now_us();
    for (id, since_us) in state.notes().all() {
        let workspace = match state.workspaces().if_open(&id) {
            Some(workspace) => workspace,
            None if now_us - since_us < PATIENCE_US => continue,
            None => match access::open_for_node(state, &id).await {
                Ok(workspace) => workspace,
                Err(refusal) => {
                    tracing::warn!(workspace.id = %id, code = refusal.code(), "who asked is not noted yet");
                    continue;
                }
            },
        };
        state.notes().write(&workspace).await;
    }
}

/// Writes what waits for every workspace; for a node that stops.
pub(crate) async fn finish(state: &State) {
    for (id, _) in state.notes().all() {
        if let Ok(workspace) = access::open_for_node(state, &id).await {
            state.notes().write(&workspace).await;
        }
    }
}
