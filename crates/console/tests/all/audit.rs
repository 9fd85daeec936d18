//! Who reads which lines of the audit, that pages and files hold what they should, and that a line nobody may change is missed when it is.

use crate::{
    fake_node::FakeNode,
    support::{Desk, config, eventually, file, refused},
};
use bailiwick_api::{AuditCheck, AuditEntry, AuditModule, Paged, Role};
use bailiwick_client::{ClientError, ConsoleClient};
use bailiwick_console::Database;
use serde_json::Value;
use sqlx::AnyPool;

const VERBS: [&str; 4] = ["customer.add", "grant.set", "user.add", "user.password"];

async fn lines(who: &ConsoleClient, query: &str) -> Vec<AuditEntry> {
    who.get::<Paged<AuditEntry>>(&format!("/api/v1/audit?limit=500&{query}")).await.unwrap().data
}

async fn exported(who: &ConsoleClient, query: &str) -> Vec<AuditEntry> {
    let text = who.fetch(&format!("/api/v1/audit/export?{query}")).await.unwrap();
    let text = String::from_utf8(text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn check(who: &ConsoleClient) -> AuditCheck {
    who.get("/api/v1/audit/verify").await.unwrap()
}

/// On either database: filters, pages, files, and what each role reads.
pub(crate) async fn story(desk: &Desk, node: &FakeNode) {
    let near = desk.customer("Near", node, "near").await;
    let far = desk.customer("Far", node, "far").await;
    let ana = desk.person("ana.audit@mssp.example", Role::Analyst).await;
    desk.grant(&ana, &near, Some(Role::Viewer)).await;
    // From here on the console writes nothing by itself.
    let applied = async || lines(&desk.admin, "verb=grant.apply").await.iter().any(|line| line.subject == "ana.audit@mssp.example");
    eventually("the grant is applied, and told", applied).await;
    filters(desk, &near.id.0).await;
    operators(desk, &ana, (&near.id.0, &far.id.0)).await;
    pages(desk).await;
    let whole = check(&desk.admin).await;
    assert!(whole.ok && whole.complete && whole.first_id == Some(1), "{whole:?}");
    desk.grant(&ana, &near, None).await;
    assert_eq!(lines(&ana, "").await, [], "the lines go with the grant");
}

async fn filters(desk: &Desk, near: &str) {
    let all = lines(&desk.admin, "").await;
    let set = all.iter().find(|line| line.verb == "grant.set" && line.subject == "viewer: ana.audit@mssp.example").unwrap();
    assert_eq!((set.module, set.customer.as_ref().unwrap().name.as_str(), set.detail.as_deref()), (AuditModule::Access, "Near", None));
    for (query, fits) in [
        ("module=access", &(|line: &AuditEntry| line.module == AuditModule::Access) as &dyn Fn(&AuditEntry) -> bool),
        ("actor=ana.audit%40mssp.example", &|line| line.actor == "ana.audit@mssp.example"),
        ("verb=customer.add&outcome=ok", &|line| line.verb == "customer.add" && line.outcome == "ok"),
        ("outcome=refused", &|line| line.outcome != "ok"),
        ("customer=provider", &|line| line.customer.is_none()),
        (&format!("customer={near}"), &|line| line.customer.as_ref().is_some_and(|c| c.id.as_str() == near)),
        (&format!("from={}", set.time.to_rfc3339().replace('+', "%2B")), &|line| line.time >= set.time),
        (&format!("to={}", set.time.to_rfc3339().replace('+', "%2B")), &|line| line.time < set.time),
    ] {
        let expected: Vec<_> = lines(&desk.admin, "").await.into_iter().filter(|line| fits(line)).map(|line| line.id).collect();
        let found: Vec<_> = lines(&desk.admin, query).await.into_iter().map(|line| line.id).collect();
        assert_eq!(found, expected, "{query}");
        assert!(query.starts_with("outcome") || !found.is_empty(), "{query}");
    }
    for (query, field) in [("colour=1", "colour"), ("limit=501", "limit"), ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to")] {
        let answer = desk.admin.get::<Value>(&format!("/api/v1/audit?{query}")).await;
        assert_eq!((refused(answer).2.as_str(), field), (field, field));
    }
    let page: Result<Value, ClientError> = desk.admin.get("/api/v1/audit?cursor=x").await;
    assert_eq!(refused(page).1, "CURSOR_INVALID");
}

/// An operator reads lines of customers they hold a grant on, never those of others, and never the provider's.
async fn operators(desk: &Desk, ana: &ConsoleClient, (near, far): (&str, &str)) {
    let expected = lines(&desk.admin, &format!("customer={near}")).await;
    assert_eq!(lines(ana, "").await, expected);
    assert_eq!(lines(ana, &format!("customer={near}")).await, expected);
    for hidden in [far, "provider", "no-such-customer"] {
        assert_eq!(lines(ana, &format!("customer={hidden}")).await, [], "{hidden}");
    }
    let mut file = exported(ana, "").await;
    file.reverse();
    assert_eq!(file, expected);
    assert_eq!(refused(ana.get::<Value>("/api/v1/audit/verify").await).0, 403);
    let taken = lines(&desk.admin, "verb=audit.export").await;
    assert_eq!((taken[0].actor.as_str(), taken[0].customer.as_ref()), ("ana.audit@mssp.example", None));
}

/// Pages hold each line once while lines arrive, and a file holds what pages hold.
async fn pages(desk: &Desk) {
    let before = lines(&desk.admin, "").await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Paged<AuditEntry> = desk.admin.get(&format!("/api/v1/audit?limit=4{cursor}")).await.unwrap();
        seen.extend(page.data);
        desk.admin.fetch("/api/v1/audit/export?format=csv&actor=nobody").await.unwrap();
        let Some(next) = page.next else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, before);
    let newest = lines(&desk.admin, "").await;
    let mut file = exported(&desk.admin, "").await;
    file.reverse();
    assert_eq!(file, newest);
    for verb in VERBS {
        assert!(file.iter().any(|line| line.verb == verb && line.module != AuditModule::Other), "{verb}");
    }
}

/// Behind the console's back: refused by the database, and found when it was done nevertheless.
pub(crate) async fn tampering(database: &Database, admin: &ConsoleClient) {
    sqlx::any::install_default_drivers();
    let (url, triggers) = match database {
        Database::File(path) => (format!("sqlite://{}", path.display()).replace(' ', "%20"), ["drop trigger audit_stays"].as_slice()),
        Database::Url(url) => (url.clone(), ["drop trigger audit_stays on audit"].as_slice()),
    };
    let pool = AnyPool::connect(&url).await.unwrap();
    for forbidden in ["update audit set actor = 'eve' where id = 3", "delete from audit where id = 3"] {
        let error = sqlx::query(forbidden).execute(&pool).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    assert!(check(admin).await.ok);
    for text in triggers {
        sqlx::query(*text).execute(&pool).await.unwrap();
    }
    sqlx::query("update audit set actor = 'eve' where id = 3").execute(&pool).await.unwrap();
    let broken = check(admin).await;
    assert_eq!((broken.ok, broken.broken_at, broken.last_id), (false, Some(3), Some(2)));
    pool.close().await;
}

#[tokio::test]
async fn whoever_may_not_change_something_and_tries_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(config(file(&dir))).await;
    let vic = desk.person("vic@mssp.example", Role::Viewer).await;
    assert_eq!(refused(vic.call::<Value>("PUT".parse().unwrap(), "/api/v1/licences/pool", Some(&serde_json::json!({"sources": 1}))).await).0, 403);
    assert_eq!(refused(vic.get::<Value>("/api/v1/users").await).0, 403, "who only looks is told so, and no more");
    let tried = lines(&desk.admin, "actor=vic%40mssp.example&outcome=refused").await;
    let told: Vec<_> = tried.iter().map(|line| (line.verb.as_str(), line.subject.as_str(), line.module)).collect();
    assert_eq!(told, [("access.refuse", "manage_licences", AuditModule::Access)]);
    desk.console.stop().await;
}
