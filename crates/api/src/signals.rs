//! Signals of a workspace, whatever became of them.

use crate::Signal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One signal and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SignalRow {
    /// The signal.
    #[serde(flatten)]
    pub signal: Signal,
    /// Its rule's severity, before its entity's criticality.
    pub base_severity: u32,
    /// Whether its rule was on trial.
    pub prototype: bool,
    /// Why it does not score; empty when it does.
    pub suppressed_reasons: Vec<String>,
    /// The id of the investigation it is in.
    pub investigation: Option<String>,
}

/// A page of signals, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignalPage {
    /// The signals.
    pub data: Vec<SignalRow>,
    /// Where the next page begins; null at the end. A page may be short before the end.
    pub next: Option<String>,
}
