#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| (bailiwick_testkit::fuzz::target("packed_body").take)(data));
