//! Sources: the streams of logs into a workspace, each with its own ingest key and, if asked for, its own syslog ports.
//!
//! A deleted source stays in the table: its events and counters outlive it. It takes no more events, its ports close and its name is free.

pub(crate) mod http;
mod store;

use crate::{
    State,
    health::{Finding, Resource},
    operators::plain_name,
    workspaces::Workspace,
};
use bailiwick_api::{NewSource, Source, SourceId, SourcePatch, Tracker};
use bailiwick_chassis::Refusal;
use ipnet::IpNet;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// Sources a workspace may have, deleted ones not counted.
const MAX_SOURCES: u64 = 1000;
/// Sources a workspace may ever have had: each keeps a row for its events.
const MAX_ROWS: u64 = 10_000;
/// Addresses and networks a source may name.
const MAX_ALLOWED: usize = 100;
/// Characters of a host.
const HOST_CHARS: usize = 253;
/// The error of a port that cannot be bound.
const PORT_NOT_BOUND: &str = "PORT_NOT_BOUND";

/// Checks what a source is to be and brings its words into the form they are stored in. `parser` says whether there is such a parser.
fn check(new: &NewSource, parser: impl Fn(&str) -> bool) -> Result<NewSource, Refusal> {
    let syslog = [("syslog_tcp", &new.syslog_tcp), ("syslog_udp", &new.syslog_udp), ("syslog_tls", &new.syslog_tls)];
    let [syslog_tcp, syslog_udp, syslog_tls] = syslog.map(|(field, text)| text.as_deref().map(|text| address(field, text)).transpose());
    let new = NewSource {
        name: plain_name("name", &new.name)?,
        source_category: plain_name("source_category", &new.source_category)?,
        format: new.format,
        tier: new.tier,
        collector: new.collector.clone(),
        host: new.host.as_deref().map(host).transpose()?,
        parser: new.parser.clone(),
        cse: new.cse,
        syslog_tcp: syslog_tcp?,
        syslog_udp: syslog_udp?,
        syslog_tls: syslog_tls?,
        allowed: allowed(&new.allowed)?,
        client_certificate: new.client_certificate.as_deref().map(fingerprint).transpose()?,
    };
    if let Some(name) = new.parser.as_deref().filter(|name| !parser(name)) {
        let name: String = name.chars().take(60).collect();
        return Err(Refusal::invalid("INVALID_INPUT", "parser", format!("parser: there is no parser `{name}`")));
    }
    Ok(new)
}

/// What a source is to be after a patch, not checked yet.
fn patched(source: &Source, patch: &SourcePatch) -> NewSource {
    fn or<T: Clone>(new: &Option<T>, old: &T) -> T {
        new.as_ref().unwrap_or(old).clone()
    }
    NewSource {
        name: or(&patch.name, &source.name),
        source_category: or(&patch.source_category, &source.source_category),
        format: or(&patch.format, &source.format),
        tier: or(&patch.tier, &source.tier),
        collector: or(&patch.collector, &source.collector),
        host: or(&patch.host, &source.host),
        parser: or(&patch.parser, &source.parser),
        cse: or(&patch.cse, &source.cse),
        syslog_tcp: or(&patch.syslog_tcp, &source.syslog_tcp),
        syslog_udp: or(&patch.syslog_udp, &source.syslog_udp),
        syslog_tls: or(&patch.syslog_tls, &source.syslog_tls),
        allowed: or(&patch.allowed, &source.allowed),
        client_certificate: or(&patch.client_certificate, &source.client_certificate),
    }
}

fn address(field: &str, text: &str) -> Result<String, Refusal> {
    let wrong = || Refusal::invalid("INVALID_INPUT", field, format!("{field}: expected an address and a port such as 127.0.0.1:9514"));
    text.trim().parse::<SocketAddr>().map(|address| address.to_string()).map_err(|_| wrong())
}

fn host(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    if text.is_empty() || text.chars().count() > HOST_CHARS || !text.chars().all(plain) {
        return Err(Refusal::invalid("INVALID_INPUT", "host", format!("host: 1 to {HOST_CHARS} characters without blanks")));
    }
    Ok(text.to_owned())
}

/// Addresses as they are, networks by their first address; each once.
fn allowed(texts: &[String]) -> Result<Vec<String>, Refusal> {
    if texts.len() > MAX_ALLOWED {
        return Err(Refusal::invalid("INVALID_INPUT", "allowed", format!("allowed: at most {MAX_ALLOWED} addresses or networks")));
    }
    let mut all = Vec::new();
    for text in texts {
        let text = text.trim();
        let read = text.parse::<IpAddr>().map(|a| a.to_string()).or_else(|_| text.parse::<IpNet>().map(|n| n.trunc().to_string()));
        let one = read.map_err(|_| {
            let text: String = text.chars().take(60).collect();
            Refusal::invalid("INVALID_INPUT", "allowed", format!("allowed: `{text}` is neither an address nor a network such as 10.0.0.0/8"))
        })?;
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(all)
}

/// SHA-256 in hex, lower case; colons as `openssl` prints them are fine.
fn fingerprint(text: &str) -> Result<String, Refusal> {
    let hex: String = text.trim().chars().filter(|c| *c != ':').collect::<String>().to_ascii_lowercase();
    if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        let detail = "client_certificate: expected a SHA-256 fingerprint, 64 hexadecimal digits";
        return Err(Refusal::invalid("INVALID_INPUT", "client_certificate", detail));
    }
    Ok(hex)
}

/// Where the syslog ports of a source listen, by the field that asked for each, or why they do not.
fn ports(state: &State, workspace: &Workspace, source: &SourceId) -> Vec<(&'static str, Result<SocketAddr, String>)> {
    let ports = state.syslog().ports(workspace.id(), source);
    let named = [("syslog_tcp", ports.tcp), ("syslog_udp", ports.udp), ("syslog_tls", ports.tls)];
    named.into_iter().filter_map(|(field, bound)| Some((field, bound?))).collect()
}

/// Tells ingest and the syslog ports that sources or collectors changed.
pub(crate) async fn apply(state: &State, workspace: &Arc<Workspace>) -> Result<(), Refusal> {
    workspace.reload_sources().await?;
    open_ports(state, workspace).await;
    Ok(())
}

/// Opens and closes the syslog ports as the sources say; a port that cannot be bound is a health issue.
pub(crate) async fn open_ports(state: &State, workspace: &Arc<Workspace>) {
    state.syslog().apply(state, workspace).await;
    for source in workspace.sources() {
        let resource = Resource::Source(source.id.clone());
        let failed: Vec<String> = ports(state, workspace, &source.id).into_iter().filter_map(|(_, bound)| bound.err()).collect();
        if failed.is_empty() {
            workspace.health().recovered(&resource, Tracker::SourceConfigInvalid, PORT_NOT_BOUND);
        } else {
            let finding = Finding::error(PORT_NOT_BOUND, failed.join("; "));
            workspace.health().report(&resource, Tracker::SourceConfigInvalid, &finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(new: &NewSource) -> Option<String> {
        check(new, |name| name == "sshd").err().and_then(|refusal| refusal.problem().field)
    }

    #[test]
    fn every_wrong_field_is_named() {
        let ok = NewSource::new("a", "b");
        let some = |text: &str| Some(text.to_owned());
        let list = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let tls = some("127.0.0.1:6514");
        assert_eq!(refused(&ok), None);
        for (field, wrong) in [
            ("name", NewSource { name: " ".into(), ..ok.clone() }),
            ("source_category", NewSource { source_category: "\n".into(), ..ok.clone() }),
            ("host", NewSource { host: some("two words"), ..ok.clone() }),
            ("parser", NewSource { parser: some("nginx"), ..ok.clone() }),
            ("syslog_tcp", NewSource { syslog_tcp: some("localhost"), ..ok.clone() }),
            ("syslog_udp", NewSource { syslog_udp: some(":514"), ..ok.clone() }),
            ("syslog_tls", NewSource { syslog_tls: some(""), ..ok.clone() }),
            ("allowed", NewSource { allowed: list(&["10.0.0.0/33"]), ..ok.clone() }),
            ("allowed", NewSource { allowed: vec!["10.0.0.1".into(); 101], ..ok.clone() }),
            ("client_certificate", NewSource { client_certificate: some("ab"), syslog_tls: tls.clone(), ..ok.clone() }),
        ] {
            assert_eq!(refused(&wrong).as_deref(), Some(field), "{wrong:?}");
        }
        let colons = ["AB"; 32].join(":");
        let full = NewSource {
            parser: some("sshd"),
            allowed: list(&["10.1.2.3/8", " 192.0.2.1 ", "10.0.0.0/8", "2001:db8::/32"]),
            client_certificate: Some(colons),
            syslog_tls: tls,
            ..ok
        };
        let checked = check(&full, |name| name == "sshd").unwrap();
        assert_eq!(checked.allowed, ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]);
        assert_eq!(checked.client_certificate, Some("ab".repeat(32)));
    }
}
