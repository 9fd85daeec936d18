//! The audit: who did what to which customer, and how it ended. Never content, never a password, never what was searched for.
//! Lines are only ever added, in the transaction of what they tell of, before anybody hears that it worked.

pub mod http;
mod store;

use crate::State;
use bailiwick_api::CustomerId;
use bailiwick_chassis::{Refusal, sql::Tx};

/// Lines an answer holds.
pub const LIMIT: i64 = 200;

/// Outcome of what worked.
pub const OK: &str = "ok";

/// Actor of what nobody known did, such as a sign-in with an unknown address.
pub const NOBODY: &str = "(nobody)";

/// Adds a line in a transaction. Comes last before the commit: it holds the audit's counter until then.
pub async fn record_in(tx: &mut Tx, line: Line<'_>, now_us: i64) -> Result<(), Refusal> {
    store::insert(tx, &line, now_us).await
}

/// Adds a line on its own.
pub async fn record(state: &State, line: Line<'_>) -> Result<(), Refusal> {
    let mut tx = state.db.begin().await?;
    store::insert(&mut tx, &line, state.clock.now_us()).await?;
    tx.commit().await?;
    Ok(())
}

/// What is written down.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Mail address of who did it.
    pub actor: &'a str,
    /// What: `customer.add`, `grant.set`, `investigation.update`, `logs.search`…
    pub verb: &'a str,
    /// On whom.
    pub customer: Option<&'a CustomerId>,
    /// [`OK`] or the code of the refusal.
    pub outcome: &'a str,
}
