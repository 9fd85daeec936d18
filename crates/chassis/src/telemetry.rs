//! Logs to standard error and metrics on a listener of their own.

use crate::tasks::Tasks;
use axum::{Router, routing::get};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
};
use tracing_subscriber::EnvFilter;

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging; a second call does nothing.
pub fn log(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(io::stderr().is_terminal()).with_writer(io::stderr);
    let _already_started = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// Starts collecting metrics for the process.
pub fn metrics() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new().install_recorder()
}

/// Serves `/metrics` on its own listener; no label names a tenant.
pub async fn serve_metrics(tasks: &Tasks, address: SocketAddr, handle: PrometheusHandle) -> io::Result<SocketAddr> {
    let listener = crate::serve::listen(address).await?;
    let bound = listener.local_addr()?;
    let router = Router::new().route("/metrics", get(move || async move { handle.render() }));
    crate::serve::run(tasks, listener, router);
    Ok(bound)
}
