//! Bounded concurrency. Each node has room for a few questions at once, and the nodes that answer have a lane of their own:
//! questions stuck at slow nodes cannot keep the others waiting.

use super::knowledge::Standing;
use bailiwick_api::NodeId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const NODE_QUESTIONS: usize = 16;
const WELL_QUESTIONS: usize = 256;
const OTHER_QUESTIONS: usize = 128;
const IDLE_NODES: usize = 1024;

/// Room for one question; given back when dropped.
#[derive(Debug)]
pub(super) struct Pass {
    _node: OwnedSemaphorePermit,
    _lane: OwnedSemaphorePermit,
}

/// How many questions run at once.
#[derive(Debug)]
pub(super) struct Lanes {
    well: Arc<Semaphore>,
    other: Arc<Semaphore>,
    nodes: Mutex<HashMap<NodeId, Arc<Semaphore>>>,
}

impl Default for Lanes {
    fn default() -> Self {
        let lane = |room| Arc::new(Semaphore::new(room));
        Self { well: lane(WELL_QUESTIONS), other: lane(OTHER_QUESTIONS), nodes: Mutex::default() }
    }
}

impl Lanes {
    /// Waits for room; none only when the semaphores were closed, which nobody does.
    pub(super) async fn enter(&self, node: &NodeId, standing: Standing) -> Option<Pass> {
        // The node's room comes first: who waits for one node must not hold a place in the lane.
        let at_node = self.node(node).acquire_owned().await.ok()?;
        let lane = if standing == Standing::Well { &self.well } else { &self.other };
        Some(Pass { _node: at_node, _lane: lane.clone().acquire_owned().await.ok()? })
    }

    fn node(&self, node: &NodeId) -> Arc<Semaphore> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if nodes.len() >= IDLE_NODES && !nodes.contains_key(node) {
            nodes.retain(|_, room| Arc::strong_count(room) > 1);
        }
        nodes.entry(node.clone()).or_insert_with(|| Arc::new(Semaphore::new(NODE_QUESTIONS))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn a_crowded_node_keeps_only_its_own_questions_waiting() {
        let lanes = Lanes::default();
        let (crowded, free) = (NodeId::from("crowded"), NodeId::from("free"));
        let mut held = Vec::new();
        for _ in 0..NODE_QUESTIONS {
            held.push(lanes.enter(&crowded, Standing::Well).now_or_never().flatten().expect("room at the node"));
        }
        assert!(lanes.enter(&crowded, Standing::Well).now_or_never().is_none());
        assert!(lanes.enter(&free, Standing::Well).now_or_never().flatten().is_some());
        held.pop();
        assert!(lanes.enter(&crowded, Standing::Well).now_or_never().flatten().is_some());
    }

    #[tokio::test]
    async fn a_full_lane_of_slow_nodes_leaves_the_other_lane_free() {
        let lanes = Lanes::default();
        let mut held = Vec::new();
        for number in 0..OTHER_QUESTIONS {
            held.push(lanes.enter(&NodeId(format!("slow{number}")), Standing::Slow).await.expect("room"));
        }
        // The runtime makes a task that acquired so often wait; that is not what is tested here.
        tokio::task::yield_now().await;
        assert!(lanes.enter(&NodeId::from("one-more"), Standing::Down).now_or_never().is_none());
        assert!(lanes.enter(&NodeId::from("well"), Standing::Well).now_or_never().flatten().is_some());
    }
}
