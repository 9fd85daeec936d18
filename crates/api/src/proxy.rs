//! How a workspace is reached through a reverse proxy, as its administrator tells.

use crate::{Scheme, words::words};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words!(
    /// How a reverse proxy tells the parts of a node apart.
    ProxyMode {
        /// One port, a path for each part.
        Context = "context",
        /// A port for each part.
        Port = "port",
    }
);

words!(
    /// A part of a node that a reverse proxy may stand before.
    ProxyPart {
        /// Pages and API.
        Api = "api",
        /// Ingest over HTTP.
        Ingest = "ingest",
        /// Syslog.
        Syslog = "syslog",
    }
);

/// One part behind a reverse proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxyComponent {
    /// Which.
    pub component: ProxyPart,
    /// Whether it is reached through the proxy.
    pub enabled: bool,
    /// Its path, such as `/ingest`; mode `context` alone, each another.
    #[serde(default)]
    pub path: Option<String>,
    /// Its port; mode `port` alone, each another.
    #[serde(default)]
    pub port: Option<u16>,
}

/// How a workspace is reached from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Whether there is a reverse proxy.
    pub enabled: bool,
    /// The host name or address it is reached at; needed when there is one.
    #[serde(default)]
    pub public_address: Option<String>,
    /// How it is reached.
    #[serde(default = "https")]
    pub scheme: Scheme,
    /// How parts are told apart.
    #[serde(default = "context")]
    pub mode: ProxyMode,
    /// The one port of mode `context`; the scheme's own unless told.
    #[serde(default)]
    pub port: Option<u16>,
    /// What every path begins with, such as `/siem`.
    #[serde(default)]
    pub path_prefix: Option<String>,
    /// The parts, each at most once.
    #[serde(default)]
    pub components: Vec<ProxyComponent>,
}

fn https() -> Scheme {
    Scheme::Https
}

fn context() -> ProxyMode {
    ProxyMode::Context
}

impl Default for Proxy {
    fn default() -> Self {
        Self { enabled: false, public_address: None, scheme: https(), mode: context(), port: None, path_prefix: None, components: Vec::new() }
    }
}
