//! A source, as those who take events know it.

use bailiwick_api::{CollectorId, Format, SourceId, Tier};

/// A source as ingest needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceInfo {
    /// Id.
    pub id: SourceId,
    /// Name.
    pub name: String,
    /// Category.
    pub category: String,
    /// Format.
    pub format: Format,
    /// Tier.
    pub tier: Tier,
    /// Whether it takes events: it and its collector are switched on, and it is not deleted.
    pub enabled: bool,
    /// Whether it was deleted; its events stay.
    pub deleted: bool,
    /// The collector that sends it.
    pub collector: Option<CollectorId>,
    /// The host it comes from.
    pub host: Option<String>,
    /// The parser its events go to.
    pub parser: Option<String>,
    /// Whether its events are fed to detection.
    pub cse: bool,
    /// Where its syslog port should listen.
    pub syslog_tcp: Option<String>,
    /// The same over UDP.
    pub syslog_udp: Option<String>,
    /// The same over TLS.
    pub syslog_tls: Option<String>,
    /// Who may send to its syslog ports; empty means anybody.
    pub allowed: Vec<String>,
    /// SHA-256 of the client certificate its TLS port demands.
    pub client_certificate: Option<String>,
}
