//! Log rows that somebody added to an investigation, as they were then: they stay when the lake lets them go.

use crate::EventRow;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// The row as it was.
    pub event: EventRow,
    /// Why it was added.
    pub note: Option<String>,
    /// When it was added.
    pub added_time: DateTime<Utc>,
    /// Who added it.
    pub added_by: String,
}

/// Rows to be added. What is there already stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvidence {
    /// Ids of events of the workspace, 1 to 200.
    pub events: Vec<String>,
    /// Why, at most 2,000 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// What became of rows that were to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceAdded {
    /// Rows that are new here.
    pub added: u32,
    /// Rows that were here already.
    pub already: u32,
}
