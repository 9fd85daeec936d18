//! Grants: what an administrator decided and what the customer's node confirmed, kept apart.
//!
//! A decision counts at the console at once. Writing it at the workspace is the work of the [`reconcile`] task, so a node that is
//! down gets it when it answers. What the customer's administrator revoked is not written again unless somebody grants it anew.

pub mod http;
mod reconcile;
mod store;

pub use reconcile::{Reconciler, reconcile};

use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    customers, users,
};
use bailiwick_api::{CustomerId, Grant, NewGrant, SyncedTechnician, TechnicianCheck, UserId};
use bailiwick_chassis::{Refusal, secrets::random_id};
use std::collections::{HashMap, HashSet};

/// Grants an answer holds.
pub const LIMIT: i64 = 5_000;

/// Addresses that a comparison names.
const NAMED: usize = 100;

/// Which grants to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Which {
    pub(crate) user: Option<UserId>,
    pub(crate) customer: Option<CustomerId>,
    /// Leaves out grants that are being taken away.
    pub(crate) standing: bool,
}

/// The node knows no role where a grant counts as applied: asks it once more, so that the grant shows what is true.
pub(crate) async fn doubt(state: &State, user: &UserId, customer: &CustomerId) -> Result<(), Refusal> {
    store::doubt(&state.db, user, customer, state.clock.now_us()).await?;
    state.reconciler.wake();
    Ok(())
}

/// Every grant on a customer.
pub(crate) async fn of_customer(state: &State, customer: &CustomerId) -> Result<Vec<Grant>, Refusal> {
    store::list(&state.db, &Which { customer: Some(customer.clone()), ..Which::default() }).await
}

/// The customer's workspace was enrolled anew: every grant on it goes to the node once more.
pub(crate) async fn doubt_all(state: &State, customer: &CustomerId) -> Result<(), Refusal> {
    store::doubt_all(&state.db, customer, state.clock.now_us()).await?;
    state.reconciler.wake();
    Ok(())
}

/// Holds the technicians a workspace has against the grants here. A grant that counts as applied and is not there, or is there with another
/// role, goes to the node once more. Called by a sync at work, for no person.
pub(crate) async fn compare(state: &State, customer: &CustomerId, there: &[SyncedTechnician]) -> Result<TechnicianCheck, Refusal> {
    let here = store::on(&state.db, customer).await?;
    let at_node: HashMap<String, &SyncedTechnician> = there.iter().map(|technician| (technician.email.to_lowercase(), technician)).collect();
    let mut check = TechnicianCheck::default();
    for standing in &here {
        let technician = at_node.get(&standing.email.to_lowercase());
        let revoked = technician.is_some_and(|technician| technician.revoked);
        if revoked && check.revoked.len() < NAMED {
            check.revoked.push(standing.email.clone());
        }
        if !standing.applied {
            continue;
        }
        check.granted += 1;
        if !revoked && technician.is_some_and(|technician| Some(technician.role) == standing.role) {
            check.present += 1;
            continue;
        }
        if !revoked && check.lost.len() < NAMED {
            check.lost.push(standing.email.clone());
        }
        doubt(state, &standing.user, customer).await?;
    }
    let known: HashSet<String> = here.iter().map(|standing| standing.email.to_lowercase()).collect();
    let unknown = at_node.iter().filter(|(email, technician)| !technician.revoked && !known.contains(*email)).count();
    check.unknown = u32::try_from(unknown).unwrap_or(u32::MAX);
    Ok(check)
}

/// Writes a decision, and wakes the task that carries it to the node.
async fn decide(state: &State, actor: &Actor, new: &NewGrant) -> Result<Grant, Refusal> {
    let now_us = state.clock.now_us();
    let Some(user) = users::find(&state.db, &new.user).await? else {
        return Err(Refusal::invalid("UNKNOWN_USER", "user", "user: nobody has this id"));
    };
    if customers::find(&state.db, &new.customer).await?.is_none() {
        return Err(Refusal::invalid("UNKNOWN_CUSTOMER", "customer", "customer: none has this id"));
    }
    let mut tx = state.db.begin().await?;
    let id = match new.role {
        Some(role) => store::set(&mut tx, &random_id("grant-"), new, role, actor.user(), now_us).await?,
        None => store::unset(&mut tx, new, actor.user(), now_us).await?.ok_or_else(Refusal::not_found)?,
    };
    let verb = if new.role.is_some() { "grant.set" } else { "grant.remove" };
    let line = Line { actor: actor.email(), verb, customer: Some(&new.customer), outcome: audit::OK };
    audit::record_in(&mut tx, line.about(&user.email), now_us).await?;
    let grant = store::one(&mut tx, &id).await?;
    tx.commit().await?;
    state.reconciler.wake();
    Ok(grant)
}
