//! Open investigations by priority of every customer a person reaches, for the customers page.

use super::{Failure, Heard, NodeAsk, Question, ask, scope::Answer};
use crate::{State, access::Reach};
use bailiwick_api::{AskSummaries, CustomerId, OpenCounts, Scope, SummaryAnswers};
use std::{collections::HashMap, time::Duration};

#[derive(Clone)]
struct Summaries {
    state: State,
}

impl Question for Summaries {
    type Answer = SummaryAnswers;

    async fn put(&self, ask: &NodeAsk, deadline: Duration) -> Result<SummaryAnswers, Failure> {
        let client = self.state.links.client(&ask.node).await.map_err(|refusal| Failure::unlinked(&refusal))?;
        let question = AskSummaries { workspaces: ask.workspaces() };
        client.summaries(&ask.caller, &question, deadline).await.map_err(|error| Failure::from(&error))
    }
}

/// Open investigations by priority of each customer that answered, and who did not.
pub async fn open_counts(state: &State, reach: &Reach) -> (HashMap<CustomerId, OpenCounts>, Scope) {
    let asked = ask(state, reach, Summaries { state: state.clone() }).await;
    let counts = asked.answers().flat_map(|(ask, answer)| counts(ask, answer)).collect();
    (counts, asked.scope())
}

/// The counts of the workspaces that were asked and answered, and of no other.
fn counts<'a>(ask: &'a NodeAsk, answer: &'a SummaryAnswers) -> impl Iterator<Item = (CustomerId, OpenCounts)> + 'a {
    let heard: HashMap<_, _> = answer.heard().into_iter().collect();
    answer.workspaces.iter().filter_map(move |one| {
        let member = ask.member(&one.workspace).filter(|_| heard.get(&one.workspace) == Some(&Heard::Answered))?;
        one.answer.map(|counts| (member.customer.id.clone(), counts))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::testing::ask;
    use bailiwick_api::{SkipReason, WorkspaceAnswer};

    #[test]
    fn only_workspaces_asked_and_answered_are_counted() {
        let open = OpenCounts { critical: 2, ..OpenCounts::default() };
        let one = |workspace: &str, skipped| WorkspaceAnswer { workspace: workspace.into(), skipped, error: None, answer: Some(open) };
        let answer = SummaryAnswers { workspaces: vec![one("a", None), one("b", Some(SkipReason::NoRole)), one("foreign", None)] };
        let found: Vec<_> = counts(&ask("n1", &["a", "b"]), &answer).collect();
        assert_eq!(found, [(CustomerId::from("a"), open)]);
    }
}
