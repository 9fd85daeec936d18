//! The endpoints of log search and of what sums a search up.

use crate::access::{self, Action, Actor};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CustomerId, EventRow, Facets, Histogram, LogFacets, LogHistogram, LogSearch, Page, Problem, Scoped};
use bailiwick_chassis::{Refusal, extract::Json};

/// Searches one customer's logs, newest first. No window unless asked. When the node does not answer the page is empty and `scope` says why.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT, CURSOR_INVALID and the node's own about the query (400), FORBIDDEN (403), NOT_FOUND (404).
#[utoipa::path(post, path = "/api/v1/customers/{id}/logs/search", operation_id = "search_logs", tag = "logs", params(("id" = String, Path, description = "Customer")), request_body = LogSearch, responses((status = 200, body = Page<EventRow>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn search(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(search): Json<LogSearch>,
) -> Result<Answer<Page<EventRow>>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::SearchLogs, &id).await?;
    let wanted = super::checked(search)?;
    super::search(&state, &grant, &wanted).await.map(Answer)
}

/// Sums up one customer's matching events over time. When the node does not answer there are no buckets and `scope` says why.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT and the node's own about the query (400), FORBIDDEN (403), NOT_FOUND (404).
#[utoipa::path(post, path = "/api/v1/customers/{id}/logs/histogram", operation_id = "histogram_logs", tag = "logs", params(("id" = String, Path, description = "Customer")), request_body = LogHistogram, responses((status = 200, body = Scoped<Histogram>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn histogram(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(ask): Json<LogHistogram>,
) -> Result<Answer<Scoped<Histogram>>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::SearchLogs, &id).await?;
    super::check(&ask.query, ask.from, ask.to)?;
    super::pass(&state, &grant, "histogram", &ask).await.map(Answer)
}

/// The most frequent values of fields in one customer's matching events. When the node does not answer there are none and `scope` says why.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT and the node's own about the query (400), FORBIDDEN (403), NOT_FOUND (404).
#[utoipa::path(post, path = "/api/v1/customers/{id}/logs/facets", operation_id = "facet_logs", tag = "logs", params(("id" = String, Path, description = "Customer")), request_body = LogFacets, responses((status = 200, body = Scoped<Facets>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn facets(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(ask): Json<LogFacets>,
) -> Result<Answer<Scoped<Facets>>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::SearchLogs, &id).await?;
    super::check(&ask.query, ask.from, ask.to)?;
    super::pass(&state, &grant, "facets", &ask).await.map(Answer)
}
