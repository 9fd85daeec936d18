//! Does what is due: removals whose time to be undone is over, and nodes that are back and still hold something of this console.

use super::{finish, store};
use crate::State;
use bailiwick_api::NodeId;
use bailiwick_chassis::Refusal;
use futures_util::{StreamExt, stream};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::time::Instant;

/// Nodes worked on at a time.
const NODES: usize = 16;
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Starts the task.
pub fn watch(state: &State) {
    let state = state.clone();
    state.tasks.clone().spawn(async move {
        let mut waits = Waits::default();
        loop {
            if let Err(refusal) = pass(&state, &mut waits).await {
                tracing::warn!(code = refusal.code(), "removals could not be looked at");
            }
            tokio::time::sleep(state.pace.removals).await;
        }
    });
}

/// Nodes that did not answer, and until when they are left alone.
#[derive(Default)]
struct Waits(HashMap<NodeId, (Instant, Duration)>);

impl Waits {
    fn is_due(&self, node: &NodeId, now: Instant) -> bool {
        self.0.get(node).is_none_or(|(until, _)| *until <= now)
    }

    fn note(&mut self, node: NodeId, answered: bool, first: Duration, now: Instant) {
        if answered {
            self.0.remove(&node);
            return;
        }
        let span = self.0.get(&node).map_or(first, |(_, span)| (*span * 2).min(LONGEST_WAIT));
        self.0.insert(node, (now + span, span));
    }
}

async fn pass(state: &State, waits: &mut Waits) -> Result<(), Refusal> {
    let now = Instant::now();
    let mut by_node: BTreeMap<NodeId, Vec<_>> = BTreeMap::new();
    for removal in store::due(&state.db, state.clock.now_us()).await? {
        by_node.entry(removal.node.clone()).or_default().push(removal);
    }
    waits.0.retain(|node, _| by_node.contains_key(node));
    let due: Vec<_> = by_node.into_iter().filter(|(node, _)| waits.is_due(node, now)).collect();
    let done: Vec<_> = stream::iter(due).map(|(node, removals)| async move { (node, all(state, &removals).await) }).buffer_unordered(NODES).collect().await;
    for (node, answered) in done {
        waits.note(node, answered, state.pace.removals, Instant::now());
    }
    Ok(())
}

/// Whether the node took them all; the rest waits once it did not answer.
async fn all(state: &State, removals: &[bailiwick_api::Removal]) -> bool {
    for removal in removals {
        if let Err(refusal) = finish(state, removal).await {
            tracing::info!(node = %removal.node, removal = %removal.id, code = refusal.code(), "a customer's node could not clean up yet");
            return false;
        }
    }
    true
}
