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

/// A line for the shared listener: its key is taken out, and where an element for one is left no key is readable.
pub(super) fn syslog_key(data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let kept = token::take(Event::new(Bytes::copy_from_slice(data), length)).event;
    assert_eq!(kept.length as usize, kept.raw.len());
    let find = |text: &[u8], part: &[u8]| text.windows(part.len()).position(|window| window == part);
    let Some(mut at) = find(&kept.raw, b"bailiwick@32473") else { return };
    while let Some(found) = find(&kept.raw[at..], b"bwk_") {
        at += found + b"bwk_".len();
        let readable = kept.raw.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        assert!(!readable, "a key is left at byte {at}");
    }
}
