//! Investigations of all customers a person reaches: one queue, read live from the nodes and changed there.
//!
//! * [`ListParams`] is the filter as sent, [`Wanted`] as checked.
//! * A page: [`Wanted::reach`] → one question a node → [`merge`] → [`Page`] with its scope. Nothing of it is kept.
//! * [`live`] sends the page again whenever it changed.
//! * [`one`] is everything about a single investigation; its node is found by its RRN and decides.

mod attachments;
mod case;
pub mod case_http;
mod changes;
mod cursor;
pub mod files_http;
pub mod http;
mod live;
mod merge;
#[cfg(test)]
mod node_tests;
mod one;
pub(crate) mod params;
mod store;
#[cfg(test)]
mod tests;
pub mod together;

pub use cursor::Seal;
pub use params::{ListParams, Wanted};

use crate::{
    State,
    federation::{self, Answer, Asked, Failure, Heard, NodeAsk, Question},
};
use bailiwick_api::{AskInvestigations, CustomerRef, Investigation, InvestigationAnswers, InvestigationRow, Page, Rrn, SortKey, Total, WorkspaceId};
use merge::{Part, merge};
use std::{collections::HashMap, time::Duration};

/// A page of investigations, as a question to nodes.
#[derive(Clone)]
struct Listing {
    state: State,
    wanted: Wanted,
}

impl Question for Listing {
    type Answer = InvestigationAnswers;

    async fn put(&self, ask: &NodeAsk, deadline: Duration) -> Result<InvestigationAnswers, Failure> {
        let client = self.state.links.client(&ask.node).await.map_err(|refusal| Failure::unlinked(&refusal))?;
        let Wanted { rows, sort, limit, after, .. } = &self.wanted;
        let (filter, after) = (rows.clone(), after.clone());
        let names = self.wanted.names(ask.members.iter().map(|member| (member.workspace.clone(), member.customer.clone())));
        let question = AskInvestigations { workspaces: ask.workspaces(), filter, sort: *sort, limit: *limit, after, names };
        client.investigations(&ask.caller, &question, deadline).await.map_err(|error| Failure::from(&error))
    }
}

/// One page, asked now.
async fn list(state: &State, actor: &crate::access::Actor, wanted: Wanted) -> Result<Page<Investigation>, bailiwick_chassis::Refusal> {
    let reach = wanted.reach(state, actor).await?;
    let asked = federation::ask(state, &reach, Listing { state: state.clone(), wanted: wanted.clone() }).await;
    Ok(page(&state.seal, &wanted, &asked))
}

/// The page as it is now, from what was answered so far.
fn page<Q: Question<Answer = InvestigationAnswers>>(seal: &Seal, wanted: &Wanted, asked: &Asked<Q>) -> Page<Investigation> {
    let parts = asked.answers().map(|(ask, answer)| part(wanted, ask, answer)).collect();
    let merged = merge(wanted.sort, wanted.limit as usize, parts);
    let with_customer = |(customer, row): (&CustomerRef, &InvestigationRow)| Investigation { customer: customer.clone(), row: row.clone() };
    let scope = asked.scope();
    let value = asked.answers().map(|(ask, answer)| matching(ask, answer)).sum();
    Page {
        data: merged.rows.into_iter().map(with_customer).collect(),
        next: merged.next.and_then(|key| seal.write(wanted.sort, key, &wanted.digest)),
        count: Some(Total { value, at_least: !scope.complete }),
        scope,
    }
}

/// The customers a node was asked about and answered for, by workspace.
fn answered<'a>(ask: &'a NodeAsk, answer: &'a InvestigationAnswers) -> HashMap<&'a WorkspaceId, &'a CustomerRef> {
    let heard: HashMap<_, _> = answer.heard().into_iter().collect();
    let members = ask.members.iter().filter(|member| heard.get(&member.workspace) == Some(&Heard::Answered));
    members.map(|member| (&member.workspace, &member.customer)).collect()
}

/// How many rows a node counted in the workspaces it was asked about.
fn matching(ask: &NodeAsk, answer: &InvestigationAnswers) -> u64 {
    let answered = answered(ask, answer);
    answer.workspaces.iter().filter(|one| answered.contains_key(&one.workspace)).filter_map(|one| one.answer).sum()
}

/// What one node contributes: rows of the workspaces it was asked about and answered for, after the place the page begins at.
/// Anything else a node sends is left out and counted.
fn part<'a>(wanted: &Wanted, ask: &'a NodeAsk, answer: &'a InvestigationAnswers) -> Part<(&'a CustomerRef, &'a InvestigationRow)> {
    let sort = wanted.sort;
    let answered = answered(ask, answer);
    let is_after = |key: &SortKey| wanted.after.as_ref().is_none_or(|after| sort.compare(after, key).is_lt());
    let (mut rows, mut last): (Vec<_>, Option<SortKey>) = (Vec::with_capacity(answer.rows.len()), None);
    for row in &answer.rows {
        let named = ask.member(&row.workspace).map_or("", |member| member.customer.name.as_str());
        let key = sort.key(row, named);
        if !is_after(&key) {
            continue;
        }
        if last.as_ref().is_none_or(|last| sort.compare(last, &key).is_lt()) {
            last = Some(key.clone());
        }
        let owner = answered.get(&row.workspace).filter(|customer| is_named_right(row, customer));
        rows.extend(owner.map(|customer| (key, (*customer, row))));
    }
    let refused = answer.rows.len() - rows.len();
    if refused > 0 {
        metrics::counter!("bailiwick_console_rows_refused_total").increment(refused as u64);
        tracing::warn!(node = %ask.node, rows = refused, "node sent rows it was not asked for");
    }
    Part { rows, barrier: last.filter(|_| answer.more) }
}

/// An RRN routes every later call: it must name the workspace the row came from.
fn is_named_right(row: &InvestigationRow, customer: &CustomerRef) -> bool {
    row.rrn.parse::<Rrn>().is_ok_and(|rrn| rrn.workspace == row.workspace && rrn.region == customer.region)
}
