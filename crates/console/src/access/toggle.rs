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

/// The same for a view of customers chosen by name, after it was decided whom this person reaches. `narrows`: a choice was made, so that
/// exactly one customer is no view over many. Customers whose names the person may not know are counted only where nothing was chosen.
pub async fn reach_named(state: &State, actor: &Actor, action: Action, narrows: bool, chosen: impl Fn(&str) -> bool) -> Result<Reach, Refusal> {
    let mut reach = reach(state, actor, action, None).await?;
    if narrows {
        reach.grants.retain(|grant| chosen(&grant.customer().name));
        reach.skipped.retain(|skipped| skipped.customer.as_ref().is_some_and(|customer| chosen(&customer.name)));
    }
    let names_one = narrows && reach.grants.len() == 1;
    if !names_one && !reach.grants.is_empty() && !preferences::multi_customer(&state.db, actor.user()).await? {
        switch_off(&mut reach);
    }
    Ok(reach)
}

fn switch_off(reach: &mut Reach) {
    let off = |customer| Skipped { customer: Some(customer), count: 1, reason: SkipReason::ToggleOff };
    reach.skipped.extend(reach.grants.drain(..).map(|grant| off(grant.customer)));
}
