//! The endpoints of exports: the administrator's switch, and a case as a file.

use super::store;
use crate::{
    State,
    access::{Action, AtWorkspace, AtWorkspaceWith, NoQuery, WorkspaceGrant},
    audit,
    investigations::store::Named,
};
use axum::{
    Json,
    extract::{Path, State as With},
    response::{IntoResponse, Response},
};
use bailiwick_api::{CaseFormat, Exports};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, QueryParams},
};
use http::header;
use serde::Deserialize;
use utoipa::IntoParams;

/// Whether cases of the workspace may be exported to files.
#[utoipa::path(get, path = "/api/v1/exports", tag = "access", responses((status = 200, body = Exports)))]
pub(crate) async fn get(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<Exports>, Refusal> {
    store::read(grant.demand(&[Action::ReviewAccess])?.db()).await.map(Json)
}

/// Allows it, or takes that back.
#[utoipa::path(put, path = "/api/v1/exports", tag = "access", request_body = Exports, responses((status = 200, body = Exports)))]
pub(crate) async fn put(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery, Body(exports): Body<Exports>) -> Result<Json<Exports>, Refusal> {
    let verb = if exports.allowed { "settings.exports.allow" } else { "settings.exports.refuse" };
    audit::audited(&state, &grant, verb, "", store::put(&grant, exports, state.clock().now_us())).await?;
    Ok(Json(exports))
}

/// How the file is written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormatParams {
    /// `json` unless told.
    #[param(inline)]
    format: Option<CaseFormat>,
}

impl QueryParams for FormatParams {}

/// A case as a file. EXPORT_OFF (403) until the workspace's administrator allows it.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/export", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace, FormatParams),
               responses((status = 200, content((String = "application/json"), (String = "application/pdf")))))]
pub(crate) async fn case(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    AtWorkspaceWith(params): AtWorkspaceWith<FormatParams>,
) -> Result<Response, Refusal> {
    let named = Named::new(state.region(), &grant);
    let format = params.format.unwrap_or_default();
    let (verb, kind) = match format {
        CaseFormat::Json => ("investigation.export.json", "application/json"),
        CaseFormat::Pdf => ("investigation.export.pdf", "application/pdf"),
    };
    let work = super::write(&grant, &named, &id, format, state.clock().now_us());
    let file = audit::audited(&state, &grant, verb, &id, work).await?;
    Ok(([(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], file).into_response())
}
