//! What a person set for themselves. One of it decides what they are shown: without *multi customer*, views over many customers are empty
//! and say so, and each customer alone can still be worked (see [`crate::access::reach_many`]).

pub mod http;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use store::multi_customer;

use crate::{
    State,
    access::Actor,
    audit::{self, Line},
};
use bailiwick_api::{Density, Preferences, PreferencesPatch, WhyNotMany};
use bailiwick_chassis::Refusal;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kept {
    multi_customer: bool,
    density: Density,
    single_keys: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Self { multi_customer: true, density: Density::Compact, single_keys: true }
    }
}

/// What the console holds of customers, as far as it decides whether there can be views over many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Linked {
    customers: bool,
    /// Licences are given out: there is a pool.
    licences: bool,
    licensed: bool,
}

impl Linked {
    fn missing(self) -> Option<WhyNotMany> {
        match self {
            Self { customers: false, .. } => Some(WhyNotMany::NoLinkedCustomer),
            Self { licences: true, licensed: false, .. } => Some(WhyNotMany::NoLicensedCustomer),
            _ => None,
        }
    }
}

fn shown(kept: Kept, linked: Linked) -> Preferences {
    let reason = linked.missing();
    let Kept { multi_customer, density, single_keys } = kept;
    Preferences { multi_customer, density, single_keys, multi_customer_available: reason.is_none(), reason }
}

/// A person's preferences.
async fn get(state: &State, actor: &Actor) -> Result<Preferences, Refusal> {
    Ok(shown(store::kept(&state.db, actor.user()).await?, store::linked(&state.db).await?))
}

/// Changes them; their open pages look again at once.
async fn change(state: &State, actor: &Actor, patch: PreferencesPatch) -> Result<Preferences, Refusal> {
    let changed = try_change(state, actor, patch).await;
    audit::refusals(state, actor, "preferences.set", None, changed).await
}

async fn try_change(state: &State, actor: &Actor, patch: PreferencesPatch) -> Result<Preferences, Refusal> {
    let linked = store::linked(&state.db).await?;
    let mut tx = state.db.begin().await?;
    let before = store::kept_in(&mut tx, actor.user()).await?;
    let after = Kept {
        multi_customer: patch.multi_customer.unwrap_or(before.multi_customer),
        density: patch.density.unwrap_or(before.density),
        single_keys: patch.single_keys.unwrap_or(before.single_keys),
    };
    if after.multi_customer && !before.multi_customer && linked.missing().is_some() {
        let detail = "multi_customer: cannot be switched on while no licensed customer is linked";
        return Err(Refusal::conflict("MULTI_CUSTOMER_UNAVAILABLE", detail).field("multi_customer"));
    }
    store::keep(&mut tx, actor.user(), after).await?;
    let line = Line { actor: actor.email(), verb: "preferences.set", customer: None, outcome: audit::OK };
    audit::record_in(&mut tx, line, state.clock.now_us()).await?;
    tx.commit().await?;
    state.changes.tell(actor.user());
    Ok(shown(after, linked))
}
