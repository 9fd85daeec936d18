//! Sync: what the console decided goes to each customer's workspace, and how the workspace stands comes back, in one request.
//!
//! ```text
//! schedule ─ due? ─► claim ─► run: one call to the node ─► take, module by module ─► machine ─► finish
//!    ▲                                                                                            │
//!    └── a customer was added · Sync Now · an allocation, a setting · the node answers again ◄────┘ next time
//! ```
//!
//! One at a time for each customer, a bounded number over all, and a bounded number at each node. What is kept is counts, codes and the
//! registration of the workspace: never a text of its logs.

pub mod http;
mod machine;
mod run;
mod schedule;
mod settings;
mod store;
mod take;
#[cfg(test)]
mod tests;

pub use schedule::{Syncs, keep};

use crate::{
    State,
    access::{Actor, Seen},
    audit::{self, Line},
};
use bailiwick_api::{Component, CustomerId, LicenceState, NodeId, SyncModuleName, SyncStatus, SyncSummary};
use bailiwick_chassis::Refusal;
use std::collections::HashMap;

/// Syncs that ended an answer holds, and that are kept.
const RUNS: i64 = 20;

/// How a customer's sync stands.
async fn status(state: &State, seen: &Seen) -> Result<SyncStatus, Refusal> {
    let summary = store::summary(&state.db, seen, view(state)).await?;
    let runs = store::runs(&state.db, seen).await?;
    let modules = store::modules(&state.db, seen).await?;
    Ok(take::status(summary, runs, modules))
}

/// Begins a sync as soon as there is room. One that is waiting or at work is the one.
async fn begin(state: &State, actor: &Actor, seen: &Seen) -> Result<SyncStatus, Refusal> {
    let now_us = state.clock.now_us();
    let id = &seen.customer().id;
    let mut tx = state.db.begin().await?;
    store::enlist(&mut tx, now_us).await?;
    store::queue(&mut tx, seen, now_us).await?;
    audit::record_in(&mut tx, Line { actor: actor.email(), verb: "customer.sync", customer: Some(id), outcome: audit::OK }, now_us).await?;
    tx.commit().await?;
    state.syncs.wake();
    status(state, seen).await
}

/// Something was decided about a customer: it goes to the node now, and once more if a sync is under way. Called by the rules of this
/// crate after they held the caller's proof.
pub(crate) async fn decided(state: &State, customer: &CustomerId) -> Result<(), Refusal> {
    store::again(&state.db, customer, state.clock.now_us()).await?;
    state.syncs.wake();
    Ok(())
}

/// A node answers again: what failed there is tried now. Called by the background look at nodes, for no person.
pub(crate) async fn node_answers(state: &State, node: &NodeId) -> Result<(), Refusal> {
    store::retry_node(&state.db, node, state.clock.now_us()).await?;
    state.syncs.wake();
    Ok(())
}

/// How the sync of one customer or of all stand, for rows a person may see; whoever asks leaves out the others.
pub(crate) async fn summaries(state: &State, only: Option<&CustomerId>) -> Result<HashMap<CustomerId, SyncSummary>, Refusal> {
    store::summaries(&state.db, only, view(state)).await
}

/// What nodes told last of the use of licences, by customer; whoever asks leaves out what is not for the person.
pub(crate) async fn licences_told(state: &State) -> Result<HashMap<CustomerId, (LicenceState, i64)>, Refusal> {
    let rows = store::values(&state.db, SyncModuleName::Licence, None).await?;
    Ok(rows.into_iter().filter_map(|(id, value, at)| Some((id, (serde_json::from_str(&value).ok()?, at)))).collect())
}

/// The same of one customer.
pub(crate) async fn licence_told(state: &State, seen: &Seen) -> Result<Option<(LicenceState, i64)>, Refusal> {
    let rows = store::values(&state.db, SyncModuleName::Licence, Some(&seen.customer().id)).await?;
    Ok(rows.into_iter().find_map(|(_, value, at)| Some((serde_json::from_str(&value).ok()?, at))))
}

/// The parts of a customer's node, from its last sync; none before.
pub(crate) async fn components_told(state: &State, seen: &Seen) -> Result<Vec<Component>, Refusal> {
    let value = store::value(&state.db, &seen.customer().id, SyncModuleName::Components).await?;
    Ok(value.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn view(state: &State) -> machine::View {
    machine::View { now_us: state.clock.now_us(), interval: state.pace.sync }
}
