//! Going on an investigation, and off it.

use super::store;
use crate::{
    State,
    access::{AtWorkspace, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{InvestigationRow, TakeClaim};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query},
};

/// Puts the person on it for 15 minutes from now. Codes: CLAIMED (409) with the row while somebody else is, unless `take`.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/investigations/{id}/claim", tag = "investigations", request_body = TakeClaim,
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = InvestigationRow)))]
pub(crate) async fn claim(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(take): Body<TakeClaim>,
) -> Result<Json<InvestigationRow>, Refusal> {
    let now_us = state.clock().now_us();
    let work = store::claim(&grant, state.region(), &id, take.take, now_us);
    let mut row = audit::audited(&state, &grant, "investigation.claim", &id, work).await?;
    state.presence().fill([&mut row], now_us);
    Ok(Json(row))
}

/// Takes the person off it. Who is not on it changes nothing.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/investigations/{id}/claim", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = InvestigationRow)))]
pub(crate) async fn release(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<InvestigationRow>, Refusal> {
    let work = store::release(&grant, state.region(), &id);
    let mut row = audit::audited(&state, &grant, "investigation.release", &id, work).await?;
    state.presence().fill([&mut row], state.clock().now_us());
    Ok(Json(row))
}
