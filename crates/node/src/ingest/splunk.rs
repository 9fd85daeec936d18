//! Splunk's HTTP event collector: events in envelopes, raw lines, acknowledgements and health.
//!
//! A sender that names a channel gets a number with each answer and may ask for it later; it is always true, since an answer is given only
//! when everything is durable. A body sent again on its channel is stored once when every event in it says when it happened; otherwise it
//! is stored again, since two equal lines without a time may both be meant.

use super::{
    Dialect,
    acks::ChannelKey,
    batch, beside,
    body::Body,
    count, cut,
    hec::{self, Flaw, Said},
    split,
};
use crate::{State, access::IngestGrant, wal::Event, workspaces::Admission};
use axum::{
    extract::{Request, State as Shared},
    response::{IntoResponse, Response},
};
use bailiwick_chassis::{
    Refusal,
    extract::{QueryParams, parse_query},
    secrets,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

/// Bytes of a question for numbers.
const MAX_ASKED_BYTES: usize = 256 << 10;

/// What a sender may say in the query.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Asked {
    /// The channel, when not in `X-Splunk-Request-Channel`: a GUID.
    channel: Option<String>,
    /// For raw lines: when they happened.
    time: Option<String>,
    /// For raw lines: on which host.
    host: Option<String>,
    /// For raw lines: kept as `source`.
    source: Option<String>,
    /// For raw lines: kept as `sourcetype`.
    sourcetype: Option<String>,
    /// For raw lines: kept as `index`.
    index: Option<String>,
    /// A key has no place in a URL, which others log: refused.
    token: Option<String>,
}

impl QueryParams for Asked {}

/// Takes events in envelopes.
#[utoipa::path(post, path = "/services/collector", tag = "ingest", params(Asked),
    request_body(content = String, description = "JSON envelopes, one after the other"), responses((status = 200, description = "All are durable")))]
pub(crate) async fn collector(Shared(state): Shared<State>, grant: IngestGrant, request: Request) -> Result<Response, Refusal> {
    take_events(&state, &grant, request).await
}

/// The same.
#[utoipa::path(post, path = "/services/collector/event", tag = "ingest", params(Asked),
    request_body(content = String, description = "JSON envelopes, one after the other"), responses((status = 200, description = "All are durable")))]
pub(crate) async fn event(Shared(state): Shared<State>, grant: IngestGrant, request: Request) -> Result<Response, Refusal> {
    take_events(&state, &grant, request).await
}

/// The same under its version.
#[utoipa::path(post, path = "/services/collector/event/1.0", tag = "ingest", params(Asked),
    request_body(content = String, description = "JSON envelopes, one after the other"), responses((status = 200, description = "All are durable")))]
pub(crate) async fn event_1(Shared(state): Shared<State>, grant: IngestGrant, request: Request) -> Result<Response, Refusal> {
    take_events(&state, &grant, request).await
}

/// Takes lines.
#[utoipa::path(post, path = "/services/collector/raw", tag = "ingest", params(Asked),
    request_body(content = String, description = "Lines, each an event"), responses((status = 200, description = "All are durable")))]
pub(crate) async fn raw(Shared(state): Shared<State>, grant: IngestGrant, request: Request) -> Result<Response, Refusal> {
    take_lines(&state, &grant, request).await
}

/// The same under its version.
#[utoipa::path(post, path = "/services/collector/raw/1.0", tag = "ingest", params(Asked),
    request_body(content = String, description = "Lines, each an event"), responses((status = 200, description = "All are durable")))]
pub(crate) async fn raw_1(Shared(state): Shared<State>, grant: IngestGrant, request: Request) -> Result<Response, Refusal> {
    take_lines(&state, &grant, request).await
}

/// Which batches of a channel are durable.
#[utoipa::path(post, path = "/services/collector/ack", tag = "ingest", params(Asked),
    request_body(content = String, description = "`{\"acks\": [0, 1]}`"), responses((status = 200, description = "True for each that is durable")))]
pub(crate) async fn ack(Shared(state): Shared<State>, grant: IngestGrant, request: Request) -> Result<Response, Refusal> {
    #[derive(Deserialize)]
    struct Numbers {
        acks: Vec<u64>,
    }
    let (parts, body) = request.into_parts();
    let words = |refusal| Dialect::Splunk.words(refusal, &parts.headers);
    let asked = match asked(&parts) {
        Ok(asked) => asked,
        Err(refused) => return Ok(refused),
    };
    let Some(channel) = asked.channel else { return Ok(say(StatusCode::BAD_REQUEST, "Data channel is missing", 10)) };
    let body = state.ingest().bodies.read(&parts.headers, body).await.map_err(words)?;
    if body.bytes.len() > MAX_ASKED_BYTES {
        return Ok(refused(0, Flaw::TooMany, None));
    }
    let Ok(Numbers { acks: numbers }) = serde_json::from_slice(&body.bytes) else { return Ok(refused(0, Flaw::InvalidFormat, None)) };
    let given = state.ingest().acks.given(&channel_key(&grant, channel), &numbers, state.clock().now_us());
    let acks: serde_json::Map<String, Value> = numbers.iter().zip(given).map(|(number, given)| (number.to_string(), Value::Bool(given))).collect();
    Ok(json_answer(StatusCode::OK, &json!({"acks": acks})))
}

/// Whether it can be sent to.
#[utoipa::path(get, path = "/services/collector/health", tag = "ingest", params(Asked), responses((status = 200, description = "It can be sent to"), (status = 503)))]
pub(crate) async fn health(Shared(state): Shared<State>) -> Response {
    healthy(&state)
}

/// The same under its version.
#[utoipa::path(get, path = "/services/collector/health/1.0", tag = "ingest", params(Asked), responses((status = 200, description = "It can be sent to"), (status = 503)))]
pub(crate) async fn health_1(Shared(state): Shared<State>) -> Response {
    healthy(&state)
}

fn healthy(state: &State) -> Response {
    if state.ingest().bodies.has_room() {
        say(StatusCode::OK, "HEC is healthy", 17)
    } else {
        say(StatusCode::SERVICE_UNAVAILABLE, "HEC is unhealthy, queues are full", 18)
    }
}

async fn take_events(state: &State, grant: &IngestGrant, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let words = |refusal| Dialect::Splunk.words(refusal, &parts.headers);
    let asked = match asked(&parts) {
        Ok(asked) => asked,
        Err(refused) => return Ok(refused),
    };
    let Body { bytes, mut lease } = state.ingest().bodies.read(&parts.headers, body).await.map_err(words)?;
    let work = |body: &Bytes| {
        let parsed = hec::parse(body);
        let beside = beside(&parsed.events, body);
        (parsed, beside, secrets::digest(body))
    };
    let (parsed, beside, digest) = state.ingest().divide(bytes, work).await.map_err(words)?;
    lease.hold(beside).map_err(words)?;
    let mark = (parsed.timed && parsed.bad.is_none()).then_some(digest);
    let taken = match (parsed.events.is_empty(), parsed.bad) {
        (_, Some((number, Flaw::TooMany))) => return Ok(refused(number, Flaw::TooMany, None)),
        (true, _) => None,
        (false, _) => Some(keep(state, grant, asked.channel, mark, parsed.events).await.map_err(words)?),
    };
    match parsed.bad {
        Some((number, flaw)) => Ok(refused(number, flaw, taken.flatten())),
        None => Ok(success(taken.flatten())),
    }
}

async fn take_lines(state: &State, grant: &IngestGrant, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let words = |refusal| Dialect::Splunk.words(refusal, &parts.headers);
    let asked = match asked(&parts) {
        Ok(asked) => asked,
        Err(refused) => return Ok(refused),
    };
    let Body { bytes, mut lease } = state.ingest().bodies.read(&parts.headers, body).await.map_err(words)?;
    let (timed, hints) = (asked.said.time.is_some(), asked.said.hints(serde_json::Map::new()));
    let work = move |body: &Bytes| {
        let lines = split::lines(body);
        let events: Vec<Event> = lines.into_iter().map(|(_, line)| Event { hints: hints.clone(), ..cut(line) }).collect();
        (events, secrets::digest(body))
    };
    let (events, digest) = state.ingest().divide(bytes, work).await.map_err(words)?;
    if events.is_empty() {
        return Ok(refused(0, Flaw::NoData, None));
    }
    if events.len() > super::MAX_EVENTS {
        return Ok(refused(super::MAX_EVENTS, Flaw::TooMany, None));
    }
    lease.hold(events.len() * std::mem::size_of::<Event>()).map_err(words)?;
    keep(state, grant, asked.channel, timed.then_some(digest), events).await.map_err(words).map(success)
}

/// Makes events durable. The number of the batch when there is a channel; a batch that is here already has the number it had.
async fn keep(state: &State, grant: &IngestGrant, channel: Option<String>, mark: Option<String>, events: Vec<Event>) -> Result<Option<u64>, Refusal> {
    let number = events.len();
    let key = channel.as_ref().zip(mark.as_ref()).map(|(channel, mark)| format!("hec:{channel}:{mark}"));
    let now_us = state.clock().now_us();
    let admission = grant.workspace().append(batch(grant, now_us, key, events)).await?;
    if matches!(admission, Admission::New) {
        count("hec", number);
    }
    Ok(channel.map(|channel| state.ingest().acks.issue(channel_key(grant, channel), mark.as_deref(), now_us)))
}

fn channel_key(grant: &IngestGrant, channel: String) -> ChannelKey {
    ChannelKey { workspace: grant.workspace().id().clone(), source: grant.source().id.clone(), channel }
}

/// What the sender says beside the body.
struct Beside {
    channel: Option<String>,
    said: Said,
}

#[allow(clippy::result_large_err, reason = "the refusal is the answer, made once")]
fn asked(parts: &Parts) -> Result<Beside, Response> {
    let asked: Asked = parse_query(parts.uri.query().unwrap_or_default()).map_err(|_| refused(0, Flaw::InvalidFormat, None))?;
    if asked.token.is_some() {
        return Err(say(StatusCode::BAD_REQUEST, "Query string authorization is not enabled", 16));
    }
    let header = channel_header(&parts.headers).map_err(|()| invalid_channel())?;
    let channel = header.or(asked.channel);
    if channel.as_deref().is_some_and(|channel| !hec::is_channel(channel)) {
        return Err(invalid_channel());
    }
    let said = Said { time: asked.time, host: asked.host, source: asked.source, sourcetype: asked.sourcetype, index: asked.index };
    Ok(Beside { channel: channel.map(|channel| channel.to_ascii_lowercase()), said })
}

fn channel_header(headers: &HeaderMap) -> Result<Option<String>, ()> {
    headers.get("x-splunk-request-channel").map(|value| value.to_str().map(str::to_owned).map_err(|_| ())).transpose()
}

fn invalid_channel() -> Response {
    say(StatusCode::BAD_REQUEST, "Invalid data channel", 11)
}

fn success(number: Option<u64>) -> Response {
    let mut said = json!({"text": "Success", "code": 0});
    if let Some(number) = number {
        said["ackId"] = number.into();
    }
    json_answer(StatusCode::OK, &said)
}

/// The envelope `number`, from 0, was the first that could not be taken.
fn refused(number: usize, flaw: Flaw, ack: Option<u64>) -> Response {
    let status = if flaw == Flaw::TooMany { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
    let mut said = json!({"text": flaw.text(), "code": flaw.code()});
    if !matches!(flaw, Flaw::NoData | Flaw::TooMany) {
        said["invalid-event-number"] = number.into();
    }
    if let Some(ack) = ack {
        said["ackId"] = ack.into();
    }
    json_answer(status, &said)
}

fn say(status: StatusCode, text: &str, code: u8) -> Response {
    json_answer(status, &json!({"text": text, "code": code}))
}

fn json_answer(status: StatusCode, said: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], said.to_string()).into_response()
}
