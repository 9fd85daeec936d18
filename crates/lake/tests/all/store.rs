//! Writing, fetching, and what a crash leaves.

use std::path::Path;

use bailiwick_lake::{LakeError, Query, Row};
use serde_json::json;

use crate::rows::{DAY, SECOND, ids, lake, row, search, shared, with};

fn full() -> Row {
    let row = Row {
        reason_code: Some("NO_MAPPER".into()),
        reason: Some("no mapper for event 1".into()),
        vendor: Some("Microsoft".into()),
        product: Some("Windows".into()),
        parser: Some("windows".into()),
        event_code: Some("4625".into()),
        receipt_time: DAY - 1,
        ..row(1, DAY - 1, "über \"quoted\" C:\\x\nsecond line")
    };
    let ecs = json!({
        "host.name": "WEB-1", "user.name": ["Alice", "bob"], "source.ip": "FE80::0001", "destination.ip": "10.0.0.1",
        "source.port": "443", "destination.port": 22, "process.pid": 4.5, "threat.tactic": {"id": "TA0001"}, "user.id": null,
        "event.action": true
    });
    with(row, ecs, json!({"TargetUserName": "Alice", "Data": {"a": [1, null]}}))
}

#[tokio::test]
async fn a_row_comes_back_as_it_was_from_a_file_and_from_the_tail() {
    let (_directory, lake) = lake();
    let rows = shared([full(), row(2, DAY, "plain")]);
    let files = lake.write("a", &rows).await.expect("written");
    assert_eq!(
        files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["day=2026-01-30/a.continuous.parquet", "day=2026-01-31/a.continuous.parquet"]
    );
    assert_eq!((files[0].rows, files[0].min_time, files[0].max_time, files[0].first_id.as_str()), (1, DAY - 1, DAY - 1, "00000001"));
    assert_eq!(files[0].raw_bytes, rows[0].raw.len() as u64);
    let wanted = ["00000002", "missing", "00000001"].map(String::from);
    for (files, tail) in [(files.as_slice(), &[][..]), (&[], rows.as_slice()), (&files[..1], &rows[1..])] {
        let found = lake.get(files, tail, &wanted).await.expect("rows");
        assert_eq!(found, [Row::clone(&rows[1]), Row::clone(&rows[0])]);
        let page = lake.search(files, tail, &search("*")).await.expect("a page");
        assert_eq!(page.rows, found);
        assert_eq!(page.next, None);
    }
}

#[tokio::test]
async fn writing_again_gives_the_same_files() {
    let (directory, lake) = lake();
    let rows: Vec<_> = shared((0..500).map(|n| row(n, DAY + n as i64 * 7_000 * SECOND, "again")));
    let files = lake.write("seg-1.0", &rows).await.expect("written");
    let bytes = |path: &str| std::fs::read(directory.path().join("lake").join(path)).expect("a file");
    let before: Vec<_> = files.iter().map(|file| bytes(&file.path)).collect();
    let mut other = rows.clone();
    other.reverse();
    assert_eq!(lake.write("seg-1.0", &other).await.expect("written"), files);
    assert_eq!(files.iter().map(|file| bytes(&file.path)).collect::<Vec<_>>(), before);
    assert!(files.iter().zip(&before).all(|(file, bytes)| file.bytes == bytes.len() as u64));
    assert_eq!(ids(&lake, &files, &[], search("again")).await.len(), 500);
    assert_eq!(lake.write("empty", &[]).await.expect("written"), []);
}

#[tokio::test]
async fn files_lie_by_the_day_of_receipt_the_tier_and_whether_they_are_late() {
    let (directory, lake) = lake();
    let at = |n: usize, event_time: i64, receipt_time: i64, tier: &str| Row { receipt_time, tier: tier.into(), ..row(n, event_time, "x") };
    let day = 86_400 * SECOND;
    let rows = shared([
        at(1, DAY, DAY, "continuous"),
        at(2, DAY - day, DAY, "continuous"),
        at(3, DAY - day - 1, DAY, "continuous"),
        at(4, 0, DAY, "continuous"),
        at(5, DAY + 2 * day, DAY, "continuous"),
        at(6, DAY, DAY, "infrequent"),
        at(7, DAY + 5, DAY - 1, "continuous"),
        at(8, DAY, DAY, ""),
    ]);
    let files = lake.write("n", &rows).await.expect("written");
    let told: Vec<(&str, u64, i64)> = files.iter().map(|file| (file.path.as_str(), file.rows, file.max_receipt)).collect();
    let expected = [
        ("day=2026-01-30/n.continuous.parquet", 1, DAY - 1),
        ("day=2026-01-31/n.parquet", 1, DAY),
        ("day=2026-01-31/n.continuous.parquet", 2, DAY),
        ("day=2026-01-31/n.continuous.late.parquet", 3, DAY),
        ("day=2026-01-31/n.infrequent.parquet", 1, DAY),
    ];
    assert_eq!(told, expected);
    assert_eq!((files[3].min_time, files[3].max_time, files[4].tier.as_str()), (0, DAY + 2 * day, "infrequent"));
    let folder = directory.path().join("lake");
    for file in &files {
        assert_eq!(std::fs::metadata(folder.join(&file.path).with_extension("idx")).expect("an index").len(), file.index_bytes);
    }
    assert_eq!(ids(&lake, &files, &[], search("x")).await.len(), 8);
    let error = lake.write("n", &shared([at(1, DAY, DAY, "../x")])).await.expect_err("a tier");
    assert!(error.to_string().starts_with("tier:"), "{error}");
}

#[tokio::test]
async fn what_a_crash_left_is_removed_and_nothing_else() {
    let (directory, lake) = lake();
    let root = directory.path().join("lake");
    let kept = lake.write("kept", &shared([row(1, DAY, "a")])).await.expect("written");
    lake.write("lost", &shared([row(2, DAY, "b"), row(3, DAY - 2 * SECOND, "c")])).await.expect("written");
    std::fs::write(root.join("day=2026-01-31/.half.parquet.tmp"), "PAR1").expect("written");
    std::fs::write(root.join("other.txt"), "not ours").expect("written");
    let removed = lake.remove_unlisted(&kept, &[], None).await.expect("removed");
    let expected = [
        "day=2026-01-30/lost.continuous.idx",
        "day=2026-01-30/lost.continuous.parquet",
        "day=2026-01-31/.half.parquet.tmp",
        "day=2026-01-31/lost.continuous.idx",
        "day=2026-01-31/lost.continuous.parquet",
    ];
    assert_eq!(removed, expected);
    assert!(expected.iter().all(|path| !root.join(path).exists()) && !root.join("day=2026-01-30").exists());
    assert!(root.join(&kept[0].path).exists() && root.join("other.txt").exists());
    assert_eq!(ids(&lake, &kept, &[], search("*")).await, ["00000001"]);
    assert_eq!(lake.remove_unlisted(&kept, &[], None).await.expect("removed"), [""; 0]);
}

#[tokio::test]
async fn bad_parameters_are_refused_by_name() {
    let (_directory, lake) = lake();
    let refused = |error: LakeError| error.to_string();
    for name in ["", "a/b", "../x", ".hidden", "_x", "a b", &"n".repeat(129)] {
        let error = lake.write(name, &shared([row(1, DAY, "a")])).await.expect_err(name);
        assert!(refused(error).starts_with("name:"), "{name}");
    }
    let error = lake.write("a", &shared([Row { event_time: i64::MAX, ..row(1, DAY, "a") }])).await.expect_err("a time out of range");
    assert!(refused(error).starts_with("event_time:"));
    for limit in [0, 1001] {
        let error = lake.search(&[], &[], &bailiwick_lake::Search { limit, ..search("*") }).await.expect_err("a limit");
        assert!(refused(error).starts_with("limit:"));
    }
    let error = lake.get(&[], &[], &vec![String::new(); 1001]).await.expect_err("too many ids");
    assert!(refused(error).starts_with("ids:"));
    assert_eq!(lake.count(&[], &[], &search("*")).await.expect("a count"), 0);
    assert_eq!(Query::parse("*"), Ok(Query::default()));
}

#[tokio::test]
async fn two_lakes_on_one_engine_never_see_each_other() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let engine = bailiwick_lake::Engine::new(bailiwick_lake::Limits::default()).expect("an engine");
    let open = |name: &str| bailiwick_lake::Lake::open_on(Path::new(&directory.path().join(name)), &engine).expect("a lake");
    let (one, two) = (open("one"), open("two"));
    // The same name, the same size, the same entry: only the directory tells them apart.
    let files = one.write("a", &shared([row(1, DAY, "secret-1")])).await.expect("written");
    let other = two.write("a", &shared([row(1, DAY, "secret-2")])).await.expect("written");
    for _ in 0..2 {
        let first = one.search(&files, &[], &search("*")).await.expect("a page").rows;
        let second = two.search(&other, &[], &search("*")).await.expect("a page").rows;
        assert_eq!((first[0].message.as_str(), second[0].message.as_str()), ("secret-1", "secret-2"));
    }
}
