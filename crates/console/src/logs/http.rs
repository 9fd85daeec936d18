//! The endpoint of log search.

use crate::access::{self, Action, Actor};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CustomerId, EventRow, LogSearch, Page, Problem};
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
