//! One rule file: it loads or is refused, and what loads can be run.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| bailiwick_fuzz::load(data, "yml"));
