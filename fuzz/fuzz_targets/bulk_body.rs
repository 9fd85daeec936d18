//! The body of Elasticsearch's bulk: items whose documents lie in it, or a refusal.
#![no_main]

use bailiwick_node::ingest::bulk;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let body = Bytes::copy_from_slice(data);
    let Ok(items) = bulk::parse(&body, Some("index")) else { return };
    assert!(items.iter().map(|item| item.source.len()).sum::<usize>() <= data.len());
    for item in &items {
        let _flaw = bulk::flaw(&item.source);
    }
});
