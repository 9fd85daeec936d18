use super::*;
use bailiwick_api::{Format, SourceId};
use bailiwick_chassis::tasks::Tasks;
use bytes::Bytes;
use proptest::prelude::*;
use std::{fs::OpenOptions, io::Write, sync::Arc};
use tokio::sync::{Semaphore, mpsc};

fn batch(number: i64, lines: &[&str]) -> Batch {
    let one =
        |l: &&str| Event { id: l.starts_with('a').then(|| format!("id of {l}")), ..Event::new(Bytes::copy_from_slice(l.as_bytes()), l.len() as u32) };
    let events = lines.iter().map(one).collect();
    Batch {
        received: number,
        source: SourceId::from("src"),
        format: Format::Auto,
        idempotency_key: Some(format!("key-{number}")),
        events,
        dropped: Vec::new(),
    }
}

async fn append_all(dir: &std::path::Path, from: Position, numbers: std::ops::Range<i64>) -> Vec<Logged> {
    let (logged, mut seen) = mpsc::unbounded_channel();
    let wal = Wal::start(dir.to_owned(), from, logged, &Tasks::new(), Arc::new(Semaphore::new(1))).unwrap();
    let appends = numbers.map(|n| {
        let wal = wal.clone();
        async move { wal.append(batch(n, &["first", "second"])).await.unwrap() }
    });
    futures_util::future::join_all(appends).await;
    let mut all = Vec::new();
    while let Ok(one) = seen.try_recv() {
        all.push(one);
    }
    all
}

#[tokio::test]
async fn what_was_appended_is_read_back_in_order_with_the_same_ids() {
    let dir = tempfile::tempdir().unwrap();
    let written = append_all(dir.path(), Position::default(), 0..100).await;
    let (read, end) = read_from(dir.path(), Position::default()).unwrap();
    let ids = |all: &[Logged]| all.iter().map(|l| l.event_id(1)).collect::<Vec<_>>();
    assert_eq!(ids(&read), ids(&written));
    assert_eq!(read.len(), 100);
    assert_eq!(end, written.last().unwrap().end);
    let half = read[49].end;
    assert_eq!(read_from(dir.path(), half).unwrap().0.len(), 50);
}

#[tokio::test]
async fn a_torn_end_is_cut_off_and_the_log_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let written = append_all(dir.path(), Position::default(), 0..3).await;
    let path = segment_path(dir.path(), 1);
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"\x40\0\0\0half a frame").unwrap();
    let (read, end) = read_from(dir.path(), Position::default()).unwrap();
    assert_eq!((read.len(), end), (3, written[2].end));
    append_all(dir.path(), end, 3..5).await;
    assert_eq!(read_from(dir.path(), Position::default()).unwrap().0.len(), 5);
}

#[tokio::test]
async fn damage_in_an_older_segment_is_an_error_that_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    append_all(dir.path(), Position::default(), 0..3).await;
    append_all(dir.path(), Position { segment: 2, offset: 0 }, 3..4).await;
    let path = segment_path(dir.path(), 1);
    let mut data = std::fs::read(&path).unwrap();
    data[20] ^= 1;
    std::fs::write(&path, data).unwrap();
    let error = read_from(dir.path(), Position::default()).unwrap_err();
    assert!(error.to_string().contains("0000000000000001.wal"), "{error}");
}

#[tokio::test]
async fn damage_before_the_last_sync_is_an_error_and_not_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let first = append_all(dir.path(), Position::default(), 0..3).await;
    let end = first.last().unwrap().end;
    append_all(dir.path(), end, 3..6).await;
    let path = segment_path(dir.path(), 1);
    let whole = std::fs::read(&path).unwrap();
    let damage = |at: usize| {
        let mut data = whole.clone();
        data[at] ^= 1;
        std::fs::write(&path, data).unwrap();
        read_from(dir.path(), Position::default())
    };
    assert!(matches!(damage(30), Err(WalError::Damaged { .. })));
    // Nothing says the last group was synced, so what a crash may have torn there is cut off.
    assert_eq!(damage(whole.len() - 1).unwrap().0.len(), 5);
}

proptest! {
    #[test]
    fn any_batch_survives_and_any_bytes_are_no_panic(lines in proptest::collection::vec(".{0,40}", 0..20), noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let one = batch(7, &lines);
        let mut out = Vec::new();
        one.encode(0, &mut out);
        prop_assert_eq!(Batch::decode(Bytes::from(out[frame::HEADER_BYTES..].to_vec())), Some(one));
        let _maybe = Batch::decode(Bytes::from(noise));
    }
}
