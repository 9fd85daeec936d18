//! Bytes of a syslog connection: the frames do not depend on how the bytes arrive, and none is longer than an event may be.
#![no_main]

use bailiwick_event::MAX_EVENT_BYTES;
use bailiwick_node::{ingest::syslog::Frames, wal::Event};
use libfuzzer_sys::fuzz_target;

fn read<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut frames = Frames::default();
    let mut events = Vec::new();
    for part in parts {
        frames.feed(part);
        events.extend(frames.take(false));
    }
    events.extend(frames.take(true));
    events
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, sent)) = data.split_first() else { return };
    let whole = read([sent]);
    assert!(whole.iter().all(|event| event.raw.len() <= MAX_EVENT_BYTES));
    assert_eq!(whole, read(sent.chunks(usize::from(first).max(1))));
});
