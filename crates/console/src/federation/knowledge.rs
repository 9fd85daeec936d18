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

/// What an exchange was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// A question of a page.
    Question,
    /// Anything else, such as a health probe: a node may greet quickly and still think for long.
    Contact,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    standing: Standing,
    latency: Option<Duration>,
    asked: Instant,
    by: Exchange,
}

/// What is known of every node.
#[derive(Debug, Default)]
pub struct Knowledge {
    nodes: Mutex<HashMap<NodeId, Known>>,
}

impl Knowledge {
    /// Notes how an exchange begun at `asked` went. One begun before the exchange noted last says nothing new and is ignored, and
    /// a node that was slow with a question stays slow until it answers a question in time.
    pub(super) fn observe(&self, node: &NodeId, by: Exchange, observation: Observation, asked: Instant) {
        let mut nodes = self.nodes();
        let before = nodes.get(node).copied();
        let greeted = by == Exchange::Contact && matches!(observation, Observation::Answered { .. });
        let stays = |known: Known| known.asked > asked || (greeted && known.standing == Standing::Slow && known.by == Exchange::Question);
        if before.is_some_and(stays) {
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
        nodes.insert(node.clone(), Known { standing, latency, asked, by });
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
        let observe = |observation, seconds| knowledge.observe(&node, Exchange::Question, observation, start + seconds * SECOND);
        assert_eq!(knowledge.standing(&node), Standing::Well);
        observe(Observation::TimedOut, 0);
        assert_eq!(knowledge.standing(&node), Standing::Slow);
        observe(Observation::Unreachable, 1);
        assert_eq!(knowledge.standing(&node), Standing::Down);
        observe(Observation::Answered { latency: SECOND }, 2);
        assert_eq!((knowledge.standing(&node), knowledge.latency(&node)), (Standing::Well, Some(SECOND)));
        observe(Observation::TimedOut, 3);
        knowledge.forget(&node);
        assert_eq!(knowledge.standing(&node), Standing::Well);
    }

    #[test]
    fn an_exchange_begun_earlier_does_not_undo_a_later_one() {
        let (knowledge, node, start) = (Knowledge::default(), NodeId::from("n1"), Instant::now());
        knowledge.observe(&node, Exchange::Question, Observation::Answered { latency: SECOND }, start + 4 * SECOND);
        knowledge.observe(&node, Exchange::Question, Observation::TimedOut, start);
        assert_eq!(knowledge.standing(&node), Standing::Well);
    }

    #[test]
    fn a_greeting_shows_that_a_node_is_back_but_not_that_it_answers_questions_in_time() {
        let (knowledge, node, start) = (Knowledge::default(), NodeId::from("n1"), Instant::now());
        let greeting = Observation::Answered { latency: SECOND };
        let after = |by, observation| {
            knowledge.forget(&node);
            knowledge.observe(&node, by, observation, start);
            knowledge.observe(&node, Exchange::Contact, greeting, start + SECOND);
            knowledge.standing(&node)
        };
        assert_eq!(after(Exchange::Question, Observation::Unreachable), Standing::Well);
        assert_eq!(after(Exchange::Contact, Observation::TimedOut), Standing::Well);
        assert_eq!(after(Exchange::Question, Observation::TimedOut), Standing::Slow);
    }
}
