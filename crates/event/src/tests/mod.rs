//! What the crate does as a whole, where a test needs more than one module or the inside of one.

mod reference;
mod uploaded;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{FailedRecord, Format, Input, Normaliser, Outcome, Parsers, Record};

fn receipt() -> DateTime<Utc> {
    "2026-03-02T08:15:31Z".parse().expect("a time")
}

fn input(raw: &str) -> Input<'_> {
    Input::new(raw.as_bytes(), Format::Auto, receipt())
}

fn shipped() -> Arc<Parsers> {
    Parsers::shipped().expect("the shipped parsers compile")
}

#[track_caller]
fn record(normaliser: &mut Normaliser, input: &Input<'_>) -> Record {
    match normaliser.normalise(input) {
        Outcome::Record(record) => *record,
        Outcome::Failed(failed) => panic!("no record: {failed:?}"),
    }
}

#[track_caller]
fn failed(normaliser: &mut Normaliser, input: &Input<'_>) -> FailedRecord {
    match normaliser.normalise(input) {
        Outcome::Failed(failed) => failed,
        Outcome::Record(record) => panic!("a record: {record:?}"),
    }
}
