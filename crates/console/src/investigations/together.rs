//! Who is on an investigation and who looks at it, passed to the node that owns it.

use super::one::{self, Entered};
use crate::{
    State,
    access::{Action, Actor},
    audit::{self, Line},
    federation::{self, Trouble},
};
use axum::{
    Json as Answer,
    body::Bytes,
    extract::{Path, State as With, rejection::PathRejection},
};
use bailiwick_api::{Investigation, InvestigationRow, Looking, Problem, TakeClaim};
use bailiwick_chassis::{
    Refusal,
    extract::{NoParams, Query, parse_json},
};
use bailiwick_client::{Act, NodeClient};
use http::Method;
use serde::{Serialize, de::DeserializeOwned};

type PathOf<T> = Result<Path<T>, PathRejection>;

/// Puts the person on it for 15 minutes from now; a further call renews that. While somebody else is on it the answer is 409 with the row,
/// whose `claim` says who and until when, unless the body says `{"take": true}`.
///
/// Codes: UNKNOWN_FIELD (400), FORBIDDEN (403), NOT_FOUND (404), CLAIMED (409), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(put, path = "/api/v1/investigations/{rrn}/claim", operation_id = "claim_investigation", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), request_body = Option<TakeClaim>, responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn claim(With(state): With<State>, actor: Actor, rrn: PathOf<String>, body: Bytes) -> Result<Answer<Investigation>, Refusal> {
    let entered = one::enter(&state, &actor, Action::EditInvestigations, &named(rrn)?).await?;
    let take: TakeClaim = if body.is_empty() { TakeClaim::default() } else { parse_json(&body)? };
    let row = act(&state, &entered, &Method::PUT, "claim", Some(&take)).await;
    noted(&state, &entered, "investigation.claim", row).await.map(Answer)
}

/// Takes the person off it. Who is not on it changes nothing.
///
/// Codes: FORBIDDEN (403), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(delete, path = "/api/v1/investigations/{rrn}/claim", operation_id = "release_investigation", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), responses((status = 200, body = Investigation), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn release(
    With(state): With<State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Investigation>, Refusal> {
    let entered = one::enter(&state, &actor, Action::EditInvestigations, &named(rrn)?).await?;
    let row = act::<(), _>(&state, &entered, &Method::DELETE, "claim", None).await;
    noted(&state, &entered, "investigation.release", row).await.map(Answer)
}

/// Says that one looks at it, for the next 30 s, and who else does. A page says so again every 10 s; nothing of it is kept.
///
/// Codes: NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(put, path = "/api/v1/investigations/{rrn}/presence", operation_id = "look_at_investigation", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), responses((status = 200, body = Looking), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn look(
    With(state): With<State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Looking>, Refusal> {
    let entered = one::enter(&state, &actor, Action::ViewInvestigations, &named(rrn)?).await?;
    act::<(), _>(&state, &entered, &Method::PUT, "presence", None).await.map(Answer).map_err(|trouble| entered.refusal(trouble))
}

/// Says that one looks at it no more; who still does.
///
/// Codes: NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(delete, path = "/api/v1/investigations/{rrn}/presence", operation_id = "leave_investigation", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), responses((status = 200, body = Looking), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn leave(
    With(state): With<State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Looking>, Refusal> {
    let entered = one::enter(&state, &actor, Action::ViewInvestigations, &named(rrn)?).await?;
    act::<(), _>(&state, &entered, &Method::DELETE, "presence", None).await.map(Answer).map_err(|trouble| entered.refusal(trouble))
}

async fn act<B: Serialize + Sync, T: DeserializeOwned>(
    state: &State,
    entered: &Entered,
    method: &Method,
    noun: &str,
    body: Option<&B>,
) -> Result<T, Trouble> {
    let noun = entered.noun(noun);
    let act = Act { method, noun: &noun, deadline: state.pace.change_deadline };
    let call = |client: NodeClient, caller| async move { client.act(&caller, entered.at(), act, body).await };
    federation::call(state, entered.grant(), call).await
}

/// The row as people see it, and a line of the audit whatever came of it.
async fn noted(state: &State, entered: &Entered, verb: &str, row: Result<InvestigationRow, Trouble>) -> Result<Investigation, Refusal> {
    let outcome = match row {
        Ok(row) => entered.with_customer(row),
        Err(Trouble::Refused(problem)) if problem.status == 409 => Err(one::lost_race(entered, *problem)),
        Err(trouble) => Err(entered.refusal(trouble)),
    };
    let (grant, word) = (entered.grant(), outcome.as_ref().map_or_else(Refusal::code, |_| audit::OK));
    audit::record(state, Line { actor: grant.actor().email(), verb, customer: Some(&grant.customer().id), outcome: word }).await?;
    outcome
}

/// A path that cannot be read names nothing there is.
fn named<T>(path: PathOf<T>) -> Result<T, Refusal> {
    path.map(|Path(value)| value).map_err(|_| Refusal::not_found())
}
