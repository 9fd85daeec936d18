//! Groups of customers: listing, making, changing and taking them away.

use crate::access::Actor;
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{Group, GroupDetail, GroupId, GroupPatch, List, NewGroup, Problem};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query, QueryParams},
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

type Id = Result<Path<GroupId>, PathRejection>;

/// Every group, by name; at most 500.
#[utoipa::path(get, path = "/api/v1/groups", operation_id = "list_groups", tag = "grants", responses((status = 200, body = List<Group>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<Answer<List<Group>>, Refusal> {
    Ok(Answer(List { data: super::list(&state).await? }))
}

/// Makes a group.
///
/// Codes: NAME_INVALID, UNKNOWN_CUSTOMER (400), NAME_TAKEN (409), TOO_MANY (422).
#[utoipa::path(post, path = "/api/v1/groups", operation_id = "add_group", tag = "grants", request_body = NewGroup, responses((status = 201, body = GroupDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add(State(state): State<crate::State>, actor: Actor, Json(new): Json<NewGroup>) -> Result<(StatusCode, Answer<GroupDetail>), Refusal> {
    Ok((StatusCode::CREATED, Answer(super::add(&state, &actor, &new).await?)))
}

/// One group with its customers.
#[utoipa::path(get, path = "/api/v1/groups/{id}", operation_id = "get_group", tag = "grants", params(("id" = String, Path, description = "Group id")), responses((status = 200, body = GroupDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(State(state): State<crate::State>, id: Id, Query(NoParams {}): Query<NoParams>) -> Result<Answer<GroupDetail>, Refusal> {
    Ok(Answer(super::one(&state, &named(id)?).await?))
}

/// Renames a group, or says who is in it from now on. Whoever was delegated the group is granted those who joined and loses those who left.
///
/// Codes: NAME_INVALID, UNKNOWN_CUSTOMER (400), NOT_FOUND (404), NAME_TAKEN (409).
#[utoipa::path(patch, path = "/api/v1/groups/{id}", operation_id = "update_group", tag = "grants", params(("id" = String, Path, description = "Group id")), request_body = GroupPatch, responses((status = 200, body = GroupDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn patch(State(state): State<crate::State>, actor: Actor, id: Id, Json(patch): Json<GroupPatch>) -> Result<Answer<GroupDetail>, Refusal> {
    Ok(Answer(super::edit(&state, &actor, &named(id)?, &patch).await?))
}

/// Whether a group may go that delegations name.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct RemoveGroup {
    /// `true` takes the delegations that name the group away with it.
    #[param(value_type = Option<bool>)]
    force: Option<String>,
}

impl QueryParams for RemoveGroup {}

/// Takes a group away; its customers stay.
///
/// Codes: NOT_FOUND (404), GROUP_IN_USE (409: delegations name it; the detail says how many. `force=true` takes them away, too).
#[utoipa::path(delete, path = "/api/v1/groups/{id}", operation_id = "remove_group", tag = "grants", params(("id" = String, Path, description = "Group id"), RemoveGroup), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(State(state): State<crate::State>, actor: Actor, id: Id, Query(asked): Query<RemoveGroup>) -> Result<StatusCode, Refusal> {
    let force = match asked.force.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Refusal::invalid("INVALID_INPUT", "force", "query: force: true or false")),
    };
    super::remove(&state, &actor, &named(id)?, force).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(id: Id) -> Result<GroupId, Refusal> {
    id.map(|Path(id)| id).map_err(|_| Refusal::not_found())
}
