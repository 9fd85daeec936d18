//! A source's own port: opened, tried again while it cannot be, and closed when the source says so.

use super::{SyslogPorts, limits::Peers, tcp, udp};
use crate::State;
use bailiwick_api::{SourceId, WorkspaceId};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::net::{TcpListener, UdpSocket};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long until a port that could not be opened is tried again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// How long closing a port may take before another is opened in its place.
const CLOSE: Duration = Duration::from_secs(3);

/// Whose port.
pub(super) type Key = (WorkspaceId, SourceId);

/// How a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Tcp,
    Udp,
    Tls,
}

/// What a source says of one of its ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) address: String,
    pub(super) allowed: Vec<String>,
    pub(super) client_certificate: Option<String>,
}

/// A port, or what is tried to become one; closes when dropped.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) wanted: Wanted,
    bound: Arc<Mutex<Bound>>,
    closed: CancellationToken,
    _open: DropGuard,
}

/// Where a port listens, or why it does not.
pub(super) type Bound = Result<SocketAddr, String>;

/// An open socket with what it needs to serve.
enum Socket {
    Stream(TcpListener, tcp::Way),
    Datagrams(UdpSocket, Peers),
}

impl Port {
    /// Opens a port. When it cannot be opened now it is tried again, less and less often, until it is closed.
    pub(super) async fn open(state: &State, key: Key, kind: Kind, wanted: Wanted) -> Self {
        let (stop, closed) = (state.tasks().stopping().child_token(), CancellationToken::new());
        let first = bind(state.syslog(), &key, kind, &wanted).await;
        let bound = Arc::new(Mutex::new(first.as_ref().map(|(_, address)| *address).map_err(Clone::clone)));
        let task = Task { state: state.clone(), key, kind, wanted: wanted.clone(), bound: Arc::clone(&bound), stop: stop.clone() };
        let gone = closed.clone().drop_guard();
        state.tasks().spawn_draining(async move {
            task.run(first.map(|(socket, _)| socket)).await;
            drop(gone);
        });
        Self { wanted, bound, closed, _open: stop.drop_guard() }
    }

    /// Where it listens, or why it does not.
    pub(super) fn bound(&self) -> Bound {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Closes it, and waits until its address is free.
    pub(super) async fn close(self) {
        let closed = self.closed.clone();
        drop(self);
        if tokio::time::timeout(CLOSE, closed.cancelled()).await.is_err() {
            tracing::warn!("a syslog port is not closed yet");
        }
    }
}

struct Task {
    state: State,
    key: Key,
    kind: Kind,
    wanted: Wanted,
    bound: Arc<Mutex<Bound>>,
    stop: CancellationToken,
}

impl Task {
    async fn run(self, first: Result<Socket, String>) {
        let socket = match first {
            Ok(socket) => Some(socket),
            Err(error) => {
                tracing::warn!(source.id = %self.key.1, error, "syslog port not opened");
                self.retry().await
            }
        };
        match socket {
            Some(Socket::Stream(listener, way)) => tcp::accept(&self.state, self.state.syslog().next_port(), listener, way, &self.stop).await,
            Some(Socket::Datagrams(socket, peers)) => udp::serve(&self.state, &self.key, socket, &peers, &self.stop).await,
            None => {}
        }
    }

    async fn retry(&self) -> Option<Socket> {
        let mut wait = RETRY.0;
        loop {
            if tokio::time::timeout(wait, self.stop.cancelled()).await.is_ok() {
                return None;
            }
            wait = (wait * 2).min(RETRY.1);
            match bind(self.state.syslog(), &self.key, self.kind, &self.wanted).await {
                Ok((socket, address)) => {
                    tracing::info!(source.id = %self.key.1, address = %address, "syslog port opened after all");
                    self.show(Ok(address));
                    return Some(socket);
                }
                Err(error) => self.show(Err(error)),
            }
        }
    }

    fn show(&self, bound: Bound) {
        *self.bound.lock().unwrap_or_else(PoisonError::into_inner) = bound;
    }
}

async fn bind(ports: &SyslogPorts, key: &Key, kind: Kind, wanted: &Wanted) -> Result<(Socket, SocketAddr), String> {
    let named = |error: String| format!("{}: {error}", wanted.address);
    let address: SocketAddr = wanted.address.parse().map_err(|_| named("not an address and a port".to_owned()))?;
    let peers = Peers::read(&wanted.allowed)?;
    let tls = (kind == Kind::Tls).then_some(wanted.client_certificate.as_deref());
    let opened = async {
        match kind {
            Kind::Udp => {
                let socket = udp::bind(address)?;
                let bound = socket.local_addr()?;
                Ok((Socket::Datagrams(socket, peers), bound))
            }
            Kind::Tcp | Kind::Tls => {
                let way = tcp::way(ports, key.clone(), peers, tls).map_err(std::io::Error::other)?;
                let listener = tcp::bind(address).await?;
                let bound = listener.local_addr()?;
                Ok((Socket::Stream(listener, way), bound))
            }
        }
    };
    opened.await.map_err(|error: std::io::Error| named(error.to_string()))
}
