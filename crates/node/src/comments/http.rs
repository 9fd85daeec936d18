//! The endpoints of comments.

use super::{author, check, store};
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
use bailiwick_api::{Comment, NewComment, Paged, PublicComment, SetVisibility, Visibility};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query},
};
use http::StatusCode;

/// Comments on an investigation, oldest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/investigations/{id}/comments", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace, PageParams), responses((status = 200, body = Paged<Comment>)))]
pub(crate) async fn list_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    AtWorkspaceWith(page): AtWorkspaceWith<PageParams>,
) -> Result<Json<Paged<Comment>>, Refusal> {
    page_of(&state, &grant, &id, &page).await
}

/// The same for the workspace's own administrator: public comments alone.
#[utoipa::path(get, path = "/api/v1/investigations/{id}/comments", tag = "investigations", params(("id" = String, Path), PageParams),
               responses((status = 200, body = Paged<Comment>)))]
pub(crate) async fn list(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    Query(page): Query<PageParams>,
) -> Result<Json<Paged<Comment>>, Refusal> {
    page_of(&state, &grant, &id, &page).await
}

async fn page_of(state: &State, grant: &WorkspaceGrant, id: &str, page: &PageParams) -> Result<Json<Paged<Comment>>, Refusal> {
    let work = async { store::page(grant, id, paging::rows(page.limit)?, page.cursor.as_deref()).await };
    audit::audited_each_minute(state, grant, "investigation.comments", work).await.map(Json)
}

/// Comments on an investigation, be it closed.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/investigations/{id}/comments", tag = "investigations", request_body = NewComment,
               params(("workspace" = String, Path), ("id" = String, Path), AtWorkspace), responses((status = 201, body = Comment)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(new): Body<NewComment>,
) -> Result<(StatusCode, Json<Comment>), Refusal> {
    say(&state, &grant, &id, &new).await
}

/// The same by the workspace's own administrator; everybody reads it.
#[utoipa::path(post, path = "/api/v1/investigations/{id}/comments", tag = "investigations", request_body = PublicComment, params(("id" = String, Path)),
               responses((status = 201, body = Comment)))]
pub(crate) async fn add_own(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    Body(PublicComment { body }): Body<PublicComment>,
) -> Result<(StatusCode, Json<Comment>), Refusal> {
    say(&state, &grant, &id, &NewComment { body, visibility: Visibility::Public, attachments: Vec::new() }).await
}

async fn say(state: &State, grant: &WorkspaceGrant, id: &str, new: &NewComment) -> Result<(StatusCode, Json<Comment>), Refusal> {
    let named = Named::new(state.region(), grant);
    let work = async {
        let (new, author) = (check(new)?, author(grant).await?);
        store::add(grant, &named, id, (&new, &author), state.clock().now_us()).await
    };
    let comment = audit::audited(state, grant, "investigation.comment.add", id, work).await?;
    Ok((StatusCode::CREATED, Json(comment)))
}

/// Says who reads a comment.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/investigations/{id}/comments/{comment}/visibility", tag = "investigations",
               request_body = SetVisibility, params(("workspace" = String, Path), ("id" = String, Path), ("comment" = String, Path), AtWorkspace),
               responses((status = 200, body = Comment)))]
pub(crate) async fn set_visibility(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id, comment)): Path<(String, String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(set): Body<SetVisibility>,
) -> Result<Json<Comment>, Refusal> {
    let work = store::set_visibility(&grant, &id, &comment, set.visibility, state.clock().now_us());
    audit::audited(&state, &grant, "investigation.comment.visibility", &id, work).await.map(Json)
}

/// Takes a comment back, as its author.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/investigations/{id}/comments/{comment}", tag = "investigations",
               params(("workspace" = String, Path), ("id" = String, Path), ("comment" = String, Path), AtWorkspace), responses((status = 204)))]
pub(crate) async fn remove(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id, comment)): Path<(String, String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<StatusCode, Refusal> {
    take_back(&state, &grant, &id, &comment).await
}

/// The same by the workspace's own administrator.
#[utoipa::path(delete, path = "/api/v1/investigations/{id}/comments/{comment}", tag = "investigations",
               params(("id" = String, Path), ("comment" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove_own(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((id, comment)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    take_back(&state, &grant, &id, &comment).await
}

async fn take_back(state: &State, grant: &WorkspaceGrant, id: &str, comment: &str) -> Result<StatusCode, Refusal> {
    let work = store::remove(grant, id, comment, state.clock().now_us());
    audit::audited(state, grant, "investigation.comment.remove", id, work).await?;
    Ok(StatusCode::NO_CONTENT)
}
