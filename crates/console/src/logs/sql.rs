//! SQL over one customer's workspace, run by its node. Statement and rows pass through; who ran one on whom, and how it ended, is
//! written down.

use super::note;
use crate::{
    access::{self, Action, Actor, CustomerGrant},
    audit,
    federation::{self, Trouble},
};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CustomerId, List, Problem, RunningSql, SqlAnswer, SqlQuery};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};
use bailiwick_client::NodeClient;
use http::StatusCode;
use std::time::Duration;

const DEADLINE_MS: u32 = 30_000;
const MAX_DEADLINE_MS: u32 = 60_000;
/// What a statement may take on its way, beside its own time.
const WAY: Duration = Duration::from_secs(5);
const MAX_SQL_BYTES: usize = 16 << 10;
const MAX_ID_CHARS: usize = 100;

/// Runs one SELECT over one customer's workspace.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT, SQL_INVALID with a position, SQL_FAILED (400), FORBIDDEN (403), NOT_FOUND (404), CANCELLED (409),
/// SQL_TOO_LARGE, SQL_DEADLINE (422), BUSY (429), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/customers/{id}/sql", operation_id = "run_sql", tag = "logs", params(("id" = String, Path, description = "Customer")), request_body = SqlQuery, responses((status = 200, body = SqlAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn run(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(ask): Json<SqlQuery>,
) -> Result<Answer<SqlAnswer>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::SearchLogs, &id).await?;
    if ask.sql.len() > MAX_SQL_BYTES {
        return Err(Refusal::invalid("INVALID_INPUT", "sql", format!("sql: at most {MAX_SQL_BYTES} bytes")));
    }
    let deadline = Duration::from_millis(ask.deadline_ms.unwrap_or(DEADLINE_MS).min(MAX_DEADLINE_MS).into()) + WAY;
    let at = (grant.workspace(), grant.role());
    let question = &ask;
    let call = |client: NodeClient, caller| async move { client.ask(&caller, at, "sql", question, deadline).await };
    noted(&state, &grant, "sql.run", federation::call(&state, &grant, call).await).await.map(Answer)
}

/// The person's own statements that run in one customer's workspace.
///
/// Codes: FORBIDDEN (403), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/customers/{id}/sql", operation_id = "list_sql", tag = "logs", params(("id" = String, Path, description = "Customer")), responses((status = 200, body = List<RunningSql>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<List<RunningSql>>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::SearchLogs, &id).await?;
    let (at, deadline) = ((grant.workspace(), grant.role()), state.federation.pace().deadline);
    let call = |client: NodeClient, caller| async move { client.read(&caller, at, "sql", "", deadline).await };
    let answer = federation::call(&state, &grant, call).await;
    answer.map(Answer).map_err(|trouble| trouble.refusal(grant.customer()))
}

/// Stops a statement of the person's own in one customer's workspace.
///
/// Codes: FORBIDDEN (403), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(delete, path = "/api/v1/customers/{id}/sql/{query}", operation_id = "stop_sql", tag = "logs", params(("id" = String, Path, description = "Customer"), ("query" = String, Path, description = "Id of the statement")), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn stop(
    State(state): State<crate::State>,
    actor: Actor,
    path: Result<Path<(CustomerId, String)>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<StatusCode, Refusal> {
    let Path((id, query)) = path.map_err(|_| Refusal::not_found())?;
    let grant = access::enter(&state, &actor, Action::SearchLogs, &id).await?;
    if query.is_empty() || query.chars().count() > MAX_ID_CHARS {
        return Err(Refusal::not_found());
    }
    let (at, deadline, query) = ((grant.workspace(), grant.role()), state.federation.pace().deadline, query.as_str());
    let call = |client: NodeClient, caller| async move { client.remove(&caller, at, "sql", query, deadline).await };
    noted(&state, &grant, "sql.stop", federation::call(&state, &grant, call).await).await.map(|()| StatusCode::NO_CONTENT)
}

/// Writes down how it ended.
async fn noted<T>(state: &crate::State, grant: &CustomerGrant, verb: &str, answer: Result<T, Trouble>) -> Result<T, Refusal> {
    let answer = answer.map_err(|trouble| trouble.refusal(grant.customer()));
    note(state, grant, verb, answer.as_ref().map_or_else(Refusal::code, |_| audit::OK)).await?;
    answer
}
