//! `bailiwick node`: a node until it is told to stop, or a command on its data directory.

use crate::{
    arguments::{NodeArguments, NodeCommand, NodeRun, WorkspaceCommand, print},
    enrol, pages, settings, signals,
};
use anyhow::{Context, anyhow};
use bailiwick_api::NewWorkspace;
use bailiwick_chassis::{Clock, SystemClock, tasks::Tasks, telemetry};
use bailiwick_node::{FlushConfig, IngestConfig, LinkConfig, Node, NodeConfig, RuleConfig, SyslogConfig};
use std::{sync::Arc, time::Duration};

pub(crate) async fn run(arguments: NodeArguments) -> anyhow::Result<()> {
    match arguments.command {
        None => serve(arguments.run).await,
        Some(NodeCommand::Enrol(arguments)) => enrol::run(arguments).await,
        Some(NodeCommand::Workspace { command: WorkspaceCommand::Add { name, admin, data, public_url } }) => {
            let created = bailiwick_node::add_workspace(&data, public_url.as_deref(), SystemClock.now_us(), &NewWorkspace { name, admin }).await;
            let created = created.map_err(|refusal| anyhow!(refusal.problem().detail.unwrap_or_else(|| refusal.code().to_owned())))?;
            print(&format!(
                "workspace {} made; its administrator {} sets a password at\n{}",
                created.workspace.id, created.workspace.admin, created.link.link
            ));
            Ok(())
        }
    }
}

async fn serve(run: NodeRun) -> anyhow::Result<()> {
    let file: settings::NodeFile = settings::read(run.config.as_deref())?;
    let format = if file.log.json { telemetry::LogFormat::Json } else { telemetry::LogFormat::Text };
    telemetry::log(format, &file.log.filter);
    let metrics_listen = run.metrics_listen.or(file.metrics_listen);
    let tasks = Tasks::new();
    if let Some(address) = metrics_listen {
        let bound = telemetry::serve_metrics(&tasks, address, telemetry::metrics()?).await?;
        tracing::info!(address = %bound, "metrics listen");
    }
    let node = Node::start(config(run, file)?).await?;
    let syslog = node.state().syslog().shared();
    if let Some(address) = syslog.plain {
        tracing::info!(address = %address, "shared syslog listener, TCP and UDP");
    }
    if let Some(address) = syslog.tls {
        tracing::info!(address = %address, "shared syslog listener, TLS");
    }
    let scheme = if node.fingerprint().is_some() { "https" } else { "http" };
    print(&format!("node of region {} listens on {scheme}://{}", node.state().region(), node.address()));
    if let Some(fingerprint) = node.fingerprint() {
        print(&format!("its certificate has the SHA-256 {fingerprint}"));
    }
    if let Some(link) = node.operator_link() {
        print(&format!("make the first operator at {link}"));
    }
    signals::stop().await?;
    tracing::info!("stopping");
    node.stop().await;
    tasks.stop(Duration::from_secs(5)).await;
    Ok(())
}

fn config(run: NodeRun, file: settings::NodeFile) -> anyhow::Result<NodeConfig> {
    let standard = FlushConfig::default();
    Ok(NodeConfig {
        data: run.data.or(file.data).context("--data: where the node keeps everything is missing")?,
        listen: run.listen.or(file.listen).context("--listen: an address such as 127.0.0.1:9100 is missing")?,
        ingest_listen: run.ingest_listen.or(file.ingest_listen),
        region: run.region.or(file.region).context("--region: the node's region is missing")?,
        public_url: run.public_url.or(file.public_url),
        secure_cookies: file.secure_cookies || run.tls || file.tls.is_some(),
        tls: settings::tls(run.tls, file.tls),
        pages: pages::node,
        clock: Arc::new(SystemClock),
        syslog: SyslogConfig { listen: file.syslog_listen, tls_listen: file.syslog_tls_listen, tls: file.syslog_tls.map(Into::into) },
        rules: RuleConfig {
            starter: file.rules.starter && !run.no_starter_rules,
            paths: [file.rules.paths, run.rules].concat(),
            pipelines: [file.rules.pipelines, run.pipelines].concat(),
        },
        flush: FlushConfig {
            rows: file.flush.rows.unwrap_or(standard.rows),
            age: file.flush.age_seconds.map_or(standard.age, Duration::from_secs),
            max_bytes: file.flush.max_bytes.unwrap_or(standard.max_bytes),
            memory_bytes: file.flush.memory_bytes.unwrap_or(standard.memory_bytes),
            idle: file.flush.idle_seconds.map_or(standard.idle, Duration::from_secs),
        },
        ingest: IngestConfig { body_bytes: file.ingest.body_bytes.unwrap_or(IngestConfig::default().body_bytes) },
        lake: file.lake.config()?,
        attachments: file.attachments.config()?,
        dashboards: file.dashboards.config(),
        link: LinkConfig { ca: file.link.ca, proxy: file.link.proxy, ..LinkConfig::default() },
    })
}
