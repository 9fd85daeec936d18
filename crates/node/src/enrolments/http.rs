//! What a node says of itself, and enrolment.

use super::{check, store};
use crate::{
    State,
    access::{NoQuery, WorkspaceGrant, people},
    audit, link,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{About, Enrolment, EnrolmentInfo, List, NewEnrolment, VERSION};
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
    check(&new)?;
    let grant = people::by_credentials(&state, &new.admin).await?;
    let work = store::put(&grant, &new.console, &new.console_name, &new.public_key, state.clock().now_us());
    audit::audited(&state, &grant, "enrolment.add", new.console.as_str(), work).await?;
    Ok(Json(Enrolment {
        node: state.id().clone(),
        region: state.region().to_owned(),
        version: VERSION.into(),
        workspace: grant.workspace().id().clone(),
        workspace_name: grant.workspace().name().to_owned(),
    }))
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
