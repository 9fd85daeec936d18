//! Investigations over HTTP, from a person's session to a node that speaks the real protocol from a list in memory.

use crate::{Console, ConsoleConfig, Database, State, access::COOKIE, links::NodeLink};
use axum::{
    Json, Router,
    extract::{Path, State as At},
    response::IntoResponse,
    routing::{get, post},
};
use bailiwick_api::{
    About, AskInvestigations, Assignee, CustomerInvestigation, Disposition, EventPage, EventRow, FailCode, Investigation, InvestigationAnswers,
    InvestigationDetail, InvestigationPatch, InvestigationRow, List, LogSearch, Origin, Page, Priority, Scheme, Sort, Status, WorkspaceAnswer,
};
use bailiwick_chassis::{Refusal, clock::from_us, sessions, tasks::Tasks};
use bailiwick_client::{ClientError, SigningKey, Transport};
use http::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const RRN: &str = "rrn:investigation:eu:acme:investigation:1";
const DEADLINE: Duration = Duration::from_secs(20);

type Rows = Arc<Mutex<InvestigationRow>>;

fn row() -> InvestigationRow {
    InvestigationRow {
        rrn: RRN.into(),
        workspace: "acme".into(),
        version: 1,
        title: "canary title".into(),
        status: Status::Open,
        priority: Priority::High,
        disposition: Disposition::Undecided,
        source: Origin::Alert,
        assignee: None,
        entity: None,
        tags: Vec::new(),
        signal_count: 1,
        created_time: from_us(1),
        updated_time: from_us(1),
        first_alert_time: None,
        latest_alert_time: None,
        closed_time: None,
        last_accessed_time: None,
        responsibility: None,
        comment_count: 0,
        attachment_count: 0,
        evidence_count: 0,
        throttled_count: 0,
        priority_inherited: true,
        merged_into: None,
        claim: None,
        looking: Vec::new(),
    }
}

async fn ask(At(row): At<Rows>, Json(ask): Json<AskInvestigations>) -> Json<InvestigationAnswers> {
    let answer = |workspace| WorkspaceAnswer { workspace, skipped: None, error: None, answer: Some(1) };
    let row = row.lock().unwrap().clone();
    let rows = if ask.after.is_none() { vec![row] } else { Vec::new() };
    assert_eq!(ask.sort, Sort::PRIORITY);
    Json(InvestigationAnswers { workspaces: ask.workspaces.into_iter().map(|a| answer(a.workspace)).collect(), rows, more: false })
}

async fn detail(At(row): At<Rows>, Path((_, id)): Path<(String, String)>) -> Result<Json<InvestigationDetail>, Refusal> {
    let investigation = row.lock().unwrap().clone();
    let found = Some(id).filter(|id| id == "1").map(|_| Json(InvestigationDetail { investigation, signals: Vec::new(), history: Vec::new() }));
    found.ok_or_else(Refusal::not_found)
}

async fn change(At(row): At<Rows>, Json(patch): Json<InvestigationPatch>) -> Result<Json<InvestigationRow>, Refusal> {
    let mut row = row.lock().unwrap();
    if patch.version != row.version {
        return Err(Refusal::conflict("VERSION_CONFLICT", "version: changed meanwhile").current(&*row));
    }
    if patch.status == Some(Status::Closed) && patch.disposition.is_none() {
        return Err(Refusal::invalid("DISPOSITION_REQUIRED", "disposition", "disposition: choose one"));
    }
    row.status = patch.status.unwrap_or(row.status);
    row.assignee = patch.assignee.unwrap_or(row.assignee.take());
    row.version += 1;
    Ok(Json(row.clone()))
}

async fn assignees() -> Json<List<Assignee>> {
    let one = |email: &str, name: &str| Assignee { email: email.into(), name: name.into() };
    Json(List { data: vec![one("ana@mssp.example", "Ana"), one("elsewhere@mssp.example", "Not granted here")] })
}

async fn search(Json(search): Json<LogSearch>) -> impl IntoResponse {
    match search.query.as_str() {
        "(" => Refusal::invalid("QUERY_INVALID", "query", "query: a bracket is open").into_response(),
        _ => Json(EventPage { data: Vec::new(), next: None }).into_response(),
    }
}

async fn about() -> Json<About> {
    Json(About { product: "bailiwick-node".into(), version: bailiwick_api::VERSION.into(), node: "node-1".into(), region: "eu".into() })
}

/// A console, a node with one customer, and an analyst who is signed in.
struct Stage {
    console: Console,
    node: Tasks,
    row: Rows,
    transport: Transport,
    cookie: String,
    csrf: String,
    _dir: TempDir,
}

impl Stage {
    async fn new() -> Self {
        let (row, node) = (Rows::new(Mutex::new(row())), Tasks::new());
        let router = Router::new()
            .route("/api/v1/about", get(about))
            .route("/api/v1/federated/investigations", post(ask))
            .route("/api/v1/workspaces/{workspace}/investigations/{id}", get(detail).patch(change))
            .route("/api/v1/workspaces/{workspace}/assignees", get(assignees))
            .route("/api/v1/workspaces/{workspace}/logs/search", post(search))
            .with_state(row.clone());
        let listener = bailiwick_chassis::serve::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        bailiwick_chassis::serve::run(&node, listener, router);
        let dir = tempfile::tempdir().unwrap();
        let database = Database::File(dir.path().join("console.db"));
        let console = Console::start(ConsoleConfig::new(database, "127.0.0.1:0".parse().unwrap(), |_| None)).await.unwrap();
        register(console.state(), port).await;
        let begun = sessions::begin(&console.state().db, "ana", console.state().clock.now_us()).await.unwrap();
        let cookie = format!("{COOKIE}={}", begun.token);
        Self { console, node, row, transport: Transport::new().unwrap(), cookie, csrf: begun.session.csrf, _dir: dir }
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<T, ClientError> {
        let url = format!("http://{}/api/v1/{path}", self.console.address()).parse().unwrap();
        let mut request = self.transport.request(method, url).header("cookie", &self.cookie).header("x-csrf-token", &self.csrf);
        if let Some(body) = body {
            request = request.json(body);
        }
        Transport::json(request, DEADLINE).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.call(Method::GET, path, None::<&()>).await
    }

    async fn patch(&self, patch: &InvestigationPatch) -> Result<Investigation, ClientError> {
        self.call(Method::PATCH, &format!("investigations/{RRN}"), Some(patch)).await
    }

    /// Verb and outcome of every line of the audit, oldest first.
    async fn audit(&self) -> Vec<(String, String)> {
        let text = "select verb, outcome from audit order by id";
        sqlx::query_as(text).fetch_all(self.console.state().db.pool()).await.unwrap()
    }

    async fn stop_node(&self) {
        assert!(self.node.stop(DEADLINE).await);
    }
}

async fn register(state: &State, port: u16) {
    let key = SigningKey::generate().unwrap();
    let link = NodeLink {
        node: "node-1".into(),
        server: "127.0.0.1".into(),
        port,
        scheme: Scheme::Http,
        region: "eu".into(),
        version: "0".into(),
        fingerprint: None,
        key,
        kind: bailiwick_api::LinkKind::Direct,
        link_key: None,
    };
    let mut tx = state.db.begin().await.unwrap();
    crate::links::store::insert(&mut tx, &link, 0).await.unwrap();
    tx.commit().await.unwrap();
    for text in [
        "insert into customers (id, name, name_key, mail, region, node, workspace, is_primary, created, created_by) \
         values ('c1', 'Acme', 'acme', 'a@b.co', 'eu', 'node-1', 'acme', 0, 0, 'test')",
        "insert into customers (id, name, name_key, mail, region, node, workspace, is_primary, created, created_by) \
         values ('c2', 'Other', 'other', 'a@b.co', 'eu', 'node-1', 'other', 0, 0, 'test')",
        "insert into health (customer_id, state, since) values ('c1', 'up', 0)",
        "insert into users (id, email, email_key, name, role, password, created) \
         values ('ana', 'ana@mssp.example', 'ana@mssp.example', 'Ana', 'analyst', 'x', 0)",
        "insert into grants (id, user_id, customer_id, desired, applied, state, revision, granted_by, updated) \
         values ('g1', 'ana', 'c1', 'analyst', 'analyst', 'APPLIED', 1, 'ana', 0)",
    ] {
        sqlx::query(text).execute(state.db.pool()).await.unwrap();
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> (u16, String, bailiwick_api::Problem) {
    let Err(ClientError::Refused(problem)) = outcome else { panic!("not refused: {outcome:?}") };
    (problem.status, problem.code.clone(), *problem)
}

#[tokio::test]
async fn an_investigation_is_read_changed_and_fought_over_at_its_node() {
    let stage = Stage::new().await;
    let page: Page<Investigation> = stage.get("investigations").await.unwrap();
    assert_eq!((page.data.len(), page.data[0].customer.name.as_str()), (1, "Acme"));
    assert_eq!((page.scope.asked, page.scope.answered, page.scope.skipped[0].count), (1, 1, 1));
    let one: CustomerInvestigation = stage.get(&format!("investigations/{RRN}")).await.unwrap();
    assert!(one.may_edit && one.investigation.row.version == 1);

    let assignee = |email: &str| Some(Some(Assignee { email: email.into(), name: String::new() }));
    let patch = InvestigationPatch { version: 1, status: Some(Status::Investigating), assignee: assignee("ANA@mssp.example"), ..Default::default() };
    let changed = stage.patch(&patch).await.unwrap();
    assert_eq!((changed.row.version, changed.row.assignee.map(|a| a.name)), (2, Some("Ana".into())));
    let (status, code, problem) = refused(stage.patch(&InvestigationPatch { version: 1, ..Default::default() }).await);
    assert_eq!((status, code.as_str()), (409, "VERSION_CONFLICT"));
    let current: Investigation = serde_json::from_value(problem.current.unwrap()).unwrap();
    assert_eq!((current.row.version, current.customer.name.as_str()), (2, "Acme"));
    let close = InvestigationPatch { version: 2, status: Some(Status::Closed), ..Default::default() };
    assert_eq!(refused(stage.patch(&close).await).1, "DISPOSITION_REQUIRED");
    for email in ["nobody@mssp.example", "elsewhere@mssp.example"] {
        let (status, code, problem) = refused(stage.patch(&InvestigationPatch { version: 2, assignee: assignee(email), ..Default::default() }).await);
        assert_eq!((status, code.as_str(), problem.field.as_deref()), (400, "ASSIGNEE_UNKNOWN", Some("assignee")));
    }
    let free = InvestigationPatch { version: 2, assignee: Some(None), ..Default::default() };
    assert_eq!(stage.patch(&free).await.unwrap().row.assignee, None);

    let outcomes = ["ok", "VERSION_CONFLICT", "DISPOSITION_REQUIRED", "ASSIGNEE_UNKNOWN", "ASSIGNEE_UNKNOWN", "ok"];
    let lines: Vec<_> = outcomes.iter().map(|outcome| ("investigation.update".to_owned(), (*outcome).to_owned())).collect();
    assert_eq!(stage.audit().await, lines);
    stage.stop_node().await;
    stage.console.stop().await;
}

#[tokio::test]
async fn a_foreign_an_unknown_and_a_malformed_rrn_are_one_404() {
    let stage = Stage::new().await;
    for rrn in [
        "rrn:investigation:eu:other:investigation:1",
        "rrn:investigation:us:acme:investigation:1",
        "rrn:investigation:eu:acme:investigation:2",
        "1",
        "%ff",
    ] {
        let (status, code, _) = refused(stage.get::<CustomerInvestigation>(&format!("investigations/{rrn}")).await);
        assert_eq!((status, code.as_str()), (404, "NOT_FOUND"), "{rrn}");
    }
    assert_eq!(refused(stage.get::<List<EventRow>>(&format!("investigations/{RRN}/records")).await).2.field.as_deref(), Some("signal"));
    stage.stop_node().await;
    stage.console.stop().await;
}

#[tokio::test]
async fn a_node_that_is_down_costs_its_rows_and_is_named() {
    let stage = Stage::new().await;
    let search = |query: &str| LogSearch { query: query.into(), ..LogSearch::default() };
    let path = "customers/c1/logs/search";
    assert!(stage.call::<Page<EventRow>>(Method::POST, path, Some(&search("x"))).await.unwrap().scope.complete);
    assert_eq!(refused(stage.call::<Page<EventRow>>(Method::POST, path, Some(&search("("))).await).1, "QUERY_INVALID");
    assert_eq!(refused(stage.call::<Page<EventRow>>(Method::POST, "customers/c2/logs/search", Some(&search("x"))).await).0, 404);
    stage.stop_node().await;
    let page: Page<Investigation> = stage.get("investigations").await.unwrap();
    assert_eq!((page.data.len(), page.scope.answered, page.scope.failed[0].code), (0, 0, FailCode::NodeDown));
    let page: Page<EventRow> = stage.call(Method::POST, path, Some(&search("x"))).await.unwrap();
    assert_eq!((page.data.len(), page.scope.complete, page.scope.failed[0].code), (0, false, FailCode::NodeDown));
    let (status, code, problem) = refused(stage.patch(&InvestigationPatch { version: 1, ..Default::default() }).await);
    let detail = problem.detail.unwrap();
    assert!((status, code.as_str()) == (503, "NODE_DOWN") && detail.contains("Acme") && detail.contains("eu"), "{detail}");
    let outcomes: Vec<_> = stage.audit().await.into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, ["ok", "QUERY_INVALID", "NODE_DOWN", "NODE_DOWN"]);
    stage.console.stop().await;
}

/// Reads a stream of events over a plain connection.
struct Events {
    socket: TcpStream,
    text: String,
}

impl Events {
    async fn open(stage: &Stage) -> Self {
        let mut socket = TcpStream::connect(stage.console.address()).await.unwrap();
        let request = format!("GET /api/v1/investigations/live HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", stage.cookie);
        socket.write_all(request.as_bytes()).await.unwrap();
        Self { socket, text: String::new() }
    }

    /// The data of the next event; none at the end of the stream.
    async fn next(&mut self) -> Option<Page<Investigation>> {
        loop {
            if let Some((before, after)) = self.text.split_once("event: page\ndata: ")
                && let Some((data, rest)) = after.split_once("\n\n")
            {
                assert!(!before.contains("HTTP/1.1 4"), "{before}");
                let page = serde_json::from_str(data).unwrap();
                self.text = rest.to_owned();
                return Some(page);
            }
            let mut bytes = [0; 4096];
            let count = tokio::time::timeout(DEADLINE, self.socket.read(&mut bytes)).await.expect("something within the deadline").unwrap();
            if count == 0 || self.text.ends_with("0\r\n\r\n") {
                return None;
            }
            self.text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            if self.text.ends_with("\r\n0\r\n\r\n") {
                return None;
            }
        }
    }
}

#[tokio::test]
async fn a_live_page_is_sent_at_once_again_when_it_changed_and_ends_with_the_session() {
    let stage = Stage::new().await;
    let mut events = Events::open(&stage).await;
    assert_eq!(events.next().await.unwrap().data[0].row.status, Status::Open);
    stage.row.lock().unwrap().status = Status::Waiting;
    assert_eq!(events.next().await.unwrap().data[0].row.status, Status::Waiting);
    sqlx::query("delete from grants").execute(stage.console.state().db.pool()).await.unwrap();
    let page = events.next().await.unwrap();
    assert_eq!((page.data.len(), page.scope.asked), (0, 0), "a grant taken away still shows rows");
    sessions::end_all(&stage.console.state().db, "ana").await.unwrap();
    assert!(events.next().await.is_none());
    let (status, ..) = refused(stage.get::<Page<Investigation>>("investigations/live").await);
    assert_eq!(StatusCode::from_u16(status).unwrap(), StatusCode::UNAUTHORIZED);
    stage.stop_node().await;
    stage.console.stop().await;
}

#[tokio::test]
async fn a_live_page_ends_when_the_server_stops() {
    let stage = Stage::new().await;
    let mut events = Events::open(&stage).await;
    assert!(events.next().await.is_some());
    let Stage { console, node, .. } = stage;
    let began = std::time::Instant::now();
    let (ended, ()) = tokio::join!(events.next(), console.stop());
    assert!(ended.is_none() && began.elapsed() < Duration::from_secs(9), "the stream kept the server from stopping");
    assert!(node.stop(DEADLINE).await);
}
