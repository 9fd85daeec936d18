//! The endpoint of the health score.

use crate::access::{self, Action, Actor};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CustomerId, Problem, dashboards::HealthScore};
use bailiwick_chassis::{
    Refusal,
    extract::{NoParams, Query},
};

/// How a customer stands, 0 to 100, with what each part of it is made of: issues of collection, drift of ingest, failed records, overdue
/// investigations, and how long the licence lasts. Asked of the customer's node now; the formula is in docs/dashboards.md.
///
/// Codes: FORBIDDEN (403), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/customers/{id}/health-score", operation_id = "get_health_score", tag = "customers", params(("id" = String, Path, description = "Customer")), responses((status = 200, body = HealthScore), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<HealthScore>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::ViewInvestigations, &id).await?;
    super::score(&state, &grant).await.map(Answer)
}
