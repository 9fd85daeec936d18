//! The scope of an answer, built from what was planned and what each node said about each workspace.

use super::{failure::Failure, plan::NodeAsk};
use bailiwick_api::{
    BulkAnswers, ChangeAnswers, CustomerRef, FailCode, Failed, InvestigationAnswers, Scope, SkipReason, Skipped, SummaryAnswers, WorkspaceAnswer,
    WorkspaceId,
};
use std::collections::HashMap;

/// Characters of a node's own words about a workspace that are passed on.
const MAX_WORDS: usize = 200;

/// What a node said about one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It answered.
    Answered,
    /// It did not ask the workspace.
    Skipped(SkipReason),
    /// This workspace alone failed.
    Failed(String),
    /// Nothing was heard of it to the end.
    Lost(Failure),
}

/// An answer of a node that accounts for every workspace it was asked about.
pub trait Answer: Send + 'static {
    /// Each workspace the node names.
    fn heard(&self) -> Vec<(&WorkspaceId, Heard)>;
}

/// What a node said about each workspace it names.
pub(crate) fn heard<T>(answers: &[WorkspaceAnswer<T>]) -> Vec<(&WorkspaceId, Heard)> {
    let one = |answer: &WorkspaceAnswer<T>| match (answer.skipped, &answer.error) {
        (Some(reason), _) => Heard::Skipped(reason),
        (None, Some(error)) => Heard::Failed(error.chars().take(MAX_WORDS).collect()),
        (None, None) if answer.answer.is_none() => Heard::Failed("the node gave no answer about this workspace".into()),
        (None, None) => Heard::Answered,
    };
    answers.iter().map(|answer| (&answer.workspace, one(answer))).collect()
}

impl Answer for InvestigationAnswers {
    fn heard(&self) -> Vec<(&WorkspaceId, Heard)> {
        heard(&self.workspaces)
    }
}

impl Answer for ChangeAnswers {
    fn heard(&self) -> Vec<(&WorkspaceId, Heard)> {
        heard(&self.workspaces)
    }
}

impl Answer for SummaryAnswers {
    fn heard(&self) -> Vec<(&WorkspaceId, Heard)> {
        heard(&self.workspaces)
    }
}

impl Answer for BulkAnswers {
    fn heard(&self) -> Vec<(&WorkspaceId, Heard)> {
        heard(&self.workspaces)
    }
}

/// A customer that answered first, and then did not.
pub(crate) fn fail(scope: &mut Scope, customer: &CustomerRef, failure: &Failure) {
    if scope.failed.iter().all(|one| one.customer.id != customer.id) {
        scope.failed.push(failed(customer, failure.code, failure.message.clone()));
        scope.answered = scope.answered.saturating_sub(1);
        scope.complete = false;
    }
}

/// Builds a scope: customers skipped before asking, then each node with its answer or its failure.
pub(super) fn build<'a, A: Answer>(skipped: &[Skipped], nodes: impl Iterator<Item = (&'a NodeAsk, Result<&'a A, Failure>)>) -> Scope {
    let mut scope = Scope { skipped: skipped.to_vec(), ..Scope::default() };
    for (ask, outcome) in nodes {
        match outcome {
            Ok(answer) => {
                let heard: HashMap<_, _> = answer.heard().into_iter().collect();
                for member in &ask.members {
                    let about = heard.get(&member.workspace).cloned();
                    count(&mut scope, &member.customer, about.unwrap_or_else(|| Heard::Failed(Failure::version().message)));
                }
            }
            Err(failure) => {
                for member in &ask.members {
                    scope.asked += 1;
                    scope.failed.push(failed(&member.customer, failure.code, failure.message.clone()));
                }
            }
        }
    }
    scope.failed.sort_by_cached_key(|failed| (failed.customer.name.to_lowercase(), failed.customer.id.clone()));
    scope.complete = scope.failed.is_empty() && scope.skipped.is_empty();
    scope
}

/// Counts what was heard of one customer.
pub(crate) fn count(scope: &mut Scope, customer: &CustomerRef, heard: Heard) {
    if let Heard::Skipped(reason) = heard {
        scope.skipped.push(Skipped { customer: Some(customer.clone()), count: 1, reason });
        return;
    }
    scope.asked += 1;
    match heard {
        Heard::Failed(message) => scope.failed.push(failed(customer, FailCode::NodeDown, message)),
        Heard::Lost(failure) => scope.failed.push(failed(customer, failure.code, failure.message)),
        _ => scope.answered += 1,
    }
}

fn failed(customer: &CustomerRef, code: FailCode, message: String) -> Failed {
    Failed { customer: customer.clone(), region: customer.region.clone(), code, message }
}

/// The scope of an answer about one customer alone.
pub fn of_one(customer: &CustomerRef, failure: Option<&Failure>) -> Scope {
    let failed: Vec<Failed> = failure.map(|f| failed(customer, f.code, f.message.clone())).into_iter().collect();
    let answered = u32::from(failed.is_empty());
    Scope { complete: failed.is_empty(), asked: 1, answered, skipped: Vec::new(), failed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::testing::{ask, customer};

    fn answer(parts: &[(&str, Option<SkipReason>, Option<&str>)]) -> SummaryAnswers {
        let one = |(workspace, skipped, error): &(&str, Option<SkipReason>, Option<&str>)| WorkspaceAnswer {
            workspace: (*workspace).into(),
            skipped: *skipped,
            error: error.map(str::to_owned),
            answer: (skipped.is_none() && error.is_none()).then(Default::default),
        };
        SummaryAnswers { workspaces: parts.iter().map(one).collect() }
    }

    #[test]
    fn every_customer_is_accounted_for_once() {
        let hidden = Skipped { customer: None, count: 2, reason: SkipReason::NoGrant };
        let (one, two) = (ask("n1", &["a", "b", "c", "d"]), ask("n2", &["e", "f"]));
        let said = answer(&[("a", None, None), ("b", Some(SkipReason::NoRole), None), ("c", None, Some("lake is read-only"))]);
        let scope = build(std::slice::from_ref(&hidden), [(&one, Ok(&said)), (&two, Err(Failure::down()))].into_iter());
        assert_eq!((scope.complete, scope.asked, scope.answered), (false, 5, 1));
        assert_eq!(scope.skipped, [hidden, Skipped { customer: Some(customer("b")), count: 1, reason: SkipReason::NoRole }]);
        let failed: Vec<_> = scope.failed.iter().map(|f| (f.customer.id.as_str(), f.code, f.message.contains("read-only"))).collect();
        let down = FailCode::NodeDown;
        assert_eq!(failed, [("c", down, true), ("d", down, false), ("e", down, false), ("f", down, false)]);
    }

    #[test]
    fn a_scope_is_complete_only_when_nobody_failed_and_nobody_was_skipped() {
        let one = ask("n1", &["a", "b"]);
        let said = answer(&[("a", None, None), ("b", None, None)]);
        let scope = build(&[], [(&one, Ok(&said))].into_iter());
        assert_eq!((scope.complete, scope.asked, scope.answered), (true, 2, 2));
        let skipped = [Skipped { customer: None, count: 1, reason: SkipReason::NoGrant }];
        assert!(!build(&skipped, [(&one, Ok(&said))].into_iter()).complete);
        assert!(build::<SummaryAnswers>(&[], std::iter::empty()).complete);
    }

    #[test]
    fn one_customer_alone_has_a_scope_too() {
        assert!(of_one(&customer("a"), None).complete);
        let scope = of_one(&customer("a"), Some(&Failure::timeout()));
        assert_eq!((scope.complete, scope.answered, scope.failed[0].code), (false, 0, FailCode::Timeout));
    }
}
