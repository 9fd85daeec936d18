//! Views over many customers, which a person may switch off for themselves.

use super::{Action, Actor, Reach, reach};
use crate::{State, preferences};
use bailiwick_api::{CustomerId, SkipReason, Skipped};
use bailiwick_chassis::Refusal;

/// [`reach`] for a view that may be over many customers: a person who switched such views off reaches nobody through one, and is told so of
/// each customer. A question that names exactly one customer is no such view.
pub async fn reach_many(state: &State, actor: &Actor, action: Action, only: Option<&[CustomerId]>) -> Result<Reach, Refusal> {
    let mut reach = reach(state, actor, action, only).await?;
    let names_one = only.is_some_and(|ids| ids.first().is_some_and(|first| ids.iter().all(|id| id == first)));
    if !names_one && !reach.grants.is_empty() && !preferences::multi_customer(&state.db, actor.user()).await? {
        switch_off(&mut reach);
    }
    Ok(reach)
}

fn switch_off(reach: &mut Reach) {
    let off = |customer| Skipped { customer: Some(customer), count: 1, reason: SkipReason::ToggleOff };
    reach.skipped.extend(reach.grants.drain(..).map(|grant| off(grant.customer)));
}
