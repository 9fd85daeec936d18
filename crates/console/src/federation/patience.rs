//! Federated time, as a rule without a clock: how long a page goes on waiting, given who has not answered yet.
//!
//! A page waits for every node not known to be slow or down, gives the slow the grace from when they were asked and no more, and never
//! waits past the deadline. A node known to be down keeps nobody waiting; only where nobody else is asked does it get the grace, so that one
//! that has just come back is seen.

use super::knowledge::Standing;
use std::time::Duration;
use tokio::time::Instant;

/// The spans of federated time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// A page is answered after this, whoever is missing; a node that took longer is slow.
    pub deadline: Duration,
    /// What the slow get, from when they were asked; while a page waits for others they have that time, too.
    pub grace: Duration,
    /// How long a question runs on for a live page.
    pub run_on: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(3), grace: Duration::from_millis(300), run_on: Duration::from_secs(25) }
    }
}

/// Nodes by standing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    well: usize,
    slow: usize,
    down: usize,
}

impl Count {
    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.well + self.slow + self.down == 0
    }
}

impl FromIterator<Standing> for Count {
    fn from_iter<I: IntoIterator<Item = Standing>>(standings: I) -> Self {
        let mut count = Self::default();
        for standing in standings {
            match standing {
                Standing::Well => count.well += 1,
                Standing::Slow => count.slow += 1,
                Standing::Down => count.down += 1,
            }
        }
        count
    }
}

/// The wait for one page.
#[derive(Debug)]
pub(super) struct Patience {
    pace: Pace,
    began: Instant,
    only_down: bool,
}

impl Patience {
    /// Begins to wait for the nodes asked.
    pub(super) fn begin(pace: Pace, began: Instant, asked: Count) -> Self {
        Self { pace, began, only_down: asked.well + asked.slow == 0 }
    }

    /// Until when to wait for the nodes missing, if nothing arrives before; none when the page is to be answered now.
    pub(super) fn until(&self, now: Instant, missing: Count) -> Option<Instant> {
        let deadline = self.began + self.pace.deadline;
        let end = if missing.well > 0 {
            deadline
        } else {
            let held = missing.slow > 0 || (self.only_down && missing.down > 0);
            if held { deadline.min(self.began + self.pace.grace) } else { now }
        };
        (end > now).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{Down, Slow, Well};
    use proptest::prelude::*;

    /// Milliseconds from question to page, and which nodes are on it. A node that never answers takes `u64::MAX`.
    fn page(nodes: &[(Standing, u64)]) -> (u64, Vec<usize>) {
        let began = Instant::now();
        let patience = Patience::begin(Pace::default(), began, nodes.iter().map(|(standing, _)| *standing).collect());
        let mut arrivals: Vec<u64> = nodes.iter().map(|(_, at)| *at).filter(|at| *at < 10_000).collect();
        arrivals.sort_unstable();
        let mut now = 0;
        loop {
            let missing = nodes.iter().filter(|(_, at)| *at > now).map(|(standing, _)| *standing).collect();
            let Some(end) = patience.until(began + Duration::from_millis(now), missing) else {
                return (now, (0..nodes.len()).filter(|i| nodes[*i].1 <= now).collect());
            };
            let end = u64::try_from((end - began).as_millis()).unwrap();
            now = arrivals.iter().copied().find(|at| *at > now).map_or(end, |at| at.min(end));
        }
    }

    const NEVER: u64 = u64::MAX;

    #[test]
    fn nodes_that_are_well_are_waited_for_and_nobody_else_longer_than_the_grace() {
        assert_eq!(page(&[(Well, 20), (Well, 50)]), (50, vec![0, 1]));
        assert_eq!(page(&[(Well, 20), (Slow, NEVER)]), (300, vec![0]));
        assert_eq!(page(&[(Well, 20), (Slow, 200)]), (200, vec![0, 1]));
        assert_eq!(page(&[(Well, 700), (Slow, 200)]), (700, vec![0, 1]));
        assert_eq!(page(&[(Well, 700), (Slow, 900)]), (700, vec![0]));
    }

    #[test]
    fn a_node_slow_for_the_first_time_is_waited_for_until_the_deadline() {
        assert_eq!(page(&[(Well, 20), (Well, NEVER)]), (3000, vec![0]));
        assert_eq!(page(&[(Well, 2900), (Slow, NEVER)]), (2900, vec![0]));
    }

    #[test]
    fn a_node_known_to_be_down_costs_no_time_beside_others_and_the_grace_alone() {
        assert_eq!(page(&[(Well, 20), (Down, NEVER)]), (20, vec![0]));
        assert_eq!(page(&[(Slow, 100), (Down, NEVER)]), (100, vec![0]));
        assert_eq!(page(&[(Down, NEVER)]), (300, vec![]));
        assert_eq!(page(&[(Down, 30)]), (30, vec![0]));
        assert_eq!(page(&[]), (0, vec![]));
    }

    proptest! {
        #[test]
        fn a_page_is_never_later_than_the_rule_and_never_without_a_node_that_is_well(
            nodes in prop::collection::vec((prop::sample::select(vec![Well, Slow, Down]), prop_oneof![0..4000_u64, Just(NEVER)]), 0..8)
        ) {
            let (at, answered) = page(&nodes);
            let last_well = nodes.iter().filter(|(standing, _)| *standing == Well).map(|(_, at)| *at).max().unwrap_or(0);
            prop_assert!(at <= last_well.clamp(300, 3000), "answered after {at} ms");
            for (i, (standing, arrives)) in nodes.iter().enumerate() {
                if *standing == Well && *arrives < 3000 {
                    prop_assert!(answered.contains(&i));
                }
            }
        }
    }
}
