//! A node in this process with a clock that stands still, its people, and consoles that call it.

use bailiwick_api::{
    Assertion, ConsoleId, CreatedWorkspace, NewEnrolment, NewWorkspace, Problem, Purpose, PutTechnician, Role, UseLink, WorkspaceId,
};
use bailiwick_chassis::{Clock, secrets, sql::Db};
use bailiwick_client::{Caller, ClientError, NodeClient, SigningKey, Transport, WorkspaceClient};
use bailiwick_node::{FlushConfig, IngestConfig, LakeConfig, Node, NodeConfig, RuleConfig, SyslogConfig};
use chrono::{DateTime, Utc};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;

pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/workspace");

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
pub(crate) const CONSOLE: &str = "console-a";
const START_S: i64 = 1_760_000_000;

/// The address of a node, as a URL.
macro_rules! base {
    ($bench:expr) => {
        bailiwick_client::base_url(bailiwick_api::Scheme::Http, "127.0.0.1", $bench.node.address().port()).unwrap()
    };
}

/// A clock that a test moves.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.seconds(), 0).unwrap()
    }
}

/// A running node.
pub(crate) struct Bench {
    pub(crate) node: Node,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) transport: Transport,
    pub(crate) dir: TempDir,
}

/// A workspace with its administrator signed in.
pub(crate) struct Site {
    pub(crate) id: WorkspaceId,
    pub(crate) user: String,
    pub(crate) admin: WorkspaceClient,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), Arc::new(TestClock(AtomicI64::new(START_S)))).await
    }

    /// Stops the node and starts it again on the same directory, so many seconds later.
    pub(crate) async fn restart(self, seconds: i64) -> Self {
        self.node.stop().await;
        self.clock.pass(seconds);
        Self::start_on(self.dir, self.clock).await
    }

    pub(crate) async fn start_on(dir: TempDir, clock: Arc<TestClock>) -> Self {
        let config = NodeConfig {
            data: dir.path().to_owned(),
            tls: Default::default(),
            listen: "127.0.0.1:0".parse().unwrap(),
            ingest_listen: None,
            region: "eu".into(),
            public_url: None,
            secure_cookies: false,
            pages: |_| None,
            clock: clock.clone(),
            syslog: SyslogConfig::default(),
            rules: RuleConfig { starter: false, ..RuleConfig::default() },
            flush: FlushConfig::default(),
            ingest: IngestConfig::default(),
            attachments: bailiwick_node::AttachmentConfig::default(),
            dashboards: bailiwick_node::DashboardConfig::default(),
            lake: LakeConfig { pace: Duration::from_millis(100), ..LakeConfig::default() },
            link: bailiwick_node::LinkConfig::default(),
        };
        let node = Node::start(config).await.unwrap();
        Self { node, clock, transport: Transport::new().unwrap(), dir }
    }

    /// Opens the link of the first operator.
    pub(crate) async fn operator(&self) -> WorkspaceClient {
        let token = self.node.operator_link().unwrap().split('#').next_back().unwrap().to_owned();
        let link = UseLink { token, name: Some("Root".into()), password: PASSWORD.into() };
        WorkspaceClient::use_link(&self.transport, &base!(self), &link).await.unwrap()
    }

    /// Makes a workspace and opens its administrator's link.
    pub(crate) async fn site(&self, operator: &WorkspaceClient, name: &str) -> Site {
        let user = format!("{name}-admin");
        let made: CreatedWorkspace = operator.add_workspace(&NewWorkspace { name: name.into(), admin: user.clone() }).await.unwrap();
        let link = UseLink { token: made.link.token, name: None, password: PASSWORD.into() };
        let admin = WorkspaceClient::use_link(&self.transport, &base!(self), &link).await.unwrap();
        Site { id: made.workspace.id, user, admin }
    }

    /// Enrols a workspace with a console and gives the console's side of the link.
    pub(crate) async fn enrol(&self, site: &Site, console: &str, key: &SigningKey) -> NodeClient {
        self.try_enrol(&site.user, PASSWORD, console, key).await.unwrap();
        self.client(console, key)
    }

    pub(crate) async fn try_enrol(&self, user: &str, password: &str, console: &str, key: &SigningKey) -> Result<WorkspaceId, ClientError> {
        let body = NewEnrolment {
            admin: bailiwick_api::Credentials { user: user.into(), password: password.into() },
            console: console.into(),
            console_name: "MSSP".into(),
            anew: false,
            public_key: key.public().into(),
        };
        NodeClient::enrol(&self.transport, &base!(self), &body, DEADLINE).await.map(|e| e.workspace)
    }

    pub(crate) fn client(&self, console: &str, key: &SigningKey) -> NodeClient {
        NodeClient::new(self.transport.clone(), base!(self), ConsoleId(console.into()), self.node.state().id().clone(), key.clone())
    }

    pub(crate) fn caller(&self, email: &str) -> Caller {
        Caller { email: email.into(), name: email.into(), now_seconds: self.clock.seconds() }
    }

    /// Gives somebody a role at a workspace, as the console does.
    pub(crate) async fn technician(&self, client: &NodeClient, site: &Site, email: &str, role: Role) {
        let body = PutTechnician { name: email.into(), role, expires_time: None };
        client.put_technician(&self.caller("boss@mssp.example"), &site.id, email, &body, DEADLINE).await.unwrap();
    }

    /// The workspace's database, beside the node's own connections.
    pub(crate) async fn db(&self, site: &Site) -> Db {
        let path = self.dir.path().join("workspaces").join(site.id.as_str()).join("workspace.db");
        Db::file(&path, &MIGRATIONS, 2).await.unwrap()
    }

    /// An assertion that fits a call, to be bent by a test.
    pub(crate) fn assertion(&self, method: &str, path: &str, body: &[u8]) -> Assertion {
        Assertion {
            console: CONSOLE.into(),
            node: self.node.state().id().clone(),
            email: "ana@mssp.example".into(),
            name: "Ana".into(),
            purpose: Purpose::Work,
            method: method.into(),
            path: path.into(),
            body_sha256: secrets::digest(body),
            nonce: secrets::random_id(""),
            issued: self.clock.seconds(),
        }
    }

    /// Sends any call; the status, and the code when it was refused.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, String)], body: &[u8]) -> (u16, String) {
        let mut request = self.transport.request(method.parse().unwrap(), base!(self).join(path).unwrap()).body(body.to_vec());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match Transport::send(request, DEADLINE).await {
            Ok(_) => (200, String::new()),
            Err(ClientError::Refused(problem)) => (problem.status, problem.code),
            Err(other) => panic!("{method} {path}: {other}"),
        }
    }
}

/// The problem of a refused call.
pub(crate) fn refused<T>(result: Result<T, ClientError>) -> Problem {
    match result {
        Ok(_) => panic!("was not refused"),
        Err(ClientError::Refused(problem)) => *problem,
        Err(other) => panic!("{other}"),
    }
}

/// One investigation as correlation would write it.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) status: &'static str,
    pub(crate) priority: i64,
    pub(crate) tags: Vec<String>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

impl Case {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.into(), title: format!("case {id}"), status: "OPEN", priority: 2, tags: vec![], created: 1_000_000, updated: 1_000_000 }
    }

    pub(crate) async fn insert(&self, db: &Db) {
        let mut tx = db.begin().await.unwrap();
        sqlx::query(
            "insert into investigation (id, version, title, status, priority, disposition, source, entity_type, entity_value, tags, created, updated)
             values ($1, 1, $2, $3, $4, 'UNDECIDED', 'ALERT', 'hostname', 'dc01', $5, $6, $7)",
        )
        .bind(&self.id)
        .bind(&self.title)
        .bind(self.status)
        .bind(self.priority)
        .bind(format!("[{}]", self.tags.iter().map(|t| format!("\"{t}\"")).collect::<Vec<_>>().join(",")))
        .bind(self.created)
        .bind(self.updated)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}
