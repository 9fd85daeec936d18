//! Asking many nodes at once, live, and being honest about who answered.
//!
//! ```text
//! grants ─► plan: one entry a node ─► a task for each node ─► answers as they arrive ─► page + scope
//!                                        │        ▲                  │
//!                                        ▼        │                  └ patience: how long a page waits
//!                                      lanes   knowledge: who is slow, who is down
//! ```
//!
//! A node that is slow or down costs its own rows and nothing else: no page waits for it once it is known, its questions run
//! in a lane of their own, and its first good answer makes it like the others again. Rows live here as long as the answer they
//! are part of; nothing is written anywhere.

mod each;
mod failure;
mod gather;
mod knowledge;
mod lanes;
mod patience;
mod plan;
pub mod scope;
mod seats;
mod summaries;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use each::{Told, each, scope_of};
pub use failure::{Failure, Trouble};
pub use gather::{Asked, Question};
pub use knowledge::{Knowledge, Observation, Standing};
pub use patience::Pace;
pub use plan::{Member, NodeAsk, Plan};
pub use scope::{Answer, Heard};
pub use seats::{Seat, Seats};
pub use summaries::open_counts;

use crate::{
    State,
    access::{CustomerGrant, Reach},
    grants,
};
use bailiwick_api::{NodeId, Scope, SkipReason, Skipped};
use bailiwick_chassis::tasks::Tasks;
use bailiwick_client::{Caller, ClientError, NodeClient};
use knowledge::Exchange;
use lanes::Lanes;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::Instant;

/// What all questions to nodes share. Clones are one and the same.
#[derive(Clone, Debug, Default)]
pub struct Federation {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    pace: Pace,
    knowledge: Knowledge,
    lanes: Lanes,
    seats: Seats,
}

impl Federation {
    /// A federation with spans of its own.
    pub fn with_pace(pace: Pace) -> Self {
        Self { inner: Arc::new(Inner { pace, ..Inner::default() }) }
    }

    /// The spans of federated time.
    pub fn pace(&self) -> Pace {
        self.inner.pace
    }

    /// What is known of every node.
    pub fn knowledge(&self) -> &Knowledge {
        &self.inner.knowledge
    }

    /// The live pages there are.
    pub fn seats(&self) -> &Seats {
        &self.inner.seats
    }

    fn lanes(&self) -> &Lanes {
        &self.inner.lanes
    }

    /// Notes how an exchange that ends now went; health probes call this.
    pub fn observe(&self, node: &NodeId, observation: Observation) {
        let took = if let Observation::Answered { latency } = observation { latency } else { Duration::ZERO };
        let now = Instant::now();
        self.knowledge().observe(node, Exchange::Contact, observation, now.checked_sub(took).unwrap_or(now));
    }

    /// Asks the nodes of a plan and waits as long as a page does. What is missing then arrives through [`Asked::late`].
    pub async fn ask_plan<Q: Question>(&self, tasks: &Tasks, plan: Plan, question: Q) -> Asked<Q> {
        let mut asked = Asked::new(self.clone(), tasks.clone(), question);
        asked.renew(plan).await;
        asked
    }
}

/// Asks everybody a person reaches without waiting for an answer; [`Asked::turn`] takes them as they come. Whoever is through calls [`doubt`].
pub fn begin<Q: Question>(state: &State, reach: &Reach, question: Q) -> Asked<Q> {
    let mut asked = Asked::new(state.federation.clone(), state.tasks.clone(), question);
    asked.begin(Plan::new(reach, state.clock.now()));
    asked
}

/// Asks everybody a person reaches; one request a node.
pub async fn ask<Q: Question>(state: &State, reach: &Reach, question: Q) -> Asked<Q> {
    let plan = Plan::new(reach, state.clock.now());
    let asked = state.federation.ask_plan(&state.tasks, plan, question).await;
    doubt(state, reach, &asked.scope()).await;
    asked
}

/// A workspace that knows no role where a grant counts as applied: the grant goes to the node once more, and is refused or applied anew.
pub async fn doubt(state: &State, reach: &Reach, scope: &Scope) {
    let unknown = |grant: &&CustomerGrant| {
        let skipped = |s: &Skipped| s.reason == SkipReason::NoRole && s.customer.as_ref() == Some(grant.customer());
        grant.is_confirmed() && scope.skipped.iter().any(skipped)
    };
    for grant in reach.grants.iter().filter(unknown) {
        if let Err(refusal) = grants::doubt(state, grant.actor().user(), &grant.customer().id).await {
            tracing::warn!(code = refusal.code(), "a grant in doubt was not noted");
        }
    }
}

/// Calls the node of one customer. The call gives up by itself; how it went is noted, but for a span that ran out: a long call
/// says nothing about how fast the node answers a page.
pub async fn call<T, F>(state: &State, grant: &CustomerGrant, work: impl FnOnce(NodeClient, Caller) -> F) -> Result<T, Trouble>
where
    F: Future<Output = Result<T, ClientError>> + Send,
{
    let linked = state.links.client(grant.node()).await;
    let client = linked.map_err(|refusal| Trouble::Failed(Failure::unlinked(&refusal)))?;
    let asked = Instant::now();
    let outcome = work(client, grant.caller(state.clock.now())).await;
    let seen = match &outcome {
        Ok(_) => Some(Observation::Answered { latency: asked.elapsed() }),
        Err(ClientError::Unreachable(_)) => Some(Observation::Unreachable),
        Err(_) => None,
    };
    if let Some(observation) = seen {
        state.federation.knowledge().observe(grant.node(), Exchange::Contact, observation, asked);
    }
    outcome.map_err(Trouble::from)
}
