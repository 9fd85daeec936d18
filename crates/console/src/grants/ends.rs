//! Delegations that end by themselves: woken at the next end, and when somebody decided anew. Nobody waits for this task to be safe: a call
//! looks at the end of its grant itself, and so does the node. It makes what follows true on both sides, and tells open pages.

use super::{
    delegations,
    follow::{self, Cause, Changed},
    tell,
};
use crate::{
    State,
    audit::{self, Line},
    users,
};
use bailiwick_api::{CustomerId, UserId};
use bailiwick_chassis::Refusal;
use std::{collections::BTreeSet, time::Duration};

/// Actor of what the console does by itself.
const CONSOLE: &str = "console";
/// How long a delegation that ended is kept for those who ask why.
const KEPT_US: i64 = 90 * 24 * 3600 * 1_000_000;
/// The longest sleep: clocks are set, and other consoles on the same database decide, too.
const LONGEST: Duration = Duration::from_secs(30);
const SHORTEST: Duration = Duration::from_millis(20);

/// Starts the task.
pub fn watch(state: &State) {
    let state = state.clone();
    state.tasks.clone().spawn(async move {
        if let Err(refusal) = everybody(&state).await {
            tracing::warn!(code = refusal.code(), "grants could not be held against delegations");
        }
        let mut until = state.clock.now_us().saturating_sub(KEPT_US);
        loop {
            match pass(&state, until).await {
                Ok(done) => until = done,
                Err(refusal) => tracing::warn!(code = refusal.code(), "delegations that ended could not be looked at"),
            }
            let sleep = wait(&state).await.unwrap_or(LONGEST);
            tokio::select! {
                () = state.reconciler.decided() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    });
}

/// Holds everybody's grants against what was delegated: once at the start, whatever ended or changed while no console ran.
async fn everybody(state: &State) -> Result<(), Refusal> {
    for user in delegations::people(&state.db).await? {
        person(state, &user).await?;
    }
    Ok(())
}

/// Works out the grants of everybody a delegation of whom ended since; up to when that is done.
async fn pass(state: &State, since_us: i64) -> Result<i64, Refusal> {
    let now_us = state.clock.now_us();
    let ended = delegations::ended(&state.db, since_us, now_us).await?;
    let people: BTreeSet<&UserId> = ended.iter().map(|(user, _)| user).collect();
    for user in people {
        let named: Vec<&CustomerId> = ended.iter().filter(|(of, _)| of == user).filter_map(|(_, customer)| customer.as_ref()).collect();
        if !person(state, user).await?.is_empty() {
            note(state, user, &named).await?;
        }
    }
    delegations::forget(&state.db, now_us.saturating_sub(KEPT_US)).await?;
    Ok(now_us)
}

async fn person(state: &State, user: &UserId) -> Result<Changed, Refusal> {
    let mut tx = state.db.begin().await?;
    follow::take_turn(&mut tx).await?;
    let changed = follow::person(&mut tx, user, Cause { by: None, anew: None, now_us: state.clock.now_us() }).await?;
    tx.commit().await?;
    if !changed.is_empty() {
        tell(state, &changed);
    }
    Ok(changed)
}

/// One line for each customer that was delegated by name, one for all the others.
async fn note(state: &State, user: &UserId, named: &[&CustomerId]) -> Result<(), Refusal> {
    let whom = users::find(&state.db, user).await?.map(|user| user.email).unwrap_or_default();
    let line = |customer| Line { actor: CONSOLE, verb: "delegation.end", customer, outcome: audit::OK }.about(&whom);
    if named.is_empty() {
        return audit::record(state, line(None)).await;
    }
    for customer in named {
        audit::record(state, line(Some(customer))).await?;
    }
    Ok(())
}

/// Until the next end.
async fn wait(state: &State) -> Result<Duration, Refusal> {
    let now_us = state.clock.now_us();
    let next = delegations::next_end(&state.db, now_us).await?;
    let span = next.map_or(LONGEST, |at| Duration::from_micros(at.abs_diff(now_us)));
    Ok(span.clamp(SHORTEST, LONGEST))
}
