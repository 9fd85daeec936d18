//! A workspace on a node with its administrator, and the same as a customer of the console.

use crate::{Answer, Headers, NodeSlot, Session, answer::call};
use anyhow::Context;
use bailiwick_api::{
    CreatedWorkspace, Credentials, Customer, EventRow, Format, IngestReceipt, InvestigationRow, LogSearch, NewCustomer, NewSource, NewWorkspace,
    Scheme, Source, UseLink, WorkspaceId,
};
use bailiwick_chassis::secrets;
use bailiwick_client::{Transport, WorkspaceClient};
use serde_json::Value;
use std::{net::SocketAddr, ops::Deref, path::PathBuf};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// A workspace, set up: an HTTP source that takes anything and a syslog port.
#[derive(Clone)]
pub struct Site {
    /// Its id.
    pub id: WorkspaceId,
    /// Its administrator, signed in; the session outlives a restart of the node.
    pub admin: WorkspaceClient,
    /// The administrator's user name and password.
    pub credentials: Credentials,
    /// Key of the HTTP source.
    pub ingest_key: String,
    /// The HTTP source as it was made.
    pub source: Source,
    /// The syslog source as it was made; its port changes with a restart.
    pub syslog: Source,
    /// Its directory on the node.
    pub data: PathBuf,
    pub(crate) transport: Transport,
    node: SocketAddr,
    node_url: String,
}

/// A site that is a customer of the console.
#[derive(Clone)]
pub struct Registered {
    /// The customer as it was registered.
    pub customer: Customer,
    /// Its workspace.
    pub site: Site,
}

impl Deref for Registered {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Site {
    pub(crate) async fn open(transport: &Transport, node: &NodeSlot, name: &str) -> anyhow::Result<Self> {
        let user = format!("{}-admin", name.to_lowercase().replace(' ', "-"));
        let made: CreatedWorkspace = node.operator.add_workspace(&NewWorkspace { name: name.into(), admin: user.clone() }).await?;
        let credentials = Credentials { user, password: secrets::secret() };
        let link = UseLink { token: made.link.token, name: None, password: credentials.password.clone() };
        let admin = WorkspaceClient::use_link(transport, &format!("{}/", node.url()).parse()?, &link).await?;
        let logs = admin.add_source(&source("Collector", "collector/mixed", Format::Auto, None)).await?;
        let port = format!("{}:0", node.address().ip());
        let syslog = admin.add_source(&source("Servers", "linux/syslog", Format::Syslog, Some(port))).await?;
        Ok(Self {
            data: node.data().join("workspaces").join(made.workspace.id.as_str()),
            id: made.workspace.id,
            admin,
            credentials,
            ingest_key: logs.ingest_key,
            source: logs.source,
            syslog: syslog.source,
            transport: transport.clone(),
            node: node.address(),
            node_url: node.url(),
        })
    }

    /// The form that makes it a customer.
    pub fn form(&self, name: &str) -> NewCustomer {
        NewCustomer {
            name: name.into(),
            mail: "soc@customer.example".into(),
            server: self.node.ip().to_string(),
            port: self.node.port(),
            scheme: Scheme::Http,
            admin: self.credentials.clone(),
            primary: false,
            fingerprint: None,
        }
    }

    /// Sends events as NDJSON.
    pub async fn send(&self, events: &[Value]) -> anyhow::Result<IngestReceipt> {
        let body: String = events.iter().map(|event| format!("{event}\n")).collect();
        let answer = self.post(body, &[]).await?;
        anyhow::ensure!(answer.status == 200, "ingest: {answer:?}");
        Ok(serde_json::from_value(answer.body)?)
    }

    /// Sends any body with the ingest key and more headers.
    pub async fn post(&self, body: impl Into<Vec<u8>>, more: &[(&'static str, &str)]) -> anyhow::Result<Answer> {
        self.post_as(&self.ingest_key, body, more).await
    }

    /// Sends any body with any key.
    pub async fn post_as(&self, key: &str, body: impl Into<Vec<u8>>, more: &[(&'static str, &str)]) -> anyhow::Result<Answer> {
        let mut headers: Headers = vec![("authorization", format!("Bearer {key}"))];
        headers.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        call(&self.transport, "POST", &format!("{}/ingest/v1/events", self.node_url), &headers, body.into()).await
    }

    /// Opens a connection to the syslog port, sends, and closes it.
    pub async fn send_syslog(&self, bytes: &[u8]) -> anyhow::Result<()> {
        let address = self.syslog.syslog_tcp.as_deref().context("no syslog port")?;
        let mut connection = TcpStream::connect(address).await?;
        connection.write_all(bytes).await?;
        Ok(connection.shutdown().await?)
    }

    /// Searches the lake as the administrator; the first 1000 rows.
    pub async fn search(&self, query: &str) -> anyhow::Result<Vec<EventRow>> {
        let search = LogSearch { query: query.into(), limit: Some(1000), ..LogSearch::default() };
        Ok(self.admin.search_logs(&search).await?.data)
    }

    /// The workspace's investigations as its administrator sees them.
    pub async fn investigations(&self) -> anyhow::Result<Vec<InvestigationRow>> {
        Ok(self.admin.investigations().await?.data)
    }

    /// A source as it is now.
    pub async fn source_now(&self, source: &Source) -> anyhow::Result<Source> {
        let sources = self.admin.sources().await?.data;
        sources.into_iter().find(|s| s.id == source.id).context("the source is gone")
    }

    /// A further session of the administrator.
    pub async fn session(&self) -> anyhow::Result<Session> {
        Session::at_node(&self.transport, &self.node_url, &self.credentials.user, &self.credentials.password).await
    }
}

fn source(name: &str, category: &str, format: Format, syslog_tcp: Option<String>) -> NewSource {
    NewSource { format, syslog_tcp, ..NewSource::new(name, category) }
}
