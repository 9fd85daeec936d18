//! Allocating to a customer, within what there is.

use super::{check, expiry, one, store};
use crate::{
    State,
    access::{Actor, Seen},
    audit::{self, Line},
    sync,
};
use bailiwick_api::{Allocation, LicenceResource, LicenceUsage, PoolState, PutAllocation, Resources};
use bailiwick_chassis::Refusal;
use serde_json::json;

const REASON_CHARS: usize = 500;

/// Allocates, or says what is in the way; either is in the audit.
pub(super) async fn allocate(state: &State, actor: &Actor, seen: &Seen, put: &PutAllocation) -> Result<Allocation, Refusal> {
    if let Err(refusal) = try_allocate(state, actor, seen, put).await {
        let line = Line { actor: actor.email(), verb: "licence.allocate", customer: Some(&seen.customer().id), outcome: refusal.code() };
        audit::record(state, line).await?;
        return Err(refusal);
    }
    sync::decided(state, &seen.customer().id).await?;
    one(state, seen).await
}

async fn try_allocate(state: &State, actor: &Actor, seen: &Seen, put: &PutAllocation) -> Result<(), Refusal> {
    let wanted = put.resources();
    check(&wanted)?;
    let reason = reason(put)?;
    let now_us = state.clock.now_us();
    let used = sync::licence_told(state, seen).await?.map(|(licence, _)| licence.usage);
    let mut tx = state.db.begin().await?;
    // First: it holds the pool until the commit, so that nobody else counts the same remainder.
    let pool = store::take_pool(&mut tx).await?;
    match expiry::state(&pool, now_us) {
        PoolState::None => return Err(Refusal::conflict("NO_POOL", "nothing can be allocated before there is a pool")),
        PoolState::Grace | PoolState::Expired => {
            return Err(Refusal::conflict("POOL_EXPIRED", "the licence has ended; allocations cannot be changed"));
        }
        PoolState::Valid => {}
    }
    fits(&pool.resources, &store::allocated(&mut tx, Some(seen)).await?, &wanted)?;
    if let (false, Some(used)) = (put.force, &used) {
        covers(used, &wanted)?;
    }
    store::allocate(&mut tx, seen, actor, &wanted, reason, now_us).await?;
    let line = Line { actor: actor.email(), verb: "licence.allocate", customer: Some(&seen.customer().id), outcome: audit::OK };
    audit::record_in(&mut tx, line, now_us).await?;
    Ok(tx.commit().await?)
}

fn reason(put: &PutAllocation) -> Result<Option<&str>, Refusal> {
    let reason = put.reason.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let sound = reason.is_none_or(|text| text.chars().count() <= REASON_CHARS && !text.chars().any(char::is_control));
    if !sound || (put.force && reason.is_none()) {
        let detail = format!("reason: 1 to {REASON_CHARS} characters, none of them a control character; needed with force");
        return Err(Refusal::invalid(if put.force && reason.is_none() { "REASON_REQUIRED" } else { "INVALID_INPUT" }, "reason", detail));
    }
    Ok(reason)
}

/// Refuses what, with what others have, is more than there is. What is not pooled, and what is not limited, always fits.
pub(super) fn fits(pool: &Resources, others: &Resources, wanted: &Resources) -> Result<(), Refusal> {
    for resource in LicenceResource::ALL {
        let (Some(total), Some(requested)) = (pool.get(*resource), wanted.get(*resource)) else { continue };
        // Days are the most each may have; nobody takes any from another.
        let available = if resource.is_sum() { total.saturating_sub(others.get(*resource).unwrap_or(0)) } else { total };
        if requested > available {
            let detail = format!("{resource}: {requested} requested, {available} available");
            let numbers = json!({"resource": resource, "requested": requested, "available": available});
            return Err(Refusal::conflict("OVER_ALLOCATED", detail).field(resource.as_str()).current(&numbers));
        }
    }
    Ok(())
}

/// Refuses less than is used.
fn covers(used: &LicenceUsage, wanted: &Resources) -> Result<(), Refusal> {
    for resource in LicenceResource::ALL {
        let (Some(requested), used) = (wanted.get(*resource), used.of(*resource)) else { continue };
        if requested < used {
            let detail = format!("{resource}: {requested} requested, {used} used; force it with a reason");
            let numbers = json!({"resource": resource, "requested": requested, "used": used});
            return Err(Refusal::conflict("BELOW_USAGE", detail).field(resource.as_str()).current(&numbers));
        }
    }
    Ok(())
}
