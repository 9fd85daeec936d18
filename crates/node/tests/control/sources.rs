//! Sources and their keys.

use crate::support::{Bench, refused};
use bailiwick_api::{CreatedSource, NewSource, Source};
use bailiwick_client::{ClientError, WorkspaceClient};

fn new(name: &str) -> NewSource {
    serde_json::from_value(serde_json::json!({"name": name, "source_category": "windows/dc"})).unwrap()
}

async fn ingest(bench: &Bench, key: &str) -> Result<u64, ClientError> {
    let body = b"{\"message\":\"hello\"}\n".to_vec();
    WorkspaceClient::ingest(&bench.transport, &base!(bench), key, None, body).await.map(|receipt| receipt.accepted)
}

#[tokio::test]
async fn a_key_opens_its_source_until_it_is_replaced_or_switched_off() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let made = site.admin.add_source(&new("DC logs")).await.unwrap();
    assert_eq!(refused(site.admin.add_source(&new("dc LOGS")).await).code, "NAME_TAKEN");
    assert_eq!(ingest(&bench, &made.ingest_key).await.unwrap(), 1);

    let (one, id) = (&made.source, made.source.id.as_str());
    assert!(!serde_json::to_string(one).unwrap().contains(&made.ingest_key), "the key is shown once");
    let path = format!("/api/v1/sources/{id}");
    let rotated: CreatedSource = site.admin.call("POST".parse().unwrap(), &format!("{path}/key"), None::<&()>).await.unwrap();
    assert_eq!(refused(ingest(&bench, &made.ingest_key).await).status, 401);
    assert_eq!(ingest(&bench, &rotated.ingest_key).await.unwrap(), 1);

    let off = serde_json::json!({"enabled": false});
    let source: Source = site.admin.call("PATCH".parse().unwrap(), &path, Some(&off)).await.unwrap();
    assert!(!source.enabled);
    let switched_off = refused(ingest(&bench, &rotated.ingest_key).await);
    let unknown = refused(ingest(&bench, "bwk_nobody-1_secret").await);
    let other_workspace = refused(ingest(&bench, &rotated.ingest_key.replace(site.id.as_str(), "nobody-1")).await);
    let garbage = refused(ingest(&bench, "x").await);
    for problem in [&unknown, &other_workspace, &garbage] {
        assert_eq!((problem.status, &problem.code, &problem.detail), (401, &switched_off.code, &switched_off.detail), "keys can be told apart");
    }
    let on = serde_json::json!({"enabled": true});
    let _source: Source = site.admin.call("PATCH".parse().unwrap(), &path, Some(&on)).await.unwrap();
    assert_eq!(ingest(&bench, &rotated.ingest_key).await.unwrap(), 1);
}

#[tokio::test]
async fn a_source_is_checked_and_shows_its_counters() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let wrong = NewSource { syslog_tcp: Some("not an address".into()), ..new("a") };
    assert_eq!(refused(site.admin.add_source(&wrong).await).field.as_deref(), Some("syslog_tcp"));
    assert_eq!(refused(site.admin.add_source(&new("  ")).await).field.as_deref(), Some("name"));
    let syslog = NewSource { syslog_tcp: Some("127.0.0.1:0".into()), ..new("syslog") };
    let made = site.admin.add_source(&syslog).await.unwrap();
    let shown = made.source.syslog_tcp.unwrap();
    assert!(!shown.ends_with(":0"), "{shown} is not where it listens");
    ingest(&bench, &made.ingest_key).await.unwrap();
    site.admin.search_logs(&bailiwick_api::LogSearch::default()).await.unwrap();
    let sources = site.admin.sources().await.unwrap().data;
    assert_eq!((sources.len(), sources[0].received), (1, 1));
    assert!(sources[0].bytes > 0 && sources[0].last_seen.is_some());
    let gone: Result<Source, _> =
        site.admin.call("PATCH".parse().unwrap(), "/api/v1/sources/src-none", Some(&serde_json::json!({"enabled": true}))).await;
    assert_eq!(refused(gone).status, 404);
}
