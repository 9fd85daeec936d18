//! Which investigations, and in which order.

use crate::{CustomerId, Disposition, Origin, Priority, Sort, Status, Where};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which time a window acts on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeField {
    /// When it was opened.
    #[default]
    CreatedTime,
    /// Its last change.
    UpdatedTime,
    /// Its newest signal.
    LatestAlertTime,
    /// Its first signal.
    FirstAlertTime,
    /// When it was closed.
    ClosedTime,
    /// When it was last looked at.
    LastAccessedTime,
}

/// Which investigations. Lists match any of their words, criteria are ANDed, tags need all. A window is half-open `[from, to)`.
/// In a query string lists are separated by commas or repeated. No time window unless asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InvestigationFilter {
    /// Customer ids; absent means all the person may see.
    pub customers: Option<Vec<CustomerId>>,
    /// Regions.
    pub regions: Option<Vec<String>>,
    /// Everything a node decides by.
    #[serde(flatten)]
    pub rows: RowFilter,
    /// Order.
    pub sort: Sort,
    /// Rows a page, 1 to 500, 100 unless told.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The part of the filter a node decides by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RowFilter {
    /// Statuses.
    pub statuses: Option<Vec<Status>>,
    /// Priorities.
    pub priorities: Option<Vec<Priority>>,
    /// Sources.
    pub sources: Option<Vec<Origin>>,
    /// Dispositions.
    pub dispositions: Option<Vec<Disposition>>,
    /// Tags, all of them.
    pub tags: Option<Vec<String>>,
    /// Mail address of the assignee; `none` for unassigned.
    pub assignee: Option<String>,
    /// Words in title or entity, all of them, any case.
    pub q: Option<String>,
    /// Which time `from` and `to` act on.
    pub time_field: Option<TimeField>,
    /// Start, included.
    pub from: Option<DateTime<Utc>>,
    /// End, excluded.
    pub to: Option<DateTime<Utc>>,
    /// Changed at or after this, whatever the window acts on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_since: Option<DateTime<Utc>>,
    /// A tree of conditions over every field, which has to hold as well.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub tree: Option<Where>,
}
