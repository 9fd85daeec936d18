//! Making, listing and withdrawing enrolment codes.

use crate::access::Actor;
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CreatedEnrolmentCode, EnrolmentCodeInfo, List, NewEnrolmentCode, Problem};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};
use http::StatusCode;

/// The open codes, oldest first; at most 1000. The codes themselves are shown only when they are made.
#[utoipa::path(get, path = "/api/v1/enrolment-codes", operation_id = "list_enrolment_codes", tag = "customers", responses((status = 200, body = List<EnrolmentCodeInfo>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<Answer<List<EnrolmentCodeInfo>>, Refusal> {
    Ok(Answer(List { data: super::list(&state).await? }))
}

/// Makes a code for a customer whose node the console cannot reach. The customer's side runs `bailiwick node enrol CODE`, its workspace's
/// administrator agrees, and the node dials this console from then on. Used once, within an hour unless the console is told otherwise.
///
/// Codes: NAME_INVALID, MAIL_INVALID (400); NAME_TAKEN, PRIMARY_TAKEN (409); PUBLIC_URL_UNFIT, TOO_MANY (422).
#[utoipa::path(post, path = "/api/v1/enrolment-codes", operation_id = "add_enrolment_code", tag = "customers", request_body = NewEnrolmentCode, responses((status = 201, body = CreatedEnrolmentCode), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add(
    State(state): State<crate::State>,
    actor: Actor,
    Json(new): Json<NewEnrolmentCode>,
) -> Result<(StatusCode, Answer<CreatedEnrolmentCode>), Refusal> {
    Ok((StatusCode::CREATED, Answer(super::make(&state, &actor, &new).await?)))
}

/// Withdraws an open code; 404 when it was used, has ended or never was.
#[utoipa::path(delete, path = "/api/v1/enrolment-codes/{id}", operation_id = "withdraw_enrolment_code", tag = "customers", params(("id" = String, Path, description = "Id of the code")), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn withdraw(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<String>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<StatusCode, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    super::withdraw(&state, &actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
