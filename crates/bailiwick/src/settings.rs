//! Settings files: one for each server, TOML, unknown keys refused.

use anyhow::Context;
use bailiwick_chassis::certificate::{CertificateFiles, ServeTls};
use bailiwick_node::{AttachmentConfig, DashboardConfig, LakeConfig, lake::Bucket};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// What a node's file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NodeFile {
    pub(crate) data: Option<PathBuf>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) tls: Option<TlsSection>,
    pub(crate) ingest_listen: Option<SocketAddr>,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) region: Option<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) secure_cookies: bool,
    pub(crate) syslog_listen: Option<SocketAddr>,
    pub(crate) syslog_tls_listen: Option<SocketAddr>,
    pub(crate) syslog_tls: Option<TlsSection>,
    pub(crate) rules: RulesSection,
    pub(crate) flush: FlushSection,
    pub(crate) ingest: IngestSection,
    pub(crate) lake: LakeSection,
    pub(crate) link: LinkSection,
    pub(crate) attachments: AttachmentsSection,
    pub(crate) dashboards: DashboardsSection,
    pub(crate) log: LogSection,
}

/// A certificate and its key, as PEM files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsSection {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl From<TlsSection> for CertificateFiles {
    fn from(section: TlsSection) -> Self {
        Self { certificate: section.certificate, key: section.key }
    }
}

/// How a server is called: the certificate of the settings wins over one of its own.
pub(crate) fn tls(asked: bool, section: Option<TlsSection>) -> ServeTls {
    match section {
        Some(section) => ServeTls::Files(section.into()),
        None if asked => ServeTls::Own,
        None => ServeTls::Off,
    }
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
    pub(crate) memory_bytes: Option<usize>,
    pub(crate) idle_seconds: Option<u64>,
}

/// What senders may take.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IngestSection {
    pub(crate) body_bytes: Option<usize>,
}

/// What dashboards may take.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DashboardsSection {
    pub(crate) memory_mib: Option<usize>,
}

impl DashboardsSection {
    /// The settings as the node takes them.
    pub(crate) fn config(&self) -> DashboardConfig {
        self.memory_mib.map_or_else(DashboardConfig::default, |mib| DashboardConfig { memory_bytes: mib.saturating_mul(1 << 20) })
    }
}

/// How files attached to investigations are kept and scanned.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AttachmentsSection {
    pub(crate) clamd: Option<String>,
    pub(crate) quota_bytes: Option<u64>,
}

impl AttachmentsSection {
    /// The settings as the node takes them.
    pub(crate) fn config(self) -> anyhow::Result<AttachmentConfig> {
        let clamd = self.clamd.map(|text| text.parse()).transpose().map_err(|why: String| anyhow::anyhow!("[attachments] clamd: {why}"))?;
        Ok(AttachmentConfig { clamd, quota_bytes: self.quota_bytes.unwrap_or(AttachmentConfig::default().quota_bytes) })
    }
}

/// Where lakes are and how they are kept in order.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LakeSection {
    pub(crate) url: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) secret_access_key: Option<String>,
    pub(crate) path_style: Option<bool>,
    pub(crate) deadline_seconds: Option<u64>,
    pub(crate) cold_after_days: Option<u32>,
    pub(crate) remove_after_seconds: Option<u64>,
    pub(crate) publish: Option<bool>,
}

impl LakeSection {
    /// The settings as the node takes them.
    pub(crate) fn config(self) -> anyhow::Result<LakeConfig> {
        let standard = LakeConfig::default();
        let bucket = self.url.as_deref().map(Bucket::parse).transpose().context("[lake] url")?;
        anyhow::ensure!(bucket.is_some() || self.endpoint.is_none(), "[lake] endpoint: there is no url = \"s3://…\" it could be for");
        anyhow::ensure!(
            self.access_key_id.is_some() == self.secret_access_key.is_some(),
            "[lake] access_key_id and secret_access_key go together; with neither they are read from the environment"
        );
        Ok(LakeConfig {
            bucket: bucket.map(|bucket| Bucket {
                endpoint: self.endpoint,
                region: self.region,
                access_key_id: self.access_key_id,
                secret_access_key: self.secret_access_key,
                path_style: self.path_style.unwrap_or(bucket.path_style),
                deadline: self.deadline_seconds.map_or(bucket.deadline, Duration::from_secs),
                ..bucket
            }),
            cold_after_days: match self.cold_after_days {
                Some(0) => None,
                Some(days) => Some(days),
                None => standard.cold_after_days,
            },
            grace: self.remove_after_seconds.map_or(standard.grace, Duration::from_secs),
            publish: self.publish.unwrap_or(standard.publish),
            ..standard
        })
    }
}

/// How consoles are dialled.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LinkSection {
    pub(crate) ca: Option<PathBuf>,
    pub(crate) proxy: Option<String>,
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
    pub(crate) tls: Option<TlsSection>,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) name: Option<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) enrolment_code_seconds: Option<u64>,
    pub(crate) secure_cookies: bool,
    pub(crate) name_hidden_customers: bool,
    pub(crate) licence_public_key: Option<String>,
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
        let node = read::<NodeFile>(Some(&docs.join("node.toml"))).unwrap();
        let lake = node.lake.config().unwrap();
        assert_eq!(lake.bucket.map(|bucket| (bucket.name, bucket.prefix)), Some(("security-logs".into(), "siem/eu".into())));
        let half = toml::from_str::<NodeFile>("[lake]\nurl = 's3://a'\naccess_key_id = 'x'").unwrap();
        assert!(half.lake.config().unwrap_err().to_string().contains("secret_access_key"));
        let wrong = toml::from_str::<NodeFile>("[lake]\nurl = 'https://a'").unwrap();
        assert!(format!("{:#}", wrong.lake.config().unwrap_err()).contains("s3://"));
        read::<ConsoleFile>(Some(&docs.join("console.toml"))).unwrap();
        let error = toml::from_str::<NodeFile>("lisen = '127.0.0.1:1'").unwrap_err();
        assert!(error.to_string().contains("lisen"), "{error}");
    }
}
