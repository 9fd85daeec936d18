//! Settings files: one for each server, TOML, unknown keys refused.

use anyhow::Context;
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// What a node's file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NodeFile {
    pub(crate) data: Option<PathBuf>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) ingest_listen: Option<SocketAddr>,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) region: Option<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) secure_cookies: bool,
    pub(crate) rules: RulesSection,
    pub(crate) flush: FlushSection,
    pub(crate) log: LogSection,
}

/// Which rules detect.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RulesSection {
    pub(crate) starter: bool,
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) pipelines: Vec<PathBuf>,
}

impl Default for RulesSection {
    fn default() -> Self {
        Self { starter: true, paths: Vec::new(), pipelines: Vec::new() }
    }
}

/// When the unflushed tail becomes files.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FlushSection {
    pub(crate) rows: Option<usize>,
    pub(crate) age_seconds: Option<u64>,
    pub(crate) max_bytes: Option<usize>,
}

/// How logs are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogSection {
    pub(crate) filter: String,
    pub(crate) json: bool,
}

impl Default for LogSection {
    fn default() -> Self {
        Self { filter: "info,sqlx=warn".into(), json: false }
    }
}

/// What a console's file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConsoleFile {
    pub(crate) data: Option<PathBuf>,
    pub(crate) database_url: Option<String>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) name: Option<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) secure_cookies: bool,
    pub(crate) name_hidden_customers: bool,
    pub(crate) log: LogSection,
}

/// Reads a settings file; none is no settings.
pub(crate) fn read<T: DeserializeOwned + Default>(path: Option<&Path>) -> anyhow::Result<T> {
    let Some(path) = path else { return Ok(T::default()) };
    let text = fs::read_to_string(path).with_context(|| format!("config {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("config {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_settings_are_read_and_an_unknown_key_is_named() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration");
        read::<NodeFile>(Some(&docs.join("node.toml"))).unwrap();
        read::<ConsoleFile>(Some(&docs.join("console.toml"))).unwrap();
        let error = toml::from_str::<NodeFile>("lisen = '127.0.0.1:1'").unwrap_err();
        assert!(error.to_string().contains("lisen"), "{error}");
    }
}
