//! The console writes technicians; the customer's administrator reviews them.

use super::{check_email, fold_email, store};
use crate::{
    State,
    access::{AtWorkspace, NoQuery, WorkspaceGrant},
    audit,
    operators::plain_name,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{Assignee, List, PutTechnician, Technician};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query},
};
use http::StatusCode;

/// Writes a technician, as the console granted it.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/technicians/{email}", tag = "access", request_body = PutTechnician,
               responses((status = 200, body = Technician)))]
pub(crate) async fn put(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, email)): Path<(String, String)>,
    _: NoQuery,
    Body(new): Body<PutTechnician>,
) -> Result<Json<Technician>, Refusal> {
    let email = check_email(&email)?;
    let new = PutTechnician { name: plain_name("name", &new.name)?, role: new.role, expires_time: new.expires_time };
    let work = store::put(&grant, &email, &new, state.clock().now_us());
    audit::audited(&state, &grant, "technician.put", &email, work).await.map(Json)
}

/// Takes a technician away, as the console decided.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/technicians/{email}", tag = "access", responses((status = 204)))]
pub(crate) async fn remove(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, email)): Path<(String, String)>,
    _: NoQuery,
) -> Result<StatusCode, Refusal> {
    let email = fold_email(&email);
    audit::audited(&state, &grant, "technician.remove", &email, store::remove(&grant, &email)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may be assigned an investigation here.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/assignees", tag = "investigations", params(("workspace" = String, Path), AtWorkspace),
               responses((status = 200, body = List<Assignee>)))]
pub(crate) async fn assignees(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<List<Assignee>>, Refusal> {
    let data = audit::audited_each_minute(&state, &grant, "assignees.list", store::assignable(&grant, None, state.clock().now_us())).await?;
    Ok(Json(List { data }))
}

/// Who may act here on behalf of the MSSP.
#[utoipa::path(get, path = "/api/v1/technicians", tag = "access", responses((status = 200, body = List<Technician>)))]
pub(crate) async fn list(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<Technician>>, Refusal> {
    Ok(Json(List { data: store::list(&grant).await? }))
}

/// Revokes a technician: from the next call on, this person reaches nothing here.
#[utoipa::path(delete, path = "/api/v1/technicians/{email}", tag = "access", responses((status = 204)))]
pub(crate) async fn revoke(With(state): With<State>, grant: WorkspaceGrant, Path(email): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    let email = fold_email(&email);
    let work = store::set_revoked(&grant, &email, Some(state.clock().now_us()));
    audit::audited(&state, &grant, "technician.revoke", &email, work).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a revocation back.
#[utoipa::path(post, path = "/api/v1/technicians/{email}/restore", tag = "access", responses((status = 200, body = Technician)))]
pub(crate) async fn restore(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(email): Path<String>,
    _: NoQuery,
) -> Result<Json<Technician>, Refusal> {
    let email = fold_email(&email);
    audit::audited(&state, &grant, "technician.restore", &email, store::set_revoked(&grant, &email, None)).await.map(Json)
}
