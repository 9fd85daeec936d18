//! Rate cards: what a customer pays for a gigabyte (2^30 bytes) of each tier, from a time on. A card holds for what was received from its
//! beginning until the next one; a customer without a card of its own has those of everybody, and where there is none, the usual rates hold.

pub mod http;
mod store;
#[cfg(test)]
mod tests;

use crate::{
    State,
    access::{self, Action, Actor, permits},
    audit::{self, Line},
};
use ::http::StatusCode;
use bailiwick_api::{
    CustomerId,
    dashboards::{RateCard, Rates, RatesFrom},
};
use bailiwick_chassis::Refusal;
use bailiwick_dashboard::plan::check_rates;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Cards there may be.
const MAX_CARDS: i64 = 20_000;
/// Cards of one customer, or of everybody.
const MAX_OF_ONE: i64 = 400;

/// What nodes are told of rates.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cards {
    /// Of everybody without cards of their own.
    pub(crate) everybody: Vec<RatesFrom>,
    /// Of customers that have some: before the first of them, those of everybody hold.
    own: HashMap<CustomerId, Vec<RatesFrom>>,
}

impl Cards {
    /// One set of rates for everybody at any time.
    pub(crate) fn only(rates: Rates) -> Self {
        Self { everybody: vec![RatesFrom { from: 0, rates }], own: HashMap::new() }
    }

    /// A customer's own; empty: those of everybody.
    pub(crate) fn of(&self, customer: &CustomerId) -> &[RatesFrom] {
        self.own.get(customer).map_or(&[], Vec::as_slice)
    }
}

/// Those that hold at some time of a range; the first holds before its beginning, too.
pub(crate) fn within(cards: &[RatesFrom], from: i64, to: i64) -> &[RatesFrom] {
    let start = cards.partition_point(|card| card.from <= from).saturating_sub(1);
    let end = cards.partition_point(|card| card.from < to).max(start + 1).min(cards.len());
    cards.get(start..end).unwrap_or(cards)
}

/// Every card, as nodes are told them. For answers that tell each person no more than of the customers they reach.
pub(crate) async fn cards(state: &State) -> Result<Cards, Refusal> {
    Ok(gather(store::all(&state.db).await?))
}

fn gather(all: Vec<RateCard>) -> Cards {
    let mut by: BTreeMap<Option<CustomerId>, Vec<RatesFrom>> = BTreeMap::new();
    for RateCard { customer, effective_from, rates } in all {
        by.entry(customer).or_default().push(RatesFrom { from: effective_from.timestamp_micros(), rates });
    }
    for cards in by.values_mut() {
        cards.sort_by_key(|card| card.from);
    }
    let usual = || vec![RatesFrom { from: 0, rates: Rates::default() }];
    let everybody = by.remove(&None).unwrap_or_else(usual);
    let with_before = |(customer, cards): (Option<CustomerId>, Vec<RatesFrom>)| {
        let first = cards.first().map_or(i64::MAX, |card| card.from);
        let mut before: Vec<RatesFrom> = everybody.iter().filter(|card| card.from < first).copied().collect();
        // The first card of everybody holds before its beginning, too.
        if before.is_empty() && first > 0 {
            before.extend(everybody.first().map(|card| RatesFrom { from: 0, ..*card }));
        }
        customer.map(|customer| (customer, before.into_iter().chain(cards).collect()))
    };
    Cards { own: by.into_iter().filter_map(with_before).collect(), everybody }
}

/// The cards of everybody and those of customers this person sees, by customer and time.
async fn list(state: &State, actor: &Actor) -> Result<Vec<RateCard>, Refusal> {
    let mut cards = store::all(&state.db).await?;
    if !permits(actor.role(), Action::ManageLicences) {
        let seen: HashSet<CustomerId> = access::see_all(state, actor).await?.into_iter().map(|seen| seen.customer().id.clone()).collect();
        cards.retain(|card| card.customer.as_ref().is_none_or(|customer| seen.contains(customer)));
    }
    cards.sort_by(|a, b| a.customer.cmp(&b.customer).then(a.effective_from.cmp(&b.effective_from)));
    Ok(cards)
}

/// Writes a card in the place of one that begins at the same time.
async fn put(state: &State, actor: &Actor, card: &RateCard) -> Result<RateCard, Refusal> {
    let written = try_put(state, actor, card).await;
    audit::refusals(state, actor, "rate_card.set", card.customer.as_ref(), written).await
}

async fn try_put(state: &State, actor: &Actor, card: &RateCard) -> Result<RateCard, Refusal> {
    let invalid = |wrong: bailiwick_dashboard::Wrong| Refusal::invalid("INVALID_INPUT", &wrong.field, wrong.to_string());
    check_rates("rates", &card.rates).map_err(invalid)?;
    let from = card.effective_from.timestamp();
    if !(0..=7_258_118_400).contains(&from) {
        return Err(Refusal::invalid("INVALID_INPUT", "effective_from", "effective_from: between 1970 and 2200"));
    }
    if let Some(customer) = &card.customer {
        let _seen = access::see(state, actor, customer).await?;
    }
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    store::put(&mut tx, card).await?;
    let (all, of_one) = store::count(&mut tx, card.customer.as_ref()).await?;
    if all > MAX_CARDS || of_one > MAX_OF_ONE {
        let detail = format!("rate cards: at most {MAX_CARDS}, and {MAX_OF_ONE} of one customer");
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY").detail(detail));
    }
    let line = Line { actor: actor.email(), verb: "rate_card.set", customer: card.customer.as_ref(), outcome: audit::OK };
    audit::record_in(&mut tx, line.about(&card.effective_from.to_rfc3339()), now_us).await?;
    tx.commit().await?;
    Ok(card.clone())
}

/// Takes a card away.
async fn remove(state: &State, actor: &Actor, customer: Option<&CustomerId>, from_us: i64) -> Result<(), Refusal> {
    let removed = try_remove(state, actor, customer, from_us).await;
    audit::refusals(state, actor, "rate_card.remove", customer, removed).await
}

async fn try_remove(state: &State, actor: &Actor, customer: Option<&CustomerId>, from_us: i64) -> Result<(), Refusal> {
    if let Some(customer) = customer {
        let _seen = access::see(state, actor, customer).await?;
    }
    let mut tx = state.db.begin().await?;
    if !store::remove(&mut tx, customer, from_us).await? {
        return Err(Refusal::not_found());
    }
    let line = Line { actor: actor.email(), verb: "rate_card.remove", customer, outcome: audit::OK };
    let about = bailiwick_chassis::clock::from_us(from_us).to_rfc3339();
    audit::record_in(&mut tx, line.about(&about), state.clock.now_us()).await?;
    Ok(tx.commit().await?)
}
