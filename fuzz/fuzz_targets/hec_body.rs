//! The body of Splunk's event collector: events, and at most one envelope that ended it.
#![no_main]

use bailiwick_node::ingest::hec;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let parsed = hec::parse(&Bytes::copy_from_slice(data));
    assert!(parsed.bad.is_some() || !parsed.events.is_empty());
    assert!(parsed.bad.is_none_or(|(number, _)| number == parsed.events.len()));
});
