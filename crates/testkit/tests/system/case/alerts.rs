//! Signals and investigations as people arrange them, and that correlation leaves it at that.

use super::Scene;
use crate::work::{SOON, page};
use bailiwick_api::InvestigationRow;
use bailiwick_testkit::{events, eventually};
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|signal| signal["id"].as_str().unwrap().to_owned()).collect()
}

fn row(body: &Value) -> InvestigationRow {
    serde_json::from_value(body.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_belongs_to_one_investigation_and_counts_follow_it() {
    let scene = Scene::start().await;
    let rows = scene.sprayed(2).await;
    let (one, two) = (format!("/{}", rows[0].row.rrn), format!("/{}", rows[1].row.rrn));
    let before = ids(&scene.done("GET", &format!("{one}/alerts"), Value::Null).await);
    let others = ids(&scene.done("GET", &format!("{two}/alerts"), Value::Null).await);
    let moved = &before[0];
    let grown = row(&scene.done("POST", &format!("{two}/alerts"), json!({"alerts": [moved]})).await);
    assert_eq!(grown.signal_count as usize, others.len() + 1);
    let left = ids(&scene.done("GET", &format!("{one}/alerts"), Value::Null).await);
    assert!(!left.contains(moved) && left.len() == before.len() - 1);
    let detail = scene.done("GET", &one, Value::Null).await;
    assert_eq!(detail["investigation"]["signal_count"].as_u64(), Some(left.len() as u64));
    let told = |detail: &Value| detail["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((told(&detail)["field"].as_str(), told(&detail)["to"].as_str()), (Some("signal"), None), "who left is told there");
    let unknown = scene.call("POST", &format!("{two}/alerts"), json!({"alerts": ["nothing"]})).await;
    assert_eq!(unknown.refusal(), (400, "ALERT_UNKNOWN", "alerts"));
    assert_eq!(scene.call("DELETE", &format!("{one}/alerts/{moved}"), Value::Null).await.status, 404, "it is elsewhere");
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let part = scene.done("GET", &format!("{two}/alerts?limit=1{cursor}"), Value::Null).await;
        paged.extend(ids(&part));
        let Some(next) = part["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, ids(&scene.done("GET", &format!("{two}/alerts"), Value::Null).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_took_out_stays_out_and_a_closed_case_takes_no_more() {
    let scene = Scene::start().await;
    let first = scene.sprayed(1).await.remove(0).row;
    let case = format!("/{}", first.rrn);
    let signals = ids(&scene.done("GET", &format!("{case}/alerts"), Value::Null).await);
    for signal in &signals {
        scene.done("DELETE", &format!("{case}/alerts/{signal}"), Value::Null).await;
    }
    let emptied = scene.done("GET", &case, Value::Null).await;
    let emptied = row(&emptied["investigation"]);
    assert_eq!((emptied.signal_count, emptied.first_alert_time, emptied.latest_alert_time), (0, None, None));
    let close = json!({"disposition": "FALSE_POSITIVE"});
    assert_eq!(scene.done("PUT", &format!("{case}/status/CLOSED"), close).await["status"], "CLOSED");
    // The same host again, by something else: it opens another case, of new signals alone.
    let host = first.entity.as_ref().map(|e| e.value.clone()).unwrap();
    scene.acme.send(&events::spray_story("dc01.corp.example", "203.0.99.7")).await.unwrap();
    eventually(SOON, "another investigation", async || scene.acme.investigations().await.unwrap().len() > 1).await;
    for other in page(&scene.ana, "").await.data.iter().filter(|other| other.row.rrn != first.rrn) {
        let held = ids(&scene.done("GET", &format!("/{}/alerts", other.row.rrn), Value::Null).await);
        assert!(held.iter().all(|signal| !signals.contains(signal)), "{host}: a signal that was taken out came back");
    }
    assert_eq!(scene.done("GET", &case, Value::Null).await["investigation"]["signal_count"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_open_cases_empty_or_from_alerts_and_log_rows() {
    let scene = Scene::start().await;
    let first = scene.sprayed(1).await.remove(0).row;
    let signals = scene.done("GET", &format!("/{}/alerts", first.rrn), Value::Null).await;
    let (alerts, event) = (ids(&signals), signals["data"][0]["event_ids"][0].as_str().unwrap().to_owned());
    let customer = scene.acme.customer.id.as_str();
    let empty = row(&scene.done("POST", "", json!({"customer": customer, "title": "By hand", "priority": "low"})).await);
    assert_eq!((empty.version, empty.source.as_str(), empty.priority.as_str(), empty.priority_inherited), (1, "USER", "LOW", false));
    let new = json!({"customer": customer, "title": "From alerts", "alerts": alerts, "events": [event], "comment": {"body": "why"},
        "assignee": {"email": scene.ana.email}, "responsibility": "mssp", "tags": ["vip"]});
    let made = row(&scene.done("POST", "", new).await);
    assert_eq!((made.signal_count as usize, made.evidence_count, made.comment_count, made.version), (alerts.len(), 1, 1, 1));
    assert!(made.priority_inherited && made.priority != bailiwick_api::Priority::Unspecified && made.entity.is_some(), "{made:?}");
    assert_eq!(made.assignee.unwrap().email, scene.ana.email);
    let evidence = scene.done("GET", &format!("/{}/evidence", made.rrn), Value::Null).await;
    assert_eq!(evidence["data"][0]["event"]["id"], event.as_str());
    assert_eq!(scene.call("DELETE", &format!("/{}/evidence/{event}", made.rrn), Value::Null).await.status, 204);
    let unknown = scene.call("POST", &format!("/{}/evidence", made.rrn), json!({"events": ["0000000000000000000000"]})).await;
    assert_eq!(unknown.refusal(), (400, "EVENT_UNKNOWN", "events"));
    for (body, code, field) in [
        (json!({"customer": customer, "title": " "}), "INVALID_INPUT", "title"),
        (json!({"customer": customer, "title": "x", "status": "CLOSED"}), "DISPOSITION_REQUIRED", "disposition"),
        (json!({"customer": customer, "title": "x", "colour": 1}), "UNKNOWN_FIELD", "colour"),
        (json!({"customer": customer, "title": "x", "assignee": {"email": "nobody@mssp.example"}}), "ASSIGNEE_UNKNOWN", "assignee"),
        (json!({"customer": customer, "title": "x", "entity": {"type": "colour", "value": "red"}}), "INVALID_INPUT", "entity.type"),
        (json!({"title": "x"}), "MISSING_FIELD", "customer"),
    ] {
        assert_eq!(scene.call("POST", "", body.clone()).await.refusal(), (400, code, field), "{body}");
    }
    let patch = json!({"version": made.version, "responsibility": "CUSTOMER", "inherit_priority": false});
    let patched = row(&scene.done("PATCH", &format!("/{}", made.rrn), patch).await);
    assert_eq!((patched.version, patched.priority_inherited), (2, false));
    let same = row(&scene.done("PUT", &format!("/{}/priority/{}", made.rrn, patched.priority), Value::Null).await);
    assert_eq!(same.version, 2, "what is so already changes nothing");
    let wrong = scene.call("PUT", &format!("/{}/status/ajar", made.rrn), Value::Null).await;
    assert_eq!(wrong.refusal(), (400, "INVALID_INPUT", "status"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_merged_cases_one_stays_and_takes_what_comes_later() {
    let scene = Scene::start().await;
    let rows = scene.sprayed(2).await;
    let (gone, stays) = (&rows[0].row, &rows[1].row);
    scene.done("POST", &format!("/{}/comments", gone.rrn), json!({"body": "moves"})).await;
    let merged = row(&scene.done("POST", &format!("/{}/merge", gone.rrn), json!({"into": stays.rrn, "version": gone.version})).await);
    assert_eq!((&merged.rrn, merged.signal_count, merged.comment_count), (&stays.rrn, gone.signal_count + stays.signal_count, 1));
    let after = row(&scene.done("GET", &format!("/{}", gone.rrn), Value::Null).await["investigation"]);
    assert_eq!((after.status.as_str(), after.merged_into.as_deref(), after.signal_count), ("CLOSED", Some(stays.rrn.as_str()), 0));
    assert_eq!(scene.call("POST", &format!("/{}/comments", gone.rrn), json!({"body": "x"})).await.refusal().1, "MERGED");
    let again = scene.call("POST", &format!("/{}/merge", gone.rrn), json!({"into": stays.rrn, "version": after.version})).await;
    assert_eq!((again.status, again.code()), (409, "MERGED"));
    let itself = json!({"into": stays.rrn, "version": merged.version});
    assert_eq!(scene.call("POST", &format!("/{}/merge", stays.rrn), itself).await.refusal(), (400, "INVALID_INPUT", "into"));
    // What comes about the host of the one that went, by another rule, joins the one that stays.
    let host = gone.entity.as_ref().map(|entity| (entity.kind.clone(), entity.value.clone())).unwrap();
    let n: u8 = if host.1.contains("dc02") || host.1.ends_with(".2") { 2 } else { 1 };
    let before = merged.signal_count;
    scene.acme.send(&events::spray_story(&format!("dc{n:02}.corp.example"), &format!("203.0.1.{n}"))).await.unwrap();
    let grown = async || {
        let now = scene.done("GET", &format!("/{}", stays.rrn), Value::Null).await;
        row(&now["investigation"]).signal_count > before
    };
    eventually(SOON, "more signals in the one that stays", grown).await;
    let untouched = scene.done("GET", &format!("/{}", gone.rrn), Value::Null).await;
    assert_eq!(untouched["investigation"]["signal_count"], 0);
    let related = scene.done("GET", &format!("/{}/related", stays.rrn), Value::Null).await;
    assert!(related["data"].as_array().unwrap().iter().any(|one| one["investigation"]["rrn"] == gone.rrn.as_str()), "{related}");
}
