//! The endpoints of attachments. A console sends a file in parts, each a call of its own, and takes it the same way: neither side holds all
//! of it, and each part is proved like every call.

use super::{check, files, store};
use crate::{
    State,
    access::{Action, AtWorkspace, AtWorkspaceWith, NoQuery, WorkspaceGrant},
    audit, comments,
    investigations::store::Named,
    workspaces::Workspace,
};
use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, State as With},
    response::{IntoResponse, Response},
};
use bailiwick_api::{Attachment, FinishUpload, List, NewUpload, ScanStatus, Upload};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as JsonBody, Query, QueryParams},
};
use futures_util::stream;
use http::{HeaderName, StatusCode, header};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// From where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FromOffset {
    /// Bytes before it.
    offset: u64,
}

impl QueryParams for FromOffset {
    const NUMBERS: &'static [&'static str] = &["offset"];
}

/// Begins a file, which is sent in parts and then finished.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/investigations/{id}/attachments", tag = "investigations", request_body = NewUpload,
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 201, body = Upload)))]
pub(crate) async fn begin(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    JsonBody(new): JsonBody<NewUpload>,
) -> Result<(StatusCode, Json<Upload>), Refusal> {
    let named = Named::new(state.region(), &grant);
    let work = async {
        let (new, author) = (check(&new)?, comments::author(&grant).await?);
        let limits = (state.attachments().quota_bytes, state.clock().now_us());
        store::begin(&grant, &named, &id, (&new, &author), limits).await
    };
    let upload = audit::audited(&state, &grant, "investigation.attachment.begin", &id, work).await?;
    Ok((StatusCode::CREATED, Json(upload)))
}

/// Adds a part to a file that was begun by the same person.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/investigations/{id}/attachments/{attachment}/content", tag = "investigations",
               request_body(content = String, content_type = "application/octet-stream"),
               params(("workspace" = String, Path), ("id" = String, Path), ("attachment" = String, Path), AtWorkspace, FromOffset),
               responses((status = 204)))]
pub(crate) async fn part(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id, attachment)): Path<(String, String, String)>,
    AtWorkspaceWith(from): AtWorkspaceWith<FromOffset>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let part = store::part(&grant, &id, &attachment, from.offset, body.to_vec()).await;
    if part.is_err() {
        // What worked is told once, when the file is whole.
        audit::audited(&state, &grant, "investigation.attachment.part", &id, async { part }).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Says that a file is whole.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/investigations/{id}/attachments/{attachment}/finish", tag = "investigations",
               request_body = FinishUpload,
               params(("workspace" = String, Path), ("id" = String, Path), ("attachment" = String, Path), AtWorkspace),
               responses((status = 200, body = Attachment)))]
pub(crate) async fn finish(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id, attachment)): Path<(String, String, String)>,
    Query(_role): Query<AtWorkspace>,
    JsonBody(finish): JsonBody<FinishUpload>,
) -> Result<Json<Attachment>, Refusal> {
    let config = state.attachments();
    let work = async {
        let limits = (config.quota_bytes, config.clamd.is_some());
        let file = store::finish(&grant, &id, (&attachment, &finish), limits, state.clock().now_us()).await?;
        if file.scan_status == ScanStatus::Pending {
            state.scanner().wait_for(&state, grant.workspace().id()).await?;
        }
        Ok(file)
    };
    audit::audited(&state, &grant, "investigation.attachment.add", &id, work).await.map(Json)
}

/// Files of an investigation, oldest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/attachments", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 200, body = List<Attachment>)))]
pub(crate) async fn list_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<List<Attachment>>, Refusal> {
    let data = audit::audited_each_minute(&state, &grant, "investigation.attachments", store::list(&grant, &id)).await?;
    Ok(Json(List { data }))
}

/// The same for the workspace's own administrator: files of public comments alone.
#[utoipa::path(get, path = "/api/v1/investigations/{id}/attachments", tag = "investigations", params(("id" = String, Path)),
               responses((status = 200, body = List<Attachment>)))]
pub(crate) async fn list(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
) -> Result<Json<List<Attachment>>, Refusal> {
    let data = audit::audited_each_minute(&state, &grant, "investigation.attachments", store::list(&grant, &id)).await?;
    Ok(Json(List { data }))
}

/// One file's description; a refusal when it must not be handed out.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/attachments/{attachment}", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), ("attachment" = String, Path), AtWorkspace),
               responses((status = 200, body = Attachment)))]
pub(crate) async fn get_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id, attachment)): Path<(String, String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<Attachment>, Refusal> {
    audit::audited(&state, &grant, "investigation.attachment.get", &id, handed_out(&grant, &id, &attachment)).await.map(Json)
}

/// The bytes of a file from there, at most one part; none at its end.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/attachments/{attachment}/content", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), ("attachment" = String, Path), AtWorkspace, FromOffset),
               responses((status = 200, body = String, content_type = "application/octet-stream")))]
pub(crate) async fn content(
    grant: WorkspaceGrant,
    Path((_workspace, id, attachment)): Path<(String, String, String)>,
    AtWorkspaceWith(from): AtWorkspaceWith<FromOffset>,
) -> Result<Response, Refusal> {
    handed_out(&grant, &id, &attachment).await?;
    let bytes = read(grant.demand(&[Action::ViewInvestigations])?, &attachment, from.offset).await.map_err(Refusal::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

/// A file of a public comment, for the workspace's own administrator.
#[utoipa::path(get, path = "/api/v1/investigations/{id}/attachments/{attachment}", tag = "investigations",
               params(("id" = String, Path), ("attachment" = String, Path)),
               responses((status = 200, body = String, content_type = "application/octet-stream")))]
pub(crate) async fn download(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((id, attachment)): Path<(String, String)>,
    _: NoQuery,
) -> Result<Response, Refusal> {
    let work = handed_out(&grant, &id, &attachment);
    let file = audit::audited(&state, &grant, "investigation.attachment.get", &id, work).await?;
    let workspace = Arc::clone(grant.demand(&[Action::ViewInvestigations])?);
    let parts = stream::try_unfold((workspace, file.id.clone(), 0), |(workspace, id, offset)| async move {
        let part = read(&workspace, &id, offset).await?;
        let next = offset + part.len() as u64;
        Ok::<_, std::io::Error>((!part.is_empty()).then_some((part, (workspace, id, next))))
    });
    Ok((as_file(&file), Body::from_stream(parts)).into_response())
}

/// How a file is handed out: to be saved, never to be shown.
fn as_file(file: &Attachment) -> [(HeaderName, String); 4] {
    let encoded: String = url::form_urlencoded::byte_serialize(file.file_name.as_bytes()).collect();
    [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, file.size.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", encoded.replace('+', "%20"))),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ]
}

async fn handed_out(grant: &WorkspaceGrant, id: &str, attachment: &str) -> Result<Attachment, Refusal> {
    let file = store::get(grant, id, attachment).await?;
    store::downloadable(&file)?;
    Ok(file)
}

async fn read(workspace: &Workspace, id: &str, offset: u64) -> std::io::Result<Vec<u8>> {
    let path = files::path(workspace, id);
    files::blocking(move || files::read(&path, offset)).await
}
