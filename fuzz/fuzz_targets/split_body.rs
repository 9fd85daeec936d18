//! A body of ingest: every event is a part of the body that is not blank, numbered upwards.
#![no_main]

use bailiwick_node::ingest::split::split;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let body = Bytes::copy_from_slice(data);
    let events = split(&body);
    assert!(events.iter().map(|(_, event)| event.len()).sum::<usize>() <= body.len());
    assert!(events.iter().all(|(_, event)| !event.iter().all(u8::is_ascii_whitespace)));
    assert!(events.is_sorted_by(|(a, _), (b, _)| a < b));
});
