//! A node as the console calls it: every call carries a fresh assertion.

use crate::{ClientError, SigningKey, Transport, transport::Chunks};
use bailiwick_api::{
    About, AskInvestigations, AskSummaries, AskSync, Assertion, Assignee, CheckEnrolment, ConsoleId, Enrolment, EnrolmentCheck, EventPage, EventRow,
    InvestigationAnswers, InvestigationDetail, InvestigationPatch, InvestigationRow, Licence, LicenceState, List, LogSearch, NewEnrolment, NodeId,
    Purpose, PutTechnician, Role, RuleInfo, SummaryAnswers, SuspendEnrolment, SyncAnswer, Technician, WorkspaceId,
};
use bailiwick_link::Channel;
use data_encoding::BASE64URL_NOPAD;
use rand::{TryRngCore, rngs::OsRng};
use reqwest::{Method, RequestBuilder};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::time::Duration;
use url::Url;

/// Who acts, at what time.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Now, in seconds since the epoch.
    pub now_seconds: i64,
}

/// How a node is reached.
#[derive(Clone, Debug)]
enum Way {
    /// The console dials it.
    Direct(Url),
    /// It dialled the console.
    Outbound(Channel),
}

/// Stands in URLs for a node that has no address; assertions are bound to the path alone.
const NO_ADDRESS: &str = "http://node.link/";

/// One node, whoever opened the connection to it.
#[derive(Clone, Debug)]
pub struct NodeClient {
    transport: Transport,
    way: Way,
    console: ConsoleId,
    node: NodeId,
    key: SigningKey,
}

impl NodeClient {
    /// A node that was enrolled, at this address.
    pub fn new(transport: Transport, base: Url, console: ConsoleId, node: NodeId, key: SigningKey) -> Self {
        Self { transport, way: Way::Direct(base), console, node, key }
    }

    /// A node that was enrolled and dials the console.
    pub fn over(transport: Transport, channel: Channel, console: ConsoleId, node: NodeId, key: SigningKey) -> Self {
        Self { transport, way: Way::Outbound(channel), console, node, key }
    }

    /// What the node says of itself, asked the way every call goes.
    pub async fn ask_about(&self, deadline: Duration) -> Result<About, ClientError> {
        let request = self.transport.request(Method::GET, self.url("/api/v1/about")?);
        self.send(request, deadline).await
    }

    fn url(&self, path: &str) -> Result<Url, ClientError> {
        match &self.way {
            Way::Direct(base) => join(base, path),
            Way::Outbound(_) => join(&Url::parse(NO_ADDRESS).map_err(|e| ClientError::Protocol(e.to_string()))?, path),
        }
    }

    pub(crate) async fn send<T: DeserializeOwned>(&self, request: RequestBuilder, deadline: Duration) -> Result<T, ClientError> {
        match &self.way {
            Way::Direct(_) => Transport::json(request, deadline).await,
            Way::Outbound(channel) => Transport::json_over(channel, request, deadline).await,
        }
    }

    /// What a server says of itself; needs no enrolment.
    pub async fn about(transport: &Transport, base: &Url, deadline: Duration) -> Result<About, ClientError> {
        Transport::json(transport.request(Method::GET, join(base, "/api/v1/about")?), deadline).await
    }

    /// Enrols a workspace; the credentials travel once and are kept nowhere.
    pub async fn enrol(transport: &Transport, base: &Url, body: &NewEnrolment, deadline: Duration) -> Result<Enrolment, ClientError> {
        Transport::json(transport.request(Method::POST, join(base, "/api/v1/enrolments")?).json(body), deadline).await
    }

    /// Asks whether credentials could enrol their workspace; changes nothing.
    pub async fn check_enrolment(
        transport: &Transport,
        base: &Url,
        body: &CheckEnrolment,
        deadline: Duration,
    ) -> Result<EnrolmentCheck, ClientError> {
        Transport::json(transport.request(Method::POST, join(base, "/api/v1/enrolments/check")?).json(body), deadline).await
    }

    /// Suspends this console's enrolment of a workspace, or resumes it.
    pub async fn suspend(&self, caller: &Caller, workspace: &WorkspaceId, suspended: bool, deadline: Duration) -> Result<(), ClientError> {
        let path = enrolment_path(workspace);
        self.call(caller, Purpose::Manage, Method::PUT, &path, Some(&SuspendEnrolment { suspended }), deadline).await
    }

    /// Ends this console's enrolment of a workspace.
    pub async fn end_enrolment(&self, caller: &Caller, workspace: &WorkspaceId, deadline: Duration) -> Result<(), ClientError> {
        self.call(caller, Purpose::Manage, Method::DELETE, &enrolment_path(workspace), NONE, deadline).await
    }

    /// Asks for investigations of several workspaces.
    pub async fn investigations(&self, caller: &Caller, ask: &AskInvestigations, deadline: Duration) -> Result<InvestigationAnswers, ClientError> {
        self.call(caller, Purpose::Work, Method::POST, "/api/v1/federated/investigations", Some(ask), deadline).await
    }

    /// Asks for open investigations by priority of several workspaces.
    pub async fn summaries(&self, caller: &Caller, ask: &AskSummaries, deadline: Duration) -> Result<SummaryAnswers, ClientError> {
        self.call(caller, Purpose::Work, Method::POST, "/api/v1/federated/summaries", Some(ask), deadline).await
    }

    /// One investigation with its signals and history.
    pub async fn investigation(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        id: &str,
        deadline: Duration,
    ) -> Result<InvestigationDetail, ClientError> {
        let path = work_path(at, &format!("investigations/{}", segment(id)), "");
        self.call(caller, Purpose::Work, Method::GET, &path, NONE, deadline).await
    }

    /// Changes an investigation.
    pub async fn update_investigation(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        id: &str,
        patch: &InvestigationPatch,
        deadline: Duration,
    ) -> Result<InvestigationRow, ClientError> {
        let path = work_path(at, &format!("investigations/{}", segment(id)), "");
        self.call(caller, Purpose::Work, Method::PATCH, &path, Some(patch), deadline).await
    }

    /// The records behind one signal.
    pub async fn records(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        id: &str,
        signal: &str,
        deadline: Duration,
    ) -> Result<List<EventRow>, ClientError> {
        let path = work_path(at, &format!("investigations/{}/records", segment(id)), &format!("&signal={}", segment(signal)));
        self.call(caller, Purpose::Work, Method::GET, &path, NONE, deadline).await
    }

    /// The rule behind a signal.
    pub async fn rule(&self, caller: &Caller, at: (&WorkspaceId, Role), rule: &str, deadline: Duration) -> Result<RuleInfo, ClientError> {
        let path = work_path(at, &format!("rules/{}", segment(rule)), "");
        self.call(caller, Purpose::Work, Method::GET, &path, NONE, deadline).await
    }

    /// A list of a workspace by its noun, such as `signals` or `rules`; `query` holds further parameters, each with an `&` before it.
    pub async fn read<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        noun: &str,
        query: &str,
        deadline: Duration,
    ) -> Result<T, ClientError> {
        self.call(caller, Purpose::Work, Method::GET, &work_path(at, noun, query), NONE, deadline).await
    }

    /// Searches the lake of one workspace.
    pub async fn search_logs(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        search: &LogSearch,
        deadline: Duration,
    ) -> Result<EventPage, ClientError> {
        let path = work_path(at, "logs/search", "");
        self.call(caller, Purpose::Work, Method::POST, &path, Some(search), deadline).await
    }

    /// Asks a workspace a question that stands in a body, by its noun, such as `logs/histogram` or `sql`.
    pub async fn ask<B: Serialize, T: DeserializeOwned>(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        noun: &str,
        body: &B,
        deadline: Duration,
    ) -> Result<T, ClientError> {
        self.call(caller, Purpose::Work, Method::POST, &work_path(at, noun, ""), Some(body), deadline).await
    }

    /// Ends or removes one thing of a workspace, by its noun and id.
    pub async fn remove(&self, caller: &Caller, at: (&WorkspaceId, Role), noun: &str, id: &str, deadline: Duration) -> Result<(), ClientError> {
        let path = work_path(at, &format!("{noun}/{}", segment(id)), "");
        self.call(caller, Purpose::Work, Method::DELETE, &path, NONE, deadline).await
    }

    /// Technicians who may be assigned an investigation.
    pub async fn assignees(&self, caller: &Caller, at: (&WorkspaceId, Role), deadline: Duration) -> Result<List<Assignee>, ClientError> {
        let path = work_path(at, "assignees", "");
        self.call(caller, Purpose::Work, Method::GET, &path, NONE, deadline).await
    }

    /// Writes a technician at a workspace.
    pub async fn put_technician(
        &self,
        caller: &Caller,
        workspace: &WorkspaceId,
        email: &str,
        body: &PutTechnician,
        deadline: Duration,
    ) -> Result<Technician, ClientError> {
        let path = format!("/api/v1/workspaces/{}/technicians/{}", segment(workspace.as_str()), segment(email));
        self.call(caller, Purpose::Manage, Method::PUT, &path, Some(body), deadline).await
    }

    /// Sets the licence of a workspace.
    pub async fn put_licence(
        &self,
        caller: &Caller,
        workspace: &WorkspaceId,
        body: &Licence,
        deadline: Duration,
    ) -> Result<LicenceState, ClientError> {
        let path = format!("/api/v1/workspaces/{}/licence", segment(workspace.as_str()));
        self.call(caller, Purpose::Manage, Method::PUT, &path, Some(body), deadline).await
    }

    /// Syncs a workspace: tells it what was decided, and hears how it stands.
    pub async fn sync(&self, caller: &Caller, workspace: &WorkspaceId, ask: &AskSync, deadline: Duration) -> Result<SyncAnswer, ClientError> {
        let path = format!("/api/v1/workspaces/{}/sync", segment(workspace.as_str()));
        self.call(caller, Purpose::Manage, Method::POST, &path, Some(ask), deadline).await
    }

    /// Takes a technician away.
    pub async fn delete_technician(&self, caller: &Caller, workspace: &WorkspaceId, email: &str, deadline: Duration) -> Result<(), ClientError> {
        let path = format!("/api/v1/workspaces/{}/technicians/{}", segment(workspace.as_str()), segment(email));
        self.call(caller, Purpose::Manage, Method::DELETE, &path, NONE, deadline).await
    }

    pub(crate) async fn call<B: Serialize, T: DeserializeOwned>(
        &self,
        caller: &Caller,
        purpose: Purpose,
        method: Method,
        path: &str,
        body: Option<&B>,
        deadline: Duration,
    ) -> Result<T, ClientError> {
        self.send(self.signed_json(caller, purpose, method, path, body)?, deadline).await
    }

    /// Asks and hands out the answer as it comes; only its beginning has a deadline.
    pub(crate) async fn stream<B: Serialize>(&self, caller: &Caller, path: &str, body: &B, begins: Duration) -> Result<Chunks, ClientError> {
        let request = self.signed_json(caller, Purpose::Work, Method::POST, path, Some(body))?;
        match &self.way {
            Way::Direct(_) => Transport::stream(request, begins).await,
            Way::Outbound(channel) => Transport::stream_over(channel, request, begins).await,
        }
    }

    pub(crate) fn signed_json<B: Serialize>(
        &self,
        caller: &Caller,
        purpose: Purpose,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<RequestBuilder, ClientError> {
        let body = body.map(serde_json::to_vec).transpose().map_err(|e| ClientError::Protocol(e.to_string()))?.unwrap_or_default();
        self.signed(caller, purpose, method, path, (body, "application/json"))
    }

    /// A request with its assertion.
    pub(crate) fn signed(
        &self,
        caller: &Caller,
        purpose: Purpose,
        method: Method,
        path: &str,
        (body, kind): (Vec<u8>, &'static str),
    ) -> Result<RequestBuilder, ClientError> {
        let url = self.url(path)?;
        let assertion = Assertion {
            console: self.console.clone(),
            node: self.node.clone(),
            email: caller.email.clone(),
            name: caller.name.clone(),
            purpose,
            method: method.to_string(),
            path: path_and_query(&url),
            body_sha256: BASE64URL_NOPAD.encode(&Sha256::digest(&body)),
            nonce: nonce()?,
            issued: caller.now_seconds,
        };
        let token = self.key.sign(&assertion).map_err(|e| ClientError::Protocol(e.to_string()))?;
        let request = self.transport.request(method, url).header("authorization", format!("Bailiwick {token}"));
        Ok(if body.is_empty() { request } else { request.header("content-type", kind).body(body) })
    }

    /// Sends a request and reads an answer that is no JSON, of at most so many bytes.
    pub(crate) async fn send_for_bytes(&self, request: RequestBuilder, deadline: Duration) -> Result<Vec<u8>, ClientError> {
        match &self.way {
            Way::Direct(_) => Transport::send(request, deadline).await.map(|(bytes, _)| bytes),
            Way::Outbound(channel) => Transport::bytes_over(channel, request, deadline).await,
        }
    }
}

pub(crate) const NONE: Option<&()> = None;

fn nonce() -> Result<String, ClientError> {
    let mut bytes = [0; 16];
    OsRng.try_fill_bytes(&mut bytes).map_err(|e| ClientError::Protocol(e.to_string()))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// Calls on one workspace name the role the console grants, so that the node can take the lower of the two.
pub(crate) fn work_path((workspace, role): (&WorkspaceId, Role), rest: &str, query: &str) -> String {
    format!("/api/v1/workspaces/{}/{rest}?role={role}{query}", segment(workspace.as_str()))
}

fn enrolment_path(workspace: &WorkspaceId) -> String {
    format!("/api/v1/workspaces/{}/enrolment", segment(workspace.as_str()))
}

fn path_and_query(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

pub(crate) fn join(base: &Url, path: &str) -> Result<Url, ClientError> {
    base.join(path).map_err(|e| ClientError::Protocol(e.to_string()))
}
