//! Debian's rsyslog forwards over every transport it has: all of it arrives, whole and read.

use super::{Bench, clients::Client};

const LINES: usize = 120;

fn forward(to: std::net::SocketAddr, more: &str) -> String {
    format!("action(type=\"omfwd\" target=\"{}\" port=\"{}\" {more})\n", to.ip(), to.port())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_rsyslog_forwards_is_found() {
    let bench = Bench::start().await;
    let all = bench
        .source("rsyslog", |new| {
            (new.syslog_tcp, new.syslog_udp, new.syslog_tls) = (bench.any(), bench.any(), bench.any());
        })
        .await;
    let plain = bench.source("rsyslog traditional", |new| new.syslog_tcp = bench.any()).await;
    let udp = bench.source("rsyslog udp", |new| new.syslog_udp = bench.any()).await;
    let tls = bench.source("rsyslog tls", |new| new.syslog_tls = bench.any()).await;
    let actions = [
        forward(bench.tcp(&all), "protocol=\"tcp\" TCP_Framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\""),
        forward(bench.tcp(&plain), "protocol=\"tcp\" TCP_Framing=\"traditional\" template=\"RSYSLOG_ForwardFormat\""),
        forward(bench.udp(&udp), "protocol=\"udp\""),
        forward(
            bench.tls(&tls),
            "protocol=\"tcp\" TCP_Framing=\"octet-counted\" StreamDriver=\"gtls\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"anon\"",
        ),
    ];
    let certificate = bench.world.nodes[0].data().join("syslog-certificate.pem");
    let rsyslog = Client::rsyslog(&format!("global(DefaultNetstreamDriverCAFile=\"{}\")\n{}", certificate.display(), actions.concat())).await;
    let lines: Vec<String> = (0..LINES).map(|n| format!("Failed password for rsyslogmark{n} from 198.51.100.{} port 4711 ssh2", n % 250)).collect();
    rsyslog.give("sshd[4242]", &lines);
    for source in [&all, &plain, &udp, &tls] {
        let name = &source.source.name;
        let rows = bench.found(source, "password", LINES).await;
        for n in 0..LINES {
            let row = rows
                .iter()
                .find(|row| row.raw.contains(&format!("rsyslogmark{n} ")))
                .unwrap_or_else(|| panic!("{name}: line {n}: {}", rsyslog.said()));
            assert_eq!((row.record_type.as_str(), row.reason_code.as_deref()), ("Authentication", None), "{name}: {row:?}");
            assert_eq!(row.ecs["user.name"], format!("rsyslogmark{n}"), "{name}");
            assert_eq!(row.ecs["source.ip"], format!("198.51.100.{}", n % 250), "{name}");
            assert_eq!(row.ecs["host.name"], "web-01", "{name}: {}", row.raw);
            assert!(row.raw.starts_with("<38>"), "{name}: {}", row.raw);
        }
        bench.kept(source, LINES as u64).await;
    }
}
