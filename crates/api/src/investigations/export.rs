//! A case as it leaves the product: one document with everything a reader of it needs.

use super::{Attachment, Comment, Evidence, HistoryEntry, InvestigationRow, Signal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A case as a file. Where a list is shorter than the count beside it, the rest is left out, and the counts say so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseExport {
    /// When it was written.
    pub exported_time: DateTime<Utc>,
    /// Who asked for it.
    pub exported_by: String,
    /// Name of the workspace it is of.
    pub workspace_name: String,
    /// The case. Its counts are of all there is.
    pub investigation: InvestigationRow,
    /// Its signals, oldest event first, at most 500.
    pub signals: Vec<Signal>,
    /// Its comments, oldest first, at most 1,000.
    pub comments: Vec<Comment>,
    /// Its files, without their content.
    pub attachments: Vec<Attachment>,
    /// Log rows that were added to it, at most 500.
    pub evidence: Vec<Evidence>,
    /// Its latest 500 changes, oldest first.
    pub history: Vec<HistoryEntry>,
}
