//! Letting customers go, taking it back, and what became of it.

use crate::{access::Actor, audit};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{Customer, CustomerId, DeleteCustomer, ForceDelete, List, Problem, Removal};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};

type Id = Result<Path<CustomerId>, PathRejection>;

/// Lets a customer go. Its node has to answer: it suspends the relationship at once, and so does the console; nobody reaches the customer
/// any more, and its name is free. The enrolment, the technicians' roles and the console's key are removed when the time to undo it
/// (24 h unless configured) is over, or at once with `now`, also after it was deleted without.
///
/// Codes: PASSWORD_WRONG (403), NOT_FOUND (404), THROTTLED (429), NODE_UNREACHABLE (502: force delete is possible from now on).
#[utoipa::path(delete, path = "/api/v1/customers/{id}", operation_id = "delete_customer", tag = "customers", params(("id" = String, Path, description = "Customer id")), request_body = DeleteCustomer, responses((status = 200, body = Removal), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete(State(state): State<crate::State>, actor: Actor, id: Id, Json(asked): Json<DeleteCustomer>) -> Result<Answer<Removal>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let removal = super::delete(&state, &actor, &id, &asked.password, asked.now).await;
    audit::refusals(&state, &actor, "customer.delete", Some(&id), removal).await.map(Answer)
}

/// Lets a customer go whose node did not answer when it was deleted. Its node is told when it is back, and cleans up.
///
/// Codes: REASON_MISSING (400), PASSWORD_WRONG (403), NOT_FOUND (404), SOFT_DELETE_FIRST (409), THROTTLED (429).
#[utoipa::path(post, path = "/api/v1/customers/{id}/force-delete", operation_id = "force_delete_customer", tag = "customers", params(("id" = String, Path, description = "Customer id")), request_body = ForceDelete, responses((status = 200, body = Removal), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn force(State(state): State<crate::State>, actor: Actor, id: Id, Json(asked): Json<ForceDelete>) -> Result<Answer<Removal>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let removal = super::force(&state, &actor, &id, &asked.reason, &asked.password).await;
    audit::refusals(&state, &actor, "customer.force_delete", Some(&id), removal).await.map(Answer)
}

/// Takes a deletion back while there is time. Its node has to answer.
///
/// Codes: NOT_FOUND (404), NAME_TAKEN, TOO_LATE (409), NODE_UNREACHABLE (502).
#[utoipa::path(post, path = "/api/v1/customers/{id}/restore", operation_id = "restore_customer", tag = "customers", params(("id" = String, Path, description = "Customer id")), responses((status = 200, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn restore(State(state): State<crate::State>, actor: Actor, id: Id) -> Result<Answer<Customer>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let customer = super::restore(&state, &actor, &id).await;
    audit::refusals(&state, &actor, "customer.restore", Some(&id), customer).await.map(Answer)
}

/// Customers on their way out and what became of those who are gone: the latest 500, newest first.
#[utoipa::path(get, path = "/api/v1/removals", operation_id = "list_removals", tag = "customers", responses((status = 200, body = List<Removal>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<Answer<List<Removal>>, Refusal> {
    Ok(Answer(List { data: super::store::list(&state.db).await? }))
}
