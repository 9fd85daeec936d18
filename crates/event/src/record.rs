//! What normalising an event gives: a record, or a failed record that says why not.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use crate::fields::Fields;

/// Declares an enum whose spelling, the one stored and shown, is written once.
macro_rules! spelled {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The spelling stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(UnknownName { what: $what, name: other.chars().take(64).collect() }),
                }
            }
        }
    };
}

/// A word that names none of the values a type has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} {name:?}")]
pub struct UnknownName {
    what: &'static str,
    name: String,
}

spelled! {
    /// What an entity is. Hosts, users and addresses score; the others are evidence.
    EntityKind, "entity kind" {
        Host = "hostname",
        User = "username",
        Ip = "ip",
        Domain = "domain",
        Url = "url",
        Process = "process",
        File = "file",
        Hash = "hash",
        Resource = "resource",
    }
}

impl EntityKind {
    /// Whether signals about entities of this kind add up to an investigation.
    pub const fn scores(self) -> bool {
        matches!(self, Self::Host | Self::User | Self::Ip)
    }
}

/// Something an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entity {
    pub kind: EntityKind,
    /// Normalised: host and user names in lower case, users without their domain, addresses in canonical form.
    pub value: String,
    /// False for kinds that never score and for values that must not: service accounts, loopback addresses.
    pub scores: bool,
}

/// The Sigma logsource of an event. Windows events say only `product: windows`: detection routes them by channel and event id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogSource {
    pub product: Option<String>,
    pub category: Option<String>,
    pub service: Option<String>,
}

spelled! {
    /// The kind of a record.
    RecordType, "record type" {
        Audit = "Audit",
        AuditChange = "AuditChange",
        AuditFile = "AuditFile",
        AuditResourceAccess = "AuditResourceAccess",
        Authentication = "Authentication",
        AuthenticationPrivilegeEscalation = "AuthenticationPrivilegeEscalation",
        Email = "Email",
        Endpoint = "Endpoint",
        EndpointModuleLoad = "EndpointModuleLoad",
        EndpointProcess = "EndpointProcess",
        Network = "Network",
        NetworkDhcp = "NetworkDHCP",
        NetworkDns = "NetworkDNS",
        NetworkFlow = "NetworkFlow",
        NetworkHttp = "NetworkHTTP",
        NetworkProxy = "NetworkProxy",
        Notification = "Notification",
        NotificationVulnerability = "NotificationVulnerability",
    }
}

/// An event normalised to the field dictionary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// When it happened, by the event's own word; the receipt time where `time_rejected` is set.
    pub time: DateTime<Utc>,
    /// The event's own time text when it cannot be right: not a time, before 1990, or more than 24 hours after receipt.
    pub time_rejected: Option<String>,
    pub record_type: RecordType,
    pub vendor: String,
    pub product: String,
    /// The name of the parser that made this record.
    pub parser: String,
    pub event_code: Option<String>,
    pub logsource: LogSource,
    /// One line for people, at most [`MAX_MESSAGE_BYTES`](crate::MAX_MESSAGE_BYTES).
    pub message: String,
    /// The event's own fields under their own names, the ones Sigma rules use.
    pub fields: Fields,
    /// The field dictionary: dotted ECS names.
    pub ecs: Fields,
    /// What the event is about, without repetition: one at least, [`MAX_ENTITIES`](crate::MAX_ENTITIES) at most.
    pub entities: Vec<Entity>,
}

spelled! {
    /// Why an event could not become a record.
    ReasonCode, "reason code" {
        /// Not UTF-8 text.
        NotText = "NOT_TEXT",
        EmptyLine = "EMPTY_LINE",
        /// Longer than [`MAX_EVENT_BYTES`](crate::MAX_EVENT_BYTES).
        TooLong = "TOO_LONG",
        JsonInvalid = "JSON_INVALID",
        /// No parser takes events of this shape, or the one its source insists on does not exist.
        NoParser = "NO_PARSER",
        /// A parser should take it and could not.
        ParseFailed = "PARSE_FAILED",
        /// A field without which the event means nothing is absent.
        FieldMissing = "FIELD_MISSING",
        /// Parsed, but nothing says what its fields mean.
        NoMapper = "NO_MAPPER",
        /// What the parser gave is not what a record is made of: an unknown record type, too many fields.
        OutputMismatch = "OUTPUT_MISMATCH",
        /// Mapped, but it names no host, user, address or anything else it could be about.
        NoEntity = "NO_ENTITY",
        /// The parser's program itself failed.
        ProgramError = "PROGRAM_ERROR",
        /// An uploaded parser's program went over its steps, time, memory or output for one event.
        ParserLimit = "PARSER_LIMIT",
        /// The uploaded parser is set aside: it went over its limits too often.
        ParserSetAside = "PARSER_SET_ASIDE",
    }
}

/// An event that could not become a record, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRecord {
    /// The receipt time.
    pub time: DateTime<Utc>,
    pub reason_code: ReasonCode,
    /// For people; at most [`MAX_MESSAGE_BYTES`](crate::MAX_MESSAGE_BYTES).
    pub reason: String,
    pub parser: Option<String>,
    pub vendor: Option<String>,
    pub product: Option<String>,
    pub event_code: Option<String>,
}

/// What normalising gives, always one of the two.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Record(Box<Record>),
    Failed(FailedRecord),
}

impl Outcome {
    /// The record, if it is one.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            Self::Failed(_) => None,
        }
    }

    /// The failed record, if it is one.
    pub fn failed(&self) -> Option<&FailedRecord> {
        match self {
            Self::Record(_) => None,
            Self::Failed(failed) => Some(failed),
        }
    }
}

spelled! {
    /// The format of a source. `Auto` tells by the shape of each event.
    #[derive(Default)]
    Format, "format" {
        #[default]
        Auto = "auto",
        Json = "json",
        Syslog = "syslog",
        Windows = "windows",
        CloudTrail = "cloudtrail",
        WebAccess = "web-access",
    }
}

/// One event as the transport hands it over.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The event without its framing: no line feed, no octet count.
    pub raw: &'a [u8],
    pub format: Format,
    pub receipt_time: DateTime<Utc>,
    /// What the transport said of the event beside its text.
    pub hints: Option<&'a Hints>,
    /// The parser its source insists on, shipped or uploaded; by format and shape otherwise.
    pub parser: Option<&'a str>,
}

impl<'a> Input<'a> {
    /// An event of which nothing is known but its text.
    pub fn new(raw: &'a [u8], format: Format, receipt_time: DateTime<Utc>) -> Self {
        Self { raw, format, receipt_time, hints: None, parser: None }
    }
}

/// What a transport says of an event beside its text: the envelope of a HEC event, the resource and attributes of an OTLP record.
/// The event's own word wins over it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hints {
    /// When it happened, in any notation [`Record::time`] is read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The host it happened on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Further fields, under their own names.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub fields: serde_json::Map<String, serde_json::Value>,
}
