//! OTLP over HTTP by hand: JSON, what cannot be read, and refusals in the encoding of the request.

use super::Scene;
use bailiwick_testkit::{call, events};
use serde_json::json;

fn request(records: serde_json::Value) -> Vec<u8> {
    let resource = json!({"attributes": [{"key": "host.name", "value": {"stringValue": "web-1"}}]});
    json!({"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": {"name": "app"}, "logRecords": records}]}]}).to_string().into_bytes()
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_taken_and_those_that_cannot_be_read_are_counted_in_the_answer() {
    let scene = Scene::start().await;
    let sshd = events::sshd("web-1", "Failed password for otelly from 198.51.100.4 port 4711 ssh2");
    let body = request(json!([
        {"timeUnixNano": "1760000000000000000", "body": {"stringValue": sshd}, "severityText": "INFO"},
        {"body": {"kvlistValue": {"values": [{"key": "user", "value": {"stringValue": "ann"}}]}}},
        {"body": 7},
    ]));
    let answer = scene.send("Bearer", "POST", "/v1/logs", JSON, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["partialSuccess"]["rejectedLogRecords"], "1");
    assert_eq!(scene.stored().await.0, 2);
    assert_eq!(scene.site.search("otelly").await.unwrap()[0].record_type, "Authentication");
    assert!(scene.raws().await.contains(&"{\"user\":\"ann\"}".to_owned()));
    let whole = scene.send("Bearer", "POST", "/v1/logs", JSON, request(json!([{"body": {"stringValue": "x"}}]))).await;
    assert_eq!((whole.status, whole.body), (200, json!({})));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_a_status_in_the_encoding_of_the_request() {
    let scene = Scene::start().await;
    let bad = scene.send("Bearer", "POST", "/v1/logs", JSON, "words").await;
    assert_eq!((bad.status, bad.body["code"].as_i64()), (400, Some(3)), "{bad:?}");
    let bad = scene.send("Bearer", "POST", "/v1/logs", &[("content-type", "application/x-protobuf")], "words").await;
    assert_eq!((bad.status, bad.headers["content-type"].to_str().unwrap()), (400, "application/x-protobuf"));
    assert!(bad.body.as_str().unwrap().starts_with("\u{8}\u{3}\u{12}"), "google.rpc.Status: {bad:?}");
    assert_eq!(scene.send("Bearer", "POST", "/v1/logs", &[("content-type", "text/plain")], "x").await.status, 415);
    let headers = [("authorization", "Bearer bwk_acme_wrong".to_owned()), ("content-type", "application/json".to_owned())];
    let unknown = call(&scene.world.transport, "POST", &format!("{}/v1/logs", scene.url()), &headers, b"{}".to_vec()).await.unwrap();
    assert_eq!((unknown.status, unknown.body["code"].as_i64()), (401, Some(16)));
    assert_eq!(scene.stored().await.0, 0);
}
