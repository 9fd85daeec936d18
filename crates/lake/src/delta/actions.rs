//! The actions of a version of the log, as the Delta protocol (reader 1, writer 2) writes them: one JSON object a line.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Published;
use crate::column::SCHEMA;
use crate::{FileEntry, LakeError};

/// The column that is not in the files but in their folders' names.
pub(super) const PARTITION: &str = "day";

/// Who wrote a version, in its `commitInfo`.
const ENGINE: &str = "bailiwick-lake";

/// One action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Action {
    CommitInfo(CommitInfo),
    Protocol(Protocol),
    MetaData(MetaData),
    Add(Add),
    Remove(Remove),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitInfo {
    timestamp: i64,
    operation: String,
    engine_info: String,
    /// The id of the table it was written for.
    table_id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Protocol {
    pub(super) min_reader_version: i32,
    pub(super) min_writer_version: i32,
}

impl Protocol {
    pub(super) const OURS: Self = Self { min_reader_version: 1, min_writer_version: 2 };
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetaData {
    id: String,
    format: Format,
    pub(super) schema_string: String,
    partition_columns: Vec<String>,
    configuration: BTreeMap<String, String>,
    pub(super) created_time: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Format {
    provider: String,
    options: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Add {
    pub(super) path: String,
    pub(super) partition_values: BTreeMap<String, String>,
    pub(super) size: i64,
    pub(super) modification_time: i64,
    pub(super) data_change: bool,
    pub(super) stats: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Remove {
    pub(super) path: String,
    deletion_timestamp: i64,
    data_change: bool,
}

impl Add {
    pub(super) fn of(file: &FileEntry, added: i64) -> Self {
        Self {
            path: file.path.clone(),
            partition_values: BTreeMap::from([(PARTITION.to_owned(), day(&file.path).to_owned())]),
            size: i64::try_from(file.bytes).unwrap_or(i64::MAX),
            modification_time: added,
            data_change: true,
            stats: stats(file),
        }
    }
}

/// The day in a file's path.
fn day(path: &str) -> &str {
    path.split('/').next().and_then(|folder| folder.strip_prefix("day=")).unwrap_or_default()
}

/// What a reader may skip a file by. Delta's times have milliseconds: the lower bound is cut down and the upper one rounded up, or
/// rows of the last millisecond would be skipped.
fn stats(file: &FileEntry) -> String {
    let mut stats = json!({"numRecords": file.rows, "nullCount": {"event_time": 0}});
    let times = time(file.min_time.div_euclid(1000)).zip(time(file.max_time.div_euclid(1000).saturating_add(1)));
    if let Some((min, max)) = times {
        stats["minValues"] = json!({ "event_time": min });
        stats["maxValues"] = json!({ "event_time": max });
    }
    stats.to_string()
}

fn time(millis: i64) -> Option<String> {
    DateTime::<Utc>::from_timestamp_millis(millis).map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The table's schema in Delta's words. A file of an earlier version lacks columns, so each may be null.
pub(super) fn schema() -> Result<String, LakeError> {
    let column = |name: &str, kind: &str| json!({"name": name, "type": kind, "nullable": true, "metadata": {}});
    let columns = SCHEMA.fields().iter().map(|field| Ok(column(field.name(), kind(field.data_type())?)));
    let mut columns = columns.collect::<Result<Vec<_>, LakeError>>()?;
    columns.push(column(PARTITION, "date"));
    Ok(json!({"type": "struct", "fields": columns}).to_string())
}

fn kind(data_type: &DataType) -> Result<&'static str, LakeError> {
    Ok(match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "binary",
        DataType::Int64 => "long",
        DataType::Int32 => "integer",
        DataType::Int16 => "short",
        DataType::Int8 => "byte",
        DataType::Boolean => "boolean",
        DataType::Float64 => "double",
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => "timestamp",
        other => return Err(LakeError::Engine(format!("Delta has no type for {other}"))),
    })
}

/// One version of the log.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub(super) actions: Vec<Action>,
}

impl Commit {
    /// What takes the published table to the list; none if it is there.
    pub(super) fn between(published: &Published, listed: &[FileEntry], schema: &str, now: i64) -> Option<Self> {
        let millis = now.div_euclid(1000);
        let mut actions = Vec::new();
        if published.version.is_none() {
            actions.push(Action::Protocol(Protocol::OURS));
        }
        if published.schema != schema {
            let created = if published.created == 0 { millis } else { published.created };
            actions.push(Action::MetaData(metadata(&published.id, schema, created)));
        }
        let paths: HashSet<&str> = listed.iter().map(|file| file.path.as_str()).collect();
        let gone = published.files.keys().filter(|path| !paths.contains(path.as_str()));
        actions.extend(gone.map(|path| Action::Remove(Remove { path: path.clone(), deletion_timestamp: millis, data_change: true })));
        let new = listed.iter().filter(|file| !published.files.contains_key(&file.path));
        actions.extend(new.map(|file| Action::Add(Add::of(file, millis))));
        if actions.is_empty() {
            return None;
        }
        let operation = if published.version.is_none() { "CREATE TABLE" } else { "WRITE" };
        let info = CommitInfo { timestamp: millis, operation: operation.to_owned(), engine_info: ENGINE.to_owned(), table_id: published.id.clone() };
        actions.insert(0, Action::CommitInfo(info));
        Some(Self { actions })
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, LakeError> {
        let mut bytes = Vec::new();
        for action in &self.actions {
            serde_json::to_writer(&mut bytes, action).map_err(|error| LakeError::Engine(error.to_string()))?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    /// The actions of a version, if it was written for this table.
    pub(super) fn of_bytes(bytes: &[u8], id: &str) -> Option<Vec<Action>> {
        let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        let actions: Vec<Action> = lines.map(serde_json::from_slice).collect::<Result<_, _>>().ok()?;
        let ours = |action: &Action| matches!(action, Action::CommitInfo(info) if info.table_id == id && info.engine_info == ENGINE);
        actions.iter().any(ours).then_some(actions)
    }
}

pub(super) fn metadata(id: &str, schema: &str, created: i64) -> MetaData {
    MetaData {
        id: id.to_owned(),
        format: Format { provider: "parquet".to_owned(), options: BTreeMap::new() },
        schema_string: schema.to_owned(),
        partition_columns: vec![PARTITION.to_owned()],
        configuration: BTreeMap::new(),
        created_time: Some(created),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_every_row_though_they_have_milliseconds() {
        let file = FileEntry {
            path: "day=2026-01-30/a.parquet".into(),
            rows: 2,
            bytes: 10,
            raw_bytes: 1,
            min_time: 1_769_817_599_989_999,
            max_time: 1_769_817_599_989_999,
            first_id: String::new(),
            last_id: String::new(),
            tier: String::new(),
            max_receipt: 0,
            index_bytes: 0,
        };
        let stats: serde_json::Value = serde_json::from_str(&stats(&file)).unwrap();
        assert_eq!(stats["minValues"]["event_time"], "2026-01-30T23:59:59.989Z");
        assert_eq!(stats["maxValues"]["event_time"], "2026-01-30T23:59:59.990Z");
        let before_1970 = serde_json::from_str::<serde_json::Value>(&super::stats(&FileEntry { min_time: -1, max_time: -1, ..file })).unwrap();
        assert_eq!(before_1970["minValues"]["event_time"], "1969-12-31T23:59:59.999Z");
        assert_eq!(before_1970["maxValues"]["event_time"], "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_version_of_another_table_is_not_ours() {
        let published = Published { id: "one".into(), ..Published::default() };
        let commit = Commit::between(&published, &[], "schema", 1_000_000).unwrap();
        let bytes = commit.to_bytes().unwrap();
        assert_eq!(Commit::of_bytes(&bytes, "one"), Some(commit.actions));
        assert_eq!(Commit::of_bytes(&bytes, "two"), None);
        assert_eq!(Commit::of_bytes(b"{\"add\":{}}", "one"), None);
    }
}
