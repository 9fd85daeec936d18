//! The doors to SQL: one for technicians, who see and stop what is their own, one for the administrator.

use super::{SEARCH, check};
use crate::{
    State,
    access::{AtWorkspace, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{List, RunningSql, SqlAnswer, SqlQuery};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query},
    secrets,
};
use http::StatusCode;

/// Runs one SELECT over the administrator's own workspace.
///
/// Codes: SQL_INVALID with a position, SQL_FAILED, INVALID_INPUT (400), CANCELLED (409), SQL_TOO_LARGE, SQL_DEADLINE (422), BUSY (429).
#[utoipa::path(post, path = "/api/v1/sql", tag = "logs", request_body = SqlQuery, responses((status = 200, body = SqlAnswer)))]
pub(crate) async fn run(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery, Body(ask): Body<SqlQuery>) -> Result<Json<SqlAnswer>, Refusal> {
    answer(&state, &grant, &ask).await
}

/// Runs one SELECT over a workspace, as a technician. Codes as for the administrator.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/sql", tag = "logs", request_body = SqlQuery,
               params(("workspace" = String, Path), AtWorkspace), responses((status = 200, body = SqlAnswer)))]
pub(crate) async fn run_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
    Body(ask): Body<SqlQuery>,
) -> Result<Json<SqlAnswer>, Refusal> {
    answer(&state, &grant, &ask).await
}

/// The statements that run in the administrator's own workspace, everybody's.
#[utoipa::path(get, path = "/api/v1/sql", tag = "logs", responses((status = 200, body = List<RunningSql>)))]
pub(crate) async fn list(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<RunningSql>>, Refusal> {
    running(&grant)
}

/// The technician's own statements that run in a workspace.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/sql", tag = "logs",
               params(("workspace" = String, Path), AtWorkspace), responses((status = 200, body = List<RunningSql>)))]
pub(crate) async fn list_at(grant: WorkspaceGrant, Query(_role): Query<AtWorkspace>) -> Result<Json<List<RunningSql>>, Refusal> {
    running(&grant)
}

/// Stops a statement in the administrator's own workspace, whosever it is.
#[utoipa::path(delete, path = "/api/v1/sql/{id}", tag = "logs", params(("id" = String, Path)), responses((status = 204)))]
pub(crate) async fn stop(With(state): With<State>, grant: WorkspaceGrant, Path(id): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    end(&state, &grant, &id).await
}

/// Stops a statement of the technician's own in a workspace.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/sql/{id}", tag = "logs",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 204)))]
pub(crate) async fn stop_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<StatusCode, Refusal> {
    end(&state, &grant, &id).await
}

async fn answer(state: &State, grant: &WorkspaceGrant, ask: &SqlQuery) -> Result<Json<SqlAnswer>, Refusal> {
    let asked = check(ask)?;
    let (id, now_us) = (secrets::random_id("sql-"), state.clock().now_us());
    audit::audited(state, grant, "sql.run", &id.clone(), super::run(grant, asked, id, now_us)).await.map(Json)
}

/// Technicians reach what is their own, the administrator everybody's.
fn reach(grant: &WorkspaceGrant) -> Option<&str> {
    grant.role().map(|_| grant.actor())
}

fn running(grant: &WorkspaceGrant) -> Result<Json<List<RunningSql>>, Refusal> {
    Ok(Json(List { data: grant.demand(SEARCH)?.queries().list(reach(grant)) }))
}

async fn end(state: &State, grant: &WorkspaceGrant, id: &str) -> Result<StatusCode, Refusal> {
    let workspace = grant.demand(SEARCH)?;
    let stopped = async { if workspace.queries().stop(id, reach(grant)) { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::not_found()) } };
    audit::audited(state, grant, "sql.stop", id, stopped).await
}
