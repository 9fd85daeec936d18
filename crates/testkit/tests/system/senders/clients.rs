//! The real clients, started here and pointed at a node: the official Python client of Elasticsearch and the SDK of OpenTelemetry.

use super::Scene;
use serde_json::Value;
use std::{path::Path, process::Command};

/// Runs a script of this folder with a node's address and the ingest key; its last line is JSON.
async fn run(scene: &Scene, script: &str) -> Value {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (script, maker) = (here.join("tests/system/senders").join(script), here.join("../../scripts/python-clients"));
    let arguments = [scene.url(), scene.site.ingest_key.clone()];
    tokio::task::spawn_blocking(move || {
        let made = Command::new(&maker).output().unwrap();
        assert!(made.status.success(), "{}: {}", maker.display(), String::from_utf8_lossy(&made.stderr));
        let python = String::from_utf8(made.stdout).unwrap();
        let ran = Command::new("timeout").arg("120").arg(python.trim()).arg(&script).args(arguments).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&ran.stdout).into_owned(), String::from_utf8_lossy(&ran.stderr).into_owned());
        assert!(ran.status.success(), "{}: {out}\n{err}", script.display());
        serde_json::from_str(out.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{}: {out}\n{err}", script.display()))
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_client_of_elasticsearch_sends_in_bulk() {
    let scene = Scene::start().await;
    let said = run(&scene, "elastic_client.py").await;
    assert_eq!(said["tagline"], "You Know, for Search");
    assert_eq!((&said["indexed"], &said["created"], &said["again"]), (&Value::from(1000), &Value::from(500), &Value::from(0)));
    assert_eq!(said["conflicts"], 500);
    assert_eq!(said["probes"], "ok");
    // 1000 indexed, 500 created once, one by each of the three other ways to show the key.
    assert_eq!(scene.stored().await.0, 1503);
    let found = scene.site.search("markcreated499").await.unwrap();
    assert_eq!((found.len(), found[0].raw.contains("markcreated499")), (1, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sdk_of_opentelemetry_exports_logs() {
    let scene = Scene::start().await;
    let said = run(&scene, "otlp_client.py").await;
    assert_eq!((&said["plain"], &said["gzip"], &said["wrong_key"]), (&Value::Bool(true), &Value::Bool(true), &Value::Bool(false)));
    let raws = scene.raws().await;
    assert_eq!(raws.len(), 6, "{raws:?}");
    for kind in ["plain", "gzip"] {
        assert!(raws.contains(&format!("text of {kind}")), "{raws:?}");
        assert!(raws.contains(&format!("{{\"kind\":\"{kind}\",\"n\":1}}")), "{raws:?}");
    }
    let found = scene.site.search("failedlogin").await.unwrap();
    assert_eq!((found.len(), found[0].record_type.as_str()), (2, "Authentication"));
}
