//! The endpoints of investigations.

use super::{changes::ChangesParams, live::Live, one, params::ListParams};
use crate::access::{self, Action, Actor};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
    response::{
        IntoResponse,
        sse::{KeepAlive, Sse},
    },
};
use bailiwick_api::{
    Assignee, Changes, CustomerId, CustomerInvestigation, EventRow, Investigation, InvestigationFilter, InvestigationPatch, List, Page, Problem,
    RuleInfo,
};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query, QueryParams},
};
use http::HeaderMap;
use serde::Deserialize;
use std::time::Duration;
use utoipa::IntoParams;

const KEEP_ALIVE: Duration = Duration::from_secs(10);
const MAX_ID_CHARS: usize = 200;

pub(super) type PathOf<T> = Result<Path<T>, PathRejection>;

/// Investigations of all customers the person may see, or of some, in one order. Partial when `scope` says so.
///
/// Codes: UNKNOWN_PARAMETER, INVALID_INPUT, CURSOR_INVALID, UNKNOWN_CUSTOMER (400).
#[utoipa::path(get, path = "/api/v1/investigations", operation_id = "list_investigations", tag = "investigations", params(ListParams), responses((status = 200, body = Page<Investigation>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, actor: Actor, Query(params): Query<ListParams>) -> Result<Answer<Page<Investigation>>, Refusal> {
    super::list(&state, &actor, params.wanted(&state.seal)?).await.map(Answer)
}

/// The same with the filter in the body, where search words leave no trace in an address.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT, CURSOR_INVALID, UNKNOWN_CUSTOMER (400).
#[utoipa::path(post, path = "/api/v1/investigations/search", operation_id = "search_investigations", tag = "investigations", request_body = InvestigationFilter, responses((status = 200, body = Page<Investigation>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn search(State(state): State<crate::State>, actor: Actor, Json(params): Json<ListParams>) -> Result<Answer<Page<Investigation>>, Refusal> {
    super::list(&state, &actor, params.wanted(&state.seal)?).await.map(Answer)
}

/// What changed since a time, oldest change first: every change at least once, each row as it is now. `next` is always there and goes on from
/// here, now or later; a customer that did not answer comes with its changes once it does. Partial when `scope` says so.
///
/// Codes: UNKNOWN_PARAMETER, INVALID_INPUT, MISSING_FIELD, CURSOR_INVALID, UNKNOWN_CUSTOMER (400).
#[utoipa::path(get, path = "/api/v1/investigations/changes", operation_id = "list_changes", tag = "investigations", params(ChangesParams), responses((status = 200, body = Changes), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn changes(State(state): State<crate::State>, actor: Actor, Query(params): Query<ChangesParams>) -> Result<Answer<Changes>, Refusal> {
    super::changes::changes(&state, &actor, params).await.map(Answer)
}

/// The page as server-sent events: `page` at once, again when slow nodes answered and whenever something changed. Ends with the session.
///
/// Codes: as the list, and TOO_MANY_STREAMS (429).
#[utoipa::path(get, path = "/api/v1/investigations/live", operation_id = "live_investigations", tag = "investigations", params(ListParams), responses((status = 200, body = Page<Investigation>, content_type = "text/event-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn live(
    State(state): State<crate::State>,
    actor: Actor,
    headers: HeaderMap,
    Query(params): Query<ListParams>,
) -> Result<impl IntoResponse, Refusal> {
    let wanted = params.wanted(&state.seal)?;
    let live = Live::open(state, &actor, &headers, wanted).await?;
    Ok(Sse::new(live.events()).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// One investigation with its signals and history, from its node.
///
/// Codes: NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}", operation_id = "get_investigation", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), responses((status = 200, body = CustomerInvestigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<CustomerInvestigation>, Refusal> {
    let entered = one::enter(&state, &actor, Action::ViewInvestigations, &named(rrn)?).await?;
    one::get(&state, &entered).await.map(Answer)
}

/// Changes an investigation at its node. `version` is the one the change was made against; who loses a race gets the current row.
///
/// Codes: DISPOSITION_REQUIRED, ASSIGNEE_UNKNOWN (400), FORBIDDEN (403), NOT_FOUND (404), VERSION_CONFLICT (409), VERSION (502),
/// NODE_DOWN (503), TIMEOUT (504: whether the change was made is not known; read it again).
#[utoipa::path(patch, path = "/api/v1/investigations/{rrn}", operation_id = "update_investigation", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), request_body = InvestigationPatch, responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn update(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Json(patch): Json<InvestigationPatch>,
) -> Result<Answer<Investigation>, Refusal> {
    let entered = one::enter(&state, &actor, Action::EditInvestigations, &named(rrn)?).await?;
    one::update(&state, &entered, patch).await.map(Answer)
}

/// Whose records.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordsParams {
    /// Id of the signal.
    signal: String,
}

impl QueryParams for RecordsParams {}

/// The records behind one signal of an investigation, from its node.
///
/// Codes: MISSING_FIELD, INVALID_INPUT (400), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/records", operation_id = "list_records", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), RecordsParams), responses((status = 200, body = List<EventRow>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn records(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(RecordsParams { signal }): Query<RecordsParams>,
) -> Result<Answer<List<EventRow>>, Refusal> {
    let entered = one::enter(&state, &actor, Action::ViewInvestigations, &named(rrn)?).await?;
    if signal.is_empty() || signal.chars().count() > MAX_ID_CHARS {
        return Err(Refusal::invalid("INVALID_INPUT", "signal", "signal: expected the id of a signal"));
    }
    one::records(&state, &entered, &signal).await.map(Answer)
}

/// The rule behind a signal of an investigation, from its node.
///
/// Codes: NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/rules/{rule_id}", operation_id = "get_rule", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("rule_id" = String, Path, description = "Sigma id")), responses((status = 200, body = RuleInfo), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rule(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<RuleInfo>, Refusal> {
    let (rrn, rule) = named(path)?;
    let entered = one::enter(&state, &actor, Action::ViewInvestigations, &rrn).await?;
    if rule.chars().count() > MAX_ID_CHARS {
        return Err(Refusal::not_found());
    }
    one::rule(&state, &entered, &rule).await.map(Answer)
}

/// Who may be assigned investigations of a customer.
///
/// Codes: NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/customers/{id}/assignees", operation_id = "list_assignees", tag = "investigations", params(("id" = String, Path, description = "Customer")), responses((status = 200, body = List<Assignee>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn assignees(
    State(state): State<crate::State>,
    actor: Actor,
    id: PathOf<CustomerId>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<List<Assignee>>, Refusal> {
    let grant = access::enter(&state, &actor, Action::ViewInvestigations, &named(id)?).await?;
    Ok(Answer(List { data: one::assignees(&state, &grant).await? }))
}

/// A path that cannot be read names nothing there is.
pub(super) fn named<T>(path: PathOf<T>) -> Result<T, Refusal> {
    path.map(|Path(value)| value).map_err(|_| Refusal::not_found())
}
