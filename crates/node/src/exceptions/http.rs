//! Listing, making, replacing and taking away exceptions.

use super::{check, store};
use crate::{
    State,
    access::{AtWorkspaceWith, NoQuery, WorkspaceGrant},
    audit,
    rules::page_size,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{Exception, NewException};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query, QueryParams},
    secrets,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExceptionPaging {
    /// Exceptions a page, 1 to 100, 50 unless told.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for ExceptionPaging {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// A page of exceptions.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExceptionPage {
    /// The exceptions.
    data: Vec<Exception>,
    /// Where the next page begins; null at the end.
    next: Option<String>,
}

async fn page(state: &State, grant: &WorkspaceGrant, paging: &ExceptionPaging) -> Result<ExceptionPage, Refusal> {
    let limit = page_size(paging.limit, 50, 100)?;
    let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut data = store::list(grant, paging.cursor.as_deref().unwrap_or_default(), rows, state.clock().now_us()).await?;
    let more = data.len() > limit;
    data.truncate(limit);
    let next = data.last().filter(|_| more).map(|last| last.id.clone());
    Ok(ExceptionPage { data, next })
}

/// Every exception, ended ones included.
#[utoipa::path(get, path = "/api/v1/exceptions", tag = "detection", params(ExceptionPaging), responses((status = 200, body = ExceptionPage)))]
pub(crate) async fn list(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(paging): Query<ExceptionPaging>,
) -> Result<Json<ExceptionPage>, Refusal> {
    page(&state, &grant, &paging).await.map(Json)
}

/// The same for somebody who works there.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/exceptions", tag = "detection",
               params(("workspace" = String, Path), crate::access::AtWorkspace, ExceptionPaging), responses((status = 200, body = ExceptionPage)))]
pub(crate) async fn list_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(_workspace): Path<String>,
    AtWorkspaceWith(paging): AtWorkspaceWith<ExceptionPaging>,
) -> Result<Json<ExceptionPage>, Refusal> {
    audit::audited(&state, &grant, "exception.list", "", page(&state, &grant, &paging)).await.map(Json)
}

async fn put(state: &State, grant: &WorkspaceGrant, id: &str, new: &NewException, replaces: bool) -> Result<Exception, Refusal> {
    let now_us = state.clock().now_us();
    let work = async {
        let new = check(new, &grant.workspace().detection().current(), now_us)?;
        store::put(grant, id, &new, now_us, replaces).await?;
        grant.workspace().reload_detection().await
    };
    let verb = if replaces { "exception.replace" } else { "exception.add" };
    audit::audited(state, grant, verb, id, work).await?;
    store::get(grant, id, now_us).await
}

/// Makes an exception.
#[utoipa::path(post, path = "/api/v1/exceptions", tag = "detection", request_body = NewException, responses((status = 201, body = Exception)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(new): Body<NewException>,
) -> Result<(StatusCode, Json<Exception>), Refusal> {
    let made = put(&state, &grant, &secrets::random_id("exc-"), &new, false).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Replaces an exception; what it suppressed so far stays counted.
#[utoipa::path(put, path = "/api/v1/exceptions/{exception}", tag = "detection", params(("exception" = String, Path)), request_body = NewException,
               responses((status = 200, body = Exception)))]
pub(crate) async fn replace(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
    Body(new): Body<NewException>,
) -> Result<Json<Exception>, Refusal> {
    put(&state, &grant, &id, &new, true).await.map(Json)
}

/// Takes an exception away. Signals it suppressed stay suppressed.
#[utoipa::path(delete, path = "/api/v1/exceptions/{exception}", tag = "detection", params(("exception" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove(With(state): With<State>, grant: WorkspaceGrant, Path(id): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    let work = async {
        store::remove(&grant, &id).await?;
        grant.workspace().reload_detection().await
    };
    audit::audited(&state, &grant, "exception.remove", &id, work).await?;
    Ok(StatusCode::NO_CONTENT)
}
