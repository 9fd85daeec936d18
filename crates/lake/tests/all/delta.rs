//! The published table, read as the Delta protocol says: version by version, or from the last checkpoint.

use std::collections::BTreeSet;
use std::path::Path;

use bailiwick_lake::{CHECKPOINT_EVERY, FileEntry, Lake, Published};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::rows::{DAY, lake, row, search, shared};

fn begin() -> Published {
    Published { id: "1b671a64-40d5-491e-99b0-da01ff1f3341".into(), ..Published::default() }
}

fn version(root: &Path, number: u64) -> Vec<Value> {
    let text = std::fs::read_to_string(root.join(format!("_delta_log/{number:020}.json"))).expect("a version");
    text.lines().map(|line| serde_json::from_str(line).expect("an action")).collect()
}

/// The files a reader finds that starts with nothing but the directory.
fn read(root: &Path) -> BTreeSet<String> {
    let pointer = std::fs::read_to_string(root.join("_delta_log/_last_checkpoint")).ok();
    let checkpoint = pointer.map(|text| serde_json::from_str::<Value>(&text).expect("a pointer")["version"].as_u64().expect("a number"));
    let mut files = checkpoint.map(|number| of_checkpoint(root, number)).unwrap_or_default();
    let mut next = checkpoint.map_or(0, |number| number + 1);
    while root.join(format!("_delta_log/{next:020}.json")).exists() {
        for action in version(root, next) {
            let path = |kind: &str| action[kind]["path"].as_str().map(str::to_owned);
            if let Some(path) = path("remove") {
                assert!(files.remove(&path), "{path} was there");
            }
            if let Some(path) = path("add") {
                assert!(files.insert(path.clone()), "{path} is new");
            }
        }
        next += 1;
    }
    files
}

fn of_checkpoint(root: &Path, number: u64) -> BTreeSet<String> {
    let file = std::fs::File::open(root.join(format!("_delta_log/{number:020}.checkpoint.parquet"))).expect("a checkpoint");
    let mut files = BTreeSet::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file").build().expect("a reader") {
        let batch = batch.expect("a batch");
        let adds = batch.column_by_name("add").expect("a column").as_struct();
        let paths = adds.column_by_name("path").expect("a column").as_string::<i32>();
        files.extend((0..batch.num_rows()).filter(|at| adds.is_valid(*at)).map(|at| paths.value(at).to_owned()));
    }
    files
}

fn paths(files: &[FileEntry]) -> BTreeSet<String> {
    files.iter().map(|file| file.path.clone()).collect()
}

async fn one(lake: &Lake, number: usize) -> FileEntry {
    lake.write(&format!("f{number}"), &shared([row(number, DAY + number as i64, "x")])).await.expect("written").remove(0)
}

#[tokio::test]
async fn the_table_follows_the_list_and_a_merge_is_one_version() {
    let (directory, lake) = lake();
    let root = directory.path().join("lake");
    let mut published = begin();
    assert!(lake.publish(&mut published, &[], DAY).await.expect("published").is_some(), "an empty table is a table");
    let head = version(&root, 0);
    assert_eq!(head[1]["protocol"], serde_json::json!({"minReaderVersion": 1, "minWriterVersion": 2}));
    assert_eq!(head[2]["metaData"]["partitionColumns"], serde_json::json!(["day"]));
    let (a, b) = (one(&lake, 1).await, one(&lake, 2).await);
    let done = lake.publish(&mut published, &[a.clone(), b.clone()], DAY).await.expect("published").expect("a version");
    assert_eq!((done.added.len(), done.removed.len()), (2, 0));
    assert_eq!(lake.publish(&mut published, &[a.clone(), b.clone()], DAY).await.expect("published"), None);
    let merged = lake.compact(&[a.clone(), b.clone()], bailiwick_lake::Level::Hot).await.expect("merged");
    lake.publish(&mut published, &merged, DAY).await.expect("published");
    assert_eq!((published.version, read(&root)), (Some(2), paths(&merged)));
    let kinds: Vec<String> = version(&root, 2).iter().flat_map(|action| action.as_object().expect("an object").keys().cloned()).collect();
    assert_eq!(kinds, ["commitInfo", "remove", "remove", "add"]);
    assert_eq!(lake.count(&merged, &[], &search("*")).await.expect("a count"), 2);
}

#[tokio::test]
async fn a_crash_between_the_version_and_its_note_changes_nothing() {
    let (directory, lake) = lake();
    let root = directory.path().join("lake");
    let mut published = begin();
    let a = one(&lake, 1).await;
    lake.publish(&mut published, std::slice::from_ref(&a), DAY).await.expect("published");
    let (noted, b, c) = (published.clone(), one(&lake, 2).await, one(&lake, 3).await);
    lake.publish(&mut published, &[a.clone(), b.clone()], DAY).await.expect("published");
    // The note of it is lost, and meanwhile the list went on: b is gone again, c is new.
    let mut published = noted;
    let done = lake.publish(&mut published, &[a.clone(), c.clone()], DAY + 1).await.expect("published").expect("versions");
    assert_eq!((done.added, done.removed), (vec![b.path.clone(), c.path.clone()], vec![b.path]));
    assert_eq!((published.version, read(&root)), (Some(2), paths(&[a.clone(), c])));
    // Somebody else's version stops it: two writers would undo each other.
    std::fs::write(root.join("_delta_log/00000000000000000003.json"), "{\"commitInfo\":{\"engineInfo\":\"other\"}}\n").expect("written");
    let error = lake.publish(&mut published, &[a], DAY).await.expect_err("another writer");
    assert!(error.to_string().contains("another writer"), "{error}");
}

#[tokio::test]
async fn the_log_stays_small() {
    let (directory, lake) = lake();
    let root = directory.path().join("lake");
    let (mut published, mut files) = (begin(), Vec::new());
    for number in 0..usize::try_from(CHECKPOINT_EVERY).expect("small") * 3 + 10 {
        files.push(one(&lake, number).await);
        if number % 3 == 2 {
            files.remove(0);
        }
        lake.publish(&mut published, &files, DAY).await.expect("published");
    }
    assert_eq!(read(&root), paths(&files));
    assert_eq!(published.files.keys().cloned().collect::<BTreeSet<_>>(), paths(&files));
    let log = std::fs::read_dir(root.join("_delta_log")).expect("a log").count() as u64;
    assert!(log <= 2 * CHECKPOINT_EVERY + 4, "{log} files");
}
