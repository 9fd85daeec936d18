//! A disk that fills up in the middle of ingest: nothing acknowledged is lost, nothing refused is stored, the counters agree, and when
//! there is room again all goes on by itself.

use crate::{
    books::{balanced, serials},
    process::{NodeProcess, PASSWORD, free_address, set_up},
};
use bailiwick_client::{ClientError, Transport, WorkspaceClient};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

fn library(scratch: &Path) -> PathBuf {
    let library = scratch.join("full.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/full.c");
    let built = Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").status().unwrap();
    assert!(built.success(), "full.c compiles");
    library
}

fn body(batch: &str) -> Vec<u8> {
    let line = |n: u32| {
        format!(
            "{{\"host\":\"web-1\",\"user\":\"ann\",\"time\":\"2026-11-20T10:00:00Z\",\"serial\":\"{batch}-{n}\",\"pad\":\"{}\"}}\n",
            "x".repeat(500)
        )
    };
    (0..20).map(line).collect::<String>().into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_loses_nothing_and_recovers_by_itself() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("node");
    fs::create_dir_all(&data).unwrap();
    let full = scratch.path().join("full");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let environment = [("LD_PRELOAD", text(&library(scratch.path()))), ("FULL_ROOT", text(&data)), ("FULL_WHEN", text(&full))];
    let (transport, address) = (Transport::new().unwrap(), free_address());
    let node = NodeProcess::start(&data, address, &environment);
    let key = set_up(&transport, &node).await;
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for n in 0..60 {
        match n {
            20 => fs::write(&full, "").unwrap(),
            40 => fs::remove_file(&full).unwrap(),
            _ => {}
        }
        let batch = format!("b{n}");
        match WorkspaceClient::ingest(&transport, &node.base, &key, None, body(&batch)).await {
            Ok(_) => acknowledged.push(batch),
            Err(ClientError::Refused(problem)) => {
                assert_eq!((problem.status, problem.code.as_str()), (503, "STORAGE_UNAVAILABLE"), "batch {n}");
                refused += 1;
            }
            Err(error) => panic!("batch {n}: {error}"),
        }
        // Long enough that files are written, or tried to be, in every phase.
        tokio::time::sleep(Duration::from_millis(75)).await;
    }
    assert_eq!((acknowledged.len(), refused), (40, 20), "all is taken but while the disk is full");
    for round in ["running", "killed and started"] {
        let node = if round == "running" { &node } else { &NodeProcess::start(&data, free_address(), &environment[..0]) };
        let admin = WorkspaceClient::sign_in(&transport, &node.base, "acme", PASSWORD).await.unwrap();
        let found = serials(&admin).await;
        assert_eq!(found.len(), acknowledged.len() * 20, "{round}");
        assert!(found.values().all(|count| *count == 1), "{round}: nothing is doubled");
        balanced(&admin, found.len() as u64).await;
        if round == "running" {
            Command::new("kill").args(["-9", &node.id().to_string()]).status().unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
}
