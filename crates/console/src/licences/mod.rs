//! Licences: a pool of each resource, what of it is allocated to whom, and how far that has come.
//!
//! What was decided and what the node confirmed are kept apart: an allocation counts here at once, and goes to the node by sync, which
//! tries by itself until the node confirms it. What is allocated never adds up to more than there is, whoever allocates at the same time:
//! each allocation takes the pool's row first. Nothing here needs the internet, and nothing here ever stops collection.

mod allocate;
mod expiry;
pub mod http;
mod pool;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use expiry::warn;

use crate::{
    State,
    access::{Action, Actor, Seen, permits, see_all},
    sync,
};
use bailiwick_api::{AllocatedResource, Allocation, AllocationState, CustomerId, CustomerRef, LicenceResource, LicenceState, Licences, Resources};
use bailiwick_chassis::{Refusal, clock::from_us};

/// A number of more than this is a slip of the hand: 2^50, of bytes 1 PiB. Sums of 5000 customers fit the database's numbers.
const MAX: u64 = 1 << 50;
const MAX_COUNT: u64 = 1_000_000;
const MAX_DAYS: u64 = 3650;

/// What a sync tells a node of its licence, and on whose behalf.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    revision: i64,
    /// The limits.
    pub(crate) resources: Resources,
    /// Who allocated them.
    pub(crate) by_email: String,
    /// The same by name.
    pub(crate) by_name: String,
}

/// What a customer's node is to be told; none while nothing was ever allocated. By a sync at work, for no person.
pub(crate) async fn to_tell(state: &State, customer: &CustomerId) -> Result<Option<Told>, Refusal> {
    let row = store::find(&state.db, customer).await?;
    Ok(row.map(|row| Told { revision: row.revision, resources: row.resources, by_email: row.by_email, by_name: row.by_name }))
}

/// The node confirmed what it was told. By a sync at work, for no person.
pub(crate) async fn applied(state: &State, customer: &CustomerId, told: &Told) -> Result<(), Refusal> {
    store::applied(&state.db, customer, told, state.clock.now_us()).await
}

/// The node was not reached, or refused. By a sync at work, for no person.
pub(crate) async fn delayed(state: &State, customer: &CustomerId, why: &str) -> Result<(), Refusal> {
    store::delayed(&state.db, customer, why).await
}

/// Whole days until the pool ends; none where there is no end. For what tells no more of the pool than that.
pub(crate) async fn days_left(state: &State) -> Result<Option<i64>, Refusal> {
    Ok(pool::get(state).await?.days_left)
}

/// The pool, for those who manage it, and every customer's licence that this person may see, by name.
async fn list(state: &State, actor: &Actor) -> Result<Licences, Refusal> {
    let rows = store::all(&state.db).await?;
    let told = sync::licences_told(state).await?;
    let mut data: Vec<_> = see_all(state, actor)
        .await?
        .into_iter()
        .map(|seen| {
            let customer = seen.customer().clone();
            let (row, told) = (rows.get(&customer.id), told.get(&customer.id));
            shown(customer, row, told)
        })
        .collect();
    data.sort_by_cached_key(|allocation| allocation.customer.name.to_lowercase());
    let pool = if permits(actor.role(), Action::ManageLicences) { Some(pool::get(state).await?) } else { None };
    Ok(Licences { pool, data })
}

/// One customer's licence.
async fn one(state: &State, seen: &Seen) -> Result<Allocation, Refusal> {
    let row = store::of(&state.db, seen).await?;
    let told = sync::licence_told(state, seen).await?;
    Ok(shown(seen.customer().clone(), row.as_ref(), told.as_ref()))
}

fn shown(customer: CustomerRef, row: Option<&store::Row>, told: Option<&(LicenceState, i64)>) -> Allocation {
    let resource = |resource| AllocatedResource {
        resource,
        allocated: row.and_then(|row| row.resources.get(resource)),
        applied: row.and_then(|row| row.applied?.get(resource)),
        used: told.map(|(licence, _)| licence.usage.of(resource)),
    };
    let waits = row.is_some_and(|row| row.applied_revision != Some(row.revision));
    let state = match row {
        _ if waits => AllocationState::Pending,
        Some(row) if !row.resources.is_empty() => AllocationState::Applied,
        _ => AllocationState::None,
    };
    Allocation {
        customer,
        state,
        resources: LicenceResource::ALL.iter().map(|one| resource(*one)).collect(),
        pending_since: row.filter(|_| waits).and_then(|row| row.pending_since).map(from_us),
        pending_reason: row.filter(|_| waits).and_then(|row| row.pending_reason.clone()),
        applied_time: row.and_then(|row| row.applied_time).map(from_us),
        allocated_by: row.map(|row| row.by_email.clone()),
        allocated_time: row.map(|row| from_us(row.allocated)),
        reason: row.and_then(|row| row.reason.clone()),
        used_time: told.map(|(_, at)| from_us(*at)),
    }
}

/// Refuses numbers that cannot be meant, by name.
fn check(resources: &Resources) -> Result<(), Refusal> {
    for resource in LicenceResource::ALL {
        let (least, most) = match resource {
            LicenceResource::Sources | LicenceResource::Users => (0, MAX_COUNT),
            LicenceResource::RetentionDays => (1, MAX_DAYS),
            _ => (0, MAX),
        };
        if resources.get(*resource).is_some_and(|number| !(least..=most).contains(&number)) {
            let detail = format!("{resource}: {least} to {most}, or null for no limit");
            return Err(Refusal::invalid("INVALID_INPUT", resource.as_str(), detail));
        }
    }
    Ok(())
}
