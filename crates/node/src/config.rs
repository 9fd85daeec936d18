//! What a node is told at its start.

use crate::{attachments::AttachmentConfig, lake::LakeConfig, link::LinkConfig};
use bailiwick_chassis::{
    assets::Pages,
    certificate::{CertificateFiles, ServeTls},
    clock::SharedClock,
};
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Settings of a node.
#[derive(Clone)]
pub struct NodeConfig {
    /// Everything it keeps.
    pub data: PathBuf,
    /// Where its API and pages listen.
    pub listen: SocketAddr,
    /// Whether API, pages and ingest are called over TLS.
    pub tls: ServeTls,
    /// Where ingest listens when apart from the API.
    pub ingest_listen: Option<SocketAddr>,
    /// Its region, such as `eu`.
    pub region: String,
    /// How people reach it, for links; `http://<listen>`, over TLS `https://<listen>`, unless told.
    pub public_url: Option<String>,
    /// Whether cookies are for TLS only.
    pub secure_cookies: bool,
    /// The workspace's pages.
    pub pages: Pages,
    /// The clock.
    pub clock: SharedClock,
    /// The shared syslog listener, and who the node is over TLS.
    pub syslog: SyslogConfig,
    /// Which rules detect.
    pub rules: RuleConfig,
    /// When the unflushed tail becomes files.
    pub flush: FlushConfig,
    /// What senders may take.
    pub ingest: IngestConfig,
    /// Where lakes are and how they are kept in order.
    pub lake: LakeConfig,
    /// How consoles are dialled.
    pub link: LinkConfig,
    /// How files attached to investigations are kept and scanned.
    pub attachments: AttachmentConfig,
    /// What dashboards may take.
    pub dashboards: DashboardConfig,
}

/// What dashboards may take.
#[derive(Clone, Copy, Debug)]
pub struct DashboardConfig {
    /// Bytes of memory that what dashboards count of all workspaces may take; what does not fit is read for each question.
    pub memory_bytes: usize,
}

impl Default for DashboardConfig {
    fn default() -> Self {
        Self { memory_bytes: 512 << 20 }
    }
}

/// What senders may take.
#[derive(Clone, Copy, Debug)]
pub struct IngestConfig {
    /// Bytes of memory that all bodies together may take while they are received and divided; above, senders are told to wait. One body
    /// of the largest size always fits.
    pub body_bytes: usize,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self { body_bytes: 256 << 20 }
    }
}

/// Syslog beyond the ports that sources open.
#[derive(Clone, Debug, Default)]
pub struct SyslogConfig {
    /// Where a listener over TCP and UDP takes lines of all sources, each with its ingest key in it; none by default.
    pub listen: Option<SocketAddr>,
    /// The same over TLS.
    pub tls_listen: Option<SocketAddr>,
    /// The node's certificate for syslog; one that vouches for itself is made in `data` by default.
    pub tls: Option<CertificateFiles>,
}

/// Which rules detect.
#[derive(Clone, Debug)]
pub struct RuleConfig {
    /// The starter pack.
    pub starter: bool,
    /// SigmaHQ releases: directories, archives or single files.
    pub paths: Vec<PathBuf>,
    /// Sigma processing pipelines that rewrite them: files or directories.
    pub pipelines: Vec<PathBuf>,
}

impl Default for RuleConfig {
    fn default() -> Self {
        Self { starter: true, paths: Vec::new(), pipelines: Vec::new() }
    }
}

/// When the unflushed tail of a workspace becomes files of its lake.
#[derive(Clone, Copy, Debug)]
pub struct FlushConfig {
    /// As soon as it holds so many rows.
    pub rows: usize,
    /// As soon as its oldest row is so old.
    pub age: Duration,
    /// Bytes it may hold in memory, 1 KiB an event beside its text; above, senders are told to wait.
    pub max_bytes: usize,
    /// Bytes that the waiting logs and tails of all workspaces together may hold in memory; above, senders are told to wait.
    pub memory_bytes: usize,
    /// A workspace nobody asked for so long is closed.
    pub idle: Duration,
}

impl Default for FlushConfig {
    fn default() -> Self {
        Self { rows: 50_000, age: Duration::from_secs(120), max_bytes: 128 << 20, memory_bytes: 1 << 30, idle: Duration::from_secs(600) }
    }
}
