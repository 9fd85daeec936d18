//! How long events are kept, and what becomes of their files.

use crate::support::{Bench, PASSWORD, Site, refused};
use bailiwick_api::{AuditEntry, LogSearch, NewSource, Retention, Storage};
use bailiwick_client::WorkspaceClient;
use std::{path::Path, time::Duration};

const DAY: i64 = 24 * 3600;

async fn storage(site: &Site) -> Storage {
    site.admin.get("/api/v1/storage").await.unwrap()
}

async fn set(site: &Site, retention: &serde_json::Value) -> Result<Retention, bailiwick_client::ClientError> {
    site.admin.call("PUT".parse().unwrap(), "/api/v1/retention", Some(retention)).await
}

async fn eventually(what: &str, site: &Site, check: impl Fn(&Storage) -> bool) -> Storage {
    let mut last = None;
    for _ in 0..300 {
        let now = storage(site).await;
        if check(&now) {
            return now;
        }
        last = Some(now);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not come about: {last:#?}");
}

async fn send(bench: &Bench, key: &str, events: std::ops::Range<usize>) {
    let body: String = events.map(|n| format!("{{\"message\":\"event number {n}\"}}\n")).collect();
    WorkspaceClient::ingest(&bench.transport, &base!(bench), key, None, body.into_bytes()).await.unwrap();
}

async fn found(site: &Site) -> usize {
    let search = LogSearch { query: String::new(), limit: Some(1000), ..LogSearch::default() };
    site.admin.search_logs(&search).await.unwrap().data.len()
}

fn parquet_files(lake: &Path) -> usize {
    let days = std::fs::read_dir(lake).unwrap().flatten().filter(|item| item.file_name().to_string_lossy().starts_with("day="));
    let files = days.flat_map(|day| std::fs::read_dir(day.path()).unwrap().flatten());
    files.filter(|item| item.file_name().to_string_lossy().ends_with(".parquet")).count()
}

/// A workspace whose sources of two tiers brought some events on three days, each restart writing them to files.
async fn three_days() -> (Bench, Site) {
    let mut bench = Bench::start().await;
    let operator = bench.operator().await;
    let mut site = bench.site(&operator, "acme").await;
    let source = |name: &str, tier: &str| {
        serde_json::from_value::<NewSource>(serde_json::json!({"name": name, "source_category": "x", "tier": tier})).unwrap()
    };
    let long = site.admin.add_source(&source("long", "continuous")).await.unwrap().ingest_key;
    let short = site.admin.add_source(&source("short", "infrequent")).await.unwrap().ingest_key;
    for day in 0..3 {
        send(&bench, &long, day * 10..day * 10 + 5).await;
        send(&bench, &short, day * 10 + 5..day * 10 + 10).await;
        bench = bench.restart(if day < 2 { DAY } else { 3600 }).await;
        site.admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    }
    (bench, site)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_go_when_their_tier_is_over_and_their_files_some_minutes_later() {
    let (bench, site) = three_days().await;
    let lake = bench.dir.path().join("workspaces").join(site.id.as_str()).join("lake");
    let before = eventually("publication", &site, |now| now.table.as_ref().is_some_and(|table| table.behind == 0 && table.version.is_some())).await;
    assert_eq!(before.tiers.iter().map(|tier| (tier.files, tier.events)).collect::<Vec<_>>(), [(3, 15), (3, 15)]);
    assert_eq!((before.store.as_str(), before.trouble, before.leaving_files, found(&site).await), ("disk", None, 0, 30));

    let kept: Retention = site.admin.get("/api/v1/retention").await.unwrap();
    assert_eq!(kept, Retention { continuous_days: 90, frequent_days: 30, infrequent_days: 30 });
    let new = serde_json::json!({"continuous_days": 90, "frequent_days": 30, "infrequent_days": 2});
    assert_eq!(set(&site, &new).await.unwrap().infrequent_days, 2);
    let after = eventually("expiry", &site, |now| now.tiers.iter().map(|tier| tier.events).sum::<u64>() == 25).await;
    assert_eq!(after.last_expiry.map(|work| (work.files_before, work.files_after)), Some((1, 0)));
    assert_eq!((after.leaving_files, found(&site).await), (1, 25));
    assert_eq!(parquet_files(&lake), 6, "a search that began before may still read it");
    bench.clock.pass(16 * 60);
    eventually("removal", &site, |now| now.leaving_files == 0).await;
    let last = eventually("publication", &site, |now| now.table.as_ref().is_some_and(|table| table.behind == 0)).await;
    assert_eq!(last.tiers.iter().map(|tier| (tier.files, tier.events)).collect::<Vec<_>>(), [(3, 15), (2, 10)]);
    assert_eq!((parquet_files(&lake), found(&site).await), (5, 25));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_that_is_over_becomes_one_file_and_nothing_is_lost_on_the_way() {
    let mut bench = Bench::start().await;
    let operator = bench.operator().await;
    let mut site = bench.site(&operator, "acme").await;
    let source: NewSource = serde_json::from_value(serde_json::json!({"name": "logs", "source_category": "x"})).unwrap();
    let key = site.admin.add_source(&source).await.unwrap().ingest_key;
    for at in 0..4 {
        send(&bench, &key, at * 10..at * 10 + 10).await;
        bench = bench.restart(60).await;
        site.admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    }
    assert_eq!(storage(&site).await.tiers[0].files, 4);
    bench.clock.pass(DAY + 2 * 3600);
    site.admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    let merged = eventually("merge", &site, |now| now.tiers[0].files == 1).await;
    assert_eq!((merged.tiers[0].events, found(&site).await), (40, 40));
    assert_eq!(merged.last_compaction.map(|work| (work.files_before, work.files_after)), Some((4, 1)));
    // A restart finds the merged file listed and the old ones still waiting to go.
    bench = bench.restart(60).await;
    site.admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    assert_eq!((storage(&site).await.leaving_files, found(&site).await), (4, 40));
    bench.clock.pass(16 * 60);
    eventually("removal", &site, |now| now.leaving_files == 0).await;
    assert_eq!(found(&site).await, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retention_that_cannot_be_meant_is_refused_by_name_and_a_change_is_audited() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let days = |c: i64, f: i64, i: i64| serde_json::json!({"continuous_days": c, "frequent_days": f, "infrequent_days": i});
    for (body, field) in [(days(0, 1, 1), "continuous_days"), (days(1, 3651, 1), "frequent_days"), (days(1, 1, 0), "infrequent_days")] {
        let problem = refused(set(&site, &body).await);
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some(field)));
    }
    assert_eq!(refused(set(&site, &serde_json::json!({"continuous_days": 1})).await).field.as_deref(), Some("frequent_days"));
    let mut more = days(1, 1, 1);
    more["cse_days"] = 1.into();
    assert_eq!(refused(set(&site, &more).await).code, "UNKNOWN_FIELD");
    assert_eq!(set(&site, &days(3650, 1, 7)).await.unwrap(), Retention { continuous_days: 3650, frequent_days: 1, infrequent_days: 7 });
    let audit: bailiwick_api::List<AuditEntry> = site.admin.get("/api/v1/audit").await.unwrap();
    let outcomes: Vec<&str> = audit.data.iter().filter(|entry| entry.verb == "retention.set").map(|entry| entry.outcome.as_str()).collect();
    assert_eq!(outcomes, ["ok", "INVALID_INPUT", "INVALID_INPUT", "INVALID_INPUT"]);
}

async fn rests(marker: &Path) {
    for _ in 0..200 {
        if marker.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a workspace that nobody uses is at rest");
}

#[tokio::test]
async fn a_workspace_nobody_uses_is_at_rest_also_after_a_start_and_wakes_when_something_comes_or_asks() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let source = serde_json::from_value::<NewSource>(serde_json::json!({"name": "app", "source_category": "x"})).unwrap();
    let key = site.admin.add_source(&source).await.unwrap().ingest_key;
    let marker = bench.dir.path().join("workspaces").join(site.id.as_str()).join("at-rest");
    send(&bench, &key, 0..5).await;
    assert!(!marker.exists(), "open");
    let bench = bench.restart(60).await;
    // The schedule looks after the lake of every workspace once, and closes again what it opened.
    rests(&marker).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    rests(&marker).await;
    send(&bench, &key, 5..10).await;
    assert!(!marker.exists(), "woken by what came in");
    let bench = bench.restart(60).await;
    rests(&marker).await;
    let admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    assert_eq!(found(&Site { admin, ..site }).await, 10);
    assert!(!marker.exists(), "woken by a question");
}
