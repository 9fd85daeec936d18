//! Whether this console runs, and whether it can do its work.

use super::store;
use axum::extract::State;
use bailiwick_api::Problem;
use bailiwick_chassis::Refusal;
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
