//! Saying that one looks at an investigation, and that one does not any more.

use crate::{
    State,
    access::{AtWorkspace, WorkspaceGrant},
    audit, claims, technicians,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::Looking;
use bailiwick_chassis::{Refusal, extract::Query};

/// Says that one looks at it, for the next 30 s; who does. A page says so again every 10 s, and the audit notes it once a minute.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/investigations/{id}/presence", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = Looking)))]
pub(crate) async fn look(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<Looking>, Refusal> {
    let work = async {
        claims::store::demand_one(&grant, &id).await?;
        let who = technicians::me(&grant).await?;
        Ok(state.presence().look(grant.workspace().id(), &id, who, state.clock().now_us()))
    };
    let looking = audit::audited_each_minute(&state, &grant, "investigation.look", work).await?;
    Ok(Json(Looking { looking }))
}

/// Says that one looks at it no more; who still does.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/investigations/{id}/presence", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = Looking)))]
pub(crate) async fn leave(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<Looking>, Refusal> {
    let work = async {
        claims::store::demand_one(&grant, &id).await?;
        Ok(state.presence().leave(grant.workspace().id(), &id, grant.actor(), state.clock().now_us()))
    };
    let looking = audit::audited_each_minute(&state, &grant, "investigation.leave", work).await?;
    Ok(Json(Looking { looking }))
}
