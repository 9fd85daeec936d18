//! Debian's syslog-ng sends over every transport it has, over TLS with a client certificate of its own.

use super::{
    Bench,
    clients::{Certificate, Client},
};

const LINES: usize = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_syslog_ng_sends_is_found() {
    let bench = Bench::start().await;
    let certificate = Certificate::new();
    let bsd = bench.source("syslog-ng bsd", |new| new.syslog_tcp = bench.any()).await;
    let ietf = bench.source("syslog-ng ietf", |new| new.syslog_tcp = bench.any()).await;
    let udp = bench.source("syslog-ng udp", |new| new.syslog_udp = bench.any()).await;
    let tls = bench
        .source("syslog-ng tls", |new| {
            new.syslog_tls = bench.any();
            new.client_certificate = Some(certificate.sha256.clone());
        })
        .await;
    let to = |name: &str, driver: &str, to: std::net::SocketAddr, more: &str| {
        format!("destination {name} {{ {driver}(\"{}\" port({}) {more}); }};\n", to.ip(), to.port())
    };
    let with = format!(
        "transport(\"tls\") tls(peer-verify(optional-untrusted) key-file(\"{}\") cert-file(\"{}\"))",
        certificate.file("key").display(),
        certificate.file("certificate").display()
    );
    let destinations = [
        to("bsd", "network", bench.tcp(&bsd), "transport(\"tcp\")"),
        to("ietf", "syslog", bench.tcp(&ietf), "transport(\"tcp\")"),
        to("datagrams", "network", bench.udp(&udp), "transport(\"udp\")"),
        to("secured", "syslog", bench.tls(&tls), &with),
    ];
    let syslog_ng = Client::syslog_ng(&destinations.concat(), &["bsd", "ietf", "datagrams", "secured"]).await;
    let lines: Vec<String> = (0..LINES).map(|n| format!("Failed password for syslogngmark{n} from 198.51.100.{} port 4711 ssh2", n % 250)).collect();
    syslog_ng.give("sshd[4242]", &lines);
    for source in [&bsd, &ietf, &udp, &tls] {
        let name = &source.source.name;
        let rows = bench.found(source, "password", LINES).await;
        for n in 0..LINES {
            let row = rows
                .iter()
                .find(|row| row.raw.contains(&format!("syslogngmark{n} ")))
                .unwrap_or_else(|| panic!("{name}: line {n}: {}", syslog_ng.said()));
            assert_eq!((row.record_type.as_str(), row.reason_code.as_deref()), ("Authentication", None), "{name}: {row:?}");
            assert_eq!((&row.ecs["user.name"], &row.ecs["process.name"]), (&format!("syslogngmark{n}").into(), &"sshd".into()), "{name}");
        }
        bench.kept(source, LINES as u64).await;
    }
}
