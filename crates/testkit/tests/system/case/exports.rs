//! A case as a file: off until the customer's administrator allows it.

use super::Scene;
use bailiwick_api::{AuditEntry, CaseExport, Exports, Paged};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_leaves_as_a_file_only_where_the_customer_allows_it() {
    let scene = Scene::start().await;
    let row = scene.sprayed(1).await.remove(0).row;
    let export = format!("/{}/export", row.rrn);
    scene.done("POST", &format!("/{}/comments", row.rrn), json!({"body": "between us"})).await;
    assert_eq!(scene.call("GET", &export, Value::Null).await.refusal(), (403, "EXPORT_OFF", ""));
    let off: Exports = scene.acme.admin.get("/api/v1/exports").await.unwrap();
    assert!(!off.allowed);
    let _on: Exports = scene.acme.admin.allow_exports(true).await.unwrap();
    let answer = scene.call("GET", &export, Value::Null).await;
    assert!(answer.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let file: CaseExport = serde_json::from_value(answer.body).unwrap();
    assert_eq!((file.exported_by.as_str(), file.comments.len(), file.signals.is_empty()), (scene.ana.email.as_str(), 1, false));
    let pdf = scene.call("GET", &format!("{export}?format=pdf"), Value::Null).await;
    assert_eq!((pdf.status, pdf.headers["content-type"].to_str().unwrap()), (200, "application/pdf"));
    assert!(pdf.body.as_str().unwrap().starts_with("%PDF-"));
    assert_eq!(scene.call("GET", &format!("{export}?format=doc"), Value::Null).await.status, 400);
    let lines: Paged<AuditEntry> = scene.acme.admin.get("/api/v1/audit?limit=100").await.unwrap();
    let told = |verb: &str| lines.data.iter().filter(|line| line.verb == verb && line.actor == scene.ana.email).count();
    assert_eq!((told("investigation.export.json"), told("investigation.export.pdf")), (2, 1), "the refused one is told, too");
    let _off: Exports = scene.acme.admin.allow_exports(false).await.unwrap();
    assert_eq!(scene.call("GET", &export, Value::Null).await.code(), "EXPORT_OFF");
}
