//! Taking logs in. Every way in ends in one batch of one source, handed to its workspace's log; success means durable.
//!
//! | way | divides the body | answers |
//! |---|---|---|
//! | our own, `/ingest/v1/events` | [`split`] | [`http`] |
//! | Elasticsearch's `_bulk` | [`bulk`] | [`elasticsearch`], [`probes`] for what its clients ask at their start |
//! | Splunk's event collector | [`hec`] | [`splunk`], with [`acks`] |
//! | OTLP over HTTP | [`otlp`] | [`otlp_http`] |
//! | syslog | [`syslog`] | |
//!
//! [`body`] reads what comes over HTTP; [`dialect`] says no in the words of each protocol.

mod acks;
pub mod body;
pub mod bulk;
mod dialect;
pub(crate) mod elasticsearch;
pub mod hec;
pub mod http;
pub mod otlp;
pub(crate) mod otlp_http;
pub(crate) mod probes;
pub mod split;
pub(crate) mod splunk;
pub mod syslog;

pub use dialect::Dialect;

use crate::{
    access::IngestGrant,
    wal::{Batch, Event},
};
use acks::Acks;
use bailiwick_chassis::{Refusal, secrets};
use bailiwick_event::{Hints, MAX_EVENT_BYTES};
use body::Bodies;
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Events a body may hold.
pub const MAX_EVENTS: usize = 100_000;
/// Bodies from so many bytes on are divided off the async threads.
const LARGE: usize = 64 << 10;

/// Large bodies that are divided at a time: reading one may take many times its bytes for a moment.
const AT_ONCE: usize = 4;

/// What the ways in over HTTP share.
#[derive(Debug)]
pub(crate) struct Ingest {
    /// Memory for bodies.
    pub(crate) bodies: Bodies,
    acks: Acks,
    dividing: Arc<Semaphore>,
}

impl Ingest {
    pub(crate) fn new(body_bytes: usize) -> Self {
        Self { bodies: Bodies::new(body_bytes), acks: Acks::default(), dividing: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Divides a body; a large one off the async threads.
    async fn divide<T: Send + 'static>(&self, body: Bytes, how: impl FnOnce(&Bytes) -> T + Send + 'static) -> Result<T, Refusal> {
        if body.len() < LARGE {
            return Ok(how(&body));
        }
        let turn = Arc::clone(&self.dividing).acquire_owned().await.map_err(Refusal::internal)?;
        let work = move || {
            let divided = how(&body);
            drop(turn);
            divided
        };
        tokio::task::spawn_blocking(work).await.map_err(Refusal::internal)
    }
}

/// An event as it goes into the log: cut when too long, and then a failed record that says so.
pub(crate) fn event(raw: Bytes) -> Event {
    cut(raw)
}

fn cut(raw: Bytes) -> Event {
    let length = u32::try_from(raw.len()).unwrap_or(u32::MAX);
    Event::new(raw.slice(..raw.len().min(MAX_EVENT_BYTES)), length)
}

/// The id of an event that is the same one when all of `parts` are.
pub(crate) fn event_id(parts: &[&[u8]]) -> String {
    let mut all = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_le_bytes());
        all.extend_from_slice(part);
    }
    let mut digest = secrets::digest(&all);
    // 132 bits: by chance no two are equal.
    digest.truncate(22);
    digest
}

/// Hints as they go into the log; none when they say nothing.
fn hints_json(hints: &Hints) -> Option<Bytes> {
    if *hints == Hints::default() {
        return None;
    }
    serde_json::to_vec(hints).ok().map(Bytes::from)
}

/// Memory that events take beside the body they were cut from.
fn beside(events: &[Event], body: &Bytes) -> usize {
    let inside = body.as_ptr_range();
    let own = |event: &Event| if inside.contains(&event.raw.as_ptr()) { 0 } else { event.raw.len() };
    events.iter().map(|event| own(event) + event.hints.as_ref().map_or(0, Bytes::len) + event.id.as_ref().map_or(0, String::len)).sum()
}

/// A batch of a sender's source, received now.
fn batch(grant: &IngestGrant, now_us: i64, idempotency_key: Option<String>, events: Vec<Event>) -> Batch {
    let source = grant.source();
    Batch { received: now_us, source: source.id.clone(), format: source.format, idempotency_key, events, dropped: Vec::new() }
}

/// Counts what was taken.
fn count(protocol: &'static str, events: usize) {
    metrics::counter!("bailiwick_ingest_events_total", "protocol" => protocol).increment(events as u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_tells_its_parts_apart() {
        assert_eq!(event_id(&[b"a", b"b"]), event_id(&[b"a", b"b"]));
        assert_ne!(event_id(&[b"a", b"b"]), event_id(&[b"ab", b""]));
        assert_ne!(event_id(&[b"a", b"b"]), event_id(&[b"a"]));
    }
}
