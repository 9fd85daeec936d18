//! The columns of the lake's table: what is a column of its own, of which type, and by which names a query reaches it.
//!
//! Version 2. Files of version 1 have `message` and `fields` as text in every row and no column that places the message; what they
//! do not have reads as null. A later version may add nullable columns or stop writing one; anything else needs more than that.
//!
//! The text of an event is kept once, in `raw`. A message that stands in it is kept as its place: it ends `message_end` bytes
//! before the end of `raw`, and has `message_bytes` bytes, or that and `message_escapes` more as they are written in JSON. Fields
//! that follow from the raw text are kept as the way they do (`way`, see `Derive`) and what else there is (`added`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use crate::index::{Hashed, by_ends};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text, compared without regard to case.
    Text,
    /// Text that is searched for words: a value is looked for inside it.
    Prose,
    /// An IP address in its canonical form.
    Ip,
    /// A 64-bit integer.
    Int,
    /// Microseconds UTC.
    Time,
}

/// How a column's values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Values that repeat.
    Dictionary,
    /// Numbers near one another.
    Numbers,
    /// Texts that begin alike.
    Names,
    /// Long texts, nearly all different.
    Text,
}

/// One column.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
    pub(crate) coding: Coding,
    /// The ECS field it is taken from, for the columns that come from a row's `ecs`.
    pub(crate) ecs: Option<&'static str>,
}

const fn own(name: &'static str, kind: Kind, nullable: bool) -> Column {
    Column { name, kind, nullable, ecs: None, coding: Coding::Dictionary }
}

const fn coded(name: &'static str, kind: Kind, nullable: bool, coding: Coding) -> Column {
    Column { name, kind, nullable, ecs: None, coding }
}

const fn ecs(name: &'static str, ecs: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: true, ecs: Some(ecs), coding: Coding::Dictionary }
}

/// All columns, in the order of the file.
pub(crate) static COLUMNS: &[Column] = &[
    coded("id", Kind::Text, false, Coding::Names),
    coded("event_time", Kind::Time, false, Coding::Numbers),
    own("receipt_time", Kind::Time, false),
    own("source", Kind::Text, false),
    own("source_category", Kind::Text, false),
    own("tier", Kind::Text, true),
    own("record_type", Kind::Text, false),
    own("reason_code", Kind::Text, true),
    own("reason", Kind::Text, true),
    own("vendor", Kind::Text, true),
    own("product", Kind::Text, true),
    own("parser", Kind::Text, true),
    own("event_code", Kind::Text, true),
    ecs("host_name", "host.name", Kind::Text),
    ecs("user_name", "user.name", Kind::Text),
    ecs("user_domain", "user.domain", Kind::Text),
    ecs("user_id", "user.id", Kind::Text),
    ecs("user_target_name", "user.target.name", Kind::Text),
    ecs("source_ip", "source.ip", Kind::Ip),
    ecs("source_port", "source.port", Kind::Int),
    ecs("destination_ip", "destination.ip", Kind::Ip),
    ecs("destination_port", "destination.port", Kind::Int),
    ecs("event_action", "event.action", Kind::Text),
    ecs("event_outcome", "event.outcome", Kind::Text),
    ecs("event_provider", "event.provider", Kind::Text),
    ecs("process_executable", "process.executable", Kind::Text),
    ecs("process_name", "process.name", Kind::Text),
    ecs("process_pid", "process.pid", Kind::Int),
    ecs("process_command_line", "process.command_line", Kind::Text),
    ecs("process_parent_executable", "process.parent.executable", Kind::Text),
    ecs("process_parent_command_line", "process.parent.command_line", Kind::Text),
    ecs("service_name", "service.name", Kind::Text),
    ecs("file_path", "file.path", Kind::Text),
    ecs("registry_path", "registry.path", Kind::Text),
    ecs("dns_question_name", "dns.question.name", Kind::Text),
    ecs("url_original", "url.original", Kind::Text),
    ecs("http_request_method", "http.request.method", Kind::Text),
    ecs("http_response_status_code", "http.response.status_code", Kind::Int),
    ecs("user_agent_original", "user_agent.original", Kind::Text),
    ecs("cloud_account_id", "cloud.account.id", Kind::Text),
    ecs("cloud_region", "cloud.region", Kind::Text),
    coded("message", Kind::Prose, true, Coding::Text),
    own("message_bytes", Kind::Int, true),
    own("message_end", Kind::Int, true),
    own("message_escapes", Kind::Int, true),
    coded("raw", Kind::Prose, false, Coding::Text),
    own("raw_bytes", Kind::Int, false),
    own("way", Kind::Text, true),
    coded("added", Kind::Text, true, Coding::Text),
    coded("fields", Kind::Text, true, Coding::Text),
    coded("ecs", Kind::Text, true, Coding::Text),
];

/// How rows are kept, which is nobody's business: not reached by name.
const HIDDEN: &[&str] = &["message_end", "message_escapes", "way", "added", "fields", "ecs"];

/// Columns whose values the index does not know.
const NOT_INDEXED: &[&str] = &["id", "tier", "reason", "event_time", "receipt_time", "raw_bytes", "message_bytes"];

/// Other names of columns in a query.
const ALIASES: &[(&str, &str)] = &[
    ("_id", "id"),
    ("_raw", "raw"),
    ("_source", "source"),
    ("_sourceCategory", "source_category"),
    ("@timestamp", "event_time"),
    ("event.ingested", "receipt_time"),
    ("event.original", "raw"),
    ("http_status", "http_response_status_code"),
    ("http.status", "http_response_status_code"),
];

/// The table's schema: text as views, so that reading a page copies nothing.
pub(crate) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields = COLUMNS.iter().map(Column::field);
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
});

impl Kind {
    pub(crate) fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Prose | Self::Ip => DataType::Utf8View,
            Self::Int => DataType::Int64,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }
}

/// The column a query means by a name: an alias, the name itself, or the name with dots for underscores.
pub(crate) fn named(field: &str) -> Option<&'static Column> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == field).map_or(Cow::Borrowed(field), |(_, name)| Cow::Borrowed(*name));
    let name = name.replace('.', "_");
    COLUMNS.iter().find(|column| column.name == name).filter(|column| !HIDDEN.contains(&column.name))
}

impl Column {
    /// The column in a schema.
    pub(crate) fn field(&self) -> Field {
        Field::new(self.name, self.kind.data_type(), self.nullable)
    }

    /// Whether the index knows the values of this column.
    pub(crate) fn is_indexed(&self) -> bool {
        !NOT_INDEXED.contains(&self.name)
    }
}

/// Asked for every field of every row that is written, so by a hash that costs little.
static OF_ECS: LazyLock<HashMap<u64, usize, Hashed>> =
    LazyLock::new(|| COLUMNS.iter().enumerate().filter_map(|(at, column)| Some((by_ends(column.ecs?), at))).collect());

/// The place among [`COLUMNS`] of the one an ECS field of a row is stored in, if it has one.
pub(crate) fn place_of_ecs(field: &str) -> Option<usize> {
    OF_ECS.get(&by_ends(field)).copied().filter(|at| COLUMNS[*at].ecs == Some(field))
}

/// The column an ECS field of a row is stored in, if it has one.
pub(crate) fn of_ecs(field: &str) -> Option<&'static Column> {
    place_of_ecs(field).map(|at| &COLUMNS[at])
}

/// An address in the one form it is stored and looked up in; text that is no address in lower case.
pub(crate) fn canonical_ip(text: &str) -> String {
    text.parse::<IpAddr>().map_or_else(|_| text.to_ascii_lowercase(), |ip| ip.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_by_dots_underscores_and_aliases() {
        for name in ["host.name", "host_name"] {
            assert_eq!(named(name).map(|c| c.name), Some("host_name"));
        }
        assert_eq!(named("_sourceCategory").map(|c| c.name), Some("source_category"));
        assert_eq!(named("http.response.status_code").map(|c| c.name), Some("http_response_status_code"));
        for name in ["fields", "ecs", "way", "message_end", "TargetUserName", ""] {
            assert!(named(name).is_none(), "{name}");
        }
    }

    #[test]
    fn every_ecs_field_finds_its_column() {
        for (at, column) in COLUMNS.iter().enumerate().filter(|(_, column)| column.ecs.is_some()) {
            assert_eq!(column.ecs.and_then(place_of_ecs), Some(at), "{}", column.name);
        }
    }

    #[test]
    fn every_name_is_once() {
        for column in COLUMNS {
            assert_eq!(COLUMNS.iter().filter(|other| other.name == column.name).count(), 1, "{}", column.name);
        }
        for name in HIDDEN.iter().chain(NOT_INDEXED) {
            assert!(COLUMNS.iter().any(|column| column.name == *name), "{name}");
        }
    }
}
