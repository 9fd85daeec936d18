//! A packed body: never more than the limit, whatever the bytes say.
#![no_main]

use bailiwick_node::ingest::body::{Encoding, inflate};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let encoding = [Encoding::Identity, Encoding::Gzip, Encoding::Deflate, Encoding::Zstd][usize::from(first) % 4];
    if let Ok(body) = inflate(encoding, rest, LIMIT) {
        assert!(body.len() <= LIMIT);
    }
});
