//! What is remembered of each node between two looks at it: misses in a row, the latest answers, and the five minutes under way.

use super::{
    store::Bucket,
    verdict::{self, Verdict},
};
use bailiwick_api::{Health, NodeId};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Answers missed in a row after which a node is down.
const MISSES: u32 = 3;
/// Answers whose median says whether a node is slow.
const LATEST: usize = 15;
/// Answers of five minutes whose median is kept; more are counted only.
const A_BUCKET: usize = 1_000;
pub(super) const BUCKET_US: i64 = 300_000_000;

/// What this console remembers of its nodes.
#[derive(Debug, Default)]
pub struct Nodes(Mutex<HashMap<NodeId, Memory>>);

#[derive(Debug, Default)]
struct Memory {
    misses: u32,
    last: Option<Verdict>,
    latest: VecDeque<Duration>,
    bucket: i64,
    times: Vec<u64>,
    answered: u32,
    missed: u32,
}

/// What is to be done about one look.
pub(super) struct Noted {
    /// How the node is; none while it may have been a single miss.
    pub(super) verdict: Option<Verdict>,
    /// Five minutes that ended.
    pub(super) ended: Option<Bucket>,
}

impl Nodes {
    /// Takes one look into account.
    pub(super) fn note(&self, node: &NodeId, verdict: Verdict, took: Duration, now_us: i64) -> Noted {
        let mut nodes = self.lock();
        let memory = nodes.entry(node.clone()).or_default();
        let ended = memory.roll(now_us);
        let verdict = memory.judge(verdict, took);
        memory.last = verdict.clone().or_else(|| memory.last.take());
        Noted { verdict, ended }
    }

    /// How the node was when it was last sure.
    pub(super) fn last(&self, node: &NodeId) -> Option<Verdict> {
        self.lock().get(node).and_then(|memory| memory.last.clone())
    }

    /// The five minutes under way.
    pub(super) fn current(&self, node: &NodeId) -> Option<Bucket> {
        self.lock().get(node).and_then(Memory::bucket)
    }

    /// Forgets nodes that are not there any more.
    pub(super) fn keep(&self, known: impl Fn(&NodeId) -> bool) {
        self.lock().retain(|node, _| known(node));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, Memory>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn judge(&mut self, verdict: Verdict, took: Duration) -> Option<Verdict> {
        if verdict.state == Health::Down {
            self.misses += 1;
            self.missed += 1;
            self.latest.clear();
            return (self.misses >= MISSES).then_some(verdict);
        }
        self.misses = 0;
        self.answered += 1;
        if self.times.len() < A_BUCKET {
            self.times.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
        self.latest.push_back(took);
        if self.latest.len() > LATEST {
            self.latest.pop_front();
        }
        Some(verdict.or_worse(self.slow()))
    }

    /// Few answers say nothing yet.
    fn slow(&self) -> Option<Verdict> {
        let mut latest: Vec<_> = self.latest.iter().copied().collect();
        latest.sort_unstable();
        let median = latest.get(latest.len() / 2).filter(|_| latest.len() >= LATEST / 3)?;
        verdict::slow(*median)
    }

    fn roll(&mut self, now_us: i64) -> Option<Bucket> {
        let bucket = now_us.div_euclid(BUCKET_US) * BUCKET_US;
        if bucket == self.bucket {
            return None;
        }
        let ended = self.bucket();
        (self.bucket, self.answered, self.missed) = (bucket, 0, 0);
        self.times.clear();
        ended
    }

    fn bucket(&self) -> Option<Bucket> {
        let mut times = self.times.clone();
        times.sort_unstable();
        let (median_us, most_us) = (times.get(times.len() / 2).copied(), times.last().copied());
        let bucket = Bucket { bucket: self.bucket, answered: self.answered, missed: self.missed, median_us, most_us };
        (self.answered + self.missed > 0).then_some(bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_api::HealthCause;

    fn miss() -> Verdict {
        Verdict::new(Health::Down, HealthCause::Timeout, "late")
    }

    #[test]
    fn a_node_is_down_after_three_misses_in_a_row_and_up_with_one_answer() {
        let (nodes, node) = (Nodes::default(), NodeId::from("n"));
        let look = |verdict| nodes.note(&node, verdict, Duration::from_millis(3), 0).verdict;
        assert_eq!([look(miss()), look(miss()), look(Verdict::UP), look(miss()), look(miss())], [None, None, Some(Verdict::UP), None, None]);
        assert_eq!(look(miss()), Some(miss()));
        assert_eq!(look(Verdict::UP), Some(Verdict::UP));
    }

    #[test]
    fn a_node_whose_usual_answer_takes_over_a_second_is_slow() {
        let (nodes, node) = (Nodes::default(), NodeId::from("n"));
        let look = |ms| nodes.note(&node, Verdict::UP, Duration::from_millis(ms), 0).verdict.map(|v| v.cause);
        for _ in 0..4 {
            assert_eq!(look(1_500), Some(None), "too few to say");
        }
        assert_eq!(look(1_500), Some(Some(HealthCause::Slow)));
        for _ in 0..4 {
            look(5);
        }
        assert_eq!(look(5), Some(Some(HealthCause::Slow)), "half are late");
        assert_eq!(look(5), Some(None));
    }

    #[test]
    fn five_minutes_that_ended_are_told_once_with_their_median() {
        let (nodes, node) = (Nodes::default(), NodeId::from("n"));
        let look = |verdict, ms, now_us| nodes.note(&node, verdict, Duration::from_millis(ms), now_us).ended;
        for ms in [9, 1, 5] {
            assert_eq!(look(Verdict::UP, ms, 7), None);
        }
        assert_eq!(look(miss(), 0, BUCKET_US - 1), None);
        let expected = Bucket { bucket: 0, answered: 3, missed: 1, median_us: Some(5_000), most_us: Some(9_000) };
        assert_eq!(nodes.current(&node), Some(expected));
        assert_eq!(look(Verdict::UP, 2, BUCKET_US), Some(expected));
        assert_eq!(look(Verdict::UP, 2, BUCKET_US), None);
        nodes.keep(|_| false);
        assert_eq!(nodes.current(&node), None);
    }
}
