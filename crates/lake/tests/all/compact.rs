//! Merging and rewriting: the same rows, fewer files, little memory, every version.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bailiwick_lake::{FileEntry, Lake, LakeError, Level, Limits, Row, next_job};
use proptest::prelude::*;

use crate::rows::{DAY, SECOND, ids, row, search, shared};

const HOUR: i64 = 3600 * SECOND;

fn lake() -> (tempfile::TempDir, Lake) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let lake = Lake::open(directory.path().join("lake"), Limits { background_percent: 100, ..Limits::default() }).expect("a lake");
    (directory, lake)
}

async fn all(lake: &Lake, files: &[FileEntry]) -> Vec<Row> {
    let mut rows = Vec::new();
    for chunk in ids(lake, files, &[], search("*")).await.chunks(1000) {
        rows.extend(lake.get(files, &[], chunk).await.expect("rows"));
    }
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_keeps_every_row_in_order_and_can_be_done_again() {
    let (directory, lake) = lake();
    let mut files = Vec::new();
    // Five files whose times run through each other, one of them all at one moment.
    for at in 0..5_usize {
        let time = |n: usize| if at == 4 { DAY + 777 } else { DAY + (n * 7919 % 20_000) as i64 * SECOND };
        let rows =
            shared((0..4000).map(|n| row(at * 4000 + n, time(n), &format!("file{at} row{n}"))).map(|row| Row { receipt_time: DAY + HOUR, ..row }));
        files.extend(lake.write(&format!("f{at}"), &rows).await.expect("written"));
    }
    let before = all(&lake, &files).await;
    let merged = lake.compact(&files, Level::Hot).await.expect("merged");
    assert_eq!(merged.len(), 1);
    assert!(merged[0].path.starts_with("day=2026-01-31/warm-") && merged[0].path.ends_with(".continuous.parquet"), "{}", merged[0].path);
    let sum = |of: fn(&FileEntry) -> u64| files.iter().map(of).sum::<u64>();
    assert_eq!((merged[0].rows, merged[0].raw_bytes), (sum(|f| f.rows), sum(|f| f.raw_bytes)));
    assert_eq!(merged[0].min_time, files.iter().map(|f| f.min_time).min().unwrap_or(0));
    assert_eq!(merged[0].max_receipt, DAY + HOUR);
    assert_eq!(all(&lake, &merged).await, before);
    assert_eq!(lake.count(&merged, &[], &search("file4")).await.expect("a count"), 4000);
    assert_eq!(ids(&lake, &merged, &[], search("file4 row3999")).await, ["00019999"]);
    // A crash before the list is written: the same again, in any order of the inputs.
    let bytes = std::fs::read(directory.path().join("lake").join(&merged[0].path)).expect("a file");
    let mut again = files.clone();
    again.reverse();
    assert_eq!(lake.compact(&again, Level::Hot).await.expect("merged"), merged);
    assert_eq!(std::fs::read(directory.path().join("lake").join(&merged[0].path)).expect("a file"), bytes);
    // Harder, from the merged file alone, and never again.
    let cold = lake.compact(&merged, Level::Cold).await.expect("merged");
    assert!(cold[0].bytes < merged[0].bytes && cold[0].path.contains("/cold-"));
    assert_eq!(all(&lake, &cold).await, before);
    assert_eq!(next_job(&cold, DAY + 100 * 24 * HOUR, Some(7)), None);
    // What is merged is removed like any file that is not listed.
    let removed = lake.remove_unlisted(&cold, &[files[0].path.clone()], None).await.expect("removed");
    assert!(removed.contains(&merged[0].path) && removed.contains(&files[1].path) && !removed.contains(&files[0].path));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_do_not_belong_together_are_refused_and_damage_is_named() {
    let (directory, lake) = lake();
    let at = |name: &'static str, tier: &'static str, day: i64| {
        let rows = shared((0..3).map(|n| Row { tier: tier.into(), ..row(n, DAY + day * 24 * HOUR + n as i64, name) }));
        let lake = lake.clone();
        async move { lake.write(name, &rows).await.expect("written").remove(0) }
    };
    let (one, tier, day) = (at("a", "continuous", 0).await, at("b", "frequent", 0).await, at("c", "continuous", 1).await);
    for (first, second) in [(&one, &tier), (&one, &day)] {
        let error = lake.compact(&[first.clone(), second.clone()], Level::Hot).await.expect_err("apart");
        assert!(error.to_string().starts_with("inputs:"), "{error}");
    }
    assert!(lake.compact(&[], Level::Hot).await.is_err());
    let path = directory.path().join("lake").join(&one.path);
    std::fs::write(&path, vec![0; usize::try_from(one.bytes).expect("small")]).expect("written");
    match lake.compact(std::slice::from_ref(&one), Level::Hot).await.expect_err("damage") {
        LakeError::File { path, .. } => assert_eq!(path, one.path),
        other => panic!("{other}"),
    }
    let left: Vec<_> = std::fs::read_dir(path.parent().expect("a folder")).expect("a folder").flatten().map(|item| item.file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("warm")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rewrite_changes_rows_and_keeps_ids() {
    let (_directory, lake) = lake();
    let failed =
        |n: usize| Row { record_type: "FailedRecord".into(), reason_code: Some("NO_PARSER".into()), ..row(n, DAY + n as i64, &format!("odd {n}")) };
    let files =
        lake.write("a", &shared((0..3000).map(|n| if n % 3 == 0 { failed(n) } else { row(n, DAY + n as i64, "fine") }))).await.expect("written");
    let change = |row: Row| match row.reason_code {
        // The parser that was mended finds the time the event had two days ago, or an hour ago.
        Some(_) if row.id.ends_with('0') => {
            Row { record_type: "Authentication".into(), reason_code: None, event_time: row.event_time - 48 * HOUR, ..row }
        }
        Some(_) => Row { record_type: "Authentication".into(), reason_code: None, event_time: row.event_time - HOUR, ..row },
        None => row,
    };
    let rewritten = lake.rewrite(&files, change).await.expect("rewritten");
    assert_eq!(rewritten.iter().map(|file| file.rows).sum::<u64>(), 3000);
    assert_eq!(rewritten.len(), 3, "those that stayed, those moved a little, those moved far: {rewritten:?}");
    assert_eq!(rewritten.iter().filter(|file| file.path.ends_with(".late.parquet")).count(), 1);
    let (before, after) = (ids(&lake, &files, &[], search("*")).await, ids(&lake, &rewritten, &[], search("*")).await);
    assert_eq!(before.iter().collect::<BTreeSet<_>>(), after.iter().collect::<BTreeSet<_>>());
    assert_eq!(after.len(), 3000);
    assert_eq!(lake.count(&rewritten, &[], &search("record_type:FailedRecord")).await.expect("a count"), 0);
    let error = lake.rewrite(&files, |row| Row { id: "other".into(), ..row }).await.expect_err("another id");
    assert!(error.to_string().starts_with("change:"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_version_1_are_merged_into_the_current_one() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1");
    let text = std::fs::read_to_string(fixture.join("files.json")).expect("the list of the fixture");
    let old: Vec<FileEntry> = serde_json::from_str(&text).expect("a list of files");
    let (directory, lake) = lake();
    for file in &old {
        let to = directory.path().join("lake").join(&file.path);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        std::fs::copy(fixture.join(&file.path), to).expect("copied");
    }
    let before = all(&lake, &old).await;
    let merged = lake.compact(&old[..1], Level::Cold).await.expect("merged");
    assert_eq!(all(&lake, &merged).await, all(&lake, &old[..1]).await);
    assert!(merged[0].max_receipt > 0, "what version 1 did not keep is known now");
    assert_eq!(all(&lake, &[&merged, &old[1..]].concat()).await, before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_is_merged_in_whatever_order_no_row_is_lost_or_changed(
        sizes in prop::collection::vec(1_usize..200, 1..12),
        times in prop::collection::vec(-3_i64..3, 40),
        steps in 1_usize..6,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (_directory, lake) = lake();
            let (mut files, mut id) = (Vec::new(), 0);
            for (at, size) in sizes.iter().enumerate() {
                let rows: Vec<Arc<Row>> = shared((0..*size).map(|n| {
                    id += 1;
                    let tier = ["continuous", "frequent", "infrequent"][id % 3];
                    let time = DAY + times[(id * 31 + n) % times.len()] * 20 * HOUR + id as i64;
                    Row { tier: tier.into(), receipt_time: DAY + (at % 2) as i64 * 24 * HOUR, ..row(id, time, "x") }
                }));
                files.extend(lake.write(&format!("f{at}"), &rows).await.expect("written"));
            }
            let before = all(&lake, &files).await;
            for _ in 0..steps {
                let Some(job) = next_job(&files, DAY + 3 * 24 * HOUR, None) else { break };
                let merged = lake.compact(&job.inputs, job.level).await.expect("merged");
                files.retain(|file| !job.inputs.contains(file));
                files.extend(merged);
            }
            assert_eq!(all(&lake, &files).await, before);
        });
    }
}

/// The most memory this process has had since the last call, bytes; Linux only.
fn peak_since_reset() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    std::fs::write("/proc/self/clear_refs", "5").expect("reset");
    kilobytes << 10
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a million rows: some minutes; prints time and memory"]
async fn a_million_rows_are_merged_in_little_memory() {
    let (_directory, lake) = lake();
    let mut files = Vec::new();
    for at in 0..20_usize {
        let event = |n: usize| {
            let number = at * 50_000 + n;
            let noise = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let message = format!(
                "An account failed to log on. Attempt {number}, session {noise:016x}, process C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s Schedule {:08x}",
                noise >> 7
            );
            row(number, DAY + number as i64 * 50_000, &message)
        };
        files.extend(lake.write(&format!("f{at:02}"), &shared((0..50_000).map(event))).await.expect("written"));
    }
    peak_since_reset();
    let (before, started) = (peak_since_reset(), std::time::Instant::now());
    let merged = lake.compact(&files, Level::Hot).await.expect("merged");
    let (peak, took) = (peak_since_reset(), started.elapsed());
    let sum =
        |files: &[FileEntry]| (files.len(), files.iter().map(|f| f.rows).sum::<u64>(), files.iter().map(|f| f.bytes + f.index_bytes).sum::<u64>());
    eprintln!("{:?} -> {:?} in {took:?}; {} MiB before, {} MiB at the most", sum(&files), sum(&merged), before >> 20, peak >> 20);
    assert!(peak.saturating_sub(before) <= 256 << 20);
}
