//! The endpoints of what people do to a case: open one, set a field, move signals, merge, look around.

use super::{
    alerts, create, merge as merging, related as around,
    store::{self, Named},
};
use crate::{
    State,
    access::{Action, AtWorkspace, AtWorkspaceWith, WorkspaceGrant},
    audit, paging,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{
    AlertPage, AuditEntry, InvestigationPatch, InvestigationRow, LinkAlerts, List, Merge, NewInvestigation, Paged, RelatedRow, SetFields,
};
use bailiwick_chassis::{
    Refusal,
    audit::{self as chained, Criteria, Filter, Whom},
    extract::{Json as Body, Query, QueryParams},
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageParams {
    /// Rows a page, 1 to 1000, 200 unless told.
    pub(crate) limit: Option<u32>,
    /// Where the page before ended.
    pub(crate) cursor: Option<String>,
}

impl QueryParams for PageParams {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// Opens an investigation.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/investigations", tag = "investigations", request_body = NewInvestigation,
               params(("workspace" = String, Path), AtWorkspace), responses((status = 201, body = InvestigationRow)))]
pub(crate) async fn open(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
    Body(new): Body<NewInvestigation>,
) -> Result<(StatusCode, Json<InvestigationRow>), Refusal> {
    let named = Named::new(state.region(), &grant);
    let made = create::create(&grant, &named, &new, state.clock().now_us()).await;
    // The line names what was made, so that the audit of the case begins with it.
    let subject = made.as_ref().ok().and_then(|row| named.id_of(&row.rrn)).unwrap_or_default();
    let row = audit::audited(&state, &grant, "investigation.create", &subject, async { made }).await?;
    Ok((StatusCode::CREATED, Json(row)))
}

/// Sets fields, whatever the version unless one is given. What is so already changes nothing.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/investigations/{id}/fields", tag = "investigations", request_body = SetFields,
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = InvestigationRow)))]
pub(crate) async fn set_fields(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(set): Body<SetFields>,
) -> Result<Json<InvestigationRow>, Refusal> {
    let named = Named::new(state.region(), &grant);
    let SetFields { version, status, priority, disposition, assignee } = set;
    let patch = InvestigationPatch { status, priority, disposition, assignee, ..InvestigationPatch::default() };
    let work = store::change(&grant, &named, &id, &patch, version, state.clock().now_us());
    audit::audited(&state, &grant, "investigation.update", &id, work).await.map(Json)
}

/// Its signals, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/alerts", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace, PageParams), responses((status = 200, body = AlertPage)))]
pub(crate) async fn alerts(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    AtWorkspaceWith(page): AtWorkspaceWith<PageParams>,
) -> Result<Json<AlertPage>, Refusal> {
    alert_page(&state, &grant, &id, &page).await
}

/// The same for the workspace's own administrator.
#[utoipa::path(get, path = "/api/v1/investigations/{id}/alerts", tag = "investigations", params(("id" = String, Path), PageParams),
               responses((status = 200, body = AlertPage)))]
pub(crate) async fn own_alerts(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    Query(page): Query<PageParams>,
) -> Result<Json<AlertPage>, Refusal> {
    alert_page(&state, &grant, &id, &page).await
}

async fn alert_page(state: &State, grant: &WorkspaceGrant, id: &str, page: &PageParams) -> Result<Json<AlertPage>, Refusal> {
    let work = async { alerts::page(grant, id, paging::rows(page.limit)?, page.cursor.as_deref()).await };
    audit::audited_each_minute(state, grant, "investigation.alerts", work).await.map(Json)
}

/// Makes signals part of it; one that belongs to another investigation leaves that.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/investigations/{id}/alerts", tag = "investigations", request_body = LinkAlerts,
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = InvestigationRow)))]
pub(crate) async fn link(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(link): Body<LinkAlerts>,
) -> Result<Json<InvestigationRow>, Refusal> {
    let named = Named::new(state.region(), &grant);
    let work = alerts::link(&grant, &named, &id, &link.alerts, state.clock().now_us());
    audit::audited(&state, &grant, "investigation.alert.link", &id, work).await.map(Json)
}

/// Takes a signal out of it; correlation does not join it again.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/investigations/{id}/alerts/{alert}", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), ("alert" = String, Path), AtWorkspace),
               responses((status = 200, body = InvestigationRow)))]
pub(crate) async fn unlink(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id, alert)): Path<(String, String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<InvestigationRow>, Refusal> {
    let named = Named::new(state.region(), &grant);
    let work = alerts::unlink(&grant, &named, &id, &alert, state.clock().now_us());
    audit::audited(&state, &grant, "investigation.alert.unlink", &id, work).await.map(Json)
}

/// Merges it into another of the same workspace; answers with the one that stays.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/investigations/{id}/merge", tag = "investigations", request_body = Merge,
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = InvestigationRow)))]
pub(crate) async fn merge(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(merge): Body<Merge>,
) -> Result<Json<InvestigationRow>, Refusal> {
    let named = Named::new(state.region(), &grant);
    let work = merging::merge(&grant, &named, &id, &merge, state.clock().now_us());
    audit::audited(&state, &grant, "investigation.merge", &id, work).await.map(Json)
}

/// Investigations that share an entity with it, newest change first, at most 50.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/related", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = List<RelatedRow>)))]
pub(crate) async fn related(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<List<RelatedRow>>, Refusal> {
    let named = Named::new(state.region(), &grant);
    let data = audit::audited_each_minute(&state, &grant, "investigation.related", around::related(&grant, &named, &id)).await?;
    Ok(Json(List { data }))
}

/// The lines of the workspace's audit about it, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/audit", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace, PageParams), responses((status = 200, body = Paged<AuditEntry>)))]
pub(crate) async fn trail(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    AtWorkspaceWith(page): AtWorkspaceWith<PageParams>,
) -> Result<Json<Paged<AuditEntry>>, Refusal> {
    let work = async {
        let db = grant.demand(&[Action::ViewInvestigations])?.db();
        let known = sqlx::query("select 1 as one from investigation where id = $1").bind(&id).fetch_optional(db.pool()).await?;
        known.ok_or_else(Refusal::not_found)?;
        let limit = chained::limit(page.limit)?;
        let filter = Filter::new(db, &Whom::Everybody, &Criteria { subject: Some(id.clone()), ..Criteria::default() }).await?;
        chained::page(db, &filter, limit, page.cursor.as_deref()).await
    };
    audit::audited_each_minute(&state, &grant, "investigation.audit", work).await.map(Json)
}
