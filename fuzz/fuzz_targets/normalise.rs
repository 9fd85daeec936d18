//! An event of any format: no panic, and the same outcome when it is worked again.
#![no_main]

use bailiwick_event::{Format, Input, Normaliser, Parsers};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    static NORMALISER: RefCell<Normaliser> = RefCell::new(Normaliser::new(Parsers::shipped().expect("the shipped parsers compile")));
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, raw)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(first) % Format::ALL.len()];
    let receipt_time = "2026-03-02T00:00:01Z".parse().expect("a time");
    NORMALISER.with_borrow_mut(|normaliser| {
        let mut outcome = || normaliser.normalise(&Input::new(raw, format, receipt_time));
        assert_eq!(outcome(), outcome());
    });
});
