//! A workspace's administrator looks at a code, agrees to it, and sees how links stand.

use crate::{
    State,
    access::{Action, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{LinkInfo, LinkOffer, List, UseEnrolmentCode};
use bailiwick_chassis::{Refusal, extract::Json as Body};
use http::StatusCode;

/// The outbound links of the workspace: since when each is connected, or what keeps it from connecting.
#[utoipa::path(get, path = "/api/v1/links", tag = "access", responses((status = 200, body = List<LinkInfo>)))]
pub(crate) async fn list(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<LinkInfo>>, Refusal> {
    let workspace = grant.demand(&[Action::ReviewAccess])?;
    Ok(Json(List { data: super::list(&state, workspace.id()).await? }))
}

/// Which console an enrolment code is of, and what it asks for. The code is not used up.
///
/// Codes (422): CODE_INVALID, CODE_UNKNOWN, CODE_USED, CODE_EXPIRED, CODE_WITHDRAWN, CONSOLE_UNREACHABLE, CONSOLE_TIMEOUT, CONSOLE_UNEXPECTED,
/// CONSOLE_DIFFERS.
#[utoipa::path(post, path = "/api/v1/links/preview", tag = "access", request_body = UseEnrolmentCode, responses((status = 200, body = LinkOffer)))]
pub(crate) async fn preview(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(given): Body<UseEnrolmentCode>,
) -> Result<Json<LinkOffer>, Refusal> {
    grant.demand(&[Action::ReviewAccess])?;
    super::enrol::preview(&state, &grant, &given.code).await.map(Json)
}

/// Agrees: uses the code up, enrols the workspace with its console, and dials that console from now on.
///
/// Codes: those of the preview, VERSION_MISMATCH, NAME_TAKEN, ALREADY_ENROLLED, NODE_LINKED_DIRECTLY, NODE_KEY_DIFFERS (422);
/// ALREADY_INTEGRATED_ELSEWHERE (409).
#[utoipa::path(post, path = "/api/v1/links", tag = "access", request_body = UseEnrolmentCode, responses((status = 201, body = LinkInfo)))]
pub(crate) async fn enrol(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(given): Body<UseEnrolmentCode>,
) -> Result<(StatusCode, Json<LinkInfo>), Refusal> {
    grant.demand(&[Action::ReviewAccess])?;
    let work = super::enrol::enrol(&state, &grant, &given.code);
    let info = audit::audited(&state, &grant, "enrolment.add", &super::enrol::address(&given.code), work).await?;
    Ok((StatusCode::CREATED, Json(info)))
}
