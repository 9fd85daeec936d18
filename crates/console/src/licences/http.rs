//! Setting the pool, allocating, and seeing both.

use super::{allocate, pool};
use crate::access::{self, Actor};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{Allocation, CustomerId, LicencePool, Licences, Problem, PutAllocation, PutPool};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};

/// The pool, for those who manage licences, and every customer's licence that this person may see: allocated, applied, used.
#[utoipa::path(get, path = "/api/v1/licences", operation_id = "list_licences", tag = "licences", responses((status = 200, body = Licences), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, actor: Actor, Query(NoParams {}): Query<NoParams>) -> Result<Answer<Licences>, Refusal> {
    Ok(Answer(super::list(&state, &actor).await?))
}

/// The pool: how much there is, how much is allocated and left, and when it ends.
#[utoipa::path(get, path = "/api/v1/licences/pool", operation_id = "get_licence_pool", tag = "licences", responses((status = 200, body = LicencePool), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_pool(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<Answer<LicencePool>, Refusal> {
    Ok(Answer(pool::get(&state).await?))
}

/// Sets the pool, by hand or with a signed file. It takes the place of the one before as a whole.
///
/// Codes: OVER_ALLOCATED (409: more is allocated than this holds; `current` says of what), NO_LICENCE_KEY, LICENCE_FILE_INVALID (422).
#[utoipa::path(put, path = "/api/v1/licences/pool", operation_id = "put_licence_pool", tag = "licences", request_body = PutPool, responses((status = 200, body = LicencePool), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put_pool(State(state): State<crate::State>, actor: Actor, Json(new): Json<PutPool>) -> Result<Answer<LicencePool>, Refusal> {
    Ok(Answer(pool::put(&state, &actor, &new).await?))
}

/// A customer's licence. Before any allocation every number is null.
#[utoipa::path(get, path = "/api/v1/customers/{id}/licence", operation_id = "get_licence", tag = "licences", params(("id" = String, Path, description = "Customer id")), responses((status = 200, body = Allocation), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Allocation>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let seen = access::see(&state, &actor, &id).await?;
    Ok(Answer(super::one(&state, &seen).await?))
}

/// Allocates to a customer, in the place of what was allocated before. It counts here at once and goes to the node by itself, also to one
/// that is down now: `state` tells.
///
/// Codes (409, `current` holds the numbers): NO_POOL, POOL_EXPIRED, OVER_ALLOCATED (resource, requested, available), BELOW_USAGE (resource,
/// requested, used; `force` with a `reason` allocates it all the same); REASON_REQUIRED (400).
#[utoipa::path(put, path = "/api/v1/customers/{id}/licence", operation_id = "put_licence", tag = "licences", params(("id" = String, Path, description = "Customer id")), request_body = PutAllocation, responses((status = 200, body = Allocation), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(new): Json<PutAllocation>,
) -> Result<Answer<Allocation>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let seen = access::see(&state, &actor, &id).await?;
    Ok(Answer(allocate::allocate(&state, &actor, &seen, &new).await?))
}
