//! The endpoints of what people do to a case: open one, set a field, signals, comments, log rows, merging, looking around.

use super::{
    case::{self, NOTHING, act, act_on_row, read},
    http::{PathOf, named},
    one::{self, Entered},
};
use crate::access::{self, Action, Actor};
use axum::{Json as Answer, body::Bytes, extract::State};
use bailiwick_api::{
    AlertPage, Assignee, AuditEntry, Comment, Evidence, EvidenceAdded, Investigation, LinkAlerts, List, Merge, NewComment, NewCustomerInvestigation,
    NewEvidence, Paged, Problem, Related, SetAssignee, SetFields, SetStatus, SetVisibility,
};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query, QueryParams, parse_json},
};
use bailiwick_client::with_query;
use http::{Method, StatusCode};
use serde::Deserialize;
use std::str::FromStr;
use utoipa::IntoParams;

const MAX_ID_CHARS: usize = 200;

/// Which page.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Rows a page, 1 to 1000, 200 unless told.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for PageParams {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

impl PageParams {
    fn query(&self) -> String {
        with_query(&[("limit", self.limit.map(|n| n.to_string())), ("cursor", self.cursor.clone())])
    }
}

async fn viewing(state: &crate::State, actor: &Actor, rrn: &str) -> Result<Entered, Refusal> {
    one::enter(state, actor, Action::ViewInvestigations, rrn).await
}

async fn editing(state: &crate::State, actor: &Actor, rrn: &str) -> Result<Entered, Refusal> {
    one::enter(state, actor, Action::EditInvestigations, rrn).await
}

/// Ids that cannot be are not sent.
fn id(text: String) -> Result<String, Refusal> {
    if text.is_empty() || text.chars().count() > MAX_ID_CHARS { Err(Refusal::not_found()) } else { Ok(text) }
}

fn word<T: FromStr<Err = String>>(field: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|why: String| case::wrong(field, why))
}

/// Opens an investigation of a customer, empty, from signals or from log rows.
///
/// Codes: INVALID_INPUT, DISPOSITION_REQUIRED, ASSIGNEE_UNKNOWN, ALERT_UNKNOWN, EVENT_UNKNOWN (400), FORBIDDEN (403), NOT_FOUND (404),
/// VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/investigations", operation_id = "create_investigation", tag = "investigations", request_body = NewCustomerInvestigation, responses((status = 201, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create(
    State(state): State<crate::State>,
    actor: Actor,
    Json(new): Json<NewCustomerInvestigation>,
) -> Result<(StatusCode, Answer<Investigation>), Refusal> {
    let grant = access::enter(&state, &actor, Action::EditInvestigations, &new.customer).await?;
    Ok((StatusCode::CREATED, Answer(case::create(&state, &grant, new.investigation).await?)))
}

/// Sets the status. The one it has already changes nothing.
///
/// Codes: INVALID_INPUT, DISPOSITION_REQUIRED (400), FORBIDDEN (403), NOT_FOUND (404), VERSION_CONFLICT (409), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(put, path = "/api/v1/investigations/{rrn}/status/{status}", operation_id = "set_status", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("status" = String, Path, description = "OPEN, INVESTIGATING, WAITING or CLOSED, in any case")), request_body = Option<SetStatus>, responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn set_status(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    body: Bytes,
) -> Result<Answer<Investigation>, Refusal> {
    let (rrn, status) = named(path)?;
    let entered = editing(&state, &actor, &rrn).await?;
    let with: Option<SetStatus> = if body.is_empty() { None } else { parse_json(&body)? };
    let SetStatus { disposition, version } = with.unwrap_or_default();
    let set = SetFields { version, status: Some(word("status", &status)?), disposition, ..SetFields::default() };
    case::set_fields(&state, &entered, set).await.map(Answer)
}

/// Sets the priority. The one it has already changes nothing.
///
/// Codes: INVALID_INPUT (400), FORBIDDEN (403), NOT_FOUND (404), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(put, path = "/api/v1/investigations/{rrn}/priority/{priority}", operation_id = "set_priority", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("priority" = String, Path, description = "UNSPECIFIED, LOW, MEDIUM, HIGH or CRITICAL, in any case")), responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn set_priority(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Investigation>, Refusal> {
    let (rrn, priority) = named(path)?;
    let entered = editing(&state, &actor, &rrn).await?;
    let set = SetFields { priority: Some(word("priority", &priority)?), ..SetFields::default() };
    case::set_fields(&state, &entered, set).await.map(Answer)
}

/// Sets the disposition. The one it has already changes nothing.
///
/// Codes: INVALID_INPUT, DISPOSITION_REQUIRED (400), FORBIDDEN (403), NOT_FOUND (404), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(put, path = "/api/v1/investigations/{rrn}/disposition/{disposition}", operation_id = "set_disposition", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("disposition" = String, Path, description = "UNDECIDED, BENIGN, MALICIOUS, NOT_APPLICABLE, FALSE_POSITIVE, SECURITY_TEST or UNKNOWN, in any case")), responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn set_disposition(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Investigation>, Refusal> {
    let (rrn, disposition) = named(path)?;
    let entered = editing(&state, &actor, &rrn).await?;
    let set = SetFields { disposition: Some(word("disposition", &disposition)?), ..SetFields::default() };
    case::set_fields(&state, &entered, set).await.map(Answer)
}

/// Assigns it, or takes the assignee away.
///
/// Codes: ASSIGNEE_UNKNOWN (400), FORBIDDEN (403), NOT_FOUND (404), VERSION_CONFLICT (409), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(put, path = "/api/v1/investigations/{rrn}/assignee", operation_id = "set_assignee", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), request_body = SetAssignee, responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn set_assignee(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Json(SetAssignee { email, version }): Json<SetAssignee>,
) -> Result<Answer<Investigation>, Refusal> {
    let entered = editing(&state, &actor, &named(rrn)?).await?;
    let assignee = Some(email.map(|email| Assignee { email, name: String::new() }));
    case::set_fields(&state, &entered, SetFields { version, assignee, ..SetFields::default() }).await.map(Answer)
}

/// Signals of an investigation, newest first.
///
/// Codes: INVALID_INPUT, CURSOR_INVALID (400), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/alerts", operation_id = "list_alerts", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), PageParams), responses((status = 200, body = AlertPage), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn alerts(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(page): Query<PageParams>,
) -> Result<Answer<AlertPage>, Refusal> {
    let entered = viewing(&state, &actor, &named(rrn)?).await?;
    read(&state, &entered, &["alerts"], &page.query()).await.map(Answer)
}

/// Makes signals part of an investigation; one of another investigation of the customer leaves that.
///
/// Codes: INVALID_INPUT, ALERT_UNKNOWN (400), FORBIDDEN (403), NOT_FOUND (404), MERGED (409), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/investigations/{rrn}/alerts", operation_id = "link_alerts", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), request_body = LinkAlerts, responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn link(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Json(link): Json<LinkAlerts>,
) -> Result<Answer<Investigation>, Refusal> {
    let entered = editing(&state, &actor, &named(rrn)?).await?;
    act_on_row(&state, &entered, "investigation.alert.link", (Method::POST, &["alerts"]), Some(&link)).await.map(Answer)
}

/// Takes a signal out of an investigation; correlation does not join it again.
///
/// Codes: FORBIDDEN (403), NOT_FOUND (404), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(delete, path = "/api/v1/investigations/{rrn}/alerts/{alert}", operation_id = "unlink_alert", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("alert" = String, Path, description = "Signal")), responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn unlink(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Investigation>, Refusal> {
    let (rrn, alert) = named(path)?;
    let entered = editing(&state, &actor, &rrn).await?;
    act_on_row(&state, &entered, "investigation.alert.unlink", (Method::DELETE, &["alerts", &id(alert)?]), NOTHING).await.map(Answer)
}

/// Merges an investigation into another of the same customer; answers with the one that stays. The other is closed.
///
/// Codes: INVALID_INPUT (400), FORBIDDEN (403), NOT_FOUND (404), VERSION_CONFLICT, MERGED (409), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/investigations/{rrn}/merge", operation_id = "merge_investigations", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), request_body = Merge, responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn merge(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Json(merge): Json<Merge>,
) -> Result<Answer<Investigation>, Refusal> {
    let entered = editing(&state, &actor, &named(rrn)?).await?;
    case::merge(&state, &entered, &merge).await.map(Answer)
}

/// Comments on an investigation, oldest first.
///
/// Codes: INVALID_INPUT, CURSOR_INVALID (400), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/comments", operation_id = "list_comments", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), PageParams), responses((status = 200, body = Paged<Comment>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn comments(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(page): Query<PageParams>,
) -> Result<Answer<Paged<Comment>>, Refusal> {
    let entered = viewing(&state, &actor, &named(rrn)?).await?;
    read(&state, &entered, &["comments"], &page.query()).await.map(Answer)
}

/// Comments on an investigation, be it closed. INTERNAL unless told.
///
/// Codes: INVALID_INPUT, ATTACHMENT_UNKNOWN (400), FORBIDDEN (403), NOT_FOUND (404), MERGED (409), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/investigations/{rrn}/comments", operation_id = "add_comment", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), request_body = NewComment, responses((status = 201, body = Comment), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add_comment(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Json(new): Json<NewComment>,
) -> Result<(StatusCode, Answer<Comment>), Refusal> {
    let entered = editing(&state, &actor, &named(rrn)?).await?;
    let comment = act(&state, &entered, "investigation.comment.add", (Method::POST, &["comments"]), Some(&new)).await?;
    Ok((StatusCode::CREATED, Answer(comment)))
}

/// Says who reads a comment.
///
/// Codes: INVALID_INPUT (400), FORBIDDEN (403), NOT_FOUND (404), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(put, path = "/api/v1/investigations/{rrn}/comments/{comment}/visibility", operation_id = "set_comment_visibility", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("comment" = String, Path, description = "Comment")), request_body = SetVisibility, responses((status = 200, body = Comment), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn set_visibility(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    Json(set): Json<SetVisibility>,
) -> Result<Answer<Comment>, Refusal> {
    let (rrn, comment) = named(path)?;
    let entered = editing(&state, &actor, &rrn).await?;
    let comment = id(comment)?;
    let to = (Method::PUT, &["comments", &comment, "visibility"][..]);
    act(&state, &entered, "investigation.comment.visibility", to, Some(&set)).await.map(Answer)
}

/// Takes a comment back, as its author.
///
/// Codes: FORBIDDEN, NOT_AUTHOR (403), NOT_FOUND (404), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(delete, path = "/api/v1/investigations/{rrn}/comments/{comment}", operation_id = "remove_comment", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("comment" = String, Path, description = "Comment")), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove_comment(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<StatusCode, Refusal> {
    let (rrn, comment) = named(path)?;
    let entered = editing(&state, &actor, &rrn).await?;
    let comment = id(comment)?;
    let to = (Method::DELETE, &["comments", &comment][..]);
    act::<_, ()>(&state, &entered, "investigation.comment.remove", to, NOTHING).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Log rows that were added to an investigation, as they were then, in the order of their adding.
///
/// Codes: INVALID_INPUT, CURSOR_INVALID (400), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/evidence", operation_id = "list_evidence", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), PageParams), responses((status = 200, body = Paged<Evidence>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn evidence(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(page): Query<PageParams>,
) -> Result<Answer<Paged<Evidence>>, Refusal> {
    let entered = viewing(&state, &actor, &named(rrn)?).await?;
    read(&state, &entered, &["evidence"], &page.query()).await.map(Answer)
}

/// Adds log rows of the customer to an investigation. What is there already stays as it is.
///
/// Codes: INVALID_INPUT, EVENT_UNKNOWN (400), FORBIDDEN (403), NOT_FOUND (404), MERGED (409), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/investigations/{rrn}/evidence", operation_id = "add_evidence", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), request_body = NewEvidence, responses((status = 200, body = EvidenceAdded), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add_evidence(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Json(new): Json<NewEvidence>,
) -> Result<Answer<EvidenceAdded>, Refusal> {
    let entered = editing(&state, &actor, &named(rrn)?).await?;
    act(&state, &entered, "investigation.evidence.add", (Method::POST, &["evidence"]), Some(&new)).await.map(Answer)
}

/// Takes a log row out of an investigation.
///
/// Codes: FORBIDDEN (403), NOT_FOUND (404), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(delete, path = "/api/v1/investigations/{rrn}/evidence/{event}", operation_id = "remove_evidence", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("event" = String, Path, description = "Event")), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove_evidence(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<StatusCode, Refusal> {
    let (rrn, event) = named(path)?;
    let entered = editing(&state, &actor, &rrn).await?;
    let event = id(event)?;
    let to = (Method::DELETE, &["evidence", &event][..]);
    act::<_, ()>(&state, &entered, "investigation.evidence.remove", to, NOTHING).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Investigations of the same customer that share an entity, newest change first, at most 50.
///
/// Codes: NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/related", operation_id = "list_related", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), responses((status = 200, body = List<Related>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn related(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<List<Related>>, Refusal> {
    let entered = viewing(&state, &actor, &named(rrn)?).await?;
    case::related(&state, &entered).await.map(Answer)
}

/// The lines of the workspace's own audit about an investigation, newest first.
///
/// Codes: INVALID_INPUT, CURSOR_INVALID (400), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/audit", operation_id = "list_case_audit", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), PageParams), responses((status = 200, body = Paged<AuditEntry>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn trail(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(page): Query<PageParams>,
) -> Result<Answer<Paged<AuditEntry>>, Refusal> {
    let entered = viewing(&state, &actor, &named(rrn)?).await?;
    read(&state, &entered, &["audit"], &page.query()).await.map(Answer)
}
