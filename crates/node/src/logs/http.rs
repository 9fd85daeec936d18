//! The two doors to a search.

use super::check;
use crate::{
    State,
    access::{Action, AtWorkspace, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{EventPage, LogSearch};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query},
};

/// Searches the lake of a workspace, as a technician.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/logs/search", tag = "logs", request_body = LogSearch,
               params(("workspace" = String, Path), AtWorkspace), responses((status = 200, body = EventPage)))]
pub(crate) async fn search_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
    Body(search): Body<LogSearch>,
) -> Result<Json<EventPage>, Refusal> {
    run(&state, &grant, &search).await
}

/// Searches the lake of the administrator's own workspace.
#[utoipa::path(post, path = "/api/v1/logs/search", tag = "logs", request_body = LogSearch, responses((status = 200, body = EventPage)))]
pub(crate) async fn search(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(search): Body<LogSearch>,
) -> Result<Json<EventPage>, Refusal> {
    run(&state, &grant, &search).await
}

async fn run(state: &State, grant: &WorkspaceGrant, search: &LogSearch) -> Result<Json<EventPage>, Refusal> {
    check(search)?;
    let workspace = grant.demand(&[Action::SearchLogs])?;
    audit::audited(state, grant, "logs.search", "", workspace.search(search)).await.map(Json)
}
