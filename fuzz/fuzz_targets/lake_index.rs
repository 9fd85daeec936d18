//! The index beside a file of the lake: refused, or asked without harm. The checksum is put right, or nothing would get past it.
#![no_main]

use bailiwick_lake::Index;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let _refused = Index::open(body.to_vec());
    if let Ok(index) = Index::open(Index::seal(body.to_vec())) {
        for word in ["error", "10.0.0.1", "x"] {
            assert!(index.rows_with(word).iter().all(|range| range.start < range.end && range.end as u64 <= index.rows()));
        }
    }
});
