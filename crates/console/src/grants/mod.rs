//! Grants: what administrators decided and what the customer's node confirmed, kept apart.
//!
//! ```text
//! delegations ─► follow ─► grants ─► reconcile ─► technicians at the nodes
//! a person × (a customer | a group | all) × (a role | denied)    a person × a customer × a role
//! ```
//!
//! A decision counts at the console at once. Writing it at the workspace is the work of the [`reconcile`] task, so a node that is
//! down gets it when it answers. What the customer's administrator revoked is not written again unless somebody delegates it anew by name.

mod decisions;
mod delegate;
mod delegations;
mod effective;
mod ends;
mod follow;
pub mod http;
mod reconcile;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use decisions::{Decisions, Whose};
pub(crate) use effective::{Decision, effective};
pub use ends::watch;
pub(crate) use follow::{Cause, Changed, customer, person, take_turn};
pub use reconcile::{Reconciler, reconcile};
pub(crate) use store::state as state_of;

use crate::State;
use bailiwick_api::{CustomerId, Grant, GrantCounts, GroupId, Role, SyncedTechnician, TechnicianCheck, UserId};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
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
    list(state, &Which { customer: Some(customer.clone()), ..Which::default() }).await
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

/// Tells what happened: the task that carries grants to the nodes, the one that waits for ends, and the open pages of whom it is about. After
/// the transaction.
pub(crate) fn tell(state: &State, changed: &Changed) {
    state.reconciler.wake();
    state.reconciler.wake_ends();
    for user in changed {
        state.changes.tell(user);
    }
}

/// A customer came, or came back: whoever was delegated all, or it, is granted it. Comes before the line in the audit.
pub(crate) async fn customer_came(tx: &mut Tx, id: &CustomerId, by: Option<&UserId>, now_us: i64) -> Result<Changed, Refusal> {
    customer(tx, id, Cause { by, anew: None, now_us }).await
}

/// Works out the grants of everybody a group was delegated to.
pub(crate) async fn group_changed(tx: &mut Tx, group: &GroupId, cause: Cause<'_>) -> Result<Changed, Refusal> {
    let people = delegations::people_of_group(tx, group).await?;
    people_changed(tx, &people, cause).await
}

/// Everybody a group was delegated to.
pub(crate) async fn people_of_group(tx: &mut Tx, group: &GroupId) -> Result<Vec<UserId>, Refusal> {
    delegations::people_of_group(tx, group).await
}

/// Works out the grants of some people.
pub(crate) async fn people_changed(tx: &mut Tx, people: &[UserId], cause: Cause<'_>) -> Result<Changed, Refusal> {
    let mut changed = Changed::new();
    for user in people {
        changed.extend(person(tx, user, cause).await?);
    }
    Ok(changed)
}

/// Takes away everything a person was delegated.
pub(crate) async fn forget_person(tx: &mut Tx, user: &UserId) -> Result<(), Refusal> {
    delegations::remove_of(tx, user).await
}

/// A person has another name: it goes to every node that has them.
pub(crate) async fn renamed(tx: &mut Tx, user: &UserId, now_us: i64) -> Result<(), Refusal> {
    store::renamed(tx, user, now_us).await
}

/// On how many customers people have a role, and how far it has come: of one person, or of everybody.
pub(crate) async fn counts(db: &Db, only: Option<&UserId>, now_us: i64) -> Result<HashMap<UserId, GrantCounts>, Refusal> {
    store::counts(db, only, now_us).await
}

/// Grants, with the delegations they follow from.
async fn list(state: &State, which: &Which) -> Result<Vec<Grant>, Refusal> {
    let now_us = state.clock.now_us();
    let mut grants = store::list(&state.db, which, now_us).await?;
    let mut connection = state.db.pool().acquire().await?;
    let whose = match (&which.user, &which.customer) {
        (Some(user), Some(customer)) => Whose::Both(user, customer),
        (Some(user), None) => Whose::Person(user),
        (None, Some(customer)) => Whose::Customer(customer),
        (None, None) => Whose::Everybody,
    };
    let decisions = Decisions::read(&mut connection, whose).await?;
    for grant in &mut grants {
        explain(grant, &decisions, now_us);
    }
    Ok(grants)
}

/// Adds why a grant is as it is: the deciding delegation first.
fn explain(grant: &mut Grant, decisions: &Decisions, now_us: i64) {
    let mut reaching = decisions.reaching(&grant.user, &grant.customer);
    let decides = effective(grant.desired.or(Some(Role::Administrator)), &reaching, now_us).by;
    reaching.sort_by_key(|decision| decides.is_none_or(|by| by.id != decision.id));
    grant.reason = decides.and_then(|by| by.reason.clone());
    grant.via = reaching.into_iter().map(|decision| decisions.via(decision)).collect();
}
