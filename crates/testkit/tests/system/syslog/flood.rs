//! More datagrams than anything can keep: what is not found was counted, and a slow sender's loss is nothing.

use super::Bench;
use bailiwick_testkit::eventually;
use std::{net::UdpSocket, time::Duration};

/// Datagrams sent as fast as one thread can.
const FLOOD: u64 = 150_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_rate_the_queue_takes_nothing_is_lost() {
    let bench = Bench::start().await;
    let source = bench.source("steady", |new| new.syslog_udp = bench.any()).await;
    let (to, socket) = (bench.udp(&source), UdpSocket::bind("127.0.0.1:0").unwrap());
    for n in 0..5000 {
        socket.send_to(format!("<13>1 - host app - - - steady {n}").as_bytes(), to).unwrap();
        if n % 50 == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    bench.kept(&source, 5000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_flood_found_and_dropped_are_what_was_sent() {
    let bench = Bench::start().await;
    let source = bench.source("flood", |new| new.syslog_udp = bench.any()).await;
    let (to, socket) = (bench.udp(&source), UdpSocket::bind("127.0.0.1:0").unwrap());
    let sender = tokio::task::spawn_blocking(move || {
        let line = [b"<13>1 - host app - - - flood ".as_slice(), &[b'x'; 400]].concat();
        for _ in 0..FLOOD {
            socket.send_to(&line, to).unwrap();
        }
    });
    sender.await.unwrap();
    let total = async || {
        let (kept, dropped) = bench.counts(&source).await;
        kept + dropped == FLOOD
    };
    eventually(Duration::from_secs(240), "every datagram is kept or counted", total).await;
    let (kept, dropped) = bench.counts(&source).await;
    assert!(kept > 0, "{kept} kept, {dropped} dropped");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(bench.counts(&source).await, (kept, dropped), "nothing is counted twice");
}
