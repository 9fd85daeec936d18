//! Letting customers go, with nothing left behind.
//!
//! Softly, with the node: both sides suspend the relationship at once, and when the time to undo it is over the enrolment, the technicians'
//! roles and the console's key are taken from the workspace, then the row goes. By force, when the node did not answer to that: the row
//! goes at once, and a tombstone waits for the node to come back, has it clean up, and closes.

pub mod http;
pub(crate) mod store;
mod watch;

pub use watch::watch;

use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    customers, grants, sessions,
};
use ::http::StatusCode;
use bailiwick_api::{Customer, CustomerId, NodeId, Removal, RemovalId, RemovalKind, RemovalState, WorkspaceId};
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_id, sql::Tx};
use bailiwick_client::{Caller, ClientError};

/// Removals an answer holds.
pub const LIMIT: i64 = 500;

const MAX_REASON: usize = 500;

/// What a node answers that knows nothing of this console: nothing is left to do there.
const NOT_ENROLLED: &str = "NOT_ENROLLED";

/// Lets a customer go, with its node: suspended at once on both sides, removed when it can no longer be undone.
async fn delete(state: &State, actor: &Actor, id: &CustomerId, password: &str, now: bool) -> Result<Removal, Refusal> {
    sessions::confirm(state, actor, password).await?;
    let removal = match customers::find(&state.db, id).await? {
        Some(customer) => suspend(state, actor, &customer).await?,
        None if now => store::suspended(&state.db, id).await?.ok_or_else(Refusal::not_found)?,
        None => return Err(Refusal::not_found()),
    };
    if !now {
        return Ok(removal);
    }
    // Decided is decided: what its node does not do at once is done when it answers.
    store::hasten(&state.db, &removal.id, state.clock.now_us()).await?;
    finish(state, &removal).await?;
    store::get(&state.db, &removal.id).await?.ok_or_else(Refusal::not_found)
}

async fn suspend(state: &State, actor: &Actor, customer: &Customer) -> Result<Removal, Refusal> {
    let asked =
        at_node(state, customer, actor, async |client, caller| client.suspend(&caller, &customer.workspace, true, state.pace.change_deadline).await);
    if let Err(error) = asked.await {
        let refusal = unreached(&error);
        let mut tx = state.db.begin().await?;
        customers::note_delete_failed(&mut tx, &customer.id, refusal.code()).await?;
        tx.commit().await?;
        return Err(refusal);
    }
    let now_us = state.clock.now_us();
    let window_us = i64::try_from(state.pace.undo_window.as_micros()).unwrap_or(i64::MAX);
    let removal = entry(customer, actor, RemovalKind::Soft, now_us);
    let removal = Removal { state: RemovalState::Suspended, undo_until: Some(from_us(now_us.saturating_add(window_us))), ..removal };
    let mut tx = state.db.begin().await?;
    if !customers::set_leaving(&mut tx, &customer.id).await? {
        return Err(Refusal::not_found());
    }
    store::insert(&mut tx, &removal, customer.primary).await?;
    record(&mut tx, actor, "customer.delete", &customer.id, None, now_us).await?;
    tx.commit().await?;
    Ok(removal)
}

/// Lets a customer go whose node did not answer when it was to be let go; the node is told when it is back.
async fn force(state: &State, actor: &Actor, id: &CustomerId, reason: &str, password: &str) -> Result<Removal, Refusal> {
    let reason = reason.trim();
    if !(1..=MAX_REASON).contains(&reason.chars().count()) {
        return Err(Refusal::invalid("REASON_MISSING", "reason", format!("reason: 1 to {MAX_REASON} characters")));
    }
    sessions::confirm(state, actor, password).await?;
    let now_us = state.clock.now_us();
    let customer = customers::find(&state.db, id).await?;
    let leaving = store::suspended(&state.db, id).await?;
    let removal = match (&customer, leaving) {
        (Some(customer), _) if customer.delete_failed.is_some() => {
            let removal = entry(customer, actor, RemovalKind::Forced, now_us);
            Removal { reason: Some(reason.to_owned()), ..removal }
        }
        (None, Some(leaving)) if leaving.detail.is_some() => Removal {
            how: RemovalKind::Forced,
            state: RemovalState::Pending,
            reason: Some(reason.to_owned()),
            undo_until: None,
            requested_by: actor.email().to_owned(),
            requested_time: from_us(now_us),
            ..leaving
        },
        (Some(_), _) | (None, Some(_)) => {
            let detail = "delete it first; it can be forced only after its node failed to answer to that";
            return Err(Refusal::conflict("SOFT_DELETE_FIRST", detail));
        }
        (None, None) => return Err(Refusal::not_found()),
    };
    let mut tx = state.db.begin().await?;
    store::drop_open(&mut tx, id).await?;
    store::insert(&mut tx, &removal, false).await?;
    customers::drop_row(&mut tx, id).await?;
    record(&mut tx, actor, "customer.force_delete", id, Some(reason), now_us).await?;
    tx.commit().await?;
    Ok(removal)
}

/// Takes a soft delete back while there is time.
async fn restore(state: &State, actor: &Actor, id: &CustomerId) -> Result<Customer, Refusal> {
    let removal = store::suspended(&state.db, id).await?.ok_or_else(Refusal::not_found)?;
    if removal.undo_until.is_some_and(|until| until <= state.clock.now()) {
        return Err(Refusal::conflict("TOO_LATE", "the time to undo it is over"));
    }
    let client = state.links.client(&removal.node).await?;
    let caller = actor.caller(state.clock.now());
    let resumed = client.suspend(&caller, &removal.workspace, false, state.pace.change_deadline).await;
    resumed.map_err(|error| unreached(&error))?;
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    if !store::close(&mut tx, &removal.id, RemovalState::Undone, now_us).await? {
        return Err(Refusal::not_found());
    }
    let primary = store::was_primary(&mut tx, &removal.id).await?;
    customers::set_back(&mut tx, id, &removal.name, primary).await?;
    let changed = grants::customer_came(&mut tx, id, Some(actor.user()), now_us).await?;
    record(&mut tx, actor, "customer.restore", id, None, now_us).await?;
    tx.commit().await?;
    grants::tell(state, &changed);
    customers::find(&state.db, id).await?.ok_or_else(Refusal::not_found)
}

/// Has the node forget this console at a workspace, and closes the removal. An error leaves it open, with the reason noted.
async fn finish(state: &State, removal: &Removal) -> Result<(), Refusal> {
    let caller = Caller { email: removal.requested_by.clone(), name: removal.requested_by.clone(), now_seconds: state.clock.now().timestamp() };
    let ended = match state.links.client(&removal.node).await {
        Ok(client) => client.end_enrolment(&caller, &removal.workspace, state.pace.change_deadline).await,
        // The node came anew under another key: the one this removal is about opens nothing any more.
        Err(refusal) if refusal.status() == StatusCode::NOT_FOUND => Ok(()),
        Err(refusal) => return Err(refusal),
    };
    let now_us = state.clock.now_us();
    if let Err(error) = ended.or_else(nothing_left) {
        let refusal = unreached(&error);
        let detail = refusal.problem().detail.unwrap_or_else(|| refusal.code().to_owned());
        store::note(&state.db, &removal.id, &detail).await?;
        return Err(refusal);
    }
    let mut tx = state.db.begin().await?;
    if store::close(&mut tx, &removal.id, RemovalState::Done, now_us).await? {
        if removal.state == RemovalState::Suspended {
            customers::drop_row(&mut tx, &removal.customer).await?;
        }
        let line = Line { actor: &removal.requested_by, verb: "customer.removed", customer: Some(&removal.customer), outcome: audit::OK };
        audit::record_in(&mut tx, line, now_us).await?;
    }
    tx.commit().await?;
    state.links.forget_if_unused(&removal.node, now_us).await
}

/// Whether a node is still to be told of a customer that is gone.
pub(crate) async fn waits_for(state: &State, node: &NodeId) -> Result<bool, Refusal> {
    let mut tx = state.db.begin().await?;
    let waits = store::waits_for(&mut tx, node).await?;
    tx.rollback().await?;
    Ok(waits)
}

/// Closes what waits for a workspace that is enrolled anew, in the transaction that does so: the node began anew with this console, so
/// nothing of before is left there. A customer that was on its way out with it is gone.
pub(crate) async fn superseded(tx: &mut Tx, region: &str, workspace: &WorkspaceId, now_us: i64) -> Result<(), Refusal> {
    for removal in store::open_at(tx, region, workspace).await? {
        store::close(tx, &removal.id, RemovalState::Done, now_us).await?;
        if removal.state == RemovalState::Suspended {
            customers::drop_row(tx, &removal.customer).await?;
        }
    }
    Ok(())
}

/// A removal of what a customer leaves behind at the node it is at.
pub(crate) fn entry(customer: &Customer, actor: &Actor, how: RemovalKind, now_us: i64) -> Removal {
    Removal {
        id: RemovalId(random_id("removal-")),
        customer: customer.id.clone(),
        name: customer.name.clone(),
        region: customer.region.clone(),
        node: customer.node.clone(),
        workspace: customer.workspace.clone(),
        how,
        state: RemovalState::Pending,
        reason: None,
        requested_by: actor.email().to_owned(),
        requested_time: from_us(now_us),
        undo_until: None,
        closed_time: None,
        detail: None,
    }
}

async fn at_node(
    state: &State,
    customer: &Customer,
    actor: &Actor,
    call: impl AsyncFnOnce(bailiwick_client::NodeClient, Caller) -> Result<(), ClientError>,
) -> Result<(), ClientError> {
    let client = state.links.client(&customer.node).await.map_err(|refusal| ClientError::Unreachable(refusal.code().to_owned()))?;
    call(client, actor.caller(state.clock.now())).await.or_else(nothing_left)
}

/// The customer's administrator ended the relationship before us: that is what was wanted.
fn nothing_left(error: ClientError) -> Result<(), ClientError> {
    if error.code() == Some(NOT_ENROLLED) { Ok(()) } else { Err(error) }
}

/// 502: the node did not do its part. From now on force delete is offered.
fn unreached(error: &ClientError) -> Refusal {
    let why = match error {
        ClientError::Unreachable(_) => "its node cannot be reached".to_owned(),
        ClientError::Timeout(ms) => format!("its node did not answer within {ms} ms"),
        ClientError::Tls(_) => "the secure connection to its node failed".to_owned(),
        ClientError::Refused(problem) => format!("its node refused ({})", problem.code.chars().take(40).collect::<String>()),
        ClientError::Protocol(_) => "its node gave an unexpected answer".to_owned(),
    };
    Refusal::new(StatusCode::BAD_GATEWAY, "NODE_UNREACHABLE").detail(why)
}

async fn record(tx: &mut Tx, actor: &Actor, verb: &str, customer: &CustomerId, reason: Option<&str>, now_us: i64) -> Result<(), Refusal> {
    let line = Line { actor: actor.email(), verb, customer: Some(customer), outcome: audit::OK };
    match reason {
        Some(reason) => audit::record_in(tx, line.because(reason), now_us).await,
        None => audit::record_in(tx, line, now_us).await,
    }
}
