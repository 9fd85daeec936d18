//! Pages, times and the moving border between the tail and the files.

use std::sync::Arc;
use std::time::Duration;

use bailiwick_lake::{Cursor, Lake, LakeError, Limits, Row, Search};

use crate::rows::{DAY, SECOND, ids, lake, row, search, shared};

#[tokio::test]
async fn each_row_is_seen_once_while_rows_are_added_and_moved() {
    let (_directory, lake) = lake();
    // Many rows share a time, so that the id has to decide.
    let make = |from: usize, to: usize| shared((from..to).map(|n| row(n, DAY + (n / 7) as i64 * 9_000 * SECOND, "x")));
    let mut files = lake.write("a", &make(0, 90)).await.expect("written");
    let mut tail = make(90, 150);
    let mut expected: Vec<(i64, String)> = make(0, 150).iter().map(|row| (row.event_time, row.id.clone())).collect();
    expected.sort_by(|a, b| b.cmp(a));
    let mut seen = Vec::new();
    let mut query = Search { limit: 11, ..search("x") };
    let mut next_id = 150;
    loop {
        let page = lake.search(&files, &tail, &query).await.expect("a page");
        assert!(page.rows.len() <= 11);
        seen.extend(page.rows.into_iter().map(|row| (row.event_time, row.id)));
        let Some(next) = page.next else { break };
        query.after = Some(next);
        // Newer rows arrive, and now and then the tail becomes files.
        tail.extend(make(next_id, next_id + 5).into_iter().map(|row| Arc::new(Row { event_time: DAY + 900_000 * SECOND, ..Row::clone(&row) })));
        next_id += 5;
        if next_id % 20 == 0 {
            files.extend(lake.write(&format!("b{next_id}"), &tail).await.expect("written"));
            tail.clear();
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn times_are_half_open_and_files_outside_them_are_not_opened() {
    let (directory, lake) = lake();
    let rows = shared((0..6).map(|n| row(n, DAY + n as i64 * 43_200 * SECOND, "x")));
    let files = lake.write("a", &rows[..4]).await.expect("written");
    let tail = &rows[4..];
    let between = |from: i64, to: i64| Search { from: Some(rows[from as usize].event_time), to: Some(rows[to as usize].event_time), ..search("*") };
    assert_eq!(ids(&lake, &files, tail, between(1, 5)).await, ["00000004", "00000003", "00000002", "00000001"]);
    assert_eq!(lake.count(&files, tail, &between(1, 5)).await.expect("a count"), 4);
    assert_eq!(ids(&lake, &files, tail, Search { to: Some(DAY), ..search("*") }).await, [""; 0]);
    std::fs::remove_file(directory.path().join("lake").join(&files[0].path)).expect("removed");
    assert_eq!(ids(&lake, &files, tail, between(2, 4)).await, ["00000003", "00000002"]);
    let after = Cursor { event_time: rows[4].event_time, id: rows[4].id.clone() };
    let from = Some(rows[2].event_time);
    assert_eq!(ids(&lake, &files, tail, Search { from, after: Some(after), ..search("*") }).await, ["00000003", "00000002"]);
    assert!(matches!(lake.search(&files, tail, &between(1, 4)).await, Err(LakeError::File { .. })));
}

#[tokio::test]
async fn a_page_opens_no_more_files_than_it_needs() {
    let (directory, lake) = lake();
    let mut files = Vec::new();
    for part in 0..3_usize {
        let rows = shared((0..100).map(|n| row(part * 100 + n, DAY + (part * 100 + n) as i64 * SECOND, "x")));
        files.extend(lake.write(&format!("f{part}"), &rows).await.expect("written"));
    }
    let oldest = directory.path().join("lake").join(&files[0].path);
    let bytes = std::fs::metadata(&oldest).expect("a file").len();
    std::fs::write(&oldest, vec![0xff; bytes as usize]).expect("written");
    let page = lake.search(&files, &[], &Search { limit: 150, ..search("x") }).await.expect("a page");
    assert_eq!((page.rows.len(), page.rows[149].id.as_str()), (150, "00000150"));
    let after = lake.search(&files, &[], &Search { limit: 150, after: page.next, ..search("x") }).await;
    assert!(matches!(&after, Err(LakeError::File { path, .. }) if *path == files[0].path), "{after:?}");
}

#[tokio::test]
async fn rows_of_one_time_are_in_the_order_of_their_ids_over_blocks_files_and_the_tail() {
    let (_directory, lake) = lake();
    let all = shared((0..12_000).map(|n| row(n, DAY + (n / 7000) as i64, if n % 3 == 0 { "third" } else { "other" })));
    let part = |of: usize| all.iter().filter(|row| part_of(&row.id, of)).cloned().collect::<Vec<_>>();
    let mut files = lake.write("a", &part(0)).await.expect("written");
    files.extend(lake.write("b", &part(1)).await.expect("written"));
    let tail: Vec<_> = all.iter().filter(|row| !part_of(&row.id, 0) && !part_of(&row.id, 1)).cloned().collect();
    let mut expected: Vec<&str> = all.iter().map(|row| row.id.as_str()).collect();
    expected.reverse();
    assert_eq!(ids(&lake, &files, &tail, Search { limit: 997, ..search("*") }).await, expected);
    expected.retain(|id| number(id).is_multiple_of(3));
    assert_eq!(ids(&lake, &files, &tail, Search { limit: 997, ..search("third") }).await, expected);
}

fn number(id: &str) -> usize {
    id.parse().expect("a number")
}

fn part_of(id: &str, of: usize) -> bool {
    number(id) % 3 == of || number(id) % 5 == of
}

#[tokio::test]
async fn a_row_in_both_file_and_tail_is_shown_once() {
    let (_directory, lake) = lake();
    let rows = shared((0..5).map(|n| row(n, DAY, "x")));
    let files = lake.write("a", &rows).await.expect("written");
    let seen = ids(&lake, &files, &rows[2..], Search { limit: 2, ..search("x") }).await;
    assert_eq!(seen, ["00000004", "00000003", "00000002", "00000001", "00000000"]);
}

#[tokio::test]
async fn a_page_is_cut_by_its_bytes_and_goes_on() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let limits = Limits { page_bytes: 2_500, ..Limits::default() };
    let lake = Lake::open(directory.path().to_path_buf(), limits).expect("a lake");
    let rows = shared((0..5).map(|n| Row { raw: "r".repeat(if n == 4 { 9_000 } else { 1_000 }), ..row(n, DAY, "x") }));
    let files = lake.write("a", &rows).await.expect("written");
    let mut query = search("*");
    let mut lengths = Vec::new();
    loop {
        let page = lake.search(&files, &[], &query).await.expect("a page");
        lengths.push(page.rows.len());
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    assert_eq!(lengths, [1, 2, 2]);
}

#[tokio::test]
async fn a_late_search_is_stopped() {
    let (_directory, lake) = lake();
    let rows = shared((0..20_000).map(|n| row(n, DAY, "x")));
    let files = lake.write("a", &rows).await.expect("written");
    let late = Search { deadline: Duration::from_micros(1), ..search("*late* OR absent:1") };
    assert!(matches!(lake.search(&files, &rows, &late).await, Err(LakeError::Deadline)));
    assert!(matches!(lake.count(&files, &rows, &late).await, Err(LakeError::Deadline)));
    assert_eq!(lake.count(&files, &[], &search("x")).await.expect("a count"), 20_000);
}
