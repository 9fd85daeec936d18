//! Who I am, and who else there is.

use super::store;
use crate::{access::Actor, audit};
use axum::{Extension, Json as Answer, extract::State};
use bailiwick_api::{CreatedUser, List, Me, NewUser, Problem, User};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
    sessions::Session,
};
use http::StatusCode;

/// People a console may have.
const MAX_USERS: i64 = 5_000;

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "me", tag = "me", responses((status = 200, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn me(actor: Actor, Extension(session): Extension<Session>) -> Answer<Me> {
    Answer(describe(&actor, session.csrf))
}

/// A person as they see themselves.
fn describe(actor: &Actor, csrf: String) -> Me {
    Me { id: actor.user().clone(), email: actor.email().into(), name: actor.name().into(), role: actor.role(), csrf }
}

/// Everybody who can or could sign in, by address.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "list_users", tag = "users", responses((status = 200, body = List<User>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<Answer<List<User>>, Refusal> {
    Ok(Answer(List { data: store::list(&state.db).await? }))
}

/// Makes a person and the single-use link that sets their password.
///
/// Codes: MAIL_INVALID, NAME_INVALID (400), EMAIL_TAKEN (409).
#[utoipa::path(post, path = "/api/v1/users", operation_id = "add_user", tag = "users", request_body = NewUser, responses((status = 201, body = CreatedUser), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add(State(state): State<crate::State>, actor: Actor, Json(new): Json<NewUser>) -> Result<(StatusCode, Answer<CreatedUser>), Refusal> {
    let added = try_add(&state, &actor, &new).await;
    audit::refusals(&state, &actor, "user.add", None, added).await.map(|created| (StatusCode::CREATED, Answer(created)))
}

async fn try_add(state: &crate::State, actor: &Actor, new: &NewUser) -> Result<CreatedUser, Refusal> {
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    if store::count(&mut tx).await? >= MAX_USERS {
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY").detail(format!("users: at most {MAX_USERS}")));
    }
    let user = super::add(&mut tx, new, now_us).await?;
    let line = audit::Line { actor: actor.email(), verb: "user.add", customer: None, outcome: audit::OK };
    audit::record_in(&mut tx, line.about(&user.email), now_us).await?;
    tx.commit().await?;
    let link = super::welcome_link(state, &user.id).await?;
    Ok(CreatedUser { user, link })
}
