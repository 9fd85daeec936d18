//! Taking logs in. Every way in ends in one batch of one source, handed to its workspace's log; success means durable.

pub mod http;
pub mod split;
pub mod syslog;

use crate::wal::Event;
use bailiwick_event::MAX_EVENT_BYTES;
use bytes::Bytes;

/// An event as it goes into the log: cut when too long, and then a failed record that says so.
pub(crate) fn event(raw: Bytes) -> Event {
    let length = u32::try_from(raw.len()).unwrap_or(u32::MAX);
    Event::new(raw.slice(..raw.len().min(MAX_EVENT_BYTES)), length)
}
