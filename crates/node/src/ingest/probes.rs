//! What Elasticsearch's clients ask before they send: who is there, its licence, and whether their templates, policies and pipelines are.
//!
//! The answers say as little as the clients accept. Templates and the like are said to be there, since none is needed: fields are what
//! the workspace's parsers make of an event. What a client wants to write there is acknowledged and not kept.

use super::elasticsearch::{answer, words};
use crate::{State, access::IngestGrant};
use axum::{
    extract::{Path, Request, State as Shared},
    response::{IntoResponse, Response},
};
use bailiwick_chassis::{Refusal, assets};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use utoipa::IntoParams;

/// The version whose protocol is spoken. Clients refuse to send to one that is older than they are.
const VERSION: &str = "9.1.0";

/// What these questions may have in their query. Accepted and without effect.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what clients send; nothing of it changes the answer")]
pub(crate) struct ProbeParameters {
    filter_path: Option<String>,
    pretty: Option<String>,
    human: Option<String>,
    timeout: Option<String>,
    master_timeout: Option<String>,
    include_type_name: Option<String>,
    overwrite: Option<String>,
}

/// Who is there. A browser gets the page.
#[utoipa::path(get, path = "/", tag = "ingest", params(ProbeParameters), responses((status = 200, description = "The version spoken; a page for a browser")))]
pub(crate) async fn root(Shared(state): Shared<State>, request: Request) -> Response {
    if request.extensions().get::<IngestGrant>().is_none() {
        return assets::serve(state.pages(), &request);
    }
    let said = json!({
        "name": state.id(),
        "cluster_name": "bailiwick",
        "cluster_uuid": state.id(),
        "version": {"number": VERSION, "build_flavor": "default", "build_type": "bailiwick", "build_snapshot": false, "lucene_version": "10.2.2",
            "minimum_wire_compatibility_version": "8.19.0", "minimum_index_compatibility_version": "8.0.0"},
        "tagline": "You Know, for Search",
    });
    json_answer(&said)
}

/// Whether an index is there, and making one. Every name is good. A browser gets the page.
#[utoipa::path(method(get, put), path = "/{index}", tag = "ingest", params(("index" = String, Path, description = "Any name"), ProbeParameters),
    responses((status = 200, description = "It is there; a page for a browser")))]
pub(crate) async fn index(Shared(state): Shared<State>, Path(index): Path<String>, request: Request) -> Response {
    if request.extensions().get::<IngestGrant>().is_none() {
        return assets::serve(state.pages(), &request);
    }
    if index.starts_with('_') {
        return unknown(&index);
    }
    match *request.method() {
        Method::PUT => json_answer(&json!({"acknowledged": true, "shards_acknowledged": true, "index": index})),
        _ => json_answer(&Value::Object([(index, json!({"aliases": {}, "mappings": {}, "settings": {}}))].into_iter().collect())),
    }
}

/// The licence: a basic one, so that clients want no more than the basics.
#[utoipa::path(get, path = "/_license", tag = "ingest", params(ProbeParameters), responses((status = 200, description = "A basic licence")))]
pub(crate) async fn license(Shared(state): Shared<State>, _: IngestGrant) -> Response {
    json_answer(
        &json!({"license": {"uid": state.id(), "type": "basic", "mode": "basic", "status": "active", "issued_to": "bailiwick", "issuer": "bailiwick"}}),
    )
}

/// The features: none that a sender needs.
#[utoipa::path(get, path = "/_xpack", tag = "ingest", params(ProbeParameters), responses((status = 200, description = "No features")))]
pub(crate) async fn xpack(Shared(state): Shared<State>, _: IngestGrant) -> Response {
    let licence = json!({"uid": state.id(), "type": "basic", "mode": "basic", "status": "active"});
    let feature = json!({"available": false, "enabled": false});
    json_answer(&json!({"license": licence, "features": {"ilm": feature, "security": feature, "monitoring": feature}, "tagline": "You know, for X"}))
}

/// Whether it can be sent to.
#[utoipa::path(get, path = "/_cluster/health", tag = "ingest", params(ProbeParameters), responses((status = 200, description = "It can be sent to")))]
pub(crate) async fn health(_: IngestGrant) -> Response {
    json_answer(&json!({"cluster_name": "bailiwick", "status": "green", "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1}))
}

/// The same in one line.
#[utoipa::path(get, path = "/_cat/health", tag = "ingest", params(ProbeParameters), responses((status = 200, description = "It can be sent to")))]
pub(crate) async fn cat_health(_: IngestGrant) -> Response {
    let mut said = answer(StatusCode::OK, b"bailiwick green 1 1\n".to_vec());
    said.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/plain; charset=UTF-8"));
    said
}

/// A template of indices.
#[utoipa::path(method(get, put), path = "/_index_template/{name}", tag = "ingest", params(("name" = String, Path), ProbeParameters),
    responses((status = 200, description = "It is there")))]
pub(crate) async fn index_template(_: IngestGrant, Path(name): Path<String>, method: Method) -> Response {
    kept(&method, || json!({"index_templates": [{"name": name, "index_template": {"index_patterns": [], "composed_of": []}}]}))
}

/// A template as older clients know it.
#[utoipa::path(method(get, put), path = "/_template/{name}", tag = "ingest", params(("name" = String, Path), ProbeParameters),
    responses((status = 200, description = "It is there")))]
pub(crate) async fn template(_: IngestGrant, Path(name): Path<String>, method: Method) -> Response {
    kept(&method, || named(name, json!({"order": 0, "index_patterns": [], "settings": {}, "mappings": {}, "aliases": {}})))
}

/// A part of a template.
#[utoipa::path(method(get, put), path = "/_component_template/{name}", tag = "ingest", params(("name" = String, Path), ProbeParameters),
    responses((status = 200, description = "It is there")))]
pub(crate) async fn component_template(_: IngestGrant, Path(name): Path<String>, method: Method) -> Response {
    kept(&method, || json!({"component_templates": [{"name": name, "component_template": {"template": {}}}]}))
}

/// A policy of how long to keep. How long a tier is kept is the workspace's.
#[utoipa::path(method(get, put), path = "/_ilm/policy/{name}", tag = "ingest", params(("name" = String, Path), ProbeParameters),
    responses((status = 200, description = "It is there")))]
pub(crate) async fn ilm_policy(_: IngestGrant, Path(name): Path<String>, method: Method) -> Response {
    kept(&method, || named(name, json!({"version": 1, "policy": {"phases": {}}})))
}

/// A pipeline of processors. How an event is parsed is the workspace's.
#[utoipa::path(method(get, put), path = "/_ingest/pipeline/{name}", tag = "ingest", params(("name" = String, Path), ProbeParameters),
    responses((status = 200, description = "It is there")))]
pub(crate) async fn ingest_pipeline(_: IngestGrant, Path(name): Path<String>, method: Method) -> Response {
    kept(&method, || named(name, json!({"processors": []})))
}

/// A data stream.
#[utoipa::path(method(get, put), path = "/_data_stream/{name}", tag = "ingest", params(("name" = String, Path), ProbeParameters),
    responses((status = 200, description = "It is there")))]
pub(crate) async fn data_stream(_: IngestGrant, Path(name): Path<String>, method: Method) -> Response {
    kept(
        &method,
        || json!({"data_streams": [{"name": name, "timestamp_field": {"name": "@timestamp"}, "indices": [], "generation": 1, "status": "GREEN"}]}),
    )
}

fn kept(method: &Method, there: impl FnOnce() -> Value) -> Response {
    if *method == Method::PUT { json_answer(&json!({"acknowledged": true})) } else { json_answer(&there()) }
}

fn named(name: String, what: Value) -> Value {
    Value::Object([(name, what)].into_iter().collect())
}

fn json_answer(said: &Value) -> Response {
    answer(StatusCode::OK, said.to_string().into_bytes())
}

fn unknown(path: &str) -> Response {
    let detail = format!("{path}: not one of the paths of Elasticsearch that are answered here");
    words(Refusal::not_found().detail(detail)).into_response()
}
