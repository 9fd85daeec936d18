//! Asking a dashboard: what is wrong with the question is refused before any node is asked; the answer is told line by line.

use super::{Panels, Room, find, invalid, stream::Run};
use crate::{
    access::{self, Action, Actor},
    federation,
    rate_cards::{self, Cards},
};
use axum::{
    body::Body,
    extract::{Path, State as With, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use bailiwick_api::{
    Problem,
    dashboards::{DashboardAnswer, DashboardQuery, Measure},
};
use bailiwick_chassis::{Refusal, extract::Json};
use bailiwick_dashboard::{
    glob::Globs,
    plan::{Plan, plans},
};
use futures_util::StreamExt;
use http::{StatusCode, header};
use serde_json::{Map, Value};
use std::{convert::Infallible, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;

/// How long room for one more dashboard is waited for.
const WAIT: Duration = Duration::from_secs(3);
/// Lines that wait for a slow reader.
const LINES: usize = 4;

impl Room {
    /// Room for one; 429 when it does not come in time.
    async fn take(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let full = || Refusal::new(StatusCode::TOO_MANY_REQUESTS, "BUSY").retry_after(1).detail("too many dashboards are being answered");
        timeout(WAIT, self.0.clone().acquire_owned()).await.ok().and_then(Result::ok).ok_or_else(full)
    }
}

/// The numbers of a dashboard's panels over all customers that this person reaches and `org_name` chooses. The answer is one JSON object a
/// line: `{"panel", "frame"}` or `{"panel", "error"}` for each panel in the definition's order, and at the end `{"scope"}`. With `progress` also
/// `{"progress": {asked, answered}}` and panels marked `partial` as nodes answer; each comes again, whole, before the scope. Everything is
/// optional: without anything it is the dashboard's usual range until now. What columns a frame has and how everything is counted is told in
/// docs/dashboards.md.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT (400: `field` says which), FORBIDDEN (403), NOT_FOUND (404), BUSY (429).
#[utoipa::path(post, path = "/api/v1/dashboards/{name}/query", operation_id = "query_dashboard", tag = "dashboards", params(("name" = String, Path, description = "Name of the dashboard")), request_body = DashboardQuery, responses((status = 200, body = DashboardAnswer, content_type = "application/x-ndjson"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn query(
    With(state): With<crate::State>,
    actor: Actor,
    name: Result<Path<String>, PathRejection>,
    Json(body): Json<Map<String, Value>>,
) -> Result<Response, Refusal> {
    let Path(name) = name.map_err(|_| Refusal::not_found())?;
    let dashboard = find(&state, &name).await?;
    let query = read(body)?;
    let now = state.clock.now();
    let plans = plans(&dashboard, &query, now).map_err(invalid)?;
    let globs = Globs::new(&query.org_name);
    let reach = access::reach_named(&state, &actor, Action::ViewInvestigations, !globs.is_every(), |name| globs.matches(name)).await?;
    let room = state.dashboards.take().await?;
    let cards = cards(&state, &query, &plans).await?;
    let panels = Panels::new(&state, plans.iter().flat_map(Plan::asks).collect(), cards, now.timestamp_micros());
    let asked = federation::begin(&state, &reach, panels);
    let (tell, lines) = mpsc::channel(LINES);
    let run = Run::new(state.clone(), reach, asked, plans, query.progress);
    state.tasks.spawn(async move {
        run.tell(&tell).await;
        drop(room);
    });
    let head = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    let lines = ReceiverStream::new(lines).map(Ok::<Vec<u8>, Infallible>).fuse();
    Ok((head, Body::from_stream(lines)).into_response())
}

/// Those of the page count alone; otherwise everybody's own.
async fn cards(state: &crate::State, query: &DashboardQuery, plans: &[Plan]) -> Result<Cards, Refusal> {
    match query.rates {
        Some(rates) => Ok(Cards::only(rates)),
        None if plans.iter().any(|plan| plan.panel.measure == Measure::Credits) => rate_cards::cards(state).await,
        None => Ok(Cards::default()),
    }
}

/// Reads a query; what cannot be read is named, also where its type is wrong.
fn read(body: Map<String, Value>) -> Result<DashboardQuery, Refusal> {
    let whole = serde_json::from_value::<DashboardQuery>(Value::Object(body.clone()));
    let Err(error) = whole else { return whole.map_err(Refusal::internal) };
    let alone = |name: &String, value: Value| serde_json::from_value::<DashboardQuery>(Value::Object(Map::from_iter([(name.clone(), value)])));
    let bad = body.into_iter().find_map(|(name, value)| alone(&name, value).err().map(|error| (name, error)));
    let (name, error) = bad.unwrap_or_else(|| (String::from("body"), error));
    let error = error.to_string();
    let code = if error.starts_with("unknown field") { "UNKNOWN_FIELD" } else { "INVALID_INPUT" };
    let name: String = name.chars().take(100).collect();
    let detail: String = format!("{name}: {error}").chars().take(500).collect();
    Err(Refusal::invalid(code, &name, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_cannot_be_read_is_named() {
        let field = |text: &str| {
            let refusal = read(serde_json::from_str(text).unwrap()).unwrap_err();
            (refusal.code().to_owned(), refusal.problem().field.unwrap())
        };
        for (text, code, name) in [
            (r#"{"from": "yesterday"}"#, "INVALID_INPUT", "from"),
            (r#"{"to": 5}"#, "INVALID_INPUT", "to"),
            (r#"{"org_name": {"a": 1}}"#, "INVALID_INPUT", "org_name"),
            (r#"{"tier": [1]}"#, "INVALID_INPUT", "tier"),
            (r#"{"rates": {"cse": 1}}"#, "INVALID_INPUT", "rates"),
            (r#"{"panels": []}"#, "INVALID_INPUT", "panels"),
            (r#"{"series": -1}"#, "INVALID_INPUT", "series"),
            (r#"{"orgname": "x"}"#, "UNKNOWN_FIELD", "orgname"),
            (r#"{"progress": "yes"}"#, "INVALID_INPUT", "progress"),
        ] {
            assert_eq!(field(text), (code.to_owned(), name.to_owned()), "{text}");
        }
        let read = |text: &str| read(serde_json::from_str(text).unwrap()).unwrap();
        assert_eq!(read(r#"{"org_name": "acme*"}"#).org_name, ["acme*"]);
        assert_eq!(read("{}"), DashboardQuery::default());
    }
}
