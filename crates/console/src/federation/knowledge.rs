//! What the console knows of each node's manners: whether it answers, how fast, and therefore whether a page waits for it.
//! In memory only; a console that has just started takes every node to be well.

use bailiwick_api::NodeId;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How one exchange with a node went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// It answered in time, whatever it said.
    Answered {
        /// From question to answer.
        latency: Duration,
    },
    /// It did not answer in time.
    TimedOut,
    /// Nobody answers there, or only with errors of its own.
    Unreachable,
}

/// Whether a page waits for a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It answers; pages wait for it.
    #[default]
    Well,
    /// It was too slow the last time; pages give it the grace and no more.
    Slow,
    /// It was not there the last time; no page waits for it while there are others.
    Down,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    standing: Standing,
    latency: Option<Duration>,
    asked: Instant,
}

/// What is known of every node.
#[derive(Debug, Default)]
pub struct Knowledge {
    nodes: Mutex<HashMap<NodeId, Known>>,
}

impl Knowledge {
    /// Notes how an exchange begun at `asked` went. One begun before the exchange noted last says nothing new and is ignored.
    pub(super) fn observe(&self, node: &NodeId, observation: Observation, asked: Instant) {
        let mut nodes = self.nodes();
        let before = nodes.get(node).copied();
        if before.is_some_and(|known| known.asked > asked) {
            return;
        }
        let (standing, latency) = match observation {
            Observation::Answered { latency } => (Standing::Well, Some(latency)),
            Observation::TimedOut => (Standing::Slow, before.and_then(|known| known.latency)),
            Observation::Unreachable => (Standing::Down, before.and_then(|known| known.latency)),
        };
        if before.map_or(Standing::Well, |known| known.standing) != standing {
            tracing::info!(node = %node, standing = ?standing, "node changed standing");
        }
        nodes.insert(node.clone(), Known { standing, latency, asked });
    }

    /// Whether a page waits for this node.
    pub fn standing(&self, node: &NodeId) -> Standing {
        self.nodes().get(node).map(|known| known.standing).unwrap_or_default()
    }

    /// How long its last answer took.
    pub fn latency(&self, node: &NodeId) -> Option<Duration> {
        self.nodes().get(node).and_then(|known| known.latency)
    }

    /// Forgets a node that is no longer registered.
    pub fn forget(&self, node: &NodeId) {
        self.nodes().remove(node);
    }

    fn nodes(&self) -> MutexGuard<'_, HashMap<NodeId, Known>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_node_is_well_until_seen_otherwise_and_recovers_with_one_good_answer() {
        let (knowledge, node, start) = (Knowledge::default(), NodeId::from("n1"), Instant::now());
        assert_eq!(knowledge.standing(&node), Standing::Well);
        knowledge.observe(&node, Observation::TimedOut, start);
        assert_eq!(knowledge.standing(&node), Standing::Slow);
        knowledge.observe(&node, Observation::Unreachable, start + SECOND);
        assert_eq!(knowledge.standing(&node), Standing::Down);
        knowledge.observe(&node, Observation::Answered { latency: SECOND }, start + 2 * SECOND);
        assert_eq!((knowledge.standing(&node), knowledge.latency(&node)), (Standing::Well, Some(SECOND)));
        knowledge.observe(&node, Observation::TimedOut, start + 3 * SECOND);
        knowledge.forget(&node);
        assert_eq!(knowledge.standing(&node), Standing::Well);
    }

    #[test]
    fn an_exchange_begun_earlier_does_not_undo_a_later_one() {
        let (knowledge, node, start) = (Knowledge::default(), NodeId::from("n1"), Instant::now());
        knowledge.observe(&node, Observation::Answered { latency: SECOND }, start + 4 * SECOND);
        knowledge.observe(&node, Observation::TimedOut, start);
        assert_eq!(knowledge.standing(&node), Standing::Well);
    }
}
