//! The shared listener: many customers on one port, told apart by keys that never rest anywhere.

use super::{Bench, SOON};
use bailiwick_testkit::{captured_logs, contains, eventually};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UdpSocket},
};

fn line(data: &str, message: &str) -> String {
    format!("<38>1 2026-11-22T02:00:00Z web-01 sshd 9 - {data} {message}")
}

fn keyed(key: &str, message: &str) -> String {
    line(&format!("[bailiwick@32473 key=\"{key}\"]"), message)
}

async fn send(to: SocketAddr, lines: &[String]) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    for line in lines {
        stream.write_all(format!("{} {line}", line.len()).as_bytes()).await.unwrap();
    }
    stream.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_carries_lines_of_many_customers_and_no_key_stays() {
    let _logs = captured_logs();
    let bench = Bench::start().await;
    let other = bench.world.site(0, "Other").await.unwrap();
    let source = bench.source("shared", |new| new.syslog_tcp = bench.any()).await;
    let wrong = format!("{}x", source.ingest_key);
    let lines: Vec<String> = (0..200)
        .map(|n| match n % 4 {
            0 => keyed(&source.ingest_key, &format!("acmemark{n}")),
            1 => keyed(&other.ingest_key, &format!("othermark{n}")),
            2 => keyed(&wrong, &format!("wrongmark{n}")),
            _ => line("-", &format!("keylessmark{n}")),
        })
        .collect();
    send(bench.shared().plain.unwrap(), &lines).await;
    // A key on the source's own port is needless, and cut, too; also where it is no structured data.
    send(bench.tcp(&source), &[keyed(&source.ingest_key, "ownportmark"), line("-", &format!("textmark bailiwick@32473 {}", source.ingest_key))])
        .await;
    bench.found(&source, "", 52).await;
    bench.found(&source, "ownportmark", 1).await;
    eventually(SOON, "the other customer's", async || other.search("").await.unwrap().len() == 50).await;
    assert!(other.search("").await.unwrap().iter().all(|row| row.raw.contains("othermark") && row.raw.contains("9 - - othermark")));
    let dir = bench.world.stop().await;
    for key in [&source.ingest_key, &other.ingest_key] {
        let secret = &key[key.len() - 24..];
        assert_eq!(contains(dir.path(), secret).unwrap(), Vec::<String>::new());
        assert!(!captured_logs().is_some_and(|logs| logs.contains(secret)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_changed_ends_at_once_also_on_an_open_connection() {
    let bench = Bench::start().await;
    let source = bench.source("rotated", |_| {}).await;
    let shared = bench.shared().plain.unwrap();
    let mut open = TcpStream::connect(shared).await.unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut say = async |key: &str, message: &str| {
        open.write_all(format!("{}\n", keyed(key, message)).as_bytes()).await.unwrap();
        udp.send_to(keyed(key, message).as_bytes(), shared).await.unwrap();
    };
    say(&source.ingest_key, "beforemark").await;
    bench.found(&source, "beforemark", 2).await;
    let path = format!("/api/v1/sources/{}/key", source.source.id);
    let changed: Value = bench.site.admin.call("POST".parse().unwrap(), &path, None::<&Value>).await.unwrap();
    say(&source.ingest_key, "aftermark").await;
    say(changed["ingest_key"].as_str().unwrap(), "newmark").await;
    bench.found(&source, "newmark", 2).await;
    bench.found(&source, "aftermark", 0).await;
    let path = format!("/api/v1/sources/{}", source.source.id);
    let _: Value = bench.site.admin.call("PATCH".parse().unwrap(), &path, Some(&json!({"enabled": false}))).await.unwrap();
    say(changed["ingest_key"].as_str().unwrap(), "offmark").await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    bench.found(&source, "offmark", 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sources_list_of_peers_holds_on_the_shared_listener() {
    let bench = Bench::start().await;
    let source = bench.source("peers", |new| new.allowed = vec!["127.9.9.9".into()]).await;
    let shared = bench.shared().plain.unwrap();
    for (from, mark) in [("127.9.9.9:0", "allowedmark"), ("127.9.9.8:0", "strangermark")] {
        let udp = UdpSocket::bind(from).await.unwrap();
        udp.send_to(keyed(&source.ingest_key, mark).as_bytes(), shared).await.unwrap();
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(from.parse().unwrap()).unwrap();
        let mut stream = socket.connect(shared).await.unwrap();
        stream.write_all(format!("{}\n", keyed(&source.ingest_key, mark)).as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    }
    bench.found(&source, "allowedmark", 2).await;
    bench.found(&source, "strangermark", 0).await;
}
