//! Taking connections, plain and TLS: whether a peer may send, whether there is a place, who it is, and where its events go.

use super::{SyslogPorts, limits::Peers, limits::Place, outlet::Outlet, port::Key, shared::Sink, stream::Connection};
use crate::{State, access, workspaces::SourceInfo};
use bailiwick_api::SourceId;
use rustls::{ServerConfig, server::Acceptor};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What a listener is for.
#[derive(Clone)]
pub(super) enum Way {
    /// One source's own port.
    Source(Key, Peers),
    /// The same over TLS.
    SourceTls(Key, Peers, Arc<ServerConfig>),
    /// All sources, by the key in each line.
    Shared,
    /// The same over TLS, or by the name the client asks for.
    SharedTls,
}

/// Takes connections until told to stop. `port` tells this listener's connections from others'.
pub(super) async fn accept(state: &State, port: u64, listener: TcpListener, way: Way, stop: &CancellationToken) {
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => (stream, peer.ip()),
                Err(error) => {
                    if let Some(times) = state.syslog().said().accepts.happened(1, state.clock().now_us()) {
                        tracing::warn!(error = %error, times, "syslog connections not accepted");
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stop.cancelled() => return,
        };
        if let Way::Source(_, peers) | Way::SourceTls(_, peers, _) = &way
            && !peers.allow(peer)
        {
            super::udp::refused(state, 1);
            continue;
        }
        let Some(place) = state.syslog().places().enter(port, stop, state.clock().now_us()) else {
            full(state, peer);
            continue;
        };
        let (of_task, way) = (state.clone(), way.clone());
        state.tasks().spawn_draining(async move { receive(&of_task, way, stream, peer, place).await });
    }
}

async fn receive(state: &State, way: Way, stream: TcpStream, peer: IpAddr, place: Place) {
    match way {
        Way::Source(key, _) => {
            if let Some(outlet) = outlet(state, &key).await {
                read(state, stream, Sink::Source(outlet), place).await;
            }
        }
        Way::SourceTls(key, _, config) => {
            let Some(stream) = in_time(state, peer, &place, TlsAcceptor::from(config).accept(stream)).await else { return };
            if let Some(outlet) = outlet(state, &key).await {
                read(state, stream, Sink::Source(outlet), place).await;
            }
        }
        Way::Shared => read(state, stream, Sink::Keyed { state: state.clone(), peer, named: None }, place).await,
        Way::SharedTls => {
            let Some((stream, named)) = in_time(state, peer, &place, named(state, stream)).await else { return };
            read(state, stream, Sink::Keyed { state: state.clone(), peer, named }, place).await;
        }
    }
}

async fn read<S: AsyncRead + AsyncWrite + Unpin>(state: &State, stream: S, mut sink: Sink, place: Place) {
    if Connection::new(state.syslog().budget(), stream, place).run(state.clock(), &mut sink).await.is_err() {
        tracing::debug!("syslog connection closed: its source takes no more");
    }
}

async fn outlet(state: &State, (workspace, source): &Key) -> Option<Outlet> {
    match access::ingest_source(state, workspace, source).await {
        Ok(grant) => Some(Outlet::new(state, grant)),
        Err(refusal) => {
            tracing::warn!(source.id = %source, code = refusal.code(), "syslog connection closed unread");
            None
        }
    }
}

/// A handshake in its time.
async fn in_time<T>(state: &State, peer: IpAddr, place: &Place, handshake: impl Future<Output = io::Result<T>>) -> Option<T> {
    let done = tokio::select! {
        done = tokio::time::timeout(HANDSHAKE, handshake) => done,
        () = place.stop.cancelled() => return None,
    };
    let error = match done {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "not done in time".to_owned(),
    };
    metrics::counter!("bailiwick_syslog_refused_total", "why" => "handshake").increment(1);
    if let Some(times) = state.syslog().said().handshakes.happened(1, state.clock().now_us()) {
        tracing::warn!(peer = %peer, error, times, "TLS handshakes of syslog senders failed");
    }
    None
}

/// A handshake on the shared listener. A source that the client names lets it in without keys when the source says who may: by a client
/// certificate or by addresses. A name alone travels in clear and proves nothing.
async fn named<S: AsyncRead + AsyncWrite + Unpin>(state: &State, stream: S) -> io::Result<(TlsStream<S>, Option<Arc<Outlet>>)> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let name = start.client_hello().server_name().and_then(|name| name.split('.').next()).map(|label| SourceId(label.to_owned()));
    let key = name.and_then(|source| state.syslog().workspace_of(&source).map(|workspace| (workspace, source)));
    let outlet = match key {
        Some(key) => outlet(state, &key).await,
        None => None,
    };
    let outlet = outlet.filter(|outlet| outlet.source().is_some_and(|source| guarded(&source)));
    let pin = outlet.as_ref().and_then(|outlet| outlet.source()?.client_certificate);
    let config = state.syslog().identity().server(pin.as_deref()).map_err(io::Error::other)?;
    Ok((start.into_stream(config).await?, outlet.map(Arc::new)))
}

fn guarded(source: &SourceInfo) -> bool {
    source.client_certificate.is_some() || !source.allowed.is_empty()
}

/// Counts a connection for which there was no place.
fn full(state: &State, peer: IpAddr) {
    metrics::counter!("bailiwick_syslog_refused_total", "why" => "full").increment(1);
    if let Some(times) = state.syslog().said().full.happened(1, state.clock().now_us()) {
        tracing::warn!(peer = %peer, times, "syslog connections refused: there are too many");
    }
}

/// Opens a port for connections.
pub(super) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// How connections of a source's own port are taken.
pub(super) fn way(ports: &SyslogPorts, key: Key, peers: Peers, tls: Option<Option<&str>>) -> Result<Way, String> {
    Ok(match tls {
        None => Way::Source(key, peers),
        Some(pin) => Way::SourceTls(key, peers, ports.identity().server(pin).map_err(|error| error.to_string())?),
    })
}
