//! Elasticsearch's `_bulk`, for the many senders that speak it. Documents become events; the log only grows, so an item that wants to
//! change or remove one is refused by itself.
//!
//! A document under an `_id` is taken once a day: `create` under an id that is here answers 409 as in Elasticsearch, and `index` of the
//! same document under the same id answers that nothing changed. A retry therefore stores nothing twice.

use super::{
    Dialect, batch, beside,
    body::Body,
    bulk::{self, Action, Item, Malformed},
    count, cut,
    dialect::PRODUCT,
    event_id, hints_json,
};
use crate::{State, access::IngestGrant, wal::Event, workspaces::Fate};
use axum::{
    extract::{Path, Request, State as Shared},
    response::{IntoResponse, Response},
};
use bailiwick_api::SourceId;
use bailiwick_chassis::{Refusal, secrets};
use bailiwick_event::Hints;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::sync::Arc;
use utoipa::IntoParams;

/// What a bulk request may have in its query. Accepted, and without effect: a document is durable and searchable when it is answered.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what clients send; nothing of it changes what is done")]
pub(crate) struct BulkParameters {
    refresh: Option<String>,
    pipeline: Option<String>,
    routing: Option<String>,
    timeout: Option<String>,
    filter_path: Option<String>,
    pretty: Option<String>,
    require_alias: Option<String>,
    require_data_stream: Option<String>,
    wait_for_active_shards: Option<String>,
}

/// Takes documents in.
#[utoipa::path(method(post, put), path = "/_bulk", tag = "ingest", params(BulkParameters),
    request_body(content = String, content_type = "application/x-ndjson", description = "Action lines and documents, as Elasticsearch takes them"),
    responses((status = 200, description = "One result for each item")))]
pub(crate) async fn bulk(Shared(state): Shared<State>, grant: IngestGrant, request: Request) -> Result<Response, Refusal> {
    take(&state, &grant, None, request).await
}

/// The same with the index that items name when they name none.
#[utoipa::path(method(post, put), path = "/{index}/_bulk", tag = "ingest", params(("index" = String, Path, description = "Kept with each event as `_index`"), BulkParameters),
    request_body(content = String, content_type = "application/x-ndjson", description = "Action lines and documents, as Elasticsearch takes them"),
    responses((status = 200, description = "One result for each item")))]
pub(crate) async fn bulk_into(
    Shared(state): Shared<State>,
    grant: IngestGrant,
    Path(index): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    take(&state, &grant, Some(index), request).await
}

/// An answer of Elasticsearch.
pub(super) fn answer(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json")), PRODUCT], body).into_response()
}

async fn take(state: &State, grant: &IngestGrant, index: Option<String>, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let words = |refusal| Dialect::Elasticsearch.words(refusal, &parts.headers);
    let Body { bytes, mut lease } = state.ingest().bodies.read(&parts.headers, body).await.map_err(words)?;
    let began = state.clock().now_us();
    let source = grant.source().id.clone();
    let work = move |body: &Bytes| bulk::parse(body, index.as_deref()).map(|items| read(body, &source, items));
    let read = state.ingest().divide(bytes, work).await.map_err(words)?.map_err(|malformed| words(refusal(&malformed)))?;
    lease.hold(read.beside).map_err(words)?;
    let events = batch(grant, began, None, read.events);
    let fates = grant.workspace().append_each(events).await.map_err(words)?;
    count("elasticsearch", fates.iter().filter(|fate| **fate == Fate::Taken).count());
    let took = u64::try_from((state.clock().now_us() - began) / 1000).unwrap_or_default();
    Ok(answer(StatusCode::OK, results(took, read.items, &fates)?))
}

fn refusal(malformed: &Malformed) -> Refusal {
    let status = if *malformed == Malformed::TooMany { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
    Refusal::new(status, "BULK_MALFORMED").field("body").detail(malformed.to_string())
}

/// A body that was read: its events, and every item without its document.
struct Read {
    events: Vec<Event>,
    items: Vec<(Item, Result<(), Flaw>)>,
    beside: usize,
}

/// Why an item is refused by itself: type and reason as Elasticsearch has them.
#[derive(Clone, Debug)]
struct Flaw {
    kind: &'static str,
    reason: String,
}

fn read(body: &Bytes, from: &SourceId, items: Vec<Item>) -> Read {
    let mut hints = LastHints::default();
    let mut read = Read { events: Vec::new(), items: Vec::with_capacity(items.len()), beside: 0 };
    for mut item in items {
        let source = std::mem::take(&mut item.source);
        let outcome = flaw(&item, &source).map_or(Ok(()), Err);
        if outcome.is_ok() {
            let id = id_of(from, &item, &source);
            read.events.push(Event { hints: hints.of(item.index.as_ref()), id, ..cut(source) });
        }
        read.items.push((item, outcome));
    }
    read.beside = beside(&read.events, body);
    read
}

fn flaw(item: &Item, source: &Bytes) -> Option<Flaw> {
    match item.action {
        Action::Update | Action::Delete => {
            let reason = format!("{}: what is stored here is never changed; send create or index", item.action.as_str());
            Some(Flaw { kind: "illegal_argument_exception", reason })
        }
        // A document that is too long becomes a failed record that says so, as on every way in.
        Action::Create | Action::Index if source.len() > bailiwick_event::MAX_EVENT_BYTES => None,
        Action::Create | Action::Index => bulk::flaw(source).map(|reason| Flaw { kind: "document_parsing_exception", reason }),
    }
}

/// What makes it the same document of a source: for `create` its index and id, for `index` the document, too.
fn id_of(from: &SourceId, item: &Item, source: &[u8]) -> Option<String> {
    let (from, index) = (from.as_str().as_bytes(), item.index.as_deref().unwrap_or_default().as_bytes());
    let id = item.id.as_deref()?.as_bytes();
    Some(match item.action {
        Action::Create => event_id(&[b"create", from, index, id]),
        _ => event_id(&[b"index", from, index, id, source]),
    })
}

/// Hints of the documents of one index are the same bytes.
#[derive(Default)]
struct LastHints(Option<(Arc<str>, Option<Bytes>)>);

impl LastHints {
    fn of(&mut self, index: Option<&Arc<str>>) -> Option<Bytes> {
        let index = index?;
        match &self.0 {
            Some((last, hints)) if last == index => hints.clone(),
            _ => {
                let fields = [("_index".to_owned(), serde_json::Value::String(index.to_string()))].into_iter().collect();
                let hints = hints_json(&Hints { fields, ..Hints::default() });
                self.0 = Some((Arc::clone(index), hints.clone()));
                hints
            }
        }
    }
}

#[derive(Serialize)]
struct Results {
    took: u64,
    errors: bool,
    items: Vec<Named>,
}

/// A result under the name of its action.
struct Named(Action, Outcome);

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0.as_str(), &self.1)?;
        map.end()
    }
}

#[derive(Serialize)]
struct Outcome {
    _index: Arc<str>,
    _id: String,
    status: u16,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rest {
    Done { _version: u8, result: &'static str, _shards: Shards, _seq_no: u8, _primary_term: u8 },
    Failed { error: Error },
}

#[derive(Serialize)]
struct Shards {
    total: u8,
    successful: u8,
    failed: u8,
}

#[derive(Serialize)]
struct Error {
    r#type: &'static str,
    reason: String,
}

fn results(took: u64, items: Vec<(Item, Result<(), Flaw>)>, fates: &[Fate]) -> Result<Vec<u8>, Refusal> {
    let (made, nowhere): (String, Arc<str>) = (secrets::random_id(""), Arc::from(""));
    let mut fates = fates.iter();
    let named = items.into_iter().enumerate().map(|(number, (item, read))| {
        let (status, rest) = match read {
            Err(flaw) => (400, failed(flaw.kind, flaw.reason)),
            Ok(()) => result(item.action, *fates.next().unwrap_or(&Fate::InFlight)),
        };
        let _index = item.index.unwrap_or_else(|| Arc::clone(&nowhere));
        // As Elasticsearch does, an id is made for a document that has none.
        let _id = item.id.unwrap_or_else(|| format!("{made}-{number}"));
        Named(item.action, Outcome { _index, _id, status, rest })
    });
    let items: Vec<Named> = named.collect();
    let errors = items.iter().any(|Named(_, outcome)| matches!(outcome.rest, Rest::Failed { .. }));
    serde_json::to_vec(&Results { took, errors, items }).map_err(Refusal::internal)
}

fn result(action: Action, fate: Fate) -> (u16, Rest) {
    let done = |result| Rest::Done { _version: 1, result, _shards: Shards { total: 1, successful: 1, failed: 0 }, _seq_no: 0, _primary_term: 1 };
    match fate {
        Fate::Taken => (201, done("created")),
        Fate::Duplicate if action == Action::Create => {
            (409, failed("version_conflict_engine_exception", "version conflict, document already exists".to_owned()))
        }
        Fate::Duplicate => (200, done("noop")),
        Fate::InFlight => (429, failed("es_rejected_execution_exception", "the same document is being written; send it again".to_owned())),
    }
}

fn failed(kind: &'static str, reason: String) -> Rest {
    Rest::Failed { error: Error { r#type: kind, reason } }
}

/// The same refusals for the paths beside `_bulk`.
pub(super) fn words(refusal: Refusal) -> Refusal {
    Dialect::Elasticsearch.words(refusal, &HeaderMap::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_item_gets_its_own_result() {
        let body = Bytes::from_static(
            b"{\"create\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"m\":1}\n{\"index\":{\"_id\":\"2\"}}\n{\"m\":2}\n{\"create\":{\"_id\":\"3\"}}\nwords\n\
              {\"delete\":{\"_id\":\"4\"}}\n{\"create\":{\"_id\":\"5\"}}\n{}\n",
        );
        let read = read(&body, &SourceId::from("s"), bulk::parse(&body, Some("path")).unwrap());
        assert_eq!(read.events.len(), 3);
        assert_eq!(read.events[0].hints.as_deref(), Some(&b"{\"fields\":{\"_index\":\"a\"}}"[..]));
        let fates = [Fate::Taken, Fate::Duplicate, Fate::Duplicate];
        let answer: Value = serde_json::from_slice(&results(3, read.items, &fates).unwrap()).unwrap();
        insta::assert_json_snapshot!(answer);
    }

    #[test]
    fn a_create_is_the_same_by_its_id_and_an_index_only_with_the_same_document() {
        let item = |action, id: Option<&str>| Item { action, index: Some("i".into()), id: id.map(str::to_owned), source: Bytes::new() };
        let id = |from: &str, action, id, source: &[u8]| id_of(&SourceId::from(from), &item(action, id), source);
        assert_eq!(id("s", Action::Create, Some("1"), b"{}"), id("s", Action::Create, Some("1"), b"{\"a\":1}"));
        assert_ne!(id("s", Action::Create, Some("1"), b"{}"), id("t", Action::Create, Some("1"), b"{}"));
        assert_ne!(id("s", Action::Index, Some("1"), b"{}"), id("s", Action::Index, Some("1"), b"{\"a\":1}"));
        assert_eq!(id("s", Action::Index, None, b"{}"), None);
    }
}
