//! How a customer's sync moves from state to state. Pure: time and chance are parameters.
//!
//! ```text
//! NEVER ─┐             ┌─► OK ──────┐
//!        ├─► RUNNING ──┼─► PARTIAL ─┼─ three intervals pass ─► STALE (as shown)
//! QUEUED ┘             └─► FAILED   │
//!    ▲                        │     │
//!    └──── Sync Now · due ◄───┴─────┘
//! ```

use bailiwick_api::{SyncModuleName, SyncState, SyncSummary};
use bailiwick_chassis::clock::from_us;
use std::time::Duration;

/// The first wait after a failure is this part of an interval; each further one is twice as long.
const FIRST_WAIT: u32 = 10;
/// Intervals that the wait after failures grows to.
const LONGEST_WAIT: u32 = 2;
/// Intervals after which a good sync is no longer good.
const STALE_AFTER: u32 = 3;

/// When and how one looks at a sync.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) now_us: i64,
    pub(super) interval: Duration,
}

/// How a customer's sync stands, as it is kept. Times are microseconds UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) state: SyncState,
    pub(super) due: i64,
    pub(super) started: Option<i64>,
    pub(super) finished: Option<i64>,
    pub(super) items: u32,
    pub(super) failed: Vec<SyncModuleName>,
    pub(super) code: Option<String>,
    pub(super) detail: Option<String>,
    pub(super) since: Option<i64>,
    pub(super) consecutive: u32,
    pub(super) last_success: Option<i64>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The node answered. `failed` are the modules it or we did not take, with the reason of the first.
    Taken { items: u32, failed: Vec<SyncModuleName>, reason: Option<Reason> },
    /// It did not.
    Failed(Reason),
}

/// Why something failed: for programs, and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) code: String,
    pub(super) detail: String,
}

impl Reason {
    pub(super) fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), detail: detail.into() }
    }
}

impl Standing {
    /// After a run that ended now. `chance` is 0 to 1 and spreads the next one.
    pub(super) fn finish(&self, outcome: Outcome, view: View, chance: f64) -> Self {
        let now = view.now_us;
        let base = Self { finished: Some(now), started: self.started, ..self.clone() };
        match outcome {
            Outcome::Taken { items, failed, reason } => Self {
                state: if failed.is_empty() { SyncState::Ok } else { SyncState::Partial },
                due: now + spread(view.interval, chance),
                items,
                failed,
                code: reason.as_ref().map(|reason| reason.code.clone()),
                detail: reason.map(|reason| reason.detail),
                since: None,
                consecutive: 0,
                last_success: Some(now),
                ..base
            },
            Outcome::Failed(reason) => {
                let consecutive = self.consecutive.saturating_add(1);
                Self {
                    state: SyncState::Failed,
                    due: now + spread(wait(view.interval, consecutive), chance),
                    failed: SyncModuleName::ALL.to_vec(),
                    code: Some(reason.code),
                    detail: Some(reason.detail),
                    since: self.since.or(Some(now)),
                    consecutive,
                    ..base
                }
            }
        }
    }

    /// As people see it.
    pub(super) fn shown(self, view: View) -> SyncSummary {
        let stale = matches!(self.state, SyncState::Ok | SyncState::Partial)
            && self.finished.is_none_or(|at| view.now_us - at > microseconds(view.interval * STALE_AFTER));
        let running = self.state == SyncState::Running;
        SyncSummary {
            state: if stale { SyncState::Stale } else { self.state },
            started: self.started.map(from_us),
            finished: self.finished.map(from_us),
            items: self.items,
            failed: self.failed,
            code: self.code,
            detail: self.detail,
            since: self.since.map(from_us),
            consecutive: self.consecutive,
            next_time: (!running).then(|| from_us(self.due)),
            last_success: self.last_success.map(from_us),
        }
    }
}

/// How long to wait after so many failures in a row.
fn wait(interval: Duration, consecutive: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(consecutive.saturating_sub(1).min(16));
    (interval / FIRST_WAIT).saturating_mul(doubled).min(interval * LONGEST_WAIT)
}

/// A span, give or take a tenth, in microseconds.
fn spread(span: Duration, chance: f64) -> i64 {
    microseconds(span.mul_f64(0.9 + 0.2 * chance.clamp(0.0, 1.0)))
}

pub(super) fn microseconds(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
