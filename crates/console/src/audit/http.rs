//! Reading the audit.

use super::store;
use axum::extract::State;
use bailiwick_api::{AuditEntry, List};
use bailiwick_chassis::{
    Refusal,
    extract::{NoParams, Query},
};

/// The newest 200 lines of the audit, newest first.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "list_audit", tag = "audit", responses((status = 200, body = List<AuditEntry>), (status = "4XX", body = bailiwick_api::Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<axum::Json<List<AuditEntry>>, Refusal> {
    Ok(axum::Json(List { data: store::newest(&state.db).await? }))
}
