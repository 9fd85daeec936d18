//! Changing people: name, role, disabled, let go. What they are at the nodes follows in the same transaction, and an administrator is left.

use super::{checked_name, store, welcome_link};
use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    grants::{self, Cause, Changed},
};
use bailiwick_api::{Link, Role, User, UserId, UserPatch, UserState};
use bailiwick_chassis::{Refusal, sql::Tx};

/// Edits a person, or says what is wrong and changes nothing.
pub(super) async fn edit(state: &State, actor: &Actor, id: &UserId, patch: &UserPatch) -> Result<User, Refusal> {
    let name = patch.name.as_deref().map(checked_name).transpose()?;
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    grants::take_turn(&mut tx).await?;
    let before = store::find_in(&mut tx, id).await?.ok_or_else(Refusal::not_found)?;
    let was_disabled = before.state == UserState::Disabled;
    let (role, disabled) = (patch.role.unwrap_or(before.role), patch.disabled.unwrap_or(was_disabled));
    let name = name.unwrap_or_else(|| before.name.clone());
    if disabled || role != Role::Administrator {
        keep_one(&mut tx, &before).await?;
    }
    if role != before.role && id == actor.user() {
        return Err(Refusal::conflict("OWN_ROLE", "role: nobody changes their own; ask another administrator").field("role"));
    }
    let may_save_dashboards = patch.may_save_dashboards.unwrap_or(before.may_save_dashboards);
    let written = store::Written { name: &name, role, may_save_dashboards, disabled_us: disabled.then_some(now_us) };
    store::update(&mut tx, id, &written).await?;
    if disabled && !was_disabled {
        store::end_sessions(&mut tx, id).await?;
    }
    let mut changed = grants::person(&mut tx, id, Cause { by: Some(actor.user()), anew: None, now_us }).await?;
    if name != before.name {
        grants::renamed(&mut tx, id, now_us).await?;
    }
    let verbs = [
        (name != before.name, "user.rename"),
        (role != before.role, "user.role"),
        (may_save_dashboards != before.may_save_dashboards, "user.save_dashboards"),
        (disabled && !was_disabled, "user.disable"),
        (!disabled && was_disabled, "user.enable"),
    ];
    for (_, verb) in verbs.into_iter().filter(|(happened, _)| *happened) {
        record(&mut tx, actor, verb, &before.email, now_us).await?;
    }
    let after = store::find_in(&mut tx, id).await?.ok_or_else(Refusal::not_found)?;
    tx.commit().await?;
    changed.insert(id.clone());
    grants::tell(state, &changed);
    super::with_counts(state, after).await
}

/// Lets a person go for good.
pub(super) async fn remove(state: &State, actor: &Actor, id: &UserId) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    grants::take_turn(&mut tx).await?;
    let before = store::find_in(&mut tx, id).await?.ok_or_else(Refusal::not_found)?;
    keep_one(&mut tx, &before).await?;
    store::let_go(&mut tx, id, now_us).await?;
    store::end_sessions(&mut tx, id).await?;
    grants::forget_person(&mut tx, id).await?;
    let mut changed: Changed = grants::person(&mut tx, id, Cause { by: Some(actor.user()), anew: None, now_us }).await?;
    record(&mut tx, actor, "user.remove", &before.email, now_us).await?;
    tx.commit().await?;
    changed.insert(id.clone());
    grants::tell(state, &changed);
    Ok(())
}

/// Makes a link that sets a person's password.
pub(super) async fn link(state: &State, actor: &Actor, id: &UserId) -> Result<Link, Refusal> {
    let user = store::find(&state.db, id).await?.ok_or_else(Refusal::not_found)?;
    if user.state == UserState::Disabled {
        return Err(Refusal::conflict("USER_DISABLED", format!("{} is disabled; enable them first", user.email)));
    }
    let link = welcome_link(state, id).await?;
    audit::record(state, Line { actor: actor.email(), verb: "user.link", customer: None, outcome: audit::OK }.about(&user.email)).await?;
    Ok(link)
}

/// Refuses to go on when nobody else could administer after this person no longer does.
async fn keep_one(tx: &mut Tx, before: &User) -> Result<(), Refusal> {
    let administers = before.role == Role::Administrator && before.state == UserState::Active;
    if administers && !store::has_other_administrator(tx, &before.id).await? {
        let detail = "nobody else can sign in as an administrator; make another one first";
        return Err(Refusal::conflict("LAST_ADMINISTRATOR", detail));
    }
    Ok(())
}

async fn record(tx: &mut Tx, actor: &Actor, verb: &str, whom: &str, now_us: i64) -> Result<(), Refusal> {
    audit::record_in(tx, Line { actor: actor.email(), verb, customer: None, outcome: audit::OK }.about(whom), now_us).await
}
