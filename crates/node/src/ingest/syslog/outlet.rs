//! From a sender to the log of one source. The protocol has no acknowledgement, so what the log does not take now waits here, and is given
//! up only when the node stops; then it is counted.

use super::limits::Peers;
use crate::{
    State,
    access::IngestGrant,
    wal::{Batch, Dropped, Event},
    workspaces::SourceInfo,
};
use bailiwick_api::DropCause;
use bailiwick_chassis::Refusal;
use std::{net::IpAddr, time::Duration};

/// How long events still try to reach the log after the node was told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// The first wait before another try, and the longest.
const WAIT: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(2));

/// What the node says of a source that sends more than its licence allows.
const THROTTLED: &str = "THROTTLED";

/// The source takes no more: it was switched off, or the node stops.
#[derive(Debug)]
pub(super) struct Closed;

/// A source's way to its log.
pub(super) struct Outlet {
    state: State,
    grant: IngestGrant,
}

impl Outlet {
    pub(super) fn new(state: &State, grant: IngestGrant) -> Self {
        Self { state: state.clone(), grant }
    }

    /// The source as it is now; none when it was switched off.
    pub(super) fn source(&self) -> Option<SourceInfo> {
        self.grant.workspace().source(&self.grant.source().id).filter(|source| source.enabled)
    }

    /// Whether an address may send to the source. A list that cannot be read allows nobody.
    pub(super) fn allows(&self, peer: IpAddr) -> bool {
        self.source().is_some_and(|source| Peers::read(&source.allowed).is_ok_and(|peers| peers.allow(peer)))
    }

    /// How often the workspace's sources were read when the grant was made, at the latest.
    pub(super) fn sources_version(&self) -> u64 {
        self.grant.workspace().sources_version()
    }

    /// Appends until the log takes it. `refused` hears of each refusal why datagrams will be dropped if it lasts.
    pub(super) async fn append(&self, events: Vec<Event>, dropped: Vec<Dropped>, refused: impl Fn(DropCause)) -> Result<(), Closed> {
        let Some(source) = self.source() else { return Err(Closed) };
        let count = events.len() as u64;
        let received = self.state.clock().now_us();
        let mut batch = Batch { received, source: source.id, format: source.format, idempotency_key: None, events, dropped };
        let stop = self.state.tasks().stopping();
        let (mut wait, mut grace) = (WAIT.0, None);
        loop {
            let untaken = match self.grant.workspace().offer(batch).await {
                Ok(_) => break,
                Err(untaken) => untaken,
            };
            refused(if untaken.refusal.code() == THROTTLED { DropCause::Throttled } else { DropCause::QueueFull });
            self.say(&untaken.refusal);
            let Some(back) = untaken.batch else {
                self.lost(count);
                return Err(Closed);
            };
            batch = back;
            if tokio::time::timeout(wait, stop.cancelled()).await.is_ok() {
                let until = *grace.get_or_insert_with(|| tokio::time::Instant::now() + GRACE);
                if tokio::time::Instant::now() >= until {
                    self.give_up(batch).await;
                    return Err(Closed);
                }
                tokio::time::sleep(wait.min(GRACE / 20)).await;
            }
            wait = (wait * 2).min(WAIT.1);
        }
        metrics::counter!("bailiwick_ingest_events_total").increment(count);
        Ok(())
    }

    /// The node stops and the log takes no events. That they were dropped may still find room: it is a few bytes.
    async fn give_up(&self, batch: Batch) {
        let events = batch.events.len() as u64;
        let bytes = batch.events.iter().map(|event| u64::from(event.length)).sum();
        let mut dropped = batch.dropped.clone();
        if events > 0 {
            dropped.push(Dropped { cause: DropCause::NodeStopped, events, bytes });
        }
        self.lost(events);
        let last = Batch { events: Vec::new(), dropped, ..batch };
        if let Err(untaken) = self.grant.workspace().offer(last).await {
            tracing::error!(source.id = %self.grant.source().id, code = untaken.refusal.code(), events, "that events were dropped could not be written");
        }
    }

    fn lost(&self, events: u64) {
        metrics::counter!("bailiwick_syslog_dropped_events_total").increment(events);
        tracing::error!(source.id = %self.grant.source().id, events, "syslog events dropped: the node stopped while its log could not be written");
    }

    fn say(&self, refusal: &Refusal) {
        if let Some(times) = self.state.syslog().said().waits.happened(1, self.state.clock().now_us()) {
            tracing::warn!(code = refusal.code(), source.id = %self.grant.source().id, times, "syslog waits for the log");
        }
    }
}
