//! Whether this console runs, whether it can do its work, and how a customer is.

use super::store;
use crate::access::{self, Actor};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CustomerHealth, CustomerId, Problem};
use bailiwick_chassis::{
    Refusal,
    extract::{NoParams, Query},
};
use http::StatusCode;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(2);

/// The process runs.
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "operation", responses((status = 200, body = String)))]
pub async fn healthz() -> &'static str {
    "ok"
}

/// The console can work: its database answers.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "operation", responses((status = 200, body = String), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub async fn readyz(State(state): State<crate::State>) -> Result<&'static str, Refusal> {
    match tokio::time::timeout(DEADLINE, store::database_answers(&state.db)).await {
        Ok(Ok(())) => Ok("ok"),
        _ => Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "NOT_READY").detail("the database does not answer")),
    }
}

/// How a customer is: its state with cause and advice, each direction of the connection, the parts of its node, latency and history.
#[utoipa::path(get, path = "/api/v1/customers/{id}/health", operation_id = "get_customer_health", tag = "customers", params(("id" = String, Path, description = "Customer id")), responses((status = 200, body = CustomerHealth), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn of_customer(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<CustomerHealth>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let seen = access::see(&state, &actor, &id).await?;
    Ok(Answer(super::of_customer(&state, &seen).await?))
}
