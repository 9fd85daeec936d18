//! Starting and stopping a node, and the state its handlers share.

use crate::{
    NodeConfig,
    access::{self, Access},
    answers::{self, Answers, Notes},
    attachments::{self, AttachmentConfig, Scanner},
    certificate, health,
    ingest::{Ingest, syslog::SyslogPorts},
    lake::{self, Lakes},
    link::{self, Links},
    operators,
    presence::Presence,
    routes,
    workspaces::Workspaces,
};
use bailiwick_api::{CreatedWorkspace, NewWorkspace, NodeId};
use bailiwick_chassis::{Refusal, assets::Pages, certificate::Certificate, clock::SharedClock, secrets, serve, sql::Db, tasks::Tasks};
use bailiwick_detect::{LoadReport, RuleSet, RuleSources};
use bailiwick_event::Parsers;
use chrono::{DateTime, Utc};
use sqlx::Row;
use std::{
    fs::{DirBuilder, File},
    io,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/node");

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A directory, a file or a port.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The node's database.
    #[error("node database: {0}")]
    Sql(#[from] sqlx::Error),
    /// Parsers that ship do not compile.
    #[error("parsers: {0}")]
    Parsers(String),
    /// Rules that were named cannot be read at all.
    #[error("rules: {0}")]
    Rules(String),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// What the handlers of a node share.
#[derive(Clone)]
pub struct State(Arc<Shared>);

struct Shared {
    config: NodeConfig,
    id: NodeId,
    public_url: String,
    db: Db,
    tasks: Tasks,
    workspaces: Workspaces,
    access: Access,
    ingest: Ingest,
    syslog: SyslogPorts,
    /// When the certificate of the pages and the API ends, where they are called over TLS.
    https_ends: Option<DateTime<Utc>>,
    rules: Arc<RuleSet>,
    links: Links,
    presence: Presence,
    answers: Answers,
    notes: Notes,
    scanner: Scanner,
    _lock: File,
}

impl State {
    /// Where it keeps what it has.
    pub(crate) fn data(&self) -> &Path {
        &self.0.config.data
    }

    /// When the certificate of the pages and the API ends; none where they are called in clear, or it cannot be read.
    pub(crate) fn https_ends(&self) -> Option<DateTime<Utc>> {
        self.0.https_ends
    }

    /// The node's id.
    pub fn id(&self) -> &NodeId {
        &self.0.id
    }

    /// The node's region.
    pub fn region(&self) -> &str {
        &self.0.config.region
    }

    /// How people reach it.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// Whether cookies are for TLS only.
    pub fn secure_cookies(&self) -> bool {
        self.0.config.secure_cookies
    }

    /// The clock.
    pub fn clock(&self) -> &SharedClock {
        &self.0.config.clock
    }

    /// The node's own database: operators, names of workspaces, sessions.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The node's tasks.
    pub fn tasks(&self) -> &Tasks {
        &self.0.tasks
    }

    /// The workspaces.
    pub fn workspaces(&self) -> &Workspaces {
        &self.0.workspaces
    }

    /// Nonces seen and failures counted.
    pub fn access(&self) -> &Access {
        &self.0.access
    }

    /// The workspace's pages.
    pub(crate) fn pages(&self) -> Pages {
        self.0.config.pages
    }

    /// What the ways in over HTTP share.
    pub(crate) fn ingest(&self) -> &Ingest {
        &self.0.ingest
    }

    /// The syslog ports.
    pub fn syslog(&self) -> &SyslogPorts {
        &self.0.syslog
    }

    /// The outbound links.
    pub(crate) fn links(&self) -> &Links {
        &self.0.links
    }

    /// Who looks at which investigation.
    pub(crate) fn presence(&self) -> &Presence {
        &self.0.presence
    }

    /// What consoles were told.
    pub(crate) fn answers(&self) -> &Answers {
        &self.0.answers
    }

    /// What is to be written of who asked.
    pub(crate) fn notes(&self) -> &Notes {
        &self.0.notes
    }

    /// How files attached to investigations are kept and scanned.
    pub(crate) fn attachments(&self) -> &AttachmentConfig {
        &self.0.config.attachments
    }

    /// What scans them.
    pub(crate) fn scanner(&self) -> &Scanner {
        &self.0.scanner
    }

    /// The compiled rules, shared by all workspaces.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.0.rules
    }
}

/// A running node.
pub struct Node {
    state: State,
    address: SocketAddr,
    ingest_address: SocketAddr,
    operator_link: Option<String>,
    rules: LoadReport,
    fingerprint: Option<String>,
}

impl Node {
    /// Starts a node; when this returns it answers.
    pub async fn start(config: NodeConfig) -> Result<Self, StartError> {
        check_region(&config.region)?;
        private_dir(&config.data.join("workspaces"))?;
        let lock = lock(&config.data)?;
        let db = Db::file(&config.data.join("node.db"), &MIGRATIONS, 4).await?;
        let id = node_id(&db).await?;
        let parsers = Parsers::shipped().map_err(|e| StartError::Parsers(e.to_string()))?;
        let (rules, report) = load_rules(&config).await?;
        let listener = serve::listen(config.listen).await?;
        let address = listener.local_addr()?;
        let tls = config.tls.load(&config.data).map_err(StartError::Other)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let public_url = config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
        remember(&db, "public_url", &public_url).await?;
        remember(&db, "local_url", &local_url(scheme, address)).await?;
        remember(&db, "certificate", &tls.as_ref().map(Certificate::fingerprint).unwrap_or_default()).await?;
        let tasks = Tasks::new();
        let lakes = Lakes::new(&config.lake, id.as_str()).map_err(|e| StartError::Other(e.to_string()))?;
        let workspaces = Workspaces::new(&config, db.clone(), lakes, parsers, Arc::clone(&rules));
        let syslog = SyslogPorts::new(&config.data, &config.syslog).map_err(StartError::Other)?;
        let links = Links::new(&config.link).map_err(StartError::Other)?;
        let pages = config.pages;
        let (ingest_listen, body_bytes, clock) = (config.ingest_listen, config.ingest.body_bytes, Arc::clone(&config.clock));
        let state = State(Arc::new(Shared {
            config,
            id,
            public_url,
            db,
            tasks: tasks.clone(),
            workspaces,
            access: Access::new(clock),
            ingest: Ingest::new(body_bytes),
            syslog,
            https_ends: tls.as_ref().and_then(|tls| certificate::not_after(tls.chain().first()?)),
            rules,
            links,
            presence: Presence::default(),
            answers: Answers::default(),
            notes: Notes::default(),
            scanner: Scanner::default(),
            _lock: lock,
        }));
        let (api, _document) = routes::build(state.clone(), ingest_listen.is_none());
        let ingest_address = match ingest_listen {
            None => address,
            Some(at) => {
                let apart = serve::listen(at).await?;
                let bound = apart.local_addr()?;
                serve::listening(&tasks, apart, tls.as_ref(), serve::layers(routes::ingest(state.clone()), |_| None))?;
                bound
            }
        };
        let router = serve::layers(api, pages);
        serve::listening(&tasks, listener, tls.as_ref(), router.clone())?;
        let operator_link = operators::first_link(&state).await.map_err(|e| StartError::Other(problem(&e)))?;
        health::schedule::start(&state).await?;
        state.workspaces().catch_up(&state).await;
        state.syslog().listen(&state).await?;
        lake::start(&state);
        answers::notes::start(&state);
        access::warm(&state);
        link::start(&state, router);
        attachments::scan::start(&state);
        let fingerprint = tls.map(|certificate| certificate.fingerprint());
        Ok(Self { state, address, ingest_address, operator_link, rules: report, fingerprint })
    }

    /// Where API and pages listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// SHA-256 of its certificate, where it is called over TLS.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// Where ingest listens.
    pub fn ingest_address(&self) -> SocketAddr {
        self.ingest_address
    }

    /// The single-use link for the first operator, until there is one.
    pub fn operator_link(&self) -> Option<&str> {
        self.operator_link.as_deref()
    }

    /// What became of the rules.
    pub fn rules(&self) -> &LoadReport {
        &self.rules
    }

    /// The shared state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Stops taking calls, lets running ones finish, writes what is in memory, and closes every workspace.
    pub async fn stop(self) {
        if !self.state.tasks().stop(Duration::from_secs(10)).await {
            tracing::warn!("some tasks did not end in time");
        }
        answers::notes::finish(&self.state).await;
        self.state.workspaces().close_all().await;
        self.state.db().close().await;
    }
}

/// Makes a workspace in a node's data directory; the node need not run. Its own directory is made when it is first opened.
/// The link leads to where the node was last reached, unless told otherwise.
pub async fn add_workspace(data: &Path, public_url: Option<&str>, now_us: i64, new: &NewWorkspace) -> Result<CreatedWorkspace, Refusal> {
    private_dir(data).map_err(Refusal::internal)?;
    let db = Db::file(&data.join("node.db"), &MIGRATIONS, 1).await?;
    let row = sqlx::query("select value from setting where name = 'public_url'").fetch_optional(db.pool()).await?;
    let last: Option<String> = row.map(|row| row.try_get("value")).transpose()?;
    let public_url = public_url.map(str::to_owned).or(last).unwrap_or_else(|| "http://127.0.0.1:9100".to_owned());
    let created = operators::add_workspace(&db, &public_url, now_us, new).await;
    db.close().await;
    created
}

/// A region is part of every investigation's name.
fn check_region(region: &str) -> Result<(), StartError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=32).contains(&region.len()) && region.bytes().all(plain) {
        return Ok(());
    }
    Err(StartError::Other(format!("region `{region}`: 1 to 32 of a-z, 0-9 and -")))
}

/// Makes a directory that only this user reads: logs and password hashes are in it.
fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Keeps a second process out of the directory: two writers of one log would lose what either acknowledged.
fn lock(data: &Path) -> Result<File, StartError> {
    let file = File::create(data.join("lock"))?;
    file.try_lock().map_err(|error| StartError::Other(format!("{}: another node uses this directory ({error})", data.display())))?;
    Ok(file)
}

/// How a command on this very machine reaches the node that uses a data directory, as it listened last.
pub async fn local_address(data: &Path) -> Result<Option<LocalAddress>, Refusal> {
    if !data.join("node.db").is_file() {
        return Ok(None);
    }
    let db = Db::file(&data.join("node.db"), &MIGRATIONS, 1).await?;
    let (url, fingerprint) = (remembered(&db, "local_url").await?, remembered(&db, "certificate").await?);
    db.close().await;
    Ok(url.map(|url| LocalAddress { url, fingerprint: fingerprint.filter(|text| !text.is_empty()) }))
}

/// Where a node listens, for a command on the same machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAddress {
    /// `http://…` or `https://…`.
    pub url: String,
    /// SHA-256 of its certificate, over TLS.
    pub fingerprint: Option<String>,
}

async fn remembered(db: &Db, name: &str) -> Result<Option<String>, Refusal> {
    let row = sqlx::query("select value from setting where name = $1").bind(name).fetch_optional(db.pool()).await?;
    Ok(row.map(|row| row.try_get("value")).transpose()?)
}

/// An address that listens everywhere is reached on this machine by its loopback one.
fn local_url(scheme: &str, address: SocketAddr) -> String {
    match (address.ip().is_unspecified(), address.is_ipv4()) {
        (false, _) => format!("{scheme}://{address}"),
        (true, true) => format!("{scheme}://127.0.0.1:{}", address.port()),
        (true, false) => format!("{scheme}://[::1]:{}", address.port()),
    }
}

async fn remember(db: &Db, name: &str, value: &str) -> Result<(), sqlx::Error> {
    let text = "insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value";
    sqlx::query(text).bind(name).bind(value).execute(db.pool()).await.map(|_| ())
}

/// One sentence of a refusal, for a start that failed.
fn problem(refusal: &Refusal) -> String {
    let problem = refusal.problem();
    problem.detail.unwrap_or(problem.code)
}

/// The node's id, made at its first start.
async fn node_id(db: &Db) -> Result<NodeId, sqlx::Error> {
    sqlx::query("insert into setting (name, value) values ('node_id', $1) on conflict (name) do nothing")
        .bind(secrets::random_id("node-"))
        .execute(db.pool())
        .await?;
    let row = sqlx::query("select value from setting where name = 'node_id'").fetch_one(db.pool()).await?;
    Ok(NodeId(row.try_get("value")?))
}

async fn load_rules(config: &NodeConfig) -> Result<(Arc<RuleSet>, LoadReport), StartError> {
    let sources = RuleSources { starter: config.rules.starter, paths: config.rules.paths.clone(), pipelines: config.rules.pipelines.clone() };
    let loaded = tokio::task::spawn_blocking(move || RuleSet::load(&sources)).await.map_err(|e| StartError::Rules(e.to_string()))?;
    let (rules, report) = loaded.map_err(|e| StartError::Rules(e.to_string()))?;
    tracing::info!(rules = report.loaded, correlations = report.correlations, refused = report.refused.len(), "rules loaded");
    for refused in &report.refused {
        tracing::warn!(rule.path = %refused.path, reason = %refused.reason, "rule refused");
    }
    Ok((Arc::new(rules), report))
}
