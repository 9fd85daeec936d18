//! Customers: adding one, listing them.

use crate::access::Actor;
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{Customer, CustomerId, NewCustomer, Page, Problem};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};
use http::StatusCode;

/// Every customer this person may know of: the primary first, then by name. `open` is live from the nodes; it is null for a customer
/// without a grant or whose node did not answer, and `scope` says which and why.
#[utoipa::path(get, path = "/api/v1/customers", operation_id = "list_customers", tag = "customers", responses((status = 200, body = Page<Customer>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, actor: Actor, Query(NoParams {}): Query<NoParams>) -> Result<Answer<Page<Customer>>, Refusal> {
    Ok(Answer(super::list(&state, &actor).await?))
}

/// One customer; 404 when there is none or it is not for this person.
#[utoipa::path(get, path = "/api/v1/customers/{id}", operation_id = "get_customer", tag = "customers", params(("id" = String, Path, description = "Customer id")), responses((status = 200, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Customer>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    Ok(Answer(super::one(&state, &actor, &id).await?))
}

/// Adds a customer. The workspace administrator's credentials are used once, to enrol, and kept nowhere. Nothing is saved on failure.
///
/// Codes: NAME_INVALID, MAIL_INVALID, PORT_INVALID (400); NAME_TAKEN, PRIMARY_TAKEN, ALREADY_ENROLLED (409); HOST_UNREACHABLE,
/// TLS_FAILED, AUTH_FAILED, NOT_ADMIN, VERSION_MISMATCH, ALREADY_INTEGRATED_ELSEWHERE, NODE_ADDRESS_DIFFERS, NODE_REFUSED (422).
#[utoipa::path(post, path = "/api/v1/customers", operation_id = "add_customer", tag = "customers", request_body = NewCustomer, responses((status = 201, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add(State(state): State<crate::State>, actor: Actor, Json(new): Json<NewCustomer>) -> Result<(StatusCode, Answer<Customer>), Refusal> {
    Ok((StatusCode::CREATED, Answer(super::enrol::add(&state, &actor, new).await?)))
}
