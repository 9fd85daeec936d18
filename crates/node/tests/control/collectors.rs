//! Collectors: who may be made, what they show, and what switching one off means.

use crate::support::{Bench, refused};
use bailiwick_api::{CollectorPatch, CollectorState, NewCollector, NewSource, SourcePatch};
use bailiwick_client::{ClientError, Transport, WorkspaceClient};

fn new(name: &str, kind: &str) -> NewCollector {
    NewCollector { name: name.into(), kind: kind.into() }
}

async fn send(bench: &Bench, key: &str, agent: &str) -> Result<serde_json::Value, ClientError> {
    let request = bench.transport.request("POST".parse().unwrap(), base!(bench).join("/ingest/v1/events").unwrap());
    let request = request.bearer_auth(key).header("user-agent", agent).body("{\"message\":\"hello\"}\n");
    Transport::json(request, crate::support::DEADLINE).await
}

#[tokio::test]
async fn a_collector_is_made_changed_and_deleted_when_nothing_needs_it() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let made = site.admin.add_collector(&new("Main office", "Vector")).await.unwrap();
    assert_eq!((made.kind.as_str(), made.state, made.sources), ("vector", CollectorState::Idle, 0));
    assert_eq!(refused(site.admin.add_collector(&new("main OFFICE", "vector")).await).code, "NAME_TAKEN");
    assert_eq!(refused(site.admin.add_collector(&new("x", "two words")).await).field.as_deref(), Some("type"));
    assert_eq!(refused(site.admin.add_collector(&new("", "vector")).await).field.as_deref(), Some("name"));
    let renamed = CollectorPatch { name: Some("Branch".into()), ..CollectorPatch::default() };
    assert_eq!(site.admin.update_collector(made.id.as_str(), &renamed).await.unwrap().name, "Branch");
    assert_eq!(refused(site.admin.update_collector("col-none", &renamed).await).status, 404);

    let unknown = NewSource { collector: Some("col-none".into()), ..NewSource::new("s", "c") };
    assert_eq!(refused(site.admin.add_source(&unknown).await).field.as_deref(), Some("collector"));
    let source = NewSource { collector: Some(made.id.clone()), ..NewSource::new("s", "c") };
    let source = site.admin.add_source(&source).await.unwrap().source;
    assert_eq!(refused(site.admin.delete_collector(made.id.as_str()).await).code, "COLLECTOR_IN_USE");
    let moved = SourcePatch { collector: Some(None), ..SourcePatch::default() };
    assert_eq!(site.admin.update_source(source.id.as_str(), &moved).await.unwrap().collector, None);
    site.admin.delete_collector(made.id.as_str()).await.unwrap();
    assert!(site.admin.collectors().await.unwrap().data.is_empty());
    let other = bench.site(&bench_operator_again(&bench).await, "beta").await;
    let theirs = other.admin.add_collector(&new("Theirs", "vector")).await.unwrap();
    assert_eq!(refused(site.admin.update_collector(theirs.id.as_str(), &renamed).await).status, 404, "another customer's is not there");
}

async fn bench_operator_again(bench: &Bench) -> WorkspaceClient {
    WorkspaceClient::sign_in(&bench.transport, &base!(bench), "root", crate::support::PASSWORD).await.unwrap()
}

#[tokio::test]
async fn a_collector_shows_what_its_sources_tell_and_switched_off_takes_nothing() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let collector = site.admin.add_collector(&new("Main", "vector")).await.unwrap();
    let older = site.admin.add_collector(&new("Old", "vector")).await.unwrap();
    let source = async |name: &str, of: &bailiwick_api::CollectorId| {
        site.admin.add_source(&NewSource { collector: Some(of.clone()), ..NewSource::new(name, "c") }).await.unwrap()
    };
    let (fresh, stale) = (source("a", &collector.id).await, source("b", &older.id).await);
    send(&bench, &fresh.ingest_key, "Vector/0.39.0 (linux)").await.unwrap();
    send(&bench, &stale.ingest_key, "Vector/0.38.1").await.unwrap();
    let shown = site.admin.collectors().await.unwrap().data;
    let told: Vec<_> = shown.iter().map(|c| (c.name.as_str(), c.version.as_deref().unwrap(), c.state, c.sources, c.open_issues)).collect();
    assert_eq!(told, [("Main", "0.39.0", CollectorState::Collecting, 1, 0), ("Old", "0.38.1", CollectorState::Collecting, 1, 1)]);
    assert!(shown[0].last_seen.is_some());
    let issue = &site.admin.health_issues().await.unwrap().data[0];
    assert_eq!((issue.tracker.as_str(), issue.details.error.as_str()), ("collector.version_old", "NEWER_VERSION_SEEN"));
    send(&bench, &stale.ingest_key, "Vector/0.39.0").await.unwrap();
    assert!(site.admin.health_issues().await.unwrap().data.is_empty(), "it was brought up to date");

    let off = CollectorPatch { enabled: Some(false), ..CollectorPatch::default() };
    assert_eq!(site.admin.update_collector(collector.id.as_str(), &off).await.unwrap().state, CollectorState::Disabled);
    assert_eq!(refused(send(&bench, &fresh.ingest_key, "x").await).status, 401);
    let on = CollectorPatch { enabled: Some(true), ..CollectorPatch::default() };
    site.admin.update_collector(collector.id.as_str(), &on).await.unwrap();
    send(&bench, &fresh.ingest_key, "x").await.unwrap();
    bench.clock.pass(3600);
    let bench = bench.restart(60).await;
    let again = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, crate::support::PASSWORD).await.unwrap();
    let shown = again.collectors().await.unwrap().data;
    for one in &shown {
        assert_eq!((one.version.as_deref(), one.state), (Some("0.39.0"), CollectorState::Idle), "kept over a restart: {one:?}");
    }
    assert!(shown[0].last_seen.is_some());
}

#[tokio::test]
async fn lists_are_paged_by_name() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    for n in [3, 1, 2] {
        site.admin.add_collector(&new(&format!("C{n}"), "vector")).await.unwrap();
        site.admin.add_source(&NewSource::new(format!("S{n}"), "c")).await.unwrap();
    }
    for (path, first) in [("collectors", "C"), ("sources", "S")] {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page: serde_json::Value = site.admin.get(&format!("/api/v1/{path}?limit=2{cursor}")).await.unwrap();
            names.extend(page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(names, [1, 2, 3].map(|n| format!("{first}{n}")));
        for (query, field) in [("limit=0", "limit"), ("limit=1001", "limit"), ("cursor=x", "cursor"), ("lmit=1", "lmit")] {
            let answer = site.admin.get::<serde_json::Value>(&format!("/api/v1/{path}?{query}")).await;
            assert_eq!(refused(answer).field.as_deref(), Some(field));
        }
    }
}
