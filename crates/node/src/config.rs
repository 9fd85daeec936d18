//! What a node is told at its start.

use bailiwick_chassis::{assets::Pages, clock::SharedClock};
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Settings of a node.
#[derive(Clone)]
pub struct NodeConfig {
    /// Everything it keeps.
    pub data: PathBuf,
    /// Where its API and pages listen.
    pub listen: SocketAddr,
    /// Where ingest listens when apart from the API.
    pub ingest_listen: Option<SocketAddr>,
    /// Its region, such as `eu`.
    pub region: String,
    /// How people reach it, for links; `http://<listen>` unless told.
    pub public_url: Option<String>,
    /// Whether cookies are for TLS only.
    pub secure_cookies: bool,
    /// The workspace's pages.
    pub pages: Pages,
    /// The clock.
    pub clock: SharedClock,
    /// Which rules detect.
    pub rules: RuleConfig,
    /// When the unflushed tail becomes files.
    pub flush: FlushConfig,
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
    /// A workspace nobody asked for so long is closed.
    pub idle: Duration,
}

impl Default for FlushConfig {
    fn default() -> Self {
        Self { rows: 50_000, age: Duration::from_secs(120), max_bytes: 128 << 20, idle: Duration::from_secs(600) }
    }
}
