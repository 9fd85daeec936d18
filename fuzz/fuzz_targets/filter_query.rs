//! The query string of the queue, its cursor included: a filter, or a refusal that blames the caller.
#![no_main]

use bailiwick_chassis::{Refusal, extract::parse_query};
use bailiwick_console::investigations::{ListParams, Wanted};
use libfuzzer_sys::fuzz_target;

fn read(text: &str) -> Result<Wanted, Refusal> {
    Wanted::try_from(parse_query::<ListParams>(text)?)
}

fuzz_target!(|text: &str| {
    if let Err(refusal) = read(text) {
        assert!(refusal.status().is_client_error(), "{:?}", refusal.problem());
    }
});
