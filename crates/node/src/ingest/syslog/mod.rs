//! Syslog over UDP, TCP and TLS (RFC 5426, 6587, 5425).
//!
//! ```text
//! a source's own ports ([`port`]) ─┬─ tcp, tls ─ stream ─ frames ─┐
//!                                  └─ udp ─ queue ────────────────┤
//! the node's shared listener ──────┬─ tcp, tls ─ stream ─ frames ─┼─ token ─ outlet ─► the source's log
//!                                  └─ udp ─ queues ───────────────┘
//! ```
//!
//! A source is known by its own port and the addresses that may send there, by a pinned client certificate, or by its ingest key in
//! the structured data of each line. The protocol acknowledges nothing. TCP is made to wait; UDP cannot be, and what had to be dropped
//! is counted in the log itself. What senders may occupy is bounded ([`limits`]).

mod frames;
mod kernel;
mod limits;
mod outlet;
mod port;
mod queue;
mod router;
mod shared;
mod stream;
mod tcp;
mod tls;
pub mod token;
mod udp;

pub use frames::{Frames, Limit};

use crate::{State, config::SyslogConfig, workspaces::Workspace};
use bailiwick_api::{SourceId, WorkspaceId};
use chrono::{DateTime, Utc};
use kernel::KernelDrops;
use limits::{Budget, Places, Rarely};
use port::{Kind, Port, Wanted};
use router::Router;
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tls::Identity;

/// Bytes that all syslog senders of a node may have in memory, beyond a small window for each connection.
const MEMORY: usize = 256 << 20;
/// How often keys of the shared listener are forgotten that are not used.
const SWEEP: Duration = Duration::from_secs(15);

type PortKey = (port::Key, Kind);

/// The syslog ports of a node.
#[derive(Clone, Debug)]
pub struct SyslogPorts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: SyslogConfig,
    identity: Identity,
    ports: Mutex<HashMap<PortKey, Port>>,
    /// Sources that may be named on the shared TLS listener.
    names: Mutex<HashMap<SourceId, WorkspaceId>>,
    /// One change at a time, so that no port is opened twice.
    changing: tokio::sync::Mutex<()>,
    last_port: AtomicU64,
    places: Places,
    budget: Arc<Budget>,
    kernel: KernelDrops,
    router: Router,
    said: Said,
    shared: OnceLock<SharedPorts>,
}

/// What the log says at most once a minute.
#[derive(Debug, Default)]
struct Said {
    waits: Rarely,
    peers: Rarely,
    full: Rarely,
    accepts: Rarely,
    handshakes: Rarely,
    unrouted: Rarely,
    kernel: Rarely,
}

/// Where a source's ports listen, or why they do not; none for those it does not want.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcePorts {
    /// TCP.
    pub tcp: Option<Result<SocketAddr, String>>,
    /// UDP.
    pub udp: Option<Result<SocketAddr, String>>,
    /// TLS.
    pub tls: Option<Result<SocketAddr, String>>,
}

/// Where the shared listener listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharedPorts {
    /// TCP and UDP.
    pub plain: Option<SocketAddr>,
    /// TLS.
    pub tls: Option<SocketAddr>,
}

impl SyslogPorts {
    /// Ports of a node that keeps its certificate in `data`. The error says which file is wrong.
    pub(crate) fn new(data: &Path, config: &SyslogConfig) -> Result<Self, String> {
        Ok(Self(Arc::new(Inner {
            config: config.clone(),
            identity: Identity::load(data, config.tls.as_ref())?,
            ports: Mutex::default(),
            names: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            last_port: AtomicU64::new(0),
            places: Places::default(),
            budget: Arc::new(Budget::new(MEMORY)),
            kernel: KernelDrops::default(),
            router: Router::default(),
            said: Said::default(),
            shared: OnceLock::new(),
        })))
    }

    /// Where a source's TCP port listens, or why it does not.
    pub fn bound(&self, workspace: &WorkspaceId, source: &SourceId) -> Option<Result<SocketAddr, String>> {
        self.ports(workspace, source).tcp
    }

    /// Where a source's ports listen, or why they do not.
    pub fn ports(&self, workspace: &WorkspaceId, source: &SourceId) -> SourcePorts {
        let key = (workspace.clone(), source.clone());
        let ports = lock(&self.0.ports);
        let bound = |kind| ports.get(&(key.clone(), kind)).map(Port::bound);
        SourcePorts { tcp: bound(Kind::Tcp), udp: bound(Kind::Udp), tls: bound(Kind::Tls) }
    }

    /// When the node's certificate for TLS ends; none where that cannot be read.
    pub(crate) fn certificate_ends(&self) -> Option<DateTime<Utc>> {
        self.0.identity.ends()
    }

    /// Where the shared listener listens.
    pub fn shared(&self) -> SharedPorts {
        self.0.shared.get().copied().unwrap_or_default()
    }

    /// Whether a workspace has ports.
    pub(crate) fn listens(&self, workspace: &WorkspaceId) -> bool {
        lock(&self.0.ports).keys().any(|((of, _), _)| of == workspace)
    }

    /// Opens and closes ports so that they are what the workspace's sources say. A port that could not be opened is tried again at once.
    pub async fn apply(&self, state: &State, workspace: &Arc<Workspace>) {
        let _turn = self.0.changing.lock().await;
        let mut wanted = self.wanted(workspace);
        let mut old = Vec::new();
        for (key, port) in lock(&self.0.ports).iter().filter(|(key, _)| key.0.0 == *workspace.id()) {
            if wanted.get(key) == Some(&port.wanted) && port.bound().is_ok() {
                wanted.remove(key);
            } else {
                old.push(key.clone());
            }
        }
        for key in old {
            let port = lock(&self.0.ports).remove(&key);
            if let Some(port) = port {
                port.close().await;
            }
        }
        for ((key, kind), wanted) in wanted {
            let port = Port::open(state, key.clone(), kind, wanted).await;
            lock(&self.0.ports).insert((key, kind), port);
        }
    }

    /// The ports the workspace's sources want; notes its sources for the shared listener on the way.
    fn wanted(&self, workspace: &Arc<Workspace>) -> HashMap<PortKey, Wanted> {
        let mut wanted = HashMap::new();
        let mut names = lock(&self.0.names);
        names.retain(|_, of| of != workspace.id());
        for source in workspace.sources().into_iter().filter(|s| s.enabled) {
            names.insert(source.id.clone(), workspace.id().clone());
            let kinds = [
                (Kind::Tcp, source.syslog_tcp, None),
                (Kind::Udp, source.syslog_udp, None),
                (Kind::Tls, source.syslog_tls, source.client_certificate),
            ];
            for (kind, address, client_certificate) in kinds {
                if let Some(address) = address {
                    let key = ((workspace.id().clone(), source.id.clone()), kind);
                    wanted.insert(key, Wanted { address, allowed: source.allowed.clone(), client_certificate });
                }
            }
        }
        wanted
    }

    /// Opens the shared listener, where the settings ask for one.
    pub(crate) async fn listen(&self, state: &State) -> io::Result<()> {
        let at = |address: SocketAddr, error: io::Error| io::Error::new(error.kind(), format!("syslog listener {address}: {error}"));
        let mut bound = SharedPorts::default();
        if let Some(address) = self.0.config.listen {
            let listener = tcp::bind(address).await.map_err(|error| at(address, error))?;
            // The same port for both, also where the system chose it.
            let address = listener.local_addr()?;
            let socket = udp::bind(address).map_err(|error| at(address, error))?;
            bound.plain = Some(address);
            self.serve(state, listener, tcp::Way::Shared);
            let of_task = state.clone();
            state.tasks().spawn_draining(async move { shared::datagrams(&of_task, socket, &of_task.tasks().stopping()).await });
        }
        if let Some(address) = self.0.config.tls_listen {
            let listener = tcp::bind(address).await.map_err(|error| at(address, error))?;
            bound.tls = Some(listener.local_addr()?);
            self.serve(state, listener, tcp::Way::SharedTls);
        }
        if bound != SharedPorts::default() {
            let ports = self.clone();
            state.tasks().spawn(async move {
                loop {
                    tokio::time::sleep(SWEEP).await;
                    ports.0.router.sweep();
                }
            });
        }
        let _only_once = self.0.shared.set(bound);
        Ok(())
    }

    fn serve(&self, state: &State, listener: tokio::net::TcpListener, way: tcp::Way) {
        let (of_task, port) = (state.clone(), self.next_port());
        state.tasks().spawn_draining(async move { tcp::accept(&of_task, port, listener, way, &of_task.tasks().stopping()).await });
    }

    /// A number for a listener's connections.
    fn next_port(&self) -> u64 {
        self.0.last_port.fetch_add(1, Ordering::Relaxed)
    }

    fn workspace_of(&self, source: &SourceId) -> Option<WorkspaceId> {
        lock(&self.0.names).get(source).cloned()
    }

    fn identity(&self) -> &Identity {
        &self.0.identity
    }

    fn places(&self) -> &Places {
        &self.0.places
    }

    fn budget(&self) -> &Arc<Budget> {
        &self.0.budget
    }

    fn kernel(&self) -> &KernelDrops {
        &self.0.kernel
    }

    fn router(&self) -> &Router {
        &self.0.router
    }

    fn said(&self) -> &Said {
        &self.0.said
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
