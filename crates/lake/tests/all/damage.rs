//! A listed file that is missing or damaged fails the search by name.

use std::path::Path;

use bailiwick_lake::{Engine, FileEntry, Lake, LakeError, Limits};

use crate::rows::{DAY, ids, lake, row, search, shared};

/// Something that happens to the bytes of a file.
type Damage = dyn Fn(&mut Vec<u8>);

fn blamed(answer: Result<impl std::fmt::Debug, LakeError>) -> String {
    match answer.expect_err("damage") {
        LakeError::File { path, .. } => path,
        other => panic!("{other}"),
    }
}

fn overwrite(path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).expect("a file");
    change(&mut bytes);
    // Another time of change, so that the cached footer is not used.
    std::fs::remove_file(path).expect("removed");
    std::fs::write(path, bytes).expect("written");
}

#[tokio::test]
async fn the_damaged_file_is_named() {
    let (directory, lake) = lake();
    let make = |from: usize| shared((from..from + 3000).map(|n| row(n, DAY + n as i64, &format!("word{n} {}", n * 7919))));
    let mut files: Vec<FileEntry> = lake.write("good", &make(0)).await.expect("written");
    files.extend(lake.write("bad", &make(3000)).await.expect("written"));
    let bad = directory.path().join("lake").join(&files[1].path);
    let whole = std::fs::read(&bad).expect("a file");
    let damages: [&Damage; 4] = [
        &|bytes| bytes.truncate(100),
        &|bytes| bytes.fill(0),
        &|bytes| {
            let end = bytes.len();
            bytes[end - 4..].copy_from_slice(b"NOPE");
        },
        &|bytes| {
            let end = bytes.len();
            bytes[4..end / 2].fill(0xff);
        },
    ];
    for damage in damages {
        overwrite(&bad, damage);
        assert_eq!(blamed(lake.search(&files, &[], &search("*ord3*")).await), files[1].path);
        assert_eq!(blamed(lake.get(&files, &[], &["00004000".into()]).await), files[1].path);
        overwrite(&bad, |bytes| *bytes = whole.clone());
    }
    assert_eq!(lake.count(&files, &[], &search("\"word42 \" OR \"word4242 \"")).await.expect("a count"), 2);
    std::fs::remove_file(&bad).expect("removed");
    assert_eq!(blamed(lake.count(&files, &[], &search("*ord3*")).await), files[1].path);
    // The other file is as good as before.
    assert_eq!(lake.count(&files[..1], &[], &search("\"word42 \"")).await.expect("a count"), 1);
}

#[tokio::test]
async fn a_damaged_index_costs_time_and_never_a_row() {
    let (directory, _) = lake();
    let engine = Engine::new(Limits::default()).expect("an engine");
    let open = |name: &str| Lake::open_on(&directory.path().join(name), &engine).expect("a lake");
    let rows = shared((0..5000).map(|n| row(n, DAY + n as i64, &format!("word{n}"))));
    let damages: [&Damage; 6] = [
        &|bytes| bytes.truncate(bytes.len() - 1),
        &Vec::clear,
        &|bytes| bytes.fill(0),
        &|bytes| bytes[3] = b'9',
        &|bytes| bytes[30] ^= 1,
        &|bytes| bytes.truncate(7),
    ];
    for (at, damage) in damages.into_iter().enumerate() {
        let lake = open(&format!("lake{at}"));
        let mut files = lake.write("a", &rows).await.expect("written");
        let index = directory.path().join(format!("lake{at}")).join(&files[0].path).with_extension("idx");
        overwrite(&index, damage);
        for _ in 0..2 {
            let bytes = std::fs::metadata(&index).expect("a file").len();
            assert_eq!(ids(&lake, &files, &[], search("word4321")).await, ["00004321"]);
            // The same with an entry that agrees with the damage.
            files[0].index_bytes = bytes.max(1);
        }
        assert!(engine.damaged_indexes() >= 2 * (at as u64 + 1), "{at}: {}", engine.damaged_indexes());
        assert_eq!(lake.damaged_indexes(), 2, "{at}");
        std::fs::remove_file(&index).expect("removed");
        assert_eq!(ids(&lake, &files, &[], search("word4321")).await, ["00004321"]);
    }
}

#[tokio::test]
async fn a_file_of_a_later_version_is_named() {
    let (directory, lake) = lake();
    let files = lake.write("a", &shared([row(1, DAY, "x")])).await.expect("written");
    let path = directory.path().join("lake").join(&files[0].path);
    overwrite(&path, |bytes| {
        let key = b"bailiwick.schema";
        let at = bytes.windows(key.len()).position(|window| window == key).expect("the key") + key.len();
        let version = bytes[at..].iter().position(|byte| *byte == b'2').expect("the version");
        bytes[at + version] = b'9';
    });
    let error = lake.search(&files, &[], &search("*")).await.expect_err("a later version").to_string();
    assert!(error.contains(&files[0].path) && error.contains("version \"9\"") && error.contains("1 to 2"), "{error}");
}

#[tokio::test]
async fn an_entry_cannot_lead_out_of_the_lake() {
    let (_directory, lake) = lake();
    let mut files = lake.write("a", &shared([row(1, DAY, "x")])).await.expect("written");
    for path in ["../lake/day=2026-01-31/a.parquet", "/etc/passwd", "day=2026-01-31/./a.parquet"] {
        files[0].path = path.into();
        assert_eq!(blamed(lake.search(&files, &[], &search("*")).await), path);
    }
}
