//! Two hundred thousand rows, in the profile of the tests.

use std::time::{Duration, Instant};

use bailiwick_lake::{Row, Search};
use serde_json::json;

use crate::rows::{DAY, SECOND, lake, row, search, shared, with};

const ROWS: usize = 200_000;

fn event(number: usize) -> Row {
    let message = format!("An account failed to log on. Attempt {number}, session {:x}", number.wrapping_mul(2_654_435_761));
    let ecs = json!({"host.name": format!("HOST-{}", number % 50), "user.name": format!("user{}", number % 300), "source.ip": format!("10.0.{}.{}", number / 250 % 250, number % 250), "source.port": number % 60_000});
    with(row(number, DAY + number as i64 * SECOND, &message), ecs, json!({"EventID": 4625, "LogonType": number % 11, "Message": message}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_thousand_rows_are_written_and_searched() {
    let (_directory, lake) = lake();
    let rows = shared((0..ROWS).map(event));
    let started = Instant::now();
    let (stored, tail) = rows.split_at(ROWS - 10_000);
    let mut files = Vec::new();
    for (at, rows) in stored.chunks(95_000).enumerate() {
        files.extend(lake.write(&format!("f{at}"), rows).await.expect("written"));
    }
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    eprintln!("wrote {} rows in {:?}, {} bytes a row", stored.len(), started.elapsed(), bytes / stored.len() as u64);
    let mut total = Duration::ZERO;
    for (query, expected) in [
        ("*", 200_000),
        ("\"Attempt 123456,\"", 1),
        ("host.name:host-7 AND LogonType:3", 364),
        ("source.ip:10.0.3.7", 4),
        ("session NOT user.name:user1*", 125_963),
        ("absolutely-absent", 0),
    ] {
        let started = Instant::now();
        let page = lake.search(&files, tail, &Search { limit: 100, ..search(query) }).await.expect("a page");
        let searched = started.elapsed();
        let count = lake.count(&files, tail, &search(query)).await.expect("a count");
        eprintln!("{query}: page {searched:?}, page and count {:?}, {count} rows", started.elapsed());
        total += started.elapsed();
        assert_eq!(count, expected, "{query}");
        assert_eq!(page.rows.len() as u64, count.min(100), "{query}");
    }
    assert!(total < Duration::from_secs(60), "searching took {total:?}");
}
