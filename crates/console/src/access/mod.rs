//! Who may do what. A passed check is a value: reading about a customer or writing to one demands a [`CustomerGrant`],
//! and only this module makes one, by reading and checking in one call.
//!
//! Two gates stand in a row. The console-wide one is the route's [`Policy`]: it makes the [`Actor`] and asks whether the role at
//! the console permits the action. The second, [`reach`] and [`enter`], asks whether this person holds a grant on this customer
//! whose role permits it. The node asks a third time, with its own table.

mod changes;
mod explain;
mod guard;
pub mod http;
mod policy;
mod store;
#[cfg(test)]
mod tests;
mod toggle;

pub(crate) use changes::Changes;
pub use guard::{Actor, COOKIE, Policy};
pub use policy::{Action, permits};
pub use toggle::{reach_many, reach_named};

use crate::{State, audit::PROVIDER};
use bailiwick_api::{CustomerId, CustomerRef, NodeId, Role, Rrn, SkipReason, Skipped, WorkspaceId};
use bailiwick_chassis::{Refusal, audit::Whom};
use bailiwick_client::Caller;
use chrono::{DateTime, Utc};
use std::{collections::HashSet, sync::Arc};
use store::Standing;

/// Proof that an actor may do an action on one customer. Good for the call it was made in.
#[derive(Clone, Debug)]
#[must_use]
pub struct CustomerGrant {
    actor: Arc<Actor>,
    action: Action,
    customer: CustomerRef,
    node: NodeId,
    workspace: WorkspaceId,
    role: Role,
    confirmed: bool,
}

impl CustomerGrant {
    /// On whom.
    pub fn customer(&self) -> &CustomerRef {
        &self.customer
    }

    /// The customer's workspace.
    pub fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }

    /// The node the workspace is on.
    pub fn node(&self) -> &NodeId {
        &self.node
    }

    /// The role granted at the console, never more than the person's own role there.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether the node ever said that it has a role for this person. It is the node's answer to a call that counts; this is
    /// what is known while it does not answer.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Who.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// For what.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The person as a node is told.
    pub fn caller(&self, now: DateTime<Utc>) -> Caller {
        self.actor.caller(now)
    }
}

/// Whom an actor reaches for an action, and whom not.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Reach {
    /// Customers that may be asked.
    pub grants: Vec<CustomerGrant>,
    /// Customers left out. Those whose names this person may not know are one entry with a count.
    pub skipped: Vec<Skipped>,
}

/// Everybody the actor reaches for an action. `only` narrows it: `Some(&[])` means none. A customer that does not exist is a 400
/// for those who may know all names; for others it looks like one they have no grant for.
pub async fn reach(state: &State, actor: &Actor, action: Action, only: Option<&[CustomerId]>) -> Result<Reach, Refusal> {
    console_gate(actor, action)?;
    let wanted: Option<HashSet<&CustomerId>> = only.map(|ids| ids.iter().collect());
    if wanted.as_ref().is_some_and(HashSet::is_empty) {
        return Ok(Reach::default());
    }
    let all = store::standings(&state.db, &actor.user, state.clock.now_us()).await?;
    let named = names_all(state, actor);
    let mut unseen = unknown(&all, wanted.as_ref(), named)?;
    let actor = Arc::new(actor.clone());
    let mut reach = Reach::default();
    for standing in all {
        if wanted.as_ref().is_some_and(|ids| !ids.contains(&standing.customer.id)) {
            continue;
        }
        match customer_gate(&actor, action, standing) {
            Ok(grant) => reach.grants.push(grant),
            Err((_, SkipReason::NoGrant)) if !named => unseen += 1,
            Err((customer, reason)) => reach.skipped.push(Skipped { customer: Some(customer), count: 1, reason }),
        }
    }
    if unseen > 0 {
        reach.skipped.push(Skipped { customer: None, count: unseen, reason: SkipReason::NoGrant });
    }
    Ok(reach)
}

/// One customer by id. Unknown and not granted are the same 404; a role that does not permit is a 403 that names the permission.
pub async fn enter(state: &State, actor: &Actor, action: Action, id: &CustomerId) -> Result<CustomerGrant, Refusal> {
    let standing = store::standing(&state.db, &actor.user, id, state.clock.now_us()).await?;
    enter_standing(actor, action, standing)
}

/// The customer that owns an investigation, by region and workspace. Unknown and foreign are the same 404.
pub async fn enter_workspace(state: &State, actor: &Actor, action: Action, rrn: &Rrn) -> Result<CustomerGrant, Refusal> {
    let standing = store::standing_at(&state.db, &actor.user, rrn, state.clock.now_us()).await?;
    enter_standing(actor, action, standing)
}

/// Proof that an actor may see how a customer is registered: its sync, its licence. Nothing of its data.
#[derive(Clone, Debug)]
#[must_use]
pub struct Seen {
    customer: CustomerRef,
}

impl Seen {
    /// Whose.
    pub fn customer(&self) -> &CustomerRef {
        &self.customer
    }
}

/// One customer's registration: for whoever manages customers, and for whoever holds a grant on it. Everybody else: 404.
pub async fn see(state: &State, actor: &Actor, id: &CustomerId) -> Result<Seen, Refusal> {
    let standing = store::standing(&state.db, &actor.user, id, state.clock.now_us()).await?;
    standing.and_then(|standing| seen(actor, standing)).ok_or_else(Refusal::not_found)
}

/// The same of every customer.
pub async fn see_all(state: &State, actor: &Actor) -> Result<Vec<Seen>, Refusal> {
    let all = store::standings(&state.db, &actor.user, state.clock.now_us()).await?;
    Ok(all.into_iter().filter_map(|standing| seen(actor, standing)).collect())
}

/// Proof of whose lines of the audit a person may read. Good for the call it was made in.
#[derive(Clone, Debug)]
#[must_use]
pub struct Sight {
    /// None: every line there is.
    seen: Option<Vec<Seen>>,
}

impl Sight {
    /// Whose lines may be shown when those of one customer are wanted, or of [`PROVIDER`], or any.
    pub fn whom(&self, wanted: Option<&str>) -> Whom {
        match (&self.seen, wanted) {
            (None, None) => Whom::Everybody,
            (None, Some(PROVIDER)) => Whom::Nobody,
            (None, Some(id)) => Whom::Only(vec![id.to_owned()]),
            (Some(seen), wanted) => {
                let ids = seen.iter().map(|seen| seen.customer.id.as_str());
                Whom::Only(ids.filter(|id| wanted.is_none_or(|wanted| wanted == *id)).map(str::to_owned).collect())
            }
        }
    }
}

/// Whose lines of the audit a person may read: administrators everybody's, what the provider did for itself and customers that are gone
/// included; others those of customers they see now.
pub async fn sight(state: &State, actor: &Actor) -> Result<Sight, Refusal> {
    let everything = actor.role == Role::Administrator;
    Ok(Sight { seen: if everything { None } else { Some(see_all(state, actor).await?) } })
}

fn seen(actor: &Actor, standing: Standing) -> Option<Seen> {
    let granted = standing.role.is_some_and(|role| permits(role, Action::ViewCustomers));
    let sees = permits(actor.role, Action::ManageCustomers) || (granted && permits(actor.role, Action::ViewCustomers));
    sees.then_some(Seen { customer: standing.customer })
}

/// Whether this person may know the names of all customers.
pub fn names_all(state: &State, actor: &Actor) -> bool {
    state.name_hidden_customers || actor.role == Role::Administrator
}

fn enter_standing(actor: &Actor, action: Action, standing: Option<Standing>) -> Result<CustomerGrant, Refusal> {
    let standing = standing.filter(|s| s.role.is_some()).ok_or_else(Refusal::not_found)?;
    console_gate(actor, action)?;
    customer_gate(&Arc::new(actor.clone()), action, standing).map_err(|_| Refusal::forbidden(action.as_str()))
}

/// First gate: the role at the console.
fn console_gate(actor: &Actor, action: Action) -> Result<(), Refusal> {
    if permits(actor.role, action) { Ok(()) } else { Err(Refusal::forbidden(action.as_str())) }
}

/// Second gate: the role granted on the customer.
fn customer_gate(actor: &Arc<Actor>, action: Action, standing: Standing) -> Result<CustomerGrant, (CustomerRef, SkipReason)> {
    let Standing { customer, node, workspace, role, confirmed } = standing;
    match role {
        None => Err((customer, SkipReason::NoGrant)),
        Some(role) if permits(role, action) => {
            let role = role.min(actor.role);
            Ok(CustomerGrant { actor: actor.clone(), action, customer, node, workspace, role, confirmed })
        }
        Some(_) => Err((customer, SkipReason::NoRole)),
    }
}

/// Wanted customers that do not exist: refused by name, or counted like hidden ones.
fn unknown(all: &[Standing], wanted: Option<&HashSet<&CustomerId>>, named: bool) -> Result<u32, Refusal> {
    let Some(wanted) = wanted else { return Ok(0) };
    let known: HashSet<&CustomerId> = all.iter().map(|s| &s.customer.id).collect();
    let mut missing: Vec<_> = wanted.difference(&known).collect();
    missing.sort();
    match missing.first() {
        Some(id) if named => {
            let id: String = id.as_str().chars().take(60).collect();
            Err(Refusal::invalid("UNKNOWN_CUSTOMER", "customers", format!("customers: no customer {id}")))
        }
        _ => Ok(u32::try_from(missing.len()).unwrap_or(u32::MAX)),
    }
}
