//! Syslog over UDP (RFC 5426): one datagram, one event.
//!
//! A reader takes datagrams off the socket and never waits for a log; a writer appends what the [`Queue`] holds. Between the two is the
//! only place where we drop, and before them the kernel's buffer, whose drops are counted, too.

use super::{
    SyslogPorts, kernel,
    limits::Peers,
    outlet::Outlet,
    port::Key,
    queue::{Queue, drain},
};
use crate::{
    State, access, ingest,
    wal::{Dropped, Event},
};
use bailiwick_api::DropCause;
use bytes::BytesMut;
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

/// What the socket is asked to hold; the kernel gives as much as `net.core.rmem_max` allows.
const SOCKET_BUFFER: usize = 8 << 20;
/// The largest datagram, and a byte to tell.
const DATAGRAM: usize = 65_536;
/// Bytes of the block that datagrams are read into.
const BLOCK: usize = 8 * DATAGRAM;
/// Datagrams read before others get their turn.
const TURN: usize = 1024;
/// How often the kernel's counter is looked at, and a block that is not needed is given back.
const TICK: Duration = Duration::from_secs(1);
/// When told to stop: how long the socket must be empty, and the longest it is read.
const LAST: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How long a writer waits when the workspace cannot be opened.
const RETRY: Duration = Duration::from_secs(1);

/// Opens a socket.
pub(super) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if let Err(error) = socket.set_recv_buffer_size(SOCKET_BUFFER) {
        tracing::warn!(error = %error, "receive buffer of a syslog port stays small");
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// A source's own port, until it closes.
pub(super) async fn serve(state: &State, key: &Key, socket: UdpSocket, peers: &Peers, stop: &CancellationToken) {
    let queue = Queue::new(Arc::clone(state.syslog().budget()));
    let read = async {
        let each = |event, peer| if peers.allow(peer) { queue.push(event, peer) } else { refused(state, 1) };
        let kernel = |events| queue.dropped(Dropped { cause: DropCause::QueueFull, events, bytes: 0 });
        receive(state.syslog(), socket, stop, each, kernel).await;
        queue.close();
    };
    tokio::join!(read, write(state, key, &queue));
}

/// Reads datagrams until told to stop, then what the socket still holds.
pub(super) async fn receive(
    ports: &SyslogPorts,
    socket: UdpSocket,
    stop: &CancellationToken,
    each: impl Fn(Event, IpAddr),
    kernel_dropped: impl Fn(u64),
) {
    let inode = kernel::inode(&socket);
    let (mut block, mut busy, mut counted) = (BytesMut::new(), false, 0);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let count = |counted: &mut u64, age| {
        let now = inode.and_then(|inode| ports.kernel().of(inode, age)).unwrap_or(*counted);
        if now > *counted {
            kernel_dropped(now - *counted);
        }
        *counted = now;
    };
    loop {
        tokio::select! {
            readable = socket.readable() => match readable {
                Ok(()) => {
                    busy = true;
                    turn(&socket, &mut block, TURN, &each);
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "syslog datagrams not received");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            _ = tick.tick() => {
                if busy {
                    count(&mut counted, kernel::FRESH);
                } else {
                    block = BytesMut::new();
                }
                busy = false;
            }
            () = stop.cancelled() => break,
        }
    }
    let until = tokio::time::Instant::now() + LAST.1;
    while tokio::time::Instant::now() < until && tokio::time::timeout(LAST.0, socket.readable()).await.is_ok_and(|ready| ready.is_ok()) {
        turn(&socket, &mut block, TURN, &each);
    }
    count(&mut counted, Duration::ZERO);
}

/// Reads datagrams until there are none, or others are due. Returns how many there were.
fn turn(socket: &UdpSocket, block: &mut BytesMut, at_most: usize, each: &impl Fn(Event, IpAddr)) -> usize {
    for count in 0..at_most {
        if block.capacity() < DATAGRAM {
            *block = BytesMut::with_capacity(BLOCK);
        }
        match socket.try_recv_buf_from(block) {
            Ok((_, peer)) => {
                let datagram = block.split().freeze();
                let until = datagram.iter().rposition(|b| !matches!(b, 0 | b'\r' | b'\n')).map_or(0, |at| at + 1);
                if until > 0 {
                    each(ingest::event(datagram.slice(..until)), peer.ip());
                }
            }
            Err(_) => return count,
        }
    }
    at_most
}

/// Appends what the queue holds until it is closed and empty. The workspace is held only while there is something.
async fn write(state: &State, (workspace, source): &Key, queue: &Queue) {
    while queue.wait().await.is_some() {
        match access::ingest_source(state, workspace, source).await {
            Ok(grant) => {
                if drain(queue, &Outlet::new(state, grant)).await.is_err() {
                    tracing::warn!(source.id = %source, "syslog datagrams not kept: the source is off");
                }
            }
            Err(refusal) => {
                tracing::warn!(source.id = %source, code = refusal.code(), "syslog datagrams wait for their workspace");
                if tokio::time::timeout(RETRY, state.tasks().stopping().cancelled()).await.is_ok() {
                    return queue.abandon(source);
                }
            }
        }
    }
}

/// Counts datagrams of peers that may not send.
pub(super) fn refused(state: &State, events: u64) {
    metrics::counter!("bailiwick_syslog_refused_total", "why" => "peer").increment(events);
    if let Some(times) = state.syslog().said().peers.happened(events, state.clock().now_us()) {
        tracing::warn!(times, "syslog senders refused: their addresses are not allowed");
    }
}
