//! What is too much within minutes stays signals, is counted and told.

use super::Scene;
use crate::work::SOON;
use bailiwick_api::{DetectionSettings, InvestigationRow, SignalPage};
use bailiwick_testkit::{events, eventually};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signals_beyond_the_throttle_stay_signals_and_are_counted_where_they_would_have_joined() {
    let scene = Scene::start().await;
    let row = scene.sprayed(1).await.remove(0).row;
    let settings = DetectionSettings { entity_signals_per_minute: 1, ..DetectionSettings::default() };
    let wrong = DetectionSettings { entity_signals_per_minute: 0, ..settings };
    let put = async |settings: &DetectionSettings| -> Result<DetectionSettings, bailiwick_client::ClientError> {
        scene.acme.admin.call("PUT".parse().unwrap(), "/api/v1/detection", Some(settings)).await
    };
    assert_eq!(put(&wrong).await.unwrap_err().code(), Some("INVALID_INPUT"));
    put(&settings).await.unwrap();
    scene.acme.send(&events::spray_story("dc01.corp.example", "203.0.1.1")).await.unwrap();
    let now = async || {
        let detail = scene.done("GET", &format!("/{}", row.rrn), Value::Null).await;
        serde_json::from_value::<InvestigationRow>(detail["investigation"].clone()).unwrap()
    };
    eventually(SOON, "signals held back", async || now().await.throttled_count > 0).await;
    let page: SignalPage = scene.acme.admin.get("/api/v1/signals?suppressed=true").await.unwrap();
    let held = page.data.iter().filter(|signal| signal.suppressed_reasons.iter().any(|why| why.starts_with("throttled:"))).count();
    assert!(held >= now().await.throttled_count as usize && held > 0, "each says why");
    let told = async || scene.acme.admin.health_issues().await.unwrap().data.iter().any(|issue| issue.tracker.as_str() == "signals.throttled");
    eventually(SOON, "a health issue", told).await;
}
