//! The name of an investigation: what is read is written the same.
#![no_main]

use bailiwick_api::Rrn;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(rrn) = text.parse::<Rrn>() {
        assert_eq!(rrn.to_string(), text);
    }
});
