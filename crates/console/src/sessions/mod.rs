//! Signing in and out, and single-use links. What is stored is in the chassis; the rules are here.

pub mod http;
mod store;

use crate::{
    State,
    access::{Action, Actor, permits},
    audit::{self, Line},
    users,
};
use ::http::StatusCode;
use bailiwick_api::{Me, SignIn, UseLink, User, UserId};
use bailiwick_chassis::{
    Refusal, passwords,
    sessions::{self, Begun},
};
use std::sync::atomic::Ordering;

const SIGN_IN: &str = "session.begin";

/// Signs a person in. An unknown address costs the same time and says the same as a wrong password.
async fn sign_in(state: &State, input: &SignIn) -> Result<(Me, String), Refusal> {
    let now_us = state.clock.now_us();
    let key: String = input.email.trim().to_lowercase().chars().take(254).collect();
    state.throttle.check(&key, now_us)?;
    // Counted before the slow hash, so that guesses at once count as well; a success takes it back.
    state.throttle.failed(&key, now_us);
    let known = users::credentials(&state.db, &input.email).await?;
    let hash = known.as_ref().and_then(|(_, hash)| hash.as_deref());
    let right = passwords::verify(&input.password, hash).await?;
    match known {
        Some((user, Some(_))) if right => {
            state.throttle.succeeded(&key);
            note(state, &user.email, SIGN_IN, audit::OK).await?;
            begin(state, user).await
        }
        known => {
            let who = known.as_ref().map_or(audit::NOBODY, |(user, _)| &user.email);
            note(state, who, SIGN_IN, "AUTH_FAILED").await?;
            Err(Refusal::unauthenticated("the mail address or the password is wrong"))
        }
    }
}

/// Lets somebody who is signed in prove once more that it is them: 403 for a wrong password, which counts like a wrong one at the sign-in.
pub(crate) async fn confirm(state: &State, actor: &Actor, password: &str) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let key = actor.email().to_lowercase();
    state.throttle.check(&key, now_us)?;
    state.throttle.failed(&key, now_us);
    let known = users::credentials(&state.db, actor.email()).await?;
    let hash = known.as_ref().and_then(|(_, hash)| hash.as_deref());
    if passwords::verify(password, hash).await? {
        state.throttle.succeeded(&key);
        return Ok(());
    }
    note(state, actor.email(), "session.confirm", "PASSWORD_WRONG").await?;
    let refusal = Refusal::new(StatusCode::FORBIDDEN, "PASSWORD_WRONG").field("password");
    Err(refusal.detail("password: this is not your own password"))
}

/// Uses a link up: sets the password of the person it was made for, who is signed in by it.
async fn use_link(state: &State, input: &UseLink) -> Result<(Me, String), Refusal> {
    let now_us = state.clock.now_us();
    // Looked up before the costly hash, so that guessing tokens is cheap for us, and spent only together with the change.
    if !store::link_exists(&state.db, &input.token).await? {
        return Err(users::used());
    }
    let hash = passwords::hash(&input.password).await?;
    let mut tx = state.db.begin().await?;
    let (purpose, subject) = sessions::use_link(&mut tx, &input.token, now_us).await?;
    let id = match (purpose.as_str(), &input.name) {
        (users::FIRST, Some(email)) => users::add_first(&mut tx, email, now_us).await?.id,
        (users::FIRST, None) => {
            return Err(Refusal::invalid("MISSING_FIELD", "name", "name: the mail address of the first administrator"));
        }
        _ => UserId(subject),
    };
    let user = users::set_password(&mut tx, &id, &hash).await?.ok_or_else(users::used)?;
    let verb = if purpose == users::FIRST { "console.setup" } else { "user.password" };
    audit::record_in(&mut tx, Line { actor: &user.email, verb, customer: None, outcome: audit::OK }, now_us).await?;
    tx.commit().await?;
    sessions::end_all(&state.db, id.as_str()).await?;
    if user.role == bailiwick_api::Role::Administrator {
        state.needs_setup.store(false, Ordering::Relaxed);
    }
    begin(state, user).await
}

async fn begin(state: &State, user: User) -> Result<(Me, String), Refusal> {
    let Begun { token, session } = sessions::begin(&state.db, user.id.as_str(), state.clock.now_us()).await?;
    let may_save_dashboards = user.may_save_dashboards || permits(user.role, Action::SaveDashboards);
    Ok((Me { id: user.id, email: user.email, name: user.name, role: user.role, may_save_dashboards, csrf: session.csrf }, token))
}

async fn note(state: &State, actor: &str, verb: &str, outcome: &str) -> Result<(), Refusal> {
    audit::record(state, Line { actor, verb, customer: None, outcome }).await
}
