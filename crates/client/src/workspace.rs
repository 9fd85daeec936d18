//! A workspace as its own administrator calls it on the node, and ingest with a key.

use crate::{
    ClientError, Transport,
    console::begin,
    node::{join, segment},
};
use bailiwick_api::{
    CreatedSource, CreatedWorkspace, EventPage, IngestReceipt, InvestigationRow, List, LogSearch, NewSource, NewWorkspace, NodeMe, NodeSignIn,
    Source, Technician, UseLink,
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;
use url::Url;

const DEADLINE: Duration = Duration::from_secs(30);

/// A session on a node: a workspace's administrator, or the node's operator.
#[derive(Clone, Debug)]
pub struct WorkspaceClient {
    transport: Transport,
    base: Url,
    cookie: String,
    /// Who is signed in.
    pub me: NodeMe,
}

impl WorkspaceClient {
    /// Signs in.
    pub async fn sign_in(transport: &Transport, base: &Url, user: &str, password: &str) -> Result<Self, ClientError> {
        let body = NodeSignIn { user: user.into(), password: password.into() };
        let (me, cookie) = begin(transport, base, "/api/v1/session", &body).await?;
        Ok(Self { transport: transport.clone(), base: base.clone(), cookie, me })
    }

    /// Opens a single-use link and is signed in by it.
    pub async fn use_link(transport: &Transport, base: &Url, link: &UseLink) -> Result<Self, ClientError> {
        let (me, cookie) = begin(transport, base, "/api/v1/setup", link).await?;
        Ok(Self { transport: transport.clone(), base: base.clone(), cookie, me })
    }

    /// Makes a workspace; the operator's call.
    pub async fn add_workspace(&self, workspace: &NewWorkspace) -> Result<CreatedWorkspace, ClientError> {
        self.call(Method::POST, "/api/v1/workspaces", Some(workspace)).await
    }

    /// Makes a source.
    pub async fn add_source(&self, source: &NewSource) -> Result<CreatedSource, ClientError> {
        self.call(Method::POST, "/api/v1/sources", Some(source)).await
    }

    /// All sources with their counters.
    pub async fn sources(&self) -> Result<List<Source>, ClientError> {
        self.get("/api/v1/sources").await
    }

    /// Who may act here on behalf of the MSSP.
    pub async fn technicians(&self) -> Result<List<Technician>, ClientError> {
        self.get("/api/v1/technicians").await
    }

    /// Revokes a technician.
    pub async fn revoke(&self, email: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/api/v1/technicians/{}", segment(email)), None::<&()>).await
    }

    /// Searches the lake.
    pub async fn search_logs(&self, search: &LogSearch) -> Result<EventPage, ClientError> {
        self.call(Method::POST, "/api/v1/logs/search", Some(search)).await
    }

    /// The workspace's investigations.
    pub async fn investigations(&self) -> Result<List<InvestigationRow>, ClientError> {
        self.get("/api/v1/investigations").await
    }

    /// Any GET.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.call(Method::GET, path, None::<&()>).await
    }

    /// Any call.
    pub async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<T, ClientError> {
        let mut request = self.transport.request(method, join(&self.base, path)?);
        request = request.header("cookie", &self.cookie).header("x-csrf-token", &self.me.csrf);
        if let Some(body) = body {
            request = request.json(body);
        }
        Transport::json(request, DEADLINE).await
    }

    /// Sends a batch of events with an ingest key; safe to retry under the same idempotency key.
    pub async fn ingest(
        transport: &Transport,
        base: &Url,
        key: &str,
        idempotency_key: Option<&str>,
        body: Vec<u8>,
    ) -> Result<IngestReceipt, ClientError> {
        let mut request = transport.request(Method::POST, join(base, "/ingest/v1/events")?).bearer_auth(key).body(body);
        if let Some(idempotency_key) = idempotency_key {
            request = request.header("idempotency-key", idempotency_key);
        }
        Transport::json(request, DEADLINE).await
    }
}
