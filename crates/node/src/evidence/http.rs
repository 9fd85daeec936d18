//! The endpoints of evidence.

use super::{check, rows, store};
use crate::{
    State,
    access::{AtWorkspace, AtWorkspaceWith, WorkspaceGrant},
    audit,
    investigations::{case_http::PageParams, store::Named},
    paging,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{Evidence, EvidenceAdded, NewEvidence, Paged};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query},
};
use http::StatusCode;

/// Log rows that were added to an investigation, in the order of their adding.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/evidence", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace, PageParams), responses((status = 200, body = Paged<Evidence>)))]
pub(crate) async fn list_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    AtWorkspaceWith(page): AtWorkspaceWith<PageParams>,
) -> Result<Json<Paged<Evidence>>, Refusal> {
    page_of(&state, &grant, &id, &page).await
}

/// The same for the workspace's own administrator.
#[utoipa::path(get, path = "/api/v1/investigations/{id}/evidence", tag = "investigations", params(("id" = String, Path), PageParams),
               responses((status = 200, body = Paged<Evidence>)))]
pub(crate) async fn list(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    Query(page): Query<PageParams>,
) -> Result<Json<Paged<Evidence>>, Refusal> {
    page_of(&state, &grant, &id, &page).await
}

async fn page_of(state: &State, grant: &WorkspaceGrant, id: &str, page: &PageParams) -> Result<Json<Paged<Evidence>>, Refusal> {
    let work = async { store::page(grant, id, paging::rows(page.limit)?, page.cursor.as_deref()).await };
    audit::audited_each_minute(state, grant, "investigation.evidence", work).await.map(Json)
}

/// Adds log rows to an investigation, as they are now.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/investigations/{id}/evidence", tag = "investigations", request_body = NewEvidence,
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = EvidenceAdded)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(new): Body<NewEvidence>,
) -> Result<Json<EvidenceAdded>, Refusal> {
    let named = Named::new(state.region(), &grant);
    let work = async {
        let found = rows(&grant, &check(&new)?).await?;
        store::add_to(&grant, &named, &id, (&found, new.note.as_deref()), state.clock().now_us()).await
    };
    audit::audited(&state, &grant, "investigation.evidence.add", &id, work).await.map(Json)
}

/// Takes a log row out of an investigation.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/investigations/{id}/evidence/{event}", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), ("event" = String, Path), AtWorkspace), responses((status = 204)))]
pub(crate) async fn remove(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id, event)): Path<(String, String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<StatusCode, Refusal> {
    let work = store::remove(&grant, &id, &event, state.clock().now_us());
    audit::audited(&state, &grant, "investigation.evidence.remove", &id, work).await?;
    Ok(StatusCode::NO_CONTENT)
}
