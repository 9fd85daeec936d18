//! Searching the logs of many customers at once, and what is around one event.

use crate::{Ask, CustomerId, CustomerRef, EventRow, Scope, SkipReason, WorkspaceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A search over many customers. No window unless asked; a window is half-open `[from, to)` on event time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogSearchAcross {
    /// As in a search of one customer; empty finds everything.
    pub query: String,
    /// Start, included.
    pub from: Option<DateTime<Utc>>,
    /// End, excluded.
    pub to: Option<DateTime<Utc>>,
    /// Customer ids; absent means all whose logs the person may search.
    pub customers: Option<Vec<CustomerId>>,
    /// Rows of one customer, the newest, 1 to 1,000, 100 unless told.
    pub limit: Option<u32>,
}

/// One stored event and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerEvent {
    /// Whose.
    pub customer: CustomerRef,
    /// The event.
    #[serde(flatten)]
    pub row: EventRow,
}

crate::words::words!(
    /// How far the search of one customer is.
    LogSearchState {
        /// It waits for its turn: a node searches few workspaces of one question at a time, so that what comes in does not wait.
        Waiting = "WAITING",
        /// It is at work.
        Searching = "SEARCHING",
        /// It is through.
        Done = "DONE",
        /// It did not come to its end.
        Failed = "FAILED",
        /// It was not searched.
        Skipped = "SKIPPED",
    }
);

/// How far the search of one customer is, and all of them together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogProgress {
    /// Customers that are searched.
    pub asked: u32,
    /// Customers that are through, be it with an error.
    pub answered: u32,
    /// Rows told so far.
    pub rows: u64,
    /// The customer that this is news of; null where it is none's.
    pub customer: Option<CustomerRef>,
    /// How far that customer is.
    pub state: Option<LogSearchState>,
    /// Its rows told so far.
    pub customer_rows: u64,
    /// It has more rows that match than were asked for.
    pub more: bool,
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogLine {
    /// Rows of one customer, newest first among themselves.
    Rows(Vec<CustomerEvent>),
    /// How far it is.
    Progress(LogProgress),
    /// The last line: who was asked and who answered.
    Scope(Scope),
}

/// Asks a node to search several workspaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskLogs {
    /// Which workspaces. None means none.
    pub workspaces: Vec<Ask>,
    /// What to look for.
    pub query: String,
    /// Start, included.
    pub from: Option<DateTime<Utc>>,
    /// End, excluded.
    pub to: Option<DateTime<Utc>>,
    /// Rows of one workspace, 1 to 1,000.
    pub limit: u32,
}

/// One line of a node's answer, about one workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceLogLine {
    /// Which.
    pub workspace: WorkspaceId,
    /// How far it is.
    pub state: LogSearchState,
    /// Rows that were found since the line before, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<EventRow>,
    /// More match than were asked for.
    #[serde(default)]
    pub more: bool,
    /// Why it was not searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<SkipReason>,
    /// Why it did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Asks what is around an event of the same source, in event time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogContext {
    /// Id of the event.
    pub event: String,
    /// Events before it, at most 200, 25 unless told.
    #[serde(default)]
    pub before: Option<u32>,
    /// Events after it, at most 200, 25 unless told.
    #[serde(default)]
    pub after: Option<u32>,
}

/// What is around an event of the same source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Surroundings {
    /// Events before it, oldest first.
    pub before: Vec<EventRow>,
    /// The event.
    pub event: EventRow,
    /// Events after it, oldest first.
    pub after: Vec<EventRow>,
    /// There are more before these.
    pub more_before: bool,
    /// There are more after these.
    pub more_after: bool,
}

/// Asks for everything that matches as a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogExport {
    /// As in a search; empty finds everything.
    pub query: String,
    /// Start, included.
    pub from: Option<DateTime<Utc>>,
    /// End, excluded.
    pub to: Option<DateTime<Utc>>,
    /// At most so many rows, 1 to 100,000, 100,000 unless told: when more match there is no file.
    pub limit: Option<u32>,
}
