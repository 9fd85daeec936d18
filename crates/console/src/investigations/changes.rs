//! The change feed: what changed at all nodes since a time, each node at its own place in the cursor, so that one that was away goes on where
//! it was.

use super::{cursor::Told, is_named_right, params::limit};
use crate::{
    State,
    access::{self, Action, Actor},
    federation::{self, Answer, Asked, Failure, Heard, NodeAsk, Question},
};
use bailiwick_api::{AskChanges, ChangeAnswers, ChangedRow, Changes, CustomerId, CustomerRef, FeedPosition, Investigation, WorkspaceId};
use bailiwick_chassis::{Refusal, extract::QueryParams};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::{collections::HashMap, time::Duration};
use utoipa::IntoParams;

const DEFAULT_LIMIT: i64 = 100;
const MAX_LIMIT: i64 = 500;

/// Changes since when. Either `updated_since`, or the cursor of an answer before.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ChangesParams {
    /// Changed after this.
    updated_since: Option<DateTime<Utc>>,
    /// Customer ids; absent means all the person may see.
    #[param(value_type = Option<Vec<String>>)]
    customers: Option<Vec<CustomerId>>,
    /// Where the answer before ended.
    cursor: Option<String>,
    /// Rows an answer; a few more when they changed at the same moment.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<i64>,
}

impl QueryParams for ChangesParams {
    const LISTS: &'static [&'static str] = &["customers"];
    const NUMBERS: &'static [&'static str] = &["limit"];
}

#[derive(Clone)]
struct Feed {
    state: State,
    told: Told,
    limit: u32,
}

impl Question for Feed {
    type Answer = ChangeAnswers;

    async fn put(&self, ask: &NodeAsk, deadline: Duration) -> Result<ChangeAnswers, Failure> {
        let client = self.state.links.client(&ask.node).await.map_err(|refusal| Failure::unlinked(&refusal))?;
        let question = AskChanges { workspaces: ask.workspaces(), position: self.told.of(&ask.node), limit: self.limit };
        client.changes(&ask.caller, &question, deadline).await.map_err(|error| Failure::from(&error))
    }
}

/// What changed, asked now.
pub(super) async fn changes(state: &State, actor: &Actor, params: ChangesParams) -> Result<Changes, Refusal> {
    let limit = limit(params.limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let told = match (&params.cursor, params.updated_since) {
        (Some(_), Some(_)) => return Err(Refusal::invalid("INVALID_INPUT", "updated_since", "updated_since: the cursor knows since when; give one")),
        (Some(cursor), None) => state.seal.read_feed(cursor)?,
        (None, Some(since)) => Told::since(since.timestamp_micros()),
        (None, None) => return Err(Refusal::invalid("MISSING_FIELD", "updated_since", "updated_since: since when, or a cursor")),
    };
    let reach = access::reach_many(state, actor, Action::ViewInvestigations, params.customers.as_deref()).await?;
    let asked = federation::ask(state, &reach, Feed { state: state.clone(), told: told.clone(), limit }).await;
    let (data, told, more) = merge(&asked, told, limit as usize);
    let next = state.seal.write_feed(&told).ok_or_else(|| Refusal::internal("a cursor cannot be sealed"))?;
    Ok(Changes { data, next, more, scope: asked.scope() })
}

/// One row of a node's answer, when it is the node's to tell.
struct Mine<'a> {
    node: usize,
    one: &'a ChangedRow,
    customer: &'a CustomerRef,
}

/// The oldest changes of all nodes, and up to where each has told then.
fn merge<Q: Question<Answer = ChangeAnswers>>(asked: &Asked<Q>, mut told: Told, limit: usize) -> (Vec<Investigation>, Told, bool) {
    let answers: Vec<(&NodeAsk, &ChangeAnswers)> = asked.answers().collect();
    let mut rows: Vec<Mine<'_>> = answers.iter().enumerate().flat_map(|(node, (ask, answer))| own(node, ask, answer)).collect();
    rows.sort_by(|a, b| a.one.changed.cmp(&b.one.changed).then_with(|| a.one.row.rrn.cmp(&b.one.row.rrn)));
    // Changes of one moment stay together: a place in the feed cannot stand between them.
    let moment = rows.get(limit.saturating_sub(1)).map(|last| last.one.changed);
    let keep = moment.map_or(rows.len(), |moment| rows.partition_point(|row| row.one.changed <= moment));
    let more = keep < rows.len() || answers.iter().any(|(_, answer)| answer.more);
    let (shown, left) = rows.split_at(keep);
    let mut already = Vec::new();
    for (node, (ask, answer)) in answers.iter().enumerate() {
        let position = if left.iter().any(|row| row.node == node) {
            match shown.iter().rev().find(|row| row.node == node) {
                Some(last) => FeedPosition { after: last.one.changed, floor: Some(answer.floor) },
                None => told.of(&ask.node),
            }
        } else {
            answer.position
        };
        told.set(&ask.node, position, &mut already);
    }
    let data = shown.iter().map(|row| Investigation { customer: row.customer.clone(), row: row.one.row.clone() }).collect();
    (data, told, more)
}

/// Rows of the workspaces the node was asked about and answered for. Anything else it sends is left out and counted.
fn own<'a>(node: usize, ask: &'a NodeAsk, answer: &'a ChangeAnswers) -> Vec<Mine<'a>> {
    let heard: HashMap<&WorkspaceId, Heard> = answer.heard().into_iter().collect();
    let members: HashMap<&WorkspaceId, &CustomerRef> = ask.members.iter().map(|member| (&member.workspace, &member.customer)).collect();
    let owner = |one: &ChangedRow| {
        let customer = members.get(&one.row.workspace).copied()?;
        let answered = heard.get(&one.row.workspace) == Some(&Heard::Answered);
        (answered && is_named_right(&one.row, customer)).then_some(customer)
    };
    let rows: Vec<_> = answer.rows.iter().filter_map(|one| owner(one).map(|customer| Mine { node, one, customer })).collect();
    let refused = answer.rows.len() - rows.len();
    if refused > 0 {
        metrics::counter!("bailiwick_console_rows_refused_total").increment(refused as u64);
        tracing::warn!(node = %ask.node, rows = refused, "node sent rows it was not asked for");
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::{Federation, Plan, testing::ask};
    use bailiwick_api::WorkspaceAnswer;
    use bailiwick_chassis::tasks::Tasks;
    use std::{
        collections::BTreeMap,
        sync::{Arc, Mutex},
    };

    /// Nodes with the stamps of their rows; what a node answers is what a real one does. One without an entry is down.
    #[derive(Clone, Default)]
    struct Nodes {
        changed: Arc<Mutex<HashMap<String, BTreeMap<String, i64>>>>,
        told: Told,
        limit: usize,
        settled: i64,
    }

    impl Question for Nodes {
        type Answer = ChangeAnswers;

        async fn put(&self, ask: &NodeAsk, _: Duration) -> Result<ChangeAnswers, Failure> {
            let position = self.told.of(&ask.node);
            let changed = self.changed.lock().unwrap().get(ask.node.as_str()).cloned().ok_or_else(Failure::down)?;
            let workspace = ask.members[0].workspace.clone();
            let row = |id: &String, changed: i64| ChangedRow {
                changed,
                row: crate::investigations::tests::row(workspace.as_str(), id.parse().unwrap(), bailiwick_api::Priority::Low, 1),
            };
            let mut rows: Vec<_> = changed.iter().filter(|(_, at)| **at > position.after).map(|(id, at)| row(id, *at)).collect();
            rows.sort_by_key(|one| one.changed);
            let more = rows.len() > self.limit;
            rows.truncate(self.limit);
            let floor = position.floor.unwrap_or(self.settled);
            let last = rows.last().map(|one| one.changed);
            let position = match last {
                Some(last) if more => FeedPosition { after: last, floor: Some(floor) },
                last => FeedPosition {
                    after: last.unwrap_or(position.after).min(floor).max(if position.floor.is_none() { position.after } else { 0 }),
                    floor: None,
                },
            };
            let one = WorkspaceAnswer { workspace, skipped: None, error: None, answer: Some(1) };
            Ok(ChangeAnswers { workspaces: vec![one], rows, position, floor, more })
        }
    }

    impl Nodes {
        async fn turn(&mut self) -> (Vec<String>, bool) {
            let plan = Plan { nodes: vec![ask("n1", &["a"]), ask("n2", &["b"])], skipped: Vec::new() };
            let asked = Federation::default().ask_plan(&Tasks::new(), plan, self.clone()).await;
            let (data, told, more) = merge(&asked, self.told.clone(), self.limit);
            self.told = told;
            (data.into_iter().map(|one| one.row.title).collect(), more)
        }

        fn set(&self, node: &str, id: u32, changed: i64) {
            self.changed.lock().unwrap().entry(node.into()).or_default().insert(id.to_string(), changed);
        }
    }

    #[tokio::test]
    async fn every_change_is_told_at_least_once_across_pages_late_commits_and_a_node_that_was_away() {
        let mut nodes = Nodes { limit: 2, settled: 1_000, ..Nodes::default() };
        for (id, changed) in [(1, 10), (2, 30), (3, 50)] {
            nodes.set("n1", id, changed);
        }
        let mut seen = Vec::new();
        loop {
            let (titles, more) = nodes.turn().await;
            seen.extend(titles);
            if !more {
                break;
            }
        }
        assert_eq!(seen, ["a 1", "a 2", "a 3"]);
        for (id, changed) in [(1, 20), (2, 40)] {
            nodes.set("n2", id, changed);
        }
        assert_eq!(nodes.turn().await, (vec!["b 1".into(), "b 2".into()], false));
        assert_eq!(nodes.turn().await.0, Vec::<String>::new());
        nodes.settled = 60;
        nodes.set("n1", 1, 100);
        assert_eq!(nodes.turn().await.0, ["a 1"]);
        // Committed after one with a later stamp was told.
        nodes.set("n1", 4, 90);
        assert_eq!(nodes.turn().await.0, ["a 4", "a 1"]);
    }
}
