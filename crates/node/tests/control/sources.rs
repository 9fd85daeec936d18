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

#[tokio::test]
async fn every_field_can_be_changed_and_null_takes_it_away() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let made = site.admin.add_source(&new("one")).await.unwrap();
    site.admin.add_source(&new("two")).await.unwrap();
    let path = format!("/api/v1/sources/{}", made.source.id);
    let patch = async |body: serde_json::Value| site.admin.call::<Source>("PATCH".parse().unwrap(), &path, Some(&body)).await;
    let full = serde_json::json!({"name": "Uno", "source_category": "linux/auth", "format": "syslog", "tier": "infrequent", "host": "web-1",
        "parser": "sshd", "cse": false, "allowed": ["10.1.2.3/8"], "syslog_tcp": "127.0.0.1:0"});
    let changed = patch(full).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.source_category.as_str(), changed.cse), ("Uno", "linux/auth", false));
    assert_eq!((changed.host.as_deref(), changed.parser.as_deref(), changed.tier.as_str()), (Some("web-1"), Some("sshd"), "infrequent"));
    assert_eq!(changed.allowed, ["10.0.0.0/8"]);
    assert!(changed.syslog_tcp.is_some_and(|at| !at.ends_with(":0")));
    let bare = patch(serde_json::json!({"host": null, "parser": null, "syslog_tcp": null, "allowed": []})).await.unwrap();
    assert_eq!((bare.host, bare.parser, bare.syslog_tcp, bare.allowed.len()), (None, None, None, 0));
    assert_eq!((bare.name.as_str(), bare.tier.as_str()), ("Uno", "infrequent"), "what is left out stays");
    for (body, field) in [
        (serde_json::json!({"name": "TWO"}), "name"),
        (serde_json::json!({"parser": "no-such"}), "parser"),
        (serde_json::json!({"allowed": ["nowhere"]}), "allowed"),
        (serde_json::json!({"syslog_tls": "x"}), "syslog_tls"),
        (serde_json::json!({"client_certificate": "ab"}), "client_certificate"),
        (serde_json::json!({"collector": "col-none"}), "collector"),
        (serde_json::json!({"colour": "red"}), "colour"),
    ] {
        assert_eq!(refused(patch(body).await).field.as_deref(), Some(field));
    }
    let read: Source = site.admin.get(&path).await.unwrap();
    assert_eq!((read.name.as_str(), read.parser), ("Uno", None), "a refused change changes nothing");
}

#[tokio::test]
async fn a_deleted_source_keeps_events_and_counters_and_frees_its_name() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let made = site.admin.add_source(&NewSource { syslog_tcp: Some("127.0.0.1:0".into()), ..new("gone") }).await.unwrap();
    ingest(&bench, &made.ingest_key).await.unwrap();
    site.admin.search_logs(&bailiwick_api::LogSearch::default()).await.unwrap();
    let port = made.source.syslog_tcp.as_ref().unwrap();
    let id = made.source.id.as_str();
    site.admin.delete_source(id).await.unwrap();
    assert!(site.admin.sources().await.unwrap().data.is_empty());
    let deleted: bailiwick_api::Paged<Source> = site.admin.get("/api/v1/sources?state=deleted").await.unwrap();
    let source = &deleted.data[0];
    assert_eq!((source.received, source.stored + source.failed, source.name.as_str()), (1, 1, "gone"));
    assert!(source.deleted_time.is_some() && !source.enabled);
    assert_eq!(site.admin.search_logs(&bailiwick_api::LogSearch::default()).await.unwrap().data.len(), 1, "its events stay");
    assert!(std::net::TcpStream::connect(port).is_err(), "its port is closed");
    assert_eq!(refused(ingest(&bench, &made.ingest_key).await).status, 401);
    assert_eq!(refused(site.admin.delete_source(id).await).status, 404);
    assert_eq!(refused(site.admin.rotate_key(id).await).status, 404);
    assert_eq!(refused(site.admin.update_source(id, &bailiwick_api::SourcePatch::default()).await).status, 404);
    site.admin.add_source(&new("GONE")).await.unwrap();
}
