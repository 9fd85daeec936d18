//! Files of earlier versions are still read: `tests/fixtures/v1` was written by version 1, `v2` by version 2; neither must ever be
//! written again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bailiwick_lake::{Engine, FileEntry, Lake, Limits, Row};
use serde_json::json;

use crate::rows::{AsRaw, DAY, SECOND, ids, row, search, shared, with};

fn directory(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/v{version}"))
}

fn rows() -> Vec<Row> {
    let failed = Row {
        record_type: "FailedRecord".into(),
        reason_code: Some("NO_PARSER".into()),
        reason: Some("no parser took it".into()),
        ..row(1, DAY, "something odd")
    };
    let logon = Row { event_code: Some("4625".into()), vendor: Some("Microsoft".into()), ..row(2, DAY + SECOND, "An account failed to log on.") };
    let ecs = json!({"host.name": "DC-1", "user.name": "Alice", "source.ip": "10.0.0.7", "source.port": 50123, "process.pid": "0x1f4", "event.category": ["authentication"]});
    vec![with(logon, ecs, json!({"TargetUserName": "Alice", "Logon": {"Type": 3}})), failed]
}

/// As version 2 keeps them: the first row's fields and message follow from its raw text.
fn rows_2() -> Vec<Row> {
    let mut rows = rows();
    rows[0].raw = r#"{"Logon":{"Type":3},"Message":"An account \"Alice\" failed to log on.","TargetUserName":"Alice"}"#.into();
    rows[0].fields = rows[0].raw.clone();
    rows[0].message = "An account \"Alice\" failed to log on.".into();
    rows[0].way = Some("raw".into());
    rows
}

async fn check(version: u32, rows: Vec<Row>) {
    let text = std::fs::read_to_string(directory(version).join("files.json")).expect("the list of the fixture");
    let files: Vec<FileEntry> = serde_json::from_str(&text).expect("a list of files");
    let lake = open(version);
    assert_eq!(lake.search(&files, &[], &search("*")).await.expect("a page").rows, rows, "version {version}");
    for query in [
        "host.name:dc-1",
        "source.ip:10.0.0.7",
        "source.ip:10.0.0.0/24",
        "source.port:>50000",
        "Logon.Type:3",
        "TargetUserName:alice",
        "event.code:4625",
        "event.category:authentication",
        "\"failed to\"",
        "message:failed",
    ] {
        assert_eq!(ids(&lake, &files, &[], search(query)).await, ["00000002"], "{query} in version {version}");
    }
    for query in ["Absent:1", "host.name:dc-2", "fail", "message:code"] {
        assert_eq!(ids(&lake, &files, &[], search(query)).await, [""; 0], "{query} in version {version}");
    }
}

fn open(version: u32) -> Lake {
    let engine = Engine::new(Limits::default()).expect("an engine").deriving(Arc::new(AsRaw));
    Lake::open_on(&directory(version), &engine).expect("a lake")
}

#[tokio::test]
async fn version_1_is_read() {
    // It knew no tiers.
    check(1, rows().into_iter().map(|row| Row { tier: String::new(), ..row }).collect()).await;
}

#[tokio::test]
async fn version_2_is_read() {
    check(2, rows_2()).await;
}

#[tokio::test]
#[ignore = "writes the fixture of the current version"]
async fn write_the_fixture() {
    let lake = open(bailiwick_lake::SCHEMA_VERSION);
    let files = lake.write("fixture", &shared(rows_2())).await.expect("written");
    let text = serde_json::to_string_pretty(&files).expect("JSON");
    std::fs::write(directory(bailiwick_lake::SCHEMA_VERSION).join("files.json"), text + "\n").expect("written");
}
