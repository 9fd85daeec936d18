//! Detection: from records to signals, and from signals to investigations.
//!
//! Everything here is pure. The one function that reads a disk is [`RuleSet::load`]; there is no clock, no randomness and
//! no type that names a customer. Time comes in with the record or the signal, ids come from what they name, so the same
//! events always give the same result.
//!
//! - [`RuleSet`]: Sigma rules read from the starter pack, directories and archives, compiled once and shared. It says which
//!   rules match a record ([`Hit`]).
//! - [`Detection`]: the rules as one workspace sees them: states, own rules, exceptions, settings over a shared [`RuleSet`].
//! - [`Meter`], [`Rates`]: what a rule costs and how often it fires, and when that is too much.
//! - [`Windows`]: correlation rules over the hits of a workspace, whose state is the rows it returns.
//! - [`correlate`]: what becomes of a signal: kept, suppressed, joined to an investigation or the one that opens it.
//! - [`ids`]: ids that come out the same on a replay.

mod compile;
pub mod correlate;
mod correlation;
mod cost;
mod detection;
mod event_view;
mod exception;
mod glob;
pub mod ids;
mod level;
mod load;
mod pipelines;
mod rate;
mod route;
mod rule;
mod set;
mod window;

pub use correlation::Correlation;
pub use cost::{Clock, CostLimit, Costly, Meter};
pub use detection::{Detection, EntityEffect, EntitySetting, MAX_QUIET_US, Overlay, RuleSetting, RuleState};
pub use exception::{Exception, ExceptionKind, Indicators};
pub use glob::{Glob, GlobError};
pub use level::Level;
pub use load::{LoadError, LoadReport, MAX_ENTRIES, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, Refused, RuleSources};
pub use rate::{RateLimit, Rates};
pub use rule::{Rule, RuleLogSource};
pub use set::{Hit, MAX_MATCHED, MAX_MATCHED_BYTES, RuleSet};
pub use window::{Dropped, Fired, MAX_FIRED_EVENTS, MAX_GROUPS, Observed, WindowHit, Windows};
