//! One frame: `length u32 | crc32 u32 | synced u64 | payload`, little endian; the payload is one batch. `synced` is the offset up to which
//! the segment was known to be on disk when the frame was written; the checksum covers it and the payload.

use bailiwick_api::{DropCause, Format, SourceId};
use bytes::Bytes;

/// Bytes before the payload.
pub(super) const HEADER_BYTES: usize = 16;
/// Where the part begins that the checksum covers.
const CHECKED_FROM: usize = 8;
/// Bytes a payload may have; more in a header means damage.
const MAX_PAYLOAD_BYTES: usize = 256 << 20;

/// The layout written. Layout 1 had neither hints nor drops, layout 2 no ids of events.
const LAYOUT: u8 = 3;

/// Bytes of memory an event takes beside its text, roughly.
const EVENT_COST: usize = 1024;

/// One event as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its bytes, cut when they were too many.
    pub raw: Bytes,
    /// How many bytes it had.
    pub length: u32,
    /// What the transport said of it beside its text: [`bailiwick_event::Hints`] as JSON.
    pub hints: Option<Bytes>,
    /// What makes it the same event when it is sent again ([`crate::ingest::event_id`]); none for an event that is always new.
    pub id: Option<String>,
}

impl Event {
    /// An event without hints.
    pub fn new(raw: Bytes, length: u32) -> Self {
        Self { raw, length, hints: None, id: None }
    }
}

/// Events that were received and could not be kept: counted, so that nothing is lost unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Why.
    pub cause: DropCause,
    /// How many.
    pub events: u64,
    /// Bytes they had.
    pub bytes: u64,
}

/// Events received together from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// When, in microseconds since the epoch.
    pub received: i64,
    /// From where.
    pub source: SourceId,
    /// How the source writes.
    pub format: Format,
    /// The sender's key for retries.
    pub idempotency_key: Option<String>,
    /// The events.
    pub events: Vec<Event>,
    /// What came with them and was dropped.
    pub dropped: Vec<Dropped>,
}

impl Batch {
    /// Bytes of all events as received, with what each costs beside them while it is worked.
    pub fn cost(&self) -> usize {
        self.events.iter().map(|e| e.raw.len() + e.hints.as_ref().map_or(0, Bytes::len) + EVENT_COST).sum()
    }

    /// Bytes of all events as received, decompressed: what a licence counts.
    pub fn bytes(&self) -> u64 {
        self.events.iter().map(|e| u64::from(e.length)).sum()
    }

    /// The ids of its events that have one.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|event| event.id.as_deref())
    }

    /// Appends the frame of this batch to a buffer.
    pub(super) fn encode(&self, synced: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; CHECKED_FROM]);
        out.extend_from_slice(&synced.to_le_bytes());
        out.push(LAYOUT);
        out.extend_from_slice(&self.received.to_le_bytes());
        put(out, self.source.as_str().as_bytes());
        put(out, self.format.as_str().as_bytes());
        out.push(u8::from(self.idempotency_key.is_some()));
        put(out, self.idempotency_key.as_deref().unwrap_or_default().as_bytes());
        put_u32(out, self.events.len());
        for event in &self.events {
            out.extend_from_slice(&event.length.to_le_bytes());
            put(out, &event.raw);
            put(out, event.hints.as_deref().unwrap_or_default());
            put(out, event.id.as_deref().unwrap_or_default().as_bytes());
        }
        put_u32(out, self.dropped.len());
        for dropped in &self.dropped {
            put(out, dropped.cause.as_str().as_bytes());
            out.extend_from_slice(&dropped.events.to_le_bytes());
            out.extend_from_slice(&dropped.bytes.to_le_bytes());
        }
        let payload = out.len() - start - HEADER_BYTES;
        let crc = crc32fast::hash(&out[start + CHECKED_FROM..]);
        out[start..start + 4].copy_from_slice(&u32::try_from(payload).unwrap_or(u32::MAX).to_le_bytes());
        out[start + 4..start + CHECKED_FROM].copy_from_slice(&crc.to_le_bytes());
    }

    /// Reads a payload whose checksum was right; none when it is of another layout.
    pub(super) fn decode(payload: Bytes) -> Option<Self> {
        let mut input = Input(payload);
        let layout = *input.take(1)?.first()?;
        if !(1..=LAYOUT).contains(&layout) {
            return None;
        }
        let received = i64::from_le_bytes(input.take(8)?.as_ref().try_into().ok()?);
        let source = SourceId(input.text()?);
        let format = input.text()?.parse().ok()?;
        let keyed = input.take(1)?.first() == Some(&1);
        let key = input.text()?;
        let count = input.number()?;
        let mut events = Vec::with_capacity(count.min(1 << 16));
        for _ in 0..count {
            let length = u32::try_from(input.number()?).ok()?;
            let size = input.number()?;
            let raw = input.take(size)?;
            let size = if layout > 1 { input.number()? } else { 0 };
            let hints = input.take(size)?;
            let id = if layout > 2 { input.text()? } else { String::new() };
            events.push(Event { raw, length, hints: (!hints.is_empty()).then_some(hints), id: (!id.is_empty()).then_some(id) });
        }
        let dropped = if layout > 1 { input.dropped()? } else { Vec::new() };
        input.0.is_empty().then_some(Self { received, source, format, idempotency_key: keyed.then_some(key), events, dropped })
    }
}

/// A whole frame at the beginning of some bytes.
pub(super) struct Frame {
    /// Up to where the segment was on disk when the frame was written.
    pub(super) synced: u64,
    /// The batch.
    pub(super) batch: Batch,
    /// Bytes it takes.
    pub(super) bytes: usize,
}

/// What stands at the beginning of some bytes.
pub(super) enum Read {
    /// A frame.
    Whole(Frame),
    /// Whole by its checksum, but of a layout this build does not know.
    Unknown,
    /// Nothing that was ever written whole.
    Torn,
}

/// Reads the frame at the beginning.
pub(super) fn read(bytes: &Bytes) -> Read {
    checked(bytes).map_or(Read::Torn, |(synced, payload, bytes)| match Batch::decode(payload) {
        Some(batch) => Read::Whole(Frame { synced, batch, bytes }),
        None => Read::Unknown,
    })
}

/// The synced mark, the payload and the size of a frame whose checksum is right.
fn checked(bytes: &Bytes) -> Option<(u64, Bytes, usize)> {
    let length = usize::try_from(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?)).ok()?;
    let crc = u32::from_le_bytes(bytes.get(4..CHECKED_FROM)?.try_into().ok()?);
    let synced = u64::from_le_bytes(bytes.get(CHECKED_FROM..HEADER_BYTES)?.try_into().ok()?);
    let end = HEADER_BYTES.checked_add(length)?;
    let plausible = (1..=MAX_PAYLOAD_BYTES).contains(&length) && end <= bytes.len();
    (plausible && crc32fast::hash(&bytes[CHECKED_FROM..end]) == crc).then(|| (synced, bytes.slice(HEADER_BYTES..end), end))
}

fn put_u32(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u32(out, bytes.len());
    out.extend_from_slice(bytes);
}

struct Input(Bytes);

impl Input {
    fn take(&mut self, count: usize) -> Option<Bytes> {
        (count <= self.0.len()).then(|| self.0.split_to(count))
    }

    fn number(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.take(4)?.as_ref().try_into().ok()?)).ok()
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.as_ref().try_into().ok()?))
    }

    fn dropped(&mut self) -> Option<Vec<Dropped>> {
        let count = self.number()?;
        (0..count).map(|_| Some(Dropped { cause: self.text()?.parse().ok()?, events: self.long()?, bytes: self.long()? })).collect()
    }

    fn text(&mut self) -> Option<String> {
        let size = self.number()?;
        String::from_utf8(self.take(size)?.to_vec()).ok()
    }
}
