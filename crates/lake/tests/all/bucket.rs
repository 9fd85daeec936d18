//! A lake in a bucket, against a real S3-compatible server: everything a disk does, and what happens when the store is away.

use std::time::{Duration, Instant};

use bailiwick_lake::{Engine, FileEntry, Lake, LakeError, Level, Limits, Published, Search};

use crate::rows::{DAY, SECOND, ids, row, search, shared};
use crate::s3::S3;

const PATIENT: Duration = Duration::from_secs(20);

async fn server() -> (tempfile::TempDir, S3) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let server = S3::start(directory.path().join("s3")).await;
    (directory, server)
}

fn engine(server: &S3, prefix: &str, deadline: Duration) -> Engine {
    Engine::on_bucket(Limits { background_percent: 100, ..Limits::default() }, &server.bucket(prefix, deadline)).expect("an engine")
}

fn rows(range: std::ops::Range<usize>, word: &str) -> Vec<std::sync::Arc<bailiwick_lake::Row>> {
    shared(range.map(|n| row(n, DAY + n as i64 * SECOND, &format!("{word} number{n}"))))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_written_found_merged_published_and_removed() {
    let (_directory, server) = server().await;
    let lake = Lake::open_in("acme", "node-1", &engine(&server, "siem/eu", PATIENT)).expect("a lake");
    let mut files = Vec::new();
    for at in 0..4 {
        files.extend(lake.write(&format!("f{at}"), &rows(at * 500..at * 500 + 500, "disk")).await.expect("written"));
    }
    assert_eq!(ids(&lake, &files, &[], search("disk")).await.len(), 2000);
    assert_eq!(lake.get(&files, &[], &["00001234".into()]).await.expect("a row")[0].message, "disk number1234");
    let merged = lake.compact(&files, Level::Cold).await.expect("merged");
    assert_eq!((merged.len(), merged[0].rows), (1, 2000));
    let mut published = Published { id: "4f0c".into(), ..Published::default() };
    lake.publish(&mut published, &files, DAY).await.expect("published");
    lake.publish(&mut published, &merged, DAY).await.expect("published");
    assert_eq!(published.version, Some(1));
    lake.remove(&files.iter().map(|file| file.path.clone()).collect::<Vec<_>>()).await.expect("removed");
    assert_eq!(ids(&lake, &merged, &[], search("number1999")).await, ["00001999"]);
    let keys = server.objects("siem/eu/acme");
    assert!(keys.iter().all(|key| key.starts_with("siem/eu/acme/")), "{keys:?}");
    assert_eq!(keys.iter().filter(|key| key.ends_with(".parquet")).count(), 1, "{keys:?}");
    assert_eq!(keys.iter().filter(|key| key.contains("_delta_log/")).count(), 2, "{keys:?}");
    let lost = lake.write("lost", &rows(9000..9001, "lost")).await.expect("written");
    assert_eq!(lake.remove_unlisted(&merged, &[], Some(0)).await.expect("removed"), [""; 0], "too young to be a left-over");
    let removed = lake.remove_unlisted(&merged, &[], Some(i64::MAX)).await.expect("removed");
    assert!(removed.contains(&lost[0].path) && !removed.contains(&merged[0].path), "{removed:?}");
    assert_eq!(ids(&lake, &merged, &[], search("disk")).await.len(), 2000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_big_file_goes_up_in_parts() {
    let (_directory, server) = server().await;
    let lake = Lake::open_in("acme", "node-1", &engine(&server, "big", PATIENT)).expect("a lake");
    // Text that does not get smaller: 30 MB of it.
    let mut seed = 1_u64;
    let mut noise = |bytes: usize| -> String {
        let next = |seed: &mut u64| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b' ' + 1 + u8::try_from((*seed >> 33) % 90).unwrap_or(0))
        };
        (0..bytes).map(|_| next(&mut seed)).filter(|c| !matches!(c, '"' | '\\')).collect()
    };
    let rows = shared((0..300).map(|n| row(n, DAY + n as i64, &noise(50_000))));
    let files = lake.write("big", &rows).await.expect("written");
    assert!(files[0].bytes > 16 << 20, "{} bytes", files[0].bytes);
    let merged = lake.compact(&files, Level::Cold).await.expect("merged");
    assert!(merged[0].bytes > 16 << 20);
    assert_eq!(lake.get(&merged, &[], &["00000007".into()]).await.expect("a row")[0], *rows[7]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_lakes_of_one_store_never_meet_and_a_folder_has_one_owner() {
    let (_directory, server) = server().await;
    let engine = engine(&server, "", PATIENT);
    let open = |name: &str| Lake::open_in(name, "node-1", &engine).expect("a lake");
    let (one, two) = (open("one"), open("two"));
    let files = one.write("a", &shared([row(1, DAY, "secret-1")])).await.expect("written");
    let other = two.write("a", &shared([row(1, DAY, "secret-2")])).await.expect("written");
    for _ in 0..2 {
        let first = one.search(&files, &[], &search("*")).await.expect("a page").rows;
        let second = two.search(&other, &[], &search("*")).await.expect("a page").rows;
        assert_eq!((first[0].message.as_str(), second[0].message.as_str()), ("secret-1", "secret-2"));
    }
    let stranger = Lake::open_in("one", "node-2", &engine).expect("a lake");
    let refused = stranger.write("b", &shared([row(2, DAY, "x")])).await.expect_err("another's folder");
    assert!(refused.to_string().contains("belongs to \"node-1\""), "{refused}");
    stranger.remove_unlisted(&[], &[], None).await.expect_err("another's files");
    assert_eq!(ids(&one, &files, &[], search("*")).await.len(), 1);
    for name in ["", "a/b", "..", "a.b"] {
        assert!(Lake::open_in(name, "node-1", &engine).is_err(), "{name}");
    }
    for url in ["", "http://x", "s3://", "s3:///x", "s3://a/../b", "s3://a//b", "s3://a/b?c"] {
        assert!(bailiwick_lake::Bucket::parse(url).is_err(), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_does_not_answer_is_given_up_on_and_taken_up_again() {
    let (_directory, server) = server().await;
    let lake = Lake::open_in("acme", "node-1", &engine(&server, "x", Duration::from_millis(1500))).expect("a lake");
    let files: Vec<FileEntry> = lake.write("a", &rows(0..10, "before")).await.expect("written");
    assert_eq!(lake.trouble(), None);
    server.set_away(true);
    let started = Instant::now();
    let failed = lake.write("b", &rows(10..20, "during")).await.expect_err("no store");
    assert!(matches!(failed, LakeError::Store { .. }) && started.elapsed() < Duration::from_secs(10), "{failed} after {:?}", started.elapsed());
    assert!(lake.trouble().is_some_and(|why| why.starts_with("store:")), "{:?}", lake.trouble());
    // The tail is found meanwhile; what is only in the store is not, and says so in time.
    let started = Instant::now();
    assert_eq!(ids(&lake, &[], &rows(10..20, "during"), search("during")).await.len(), 10);
    let asked = Search { deadline: Duration::from_secs(4), ..search("before") };
    let failed = lake.search(&files, &[], &asked).await.expect_err("no store");
    assert!(matches!(failed, LakeError::Deadline | LakeError::Store { .. }), "{failed}");
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    server.set_away(false);
    let again = lake.write("b", &rows(10..20, "during")).await.expect("written");
    assert_eq!(lake.trouble(), None);
    assert_eq!(ids(&lake, &[files, again].concat(), &[], search("*")).await.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_missing_from_the_store_is_named() {
    let (_directory, server) = server().await;
    let lake = Lake::open_in("acme", "node-1", &engine(&server, "y", PATIENT)).expect("a lake");
    let mut files = lake.write("a", &rows(0..10, "there")).await.expect("written");
    files.extend(lake.write("b", &rows(10..20, "gone")).await.expect("written"));
    lake.remove(&[files[1].path.clone()]).await.expect("removed");
    match lake.search(&files, &[], &search("there")).await.expect_err("a missing file") {
        LakeError::File { path, .. } => assert_eq!(path, files[1].path),
        other => panic!("{other}"),
    }
}
