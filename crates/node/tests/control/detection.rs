//! What a workspace decides about detection, through the API, and what it does to events that come in.

use crate::support::{Bench, CONSOLE, DEADLINE, Site, refused};
use bailiwick_api::{
    CustomInsight, DetectionSettings, EntityPage, EntitySetting, Exception, NewSource, Role, RuleDetail, RulePage, RuleState, RuleTestResult,
    SignalPage, SignalRow,
};
use bailiwick_client::{ClientError, SigningKey, WorkspaceClient};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

const CREATED: &str = "title: Account Made\nid: 11111111-0000-4000-8000-000000000001\nname: made\nstatus: stable\nlevel: medium\n\
logsource: {product: windows, service: security}\ndetection:\n  s: {EventID: 4720}\n  condition: s\n";
const CLEARED: &str = "title: Log Cleared\nid: 11111111-0000-4000-8000-000000000002\nlevel: high\n\
logsource: {product: windows, service: security}\ndetection:\n  s: {EventID: 1102}\n  condition: s\n";
const MADE: &str = "11111111-0000-4000-8000-000000000001";
const LOG: &str = "11111111-0000-4000-8000-000000000002";

struct Scene {
    bench: Bench,
    site: Site,
    key: String,
}

async fn scene() -> Scene {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let made = site.admin.add_source(&NewSource::new("DC", "windows/dc")).await.unwrap();
    Scene { key: made.ingest_key, bench, site }
}

impl Scene {
    async fn call<T: DeserializeOwned>(&self, method: &str, path: &str, body: &Value) -> Result<T, ClientError> {
        self.site.admin.call(method.parse().unwrap(), path, Some(body)).await
    }

    async fn rule(&self, yaml: &str) -> RuleDetail {
        self.call("POST", "/api/v1/rules", &json!({"yaml": yaml})).await.unwrap()
    }

    /// Sends an event of this kind about a host and a person, and waits until it is searchable.
    async fn send(&self, event: i64, host: &str, user: &str) {
        let line = json!({"Channel": "Security", "EventID": event, "Computer": host, "TargetUserName": "new", "SubjectUserName": user,
                          "Provider_Name": "Microsoft-Windows-Security-Auditing", "EventTime": "2025-10-09 08:53:20"});
        let body = format!("{line}\n").into_bytes();
        WorkspaceClient::ingest(&self.bench.transport, &base!(self.bench), &self.key, None, body).await.unwrap();
    }

    /// The signals of a query, once there are so many. Detection follows the acknowledgement, so this waits.
    async fn signals(&self, query: &str, count: usize) -> Vec<SignalRow> {
        for _ in 0..200 {
            let page: SignalPage = self.site.admin.get(&format!("/api/v1/signals?{query}")).await.unwrap();
            if page.data.len() >= count {
                assert_eq!(page.data.len(), count, "{:?}", page.data);
                return page.data;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no {count} signals of {query}");
    }

    /// Matches and signals of a rule, once they are as expected; they are counted a moment after the signals can be read.
    async fn counted(&self, rule: &str, expected: (u64, u64)) -> (u64, u64) {
        let mut counts = (0, 0);
        for _ in 0..200 {
            let detail: RuleDetail = self.site.admin.get(&format!("/api/v1/rules/{rule}")).await.unwrap();
            counts = (detail.rule.hits, detail.rule.signals);
            if counts == expected {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        counts
    }
}

#[tokio::test]
async fn an_own_rule_is_checked_added_found_by_the_next_event_and_taken_away() {
    let s = scene().await;
    let scene = &s;
    let add = |yaml: String| async move { refused(scene.call::<RuleDetail>("POST", "/api/v1/rules", &json!({"yaml": yaml})).await) };
    let wrong = add(CREATED.replace("EventID: 4720", "EventID|nope: 4720")).await;
    assert_eq!((wrong.status, wrong.code.as_str(), wrong.field.as_deref()), (400, "RULE_INVALID", Some("yaml")));
    assert!(wrong.detail.unwrap().contains("nope"));
    assert!(add("title: [".to_owned()).await.detail.unwrap().contains("line"), "the place in the text");
    assert!(add("x".repeat(70_000)).await.detail.unwrap().contains("65536"));
    assert!(add(CREATED.replace("id: 11111111-0000-4000-8000-000000000001\n", "")).await.detail.unwrap().contains("id"));
    let made = s.rule(CREATED).await;
    assert!(made.rule.custom && made.rule.state == RuleState::Active && made.info.source == CREATED);
    assert_eq!(add(CREATED.to_owned()).await.code, "RULE_EXISTS");
    s.send(4720, "dc01", "ada").await;
    let signals = s.signals("", 3).await;
    let about: Vec<&str> = signals.iter().map(|row| row.signal.entity.value.as_str()).collect();
    assert!(about.contains(&"dc01"), "{about:?}");
    assert!(signals.iter().all(|row| row.suppressed_reasons.is_empty() && !row.prototype && row.signal.severity == 5));
    assert_eq!(s.counted(MADE, (1, 3)).await, (1, 3));
    let page: RulePage = s.site.admin.get("/api/v1/rules?q=account&level=medium&product=windows&state=active").await.unwrap();
    assert_eq!((page.data.len(), page.data[0].hits, page.data[0].signals, page.next.as_deref()), (1, 1, 3, None));
    let over =
        "title: Over\nid: over\ncorrelation:\n  type: event_count\n  rules: [made]\n  group-by: [Computer]\n  timespan: 1h\n  condition: {gte: 2}\n";
    s.rule(over).await;
    let needed = refused(s.call::<Value>("DELETE", &format!("/api/v1/rules/{MADE}"), &json!({})).await);
    assert_eq!((needed.status, needed.code.as_str()), (409, "RULE_IN_USE"));
    let path = "/api/v1/rules/over".to_owned();
    assert_eq!(s.bench_delete(&path).await, 200);
    assert_eq!(s.bench_delete(&format!("/api/v1/rules/{MADE}")).await, 200);
    assert_eq!(s.bench_delete(&format!("/api/v1/rules/{MADE}")).await, 404);
    let page: RulePage = s.site.admin.get("/api/v1/rules").await.unwrap();
    assert!(page.data.is_empty());
}

impl Scene {
    /// Deletes; the status, 200 for any success.
    async fn bench_delete(&self, path: &str) -> u16 {
        match self.site.admin.call::<Value>("DELETE".parse().unwrap(), path, None::<&()>).await {
            Err(ClientError::Refused(problem)) => problem.status,
            _ => 200,
        }
    }
}

#[tokio::test]
async fn a_rule_on_trial_signals_and_does_nothing_else_and_a_disabled_one_is_silent() {
    let s = scene().await;
    s.rule(CREATED).await;
    s.rule(CLEARED).await;
    let patched: RuleDetail = s.call("PATCH", &format!("/api/v1/rules/{MADE}"), &json!({"state": "prototype", "severity": 10})).await.unwrap();
    assert_eq!((patched.rule.state, patched.rule.severity, patched.rule.own_severity), (RuleState::Prototype, 10, 5));
    let _off: RuleDetail = s.call("PATCH", &format!("/api/v1/rules/{LOG}"), &json!({"state": "disabled"})).await.unwrap();
    for (patch, field) in
        [(json!({"severity": 11}), "severity"), (json!({"state": "failed"}), "state"), (json!({"quiet_minutes": 0}), "quiet_minutes")]
    {
        let problem = refused(s.call::<RuleDetail>("PATCH", &format!("/api/v1/rules/{MADE}"), &patch).await);
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    assert_eq!(refused(s.call::<RuleDetail>("PATCH", "/api/v1/rules/none", &json!({"state": "active"})).await).status, 404);
    s.send(1102, "dc01", "ada").await;
    s.send(4720, "dc01", "ada").await;
    s.send(4720, "dc01", "ada").await;
    let on_trial = s.signals("prototype=true&entity=dc01", 2).await;
    assert!(on_trial.iter().all(|row| row.suppressed_reasons.is_empty() && row.investigation.is_none()), "never suppressed: {on_trial:?}");
    s.signals(&format!("rule={LOG}"), 0).await;
    assert!(s.site.admin.investigations().await.unwrap().data.is_empty(), "twenty would be enough for one");
    let back: RuleDetail = s.call("PATCH", &format!("/api/v1/rules/{MADE}"), &json!({"state": "active", "severity": null})).await.unwrap();
    assert_eq!((back.rule.state, back.rule.severity), (RuleState::Active, 5));
}

#[tokio::test]
async fn exceptions_suppress_what_they_match_count_it_and_end() {
    let s = scene().await;
    s.rule(CREATED).await;
    let expires = chrono::DateTime::from_timestamp(s.bench.clock.seconds() + 3_600, 0).unwrap();
    let new = |name: &str, excepts: Value| json!({"name": name, "excepts": excepts, "owner": "ada", "reason": "planned work", "expires": expires, "rules": [MADE]});
    let yaml = "title: f\nlogsource: {product: windows}\nfilter:\n  work: {SubjectUserName: svc}\n  condition: not work\n";
    let by_filter: Exception = s.call("POST", "/api/v1/exceptions", &new("Work", json!({"kind": "filter", "yaml": yaml}))).await.unwrap();
    let host = json!({"kind": "entity", "entity_type": "hostname", "value": "lab-*"});
    let by_entity: Exception = s.call("POST", "/api/v1/exceptions", &new("Lab", host.clone())).await.unwrap();
    for (body, field) in [
        (new("x", json!({"kind": "network", "network": "300.0.0.0/8"})), "network"),
        (new("x", json!({"kind": "indicators", "values": []})), "values"),
        (new("x", json!({"kind": "filter", "yaml": "title: x"})), "yaml"),
        (json!({"name": "x", "excepts": host, "owner": "a", "reason": "b", "expires": "2099-01-01T00:00:00Z"}), "expires"),
        (json!({"name": "x", "excepts": host, "owner": "a", "reason": " ", "expires": expires}), "reason"),
        (json!({"name": "x", "excepts": host, "owner": "a", "reason": "b", "expires": expires, "rules": ["none"]}), "rules"),
    ] {
        assert_eq!(refused(s.call::<Exception>("POST", "/api/v1/exceptions", &body).await).field.as_deref(), Some(field), "{body}");
    }
    assert_eq!(refused(s.call::<Exception>("POST", "/api/v1/exceptions", &new("work", host.clone())).await).code, "NAME_TAKEN");
    s.send(4720, "dc01", "svc").await;
    s.send(4720, "lab-7", "ada").await;
    let work = s.signals("entity=dc01", 1).await;
    assert_eq!(work[0].suppressed_reasons, [format!("exception:{} Work", by_filter.id)]);
    let lab = s.signals("entity=lab-7&suppressed=true", 1).await;
    assert_eq!(lab[0].suppressed_reasons, [format!("exception:{} Lab", by_entity.id)]);
    s.signals("entity=ada&entity_type=username&suppressed=false", 1).await;
    let listed: Value = s.site.admin.get("/api/v1/exceptions").await.unwrap();
    let hits = |id: &str| listed["data"].as_array().unwrap().iter().find(|e| e["id"] == id).unwrap()["hits"].as_u64().unwrap();
    assert!(hits(&by_filter.id) >= 1 && hits(&by_entity.id) == 1, "{listed}");
    s.bench.clock.pass(7_200);
    s.send(4720, "lab-8", "eve").await;
    assert!(s.signals("entity=lab-8", 1).await[0].suppressed_reasons.is_empty(), "it has ended");
    let listed: Value = s.site.admin.get("/api/v1/exceptions?limit=1").await.unwrap();
    assert!(listed["data"][0]["expired"].as_bool().unwrap() && listed["next"].is_string(), "still listed: {listed}");
    assert_eq!(s.bench_delete(&format!("/api/v1/exceptions/{}", by_entity.id)).await, 200);
}

#[tokio::test]
async fn criticality_changes_severities_and_a_suppressed_entity_is_stored_and_silent() {
    let s = scene().await;
    s.rule(CREATED).await;
    let scene = &s;
    let set = |body: Value| async move { scene.call::<EntitySetting>("PUT", "/api/v1/entity-settings", &body).await };
    set(json!({"type": "hostname", "value": "DC*", "criticality": "severity * 1.5"})).await.unwrap();
    set(json!({"type": "hostname", "value": "lab", "suppressed": true})).await.unwrap();
    for (body, field) in [
        (json!({"type": "planet", "value": "x"}), "type"),
        (json!({"type": "hostname", "value": ""}), "value"),
        (json!({"type": "hostname", "value": "x", "criticality": "5"}), "criticality"),
    ] {
        assert_eq!(refused(set(body).await).field.as_deref(), Some(field));
    }
    s.send(4720, "dc01", "ada").await;
    s.send(4720, "lab", "ada").await;
    let dc = &s.signals("entity=dc01", 1).await[0];
    assert_eq!((dc.signal.severity, dc.base_severity), (7, 5));
    assert_eq!(s.signals("entity=lab", 1).await[0].suppressed_reasons, ["entity:hostname-lab"]);
    let page: EntityPage = s.site.admin.get("/api/v1/entities?type=hostname").await.unwrap();
    let rows: Vec<_> = page.data.iter().map(|row| (row.entity.value.as_str(), row.criticality.as_deref(), row.suppressed, row.signals)).collect();
    assert!(rows.contains(&("dc01", Some("severity*1.5"), false, 1)) && rows.contains(&("lab", None, true, 1)), "{rows:?}");
    set(json!({"type": "hostname", "value": "lab"})).await.unwrap();
    let left: Value = s.site.admin.get("/api/v1/entity-settings").await.unwrap();
    assert_eq!(left["data"].as_array().unwrap().len(), 1, "a setting that says nothing is gone");
}

#[tokio::test]
async fn a_custom_insight_opens_an_investigation_and_the_threshold_is_the_workspaces_own() {
    let s = scene().await;
    s.rule(CREATED).await;
    s.rule(CLEARED).await;
    let when = json!({"rules": ["Account *", LOG], "order": "exact",
                      "priority": {"dynamic": {"thresholds": [{"severity": 7, "priority": "CRITICAL"}], "default": "LOW"}}});
    let new = json!({"name": "Cover-up", "when": when});
    let _made: CustomInsight = s.call("POST", "/api/v1/custom-insights", &new).await.unwrap();
    assert_eq!(refused(s.call::<CustomInsight>("POST", "/api/v1/custom-insights", &new).await).code, "NAME_TAKEN");
    let none = json!({"name": "x", "when": {"rules": [], "priority": {"constant": "HIGH"}}});
    assert_eq!(refused(s.call::<CustomInsight>("POST", "/api/v1/custom-insights", &none).await).field.as_deref(), Some("rules"));
    let high = DetectionSettings { threshold: 500, ..DetectionSettings::default() };
    let put: DetectionSettings = s.call("PUT", "/api/v1/detection", &serde_json::to_value(high).unwrap()).await.unwrap();
    assert_eq!(put, high);
    let wrong = serde_json::to_value(DetectionSettings { quiet_hours: 73, ..high }).unwrap();
    assert_eq!(refused(s.call::<DetectionSettings>("PUT", "/api/v1/detection", &wrong).await).field.as_deref(), Some("quiet_hours"));
    s.send(4720, "dc01", "ada").await;
    s.signals("entity=dc01", 1).await;
    s.send(1102, "dc01", "eve").await;
    s.signals("entity=dc01", 2).await;
    let cases = s.site.admin.investigations().await.unwrap().data;
    assert_eq!(cases.len(), 1, "{cases:?}");
    assert_eq!((cases[0].title.as_str(), cases[0].priority.as_str(), cases[0].source.as_str()), ("Cover-up on dc01", "CRITICAL", "ALERT"));
    assert!(cases[0].signal_count >= 2);
}

#[tokio::test]
async fn repetitions_are_suppressed_listed_and_survive_a_restart() {
    let mut s = scene().await;
    s.rule(CREATED).await;
    for _ in 0..3 {
        s.send(4720, "dc01", "ada").await;
    }
    let rows = s.signals("entity=dc01", 3).await;
    assert!(rows[2].suppressed_reasons.is_empty(), "newest first, so the first comes last");
    assert!(rows[..2].iter().all(|row| row.suppressed_reasons == [format!("repeats signal {}", rows[2].signal.id)]), "{rows:?}");
    let page: SignalPage = s.site.admin.get("/api/v1/signals?entity=dc01&limit=2").await.unwrap();
    let rest: SignalPage = s.site.admin.get(&format!("/api/v1/signals?entity=dc01&limit=2&cursor={}", page.next.unwrap())).await.unwrap();
    assert_eq!((page.data.len(), rest.data.len(), rest.next), (2, 1, None));
    assert_eq!(refused(s.site.admin.get::<SignalPage>("/api/v1/signals?suppressed=perhaps").await).field.as_deref(), Some("suppressed"));
    s.bench = s.bench.restart(60).await;
    s.site.admin = WorkspaceClient::sign_in(&s.bench.transport, &base!(s.bench), &s.site.user, crate::support::PASSWORD).await.unwrap();
    s.send(4720, "dc01", "ada").await;
    let rows = s.signals("entity=dc01", 4).await;
    assert_eq!(rows.iter().filter(|row| row.suppressed_reasons.is_empty()).count(), 1, "the quiet period goes on");
    assert_eq!(s.counted(MADE, (4, 12)).await, (4, 12), "the host, who made the account, and the account");
}

#[tokio::test]
async fn rules_are_tried_without_a_trace() {
    let s = scene().await;
    let event =
        |id: i64| json!({"Channel": "Security", "EventID": id, "Computer": "dc01", "SubjectUserName": "ada", "EventTime": "2025-10-09 08:53:20"});
    let over =
        "title: Over\nid: over\ncorrelation:\n  type: event_count\n  rules: [made]\n  group-by: [Computer]\n  timespan: 1h\n  condition: {gte: 2}\n";
    let body = json!({"yaml": format!("{CREATED}---\n{over}"), "events": [event(4720), event(1), event(4720), "not json at all {"]});
    let tried: RuleTestResult = s.call("POST", "/api/v1/rules/test", &body).await.unwrap();
    let matched: Vec<Vec<&str>> = tried.events.iter().map(|event| event.matches.iter().map(|m| m.title.as_str()).collect()).collect();
    assert_eq!(matched, [vec!["Account Made"], vec![], vec!["Account Made", "Over"], vec![]]);
    assert!(tried.events[3].failed.is_some());
    assert_eq!(
        refused(s.call::<RuleTestResult>("POST", "/api/v1/rules/test", &json!({"yaml": CREATED, "events": []})).await).field.as_deref(),
        Some("events")
    );
    let page: RulePage = s.site.admin.get("/api/v1/rules").await.unwrap();
    assert!(page.data.is_empty());
}

#[tokio::test]
#[ignore = "how slow a rule is depends on the machine; the limit itself is tested in detect with a clock of its own"]
async fn a_rule_that_costs_too_much_is_set_aside_alone_and_may_come_back() {
    let s = scene().await;
    s.rule(CREATED).await;
    let pathological = "title: Slow\nid: slow\nlogsource: {product: windows, service: security}\ndetection:\n  s: {Data|re: '(?:\\w+\\W+){60}zzz(?:[0-9a-f]+-?){40}$'}\n  condition: s\n";
    s.rule(pathological).await;
    let text = "ab1-cd2 ef3-".repeat(40_000);
    let line = json!({"Channel": "Security", "EventID": 4720, "Computer": "dc01", "SubjectUserName": "ada", "Data": text, "EventTime": "2025-10-09 08:53:20"});
    let mut state = RuleState::Active;
    for _ in 0..12 {
        let body = format!("{line}\n").into_bytes();
        WorkspaceClient::ingest(&s.bench.transport, &base!(s.bench), &s.key, None, body).await.unwrap();
        tokio::time::sleep(Duration::from_millis(250)).await;
        let detail: RuleDetail = s.site.admin.get("/api/v1/rules/slow").await.unwrap();
        state = detail.rule.state;
        if state == RuleState::Failed && detail.rule.reason.is_some() {
            assert!(detail.rule.reason.unwrap().contains("ms for one event"));
            assert!(detail.rule.sample.is_some() && detail.rule.failed_time.is_some());
            break;
        }
    }
    assert_eq!(state, RuleState::Failed);
    let other: RuleDetail = s.site.admin.get(&format!("/api/v1/rules/{MADE}")).await.unwrap();
    assert!(other.rule.state == RuleState::Active && other.rule.hits >= 3, "{:?}", other.rule);
    let back: RuleDetail = s.call("PATCH", "/api/v1/rules/slow", &json!({"state": "active"})).await.unwrap();
    assert_eq!((back.rule.state, back.rule.reason), (RuleState::Active, None));
}

#[tokio::test]
async fn technicians_read_what_detection_found_and_decided_and_change_nothing() {
    let s = scene().await;
    s.rule(CREATED).await;
    s.send(4720, "dc01", "ada").await;
    s.signals("entity=dc01", 1).await;
    let client = s.bench.enrol(&s.site, CONSOLE, &SigningKey::generate().unwrap()).await;
    s.bench.technician(&client, &s.site, "ana@mssp.example", Role::Viewer).await;
    let (ana, at) = (s.bench.caller("ana@mssp.example"), (&s.site.id, Role::Viewer));
    let signals: SignalPage = client.read(&ana, at, "signals", "&entity=dc01", DEADLINE).await.unwrap();
    assert_eq!(signals.data.len(), 1);
    let rules: RulePage = client.read(&ana, at, "rules", "", DEADLINE).await.unwrap();
    assert_eq!(rules.data[0].id, MADE);
    for noun in ["exceptions", "entities", "custom-insights"] {
        let list: Value = client.read(&ana, at, noun, "", DEADLINE).await.unwrap();
        assert!(list["data"].is_array(), "{noun}");
    }
    let unknown = refused(client.read::<Value>(&ana, at, "signals", "&colour=red", DEADLINE).await);
    assert_eq!((unknown.code.as_str(), unknown.field.as_deref()), ("UNKNOWN_PARAMETER", Some("colour")));
    for noun in ["signals", "rules", "exceptions", "entities", "entity-settings", "custom-insights", "detection"] {
        assert_eq!(s.bench.send("GET", &format!("/api/v1/{noun}"), &[], b"").await.0, 401, "{noun} without a session");
    }
}
