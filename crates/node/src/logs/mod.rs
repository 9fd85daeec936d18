//! Log search: one workspace's lake, asked by a technician or by the customer's own administrator.

pub(crate) mod http;

use bailiwick_api::LogSearch;
use bailiwick_chassis::Refusal;

const MAX_LIMIT: u32 = 1_000;
const MAX_QUERY_CHARS: usize = 4_096;

/// Refuses a search that cannot mean anything.
fn check(search: &LogSearch) -> Result<(), Refusal> {
    if search.limit.is_some_and(|limit| limit == 0 || limit > MAX_LIMIT) {
        return Err(Refusal::invalid("INVALID_INPUT", "limit", format!("limit: 1 to {MAX_LIMIT}")));
    }
    if search.query.chars().count() > MAX_QUERY_CHARS {
        return Err(Refusal::invalid("INVALID_INPUT", "query", format!("query: at most {MAX_QUERY_CHARS} characters")));
    }
    match (search.from, search.to) {
        (Some(from), Some(to)) if from > to => Err(Refusal::invalid("INVALID_INPUT", "to", "to: is before from")),
        _ => Ok(()),
    }
}
