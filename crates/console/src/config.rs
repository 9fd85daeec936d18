//! What a console is started with.

use bailiwick_chassis::{SystemClock, assets::Pages, certificate::ServeTls, clock::SharedClock};
use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use url::Url;

/// Where the console's tables are.
#[derive(Clone)]
pub enum Database {
    /// A SQLite file, made when absent.
    File(PathBuf),
    /// `postgres://…` or `sqlite://…`.
    Url(String),
}

impl fmt::Debug for Database {
    /// A URL may hold a password and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Url(url) => f.debug_tuple("Url").field(&url.split(':').next().unwrap_or_default()).finish(),
        }
    }
}

/// How often background work looks, and how long it waits for a node.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two looks at a node's health.
    pub probe: Duration,
    /// A node that takes longer to say who it is counts as down.
    pub probe_deadline: Duration,
    /// Between two looks at grants that wait for their node.
    pub reconcile: Duration,
    /// For one change at a node: enrolment, technician. A sync takes three times as long at most.
    pub change_deadline: Duration,
    /// Between two looks at removals that wait for their node or their time.
    pub removals: Duration,
    /// How long letting a customer go can be undone.
    pub undo_window: Duration,
    /// Between two syncs of a customer.
    pub sync: Duration,
    /// Between two looks at what people are to be told.
    pub notify: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            probe: seconds(3),
            probe_deadline: seconds(2),
            reconcile: seconds(3),
            change_deadline: seconds(5),
            removals: seconds(10),
            undo_window: seconds(24 * 3600),
            sync: seconds(300),
            notify: seconds(2),
        }
    }
}

/// What a console is started with.
#[derive(Clone)]
pub struct ConsoleConfig {
    /// Name of the MSSP, as customers see it on their node.
    pub name: String,
    /// Where its tables are.
    pub database: Database,
    /// Where it listens; port 0 for any free one.
    pub listen: SocketAddr,
    /// Whether it is called over TLS.
    pub tls: ServeTls,
    /// Where a certificate of its own is kept; needed for that only.
    pub data: Option<PathBuf>,
    /// Names of customers without a grant are shown to everybody, not to administrators alone.
    pub name_hidden_customers: bool,
    /// How people reach it, for links; the listening address unless told.
    pub public_url: Option<Url>,
    /// How long an enrolment code can be used.
    pub code_life: Duration,
    /// Whether cookies are for TLS only.
    pub secure_cookies: bool,
    /// Ed25519 public key, base64url, that licence files are signed with; none takes none.
    pub licence_public_key: Option<String>,
    /// The built pages.
    pub pages: Pages,
    /// Tells the time.
    pub clock: SharedClock,
    /// Pace of background work.
    pub pace: Pace,
}

impl ConsoleConfig {
    /// A console on this database and address, everything else as usual.
    pub fn new(database: Database, listen: SocketAddr, pages: Pages) -> Self {
        Self {
            name: "MSSP".into(),
            database,
            listen,
            tls: ServeTls::Off,
            data: None,
            name_hidden_customers: false,
            public_url: None,
            code_life: Duration::from_secs(3600),
            secure_cookies: false,
            licence_public_key: None,
            pages,
            clock: Arc::new(SystemClock),
            pace: Pace::default(),
        }
    }
}
