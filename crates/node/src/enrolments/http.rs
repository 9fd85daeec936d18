//! What a node says of itself, and enrolment.

use super::{callback, check as checked, store};
use crate::{
    State,
    access::{NoQuery, WorkspaceGrant, people},
    audit, link,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{About, CheckEnrolment, Enrolment, EnrolmentCheck, EnrolmentInfo, List, NewEnrolment, SuspendEnrolment, VERSION};
use bailiwick_chassis::{Refusal, extract::Json as Body};
use http::StatusCode;

/// What this server is.
#[utoipa::path(get, path = "/api/v1/about", tag = "node", responses((status = 200, body = About)))]
pub(crate) async fn about(With(state): With<State>, _: NoQuery) -> Json<About> {
    Json(About { product: "bailiwick-node".into(), version: VERSION.into(), node: state.id().clone(), region: state.region().to_owned() })
}

/// Enrols the workspace that the credentials select. They are checked and forgotten.
#[utoipa::path(post, path = "/api/v1/enrolments", tag = "access", request_body = NewEnrolment, responses((status = 200, body = Enrolment)))]
pub(crate) async fn enrol(With(state): With<State>, _: NoQuery, Body(new): Body<NewEnrolment>) -> Result<Json<Enrolment>, Refusal> {
    checked(&new)?;
    let grant = people::by_credentials(&state, &new.admin).await?;
    let work = store::put(&grant, &new.console, &new.console_name, &new.public_key, new.anew, state.clock().now_us());
    audit::audited(&state, &grant, "enrolment.add", new.console.as_str(), work).await?;
    Ok(Json(Enrolment {
        node: state.id().clone(),
        region: state.region().to_owned(),
        version: VERSION.into(),
        workspace: grant.workspace().id().clone(),
        workspace_name: grant.workspace().name().to_owned(),
    }))
}

/// Whether these credentials could enrol their workspace with this console, and whether the console can be called from here. Nothing is
/// changed; the credentials are checked and forgotten.
#[utoipa::path(post, path = "/api/v1/enrolments/check", tag = "access", request_body = CheckEnrolment, responses((status = 200, body = EnrolmentCheck)))]
pub(crate) async fn check(With(state): With<State>, _: NoQuery, Body(asked): Body<CheckEnrolment>) -> Result<Json<EnrolmentCheck>, Refusal> {
    let grant = people::by_credentials(&state, &asked.admin).await?;
    let (enrolled_with, way_back) = tokio::join!(store::other(&grant, asked.console.as_str()), callback::probe(&asked.console_url));
    audit::audited(&state, &grant, "enrolment.check", asked.console.as_str(), async { Ok(()) }).await?;
    Ok(Json(EnrolmentCheck {
        node: state.id().clone(),
        region: state.region().to_owned(),
        version: VERSION.into(),
        workspace: grant.workspace().id().clone(),
        workspace_name: grant.workspace().name().to_owned(),
        enrolled_with: enrolled_with?,
        way_back,
    }))
}

/// The console that is enrolled is about to let the customer go, or has thought better of it. While it is suspended its technicians reach
/// nothing here.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/enrolment", tag = "access", params(("workspace" = String, Path)),
               request_body = SuspendEnrolment, responses((status = 204)))]
pub(crate) async fn suspend(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(asked): Body<SuspendEnrolment>,
) -> Result<StatusCode, Refusal> {
    let verb = if asked.suspended { "enrolment.suspend" } else { "enrolment.resume" };
    let work = store::suspend(&grant, asked.suspended.then(|| state.clock().now_us()));
    audit::audited(&state, &grant, verb, "", work).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The console that is enrolled lets the customer go: its enrolment ends, and its technicians' roles with it.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/enrolment", tag = "access", params(("workspace" = String, Path)), responses((status = 204)))]
pub(crate) async fn end_own(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery) -> Result<StatusCode, Refusal> {
    audit::audited(&state, &grant, "enrolment.end", "", store::end_own(&grant)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The consoles that are heard in this workspace.
#[utoipa::path(get, path = "/api/v1/enrolments", tag = "access", responses((status = 200, body = List<EnrolmentInfo>)))]
pub(crate) async fn list(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<EnrolmentInfo>>, Refusal> {
    Ok(Json(List { data: store::list(&grant).await? }))
}

/// Ends the relationship with a console, and the roles of its technicians.
#[utoipa::path(delete, path = "/api/v1/enrolments/{console}", tag = "access", responses((status = 204)))]
pub(crate) async fn end(With(state): With<State>, grant: WorkspaceGrant, Path(console): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    let work = async {
        // The link first: what fails half-way is ended by ending it once more.
        link::enrolment_ends(&state, grant.workspace().id(), &console).await?;
        store::end(&grant, &console).await
    };
    audit::audited(&state, &grant, "enrolment.end", &console, work).await?;
    Ok(StatusCode::NO_CONTENT)
}
