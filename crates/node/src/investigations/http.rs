//! One investigation: read it, change it, see the records behind its signals. And the administrator's own list.

use super::{
    page::{self, Wanted},
    store::{self, Named},
};
use crate::{
    State,
    access::{Action, AtWorkspace, AtWorkspaceWith, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{EventRow, InvestigationDetail, InvestigationPatch, InvestigationRow, List, RowFilter, Sort};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query, QueryParams},
};
use serde::Deserialize;
use utoipa::IntoParams;

const ADMIN_ROWS: usize = 500;

/// An investigation with its signals and its history.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = InvestigationDetail)))]
pub(crate) async fn get(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<InvestigationDetail>, Refusal> {
    let mut seen = detail(&state, &grant, &id).await?;
    state.presence().fill([&mut seen.investigation], state.clock().now_us());
    Ok(Json(seen))
}

/// The same for the workspace's own administrator, without what is internal to technicians.
#[utoipa::path(get, path = "/api/v1/investigations/{id}", tag = "investigations", params(("id" = String, Path)),
               responses((status = 200, body = InvestigationDetail)))]
pub(crate) async fn own(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
) -> Result<Json<InvestigationDetail>, Refusal> {
    detail(&state, &grant, &id).await.map(Json)
}

async fn detail(state: &State, grant: &WorkspaceGrant, id: &str) -> Result<InvestigationDetail, Refusal> {
    let named = Named::new(state.region(), grant);
    let work = async {
        store::viewed(grant, id, state.clock().now_us()).await?;
        store::detail(grant, &named, id).await
    };
    audit::audited(state, grant, "investigation.view", id, work).await
}

/// Changes an investigation. 409 with the current row when it is no longer at that version.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspace}/investigations/{id}", tag = "investigations", request_body = InvestigationPatch,
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = InvestigationRow)))]
pub(crate) async fn update(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(patch): Body<InvestigationPatch>,
) -> Result<Json<InvestigationRow>, Refusal> {
    let named = Named::new(state.region(), &grant);
    let work = store::update(&grant, &named, &id, &patch, state.clock().now_us());
    audit::audited(&state, &grant, "investigation.update", &id, work).await.map(Json)
}

/// Which signal's records.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfSignal {
    /// Id of a signal of this investigation.
    signal: String,
}

impl QueryParams for OfSignal {}

/// The records behind one signal.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/records", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace, OfSignal), responses((status = 200, body = List<EventRow>)))]
pub(crate) async fn records(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    AtWorkspaceWith(of): AtWorkspaceWith<OfSignal>,
) -> Result<Json<List<EventRow>>, Refusal> {
    let work = async {
        let events = store::signal_events(&grant, &id, &of.signal).await?;
        grant.demand(&[Action::ViewInvestigations])?.events(&events).await
    };
    let data = audit::audited(&state, &grant, "investigation.records", &id, work).await?;
    Ok(Json(List { data }))
}

/// The workspace's newest investigations, for its own administrator.
#[utoipa::path(get, path = "/api/v1/investigations", tag = "investigations", responses((status = 200, body = List<InvestigationRow>)))]
pub(crate) async fn list(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<InvestigationRow>>, Refusal> {
    let (named, filter) = (Named::new(state.region(), &grant), RowFilter::default());
    let wanted = Wanted { filter: &filter, sort: Sort::NEWEST, after: None, rows: ADMIN_ROWS, customer: None, closed_only: false };
    Ok(Json(List { data: page::page(&grant, &named, &wanted).await?.rows }))
}
