//! Who I am, and who else there is.

use super::store;
use crate::{access::Actor, audit};
use axum::{
    Extension, Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CreatedUser, Link, List, Me, NewUser, Problem, User, UserId, UserPatch};
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
    Me {
        id: actor.user().clone(),
        email: actor.email().into(),
        name: actor.name().into(),
        role: actor.role(),
        may_save_dashboards: actor.may_save_dashboards(),
        csrf,
    }
}

/// Everybody who can or could sign in, by address.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "list_users", tag = "users", responses((status = 200, body = List<User>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<Answer<List<User>>, Refusal> {
    Ok(Answer(List { data: super::list(&state).await? }))
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

type Id = Result<Path<UserId>, PathRejection>;

/// Renames a person, gives them another role at the console, allows them to save dashboards or not, disables or enables them. It counts with their next call; what they are at the
/// nodes follows: never more than the role here, and nothing while they are disabled. Nobody changes their own role.
///
/// Codes: NAME_INVALID (400), NOT_FOUND (404), OWN_ROLE, LAST_ADMINISTRATOR (409).
#[utoipa::path(patch, path = "/api/v1/users/{id}", operation_id = "update_user", tag = "users", params(("id" = String, Path, description = "User id")), request_body = UserPatch, responses((status = 200, body = User), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn patch(State(state): State<crate::State>, actor: Actor, id: Id, Json(patch): Json<UserPatch>) -> Result<Answer<User>, Refusal> {
    Ok(Answer(super::edit::edit(&state, &actor, &named(id)?, &patch).await?))
}

/// Lets a person go for good: they are in no list any more, their sessions and links end, their roles at the nodes go, and their address is
/// free. The audit keeps it.
///
/// Codes: NOT_FOUND (404), LAST_ADMINISTRATOR (409).
#[utoipa::path(delete, path = "/api/v1/users/{id}", operation_id = "remove_user", tag = "users", params(("id" = String, Path, description = "User id")), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(State(state): State<crate::State>, actor: Actor, id: Id, Query(NoParams {}): Query<NoParams>) -> Result<StatusCode, Refusal> {
    super::edit::remove(&state, &actor, &named(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a single-use link that sets a person's password, for somebody who never opened the first one or is locked out. Links made before
/// end; the password there is counts until the link is opened.
///
/// Codes: NOT_FOUND (404), USER_DISABLED (409).
#[utoipa::path(post, path = "/api/v1/users/{id}/link", operation_id = "make_user_link", tag = "users", params(("id" = String, Path, description = "User id")), responses((status = 201, body = Link), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn link(State(state): State<crate::State>, actor: Actor, id: Id) -> Result<(StatusCode, Answer<Link>), Refusal> {
    Ok((StatusCode::CREATED, Answer(super::edit::link(&state, &actor, &named(id)?).await?)))
}

fn named(id: Id) -> Result<UserId, Refusal> {
    id.map(|Path(id)| id).map_err(|_| Refusal::not_found())
}
