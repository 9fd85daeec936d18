//! Custom insights: a workspace's own reasons to open an investigation, whatever the score.
//!
//! A definition names rules, by id or by the name of their signals (with wildcards). It is met on an entity once every one of them
//! has a signal there that counts: not suppressed, not of a prototype rule, not in an investigation, within the window of the policy.
//! Where the order is exact, the signals must also have been made in the order of the list.

use super::{EntityState, PastSignal, Policy, Priority};
use crate::glob::Glob;

/// Whether the signals must come in the order of the definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they come.
    Any,
    /// One after the other.
    Exact,
}

/// The priority of the investigation that a definition opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomSeverity {
    /// Always this one.
    Constant(Priority),
    /// By the highest severity among its signals: the highest threshold that is reached decides.
    Dynamic {
        /// The lowest severity for each priority, in any order.
        thresholds: Vec<(u32, Priority)>,
        /// When none is reached.
        otherwise: Priority,
    },
}

impl CustomSeverity {
    /// The priority for signals of which `highest` is the highest severity.
    #[must_use]
    pub fn priority(&self, highest: u32) -> Priority {
        match self {
            Self::Constant(priority) => *priority,
            Self::Dynamic { thresholds, otherwise } => {
                let reached = thresholds.iter().filter(|(least, _)| *least <= highest);
                reached.max_by_key(|(least, _)| *least).map_or(*otherwise, |(_, priority)| *priority)
            }
        }
    }
}

/// One definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomInsight {
    /// Its id.
    pub id: String,
    /// What the investigation is called.
    pub name: String,
    /// Rule ids, or names of signals with wildcards: each must have a signal.
    pub rules: Vec<Glob>,
    /// Whether their order matters.
    pub order: Order,
    /// How urgent the investigation is.
    pub severity: CustomSeverity,
}

impl CustomInsight {
    /// Whether the signals of an entity meet the definition at `now_us`.
    #[must_use]
    pub fn met(&self, state: &EntityState, policy: &Policy, now_us: i64) -> bool {
        let counting: Vec<&PastSignal> = state.signals.iter().filter(|signal| signal.counts(policy, now_us)).collect();
        let fits = |glob: &Glob, signal: &PastSignal| glob.as_str() == signal.rule_id || glob.matches(&signal.name);
        if self.rules.is_empty() {
            return false;
        }
        match self.order {
            Order::Any => self.rules.iter().all(|glob| counting.iter().any(|signal| fits(glob, signal))),
            Order::Exact => {
                let mut ordered = counting;
                ordered.sort_by_key(|signal| signal.time_us);
                let mut wanted = self.rules.iter().peekable();
                for signal in ordered {
                    if wanted.peek().is_some_and(|glob| fits(glob, signal)) {
                        wanted.next();
                    }
                }
                wanted.peek().is_none()
            }
        }
    }
}
