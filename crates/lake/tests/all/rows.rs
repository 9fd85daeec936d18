//! Rows and searches for the tests.

use std::sync::Arc;
use std::time::Duration;

use bailiwick_lake::{Derive, FileEntry, Lake, Limits, Query, Row, Search};
use serde_json::{Value, json};

/// 2026-01-31T00:00:00Z.
pub(crate) const DAY: i64 = 1_769_817_600_000_000;
pub(crate) const SECOND: i64 = 1_000_000;

/// Two ways: the raw text is the fields, alone or with more of them.
#[derive(Debug)]
pub(crate) struct AsRaw;

impl Derive for AsRaw {
    fn fields(&self, way: &str, raw: &str, added: Option<&str>) -> Option<String> {
        let mut fields: serde_json::Map<String, Value> = serde_json::from_str(raw).ok()?;
        match (way, added) {
            ("raw", None) => Some(raw.to_owned()),
            ("more", Some(added)) => {
                fields.extend(serde_json::from_str::<serde_json::Map<String, Value>>(added).ok()?);
                Some(Value::Object(fields).to_string())
            }
            _ => None,
        }
    }
}

pub(crate) fn lake() -> (tempfile::TempDir, Lake) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let lake = Lake::open(directory.path().join("lake"), Limits::default()).expect("a lake");
    (directory, lake)
}

pub(crate) fn row(number: usize, event_time: i64, message: &str) -> Row {
    Row {
        id: format!("{number:08}"),
        event_time,
        receipt_time: event_time + SECOND,
        source: "dc".into(),
        source_category: "windows/security".into(),
        tier: "continuous".into(),
        record_type: "Authentication".into(),
        message: message.into(),
        raw: format!("{{\"Message\":{}}}", json!(message)),
        fields: json!({"Message": message}).to_string(),
        ..Row::default()
    }
}

pub(crate) fn with(mut row: Row, ecs: Value, fields: Value) -> Row {
    row.ecs = serde_json::from_value(ecs).expect("an object");
    row.fields = fields.to_string();
    row
}

pub(crate) fn shared(rows: impl IntoIterator<Item = Row>) -> Vec<Arc<Row>> {
    rows.into_iter().map(Arc::new).collect()
}

pub(crate) fn search(query: &str) -> Search {
    Search {
        query: Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}")),
        from: None,
        to: None,
        limit: 1000,
        after: None,
        deadline: Duration::from_secs(60),
    }
}

/// The ids of all pages.
pub(crate) async fn ids(lake: &Lake, files: &[FileEntry], tail: &[Arc<Row>], mut search: Search) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = lake.search(files, tail, &search).await.expect("a page");
        ids.extend(page.rows.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => search.after = Some(next),
            None => return ids,
        }
    }
}
