//! Packed bodies are taken and counted as what they are unpacked; bombs, cut and corrupt ones are refused and leave nothing.

use super::Scene;
use bailiwick_testkit::{Answer, events};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use std::{io::Write, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What a body may have, unpacked.
const MAX_BODY: usize = 64 << 20;

fn packed(encoding: &str, plain: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "zstd" => zstd::bulk::compress(plain, 3).unwrap(),
        _ => plain.to_vec(),
    }
}

async fn post(scene: &Scene, encoding: &str, body: Vec<u8>) -> Answer {
    scene.send("Bearer", "POST", "/ingest/v1/events", &[("content-encoding", encoding)], body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packed_body_is_stored_and_counted_as_what_it_is_unpacked() {
    let scene = Scene::start().await;
    let line = events::process("wks-1.corp.example", "CORP\\ann", "C:\\Windows\\System32\\notepad.exe", "notepad.exe packed").to_string();
    let body = format!("{line}\n").repeat(50);
    for encoding in ["gzip", "zstd", "deflate", "identity"] {
        let answer = post(&scene, encoding, packed(encoding, body.as_bytes())).await;
        assert_eq!((answer.status, answer.body["accepted"].as_u64()), (200, Some(50)), "{encoding}: {answer:?}");
    }
    assert_eq!(scene.stored().await, (200, 200 * line.len() as u64));
    assert_eq!(scene.site.search("packed").await.unwrap().len(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_and_damaged_bodies_are_refused_on_every_way_in_and_leave_nothing() {
    let scene = Scene::start().await;
    let bomb = packed("gzip", &packed_zeros());
    for encoding in ["zstd", "deflate"] {
        let answer = post(&scene, encoding, packed(encoding, &packed_zeros())).await;
        assert_eq!((answer.status, answer.code()), (413, "TOO_LARGE"), "{encoding}");
    }
    for (scheme, path) in [("Bearer", "/ingest/v1/events"), ("ApiKey", "/_bulk"), ("Splunk", "/services/collector"), ("Bearer", "/v1/logs")] {
        let gzip: &[(&'static str, &str)] = &[("content-encoding", "gzip"), ("content-type", "application/json")];
        let answer = scene.send(scheme, "POST", path, gzip, bomb.clone()).await;
        assert_eq!(answer.status, 413, "{path}: {answer:?}");
        let whole = packed("gzip", b"{\"event\":\"words\"}\n");
        for (damaged, what) in [(whole[..whole.len() - 3].to_vec(), "cut"), (b"no gzip at all".to_vec(), "corrupt")] {
            let answer = scene.send(scheme, "POST", path, gzip, damaged).await;
            assert_eq!(answer.status, 400, "{path} {what}: {answer:?}");
        }
    }
    assert_eq!(scene.stored().await, (0, 0));
    assert_eq!(post(&scene, "gzip", packed("gzip", b"still here\n")).await.status, 200);
}

fn packed_zeros() -> Vec<u8> {
    vec![b'0'; MAX_BODY + 1]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_hangs_up_in_the_middle_leaves_nothing() {
    let scene = Scene::start().await;
    for _ in 0..3 {
        let mut connection = TcpStream::connect(scene.world.nodes[0].address()).await.unwrap();
        let head = format!(
            "POST /ingest/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 1000\r\n\r\n{{\"half\": 1}}\n{{\"a",
            scene.site.ingest_key
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        connection.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _hung_up = connection.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(scene.stored().await, (0, 0));
}
