//! The doors to a search and to what sums one up: one for technicians, one for the administrator.

use super::{check, check_facets, check_histogram};
use crate::{
    State,
    access::{Action, AtWorkspace, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{EventPage, Facets, Histogram, LogFacets, LogHistogram, LogSearch};
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

/// Matching events of a workspace over time, for a technician.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/logs/histogram", tag = "logs", request_body = LogHistogram,
               params(("workspace" = String, Path), AtWorkspace), responses((status = 200, body = Histogram)))]
pub(crate) async fn histogram_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
    Body(ask): Body<LogHistogram>,
) -> Result<Json<Histogram>, Refusal> {
    over_time(&state, &grant, &ask).await
}

/// Matching events of the administrator's own workspace over time.
#[utoipa::path(post, path = "/api/v1/logs/histogram", tag = "logs", request_body = LogHistogram, responses((status = 200, body = Histogram)))]
pub(crate) async fn histogram(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(ask): Body<LogHistogram>,
) -> Result<Json<Histogram>, Refusal> {
    over_time(&state, &grant, &ask).await
}

/// The most frequent values of fields in matching events of a workspace, for a technician.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/logs/facets", tag = "logs", request_body = LogFacets,
               params(("workspace" = String, Path), AtWorkspace), responses((status = 200, body = Facets)))]
pub(crate) async fn facets_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
    Body(ask): Body<LogFacets>,
) -> Result<Json<Facets>, Refusal> {
    by_value(&state, &grant, &ask).await
}

/// The most frequent values of fields in matching events of the administrator's own workspace.
#[utoipa::path(post, path = "/api/v1/logs/facets", tag = "logs", request_body = LogFacets, responses((status = 200, body = Facets)))]
pub(crate) async fn facets(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery, Body(ask): Body<LogFacets>) -> Result<Json<Facets>, Refusal> {
    by_value(&state, &grant, &ask).await
}

async fn over_time(state: &State, grant: &WorkspaceGrant, ask: &LogHistogram) -> Result<Json<Histogram>, Refusal> {
    check_histogram(ask)?;
    let workspace = grant.demand(&[Action::SearchLogs])?;
    audit::audited(state, grant, "logs.histogram", "", workspace.histogram(ask)).await.map(Json)
}

async fn by_value(state: &State, grant: &WorkspaceGrant, ask: &LogFacets) -> Result<Json<Facets>, Refusal> {
    check_facets(ask)?;
    let workspace = grant.demand(&[Action::SearchLogs])?;
    audit::audited(state, grant, "logs.facets", "", workspace.facets(ask)).await.map(Json)
}
