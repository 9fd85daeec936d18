//! `logger` of util-linux sends over the network, with its own structured data and with an ingest key in it.

use super::{Bench, clients::run};
use std::{net::SocketAddr, process::Command};

fn logger(to: SocketAddr, arguments: &[&str], message: &str) {
    let mut command = Command::new("logger");
    command.args(["--server", &to.ip().to_string(), "--port", &to.port().to_string(), "--tag", "backup", "--priority", "daemon.warning"]);
    run(command.args(arguments).arg("--").arg(message));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_logger_sends_is_read() {
    let bench = Bench::start().await;
    let source = bench.source("logger", |new| (new.syslog_tcp, new.syslog_udp) = (bench.any(), bench.any())).await;
    let (tcp, udp) = (bench.tcp(&source), bench.udp(&source));
    let data = ["--rfc5424", "--sd-id", "job@32473", "--sd-param", "name=\"nightly\"", "--msgid", "DONE"];
    let ways: [(&str, SocketAddr, Vec<&str>); 6] = [
        ("udpnew", udp, vec!["--udp", "--rfc5424"]),
        ("udpold", udp, vec!["--udp", "--rfc3164"]),
        ("tcpnew", tcp, vec!["--tcp", "--rfc5424"]),
        ("tcpold", tcp, vec!["--tcp", "--rfc3164"]),
        ("tcpcounted", tcp, [&["--tcp", "--octet-count"][..], &data].concat()),
        ("udpdata", udp, [&["--udp"][..], &data].concat()),
    ];
    for (mark, to, arguments) in &ways {
        logger(*to, arguments, &format!("volume {mark} is full"));
    }
    for (mark, _, arguments) in &ways {
        let row = bench.found(&source, mark, 1).await.remove(0);
        assert_eq!(row.reason_code, None, "{mark}: {row:?}");
        assert_eq!(
            (row.message.as_str(), &row.ecs["process.name"]),
            (format!("volume {mark} is full").as_str(), &"backup".into()),
            "{mark}: {row:?}"
        );
        assert!(row.raw.starts_with("<28>"), "{mark}: {}", row.raw);
        if arguments.contains(&"--sd-id") {
            assert!(row.raw.contains("[job@32473 name=\"nightly\"]") && row.fields.to_string().contains("nightly"), "{mark}: {row:?}");
        }
    }
    bench.kept(&source, ways.len() as u64).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shared_listener_knows_loggers_source_by_its_key() {
    let bench = Bench::start().await;
    let (one, other) = (bench.source("one", |_| {}).await, bench.source("other", |_| {}).await);
    let shared = bench.shared().plain.unwrap();
    let parameter = |key: &str| format!("key=\"{key}\"");
    for (source, mark) in [(&one, "firstmark"), (&other, "othermark")] {
        for transport in [&["--udp"][..], &["--tcp"], &["--tcp", "--octet-count"]] {
            let key = parameter(&source.ingest_key);
            let arguments = [transport, &["--rfc5424", "--sd-id", "bailiwick@32473", "--sd-param", &key]].concat();
            logger(shared, &arguments, mark);
        }
    }
    for (source, mark) in [(&one, "firstmark"), (&other, "othermark")] {
        for row in bench.found(source, mark, 3).await {
            assert!(!row.raw.contains("bwk_") && !row.fields.to_string().contains("bwk_"), "{row:?}");
            assert_eq!((row.message.as_str(), row.reason_code.as_deref()), (mark, None), "{row:?}");
        }
    }
}
