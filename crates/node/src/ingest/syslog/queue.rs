//! Between a socket that cannot wait and a log that can make one wait: a bounded queue for one source. What finds no room is counted, and
//! the count travels with the next batch, so that it is as durable as what was kept.

use super::{
    limits::Budget,
    outlet::{Closed, Outlet},
};
use crate::wal::{Dropped, Event};
use bailiwick_api::{DropCause, SourceId};
use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// Events that may wait.
const EVENTS: usize = 1 << 16;
/// Bytes that may wait, with [`COST`].
const BYTES: usize = 32 << 20;
/// Bytes an event takes beside its text.
const COST: usize = 128;
/// Events of one batch.
const BATCH_EVENTS: usize = 4096;
/// Bytes of one batch.
const BATCH_BYTES: usize = 1 << 20;
/// How long the first event of a batch waits for others.
const LINGER: Duration = Duration::from_millis(5);

/// Datagrams of one source on their way to its log.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    wake: Notify,
    budget: Arc<Budget>,
}

#[derive(Debug)]
struct Waiting {
    events: VecDeque<(Event, IpAddr)>,
    bytes: usize,
    dropped: Vec<Dropped>,
    /// Why the next one without room is dropped.
    cause: DropCause,
    closed: bool,
}

/// What is taken at once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) events: Vec<(Event, IpAddr)>,
    pub(super) dropped: Vec<Dropped>,
}

impl Queue {
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        let waiting = Waiting { events: VecDeque::new(), bytes: 0, dropped: Vec::new(), cause: DropCause::QueueFull, closed: false };
        Self { waiting: Mutex::new(waiting), wake: Notify::new(), budget }
    }

    /// Adds an event, or counts it as dropped.
    pub(super) fn push(&self, event: Event, peer: IpAddr) {
        let cost = event.raw.len() + COST;
        let mut waiting = self.lock();
        if waiting.events.len() < EVENTS && waiting.bytes + cost <= BYTES && self.budget.take(cost) {
            waiting.bytes += cost;
            waiting.events.push_back((event, peer));
        } else {
            let cause = waiting.cause;
            waiting.count(Dropped { cause, events: 1, bytes: u64::from(event.length) });
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// Counts events that were dropped before they came here.
    pub(super) fn dropped(&self, dropped: Dropped) {
        self.lock().count(dropped);
        self.wake.notify_one();
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        let waiting = self.lock();
        waiting.events.is_empty() && waiting.dropped.is_empty()
    }

    /// Forgets everything, and says how many events that was.
    pub(super) fn clear(&self) -> u64 {
        let mut waiting = self.lock();
        self.budget.give(std::mem::take(&mut waiting.bytes));
        let events = std::mem::take(&mut waiting.events).len() as u64;
        events + std::mem::take(&mut waiting.dropped).iter().map(|dropped| dropped.events).sum::<u64>()
    }

    /// Nothing more is added.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_one();
    }

    /// Waits for events or drops, and a moment for more. None when the queue is closed and empty.
    pub(super) async fn wait(&self) -> Option<()> {
        loop {
            let closed = self.lock().closed;
            match (self.is_empty(), closed) {
                (false, false) => {
                    tokio::time::sleep(LINGER).await;
                    return Some(());
                }
                (false, true) => return Some(()),
                (true, true) => return None,
                (true, false) => self.wake.notified().await,
            }
        }
    }

    /// Takes what makes one batch; empty when nothing waits.
    pub(super) fn take(&self) -> Batch {
        let mut waiting = self.lock();
        let (mut count, mut bytes) = (0, 0);
        for (event, _) in waiting.events.iter().take(BATCH_EVENTS) {
            if count > 0 && bytes + event.raw.len() > BATCH_BYTES {
                break;
            }
            count += 1;
            bytes += event.raw.len();
        }
        let cost = bytes + count * COST;
        waiting.bytes -= cost;
        self.budget.give(cost);
        let events = waiting.events.drain(..count).collect();
        if waiting.events.is_empty() {
            waiting.events.shrink_to(BATCH_EVENTS);
        }
        Batch { events, dropped: std::mem::take(&mut waiting.dropped) }
    }

    /// The node stops and the workspace cannot be opened: nobody is left to count for.
    pub(super) fn abandon(&self, source: &SourceId) {
        let waiting = self.lock();
        let events = waiting.events.len() as u64 + waiting.dropped.iter().map(|dropped| dropped.events).sum::<u64>();
        if events > 0 {
            metrics::counter!("bailiwick_syslog_dropped_events_total").increment(waiting.events.len() as u64);
            tracing::error!(source.id = %source, events, "syslog datagrams lost: the node stopped while their workspace could not be opened");
        }
    }

    fn cause(&self, cause: DropCause) {
        self.lock().cause = cause;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let bytes = self.lock().bytes;
        self.budget.give(bytes);
    }
}

impl Waiting {
    fn count(&mut self, more: Dropped) {
        metrics::counter!("bailiwick_syslog_dropped_events_total").increment(more.events);
        match self.dropped.iter_mut().find(|dropped| dropped.cause == more.cause) {
            Some(dropped) => {
                dropped.events += more.events;
                dropped.bytes += more.bytes;
            }
            None => self.dropped.push(more),
        }
    }
}

/// Appends everything that waits. Events of peers that may not send are left out, and how many they were is told.
pub(super) async fn drain(queue: &Queue, outlet: &Outlet) -> Result<u64, Closed> {
    let mut refused = 0;
    loop {
        let Batch { mut events, dropped } = queue.take();
        if events.is_empty() && dropped.is_empty() {
            return Ok(refused);
        }
        let Some(source) = outlet.source() else { return Err(Closed) };
        if !source.allowed.is_empty() {
            let before = events.len();
            events.retain(|(_, peer)| outlet.allows(*peer));
            refused += (before - events.len()) as u64;
        }
        let events: Vec<Event> = events.into_iter().map(|(event, _)| super::token::take(event).event).collect();
        if !events.is_empty() || !dropped.is_empty() {
            outlet.append(events, dropped, |cause| queue.cause(cause)).await?;
            queue.cause(DropCause::QueueFull);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::net::Ipv4Addr;

    fn event(size: usize) -> Event {
        Event::new(Bytes::from(vec![b'x'; size]), u32::try_from(size).unwrap())
    }

    fn push(queue: &Queue, size: usize) {
        queue.push(event(size), IpAddr::V4(Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn what_finds_no_room_is_counted_and_goes_with_the_next_batch() {
        let queue = Queue::new(Arc::new(Budget::new(usize::MAX / 2)));
        for _ in 0..EVENTS + 7 {
            push(&queue, 10);
        }
        let first = queue.take();
        assert_eq!(first.events.len(), BATCH_EVENTS);
        assert_eq!(first.dropped, [Dropped { cause: DropCause::QueueFull, events: 7, bytes: 70 }]);
        queue.cause(DropCause::Throttled);
        for _ in 0..BATCH_EVENTS + 3 {
            push(&queue, 10);
        }
        let mut kept = first.events.len();
        let mut dropped = first.dropped;
        loop {
            let batch = queue.take();
            if batch.events.is_empty() {
                break;
            }
            kept += batch.events.len();
            dropped.extend(batch.dropped);
        }
        assert_eq!(kept, EVENTS + BATCH_EVENTS);
        assert_eq!(dropped[1..], [Dropped { cause: DropCause::Throttled, events: 3, bytes: 30 }]);
    }

    #[test]
    fn bytes_are_bounded_by_queue_batch_and_node() {
        let budget = Arc::new(Budget::new(3 * (60_000 + COST)));
        let (one, other) = (Queue::new(Arc::clone(&budget)), Queue::new(Arc::clone(&budget)));
        push(&one, 60_000);
        push(&one, 60_000);
        push(&other, 60_000);
        push(&other, 60_000);
        assert_eq!(other.take().dropped, [Dropped { cause: DropCause::QueueFull, events: 1, bytes: 60_000 }]);
        drop((one, other));
        assert!(budget.take(3 * (60_000 + COST)), "what was queued is given back");
        let roomy = Queue::new(Arc::new(Budget::new(usize::MAX / 2)));
        for _ in 0..40 {
            push(&roomy, 60_000);
        }
        assert_eq!(roomy.take().events.len(), BATCH_BYTES / 60_000);
    }

    #[tokio::test]
    async fn a_closed_queue_gives_what_it_has_and_ends() {
        let queue = Queue::new(Arc::new(Budget::new(1 << 20)));
        push(&queue, 1);
        queue.close();
        assert_eq!(queue.wait().await, Some(()));
        assert_eq!(queue.take().events.len(), 1);
        queue.dropped(Dropped { cause: DropCause::QueueFull, events: 2, bytes: 0 });
        assert_eq!(queue.wait().await, Some(()));
        assert_eq!(queue.take().dropped.len(), 1);
        assert_eq!(queue.wait().await, None);
    }
}
