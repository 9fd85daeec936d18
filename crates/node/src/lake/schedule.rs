//! The node's schedule for lakes: two tasks, however many workspaces. One tidies: open workspaces at every pace, closed ones a few
//! times a day, a few at a time. The other merges files, one job at a time over all workspaces.

use super::Keeper;
use crate::{State, access, workspaces::Workspace};
use bailiwick_api::WorkspaceId;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet},
    sync::Arc,
    time::Duration,
};

/// How often a closed workspace is opened for this.
const CLOSED_EVERY_US: i64 = 12 * 3600 * 1_000_000;

/// After a start closed workspaces come in turn within this time.
const FIRST_WITHIN_US: i64 = 3600 * 1_000_000;

/// Closed workspaces opened at one pace.
const OPENED_AT_ONCE: usize = 4;

/// How often new workspaces are looked for.
const REFRESH_US: i64 = 600 * 1_000_000;

/// How long one workspace may keep the others waiting when its store does not answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// Merges of one workspace before it is the next one's turn.
const MERGES: usize = 8;

/// Starts both tasks; they end with the node.
pub(crate) fn start(state: &State) {
    let (tidying, merging) = (state.clone(), state.clone());
    state.tasks().spawn(tidy(tidying));
    state.tasks().spawn(merge(merging));
}

async fn tidy(state: State) {
    let mut due = Due::default();
    loop {
        tokio::time::sleep(state.workspaces().lakes().config.pace).await;
        for id in state.workspaces().opened() {
            if let Some(workspace) = state.workspaces().if_open(&id) {
                tidy_one(&state, &workspace).await;
            }
        }
        metrics::counter!("bailiwick_lake_damaged_indexes").absolute(state.workspaces().lakes().engine.damaged_indexes());
        let now_us = state.clock().now_us();
        if due.is_stale(now_us) {
            match state.workspaces().ids().await {
                Ok(ids) => due.refresh(ids, now_us),
                Err(refusal) => tracing::warn!(code = refusal.code(), "workspaces not listed"),
            }
        }
        for id in due.take(now_us, OPENED_AT_ONCE) {
            visit(&state, &mut due, id).await;
        }
    }
}

/// Opens a closed workspace, tidies it, and closes it again.
async fn visit(state: &State, due: &mut Due, id: WorkspaceId) {
    if state.workspaces().if_open(&id).is_none() {
        // Nobody used it before; whoever does meanwhile keeps it open by holding it, and opens it again if that was over.
        match access::open_for_node(state, &id).await {
            Ok(workspace) => {
                tidy_one(state, &workspace).await;
                if let Err(refusal) = workspace.keeper().compact(&state.workspaces().lakes().config, state.clock().now_us()).await {
                    tracing::warn!(workspace.id = %id, code = refusal.code(), "lake files not merged");
                }
            }
            Err(refusal) if refusal.status() == http::StatusCode::NOT_FOUND => return due.forget(&id),
            Err(refusal) => tracing::error!(workspace.id = %id, code = refusal.code(), "workspace not opened to keep its lake in order"),
        }
        state.workspaces().release(&id, state.syslog().listens(&id)).await;
    }
    due.again(id, state.clock().now_us() + CLOSED_EVERY_US);
}

async fn tidy_one(state: &State, workspace: &Arc<Workspace>) {
    let (keeper, now_us): (&Keeper, i64) = (workspace.keeper(), state.clock().now_us());
    let config = &state.workspaces().lakes().config;
    match tokio::time::timeout(PATIENCE, keeper.tidy(config, now_us)).await {
        Ok(Ok(())) => {}
        Ok(Err(refusal)) => tracing::warn!(workspace.id = %workspace.id(), code = refusal.code(), "lake not tidied"),
        Err(_) => tracing::warn!(workspace.id = %workspace.id(), "lake not tidied in time"),
    }
    if let Some(trouble) = keeper.change_of_trouble(state.clock().now_us()) {
        state.workspaces().report_storage(workspace.id(), trouble.as_deref());
    }
}

async fn merge(state: State) {
    let config = state.workspaces().lakes().config.clone();
    loop {
        tokio::time::sleep(config.pace).await;
        for id in state.workspaces().opened() {
            for _ in 0..MERGES {
                let Some(workspace) = state.workspaces().if_open(&id) else { break };
                match workspace.keeper().compact(&config, state.clock().now_us()).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(refusal) => {
                        tracing::warn!(workspace.id = %id, code = refusal.code(), "lake files not merged");
                        break;
                    }
                }
            }
        }
    }
}

/// When each workspace is visited next though nobody opened it.
#[derive(Default)]
struct Due {
    heap: BinaryHeap<Reverse<(i64, String)>>,
    known: HashSet<String>,
    refreshed_us: Option<i64>,
}

impl Due {
    fn is_stale(&self, now_us: i64) -> bool {
        self.refreshed_us.is_none_or(|at| now_us - at >= REFRESH_US)
    }

    /// Takes up workspaces that are new; the first time all of them, spread out.
    fn refresh(&mut self, ids: Vec<WorkspaceId>, now_us: i64) {
        let count = i64::try_from(ids.len().max(1)).unwrap_or(i64::MAX);
        for (at, id) in (0..).zip(ids) {
            if self.known.insert(id.as_str().to_owned()) {
                self.heap.push(Reverse((now_us + FIRST_WITHIN_US / count * at, id.0)));
            }
        }
        self.refreshed_us = Some(now_us);
    }

    /// Those that are due, the first so many.
    fn take(&mut self, now_us: i64, at_most: usize) -> Vec<WorkspaceId> {
        let mut taken = Vec::new();
        while taken.len() < at_most && self.heap.peek().is_some_and(|Reverse((at, _))| *at <= now_us) {
            taken.extend(self.heap.pop().map(|Reverse((_, id))| WorkspaceId(id)));
        }
        taken
    }

    fn again(&mut self, id: WorkspaceId, at_us: i64) {
        self.heap.push(Reverse((at_us, id.0)));
    }

    fn forget(&mut self, id: &WorkspaceId) {
        self.known.remove(id.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workspace_comes_in_turn_a_few_at_a_time() {
        let ids: Vec<WorkspaceId> = (0..1000).map(|n| WorkspaceId(format!("w{n}"))).collect();
        let mut due = Due::default();
        due.refresh(ids.clone(), 0);
        due.refresh(ids, REFRESH_US);
        let (mut now, mut visits) = (0, Vec::new());
        while visits.len() < 2000 {
            for id in due.take(now, OPENED_AT_ONCE) {
                due.again(id.clone(), now + CLOSED_EVERY_US);
                visits.push((now, id));
            }
            now += 30_000_000;
        }
        let first: HashSet<_> = visits[..1000].iter().map(|(_, id)| id.as_str().to_owned()).collect();
        assert_eq!(first.len(), 1000);
        assert!(visits[999].0 <= 3 * FIRST_WITHIN_US && visits[1000].0 >= CLOSED_EVERY_US);
    }
}
