//! Listing, making, replacing and taking away custom insights.

use super::{check, store};
use crate::{
    State,
    access::{AtWorkspace, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{CustomInsight, List, NewCustomInsight};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query},
    secrets,
};
use http::StatusCode;

/// Every custom insight by name, at most 100.
#[utoipa::path(get, path = "/api/v1/custom-insights", tag = "detection", responses((status = 200, body = List<CustomInsight>)))]
pub(crate) async fn list(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<CustomInsight>>, Refusal> {
    Ok(Json(List { data: store::list(&grant).await? }))
}

/// The same for somebody who works there.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/custom-insights", tag = "detection",
               params(("workspace" = String, Path), AtWorkspace), responses((status = 200, body = List<CustomInsight>)))]
pub(crate) async fn list_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(_workspace): Path<String>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<List<CustomInsight>>, Refusal> {
    let data = audit::audited(&state, &grant, "custom_insight.list", "", store::list(&grant)).await?;
    Ok(Json(List { data }))
}

async fn put(state: &State, grant: &WorkspaceGrant, id: &str, new: &NewCustomInsight, replaces: bool) -> Result<CustomInsight, Refusal> {
    let work = async {
        store::put(grant, id, &check(new)?, state.clock().now_us(), replaces).await?;
        grant.workspace().reload_detection().await
    };
    let verb = if replaces { "custom_insight.replace" } else { "custom_insight.add" };
    audit::audited(state, grant, verb, id, work).await?;
    store::list(grant).await?.into_iter().find(|made| made.id == id).ok_or_else(Refusal::not_found)
}

/// Makes a custom insight.
#[utoipa::path(post, path = "/api/v1/custom-insights", tag = "detection", request_body = NewCustomInsight, responses((status = 201, body = CustomInsight)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(new): Body<NewCustomInsight>,
) -> Result<(StatusCode, Json<CustomInsight>), Refusal> {
    let made = put(&state, &grant, &secrets::random_id("ins-"), &new, false).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Replaces a custom insight.
#[utoipa::path(put, path = "/api/v1/custom-insights/{insight}", tag = "detection", params(("insight" = String, Path)),
               request_body = NewCustomInsight, responses((status = 200, body = CustomInsight)))]
pub(crate) async fn replace(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
    Body(new): Body<NewCustomInsight>,
) -> Result<Json<CustomInsight>, Refusal> {
    put(&state, &grant, &id, &new, true).await.map(Json)
}

/// Takes a custom insight away. Investigations it opened stay.
#[utoipa::path(delete, path = "/api/v1/custom-insights/{insight}", tag = "detection", params(("insight" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove(With(state): With<State>, grant: WorkspaceGrant, Path(id): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    let work = async {
        store::remove(&grant, &id).await?;
        grant.workspace().reload_detection().await
    };
    audit::audited(&state, &grant, "custom_insight.remove", &id, work).await?;
    Ok(StatusCode::NO_CONTENT)
}
