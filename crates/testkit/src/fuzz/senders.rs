//! What senders send.

use bailiwick_event::MAX_EVENT_BYTES;
use bailiwick_node::{
    ingest::{
        MAX_EVENTS,
        body::{Encoding, inflate},
        bulk, hec, otlp,
        split::split,
        syslog::{Frames, token},
    },
    wal::Event,
};
use bytes::Bytes;

/// What a packed body may become in this target.
const INFLATED: usize = 1 << 20;

/// The body of Elasticsearch's bulk: items whose documents lie in it, or a refusal.
pub(super) fn bulk_body(data: &[u8]) {
    let Ok(items) = bulk::parse(&Bytes::copy_from_slice(data), Some("index")) else { return };
    assert!(items.iter().map(|item| item.source.len()).sum::<usize>() <= data.len());
    for item in &items {
        let _flaw = bulk::flaw(&item.source);
    }
}

/// The body of Splunk's event collector: events, and at most one envelope that ended it.
pub(super) fn hec_body(data: &[u8]) {
    let parsed = hec::parse(&Bytes::copy_from_slice(data));
    assert!(parsed.bad.is_some() || !parsed.events.is_empty());
    assert!(parsed.bad.is_none_or(|(number, _)| number == parsed.events.len()));
}

/// A request of OTLP in either encoding: events and records that cannot be read, or a refusal.
pub(super) fn otlp_body(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let encoding = if first % 2 == 0 { otlp::Encoding::Protobuf } else { otlp::Encoding::Json };
    if let Ok(parsed) = otlp::parse(&Bytes::copy_from_slice(rest), encoding) {
        assert!(parsed.events.len() <= MAX_EVENTS);
        assert_eq!(parsed.rejected > 0, parsed.reason.is_some());
    }
}

/// A packed body: never more than the limit, whatever the bytes say.
pub(super) fn packed_body(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let encoding = [Encoding::Identity, Encoding::Gzip, Encoding::Deflate, Encoding::Zstd][usize::from(first) % 4];
    if let Ok(body) = inflate(encoding, rest, INFLATED) {
        assert!(body.len() <= INFLATED);
    }
}

/// A body of our own ingest: every event is a part of the body that is not blank, numbered upwards.
pub(super) fn split_body(data: &[u8]) {
    let body = Bytes::copy_from_slice(data);
    let events = split(&body);
    assert!(events.iter().map(|(_, event)| event.len()).sum::<usize>() <= body.len());
    assert!(events.iter().all(|(_, event)| !event.iter().all(u8::is_ascii_whitespace)));
    assert!(events.is_sorted_by(|(a, _), (b, _)| a < b));
}

/// Bytes of a syslog connection: the frames do not depend on how the bytes arrive, and none is longer than an event may be.
pub(super) fn syslog_frames(data: &[u8]) {
    let Some((&first, sent)) = data.split_first() else { return };
    let whole = frames([sent]);
    assert!(whole.iter().all(|event| event.raw.len() <= MAX_EVENT_BYTES));
    assert_eq!(whole, frames(sent.chunks(usize::from(first).max(1))));
}

fn frames<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut frames = Frames::default();
    let mut events = Vec::new();
    for part in parts {
        frames.feed(part);
        events.extend(frames.take(false));
    }
    events.extend(frames.take(true));
    events
}

/// A line for the shared listener: its key is taken out and is nowhere in what is kept.
pub(super) fn syslog_key(data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let keyed = token::take(Event::new(Bytes::copy_from_slice(data), length));
    assert_eq!(keyed.event.length as usize, keyed.event.raw.len());
    let again = token::take(keyed.event.clone());
    assert_eq!((again.key, again.event), (None, keyed.event), "what was taken out once is out");
}
