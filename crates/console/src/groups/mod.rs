//! Groups of customers. Who is in one decides, with the delegations that name it, who is granted what: changing a group works out the grants
//! of everybody it was delegated to, in the same transaction.

pub mod http;
mod store;

pub(crate) use store::{name_in, of_customers};

use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    customers,
    grants::{self, Cause, Changed},
};
use ::http::StatusCode;
use bailiwick_api::{CustomerId, Group, GroupDetail, GroupId, GroupPatch, NewGroup};
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_id, sql::Tx};
use std::collections::BTreeSet;

/// Groups a console may have.
const MAX_GROUPS: i64 = 500;
/// Customers of a group.
const MAX_MEMBERS: usize = 5_000;

const MAX_NAME: usize = 100;

async fn list(state: &State) -> Result<Vec<Group>, Refusal> {
    let mut groups = store::all(&state.db).await?;
    groups.sort_by_cached_key(|group| customers::name_key(&group.name));
    Ok(groups)
}

async fn one(state: &State, id: &GroupId) -> Result<GroupDetail, Refusal> {
    let group = store::find(&state.db, id).await?.ok_or_else(Refusal::not_found)?;
    let mut customers = store::members(&state.db, id).await?;
    customers.sort_by_cached_key(|customer| customers::name_key(&customer.name));
    Ok(GroupDetail { group, customers })
}

async fn add(state: &State, actor: &Actor, new: &NewGroup) -> Result<GroupDetail, Refusal> {
    let (name, members) = (checked_name(&new.name)?, checked_members(&new.customers)?);
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    grants::take_turn(&mut tx).await?;
    if store::count(&mut tx).await? >= MAX_GROUPS {
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY").detail(format!("groups: at most {MAX_GROUPS}")));
    }
    refuse_unknown(&mut tx, &members).await?;
    let group = Group {
        id: GroupId(random_id("group-")),
        name,
        customer_count: 0,
        delegation_count: 0,
        created_time: from_us(now_us),
        created_by: actor.email().to_owned(),
    };
    store::insert(&mut tx, &group).await?;
    store::set_members(&mut tx, &group.id, &members).await?;
    record(&mut tx, actor, "group.add", &group.name, now_us).await?;
    tx.commit().await?;
    one(state, &group.id).await
}

async fn edit(state: &State, actor: &Actor, id: &GroupId, patch: &GroupPatch) -> Result<GroupDetail, Refusal> {
    let name = patch.name.as_deref().map(checked_name).transpose()?;
    let members = patch.customers.as_deref().map(checked_members).transpose()?;
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    grants::take_turn(&mut tx).await?;
    let before = store::name_in(&mut tx, id).await?.ok_or_else(Refusal::not_found)?;
    if let Some(name) = &name {
        store::rename(&mut tx, id, name).await?;
    }
    let mut changed = Changed::new();
    if let Some(members) = &members {
        refuse_unknown(&mut tx, members).await?;
        store::set_members(&mut tx, id, members).await?;
        changed = grants::group_changed(&mut tx, id, Cause { by: Some(actor.user()), anew: None, now_us }).await?;
    }
    record(&mut tx, actor, "group.update", name.as_deref().unwrap_or(&before), now_us).await?;
    tx.commit().await?;
    grants::tell(state, &changed);
    one(state, id).await
}

async fn remove(state: &State, actor: &Actor, id: &GroupId, force: bool) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    grants::take_turn(&mut tx).await?;
    let name = store::name_in(&mut tx, id).await?.ok_or_else(Refusal::not_found)?;
    let people = grants::people_of_group(&mut tx, id).await?;
    if !people.is_empty() && !force {
        let detail = format!("{} delegations name this group; say force=true to take them away with it", people.len());
        return Err(Refusal::conflict("GROUP_IN_USE", detail));
    }
    store::remove(&mut tx, id).await?;
    let changed = grants::people_changed(&mut tx, &people, Cause { by: Some(actor.user()), anew: None, now_us }).await?;
    record(&mut tx, actor, "group.remove", &name, now_us).await?;
    tx.commit().await?;
    grants::tell(state, &changed);
    Ok(())
}

/// A group's name: 1 to 100 characters, none of them a control character.
fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Refusal::invalid("NAME_INVALID", "name", format!("name: 1 to {MAX_NAME} characters, no control characters")))
}

/// Who is to be in a group, each once.
fn checked_members(customers: &[CustomerId]) -> Result<Vec<CustomerId>, Refusal> {
    if customers.len() > MAX_MEMBERS {
        return Err(Refusal::invalid("INVALID_INPUT", "customers", format!("customers: at most {MAX_MEMBERS}")));
    }
    Ok(customers.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect())
}

async fn refuse_unknown(tx: &mut Tx, members: &[CustomerId]) -> Result<(), Refusal> {
    match customers::unknown_of(tx, &members.iter().collect::<Vec<_>>()).await? {
        None => Ok(()),
        Some(id) => {
            let id: String = id.as_str().chars().take(60).collect();
            Err(Refusal::invalid("UNKNOWN_CUSTOMER", "customers", format!("customers: none has the id {id}")))
        }
    }
}

fn name_taken() -> Refusal {
    Refusal::conflict("NAME_TAKEN", "name: another group has this name").field("name")
}

async fn record(tx: &mut Tx, actor: &Actor, verb: &str, group: &str, now_us: i64) -> Result<(), Refusal> {
    audit::record_in(tx, Line { actor: actor.email(), verb, customer: None, outcome: audit::OK }.about(group), now_us).await
}
