//! The pool and what of it is allocated: the same story on SQLite and on PostgreSQL.

use crate::{
    fake_node::FakeNode,
    postgres::Postgres,
    support::{Desk, config, eventually, refused},
};
use bailiwick_api::{
    Allocation, AllocationState, Customer, LicenceFile, LicencePool, LicenceResource, Licences, PoolSource, PoolState, PutAllocation, PutPool,
    Resources, Role,
};
use bailiwick_client::{ClientError, ConsoleClient, SigningKey};
use bailiwick_console::{ConsoleConfig, Database, Pace};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const GB: u64 = 1 << 30;

#[tokio::test]
async fn sqlite() {
    let dir = tempfile::tempdir().unwrap();
    story(Database::File(dir.path().join("console.db"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql() {
    let Some(cluster) = tokio::task::spawn_blocking(Postgres::start).await.unwrap() else { return };
    story(Database::Url(cluster.url())).await;
    tokio::task::spawn_blocking(move || drop(cluster)).await.unwrap();
}

async fn put(client: &ConsoleClient, of: &Customer, body: &Value) -> Result<Allocation, ClientError> {
    client.call(Method::PUT, &format!("/api/v1/customers/{}/licence", of.id), Some(body)).await
}

async fn get(client: &ConsoleClient, of: &Customer) -> Allocation {
    client.get(&format!("/api/v1/customers/{}/licence", of.id)).await.unwrap()
}

async fn put_pool(client: &ConsoleClient, body: &Value) -> Result<LicencePool, ClientError> {
    client.call(Method::PUT, "/api/v1/licences/pool", Some(body)).await
}

fn current(outcome: Result<Allocation, ClientError>) -> (String, Value) {
    let error = outcome.unwrap_err();
    let problem = error.problem().unwrap();
    (problem.code.clone(), problem.current.clone().unwrap_or_default())
}

fn of(pool: &LicencePool, resource: LicenceResource) -> (Option<u64>, u64, Option<u64>) {
    let one = pool.resources.iter().find(|one| one.resource == resource).unwrap();
    (one.total, one.allocated, one.available)
}

fn now() -> DateTime<Utc> {
    bailiwick_chassis::Clock::now(&bailiwick_chassis::SystemClock)
}

async fn story(database: Database) {
    let (key, config) = (SigningKey::generate().unwrap(), config(database));
    let pace = Pace { sync: Duration::from_secs(3600), ..config.pace };
    let desk = Desk::open(ConsoleConfig { licence_public_key: Some(key.public().to_owned()), pace, ..config }).await;
    let node = FakeNode::start("node-1").await;
    let mut customers = Vec::new();
    for name in ["acme", "beta", "cedar", "dogwood", "elm", "fir"] {
        customers.push(desk.customer(name, &node, name).await);
    }
    before_a_pool(&desk, &customers[0]).await;
    all_and_one_more(&desk, &customers).await;
    at_the_same_time(&desk, &customers).await;
    less_than_is_used(&desk, &node, &customers[0]).await;
    by_file(&desk, &key).await;
    the_end(&desk, &customers[0]).await;
    who_sees(&desk, &customers).await;
    let node = node_away(&desk, node, &customers[1]).await;
    drop(node);
    desk.console.stop().await;
}

async fn before_a_pool(desk: &Desk, acme: &Customer) {
    let none = get(&desk.admin, acme).await;
    assert_eq!(none.state, AllocationState::None);
    assert!(none.resources.iter().all(|one| one.allocated.is_none() && one.applied.is_none()));
    let pool: LicencePool = desk.admin.get("/api/v1/licences/pool").await.unwrap();
    assert_eq!((pool.state, pool.source, pool.resources.len()), (PoolState::None, None, 6));
    assert_eq!(refused(put(&desk.admin, acme, &json!({"sources": 1})).await).1, "NO_POOL");
    assert_eq!(refused(put_pool(&desk.admin, &json!({"sources": -1})).await).0, 400);
    assert_eq!(refused(put_pool(&desk.admin, &json!({"retention_days": 0})).await).2, "retention_days");
    assert_eq!(refused(put_pool(&desk.admin, &json!({"colours": 3})).await).2, "colours");
}

/// D5.13, its first half.
async fn all_and_one_more(desk: &Desk, customers: &[Customer]) {
    let pool = put_pool(&desk.admin, &json!({"sources": 10, "users": 30, "continuous_daily_bytes": 100 * GB, "retention_days": 365})).await.unwrap();
    assert_eq!((pool.state, pool.source, pool.days_left, pool.warning), (PoolState::Valid, Some(PoolSource::Hand), None, None));
    let whole = json!({"sources": 4, "continuous_daily_bytes": 60 * GB, "retention_days": 365});
    let one = put(&desk.admin, &customers[0], &whole).await.unwrap();
    assert!(one.allocated_by.is_some() && one.resources[0].allocated == Some(4));
    put(&desk.admin, &customers[1], &json!({"sources": 6, "continuous_daily_bytes": 40 * GB, "retention_days": 365})).await.unwrap();
    let (code, numbers) = current(put(&desk.admin, &customers[2], &json!({"sources": 1})).await);
    assert_eq!((code.as_str(), numbers), ("OVER_ALLOCATED", json!({"resource": "sources", "requested": 1, "available": 0})));
    let (code, numbers) = current(put(&desk.admin, &customers[1], &json!({"sources": 7})).await);
    assert_eq!((code.as_str(), numbers["available"].as_u64()), ("OVER_ALLOCATED", Some(6)), "what one has itself is available to it");
    assert_eq!(refused(put(&desk.admin, &customers[2], &json!({"retention_days": 366})).await).2, "retention_days");
    let pool: LicencePool = desk.admin.get("/api/v1/licences/pool").await.unwrap();
    assert_eq!(of(&pool, LicenceResource::Sources), (Some(10), 10, Some(0)));
    assert_eq!(of(&pool, LicenceResource::RetentionDays), (Some(365), 365, Some(365)), "a maximum for each");
    assert_eq!(of(&pool, LicenceResource::FrequentDailyBytes), (None, 0, None), "not pooled, not limited");
    assert_eq!(refused(put_pool(&desk.admin, &json!({"sources": 9})).await), (409, "OVER_ALLOCATED".into(), "sources".into()));
    eventually("the node confirmed both", async || {
        get(&desk.admin, &customers[0]).await.state == AllocationState::Applied
            && get(&desk.admin, &customers[1]).await.state == AllocationState::Applied
    })
    .await;
    let applied = get(&desk.admin, &customers[0]).await;
    assert_eq!((applied.resources[0].applied, applied.pending_since, applied.pending_reason), (Some(4), None, None));
}

/// Many at once: what comes out is never more than there is.
async fn at_the_same_time(desk: &Desk, customers: &[Customer]) {
    for customer in &customers[..2] {
        put(&desk.admin, customer, &json!({})).await.unwrap();
    }
    let asked = [3, 5, 2, 4, 6, 1, 7, 2, 3, 9, 1, 5, 4, 2].into_iter().enumerate();
    let bodies: Vec<_> = asked.map(|(n, sources)| (&customers[n % customers.len()], json!({"sources": sources}))).collect();
    let outcomes = join_all(bodies.iter().map(|(customer, body)| put(&desk.admin, customer, body))).await;
    let refusals: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(refusals.iter().all(|error| error.code() == Some("OVER_ALLOCATED")), "{refusals:?}");
    assert!(!refusals.is_empty(), "more was asked for than there is");
    let all: Licences = desk.admin.get("/api/v1/licences").await.unwrap();
    let sum: u64 = all.data.iter().filter_map(|one| one.resources[0].allocated).sum();
    let (total, allocated, available) = of(&all.pool.unwrap(), LicenceResource::Sources);
    assert!(sum <= 10 && (total, allocated, available) == (Some(10), sum, Some(10 - sum)), "{sum}");
    for customer in customers {
        put(&desk.admin, customer, &json!({})).await.unwrap();
    }
    eventually("nothing is allocated", async || get(&desk.admin, &customers[0]).await.state == AllocationState::None).await;
}

async fn less_than_is_used(desk: &Desk, node: &FakeNode, acme: &Customer) {
    node.shared.mind().usage.sources = 4;
    // One that is at work already may have been told the number of before; it is joined, and another is asked for.
    let known = async || {
        desk.admin.call::<Value>(Method::POST, &format!("/api/v1/customers/{}/sync", acme.id), None::<&()>).await.unwrap();
        get(&desk.admin, acme).await.resources[0].used == Some(4)
    };
    eventually("what is used is known", known).await;
    let (code, numbers) = current(put(&desk.admin, acme, &json!({"sources": 3})).await);
    assert_eq!((code.as_str(), numbers), ("BELOW_USAGE", json!({"resource": "sources", "requested": 3, "used": 4})));
    assert_eq!(refused(put(&desk.admin, acme, &json!({"sources": 3, "force": true})).await), (400, "REASON_REQUIRED".into(), "reason".into()));
    let forced = put(&desk.admin, acme, &json!({"sources": 3, "force": true, "reason": "contract ends"})).await.unwrap();
    assert_eq!((forced.resources[0].allocated, forced.reason.as_deref()), (Some(3), Some("contract ends")));
    assert_eq!(put(&desk.admin, acme, &json!({"sources": 4})).await.unwrap().reason, None, "as much as is used needs no force");
}

async fn by_file(desk: &Desk, key: &SigningKey) {
    let file = LicenceFile {
        licensee: "Harbour Security".into(),
        issued_at: now(),
        expires_at: Some(now() + TimeDelta::days(400)),
        resources: Resources { sources: Some(500), users: Some(50), ..Resources::default() },
    };
    let text = key.sign_document("bailiwick-licence", &serde_json::to_vec(&file).unwrap()).unwrap();
    let foreign = SigningKey::generate().unwrap().sign_document("bailiwick-licence", &serde_json::to_vec(&file).unwrap()).unwrap();
    for wrong in [foreign.as_str(), "", "v4.public.x", &text[..text.len() - 4]] {
        assert_eq!(refused(put_pool(&desk.admin, &json!({"file": wrong})).await), (422, "LICENCE_FILE_INVALID".into(), "file".into()), "{wrong}");
    }
    assert_eq!(refused(put_pool(&desk.admin, &json!({"file": text, "sources": 9})).await).2, "file");
    let pool = put_pool(&desk.admin, &json!({"file": text})).await.unwrap();
    assert_eq!(
        (pool.source, pool.licensee.as_deref(), of(&pool, LicenceResource::Sources).0),
        (Some(PoolSource::File), Some("Harbour Security"), Some(500))
    );
    assert_eq!((pool.days_left, pool.warning), (Some(399), None));
}

/// Warned once, and read-only afterwards; nothing else ends.
async fn the_end(desk: &Desk, acme: &Customer) {
    let ends = async |days: f64| {
        let at = now() + TimeDelta::milliseconds((days * 86_400_000.0) as i64);
        put_pool(&desk.admin, &json!({"sources": 100, "expires_at": at})).await.unwrap()
    };
    let soon = ends(6.5).await;
    assert_eq!((soon.state, soon.days_left, soon.warning), (PoolState::Valid, Some(6), Some(7)));
    let again: LicencePool = desk.admin.get("/api/v1/licences/pool").await.unwrap();
    assert_eq!(again.warning, Some(7));
    let lines = desk.admin.audit().await.unwrap().data;
    let told: Vec<_> = lines.iter().filter(|line| line.verb == "licence.expiry").map(|line| line.outcome.as_str()).collect();
    assert_eq!(told, ["EXPIRES_WITHIN_7_DAYS"], "once");
    put(&desk.admin, acme, &json!({"sources": 5})).await.unwrap();
    for (days, state) in [(-1.0, PoolState::Grace), (-15.0, PoolState::Expired)] {
        assert_eq!(ends(days).await.state, state);
        assert_eq!(refused(put(&desk.admin, acme, &json!({"sources": 4})).await).1, "POOL_EXPIRED");
        assert_eq!(get(&desk.admin, acme).await.resources[0].allocated, Some(5), "what was allocated stays");
    }
    ends(100.0).await;
}

async fn who_sees(desk: &Desk, customers: &[Customer]) {
    let vic = desk.person("vic@mssp.example", Role::Viewer).await;
    desk.grant(&vic, &customers[0], Some(Role::Viewer)).await;
    let seen: Licences = vic.get("/api/v1/licences").await.unwrap();
    assert_eq!((seen.data.len(), seen.data[0].customer.name.as_str(), seen.pool), (1, "acme", None));
    assert_eq!(get(&vic, &customers[0]).await.resources[0].allocated, Some(5));
    let path = format!("/api/v1/customers/{}/licence", customers[1].id);
    assert_eq!(refused(vic.get::<Allocation>(&path).await).0, 404);
    assert_eq!(refused(put(&vic, &customers[0], &json!({"sources": 1})).await).0, 403);
    assert_eq!(refused(vic.get::<LicencePool>("/api/v1/licences/pool").await).0, 403);
    let body = serde_json::to_value(PutAllocation::default()).unwrap();
    assert_eq!(refused(put(&desk.admin, &Customer { id: "cus-unknown".into(), ..customers[0].clone() }, &body).await).0, 404);
    serde_json::from_value::<PutPool>(json!({})).unwrap();
}

/// D5.13, its second half: what an unreachable node is to have waits, says why, and is applied by itself.
async fn node_away(desk: &Desk, node: FakeNode, beta: &Customer) -> FakeNode {
    let gone = node.stop().await;
    let waiting = put(&desk.admin, beta, &json!({"sources": 7, "users": 9})).await.unwrap();
    assert_eq!((waiting.state, waiting.pending_since.is_some()), (AllocationState::Pending, true));
    eventually("it says why", async || get(&desk.admin, beta).await.pending_reason.is_some()).await;
    assert_eq!(get(&desk.admin, beta).await.resources[0].applied, None);
    let down = async || desk.admin.customers().await.unwrap().data[1].health == bailiwick_api::Health::Down;
    eventually("the console sees that the node is down", down).await;
    let node = FakeNode::again(gone).await;
    eventually("applied by itself", async || get(&desk.admin, beta).await.state == AllocationState::Applied).await;
    assert_eq!(get(&desk.admin, beta).await.resources.iter().map(|one| one.applied).take(2).collect::<Vec<_>>(), [Some(7), Some(9)]);
    let licence = node.shared.mind().licences["ws-beta"];
    assert_eq!((licence.sources, licence.users, licence.daily_bytes), (Some(7), Some(9), None));
    node
}
