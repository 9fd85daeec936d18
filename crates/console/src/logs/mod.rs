//! Searching one customer's logs, in that customer's own lake. The text searched for and what is found pass through; who
//! searched whom, and how it ended, is written down.

pub mod across;
pub mod file;
pub mod http;
pub mod sql;

use crate::{
    State,
    access::CustomerGrant,
    audit,
    federation::{self, Failure, Standing, Trouble, scope},
    investigations::params::limit,
};
use bailiwick_api::{EventPage, EventRow, LogSearch, Page, Scoped};
use bailiwick_chassis::Refusal;
use bailiwick_client::NodeClient;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
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
    if search.cursor.as_ref().is_some_and(|cursor| cursor.len() > MAX_CURSOR_CHARS) {
        return Err(Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: not one this console made"));
    }
    check(&search.query, search.from, search.to)?;
    Ok(search)
}

/// Checks what every question about logs has.
fn check(query: &str, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    let refuse = |field: &str, why: String| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {why}")));
    if query.chars().count() > MAX_QUERY_CHARS {
        return refuse("query", format!("at most {MAX_QUERY_CHARS} characters"));
    }
    match (from, to) {
        (Some(from), Some(to)) if from > to => refuse("from", "is later than to".into()),
        _ => Ok(()),
    }
}

/// Searches at the node. One that does not answer leaves an empty page whose scope says so; a refusal of the node is passed on.
async fn search(state: &State, grant: &CustomerGrant, search: &LogSearch) -> Result<Page<EventRow>, Refusal> {
    let (at, deadline) = ((grant.workspace(), grant.role()), deadline(state, grant));
    let ask = |client: NodeClient, caller| async move { client.search_logs(&caller, at, search, deadline).await };
    let answer = federation::call(state, grant, ask).await;
    let (page, failure) = settled(state, grant, "logs.search", answer).await?;
    let page = page.unwrap_or(EventPage { data: Vec::new(), next: None });
    Ok(Page { data: page.data, next: page.next, count: None, scope: scope::of_one(grant.customer(), failure.as_ref()) })
}

/// Passes a question about logs to the node, and its answer back; `noun` is the last part of its path there.
async fn pass<B: Serialize + Sync, T: DeserializeOwned + Default>(
    state: &State,
    grant: &CustomerGrant,
    noun: &'static str,
    body: &B,
) -> Result<Scoped<T>, Refusal> {
    let (at, deadline) = ((grant.workspace(), grant.role()), deadline(state, grant));
    let path = format!("logs/{noun}");
    let ask = |client: NodeClient, caller| async move { client.ask(&caller, at, &path, body, deadline).await };
    let answer = federation::call(state, grant, ask).await;
    let (answer, failure) = settled(state, grant, &format!("logs.{noun}"), answer).await?;
    Ok(Scoped { answer: answer.unwrap_or_default(), scope: scope::of_one(grant.customer(), failure.as_ref()) })
}

/// Who is known to be slow or down is not waited for that long.
fn deadline(state: &State, grant: &CustomerGrant) -> Duration {
    let well = state.federation.knowledge().standing(grant.node()) == Standing::Well;
    if well { DEADLINE } else { state.federation.pace().deadline }
}

/// Writes down how a question ended, and tells an answer from a node that gave none; a refusal of the node is passed on.
async fn settled<T>(state: &State, grant: &CustomerGrant, verb: &str, answer: Result<T, Trouble>) -> Result<(Option<T>, Option<Failure>), Refusal> {
    let (answer, failure) = match answer {
        Ok(answer) => (Some(answer), None),
        Err(Trouble::Failed(failure)) => (None, Some(failure)),
        Err(refused) => {
            let refusal = refused.refusal(grant.customer());
            note(state, grant, verb, refusal.code()).await?;
            return Err(refusal);
        }
    };
    note(state, grant, verb, failure.as_ref().map_or(audit::OK, |failure| failure.code.as_str())).await?;
    Ok((answer, failure))
}

async fn note(state: &State, grant: &CustomerGrant, verb: &str, outcome: &str) -> Result<(), Refusal> {
    let customer = Some(&grant.customer().id);
    audit::record(state, audit::Line { actor: grant.actor().email(), verb, customer, outcome }).await
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
