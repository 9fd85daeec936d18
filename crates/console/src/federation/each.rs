//! Asking the nodes of a plan for an act. A page does not wait for the slow, but who changes something wants to know what became of it:
//! each node is asked once, waited for until it answered or cannot any more, and spares the others.

use super::{
    Failure, Observation, Plan, Standing,
    gather::Question,
    plan::NodeAsk,
    scope::{self, Answer},
};
use crate::State;
use bailiwick_api::{Scope, Skipped};
use futures_util::{StreamExt, stream};
use std::time::Duration;
use tokio::time::Instant;

/// Nodes asked at a time.
const AT_ONCE: usize = 64;

/// What a node was asked, and what came of it.
pub(crate) type Told<A> = (NodeAsk, Result<A, Failure>);

/// Asks every node of a plan and waits for all of them. One that is known to be slow or down gets the time of a page.
pub(crate) async fn each<Q: Question>(state: &State, plan: Plan, question: &Q, deadline: Duration) -> Vec<Told<Q::Answer>> {
    let one = |ask: NodeAsk| async move {
        let well = state.federation.knowledge().standing(&ask.node) == Standing::Well;
        let deadline = if well { deadline } else { deadline.min(state.federation.pace().deadline) };
        let asked = Instant::now();
        let outcome = question.put(&ask, deadline).await;
        let latency = asked.elapsed();
        // That a long call ran out of time says nothing about how fast the node answers a page.
        let seen = match &outcome {
            Ok(_) => Some(Observation::Answered { latency }),
            Err(failure) => failure.observation(latency).filter(|seen| *seen != Observation::TimedOut),
        };
        if let Some(seen) = seen {
            state.federation.observe(&ask.node, seen);
        }
        (ask, outcome)
    };
    stream::iter(plan.nodes.into_iter().map(one)).buffer_unordered(AT_ONCE).collect().await
}

/// Who was asked and who answered.
pub(crate) fn scope_of<A: Answer>(skipped: &[Skipped], told: &[Told<A>]) -> Scope {
    scope::build(skipped, told.iter().map(|(ask, outcome)| (ask, outcome.as_ref().map_err(Clone::clone))))
}
