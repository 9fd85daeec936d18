//! What is around one event of a customer's logs, and everything that matches as a file. The file is made at the node, which refuses it unless
//! the customer's administrator allowed files; it passes through.

use super::{check, note};
use crate::{
    access::{self, Action, Actor},
    audit,
    federation::{self, Failure, Trouble},
};
use ::http::header;
use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use bailiwick_api::{CustomerId, LogContext, LogExport, Problem, Surroundings};
use bailiwick_chassis::{Refusal, extract::Json};
use bailiwick_client::NodeClient;
use futures_util::StreamExt;
use std::{io, time::Duration};

const DEADLINE: Duration = Duration::from_secs(30);

/// What is around one event: events of the same source before and after it in event time.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT (400), FORBIDDEN (403), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/customers/{id}/logs/context", operation_id = "context_of_event", tag = "logs", params(("id" = String, Path, description = "Customer")), request_body = LogContext, responses((status = 200, body = Surroundings), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn context(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(ask): Json<LogContext>,
) -> Result<Answer<Surroundings>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::SearchLogs, &id).await?;
    let (at, question) = ((grant.workspace(), grant.role()), &ask);
    let call = |client: NodeClient, caller| async move { client.ask(&caller, at, "logs/context", question, DEADLINE).await };
    let answer = federation::call(&state, &grant, call).await.map_err(|trouble| trouble.refusal(grant.customer()));
    note(&state, &grant, "logs.context", answer.as_ref().map_or_else(Refusal::code, |_| audit::OK)).await?;
    answer.map(Answer)
}

/// Everything that matches as comma-separated values (RFC 4180), newest first; a cell that a table calculator takes for a formula begins with
/// an apostrophe. A file that does not end well, ends in the middle of the transfer.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT, QUERY_INVALID, EXPORT_TOO_LARGE with `matched` (400), FORBIDDEN, EXPORT_OFF (403), NOT_FOUND (404),
/// VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/customers/{id}/logs/export", operation_id = "export_logs", tag = "logs", params(("id" = String, Path, description = "Customer")), request_body = LogExport, responses((status = 200, content((String = "text/csv"))), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn export(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(ask): Json<LogExport>,
) -> Result<Response, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::SearchLogs, &id).await?;
    check(&ask.query, ask.from, ask.to)?;
    let (at, question) = ((grant.workspace(), grant.role()), &ask);
    let call = |client: NodeClient, caller| async move { client.file(&caller, at, "logs/export", question, DEADLINE).await };
    let answer = federation::call(&state, &grant, call).await;
    let answer = answer.map_err(|trouble: Trouble| trouble.refusal(grant.customer()));
    note(&state, &grant, "logs.export", answer.as_ref().map_or_else(|refusal| refusal.code(), |_| audit::OK)).await?;
    let chunks = answer?.map(|chunk| chunk.map_err(|error| io::Error::other(Failure::from(&error).message)));
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"logs.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((head, Body::from_stream(chunks)).into_response())
}
