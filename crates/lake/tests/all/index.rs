//! The index: it leaves out what cannot match, and nothing else.

use std::path::Path;
use std::sync::Arc;

use bailiwick_lake::{Engine, FileEntry, Index, Lake, LakeError, Limits, Row};
use proptest::prelude::*;
use serde_json::json;

use crate::rows::{AsRaw, DAY, SECOND, ids, lake, row, search, shared, with};

const ROWS: usize = 20_000;

fn event(n: usize) -> Row {
    let user = if n == 12_345 { "Mallory".to_owned() } else { format!("user{}", n % 97) };
    let message = format!("request {n} of {user} took {} ms, trace {:x}-{:04x}", n % 50, n.wrapping_mul(2_654_435_761), n % 65_521);
    let ecs = json!({"host.name": format!("Web-{}.example.net", n % 40), "user.name": user, "source.ip": format!("10.{}.{}.7", n / 250, n % 250),
        "source.port": 1024 + n % 60_000, "event.category": ["web"]});
    let fields = json!({"Message": message, "data": {"Task": format!("T-{n}"), "size": n as f64 / 2.0, "ok": n.is_multiple_of(2)}});
    with(Row { event_code: Some(format!("{}", 4000 + n % 700)), ..row(n, DAY + n as i64 * SECOND, &message) }, ecs, fields)
}

/// Overwrites a file with something of the same size that nothing can be read from.
fn spoil(path: &Path) {
    let bytes = std::fs::metadata(path).expect("a file").len();
    std::fs::write(path, vec![0xff; bytes as usize]).expect("written");
}

#[tokio::test]
async fn a_file_that_cannot_match_is_not_opened() {
    let (directory, lake) = lake();
    let files = lake.write("a", &shared((0..3000).map(event))).await.expect("written");
    spoil(&directory.path().join("lake").join(&files[0].path));
    for query in [
        "absent",
        "\"request 77 of nobody\"",
        "*qqq*",
        "requ*xyzzy",
        "user.name:nobody",
        "host.name:web-99.example.net",
        "source.ip:10.99.1.7",
        "source.port:999999",
        "event.code:9999",
        "event.category:mail",
        "data.Task:T-9999",
        "data.Nothing:*",
        "data.Task:xyz* AND request",
        "request AND (absent OR missing)",
        "request absent",
        "id:00000001 absent",
    ] {
        assert_eq!(ids(&lake, &files, &[], search(query)).await, [""; 0], "{query}");
    }
    for query in ["request", "*", "NOT absent", "absent OR request", "user.name:USER7", "data.Task:t-77", "*eques*", "source.ip:10.0.0.0/8"] {
        let answer = lake.search(&files, &[], &search(query)).await;
        assert!(matches!(&answer, Err(LakeError::File { path, .. }) if *path == files[0].path), "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn what_is_found_with_the_index_is_found_without() {
    let (_directory, lake) = lake();
    let rows = shared((0..ROWS).map(event));
    let files = lake.write("a", &rows).await.expect("written");
    assert!(files[0].index_bytes > 0);
    let bare: Vec<FileEntry> = files.iter().map(|file| FileEntry { index_bytes: 0, ..file.clone() }).collect();
    for (query, expected) in [
        ("mallory", Some(1)),
        ("MALLORY OR absent", Some(1)),
        ("user.name:mallory", Some(1)),
        ("data.Task:T-19999", Some(1)),
        ("data.task:t-1?", Some(10)),
        ("data.size:7.5", Some(1)),
        ("data.size:7", Some(1)),
        ("data.ok:true user.name:user7", None),
        ("source.ip:10.4.3.7", Some(1)),
        ("source.port:1030", Some(1)),
        ("event.code:4001 host.name:web-1.example.net", None),
        ("host.name:*b-13.*", Some(500)),
        ("took", Some(ROWS)),
        ("*00ff*", None),
        ("\"request 15000 of\"", Some(1)),
        ("\"request 1500\"*", Some(11)),
        ("event.category:web mallory", Some(1)),
        ("NOT took", Some(0)),
        ("request 4", None),
        ("message:mallory", Some(1)),
        ("_raw:mallory", Some(1)),
    ] {
        let with = lake.count(&files, &[], &search(query)).await.expect("a count");
        let without = lake.count(&bare, &[], &search(query)).await.expect("a count");
        assert_eq!(with, without, "{query}");
        assert!(expected.is_none_or(|expected| expected as u64 == with), "{query}: {with}");
        assert_eq!(ids(&lake, &files, &[], search(query)).await, ids(&lake, &bare, &[], search(query)).await, "{query}");
    }
}

#[tokio::test]
async fn fields_that_follow_from_the_raw_text_are_searched_without_being_kept() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let engine = Engine::new(Limits::default()).expect("an engine").deriving(Arc::new(AsRaw));
    let lake = Lake::open_on(directory.path(), &engine).expect("a lake");
    let derived = |n: usize, way: &'static str, added: Option<&str>| {
        let raw = json!({"Data": {"Path": "C:\\x\ty"}, "TargetUserName": format!("Alice{n}")}).to_string();
        let mut fields: serde_json::Value = serde_json::from_str(&raw).expect("JSON");
        if let Some(added) = added {
            fields["Extra"] = serde_json::from_str::<serde_json::Value>(added).expect("JSON")["Extra"].clone();
        }
        Row { raw, fields: fields.to_string(), way: Some(way.into()), added: added.map(str::to_owned), ..row(n, DAY + n as i64, "some message") }
    };
    let rows = shared([derived(1, "raw", None), derived(2, "more", Some(r#"{"Extra":"Zürich"}"#)), derived(3, "raw", None), row(4, DAY, "x")]);
    let files = lake.write("a", &rows).await.expect("written");
    for (query, expected) in [
        ("TargetUserName:alice2", &["00000002"][..]),
        ("targetusername:ALICE*", &["00000003", "00000002", "00000001"]),
        ("Extra:zürich", &["00000002"]),
        ("Extra:*", &["00000002"]),
        ("NOT TargetUserName:*", &["00000004"]),
        ("Data.Path:\"c:\\x\ty\"", &["00000003", "00000002", "00000001"]),
    ] {
        assert_eq!(ids(&lake, &files, &[], search(query)).await, expected, "{query}");
        assert_eq!(ids(&lake, &[], &rows, search(query)).await, expected, "{query} in the tail");
    }
    let mut found = lake.search(&files, &[], &search("*")).await.expect("a page").rows;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(found, rows.iter().map(|row| Row::clone(row)).collect::<Vec<_>>());
    // A lake that knows no such way says so.
    let other = Lake::open(directory.path().to_path_buf(), Limits::default()).expect("a lake");
    let error = other.search(&files, &[], &search("*")).await.expect_err("no way").to_string();
    assert!(error.contains("do not follow") && error.contains("0000000"), "{error}");
    let error = other.search(&files, &[], &search("TargetUserName:*")).await.expect_err("no way").to_string();
    assert!(error.contains("do not follow") && error.contains(&files[0].path), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_an_index_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Index::open(bytes).is_err());
    }
}
