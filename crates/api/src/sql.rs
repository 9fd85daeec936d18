//! SQL over one workspace: a statement, its answer, and the statements that run.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A statement: one `SELECT` over `events`, `records`, `failed_records` and `signals`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlQuery {
    /// The statement, at most 16,384 bytes.
    pub sql: String,
    /// Rows of the answer, 1 to 10,000, 1,000 unless told.
    #[serde(default)]
    pub limit: Option<u32>,
    /// How long it may take, 1 to 60,000 ms, 30,000 unless told.
    #[serde(default)]
    pub deadline_ms: Option<u32>,
}

impl SqlQuery {
    /// A statement with the usual bounds.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), limit: None, deadline_ms: None }
    }
}

/// What a statement gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SqlAnswer {
    /// The id it ran under.
    pub id: String,
    /// The columns.
    pub columns: Vec<SqlColumn>,
    /// The rows, each with a value for each column.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Whether rows are missing.
    pub truncated: bool,
    /// Why: there are more than `limit`, or they have more than 16 MiB.
    pub truncated_by: Option<SqlCut>,
    /// How long it took.
    pub elapsed_ms: u64,
}

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SqlColumn {
    /// As named in the statement.
    pub name: String,
    /// `text`, `integer`, `float`, `decimal`, `boolean`, `time`, `date`, `interval` or `null`. Decimals,
    /// times, dates and intervals are given as text, times as in RFC 3339.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What cut an answer off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SqlCut {
    /// There are more rows than were asked for.
    Rows,
    /// The rows have more bytes than an answer may.
    Bytes,
}

/// A statement that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunningSql {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub who: String,
    /// The statement.
    pub sql: String,
    /// Since when.
    pub since: DateTime<Utc>,
}
