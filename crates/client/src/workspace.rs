//! A workspace as its own administrator calls it on the node, and ingest with a key.

use crate::{
    ClientError, Transport,
    console::begin,
    node::{join, segment},
};
use bailiwick_api::{
    Acknowledge, Collector, CollectorPatch, CreatedSource, CreatedWorkspace, EventPage, HealthEvent, HealthIssue, HealthReport, IngestReceipt,
    InvestigationRow, LinkInfo, LinkOffer, List, LogSearch, NewCollector, NewSource, NewWorkspace, NodeMe, NodeSignIn, Paged, Source, SourcePatch,
    Technician, UseEnrolmentCode, UseLink,
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

    /// All sources with their counters, page after page.
    pub async fn sources(&self) -> Result<List<Source>, ClientError> {
        self.every("/api/v1/sources?limit=1000").await
    }

    /// Changes a source.
    pub async fn update_source(&self, id: &str, patch: &SourcePatch) -> Result<Source, ClientError> {
        self.call(Method::PATCH, &format!("/api/v1/sources/{}", segment(id)), Some(patch)).await
    }

    /// Gives a source a new key.
    pub async fn rotate_key(&self, id: &str) -> Result<CreatedSource, ClientError> {
        self.call(Method::POST, &format!("/api/v1/sources/{}/key", segment(id)), None::<&()>).await
    }

    /// Deletes a source; its events stay.
    pub async fn delete_source(&self, id: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/api/v1/sources/{}", segment(id)), None::<&()>).await
    }

    /// Makes a collector.
    pub async fn add_collector(&self, collector: &NewCollector) -> Result<Collector, ClientError> {
        self.call(Method::POST, "/api/v1/collectors", Some(collector)).await
    }

    /// All collectors, page after page.
    pub async fn collectors(&self) -> Result<List<Collector>, ClientError> {
        self.every("/api/v1/collectors?limit=1000").await
    }

    /// Changes a collector.
    pub async fn update_collector(&self, id: &str, patch: &CollectorPatch) -> Result<Collector, ClientError> {
        self.call(Method::PATCH, &format!("/api/v1/collectors/{}", segment(id)), Some(patch)).await
    }

    /// Deletes a collector that has no sources.
    pub async fn delete_collector(&self, id: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/api/v1/collectors/{}", segment(id)), None::<&()>).await
    }

    /// Every open health issue.
    pub async fn health_issues(&self) -> Result<List<HealthIssue>, ClientError> {
        self.every("/api/v1/health/issues?limit=1000").await
    }

    /// The last changes of health, at most so many.
    pub async fn health_events(&self, limit: u32) -> Result<Paged<HealthEvent>, ClientError> {
        self.get(&format!("/api/v1/health/events?limit={limit}")).await
    }

    /// Says that an open health issue is known.
    pub async fn acknowledge(&self, issue: &str, body: &Acknowledge) -> Result<HealthIssue, ClientError> {
        self.call(Method::POST, &format!("/api/v1/health/issues/{}/acknowledge", segment(issue)), Some(body)).await
    }

    /// Every page of a list. The path ends in a query.
    async fn every<T: DeserializeOwned>(&self, path: &str) -> Result<List<T>, ClientError> {
        let (mut data, mut next) = (Vec::new(), String::new());
        loop {
            let page: Paged<T> = self.get(&format!("{path}{next}")).await?;
            data.extend(page.data);
            match page.next {
                Some(cursor) => next = format!("&cursor={}", segment(&cursor)),
                None => return Ok(List { data }),
            }
        }
    }

    /// Which console an enrolment code is of, and what it asks for.
    pub async fn preview_link(&self, code: &str) -> Result<LinkOffer, ClientError> {
        self.call(Method::POST, "/api/v1/links/preview", Some(&UseEnrolmentCode { code: code.to_owned() })).await
    }

    /// Agrees to an enrolment code.
    pub async fn add_link(&self, code: &str) -> Result<LinkInfo, ClientError> {
        self.call(Method::POST, "/api/v1/links", Some(&UseEnrolmentCode { code: code.to_owned() })).await
    }

    /// How the outbound links of the workspace stand.
    pub async fn links(&self) -> Result<List<LinkInfo>, ClientError> {
        self.get("/api/v1/links").await
    }

    /// Ends the relationship with a console.
    pub async fn end_enrolment(&self, console: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/api/v1/enrolments/{}", segment(console)), None::<&()>).await
    }

    /// Ends the session.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        self.call(Method::DELETE, "/api/v1/session", None::<&()>).await
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

    /// Any GET whose answer is a file.
    pub async fn fetch(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let request = self.transport.request(Method::GET, join(&self.base, path)?).header("cookie", &self.cookie);
        Ok(Transport::send(request, DEADLINE).await?.0)
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

    /// Tells what is wrong with a source or its collector, with the source's ingest key.
    pub async fn report_health(transport: &Transport, base: &Url, key: &str, report: &HealthReport) -> Result<(), ClientError> {
        let request = transport.request(Method::POST, join(base, "/api/v1/health/report")?).bearer_auth(key).json(report);
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
