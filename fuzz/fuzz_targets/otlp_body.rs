//! A request of OTLP in either encoding: events and records that cannot be read, or a refusal.
#![no_main]

use bailiwick_node::ingest::{MAX_EVENTS, otlp};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let encoding = if first % 2 == 0 { otlp::Encoding::Protobuf } else { otlp::Encoding::Json };
    if let Ok(parsed) = otlp::parse(&Bytes::copy_from_slice(rest), encoding) {
        assert!(parsed.events.len() <= MAX_EVENTS);
        assert_eq!(parsed.rejected > 0, parsed.reason.is_some());
    }
});
