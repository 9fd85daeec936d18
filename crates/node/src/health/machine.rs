//! The state machine of one (resource, tracker): what a finding changes, and what it leaves as it is. Pure.
//!
//! ```text
//!             unhealthy                 another severity or error
//! nothing ───────────────► open ───────────────┐
//!    ▲                      │ ▲                │
//!    └──────── healthy ─────┘ └────────────────┘
//! ```
//!
//! The same finding again is no change, nor is another description: it may carry a number that moves all the time.

use bailiwick_api::{HealthSeverity, HealthStatus};

/// What somebody found of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It does not work.
    Unhealthy {
        /// How bad.
        severity: HealthSeverity,
        /// A code for programs.
        error: String,
        /// A sentence for people.
        description: String,
    },
    /// It works.
    Healthy,
}

impl Finding {
    /// Degraded or misconfigured.
    pub fn warning(error: impl Into<String>, description: impl Into<String>) -> Self {
        Self::Unhealthy { severity: HealthSeverity::Warning, error: error.into(), description: description.into() }
    }

    /// Cannot work.
    pub fn error(error: impl Into<String>, description: impl Into<String>) -> Self {
        Self::Unhealthy { severity: HealthSeverity::Error, error: error.into(), description: description.into() }
    }
}

/// Who acknowledged an issue, when (microseconds UTC), and what they wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) by: String,
    pub(crate) time_us: i64,
    pub(crate) note: Option<String>,
}

/// An issue; times are microseconds UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) id: String,
    pub(crate) severity: HealthSeverity,
    pub(crate) error: String,
    pub(crate) description: String,
    pub(crate) opened_us: i64,
    pub(crate) since_us: i64,
    pub(crate) resolved_us: Option<i64>,
    pub(crate) known: Option<Known>,
}

/// The issue after a finding, or nothing when the finding changes nothing.
pub(crate) fn step(open: Option<&Issue>, finding: &Finding, now_us: i64, new_id: impl FnOnce() -> String) -> Option<Issue> {
    match (open, finding) {
        (None, Finding::Healthy) => None,
        (None, Finding::Unhealthy { severity, error, description }) => Some(Issue {
            id: new_id(),
            severity: *severity,
            error: error.clone(),
            description: description.clone(),
            opened_us: now_us,
            since_us: now_us,
            resolved_us: None,
            known: None,
        }),
        (Some(issue), Finding::Healthy) => {
            let at = now_us.max(issue.since_us);
            Some(Issue { since_us: at, resolved_us: Some(at), ..issue.clone() })
        }
        (Some(issue), Finding::Unhealthy { severity, error, .. }) if *severity == issue.severity && *error == issue.error => None,
        (Some(issue), Finding::Unhealthy { severity, error, description }) => Some(Issue {
            severity: *severity,
            error: error.clone(),
            description: description.clone(),
            since_us: now_us.max(issue.since_us),
            known: None,
            ..issue.clone()
        }),
    }
}

/// What the event of a changed issue says.
pub(crate) fn status(issue: &Issue) -> HealthStatus {
    if issue.resolved_us.is_some() { HealthStatus::Healthy } else { HealthStatus::UnHealthy }
}

/// Whether a use of a bound is too much: from `opens_at` per cent on, and once it is, until it falls below 90 per cent.
pub(crate) fn over(open: bool, used: u64, limit: u64, opens_at: u64) -> bool {
    let (used, limit) = (u128::from(used) * 100, u128::from(limit));
    used >= limit * u128::from(if open { opens_at.min(90) } else { opens_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn findings() -> impl Strategy<Value = Finding> {
        prop_oneof![
            Just(Finding::Healthy),
            ("[ab]", "[xy]").prop_map(|(error, text)| Finding::warning(error, text)),
            ("[ab]", "[xy]").prop_map(|(error, text)| Finding::error(error, text)),
        ]
    }

    #[test]
    fn a_table_of_findings_gives_a_table_of_changes() {
        let table = [
            (Finding::Healthy, None),
            (Finding::warning("A", "1"), Some("Warning A open")),
            (Finding::warning("A", "2"), None),
            (Finding::error("A", "2"), Some("Error A open")),
            (Finding::error("B", "2"), Some("Error B open")),
            (Finding::Healthy, Some("Error B resolved")),
            (Finding::Healthy, None),
            (Finding::error("B", "2"), Some("Error B open")),
        ];
        let mut open: Option<Issue> = None;
        for (n, (finding, expected)) in table.into_iter().enumerate() {
            let changed = step(open.as_ref(), &finding, n as i64, || format!("i{n}"));
            let said = changed
                .as_ref()
                .map(|i| format!("{} {} {}", i.severity, i.error, if status(i) == HealthStatus::Healthy { "resolved" } else { "open" }));
            assert_eq!(said.as_deref(), expected, "step {n}");
            if let Some(issue) = changed {
                open = Some(issue).filter(|i| i.resolved_us.is_none());
            }
        }
        assert_eq!(open.map(|i| (i.id, i.opened_us)), Some(("i7".into(), 7)), "a new issue, not the old one again");
    }

    proptest! {
        #[test]
        fn an_issue_keeps_its_id_and_opening_and_its_times_only_rise(found in prop::collection::vec((findings(), -5_i64..50), 1..60)) {
            let (mut open, mut now): (Option<Issue>, i64) = (None, 100);
            for (n, (finding, passed)) in found.iter().enumerate() {
                now += passed;
                let before = open.clone();
                let changed = step(before.as_ref(), finding, now, || n.to_string());
                prop_assert_eq!(step(before.as_ref(), finding, now, || n.to_string()), changed.clone(), "pure");
                let Some(issue) = changed else { continue };
                if let Some(before) = &before {
                    prop_assert_eq!((&issue.id, issue.opened_us), (&before.id, before.opened_us));
                    prop_assert!(issue.since_us >= before.since_us);
                }
                prop_assert!(issue.opened_us <= issue.since_us && issue.resolved_us.is_none_or(|at| at == issue.since_us));
                prop_assert_eq!(step(Some(&issue).filter(|i| i.resolved_us.is_none()), finding, now, || "again".into()), None, "idempotent");
                open = Some(issue).filter(|i| i.resolved_us.is_none());
            }
        }

        #[test]
        fn a_bound_opens_at_its_mark_and_closes_below_ninety(used in prop::collection::vec(0_u64..130, 1..40), opens_at in prop_oneof![Just(90_u64), Just(100)]) {
            let mut open = false;
            for used in used {
                let after = over(open, used, 100, opens_at);
                prop_assert_eq!(after, if open { used >= 90 } else { used >= opens_at });
                open = after;
            }
        }
    }
}
