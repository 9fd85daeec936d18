//! The record of every answer a node gave a console: who asked, when, what, and how many rows left the node. Never content.

use crate::ConsoleId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answers of one kind that a person got about this workspace; those alike within a minute stand in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerRecord {
    /// Rises.
    pub id: i64,
    /// When the first was given.
    pub time: DateTime<Utc>,
    /// When the last was given.
    pub last_time: DateTime<Utc>,
    /// How many there were.
    pub times: u32,
    /// The console.
    pub console: ConsoleId,
    /// Mail address of the person.
    pub email: String,
    /// What was asked: `investigations.list`, `investigations.changes`, `investigations.count`, or method and path of one call.
    pub kind: String,
    /// Rows of this workspace in each of them.
    pub rows: u64,
    /// Status of the answer, as HTTP numbers it.
    pub status: u16,
}
