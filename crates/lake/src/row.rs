//! One stored event, and the entry of one file of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

use crate::LakeError;

/// One stored event: a record or a failed record. Times are microseconds UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Unique in the lake; ids sort in the order of arrival.
    pub id: String,
    /// When it happened, by the event itself.
    pub event_time: i64,
    /// When it was received; the files are laid out by the UTC day of it.
    pub receipt_time: i64,
    /// The source it came from.
    pub source: String,
    /// The category of that source.
    pub source_category: String,
    /// The tier of that source: `continuous`, `frequent` or `infrequent`; how long the row is kept hangs on it.
    pub tier: String,
    /// The kind of record, or `FailedRecord`.
    pub record_type: String,
    /// Of a failed record: the code of the reason.
    pub reason_code: Option<String>,
    /// Of a failed record: the reason in full.
    pub reason: Option<String>,
    /// Who makes the product that logged it.
    pub vendor: Option<String>,
    /// The product that logged it.
    pub product: Option<String>,
    /// The parser that read it.
    pub parser: Option<String>,
    /// The event's own code, such as `4625`.
    pub event_code: Option<String>,
    /// The message for a person.
    pub message: String,
    /// The event as received.
    pub raw: String,
    /// A JSON object of all original fields.
    pub fields: String,
    /// How `fields` follow from `raw`, if they do: the way of the engine's [`Derive`](crate::Derive), which is kept instead of them.
    pub way: Option<Cow<'static, str>>,
    /// With a `way`: a JSON object of the fields it does not give, or gives another value; none if there are none.
    pub added: Option<String>,
    /// The normalised fields by their dotted ECS names.
    pub ecs: BTreeMap<Cow<'static, str>, serde_json::Value>,
}

impl Row {
    /// The folder of the UTC day the row was received, `day=YYYY-MM-DD`: how long it is kept counts from there.
    pub(crate) fn folder(&self) -> Result<String, LakeError> {
        self.date("receipt_time", self.receipt_time).map(|time| time.format("day=%Y-%m-%d").to_string())
    }

    pub(crate) fn check_time(&self) -> Result<(), LakeError> {
        self.date("event_time", self.event_time).map(drop)
    }

    fn date(&self, field: &'static str, micros: i64) -> Result<DateTime<Utc>, LakeError> {
        DateTime::<Utc>::from_timestamp_micros(micros)
            .filter(|time| (1..=9999).contains(&time.year()))
            .ok_or_else(|| LakeError::invalid(field, format!("of row {} is outside the years 1 to 9999", self.id)))
    }
}

/// One file of the lake, as the caller must list it to have it searched.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the lake's directory: `day=YYYY-MM-DD/<name>.parquet`.
    pub path: String,
    /// Rows in the file.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of the rows' raw text.
    pub raw_bytes: u64,
    /// The smallest `event_time`, microseconds UTC.
    pub min_time: i64,
    /// The largest `event_time`, microseconds UTC.
    pub max_time: i64,
    /// The smallest id.
    pub first_id: String,
    /// The largest id.
    pub last_id: String,
    /// The tier of all its rows; empty in files written before tiers were kept apart.
    #[serde(default)]
    pub tier: String,
    /// The largest `receipt_time`, microseconds UTC; 0 in files written before it was kept.
    #[serde(default)]
    pub max_receipt: i64,
    /// Bytes of the index beside it; 0 when there is none.
    #[serde(default)]
    pub index_bytes: u64,
}
