//! A listed file that is missing or damaged fails the search by name.

use std::path::Path;

use bailiwick_lake::{FileEntry, LakeError};

use crate::rows::{DAY, lake, row, search, shared};

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
        assert_eq!(blamed(lake.search(&files, &[], &search("word3")).await), files[1].path);
        assert_eq!(blamed(lake.get(&files, &[], &["00004000".into()]).await), files[1].path);
        overwrite(&bad, |bytes| *bytes = whole.clone());
    }
    assert_eq!(lake.count(&files, &[], &search("\"word42 \" OR \"word4242 \"")).await.expect("a count"), 2);
    std::fs::remove_file(&bad).expect("removed");
    assert_eq!(blamed(lake.count(&files, &[], &search("word3")).await), files[1].path);
    // The other file is as good as before.
    assert_eq!(lake.count(&files[..1], &[], &search("\"word42 \"")).await.expect("a count"), 1);
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
