//! The node's shared listener: one port for all customers. A line says by its key whose it is; over TLS the name the client asks for can
//! say it, too. What says nothing valid is counted and not kept: nobody could be shown it.

use super::{
    outlet::{Closed, Outlet},
    queue::{Queue, drain},
    router::NotNow,
    stream::Takes,
    token::{self, Keyed},
    udp,
};
use crate::{State, wal::Event};
use bytes::Bytes;
use futures_util::future::join_all;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

/// Sources that may have datagrams waiting at a time, keys not looked up yet included.
const QUEUES: usize = 8192;
/// A source's queue is taken down when nothing came for so long.
const IDLE: Duration = Duration::from_secs(20);
/// How long until a key is looked up again that could not be.
const RETRY: Duration = Duration::from_secs(1);

/// Where the events of a connection go.
#[allow(clippy::large_enum_variant, reason = "one a connection")]
pub(super) enum Sink {
    /// To one source: the port is its own.
    Source(Outlet),
    /// To the sources their keys name, or to the one that the connection was let in for.
    Keyed { state: State, peer: IpAddr, named: Option<Arc<Outlet>> },
}

impl Takes for Sink {
    async fn hand_on(&mut self, events: Vec<Event>) -> Result<(), Closed> {
        if events.is_empty() {
            return Ok(());
        }
        match self {
            Self::Source(outlet) => {
                let events = events.into_iter().map(|event| token::take(event).event).collect();
                outlet.append(events, Vec::new(), |_| {}).await
            }
            Self::Keyed { state, peer, named } => {
                let groups = sorted(state, *peer, named.as_ref(), events).await;
                // A source that was switched off ends nothing: the connection may carry others.
                let appended = groups.into_iter().map(|(outlet, events)| async move {
                    let count = events.len() as u64;
                    if outlet.append(events, Vec::new(), |_| {}).await.is_err() {
                        metrics::counter!("bailiwick_syslog_unrouted_events_total").increment(count);
                    }
                });
                join_all(appended).await;
                Ok(())
            }
        }
    }
}

/// Events by the source their keys name, in the order they came.
async fn sorted(state: &State, peer: IpAddr, named: Option<&Arc<Outlet>>, events: Vec<Event>) -> Vec<(Arc<Outlet>, Vec<Event>)> {
    let mut groups: Vec<(Arc<Outlet>, Vec<Event>)> = Vec::new();
    let mut places: HashMap<Option<Bytes>, Option<usize>> = HashMap::new();
    let (mut last, mut lost) = (None::<(Option<Bytes>, Option<usize>)>, 0);
    for event in events {
        let Keyed { key, event } = token::take(event);
        let place = match &last {
            Some((known, place)) if *known == key => *place,
            _ => match places.get(&key) {
                Some(place) => *place,
                None => {
                    let place = place_of(state, peer, named, key.as_deref(), &mut groups).await;
                    places.insert(key.clone(), place);
                    place
                }
            },
        };
        last = Some((key, place));
        match place.and_then(|place| groups.get_mut(place)) {
            Some((_, group)) => group.push(event),
            None => lost += 1,
        }
    }
    unrouted(state, peer, lost);
    groups
}

/// The group a key's events belong to.
async fn place_of(
    state: &State,
    peer: IpAddr,
    named: Option<&Arc<Outlet>>,
    key: Option<&[u8]>,
    groups: &mut Vec<(Arc<Outlet>, Vec<Event>)>,
) -> Option<usize> {
    let outlet = match key {
        Some(key) => source_of(state, key).await?,
        None => Arc::clone(named?),
    };
    if !outlet.allows(peer) {
        udp::refused(state, 1);
        return None;
    }
    groups.push((outlet, Vec::new()));
    Some(groups.len() - 1)
}

/// The source of a key, however long it takes to say; the connection waits.
async fn source_of(state: &State, key: &[u8]) -> Option<Arc<Outlet>> {
    loop {
        match state.syslog().router().source(state, key).await {
            Ok(outlet) => return outlet,
            Err(NotNow) => {
                if tokio::time::timeout(RETRY, state.tasks().stopping().cancelled()).await.is_ok() {
                    return None;
                }
            }
        }
    }
}

/// Counts lines without a valid key.
fn unrouted(state: &State, peer: IpAddr, lines: u64) {
    if lines == 0 {
        return;
    }
    metrics::counter!("bailiwick_syslog_unrouted_events_total").increment(lines);
    if let Some(times) = state.syslog().said().unrouted.happened(lines, state.clock().now_us()) {
        tracing::warn!(peer = %peer, lines = times, "syslog lines without a valid key on the shared listener: not kept");
    }
}

/// The queues of the sources whose datagrams come here, by key.
#[derive(Clone, Debug, Default)]
struct Queues(Arc<Mutex<HashMap<Bytes, Arc<Queue>>>>);

/// Takes datagrams for all sources until the listener closes.
pub(super) async fn datagrams(state: &State, socket: UdpSocket, stop: &CancellationToken) {
    let queues = Queues::default();
    let each = |event: Event, peer| match token::take(event) {
        Keyed { key: Some(key), event } if !matches!(state.syslog().router().known(&key), Some(None)) => queues.push(state, key, event, peer),
        _ => unrouted(state, peer, 1),
    };
    let kernel = |datagrams| {
        // Whose they were, nobody knows.
        metrics::counter!("bailiwick_syslog_kernel_drops_total").increment(datagrams);
        if let Some(times) = state.syslog().said().kernel.happened(datagrams, state.clock().now_us()) {
            tracing::warn!(datagrams = times, "the kernel dropped datagrams of the shared syslog listener: its buffer was full (net.core.rmem_max)");
        }
    };
    udp::receive(state.syslog(), socket, stop, each, kernel).await;
    for queue in queues.lock().values() {
        queue.close();
    }
}

impl Queues {
    fn push(&self, state: &State, key: Bytes, event: Event, peer: IpAddr) {
        let mut queues = self.lock();
        if let Some(queue) = queues.get(&key) {
            return queue.push(event, peer);
        }
        if queues.len() >= QUEUES {
            drop(queues);
            return unrouted(state, peer, 1);
        }
        let queue = Arc::new(Queue::new(Arc::clone(state.syslog().budget())));
        queue.push(event, peer);
        // A copy: the key must not hold the block it was read in.
        let key = Bytes::copy_from_slice(&key);
        queues.insert(key.clone(), Arc::clone(&queue));
        drop(queues);
        let (queues, state) = (self.clone(), state.clone());
        state.clone().tasks().spawn_draining(async move { queues.write(&state, &key, &queue, peer).await });
    }

    /// Appends what a queue gets, until nothing came for a while.
    async fn write(&self, state: &State, key: &Bytes, queue: &Arc<Queue>, peer: IpAddr) {
        loop {
            match tokio::time::timeout(IDLE, queue.wait()).await {
                Ok(Some(())) => {}
                Ok(None) => return,
                Err(_) => {
                    let mut queues = self.lock();
                    // Pushing takes the same lock, so nothing is added to a queue that was taken down.
                    if queue.is_empty() {
                        queues.remove(key);
                        return;
                    }
                    continue;
                }
            }
            let Some(outlet) = source_of(state, key).await else {
                let mut queues = self.lock();
                queues.remove(key);
                return unrouted(state, peer, queue.clear());
            };
            match drain(queue, &outlet).await {
                Ok(0) => {}
                Ok(refused) => udp::refused(state, refused),
                Err(Closed) => tracing::debug!("datagrams of a source that was switched off are not kept"),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Bytes, Arc<Queue>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
