//! Files of earlier versions are still read: `tests/fixtures/v1` was written by version 1 and must never be written again.

use std::path::{Path, PathBuf};

use bailiwick_lake::{FileEntry, Lake, Limits, Row};
use serde_json::json;

use crate::rows::{DAY, SECOND, ids, row, search, shared, with};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1")
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

#[tokio::test]
async fn version_1_is_read() {
    let text = std::fs::read_to_string(directory().join("files.json")).expect("the list of the fixture");
    let files: Vec<FileEntry> = serde_json::from_str(&text).expect("a list of files");
    let lake = Lake::open(directory(), Limits::default()).expect("a lake");
    assert_eq!(lake.search(&files, &[], &search("*")).await.expect("a page").rows, rows());
    for query in [
        "host.name:dc-1",
        "source.ip:10.0.0.7",
        "source.port:>50000",
        "Logon.Type:3",
        "event.code:4625",
        "event.category:authentication",
        "\"failed to\"",
    ] {
        assert_eq!(ids(&lake, &files, &[], search(query)).await, ["00000002"], "{query}");
    }
}

#[tokio::test]
#[ignore = "writes the fixture of the current version"]
async fn write_the_fixture() {
    let lake = Lake::open(directory(), Limits::default()).expect("a lake");
    let files = lake.write("fixture", &shared(rows())).await.expect("written");
    let text = serde_json::to_string_pretty(&files).expect("JSON");
    std::fs::write(directory().join("files.json"), text + "\n").expect("written");
}
