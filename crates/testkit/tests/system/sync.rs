//! Sync over real nodes: what a workspace tells reaches the console, twice at once is once, and a node that was away is caught up with.

use bailiwick_api::{ComponentState, CustomerSettings, Proxy, Retention, SettingOrigin, SyncModuleName, SyncState, SyncStatus};
use bailiwick_console::Pace;
use bailiwick_testkit::{Registered, Setup, World, eventually};
use http::Method;
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// Syncs only when asked, or when something was decided; looks at nodes often.
pub(crate) fn quiet() -> Pace {
    Pace { sync: Duration::from_secs(3600), probe: Duration::from_millis(200), probe_deadline: Duration::from_millis(500), ..Pace::default() }
}

pub(crate) async fn status(world: &World, of: &Registered) -> SyncStatus {
    world.administrator.client.get(&format!("/api/v1/customers/{}/sync", of.customer.id)).await.unwrap()
}

async fn sync_now(world: &World, of: &Registered) -> SyncStatus {
    world.administrator.client.call(Method::POST, &format!("/api/v1/customers/{}/sync", of.customer.id), None::<&()>).await.unwrap()
}

/// Waits until it has run so often and ended so.
async fn until(world: &World, of: &Registered, state: SyncState, runs: usize) {
    let holds = async || {
        let status = status(world, of).await;
        status.summary.state == state && status.runs.len() >= runs
    };
    eventually(SOON, &format!("{state} after {runs} runs"), holds).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_module_of_a_real_workspace_reaches_the_console() {
    let world = World::start(Setup { pace: quiet(), ..Setup::new(&["eu"]) }).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    until(&world, &acme, SyncState::Ok, 1).await;
    let proxy = json!({"enabled": true, "public_address": "siem.acme.example", "mode": "port", "path_prefix": "/siem",
        "components": [{"component": "api", "enabled": true, "port": 8443}, {"component": "syslog", "enabled": false}]});
    let told: Proxy = acme.admin.call(Method::PUT, "/api/v1/proxy", Some(&proxy)).await.unwrap();
    let vic = world.granted("vic", bailiwick_api::Role::Viewer, &[&acme]).await.unwrap();
    sync_now(&world, &acme).await;
    until(&world, &acme, SyncState::Ok, 2).await;
    let status = status(&world, &acme).await;
    assert!(status.modules.iter().all(|module| module.state == SyncState::Ok && module.last_success.is_some()), "{:?}", status.modules);
    let components = status.components.unwrap();
    let state = |name: &str| components.iter().find(|component| component.name == name).unwrap().state;
    for name in ["ingest", "listeners", "pipeline", "lake", "disk", "rules", "parsers", "clock", "certificate"] {
        assert_eq!(state(name), ComponentState::Ok, "{name}: {components:?}");
    }
    assert_eq!(status.proxy, Some(told));
    let check = status.technicians.unwrap();
    assert_eq!((check.granted, check.present, check.unknown, check.lost.len()), (1, 1, 0, 0));
    let licence = status.licence.unwrap();
    assert_eq!((licence.usage.sources, licence.usage.users, licence.limits.resources().is_empty()), (2, 1, true));
    assert!(status.content.unwrap().rules > 0);
    let seen: SyncStatus = vic.client.get(&format!("/api/v1/customers/{}/sync", acme.customer.id)).await.unwrap();
    assert_eq!(seen.summary.state, SyncState::Ok);
    let row = vic.client.customers().await.unwrap().data.remove(0);
    assert_eq!(row.sync.map(|sync| sync.state), Some(SyncState::Ok));
}

/// D5.16.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sync_now_twice_at_once_runs_once_a_failure_shows_code_and_next_try_and_success_the_time_of_each_module() {
    let mut world = World::start(Setup { pace: quiet(), ..Setup::new(&["eu"]) }).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    until(&world, &acme, SyncState::Ok, 1).await;
    world.nodes[0].hang().await.unwrap();
    let (one, other) = tokio::join!(sync_now(&world, &acme), sync_now(&world, &acme));
    for status in [one, other] {
        assert!(matches!(status.summary.state, SyncState::Queued | SyncState::Running), "{:?}", status.summary);
    }
    until(&world, &acme, SyncState::Failed, 2).await;
    let failed = status(&world, &acme).await;
    assert_eq!(failed.runs.len(), 2, "twice at once ran once: {:?}", failed.runs);
    let summary = &failed.summary;
    assert!(matches!(summary.code.as_deref(), Some("TIMEOUT" | "NODE_DOWN")) && summary.detail.is_some(), "{summary:?}");
    assert!(summary.next_time > summary.finished && summary.consecutive == 1 && summary.since.is_some());
    assert!(failed.modules.iter().all(|module| module.state == SyncState::Failed && module.last_success.is_some()), "each tells when it last worked");
    world.nodes[0].start_again().await.unwrap();
    eventually(SOON, "well again by itself", async || status(&world, &acme).await.summary.state == SyncState::Ok).await;
    let well = status(&world, &acme).await;
    assert!(well.modules.iter().all(|module| module.last_success >= failed.summary.finished), "{:?}", well.modules);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_every_customer_hold_at_each_node_and_at_those_that_were_away() {
    let mut world = World::start(Setup { pace: quiet(), ..Setup::new(&["eu", "us"]) }).await.unwrap();
    let (acme, away) = (world.customer(0, "Acme").await.unwrap(), world.customer(1, "Away").await.unwrap());
    for one in [&acme, &away] {
        until(&world, one, SyncState::Ok, 1).await;
    }
    world.nodes[1].stop().await;
    let down = async || world.administrator.client.customers().await.unwrap().data[1].health == bailiwick_api::Health::Down;
    eventually(SOON, "the console sees that the node is down", down).await;
    let retention = Retention { continuous_days: 180, frequent_days: 45, infrequent_days: 45 };
    let settings = CustomerSettings { retention: Some(retention), detection: None };
    let client = &world.administrator.client;
    client.call::<CustomerSettings>(Method::PUT, "/api/v1/settings/customers", Some(&settings)).await.unwrap();
    let holds = async |site: &Registered| site.admin.get::<Retention>("/api/v1/retention").await.is_ok_and(|now| now == retention);
    eventually(SOON, "there at once", async || holds(&acme).await).await;
    let late = world.customer(0, "Late").await.unwrap();
    eventually(SOON, "and at a new customer", async || holds(&late).await).await;
    world.nodes[1].start_again().await.unwrap();
    eventually(SOON, "and at one that was away", async || holds(&away).await).await;
    let origin = async || status(&world, &away).await.settings.is_some_and(|settings| settings.retention == SettingOrigin::Console);
    eventually(SOON, "and the console knows", origin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_that_ended_the_relationship_is_told_apart() {
    let world = World::start(Setup { pace: quiet(), ..Setup::new(&["eu"]) }).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    until(&world, &acme, SyncState::Ok, 1).await;
    let enrolments: serde_json::Value = acme.admin.get("/api/v1/enrolments").await.unwrap();
    let console = enrolments["data"][0]["console"].as_str().unwrap().to_owned();
    acme.admin.call::<serde_json::Value>(Method::DELETE, &format!("/api/v1/enrolments/{console}"), None::<&()>).await.unwrap();
    sync_now(&world, &acme).await;
    until(&world, &acme, SyncState::Failed, 2).await;
    let failed = status(&world, &acme).await;
    assert_eq!(failed.summary.code.as_deref(), Some("NOT_ENROLLED"));
    assert_eq!(failed.summary.failed, SyncModuleName::ALL);
}
