//! A source's own ports: who may send, what is wrong with one is shown, and what senders do wrong stays theirs.

use super::{Bench, SOON};
use bailiwick_api::NewSource;
use bailiwick_testkit::eventually;
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream, UdpSocket},
};

async fn send(to: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
}

async fn send_from(from: &str, to: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    let _refused = stream.write_all(bytes).await;
    let _refused = stream.shutdown().await;
    let mut answer = Vec::new();
    let _refused = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_allowed_peers_are_heard() {
    let bench = Bench::start().await;
    let source = bench
        .source("picky", |new| {
            (new.syslog_tcp, new.syslog_udp) = (bench.any(), bench.any());
            new.allowed = vec!["127.9.0.0/16".into(), "127.8.0.1".into()];
        })
        .await;
    let (tcp, udp) = (bench.tcp(&source), bench.udp(&source));
    for (n, (from, heard)) in [("127.9.3.4", true), ("127.8.0.1", true), ("127.8.0.2", false), ("127.0.0.1", false)].into_iter().enumerate() {
        send_from(from, tcp, format!("<13>tcppeer{n} {heard}\n").as_bytes()).await;
        let socket = UdpSocket::bind(format!("{from}:0")).await.unwrap();
        socket.send_to(format!("<13>udppeer{n} {heard}").as_bytes(), udp).await.unwrap();
    }
    bench.found(&source, "true", 4).await;
    bench.found(&source, "false", 0).await;
    bench.kept(&source, 4).await; // What a stranger sends is not the source's.
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_shown_and_opens_when_it_is_free() {
    let bench = Bench::start().await;
    let taken = TcpListener::bind(bench.any().unwrap()).await.unwrap();
    let address = taken.local_addr().unwrap();
    let source = bench.source("late", |new| new.syslog_tcp = Some(address.to_string())).await;
    let error = bench.ports(&source).tcp.unwrap().unwrap_err();
    assert!(error.contains(&address.to_string()) && error.contains("in use"), "{error}");
    assert_eq!(bench.site.source_now(&source.source).await.unwrap().syslog_error, Some(error));
    drop(taken);
    eventually(SOON, "the port opens", async || bench.ports(&source).tcp == Some(Ok(address))).await;
    send(address, b"<13>latemark\n").await;
    bench.found(&source, "latemark", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_is_switched_off_closes_its_ports_and_opens_them_again() {
    let bench = Bench::start().await;
    let free = TcpListener::bind(bench.any().unwrap()).await.unwrap().local_addr().unwrap().to_string();
    let source = bench
        .source("switched", |new: &mut NewSource| {
            (new.syslog_tcp, new.syslog_udp, new.syslog_tls) = (Some(free), bench.any(), bench.any());
        })
        .await;
    let tcp = bench.tcp(&source);
    let mut open = TcpStream::connect(tcp).await.unwrap();
    open.write_all(b"<13>beforemark\n").await.unwrap();
    bench.found(&source, "beforemark", 1).await;
    let switch = async |on: bool| {
        let path = format!("/api/v1/sources/{}", source.source.id);
        let _: Value = bench.site.admin.call("PATCH".parse().unwrap(), &path, Some(&json!({ "enabled": on }))).await.unwrap();
    };
    switch(false).await;
    assert_eq!(bench.ports(&source), Default::default());
    let closed = tokio::time::timeout(Duration::from_secs(5), open.read(&mut [0; 8])).await.expect("the connection is closed");
    assert!(matches!(closed, Ok(0) | Err(_)));
    assert!(TcpStream::connect(tcp).await.is_err());
    switch(true).await;
    assert_eq!(bench.tcp(&source), tcp);
    send(tcp, b"<13>aftermark\n").await;
    bench.found(&source, "aftermark", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_frames_huge_counts_and_binary_are_kept_as_they_came() {
    let bench = Bench::start().await;
    let source = bench.source("rough", |new| (new.syslog_tcp, new.syslog_udp) = (bench.any(), bench.any())).await;
    let tcp = bench.tcp(&source);
    send(tcp, b"<13>wholemark\n<13>halfmark without an end").await;
    send(tcp, b"500 <13>countedmark that promised more").await;
    send(tcp, b"99999999 <13>hugemark\n<13>nexttohuge\n").await;
    send(tcp, &[b"<13>binarymark \xff\xfe\0\x01".as_slice(), &[0; 300], b"\n\0\0\n   \r\n"].concat()).await;
    send(tcp, &[b"<13>longmark ".as_slice(), &vec![b'x'; 2 << 20], b"\n<13>nexttolong\n"].concat()).await;
    let mut slow = TcpStream::connect(tcp).await.unwrap();
    for byte in b"<13>slowmark\n" {
        slow.write_all(&[*byte]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let _silent = TcpStream::connect(tcp).await.unwrap();
    UdpSocket::bind("127.0.0.1:0").await.unwrap().send_to(b"<13>datagrammark\n\0", bench.udp(&source)).await.unwrap();
    for mark in ["wholemark", "halfmark", "countedmark", "hugemark", "nexttohuge", "nexttolong", "slowmark", "datagrammark"] {
        let row = bench.found(&source, mark, 1).await.remove(0);
        assert!(row.raw.contains(mark) && row.reason_code.is_none_or(|code| code == "NO_ENTITY"), "{mark}: {}", row.raw);
    }
    bench.kept(&source, 10).await;
    let all = bench.site.search("").await.unwrap();
    let long = all.into_iter().find(|row| row.reason_code.as_deref() == Some("TOO_LONG"));
    assert!(long.unwrap().reason.unwrap().starts_with("2097165 bytes"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrived_before_the_node_stops_is_kept() {
    let mut bench = Bench::start().await;
    let source = bench.source("stopped", |new| (new.syslog_tcp, new.syslog_udp) = (bench.any(), bench.any())).await;
    let mut open = TcpStream::connect(bench.tcp(&source)).await.unwrap();
    let lines: String = (0..3000).map(|n| format!("<13>stoppedmark {n}\n")).collect();
    open.write_all(lines.as_bytes()).await.unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for n in 0..50 {
        udp.send_to(format!("<13>datagram {n}").as_bytes(), bench.udp(&source)).await.unwrap();
    }
    bench.world.nodes[0].start_again().await.unwrap();
    bench.kept(&source, 3050).await;
}
