//! What is typed into the search bar: a query, or an error that says where.
#![no_main]

use bailiwick_lake::{Query, QueryError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(QueryError::Syntax { position, .. }) = Query::parse(text) {
        assert!(position <= text.len(), "an error at {position} of {}", text.len());
    }
});
