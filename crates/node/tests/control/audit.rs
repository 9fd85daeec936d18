//! A workspace's own audit as its administrator reads, checks and takes it along.

use crate::support::{Bench, PASSWORD, Site, refused};
use bailiwick_api::{AuditCheck, AuditEntry, AuditModule, NewSource, Paged};
use bailiwick_chassis::sql::Db;
use bailiwick_client::WorkspaceClient;
use serde_json::Value;
use std::{borrow::Cow, path::PathBuf};

async fn lines(site: &Site, query: &str) -> Vec<AuditEntry> {
    site.admin.get::<Paged<AuditEntry>>(&format!("/api/v1/audit?limit=500&{query}")).await.unwrap().data
}

async fn check(site: &Site) -> AuditCheck {
    site.admin.get("/api/v1/audit/verify").await.unwrap()
}

async fn exported(site: &Site, query: &str) -> Vec<AuditEntry> {
    let text = String::from_utf8(site.admin.fetch(&format!("/api/v1/audit/export?{query}")).await.unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn database(bench: &Bench, site: &Site) -> PathBuf {
    bench.dir.path().join("workspaces").join(site.id.as_str()).join("workspace.db")
}

/// The database as somebody opens it who is not the node.
async fn behind_the_back(path: &std::path::Path) -> Db {
    let none = sqlx::migrate::Migrator { migrations: Cow::Borrowed(&[]), ignore_missing: true, ..sqlx::migrate::Migrator::DEFAULT };
    Db::file(path, &none, 1).await.unwrap()
}

#[tokio::test]
async fn an_administrator_finds_filters_checks_and_takes_along_what_was_done_in_the_workspace_and_nothing_else() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let (acme, other) = (bench.site(&operator, "acme").await, bench.site(&operator, "other").await);
    for name in ["one", "two", "three"] {
        acme.admin.add_source(&NewSource::new(name, "x")).await.unwrap();
    }
    acme.admin.add_source(&NewSource::new("one", "x")).await.err().expect("the name is taken");
    other.admin.add_source(&NewSource::new("elsewhere", "x")).await.unwrap();

    let all = lines(&acme, "").await;
    let verbs: Vec<_> = all.iter().rev().map(|line| (line.verb.as_str(), line.outcome.as_str())).collect();
    let taken = all[0].outcome.clone();
    assert_eq!(
        verbs,
        [("workspace.add", "ok"), ("admin.setup", "ok"), ("source.add", "ok"), ("source.add", "ok"), ("source.add", "ok"), ("source.add", &taken)]
    );
    assert!(taken != "ok" && all.iter().all(|line| line.customer.is_none()));
    assert_eq!(lines(&acme, "module=sources&outcome=refused").await.len(), 1);
    assert_eq!(lines(&acme, "verb=admin.setup").await[0].module, AuditModule::Technicians);
    assert_eq!(lines(&acme, "actor=nobody").await, []);
    let mut file = exported(&acme, "").await;
    file.reverse();
    assert_eq!(file, all);
    assert_eq!(lines(&acme, "verb=audit.export").await.len(), 1);
    let answer = acme.admin.get::<Value>("/api/v1/audit?customer=acme").await;
    let problem = refused(answer);
    assert_eq!((problem.code.as_str(), problem.field.as_deref()), ("UNKNOWN_PARAMETER", Some("customer")));

    let whole = check(&acme).await;
    assert_eq!((whole.ok, whole.complete, whole.first_id, whole.last_id), (true, true, Some(1), Some(7)));
    let db = behind_the_back(&database(&bench, &acme)).await;
    assert!(sqlx::query("delete from audit").execute(db.pool()).await.unwrap_err().to_string().contains("append-only"));
    sqlx::query("drop trigger audit_stays").execute(db.pool()).await.unwrap();
    sqlx::query("update audit set subject = '' where id = 4").execute(db.pool()).await.unwrap();
    db.close().await;
    assert_eq!(check(&acme).await.broken_at, Some(4));
    assert!(check(&other).await.ok);
    bench.node.stop().await;
}

#[tokio::test]
async fn an_administrator_sees_who_signed_in_and_who_tried() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, "not the password").await.unwrap_err();
    let again = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    again.call::<()>("DELETE".parse().unwrap(), "/api/v1/session", None::<&()>).await.unwrap();
    let mut told = Vec::new();
    for _ in 0..100 {
        told = lines(&site, "module=sessions").await.into_iter().map(|line| (line.verb, line.outcome)).collect();
        if told.len() == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    told.sort();
    let line = |verb: &str, outcome: &str| (verb.to_owned(), outcome.to_owned());
    assert_eq!(told, [line("session.begin", "AUTH_FAILED"), line("session.begin", "ok"), line("session.end", "ok")]);
    bench.node.stop().await;
}

#[tokio::test]
async fn the_lines_of_a_workspace_from_before_there_were_hashes_get_theirs_when_it_opens() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    site.admin.add_source(&NewSource::new("one", "x")).await.unwrap();
    let path = database(&bench, &site);
    let Bench { node, clock, transport, dir } = bench;
    node.stop().await;
    let db = behind_the_back(&path).await;
    for text in ["drop trigger audit_stays", "drop trigger audit_stays_there", "update audit set hash = null", "update audit_counter set head = null"]
    {
        sqlx::query(text).execute(db.pool()).await.unwrap();
    }
    db.close().await;
    let bench = Bench::start_on(dir, clock).await;
    drop(transport);
    let admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    let site = Site { admin, ..site };
    let whole = check(&site).await;
    assert_eq!((whole.ok, whole.complete, whole.first_id, whole.last_id), (true, true, Some(1), Some(4)), "setup, source, sign-in and the making");
    bench.node.stop().await;
}
