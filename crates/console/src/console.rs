//! Starting and stopping a console, and the state its handlers share.

use crate::{
    ConsoleConfig, Database, Pace,
    access::Changes,
    audit,
    dashboards::Room,
    federation::Federation,
    grants::Reconciler,
    health::{self, Nodes},
    investigations::Seal,
    links::Links,
    notifications::{self, Notifier},
    routes, store,
    sync::{self, Syncs},
    users,
};
use bailiwick_api::ConsoleId;
use bailiwick_chassis::{
    Refusal,
    assets::Pages,
    certificate::{Certificate, ServeTls},
    clock::SharedClock,
    serve,
    sql::Db,
    tasks::Tasks,
    throttle::Throttle,
};
use bailiwick_client::{ClientError, Transport};
use std::{
    io,
    net::SocketAddr,
    ops::Deref,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;
use url::Url;

const SQLITE_CONNECTIONS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 16;
const DRAIN: Duration = Duration::from_secs(10);

/// Why a console did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or a port.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The database does not answer or cannot be brought up to date.
    #[error("console database: {0}")]
    Sql(#[from] sqlx::Error),
    /// The database answers, but not as we rely on.
    #[error("console database: {0}")]
    Database(String),
    /// The HTTP client cannot be made.
    #[error("http client: {0}")]
    Client(#[from] ClientError),
    /// Something the log says more about.
    #[error("start: {0}")]
    Other(String),
}

impl From<Refusal> for StartError {
    fn from(refusal: Refusal) -> Self {
        let problem = refusal.problem();
        Self::Other(problem.detail.unwrap_or(problem.code))
    }
}

/// What the handlers of a console share.
#[derive(Clone)]
pub struct State(Arc<Shared>);

/// The fields of [`State`].
pub struct Shared {
    pub(crate) id: ConsoleId,
    pub(crate) name: String,
    pub(crate) db: Db,
    pub(crate) clock: SharedClock,
    pub(crate) pace: Pace,
    pub(crate) transport: Transport,
    pub(crate) links: Links,
    pub(crate) federation: Federation,
    /// For dashboards that are answered at a time.
    pub(crate) dashboards: Room,
    pub(crate) tasks: Tasks,
    pub(crate) throttle: Throttle,
    pub(crate) reconciler: Reconciler,
    pub(crate) changes: Changes,
    pub(crate) syncs: Syncs,
    pub(crate) nodes: Nodes,
    pub(crate) notifier: Notifier,
    /// Seals where pages ended.
    pub(crate) seal: Seal,
    /// Holds licence files to be genuine, base64url.
    pub(crate) licence_public_key: Option<String>,
    /// One enrolment at a time, so that a node gets one key.
    pub(crate) enrolling: Mutex<()>,
    pub(crate) name_hidden_customers: bool,
    pub(crate) secure_cookies: bool,
    pub(crate) public_url: Url,
    /// How long an enrolment code can be used.
    pub(crate) code_life: Duration,
    /// Until somebody can sign in.
    pub(crate) needs_setup: AtomicBool,
}

impl Deref for State {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl State {
    /// The console's id.
    pub fn id(&self) -> &ConsoleId {
        &self.0.id
    }

    /// An address of a page, with a token in the fragment, which no server ever sees.
    pub(crate) fn page_link(&self, page: &str, token: &str) -> String {
        format!("{}/{page}#{token}", self.public_url.as_str().trim_end_matches('/'))
    }
}

/// A running console.
pub struct Console {
    state: State,
    address: SocketAddr,
    setup_link: Option<String>,
    fingerprint: Option<String>,
}

impl Console {
    /// Opens the database, listens, and begins to watch nodes.
    pub async fn start(config: ConsoleConfig) -> Result<Self, StartError> {
        let db = open(&config.database).await?;
        store::check(&db).await?;
        audit::seal(&db).await?;
        let tls = certificate(&config)?;
        let listener = serve::listen(config.listen).await?;
        let address = listener.local_addr()?;
        let pages = config.pages;
        let state = make_state(config, db, address, tls.is_some()).await?;
        let setup_link = users::first_link(&state).await?;
        state.needs_setup.store(setup_link.is_some(), Ordering::Relaxed);
        health::watch(&state);
        notifications::watch(&state);
        crate::grants::watch(&state);
        crate::grants::reconcile(&state);
        crate::removals::watch(&state);
        sync::keep(&state).await?;
        serve::listening(&state.tasks, listener, tls.as_ref(), router(&state, pages))?;
        Ok(Self { state, address, setup_link, fingerprint: tls.map(|certificate| certificate.fingerprint()) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// SHA-256 of its certificate, where it is called over TLS.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// The single-use link that makes the first administrator, until there is one.
    pub fn setup_link(&self) -> Option<String> {
        self.setup_link.clone().filter(|_| self.state.needs_setup.load(Ordering::Relaxed))
    }

    /// What its handlers share.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Lets running calls finish, ends background work and closes the database.
    pub async fn stop(self) {
        if !self.state.tasks.stop(DRAIN).await {
            tracing::warn!("some work did not end in time");
        }
        self.state.db.close().await;
    }
}

fn certificate(config: &ConsoleConfig) -> Result<Option<Certificate>, StartError> {
    match (&config.tls, &config.data) {
        (ServeTls::Own, None) => Err(StartError::Other("tls: without a data directory there is nowhere to keep a certificate; name one".into())),
        (tls, data) => tls.load(data.as_deref().unwrap_or(Path::new(""))).map_err(StartError::Other),
    }
}

fn router(state: &State, pages: Pages) -> axum::Router {
    serve::layers(routes::router(state.clone()), pages)
}

async fn open(database: &Database) -> Result<Db, StartError> {
    match database {
        Database::File(path) => {
            make_private(path)?;
            Ok(Db::file(path, &store::MIGRATIONS, SQLITE_CONNECTIONS).await?)
        }
        Database::Url(url) => {
            let connections = if url.starts_with("sqlite:") { SQLITE_CONNECTIONS } else { POSTGRES_CONNECTIONS };
            Ok(Db::open(url, &store::MIGRATIONS, connections).await?)
        }
    }
}

/// The file holds signing keys: it is the owner's alone from the first byte.
fn make_private(path: &Path) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(named)
}

async fn make_state(config: ConsoleConfig, db: Db, address: SocketAddr, tls: bool) -> Result<State, StartError> {
    let transport = Transport::new()?;
    let id = store::console_id(&db).await?;
    let seal = Seal::load(&db).await?;
    let links = Links::new(id.clone(), db.clone(), transport.clone(), store::link_key(&db).await?);
    // Listening everywhere is no address to open; on this machine there is one.
    let host = if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() };
    let scheme = if tls { "https" } else { "http" };
    let own = Url::parse(&format!("{scheme}://{host}")).map_err(|e| StartError::Other(e.to_string()))?;
    Ok(State(Arc::new(Shared {
        id,
        name: config.name,
        db,
        clock: config.clock,
        pace: config.pace,
        transport,
        links,
        federation: Federation::default(),
        dashboards: Room::default(),
        tasks: Tasks::new(),
        throttle: Throttle::default(),
        reconciler: Reconciler::default(),
        changes: Changes::default(),
        syncs: Syncs::default(),
        nodes: Nodes::default(),
        notifier: Notifier::default(),
        seal,
        licence_public_key: config.licence_public_key,
        enrolling: Mutex::new(()),
        name_hidden_customers: config.name_hidden_customers,
        secure_cookies: config.secure_cookies,
        public_url: config.public_url.unwrap_or(own),
        code_life: config.code_life,
        needs_setup: AtomicBool::new(false),
    })))
}
