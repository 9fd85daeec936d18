//! What a console tells a workspace by sync, what it hears back, and what a licence refuses.

use crate::support::{Bench, CONSOLE, DEADLINE, Site, refused};
use bailiwick_api::{
    AskSync, Component, ComponentState, CustomerSettings, DetectionSettings, Licence, LogSearch, NewSource, Proxy, PutTechnician, Retention, Role,
    SettingOrigin, SyncAnswer, SyncModuleName, Technician,
};
use bailiwick_chassis::Clock;
use bailiwick_client::{NodeClient, SigningKey, WorkspaceClient};
use chrono::TimeDelta;
use serde_json::{Value, json};

struct Desk {
    bench: Bench,
    site: Site,
    console: NodeClient,
}

impl Desk {
    async fn open() -> Self {
        let bench = Bench::start().await;
        let operator = bench.operator().await;
        let site = bench.site(&operator, "acme").await;
        let console = bench.enrol(&site, CONSOLE, &SigningKey::generate().unwrap()).await;
        Self { bench, site, console }
    }

    fn ask(&self) -> AskSync {
        AskSync { now: self.bench.clock.now(), settings: None, licence: None, console_url: None }
    }

    async fn sync(&self, ask: &AskSync) -> SyncAnswer {
        self.console.sync(&self.bench.caller("boss@mssp.example"), &self.site.id, ask, DEADLINE).await.unwrap()
    }

    async fn licensed(&self, licence: Licence) -> SyncAnswer {
        self.sync(&AskSync { licence: Some(licence), ..self.ask() }).await
    }

    async fn technician(&self, email: &str) -> Result<Technician, bailiwick_client::ClientError> {
        let body = PutTechnician { name: email.into(), role: Role::Viewer, expires_time: None };
        self.console.put_technician(&self.bench.caller("boss@mssp.example"), &self.site.id, email, &body, DEADLINE).await
    }

    async fn put<T: serde::de::DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, bailiwick_client::ClientError> {
        self.site.admin.call("PUT".parse().unwrap(), path, Some(&body)).await
    }
}

fn component<'a>(answer: &'a SyncAnswer, name: &str) -> &'a Component {
    answer.components.iter().find(|component| component.name == name).unwrap()
}

#[tokio::test]
async fn one_answer_tells_how_a_workspace_stands_and_no_name_the_customer_gave() {
    let desk = Desk::open().await;
    let tls = NewSource { syslog_tls: Some("127.0.0.1:0".into()), ..NewSource::new("canary source", "canary/category") };
    desk.site.admin.add_source(&tls).await.unwrap();
    desk.technician("ana@mssp.example").await.unwrap();
    desk.technician("bob@mssp.example").await.unwrap();
    desk.site.admin.revoke("bob@mssp.example").await.unwrap();
    let proxy = json!({"enabled": true, "public_address": "siem.acme.example", "path_prefix": "/siem"});
    desk.put::<Proxy>("/api/v1/proxy", proxy).await.unwrap();
    let answer = desk.sync(&desk.ask()).await;
    let names: Vec<_> = answer.components.iter().map(|component| component.name.as_str()).collect();
    let all = ["ingest", "listeners", "pipeline", "lake", "disk", "rules", "parsers", "collectors", "clock", "certificate", "licence"];
    assert_eq!(names, all);
    for name in ["ingest", "listeners", "pipeline", "lake", "disk", "parsers", "clock", "certificate"] {
        assert_eq!(component(&answer, name).state, ComponentState::Ok, "{:?}", component(&answer, name));
    }
    assert!(component(&answer, "disk").value.unwrap() > 0, "bytes that are left");
    assert!(component(&answer, "certificate").value.unwrap() > 365 && component(&answer, "listeners").value == Some(1));
    assert_eq!(component(&answer, "licence").state, ComponentState::Unknown, "nothing is allocated");
    let technicians: Vec<_> = answer.technicians.iter().map(|t| (t.email.as_str(), t.revoked)).collect();
    assert_eq!(technicians, [("ana@mssp.example", false), ("bob@mssp.example", true)]);
    assert_eq!((answer.licence.usage.sources, answer.licence.usage.users, answer.licence.usage.retention_days), (1, 1, 90));
    assert_eq!(answer.proxy.public_address.as_deref(), Some("siem.acme.example"));
    assert!(answer.content.parsers > 5 && answer.content.parsers_digest.len() == 43 && answer.content.rules_digest.len() == 43);
    assert_eq!((answer.settings.retention, answer.settings.detection), (SettingOrigin::Standard, SettingOrigin::Standard));
    assert!(!serde_json::to_string(&answer).unwrap().contains("canary"));
    assert_eq!(desk.sync(&desk.ask()).await.content, answer.content, "the same content has the same digests");
    let rule = json!({"yaml": "title: Own\nid: own-1\nlogsource: {product: windows}\ndetection:\n  s: {EventID: 1}\n  condition: s\n"});
    desk.site.admin.call::<Value>("POST".parse().unwrap(), "/api/v1/rules", Some(&rule)).await.unwrap();
    let after = desk.sync(&desk.ask()).await.content;
    assert!(after.own_rules == 1 && after.rules_digest != answer.content.rules_digest && after.parsers_digest == answer.content.parsers_digest);
    let wrong = refused(desk.put::<Proxy>("/api/v1/proxy", json!({"enabled": true})).await);
    assert_eq!((wrong.status, wrong.field.as_deref()), (400, Some("public_address")));
}

#[tokio::test]
async fn a_clock_that_is_off_and_a_source_that_fails_are_seen() {
    let desk = Desk::open().await;
    let made = desk.site.admin.add_source(&NewSource::new("web", "web/access")).await.unwrap();
    let late = AskSync { now: desk.bench.clock.now() - TimeDelta::seconds(30), ..desk.ask() };
    let answer = desk.sync(&late).await;
    let clock = component(&answer, "clock");
    assert_eq!((clock.state, clock.value), (ComponentState::Degraded, Some(30_000)));
    let report = serde_json::from_value(json!({"tracker": "source.unreachable", "status": "UnHealthy", "description": "canary text"})).unwrap();
    WorkspaceClient::report_health(&desk.bench.transport, &base!(desk.bench), &made.ingest_key, &report).await.unwrap();
    let answer = desk.sync(&desk.ask()).await;
    let collectors = component(&answer, "collectors");
    assert_eq!((collectors.state, collectors.detail.as_deref()), (ComponentState::Degraded, Some("source.unreachable 1")));
    assert!(collectors.since.is_some() && !serde_json::to_string(&answer).unwrap().contains("canary"));
}

#[tokio::test]
async fn more_than_is_licensed_is_refused_by_name_and_what_comes_is_taken() {
    let desk = Desk::open().await;
    let made = desk.site.admin.add_source(&NewSource::new("web", "web/access")).await.unwrap();
    let licence = Licence { sources: Some(2), users: Some(1), continuous_daily_bytes: Some(100), retention_days: Some(90), ..Licence::default() };
    let answer = desk.licensed(licence).await;
    assert_eq!((answer.licence.limits, answer.licence.daily_bytes, answer.refused.len()), (licence, None, 0));
    assert_eq!(answer.licence.set_by.as_deref(), Some("boss@mssp.example"));

    desk.site.admin.add_source(&NewSource::new("db", "db/audit")).await.unwrap();
    let third = refused(desk.site.admin.add_source(&NewSource::new("dc", "windows/dc")).await);
    assert_eq!((third.status, third.code.as_str(), third.field.as_deref()), (409, "LICENCE_EXCEEDED", Some("sources")));
    assert_eq!(third.current, Some(json!({"resource": "sources", "limit": 2, "used": 2})));

    desk.technician("ana@mssp.example").await.unwrap();
    assert_eq!(refused(desk.technician("bob@mssp.example").await).code, "LICENCE_EXCEEDED");
    desk.technician("ana@mssp.example").await.unwrap();
    desk.site.admin.revoke("ana@mssp.example").await.unwrap();
    desk.technician("bob@mssp.example").await.unwrap();
    let restore = desk.site.admin.call::<Value>("POST".parse().unwrap(), "/api/v1/technicians/ana@mssp.example/restore", None::<&()>).await;
    assert_eq!(refused(restore).code, "LICENCE_EXCEEDED", "who was revoked counts again when restored");

    let days = |continuous| json!({"continuous_days": continuous, "frequent_days": 30, "infrequent_days": 30});
    let long = refused(desk.put::<Retention>("/api/v1/retention", days(91)).await);
    assert_eq!((long.code.as_str(), long.field.as_deref()), ("LICENCE_EXCEEDED", Some("retention_days")));
    desk.put::<Retention>("/api/v1/retention", days(90)).await.unwrap();

    let line = "{\"host\":\"web-1\",\"message\":\"x\"}\n".repeat(20);
    let receipt = WorkspaceClient::ingest(&desk.bench.transport, &base!(desk.bench), &made.ingest_key, None, line.into_bytes()).await.unwrap();
    assert_eq!(receipt.accepted, 20, "more than a day's volume is taken all the same");
    desk.site.admin.search_logs(&LogSearch::default()).await.unwrap();
    let answer = desk.sync(&desk.ask()).await;
    assert!(answer.licence.usage.tiers[0].today_bytes > 100, "{:?}", answer.licence);
    let detail = component(&answer, "licence").detail.clone().unwrap();
    assert!(detail.contains("continuous_daily_bytes") && detail.contains("sources 2 of 2") && !detail.contains("retention"), "{detail}");
    let issues: Vec<String> = desk.site.admin.health_issues().await.unwrap().data.into_iter().map(|issue| issue.resource.name).collect();
    assert!(issues.contains(&"licence.continuous_daily_bytes".to_owned()), "{issues:?}");
    desk.licensed(Licence::default()).await;
    assert!(desk.site.admin.health_issues().await.unwrap().data.is_empty());
    desk.site.admin.add_source(&NewSource::new("dc", "windows/dc")).await.unwrap();
}

#[tokio::test]
async fn a_licence_that_did_not_change_is_not_set_again() {
    let desk = Desk::open().await;
    let licence = Licence { sources: Some(5), ..Licence::default() };
    for _ in 0..3 {
        desk.licensed(licence).await;
    }
    let audit: Value = desk.site.admin.get("/api/v1/audit").await.unwrap();
    let set = audit["data"].as_array().unwrap().iter().filter(|line| line["verb"] == "licence.set").count();
    assert_eq!(set, 1);
}

#[tokio::test]
async fn settings_of_the_console_hold_where_the_administrator_did_not_decide() {
    let desk = Desk::open().await;
    let retention = Retention { continuous_days: 200, frequent_days: 100, infrequent_days: 100 };
    let detection = DetectionSettings { threshold: 30, ..DetectionSettings::default() };
    let settings = CustomerSettings { retention: Some(retention), detection: Some(detection) };
    let ask = |settings| AskSync { settings: Some(settings), ..desk.ask() };
    let answer = desk.sync(&ask(settings)).await;
    assert_eq!((answer.settings.retention, answer.settings.detection), (SettingOrigin::Console, SettingOrigin::Console));
    assert_eq!(desk.site.admin.get::<Retention>("/api/v1/retention").await.unwrap(), retention);
    assert_eq!(desk.site.admin.get::<DetectionSettings>("/api/v1/detection").await.unwrap(), detection);
    let own = Retention { continuous_days: 60, ..Retention::default() };
    desk.put::<Retention>("/api/v1/retention", serde_json::to_value(own).unwrap()).await.unwrap();
    let answer = desk.sync(&ask(CustomerSettings { detection: None, ..settings })).await;
    assert_eq!((answer.settings.retention, answer.settings.detection), (SettingOrigin::Own, SettingOrigin::Standard));
    assert_eq!(desk.site.admin.get::<Retention>("/api/v1/retention").await.unwrap(), own);
    assert_eq!(desk.site.admin.get::<DetectionSettings>("/api/v1/detection").await.unwrap(), DetectionSettings::default());
}

#[tokio::test]
async fn a_setting_that_the_licence_forbids_is_refused_and_the_rest_is_taken() {
    let desk = Desk::open().await;
    let retention = Retention { continuous_days: 200, frequent_days: 100, infrequent_days: 100 };
    let settings = CustomerSettings { retention: Some(retention), detection: None };
    let licence = Licence { retention_days: Some(100), ..Licence::default() };
    let answer = desk.sync(&AskSync { settings: Some(settings), licence: Some(licence), ..desk.ask() }).await;
    let refused: Vec<_> = answer.refused.iter().map(|refused| (refused.module, refused.code.as_str())).collect();
    assert_eq!(refused, [(SyncModuleName::Settings, "LICENCE_EXCEEDED")]);
    assert_eq!((answer.licence.limits, answer.settings.retention), (licence, SettingOrigin::Standard));
    let wrong = Licence { retention_days: Some(0), ..Licence::default() };
    let answer = desk.licensed(wrong).await;
    assert_eq!((answer.refused[0].module, answer.refused[0].code.as_str()), (SyncModuleName::Licence, "INVALID_INPUT"));
    assert_eq!(answer.licence.limits, licence, "what was before stays");
}
