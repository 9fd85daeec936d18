//! Searching one customer's logs, in that customer's own lake. The text searched for and the rows found pass through; who
//! searched whom, and how it ended, is written down.

pub mod http;

use crate::{
    State,
    access::CustomerGrant,
    audit,
    federation::{self, Standing, Trouble, scope},
    investigations::params::limit,
};
use bailiwick_api::{EventPage, EventRow, LogSearch, Page};
use bailiwick_chassis::Refusal;
use std::time::Duration;

const DEFAULT_LIMIT: i64 = 100;
const MAX_LIMIT: i64 = 1000;
const MAX_QUERY_CHARS: usize = 10_000;
const MAX_CURSOR_CHARS: usize = 1000;
/// A search may have to read much; it is not part of a federated page.
const DEADLINE: Duration = Duration::from_secs(30);

/// Checks a search and fills in the size of its page.
fn checked(mut search: LogSearch) -> Result<LogSearch, Refusal> {
    search.limit = Some(limit(search.limit.map(i64::from), DEFAULT_LIMIT, MAX_LIMIT)?);
    let refuse = |field: &str, why: String| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {why}")));
    if search.query.chars().count() > MAX_QUERY_CHARS {
        return refuse("query", format!("at most {MAX_QUERY_CHARS} characters"));
    }
    if search.cursor.as_ref().is_some_and(|cursor| cursor.len() > MAX_CURSOR_CHARS) {
        return Err(Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: not one this console made"));
    }
    match (search.from, search.to) {
        (Some(from), Some(to)) if from > to => refuse("from", "is later than to".into()),
        _ => Ok(search),
    }
}

/// Searches at the node. One that does not answer leaves an empty page whose scope says so; a refusal of the node is passed on.
async fn search(state: &State, grant: &CustomerGrant, search: &LogSearch) -> Result<Page<EventRow>, Refusal> {
    let at = (grant.workspace(), grant.role());
    // Who is known to be slow or down is not waited for that long.
    let well = state.federation.knowledge().standing(grant.node()) == Standing::Well;
    let deadline = if well { DEADLINE } else { state.federation.pace().deadline };
    let ask = |client: bailiwick_client::NodeClient, caller| async move { client.search_logs(&caller, at, search, deadline).await };
    let (page, failure) = match federation::call(state, grant, ask).await {
        Ok(page) => (page, None),
        Err(Trouble::Failed(failure)) => (EventPage { data: Vec::new(), next: None }, Some(failure)),
        Err(refused) => {
            let refusal = refused.refusal(grant.customer());
            note(state, grant, refusal.code()).await?;
            return Err(refusal);
        }
    };
    note(state, grant, failure.as_ref().map_or(audit::OK, |failure| failure.code.as_str())).await?;
    Ok(Page { data: page.data, next: page.next, scope: scope::of_one(grant.customer(), failure.as_ref()) })
}

async fn note(state: &State, grant: &CustomerGrant, outcome: &str) -> Result<(), Refusal> {
    let customer = Some(&grant.customer().id);
    audit::record(state, audit::Line { actor: grant.actor().email(), verb: "logs.search", customer, outcome }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_a_page_size_within_bounds_and_a_window_that_is_not_reversed() {
        let search = |limit| LogSearch { limit, ..LogSearch::default() };
        assert_eq!(checked(search(None)).unwrap().limit, Some(100));
        assert_eq!(checked(search(Some(1000))).unwrap().limit, Some(1000));
        for limit in [0, 1001] {
            assert_eq!(checked(search(Some(limit))).unwrap_err().problem().field.as_deref(), Some("limit"));
        }
        let (from, to) = ("2026-02-01T00:00:00Z".parse().ok(), "2026-01-01T00:00:00Z".parse().ok());
        assert_eq!(checked(LogSearch { from, to, ..search(None) }).unwrap_err().problem().field.as_deref(), Some("from"));
        let query = "x".repeat(MAX_QUERY_CHARS + 1);
        assert_eq!(checked(LogSearch { query, ..search(None) }).unwrap_err().problem().field.as_deref(), Some("query"));
    }
}
