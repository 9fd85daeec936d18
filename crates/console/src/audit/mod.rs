//! The audit: who did what to which customer, and how it ended. Never content, never a password, never what was searched for.
//! Lines are only ever added, in the transaction of what they tell of, before anybody hears that it worked. How they are chained, found and
//! exported is the chassis's; who may read which of them is decided in [`crate::access::sight`].

pub mod http;
mod store;

use crate::{State, access::Actor};
use bailiwick_api::CustomerId;
use bailiwick_chassis::{
    Refusal, audit as chained,
    sql::{Db, Tx},
};

/// Outcome of what worked.
pub const OK: &str = "ok";

/// Actor of what nobody known did, such as a sign-in with an unknown address.
pub const NOBODY: &str = "(nobody)";

/// What stands as the customer of lines of no customer, in a filter.
pub const PROVIDER: &str = "provider";

/// Bytes an id in a path may have to be noted where nobody looked whether it is one.
const MAX_ID: usize = 60;

/// Gives lines from before there were hashes theirs, and has the database refuse changes. Once, at the start.
pub(crate) async fn seal(db: &Db) -> Result<(), Refusal> {
    chained::seal(db).await
}

/// Adds a line in a transaction. Comes last before the commit: it holds the audit's counter until then.
pub async fn record_in<'a>(tx: &mut Tx, line: impl Into<Told<'a>>, now_us: i64) -> Result<(), Refusal> {
    let Told { line, subject, reason } = line.into();
    let line = chained::Line {
        time_us: now_us,
        actor: line.actor,
        verb: line.verb,
        on: line.customer.map(CustomerId::as_str),
        subject,
        outcome: line.outcome,
        detail: reason,
    };
    chained::append(tx, &line).await
}

/// Adds a line on its own.
pub async fn record<'a>(state: &State, line: impl Into<Told<'a>>) -> Result<(), Refusal> {
    let mut tx = state.db.begin().await?;
    record_in(&mut tx, line, state.clock.now_us()).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes a refusal of what a person wanted to do; a success has noted itself. A customer there is none of is not noted as one.
pub(crate) async fn refusals<T>(
    state: &State,
    actor: &Actor,
    verb: &str,
    customer: Option<&CustomerId>,
    result: Result<T, Refusal>,
) -> Result<T, Refusal> {
    if let Err(refusal) = &result {
        let named = |id: &&CustomerId| refusal.status() != ::http::StatusCode::NOT_FOUND && id.as_str().len() <= MAX_ID;
        let customer = customer.filter(named);
        record(state, Line { actor: actor.email(), verb, customer, outcome: refusal.code() }).await?;
    }
    result
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

impl<'a> Line<'a> {
    /// The same about somebody or something: a mail address, an id.
    pub fn about(self, subject: &'a str) -> Told<'a> {
        Told { subject, ..self.into() }
    }

    /// The same with the reason the person gave.
    pub fn because(self, reason: &'a str) -> Told<'a> {
        Told { reason: Some(reason), ..self.into() }
    }
}

/// A line with all there is to say.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    line: Line<'a>,
    subject: &'a str,
    reason: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// The same with the reason the person gave.
    pub fn because(self, reason: &'a str) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

impl<'a> From<Line<'a>> for Told<'a> {
    fn from(line: Line<'a>) -> Self {
        Self { line, subject: "", reason: None }
    }
}
