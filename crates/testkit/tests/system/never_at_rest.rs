//! What a customer's logs say, and what people type, is in no byte the console keeps; and in no other customer's directory on a node.

use crate::{
    case_canaries,
    work::{SOON, page},
};
use bailiwick_api::{CustomerInvestigation, EventRow, List, Role};
use bailiwick_node::FlushConfig;
use bailiwick_testkit::{Person, Registered, Session, Setup, World, captured_logs, contains, events, eventually};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};

/// A spray with a canary in every kind of field an event has.
fn canary_events(canary: &str, address: &str) -> Vec<Value> {
    let host = format!("{canary}-host.corp.example");
    let mut all = events::spray(&host, address);
    for event in &mut all {
        event["Message"] = json!(format!("{canary}-message"));
        event[format!("{canary}-field")] = json!(format!("{canary}-value"));
    }
    let user = format!("{canary}-user");
    all.push(events::logon(&host, &user, address, true));
    all.push(events::process(&host, &user, &format!("C:\\{canary}-dir\\x.exe"), &format!("powershell -enc {canary}-command")));
    all.push(json!({"eventVersion": "1.09", "eventTime": "2026-11-20T10:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets",
        "sourceIPAddress": address, "userAgent": format!("{canary}-agent"), "userIdentity": {"type": "IAMUser", "userName": user}}));
    all.push(Value::String(format!("{canary}-text-no-parser-takes")));
    all
}

async fn send(customer: &Registered, canary: &str, address: &str) {
    let receipt = customer.send(&canary_events(canary, address)).await.unwrap();
    assert!(receipt.accepted > 10);
    let line = events::sshd(&format!("{canary}-host"), &format!("Failed password for {canary}-ssh from {address} port 4711 ssh2"));
    customer.send_syslog(format!("{line}\n").as_bytes()).await.unwrap();
    eventually(SOON, "an investigation", async || !customer.investigations().await.unwrap().is_empty()).await;
    assert!(!customer.search(&format!("{canary}-value")).await.unwrap().is_empty(), "the canaries are there");
}

/// Works the queue as an analyst does, with canaries wherever something can be typed.
async fn work_the_queue(world: &World, ana: &Person, canary: &str) {
    let rows = page(ana, "").await.data;
    assert_eq!(rows.len(), 2);
    let session = world.session(ana).await.unwrap();
    let call = async |method: &str, path: String, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        world.call(Some(&session), method, &path, body).await.unwrap().status
    };
    let typed = format!("{canary}-typed");
    assert_eq!(call("GET", format!("/api/v1/investigations?q={typed}&tags={typed}"), Value::Null).await, 200);
    assert_eq!(call("POST", "/api/v1/investigations/search".into(), json!({"q": typed, "assignee": typed})).await, 200);
    assert_eq!(call("GET", format!("/api/v1/investigations/live?q={typed}"), Value::Null).await, 200);
    for row in rows {
        let path = format!("/api/v1/investigations/{}", row.row.rrn);
        let search = format!("/api/v1/customers/{}/logs/search", row.customer.id);
        assert_eq!(call("POST", search.clone(), json!({"query": format!("{canary}-value {typed}")})).await, 200);
        assert_eq!(call("POST", search, json!({"query": format!("({typed}")})).await, 400);
        let at = |noun: &str| format!("/api/v1/customers/{}/{noun}", row.customer.id);
        assert_eq!(call("POST", at("logs/histogram"), json!({"query": format!("{canary}-value {typed}")})).await, 200);
        assert_eq!(call("POST", at("logs/facets"), json!({"query": format!("{canary}-value"), "fields": [typed, "host.name"]})).await, 200);
        let sql = format!("select host_name, raw from events where raw like '%{typed}%' or raw like '%{canary}%'");
        assert_eq!(call("POST", at("sql"), json!({"sql": sql})).await, 200);
        assert_eq!(call("POST", at("sql"), json!({"sql": format!("select \"{typed}\" from events")})).await, 400);
        let patch = json!({"version": row.row.version, "title": format!("{canary}-title"), "tags": [format!("{canary}-tag")], "status": "WAITING"});
        assert_eq!(call("PATCH", path.clone(), patch).await, 200);
        let late = json!({"version": row.row.version, "title": format!("{canary}-late-title")});
        assert_eq!(call("PATCH", path.clone(), late).await, 409);
        let detail: CustomerInvestigation = ana.client.get(&path).await.unwrap();
        assert!(detail.investigation.row.title.contains(canary));
        for signal in &detail.signals {
            let records: List<EventRow> = ana.client.get(&format!("{path}/records?signal={}", signal.id)).await.unwrap();
            assert!(!records.data.is_empty());
            assert_eq!(call("GET", format!("{path}/rules/{}", signal.rule_id), Value::Null).await, 200);
        }
        assert_eq!(call("GET", format!("{path}/rules/{typed}"), Value::Null).await, 404);
        assert_eq!(call("GET", format!("{path}/records?signal={typed}"), Value::Null).await, 404);
    }
    bad_requests(world, &session, &typed).await;
}

/// Works many at once and what people share, with canaries wherever something can be typed.
async fn work_many(world: &World, ana: &Person, canary: &str) {
    let typed = format!("{canary}-typed");
    let session = world.session(ana).await.unwrap();
    let call = async |method: &str, path: String, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        world.call(Some(&session), method, &path, body).await.unwrap()
    };
    let set = json!({"add_tags": [format!("{canary}-bulk-tag")], "comment": {"body": format!("{canary}-comment"), "visibility": "INTERNAL"}});
    let select = json!({"filter": {"q": typed, "tags": [typed]}});
    assert_eq!(call("POST", "/api/v1/investigations/bulk".into(), json!({"select": select, "set": set, "cap": 5})).await.status, 200);
    let all = json!({"select": {"all": true}, "set": set, "cap": 5});
    let made = call("POST", "/api/v1/investigations/bulk".into(), all).await;
    assert_eq!((made.status, made.body["changed"].as_u64()), (200, Some(2)), "{made:?}");
    let undo = format!("/api/v1/investigations/bulk/{}/undo", made.body["id"].as_str().unwrap());
    assert_eq!(call("POST", undo, Value::Null).await.status, 200);
    assert_eq!(call("POST", format!("/api/v1/investigations/bulk/{typed}/undo"), Value::Null).await.status, 404);
    let across = call("POST", "/api/v1/logs/search".into(), json!({"query": format!("{canary}-value OR {typed}")})).await;
    assert_eq!(across.status, 200);
    assert_eq!(call("POST", "/api/v1/logs/search".into(), json!({"query": format!("({typed}")})).await.status, 400);
    for row in page(ana, "").await.data {
        let at = |noun: &str| format!("/api/v1/customers/{}/{noun}", row.customer.id);
        let new = json!({"kind": "LOGS", "name": format!("{canary}-search"), "body": {"query": typed}, "shared": true});
        let kept = call("POST", at("saved-searches"), new).await;
        assert_eq!(kept.status, 201);
        let id = kept.body["id"].as_str().unwrap();
        assert_eq!(call("PATCH", at(&format!("saved-searches/{id}")), json!({"name": format!("{canary}-renamed")})).await.status, 200);
        assert_eq!(call("GET", at("saved-searches"), Value::Null).await.status, 200);
        let found = call("POST", at("logs/search"), json!({"query": ""})).await;
        let event = found.body["data"][0]["id"].as_str().unwrap();
        assert_eq!(call("POST", at("logs/context"), json!({"event": event})).await.status, 200);
        assert_eq!(call("POST", at("logs/context"), json!({"event": typed})).await.status, 404);
        assert_eq!(call("POST", at("logs/export"), json!({"query": typed})).await.status, 403);
        let one = |noun: &str| format!("/api/v1/investigations/{}/{noun}", row.row.rrn);
        assert_eq!(call("PUT", one("claim"), json!({"take": true})).await.status, 200);
        assert_eq!(call("PUT", one("presence"), Value::Null).await.status, 200);
        assert_eq!(call("DELETE", one("claim"), Value::Null).await.status, 200);
    }
}

/// Requests that are refused, with canaries in every place that a refusal might remember.
async fn bad_requests(world: &World, session: &Session, typed: &str) {
    let body = |value: Value| value.to_string();
    for (method, path, body, status) in [
        ("GET", format!("/api/v1/investigations?{typed}=1"), String::new(), 400),
        ("GET", format!("/api/v1/investigations?statuses={typed}"), String::new(), 400),
        ("GET", format!("/api/v1/investigations?cursor={typed}"), String::new(), 400),
        ("GET", format!("/api/v1/investigations/{typed}"), String::new(), 404),
        ("GET", format!("/api/v1/customers/{typed}"), String::new(), 404),
        ("POST", "/api/v1/investigations/search".into(), format!("{{\"{typed}"), 400),
        ("POST", "/api/v1/investigations/search".into(), body(json!({typed: typed})), 400),
        ("POST", "/api/v1/users".into(), body(json!({"email": typed, "name": typed, "role": "viewer"})), 403),
        ("DELETE", format!("/api/v1/{typed}"), String::new(), 404),
    ] {
        let answer = world.call(Some(session), method, &path, body).await.unwrap();
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
    }
}

/// Passwords that are wrong, too short, or typed in the field for the address.
async fn mistype(world: &World, customer: &Registered, canary: &str) -> Vec<String> {
    let wrong: Vec<_> = ["one", "two", "three", "four", "five"].map(|n| format!("{canary}-password-{n}")).into();
    let sign_in = |email: &str, password: &str| json!({"email": email, "password": password}).to_string();
    for body in [sign_in(&world.administrator.email, &wrong[0]), sign_in(&wrong[1], &wrong[2])] {
        assert_eq!(world.call(None, "POST", "/api/v1/session", body).await.unwrap().status, 401);
    }
    let setup = json!({"token": wrong[3], "password": wrong[3]}).to_string();
    assert_eq!(world.call(None, "POST", "/api/v1/setup", setup).await.unwrap().status, 403);
    let mut form = customer.site.form("Another");
    form.admin.password.clone_from(&wrong[4]);
    let error = world.administrator.client.add_customer(&form).await.unwrap_err();
    assert_eq!(error.code(), Some("AUTH_FAILED"));
    wrong
}

/// Names of files below a directory that hold any of these texts.
fn kept(dir: &Path, texts: &[String]) -> Vec<(String, Vec<String>)> {
    let each = texts.iter().map(|text| (text.clone(), contains(dir, text).unwrap()));
    each.filter(|(_, files)| !files.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_from_customers_logs_and_no_password_rests_at_the_console_or_in_another_workspace() {
    captured_logs().expect("the first subscriber of this process");
    let flush = FlushConfig { age: Duration::from_millis(300), ..FlushConfig::default() };
    let world = World::start(Setup { flush, ..Setup::new(&["eu"]) }).await.unwrap();
    let (first, second) = (world.customer(0, "First").await.unwrap(), world.customer(0, "Second").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&first, &second]).await.unwrap();
    send(&first, "canaryfirst", "198.51.100.71").await;
    send(&second, "canarysecond", "198.51.100.72").await;
    work_the_queue(&world, &ana, "canaryqueue").await;
    work_many(&world, &ana, "canarymany").await;
    case_canaries::work_the_cases(&world, &ana, "canarycase").await;
    let wrong = mistype(&world, &first, "canarywrong").await;
    let typed =
        [&world.administrator.password, &ana.password, &first.credentials.password, &second.credentials.password, &world.nodes[0].operator_password];
    let keys = [&first.ingest_key, &second.ingest_key];
    let secrets: Vec<String> = typed.into_iter().chain(keys).cloned().chain(wrong).collect();
    let words: Vec<String> = ["canary", "198.51.100.71", "198.51.100.72"].map(str::to_owned).into();
    let (console_dir, running) = (world.console_dir(), [&words[..], &secrets].concat());
    assert_eq!(kept(&console_dir, &running), Vec::new(), "while it runs");
    let (first, second) = (first.site.data.clone(), second.site.data.clone());
    let _dir = world.stop().await;
    assert_eq!(kept(&console_dir, &running), Vec::new(), "after it stopped");
    assert!(!contains(&console_dir, &ana.email).unwrap().is_empty(), "the files were read");
    let logged = captured_logs().unwrap();
    assert!(!logged.is_empty(), "something was logged");
    let told: Vec<_> = running.iter().filter_map(|text| logged.lines().find(|line| line.contains(text.as_str()))).collect();
    assert_eq!(told, Vec::<&str>::new(), "in the logs");

    assert_eq!(kept(&first, &["canarysecond".into(), "198.51.100.72".into()]), Vec::new(), "the first customer's directory");
    assert_eq!(kept(&second, &["canaryfirst".into(), "198.51.100.71".into()]), Vec::new(), "the second customer's directory");
    assert!(!contains(&first, "canaryfirst").unwrap().is_empty(), "the first customer's own are where they belong");
    assert_eq!(kept(first.parent().and_then(Path::parent).unwrap(), &secrets), Vec::new(), "the node keeps no password and no key");
}
