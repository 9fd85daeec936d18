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

/// Asks for matching events over time. A window is half-open `[from, to)` on event time; a bound that is not told is that of the
/// matching events.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogHistogram {
    /// As in a search; empty finds everything.
    pub query: String,
    /// Start, included.
    pub from: Option<DateTime<Utc>>,
    /// End, excluded.
    pub to: Option<DateTime<Utc>>,
    /// At most so many buckets, 1 to 200, 60 unless told.
    pub buckets: Option<u32>,
}

/// Matching events over time, in buckets of one width: the smallest of 1, 5, 10, 30 s, 1, 5, 10, 30 min, 1, 3, 6, 12 h, 1, 7, 30, 90,
/// 365 days and beyond that does with the buckets asked for. Buckets begin at multiples of their width from 0001-01-01 UTC: on the
/// hour, at midnight, on Mondays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Histogram {
    /// Start of the window: as asked, or that of the first bucket; null when nothing was asked and nothing matches.
    pub from: Option<DateTime<Utc>>,
    /// End of the window, excluded: as asked, or that of the last bucket; null when nothing was asked and nothing matches.
    pub to: Option<DateTime<Utc>>,
    /// Width of a bucket in milliseconds.
    pub width_ms: u64,
    /// All matching events of the window.
    pub total: u64,
    /// The buckets, oldest first, empty ones too.
    pub data: Vec<HistogramBucket>,
}

/// One bucket of a histogram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistogramBucket {
    /// Where it begins; the first one may begin before the window.
    pub start: DateTime<Utc>,
    /// Records in it.
    pub records: u64,
    /// Failed records in it.
    pub failed_records: u64,
}

/// Asks for the most frequent values of fields in matching events.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogFacets {
    /// As in a search; empty finds everything.
    pub query: String,
    /// Start, included.
    pub from: Option<DateTime<Utc>>,
    /// End, excluded.
    pub to: Option<DateTime<Utc>>,
    /// At most 20 fields, each named as in a query; unless told `record_type`, `source_category`, `source`, `host.name`, `user.name`,
    /// `source.ip`, `destination.ip`, `event.code`, `process.name` and `product`.
    pub fields: Option<Vec<String>>,
    /// Values of each field, 1 to 100, 10 unless told.
    pub limit: Option<u32>,
}

/// The most frequent values of some fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Facets {
    /// All matching events of the window.
    pub total: u64,
    /// The fields, in the order asked for.
    pub data: Vec<Facet>,
}

/// The values of one field. An event counts for one value, of a list for the first; spellings that differ in case only are one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Facet {
    /// The field as asked for.
    pub field: String,
    /// The most frequent values, most frequent first; long ones are cut after 1,024 bytes.
    pub values: Vec<FacetValue>,
    /// Events with another value.
    pub other_rows: u64,
    /// Events without a value.
    pub missing_rows: u64,
    /// False when the field has more distinct values than fit into memory: counts are lower bounds then, and `other_rows` holds what
    /// they lack.
    pub exact: bool,
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FacetValue {
    /// In its most frequent spelling.
    pub value: String,
    /// Events with it.
    pub rows: u64,
}
