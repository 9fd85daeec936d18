//! A node at a fixed address: it runs, is stopped, or hangs, and comes back with the same data.

use anyhow::{Context, bail};
use bailiwick_api::{NodeId, UseLink};
use bailiwick_chassis::{SystemClock, secrets, tasks::Tasks};
use bailiwick_client::{Transport, WorkspaceClient};
use bailiwick_node::{
    AttachmentConfig, FlushConfig, IngestConfig, LakeConfig, LinkConfig, Node, NodeConfig, RuleConfig, SyslogConfig, ingest::syslog::SyslogPorts,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpListener;

/// One node of a world.
pub struct NodeSlot {
    /// Its region.
    pub region: String,
    /// Its operator, signed in; the session outlives a restart.
    pub operator: WorkspaceClient,
    /// Operator's password.
    pub operator_password: String,
    config: NodeConfig,
    now: Now,
}

enum Now {
    Up(Box<Node>),
    Stopped,
    Hanging(Tasks),
}

impl NodeSlot {
    pub(crate) async fn start(transport: &Transport, host: Ipv4Addr, data: &Path, region: &str, flush: FlushConfig) -> anyhow::Result<Self> {
        let mut config = NodeConfig {
            data: data.join(region),
            tls: Default::default(),
            listen: SocketAddr::from((host, 0)),
            ingest_listen: None,
            region: region.to_owned(),
            public_url: None,
            secure_cookies: false,
            pages: |_| None,
            clock: Arc::new(SystemClock),
            syslog: SyslogConfig { listen: Some(SocketAddr::from((host, 0))), tls_listen: Some(SocketAddr::from((host, 0))), tls: None },
            rules: RuleConfig::default(),
            flush,
            ingest: IngestConfig::default(),
            attachments: AttachmentConfig::default(),
            dashboards: bailiwick_node::DashboardConfig::default(),
            lake: LakeConfig::default(),
            link: LinkConfig { first_wait: Duration::from_millis(100), longest_wait: Duration::from_secs(1), ..LinkConfig::default() },
        };
        let node = Node::start(config.clone()).await?;
        config.listen = node.address();
        let link = node.operator_link().context("a new node has no operator")?;
        let operator_password = secrets::secret();
        let use_link = UseLink { token: token(link)?, name: Some("operator".into()), password: operator_password.clone() };
        let operator = WorkspaceClient::use_link(transport, &format!("http://{}/", config.listen).parse()?, &use_link).await?;
        Ok(Self { region: region.to_owned(), operator, operator_password, config, now: Now::Up(Box::new(node)) })
    }

    /// Where it listens, also while it does not.
    pub fn address(&self) -> SocketAddr {
        self.config.listen
    }

    /// The same as a URL without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.config.listen)
    }

    /// Everything it keeps.
    pub fn data(&self) -> &PathBuf {
        &self.config.data
    }

    /// Its id; an error while it does not run.
    pub fn id(&self) -> anyhow::Result<NodeId> {
        match &self.now {
            Now::Up(node) => Ok(node.state().id().clone()),
            Now::Stopped | Now::Hanging(_) => bail!("the node does not run"),
        }
    }

    /// Its syslog ports; an error while it does not run.
    pub fn syslog(&self) -> anyhow::Result<SyslogPorts> {
        match &self.now {
            Now::Up(node) => Ok(node.state().syslog().clone()),
            Now::Stopped | Now::Hanging(_) => bail!("the node does not run"),
        }
    }

    /// Stops it as SIGTERM would.
    pub async fn stop(&mut self) {
        match std::mem::replace(&mut self.now, Now::Stopped) {
            Now::Up(node) => node.stop().await,
            Now::Hanging(tasks) => {
                tasks.stop(Duration::from_secs(1)).await;
            }
            Now::Stopped => {}
        }
    }

    /// Puts something in its place that takes connections and never says a word.
    pub async fn hang(&mut self) -> anyhow::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.config.listen).await?;
        let tasks = Tasks::new();
        tasks.spawn(async move {
            let mut held = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                held.push(connection);
            }
        });
        self.now = Now::Hanging(tasks);
        Ok(())
    }

    /// Starts it again at the same address with the same data and other settings.
    pub async fn start_changed(&mut self, change: impl FnOnce(&mut NodeConfig)) -> anyhow::Result<()> {
        change(&mut self.config);
        self.start_again().await
    }

    /// Starts it again at the same address with the same data.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        self.stop().await;
        self.now = Now::Up(Box::new(Node::start(self.config.clone()).await?));
        Ok(())
    }
}

/// The token in a single-use link.
pub(crate) fn token(link: &str) -> anyhow::Result<String> {
    let (_, token) = link.split_once('#').context("a link carries its token after #")?;
    Ok(token.to_owned())
}
