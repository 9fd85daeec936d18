//! Sources of a workspace, their ingest keys, and what ingest answers.

use crate::{CollectorId, Format, HealthSeverity, SourceId, Tier};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Makes a source.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// Name, unique in the workspace.
    pub name: String,
    /// Free path-like word, such as `windows/dc` or `cloud/aws`.
    pub source_category: String,
    /// How its events are written.
    #[serde(default = "auto")]
    pub format: Format,
    /// Tier.
    #[serde(default = "continuous")]
    pub tier: Tier,
    /// The collector that sends it.
    #[serde(default)]
    pub collector: Option<CollectorId>,
    /// The host it comes from, where it is one.
    #[serde(default)]
    pub host: Option<String>,
    /// The parser its events go to; by format and shape when null.
    #[serde(default)]
    pub parser: Option<String>,
    /// Whether its events are also fed to detection (the `cse` tier of volumes).
    #[serde(default = "yes")]
    pub cse: bool,
    /// Opens a syslog TCP port for it: an address such as `127.0.0.1:9514`, port 0 for any free one.
    #[serde(default)]
    pub syslog_tcp: Option<String>,
    /// The same over UDP.
    #[serde(default)]
    pub syslog_udp: Option<String>,
    /// The same over TLS.
    #[serde(default)]
    pub syslog_tls: Option<String>,
    /// Addresses or networks (`10.0.0.0/8`) that may send to its syslog ports; empty means any.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// SHA-256 of the client certificate its TLS port demands, in hex; none is demanded when null.
    #[serde(default)]
    pub client_certificate: Option<String>,
}

impl NewSource {
    /// A source with everything else left as it is by default.
    pub fn new(name: impl Into<String>, source_category: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source_category: source_category.into(),
            format: auto(),
            tier: continuous(),
            collector: None,
            host: None,
            parser: None,
            cse: true,
            syslog_tcp: None,
            syslog_udp: None,
            syslog_tls: None,
            allowed: Vec::new(),
            client_certificate: None,
        }
    }
}

fn yes() -> bool {
    true
}

fn auto() -> Format {
    Format::Auto
}

fn continuous() -> Tier {
    Tier::Continuous
}

/// Changes a source. Fields left out stay as they are; null takes away what may be absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourcePatch {
    /// New name, unique in the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_category: Option<String>,
    /// New format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// New tier, for what comes from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// New collector.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<CollectorId>)]
    pub collector: Option<Option<CollectorId>>,
    /// New host.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub host: Option<Option<String>>,
    /// New parser.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub parser: Option<Option<String>>,
    /// Whether its events are fed to detection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cse: Option<bool>,
    /// New syslog TCP port.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub syslog_tcp: Option<Option<String>>,
    /// New syslog UDP port.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub syslog_udp: Option<Option<String>>,
    /// New syslog TLS port.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub syslog_tls: Option<Option<String>>,
    /// Who may send to its syslog ports, replacing the old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<String>>,
    /// New client certificate.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub client_certificate: Option<Option<String>>,
    /// Whether it takes events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// "Left out" and "null" differ.
fn given<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A source and its counters, what is on its way to the files included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// Id.
    pub id: SourceId,
    /// Name.
    pub name: String,
    /// Category.
    pub source_category: String,
    /// Format.
    pub format: Format,
    /// Tier.
    pub tier: Tier,
    /// The collector that sends it.
    pub collector: Option<CollectorId>,
    /// The host it comes from.
    pub host: Option<String>,
    /// The parser its events go to; by format and shape when null.
    pub parser: Option<String>,
    /// Whether its events are fed to detection.
    pub cse: bool,
    /// Where its syslog TCP port listens; as configured while it does not.
    pub syslog_tcp: Option<String>,
    /// The same over UDP.
    pub syslog_udp: Option<String>,
    /// The same over TLS.
    pub syslog_tls: Option<String>,
    /// Why a syslog port does not listen, when it should.
    pub syslog_error: Option<String>,
    /// Addresses or networks that may send to its syslog ports; empty means any.
    pub allowed: Vec<String>,
    /// SHA-256 of the client certificate its TLS port demands, in hex.
    pub client_certificate: Option<String>,
    /// Whether it takes events; its collector must be switched on, too.
    pub enabled: bool,
    /// First characters of its ingest key.
    pub key_hint: String,
    /// Events received. `received = stored + failed + dropped`.
    pub received: u64,
    /// Of these, records.
    pub stored: u64,
    /// Of these, failed records.
    pub failed: u64,
    /// Of these, dropped by a protocol that cannot be told to wait.
    pub dropped: u64,
    /// Bytes kept, as received and decompressed.
    pub bytes: u64,
    /// Last event.
    pub last_seen: Option<DateTime<Utc>>,
    /// Open health issues.
    pub open_issues: u32,
    /// The worst of them.
    pub worst_issue: Option<HealthSeverity>,
    /// When it was made.
    pub created_time: DateTime<Utc>,
    /// When it was deleted; its events and counters stay.
    pub deleted_time: Option<DateTime<Utc>>,
}

/// A source with its ingest key, shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedSource {
    /// The source.
    pub source: Source,
    /// The key.
    pub ingest_key: String,
}

/// What became of a batch. Success means durable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IngestReceipt {
    /// Events made durable, failed ones included.
    pub accepted: u64,
    /// Of these, lines that can only become failed records, as far as known at receipt.
    pub failed: u64,
    /// Reasons, at most 20.
    pub errors: Vec<LineError>,
    /// The batch was already here under the same `Idempotency-Key`; nothing was written again.
    pub duplicate: bool,
}

/// A bad line of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LineError {
    /// From 1.
    pub line: u64,
    /// `JSON_INVALID`, `NOT_TEXT`, `TOO_LONG`, `EMPTY_LINE`.
    pub code: String,
    /// What exactly.
    pub detail: String,
}
