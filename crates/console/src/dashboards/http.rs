//! The endpoints of definitions, and of what is acknowledged on a dashboard.

use crate::{
    access::{self, Action, Actor},
    audit::{self, Line},
    federation,
};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{
    Acknowledgement, CustomerId, List, Problem,
    dashboards::{AcknowledgeSilence, Dashboard, DashboardLine},
};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};
use bailiwick_client::{Act, NodeClient};
use http::{Method, StatusCode};

type Name = Result<Path<String>, PathRejection>;

/// The dashboards there are: the seven that come with the program, then what people saved, each by name.
#[utoipa::path(get, path = "/api/v1/dashboards", operation_id = "list_dashboards", tag = "dashboards", responses((status = 200, body = List<DashboardLine>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<Answer<List<DashboardLine>>, Refusal> {
    Ok(Answer(List { data: super::list(&state).await? }))
}

/// A dashboard's definition.
///
/// Codes: NOT_FOUND (404).
#[utoipa::path(get, path = "/api/v1/dashboards/{name}", operation_id = "get_dashboard", tag = "dashboards", params(("name" = String, Path, description = "Name of the dashboard")), responses((status = 200, body = Dashboard), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(State(state): State<crate::State>, name: Name, Query(NoParams {}): Query<NoParams>) -> Result<Answer<Dashboard>, Refusal> {
    super::find(&state, &named(name)?).await.map(Answer)
}

/// Saves a dashboard for everybody to see, in the form of the seven. For administrators, and for whom one of them allowed it.
///
/// Codes: UNKNOWN_FIELD, MISSING_FIELD, INVALID_INPUT (400: `field` says which, such as `my-board.my-panel.chart`), FORBIDDEN (403),
/// NAME_TAKEN (409), TOO_MANY (422).
#[utoipa::path(post, path = "/api/v1/dashboards", operation_id = "add_dashboard", tag = "dashboards", request_body = Dashboard, responses((status = 201, body = Dashboard), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add(State(state): State<crate::State>, actor: Actor, Json(new): Json<Dashboard>) -> Result<(StatusCode, Answer<Dashboard>), Refusal> {
    super::add(&state, &actor, new).await.map(|added| (StatusCode::CREATED, Answer(added)))
}

/// Writes a saved dashboard anew: one's own, or any for administrators. `saved.version` is the version it was made from.
///
/// Codes: UNKNOWN_FIELD, MISSING_FIELD, INVALID_INPUT (400), FORBIDDEN, NOT_OWNER (403), NOT_FOUND (404), VERSION_CONFLICT (with the current one),
/// SHIPPED (409).
#[utoipa::path(put, path = "/api/v1/dashboards/{name}", operation_id = "put_dashboard", tag = "dashboards", params(("name" = String, Path, description = "Name of the dashboard")), request_body = Dashboard, responses((status = 200, body = Dashboard), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put(State(state): State<crate::State>, actor: Actor, name: Name, Json(new): Json<Dashboard>) -> Result<Answer<Dashboard>, Refusal> {
    super::change(&state, &actor, &named(name)?, new).await.map(Answer)
}

/// Lets a saved dashboard go: one's own, or any for administrators.
///
/// Codes: FORBIDDEN, NOT_OWNER (403), NOT_FOUND (404), SHIPPED (409).
#[utoipa::path(delete, path = "/api/v1/dashboards/{name}", operation_id = "remove_dashboard", tag = "dashboards", params(("name" = String, Path, description = "Name of the dashboard")), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(State(state): State<crate::State>, actor: Actor, name: Name, Query(NoParams {}): Query<NoParams>) -> Result<StatusCode, Refusal> {
    super::remove(&state, &actor, &named(name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Acknowledges that a source category is silent: it is listed again only when it falls silent anew. Kept at the customer's workspace.
///
/// Codes: UNKNOWN_FIELD, MISSING_FIELD, INVALID_INPUT (400), FORBIDDEN (403), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/customers/{id}/silent-categories/acknowledge", operation_id = "acknowledge_silence", tag = "dashboards", params(("id" = String, Path, description = "Customer")), request_body = AcknowledgeSilence, responses((status = 200, body = Acknowledgement), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn acknowledge(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(body): Json<AcknowledgeSilence>,
) -> Result<Answer<Acknowledgement>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::EditInvestigations, &id).await?;
    let (at, deadline) = ((grant.workspace(), grant.role()), state.pace.change_deadline);
    let act = Act { method: &Method::POST, noun: "silent-categories/acknowledge", deadline };
    let call = |client: NodeClient, caller| async move { client.act(&caller, at, act, Some(&body)).await };
    let done: Result<Acknowledgement, Refusal> = federation::call(&state, &grant, call).await.map_err(|trouble| trouble.refusal(grant.customer()));
    let outcome = done.as_ref().map_or_else(Refusal::code, |_| audit::OK);
    audit::record(&state, Line { actor: actor.email(), verb: "silence.acknowledge", customer: Some(&grant.customer().id), outcome }).await?;
    done.map(Answer)
}

fn named(name: Name) -> Result<String, Refusal> {
    name.map(|Path(name)| name).map_err(|_| Refusal::not_found())
}
