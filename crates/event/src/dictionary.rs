//! The field dictionary: every ECS name a parser may fill, what type it has, and which kind of entity it names.
//!
//! A parser assigns what it finds; the dictionary makes one type of it (`"0x1f4"` in `process.pid` is 500), and leaves out
//! placeholders such as `-`. A name that is not here does not compile, so the lake's columns stay known.

use std::net::{IpAddr, Ipv4Addr};

use crate::fields::{Fields, Known};
use crate::outcome::prefix;
use crate::record::EntityKind;
use crate::value::ValueRef;

/// The longest text of one dictionary field; the event's own field keeps all of it.
const MAX_TEXT: usize = 64 * 1024;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text; numbers are written as text.
    Keyword,
    /// A 64-bit integer; decimal and `0x` texts are read.
    Long,
    /// An IP address in its canonical form; IPv4 in IPv6 is IPv4.
    Ip,
    /// A host name: lower case, no final dot.
    Host,
    /// A user name; `DOMAIN\name` also fills the field's `domain` sibling.
    User,
}

/// One field of the dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: FieldType,
    pub entity: Option<EntityKind>,
}

const fn keyword(name: &'static str) -> Field {
    Field { name, kind: FieldType::Keyword, entity: None }
}

const fn long(name: &'static str) -> Field {
    Field { name, kind: FieldType::Long, entity: None }
}

/// An address that tells how something went, not what it is about.
const fn ip(name: &'static str) -> Field {
    Field { name, kind: FieldType::Ip, entity: None }
}

const fn entity(name: &'static str, kind: FieldType, entity: EntityKind) -> Field {
    Field { name, kind, entity: Some(entity) }
}

use EntityKind as E;
use FieldType::{Host, Ip, Keyword, User};

/// All fields, sorted by name.
pub const DICTIONARY: &[Field] = &[
    entity("cloud.account.id", Keyword, E::Resource),
    keyword("cloud.provider"),
    keyword("cloud.region"),
    entity("cloud.resource.id", Keyword, E::Resource),
    keyword("cloud.service.name"),
    keyword("container.id"),
    keyword("container.image.name"),
    keyword("container.name"),
    long("destination.bytes"),
    entity("destination.domain", Host, E::Domain),
    entity("destination.ip", Ip, E::Ip),
    keyword("destination.mac"),
    ip("destination.nat.ip"),
    long("destination.nat.port"),
    long("destination.packets"),
    long("destination.port"),
    entity("dns.question.name", Host, E::Domain),
    keyword("dns.question.type"),
    ip("dns.resolved_ip"),
    keyword("dns.response_code"),
    keyword("email.from.address"),
    keyword("email.subject"),
    keyword("email.to.address"),
    keyword("error.code"),
    keyword("error.message"),
    keyword("event.action"),
    keyword("event.category"),
    keyword("event.code"),
    keyword("event.dataset"),
    keyword("event.id"),
    keyword("event.outcome"),
    keyword("event.provider"),
    keyword("event.reason"),
    long("event.severity"),
    entity("file.hash.imphash", Keyword, E::Hash),
    entity("file.hash.md5", Keyword, E::Hash),
    entity("file.hash.sha1", Keyword, E::Hash),
    entity("file.hash.sha256", Keyword, E::Hash),
    keyword("file.mime_type"),
    keyword("file.name"),
    entity("file.path", Keyword, E::File),
    long("file.size"),
    keyword("group.id"),
    keyword("group.name"),
    keyword("host.id"),
    entity("host.ip", Ip, E::Ip),
    keyword("host.mac"),
    entity("host.name", Host, E::Host),
    keyword("host.os.name"),
    keyword("host.type"),
    long("http.request.body.bytes"),
    keyword("http.request.method"),
    keyword("http.request.referrer"),
    long("http.response.body.bytes"),
    long("http.response.status_code"),
    keyword("http.version"),
    long("log.syslog.facility.code"),
    long("log.syslog.severity.code"),
    keyword("network.application"),
    long("network.bytes"),
    keyword("network.community_id"),
    keyword("network.direction"),
    keyword("network.protocol"),
    keyword("network.transport"),
    keyword("observer.egress.zone"),
    keyword("observer.ingress.zone"),
    keyword("observer.name"),
    keyword("observer.product"),
    keyword("observer.serial_number"),
    keyword("observer.vendor"),
    keyword("orchestrator.namespace"),
    entity("orchestrator.resource.name", Keyword, E::Resource),
    keyword("orchestrator.resource.type"),
    keyword("organization.id"),
    keyword("organization.name"),
    keyword("powershell.command.name"),
    keyword("powershell.file.script_block_id"),
    keyword("powershell.file.script_block_text"),
    long("powershell.sequence"),
    long("powershell.total"),
    keyword("process.command_line"),
    keyword("process.entity_id"),
    entity("process.executable", Keyword, E::Process),
    entity("process.hash.imphash", Keyword, E::Hash),
    entity("process.hash.md5", Keyword, E::Hash),
    entity("process.hash.sha1", Keyword, E::Hash),
    entity("process.hash.sha256", Keyword, E::Hash),
    keyword("process.name"),
    keyword("process.parent.command_line"),
    entity("process.parent.executable", Keyword, E::Process),
    keyword("process.parent.name"),
    long("process.parent.pid"),
    keyword("process.pe.original_file_name"),
    long("process.pid"),
    entity("process.target.executable", Keyword, E::Process),
    keyword("process.title"),
    keyword("process.working_directory"),
    keyword("registry.data.strings"),
    keyword("registry.path"),
    keyword("rule.category"),
    keyword("rule.id"),
    keyword("rule.name"),
    keyword("rule.ruleset"),
    keyword("service.executable"),
    keyword("service.name"),
    keyword("service.type"),
    keyword("share.name"),
    long("source.bytes"),
    entity("source.domain", Host, E::Domain),
    keyword("source.geo.city_name"),
    keyword("source.geo.country_iso_code"),
    entity("source.ip", Ip, E::Ip),
    keyword("source.mac"),
    ip("source.nat.ip"),
    long("source.nat.port"),
    long("source.packets"),
    long("source.port"),
    keyword("task.name"),
    keyword("tls.cipher"),
    keyword("tls.client.ja3"),
    entity("tls.client.server_name", Host, E::Domain),
    entity("tls.server.hash.sha1", Keyword, E::Hash),
    keyword("tls.server.issuer"),
    keyword("tls.server.ja3s"),
    keyword("tls.server.subject"),
    keyword("tls.version"),
    entity("url.domain", Host, E::Domain),
    entity("url.full", Keyword, E::Url),
    entity("url.original", Keyword, E::Url),
    keyword("url.path"),
    keyword("url.query"),
    keyword("user.audit.id"),
    keyword("user.domain"),
    keyword("user.email"),
    keyword("user.full_name"),
    keyword("user.id"),
    entity("user.name", User, E::User),
    keyword("user.roles"),
    keyword("user.target.domain"),
    keyword("user.target.email"),
    keyword("user.target.full_name"),
    keyword("user.target.id"),
    entity("user.target.name", User, E::User),
    keyword("user_agent.original"),
    keyword("winlog.channel"),
    keyword("winlog.logon.id"),
    keyword("winlog.logon.type"),
    keyword("winlog.logon.type_code"),
    keyword("winlog.task"),
    keyword("x509.issuer.distinguished_name"),
    entity("x509.serial_number", Keyword, E::Hash),
    keyword("x509.subject.distinguished_name"),
];

/// The field of this name.
pub fn field(name: &str) -> Option<&'static Field> {
    place(name).map(|at| &DICTIONARY[usize::from(at)])
}

/// The place of a name in [`DICTIONARY`].
pub(crate) fn place(name: &str) -> Option<u16> {
    // Unsorted neighbours above would make fields unreachable; a test holds the order.
    DICTIONARY.binary_search_by(|field| field.name.cmp(name)).ok().and_then(|at| u16::try_from(at).ok())
}

/// Writes a value to the field at this place, in the field's type. Nothing is written for what says nothing (null, empty, a
/// placeholder) or is not of the type; then the answer is false. [`Fields::settle`] must follow.
pub(crate) fn write(ecs: &mut Fields, at: u16, value: ValueRef<'_>) -> bool {
    let kind = DICTIONARY[usize::from(at)].kind;
    if kind == FieldType::Long {
        let number = match value {
            ValueRef::Int(number) => Some(number),
            ValueRef::Str(text) => integer(text.trim()),
            _ => None,
        };
        return number.map(|number| ecs.push_known(at, Known::Int(number))).is_some();
    }
    let Some(text) = value.to_text() else { return false };
    let text = text.trim();
    if is_placeholder(text) {
        return false;
    }
    match kind {
        FieldType::Host => host(text).map(|host| ecs.push_known(at, Known::Lower(host))),
        // An IPv4 address has one spelling only.
        FieldType::Ip if text.parse::<Ipv4Addr>().is_ok() => {
            ecs.push_known(at, Known::Text(text));
            Some(())
        }
        FieldType::Ip => address(text).map(|ip| ecs.push_known(at, Known::Text(&ip.to_string()))),
        FieldType::Keyword | FieldType::User | FieldType::Long => {
            ecs.push_known(at, Known::Text(prefix(text, MAX_TEXT)));
            Some(())
        }
    }
    .is_some()
}

/// What senders write for "nothing".
fn is_placeholder(text: &str) -> bool {
    matches!(text, "" | "-" | "(null)" | "null" | "N/A" | "n/a" | "?")
}

fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// An IP address in its canonical form; brackets, a zone and the IPv4-in-IPv6 prefix are taken off.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// A host name without its final dot; up to 255 bytes, no blanks.
fn host(text: &str) -> Option<&str> {
    let text = text.strip_prefix("\\\\").unwrap_or(text);
    let text = text.strip_suffix('.').unwrap_or(text);
    let fits = !text.is_empty() && text.len() <= 255 && !text.contains(char::is_whitespace);
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[track_caller]
    fn gives(name: &str, value: impl Into<Value>, expected: Option<Value>) {
        let mut ecs = Fields::new();
        let written = write(&mut ecs, place(name).expect("in the dictionary"), value.into().view());
        assert_eq!((ecs.remove(name), written), (expected.clone(), expected.is_some()), "{name}");
    }

    #[test]
    fn the_dictionary_is_sorted_so_every_field_is_found() {
        assert!(DICTIONARY.is_sorted_by(|a, b| a.name < b.name));
        assert!(DICTIONARY.iter().all(|f| field(f.name).is_some_and(|found| found.name == f.name)));
    }

    #[test]
    fn values_get_the_type_of_their_field() {
        gives("process.pid", "0x1128", Some(Value::Int(0x1128)));
        gives("process.pid", 4_i64, Some(Value::Int(4)));
        gives("process.pid", "four", None);
        gives("event.code", 4625_i64, Some("4625".into()));
        gives("source.ip", "::ffff:172.18.39.5", Some("172.18.39.5".into()));
        gives("source.ip", "172.18.39.5", Some("172.18.39.5".into()));
        gives("source.ip", "[2001:DB8::1]", Some("2001:db8::1".into()));
        gives("source.ip", "fe80::1%eth0", Some("fe80::1".into()));
        gives("source.ip", "health.amazonaws.com", None);
        gives("host.name", "WEB-01.Corp.Example.", Some("web-01.corp.example".into()));
        gives("user.name", " - ", None);
        gives("user.name", Value::Json(serde_json::json!({"a": 1})), None);
    }
}
