//! Log search: rows of one workspace's lake.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A search. No window unless asked; a window is half-open `[from, to)` on event time.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogSearch {
    /// Words, "phrases", AND, OR, NOT, `field:value`, `field:[a TO b]`; empty finds everything.
    pub query: String,
    /// Start, included.
    pub from: Option<DateTime<Utc>>,
    /// End, excluded.
    pub to: Option<DateTime<Utc>>,
    /// Rows a page, 1 to 1000, 100 unless told.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// One stored event: a record, or a failed record with its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventRow {
    /// Id within the workspace.
    pub id: String,
    /// When it happened.
    pub event_time: DateTime<Utc>,
    /// When it was received.
    pub receipt_time: DateTime<Utc>,
    /// Its source.
    pub source: String,
    /// The source's category.
    pub source_category: String,
    /// Record type, or `FailedRecord`.
    pub record_type: String,
    /// Why no record could be made.
    pub reason_code: Option<String>,
    /// The same for people.
    pub reason: Option<String>,
    /// Vendor.
    pub vendor: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// Parser that took it.
    pub parser: Option<String>,
    /// Event id or code.
    pub event_code: Option<String>,
    /// One line for people.
    pub message: String,
    /// The event as received.
    pub raw: String,
    /// The field dictionary (ECS names).
    #[schema(value_type = Object)]
    pub ecs: serde_json::Value,
    /// All original fields.
    #[schema(value_type = Object)]
    pub fields: serde_json::Value,
}

/// A page of events of one workspace.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventPage {
    /// Newest first.
    pub data: Vec<EventRow>,
    /// Where the next page begins; null at the end.
    pub next: Option<String>,
}
