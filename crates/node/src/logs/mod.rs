//! Log search and its summaries: one workspace's lake, asked by a technician or by the customer's own administrator.

pub(crate) mod across;
pub(crate) mod file;
pub(crate) mod http;

use bailiwick_api::{LogFacets, LogHistogram, LogSearch};
use bailiwick_chassis::Refusal;
use chrono::{DateTime, Utc};

const MAX_LIMIT: u32 = 1_000;
const MAX_BUCKETS: u32 = 200;
const MAX_VALUES: u32 = 100;
const MAX_FIELDS: usize = 20;
const MAX_FIELD_BYTES: usize = 256;
const MAX_QUERY_CHARS: usize = 4_096;

/// Refuses a search that cannot mean anything.
fn check(search: &LogSearch) -> Result<(), Refusal> {
    check_number("limit", search.limit, MAX_LIMIT)?;
    check_query(&search.query, search.from, search.to)
}

/// Refuses a histogram that cannot mean anything.
fn check_histogram(ask: &LogHistogram) -> Result<(), Refusal> {
    check_number("buckets", ask.buckets, MAX_BUCKETS)?;
    check_query(&ask.query, ask.from, ask.to)
}

/// Refuses facets that cannot mean anything.
fn check_facets(ask: &LogFacets) -> Result<(), Refusal> {
    check_number("limit", ask.limit, MAX_VALUES)?;
    let fields = ask.fields.as_deref().unwrap_or_default();
    if fields.len() > MAX_FIELDS {
        return Err(Refusal::invalid("INVALID_INPUT", "fields", format!("fields: at most {MAX_FIELDS}")));
    }
    if let Some(at) = fields.iter().position(|field| field.is_empty() || field.len() > MAX_FIELD_BYTES) {
        return Err(Refusal::invalid("INVALID_INPUT", "fields", format!("fields[{at}]: a name of 1 to {MAX_FIELD_BYTES} bytes")));
    }
    check_query(&ask.query, ask.from, ask.to)
}

fn check_number(field: &str, number: Option<u32>, most: u32) -> Result<(), Refusal> {
    if number.is_some_and(|number| number == 0 || number > most) {
        return Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: 1 to {most}")));
    }
    Ok(())
}

fn check_query(query: &str, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    if query.chars().count() > MAX_QUERY_CHARS {
        return Err(Refusal::invalid("INVALID_INPUT", "query", format!("query: at most {MAX_QUERY_CHARS} characters")));
    }
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(Refusal::invalid("INVALID_INPUT", "to", "to: is before from")),
        _ => Ok(()),
    }
}
