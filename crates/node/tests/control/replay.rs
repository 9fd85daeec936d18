//! Replays of failed records: what was broken becomes a record once, signals fire once, and the books stay balanced.

use crate::support::{Bench, PASSWORD, Site, refused};
use bailiwick_api::{EventRow, List, LogSearch, MeterPage, NewSource, Parser, Replay, ReplayState, RuleDetail, SignalPage, Source};
use bailiwick_client::{ClientError, WorkspaceClient};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

const DOOR: &str = "parts, err = parse_regex(string!(.message), r'^door (?P<door>\\S+) opened by (?P<who>\\S+)$')\n\
    if err != null { abort \"not a line of a door\" }\n\
    %record_type = \"Audit\"\n%vendor = \"Acme\"\n%product = \"Door\"\n%logsource.product = \"door\"\n%ecs.\"user.name\" = parts.who\n\
    %ecs.\"event.action\" = \"opened\"\n%fields.door = parts.door\n";
const OPENED: &str = "title: Vault Opened\nid: 11111111-0000-4000-8000-00000000000a\nname: vault\nstatus: stable\nlevel: medium\n\
    logsource: {product: door}\ndetection:\n  s: {door: vault}\n  condition: s\n";
const OFTEN: &str = "title: Vault Opened Often\nid: often\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [vault]\n  \
    group-by: [door]\n  timespan: 1h\n  condition: {gte: 3}\n  generate: true\n";
const YEAR: &str = "from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z";

struct Scene {
    bench: Bench,
    site: Site,
    key: String,
}

impl Scene {
    /// A source that insists on a parser which is not there yet, and rules for what it will make.
    async fn start() -> Self {
        let bench = Bench::start().await;
        let site = bench.site(&bench.operator().await, "acme").await;
        let scene = Self { bench, site, key: String::new() };
        let _draft: Parser = scene.call("POST", "/api/v1/parsers", json!({"name": "door", "source": DOOR})).await.unwrap();
        for yaml in [OPENED, OFTEN] {
            let _rule: RuleDetail = scene.call("POST", "/api/v1/rules", json!({"yaml": yaml})).await.unwrap();
        }
        let new = NewSource { parser: Some("door".into()), ..NewSource::new("doors", "office/doors") };
        let key = scene.site.admin.add_source(&new).await.unwrap().ingest_key;
        Self { key, ..scene }
    }

    async fn call<T: serde::de::DeserializeOwned>(&self, method: &str, path: &str, body: Value) -> Result<T, ClientError> {
        self.site.admin.call(method.parse().unwrap(), path, Some(&body)).await
    }

    async fn send(&self, lines: &[&str]) {
        let body: String = lines.iter().map(|line| format!("{}\n", json!({"message": line}))).collect();
        WorkspaceClient::ingest(&self.bench.transport, &base!(self.bench), &self.key, None, body.into_bytes()).await.unwrap();
    }

    async fn enable(&self) {
        let _on: Parser = self.call("PATCH", "/api/v1/parsers/door", json!({"enabled": true})).await.unwrap();
    }

    async fn found(&self, query: &str) -> Vec<EventRow> {
        self.site.admin.search_logs(&LogSearch { query: query.into(), ..LogSearch::default() }).await.unwrap().data
    }

    /// Replays and waits for the end.
    async fn replay(&self, filter: Value) -> Replay {
        let begun: Replay = self.call("POST", "/api/v1/failed-records/replay", filter).await.unwrap();
        for _ in 0..600 {
            let all: List<Replay> = self.site.admin.get("/api/v1/failed-records/replay").await.unwrap();
            assert_eq!(all.data[0].id, begun.id, "the newest comes first");
            if all.data[0].state != ReplayState::Running {
                return all.data.into_iter().next().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the replay does not end");
    }

    /// Received, stored, failed, by the source and by the meters of every grain.
    async fn books(&self) -> (u64, u64, u64) {
        let source: Source = self.site.admin.sources().await.unwrap().data.remove(0);
        let books = (source.received, source.stored, source.failed);
        for grain in [300, 900, 3600] {
            let page: MeterPage = self.site.admin.get(&format!("/api/v1/meters?grain={grain}&{YEAR}")).await.unwrap();
            let sum = page.data.iter().fold((0, 0, 0), |(r, s, f), m| (r + m.received, s + m.stored, f + m.failed));
            assert_eq!(sum, books, "grain {grain}");
        }
        books
    }

    /// Signals by rule, and what the rules counted.
    async fn signals(&self) -> (Vec<String>, Vec<(u64, u64)>) {
        let page: SignalPage = self.site.admin.get("/api/v1/signals").await.unwrap();
        let mut names: Vec<String> = page.data.into_iter().map(|row| row.signal.name).collect();
        names.sort();
        let mut counts = Vec::new();
        for id in ["11111111-0000-4000-8000-00000000000a", "often"] {
            let rule: RuleDetail = self.site.admin.get(&format!("/api/v1/rules/{id}")).await.unwrap();
            counts.push((rule.rule.hits, rule.rule.signals));
        }
        (names, counts)
    }

    async fn restart(self) -> Self {
        let bench = self.bench.restart(1).await;
        let admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &self.site.user, PASSWORD).await.unwrap();
        Self { bench, site: Site { admin, ..self.site }, key: self.key }
    }
}

fn ids(rows: &[EventRow]) -> BTreeSet<String> {
    let ids: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    assert_eq!(ids.len(), rows.len(), "no event is there twice");
    ids
}

const LINES: [&str; 6] = [
    "door vault opened by bob",
    "window north broken",
    "door vault opened by eve",
    "door west opened by ann",
    "door vault opened by bob",
    "window south broken",
];

#[tokio::test]
async fn failed_records_become_records_once_after_a_fix() {
    let scene = Scene::start().await;
    scene.send(&LINES).await;
    let failed = scene.found("reason_code:NO_PARSER").await;
    assert_eq!(failed.len(), 6);
    scene.enable().await;
    let done = scene.replay(json!({})).await;
    assert_eq!((done.state, done.reason.as_deref(), done.rows_seen, done.became_records, done.still_failed), (ReplayState::Done, None, 6, 4, 2));
    assert_eq!((done.files_total, done.files_done), (1, 1));

    let records = scene.found("NOT record_type:FailedRecord").await;
    assert!(ids(&records).is_subset(&ids(&failed)), "they keep their ids");
    assert_eq!((records.len(), scene.found("record_type:FailedRecord").await.len()), (4, 2));
    assert_eq!(ids(&scene.found("").await), ids(&failed));
    let vault = scene.found("door:vault AND user.name:eve").await;
    assert_eq!((vault.len(), vault[0].vendor.as_deref(), vault[0].raw.as_str()), (1, Some("Acme"), r#"{"message":"door vault opened by eve"}"#));
    assert_eq!(vault[0].receipt_time, failed[0].receipt_time);
    assert_eq!(scene.books().await, (6, 4, 2));
    let signals = scene.signals().await;
    assert_eq!(signals.0, ["Vault Opened", "Vault Opened", "Vault Opened", "Vault Opened Often"], "and they are detected on, in their order");
    assert_eq!(signals.1, [(3, 3), (1, 1)]);

    let again = scene.replay(json!({})).await;
    assert_eq!((again.state, again.rows_seen, again.became_records, again.still_failed), (ReplayState::Done, 2, 0, 2));
    let scene = scene.restart().await;
    assert_eq!((scene.books().await, scene.signals().await), ((6, 4, 2), signals), "a second time changes nothing");
    assert_eq!(scene.found("").await.len(), 6);
    let audit = scene.site.admin.get::<Value>("/api/v1/audit").await.unwrap().to_string();
    assert!(audit.contains("failed_records.replay"), "{audit}");
}

#[tokio::test]
async fn a_replay_that_stops_before_its_end_leaves_all_or_nothing_and_may_be_started_again() {
    let scene = Scene::start().await;
    scene.send(&LINES).await;
    scene.enable().await;
    let db = scene.bench.db(&scene.site).await;
    let halt = "create trigger halt before delete on lake_file begin select raise(abort, 'no room'); end";
    sqlx::query(halt).execute(db.pool()).await.unwrap();
    // Everything is done but the last transaction: signals are made, files are written.
    let failed = scene.replay(json!({})).await;
    assert_eq!((failed.state, failed.became_records), (ReplayState::Failed, 0));
    assert!(failed.reason.is_some());
    assert_eq!((scene.found("record_type:FailedRecord").await.len(), scene.found("").await.len()), (6, 6));
    assert_eq!(scene.books().await, (6, 0, 6));
    let before = scene.signals().await;
    assert_eq!(before.0.len(), 4);
    sqlx::query("drop trigger halt").execute(db.pool()).await.unwrap();
    sqlx::query("update replay set state = 'running', ended = null").execute(db.pool()).await.unwrap();
    db.close().await;

    let scene = scene.restart().await;
    let all: List<Replay> = scene.site.admin.get("/api/v1/failed-records/replay").await.unwrap();
    assert_eq!(all.data[0].state, ReplayState::Failed, "what a stop cut off is not at work");
    let done = scene.replay(json!({})).await;
    assert_eq!((done.state, done.became_records, done.still_failed), (ReplayState::Done, 4, 2));
    assert_eq!((scene.books().await, scene.signals().await), ((6, 4, 2), before), "what was detected on is not counted again");
    assert_eq!(ids(&scene.found("").await).len(), 6);
    let db = scene.bench.db(&scene.site).await;
    let marks = sqlx::query("select event from redetected").fetch_all(db.pool()).await.unwrap();
    assert!(marks.is_empty(), "nothing is left to remember");
}

#[tokio::test]
async fn a_filter_says_which_and_what_makes_no_sense_is_refused() {
    let scene = Scene::start().await;
    scene.send(&LINES[..2]).await;
    scene.bench.clock.pass(600);
    scene.send(&LINES[2..]).await;
    scene.enable().await;
    let source = scene.site.admin.sources().await.unwrap().data.remove(0).id;
    for (filter, field) in [
        (json!({"reason_code": "NOPE"}), "reason_code"),
        (json!({"reason_code": "TOO_LONG"}), "reason_code"),
        (json!({"source": "src-none"}), "source"),
        (json!({"parser": ""}), "parser"),
        (json!({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}), "to"),
        (json!({"reason": "x"}), "reason"),
    ] {
        let problem = refused(scene.call::<Replay>("POST", "/api/v1/failed-records/replay", filter.clone()).await);
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some(field)), "{filter}");
    }
    let gone: Result<Value, ClientError> = scene.call("DELETE", "/api/v1/failed-records/replay/rp-none", json!({})).await;
    assert_eq!(refused(gone).status, 404);

    let none = scene.replay(json!({"reason_code": "PARSE_FAILED"})).await;
    assert_eq!((none.state, none.rows_seen), (ReplayState::Done, 0));
    let start = scene.found("").await.last().unwrap().receipt_time + chrono::TimeDelta::seconds(300);
    let late = scene.replay(json!({"reason_code": "NO_PARSER", "source": source, "from": start})).await;
    assert_eq!((late.rows_seen, late.became_records), (4, 3));
    assert_eq!((late.filter.from, late.filter.source.as_ref()), (Some(start), Some(&source)));
    let ended: Result<Value, ClientError> =
        scene.site.admin.call("DELETE".parse().unwrap(), &format!("/api/v1/failed-records/replay/{}", late.id), None::<&Value>).await;
    assert_eq!(refused(ended).code, "NOT_RUNNING");
    assert_eq!(scene.books().await, (6, 3, 3));
}

#[tokio::test]
async fn what_the_transport_said_is_not_lost_to_a_replay() {
    let scene = Scene::start().await;
    let event = json!({"host": "gate-7", "time": 1_759_999_000, "event": "door vault opened by bob", "fields": {"site": "north"}}).to_string();
    let headers = [("authorization", format!("Splunk {}", scene.key))];
    assert_eq!(scene.bench.send("POST", "/services/collector/event", &headers, event.as_bytes()).await.0, 200);
    assert_eq!(scene.found("reason_code:NO_PARSER").await.len(), 1);
    scene.enable().await;
    let done = scene.replay(json!({})).await;
    assert_eq!(done.became_records, 1, "{done:?}");
    let record = scene.found("host.name:gate-7 AND site:north").await.remove(0);
    assert_eq!(record.event_time.timestamp(), 1_759_999_000);
}
