//! The endpoints of bulk changes.

use super::{
    ask::{Asked, Name, Request},
    run,
};
use crate::{access::Actor, audit};
use ::http::{HeaderMap, StatusCode};
use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{BulkRequest, BulkResult, Problem};
use bailiwick_chassis::{
    Refusal,
    extract::{MAX_BODY_BYTES, NoParams, Query, parse_json},
};

const MAX_ID_CHARS: usize = 100;
/// Names one change: asked again with the same key it is made once.
const KEY: &str = "idempotency-key";

/// Changes many investigations of many customers: named ones, those a filter finds, or everything that is not closed. With `preview` it
/// says what would be, and changes nothing. Each investigation has an outcome; a customer whose node does not answer fails alone and is
/// named in `scope`. With the header `Idempotency-Key` the same request may be sent again, for a day: what was done is not done twice, what
/// was not is done.
///
/// Codes: UNKNOWN_FIELD, MISSING_FIELD, INVALID_INPUT, DISPOSITION_REQUIRED, CAP_EXCEEDED with `matched` (400), FORBIDDEN (403),
/// IDEMPOTENCY_KEY_REUSED (409). Of an item: VERSION_CONFLICT, ASSIGNEE_UNKNOWN, DISPOSITION_REQUIRED, INVALID_INPUT, TOGGLE_OFF, NODE_DOWN,
/// TIMEOUT, VERSION.
#[utoipa::path(post, path = "/api/v1/investigations/bulk", operation_id = "change_investigations", tag = "investigations", params(("Idempotency-Key" = Option<String>, Header, description = "Names this change; 1 to 200 bytes")), request_body = BulkRequest, responses((status = 200, body = BulkResult), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn change(State(state): State<crate::State>, actor: Actor, headers: HeaderMap, body: Body) -> Result<Answer<BulkResult>, Refusal> {
    let changed = try_change(&state, &actor, &headers, body).await;
    audit::refusals(&state, &actor, "investigation.bulk", None, changed).await.map(Answer)
}

async fn try_change(state: &crate::State, actor: &Actor, headers: &HeaderMap, body: Body) -> Result<BulkResult, Refusal> {
    let too_large = |_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE").detail(format!("body: more than {MAX_BODY_BYTES} bytes"));
    let bytes = axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(too_large)?;
    let asked = Asked::try_from(parse_json::<Request>(&bytes)?)?;
    let key = headers.get(KEY).map(|key| key.to_str().unwrap_or_default());
    let name = Name::of(actor.user(), key, &bytes)?;
    run::run(state, actor, asked, name).await
}

/// Undoes a bulk change of one's own within ten minutes: what it changed is as before, and its comments are gone. What somebody changed since
/// is left alone and said to be a CONFLICT. Asked again, it says the same.
///
/// Codes: NOT_FOUND (404), UNDO_EXPIRED (409).
#[utoipa::path(post, path = "/api/v1/investigations/bulk/{id}/undo", operation_id = "undo_investigations", tag = "investigations", params(("id" = String, Path, description = "Id of the change")), responses((status = 200, body = BulkResult), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn undo(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<String>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<BulkResult>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let undone = if id.chars().count() > MAX_ID_CHARS { Err(Refusal::not_found()) } else { run::undo(&state, &actor, &id).await };
    audit::refusals(&state, &actor, "investigation.bulk_undo", None, undone).await.map(Answer)
}
