//! Sync: begun by itself and by hand, one at a time, honest about what failed, and over a restart.

use crate::{
    fake_node::FakeNode,
    support::{ADMIN, Desk, PASSWORD, base, config, eventually, file, form, refused},
};
use bailiwick_api::{
    Customer, CustomerSettings, CustomerSettingsNow, DetectionSettings, GrantState, NewDelegations, Retention, Role, SyncModuleName, SyncRefusal,
    SyncState, SyncStatus,
};
use bailiwick_client::{ClientError, ConsoleClient, Transport};
use bailiwick_console::{Console, ConsoleConfig, Pace};
use http::Method;
use std::time::Duration;
use tempfile::TempDir;

/// Syncs only when asked, or when something was decided.
fn quiet(dir: &TempDir) -> ConsoleConfig {
    let config = config(file(dir));
    ConsoleConfig { pace: Pace { sync: Duration::from_secs(3600), ..config.pace }, ..config }
}

async fn status(client: &ConsoleClient, of: &Customer) -> SyncStatus {
    client.get(&format!("/api/v1/customers/{}/sync", of.id)).await.unwrap()
}

async fn sync_now(client: &ConsoleClient, of: &Customer) -> Result<SyncStatus, ClientError> {
    client.call(Method::POST, &format!("/api/v1/customers/{}/sync", of.id), None::<&()>).await
}

async fn until(desk: &Desk, of: &Customer, state: SyncState, runs: usize) {
    let holds = async || {
        let status = status(&desk.admin, of).await;
        status.summary.state == state && status.runs.len() == runs
    };
    eventually(&format!("{state} after {runs} runs"), holds).await;
}

#[tokio::test]
async fn a_new_customer_is_synced_at_once_and_every_module_tells_when() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    until(&desk, &acme, SyncState::Ok, 1).await;
    let status = status(&desk.admin, &acme).await;
    let names: Vec<_> = status.modules.iter().map(|module| module.name).collect();
    assert_eq!(names, SyncModuleName::ALL);
    assert!(status.modules.iter().all(|module| module.state == SyncState::Ok && module.last_success.is_some()), "{:?}", status.modules);
    assert!(status.summary.items >= 6 && status.summary.next_time > status.summary.finished && status.summary.consecutive == 0);
    assert_eq!(status.components.as_ref().map(Vec::len), Some(2));
    assert!(status.components.unwrap().iter().all(|component| component.since.is_some()), "since it was first seen so");
    assert!(status.proxy.is_some() && status.technicians.is_some() && status.licence.is_some() && status.content.is_some());
    let row = desk.admin.customers().await.unwrap().data.remove(0);
    assert_eq!(row.sync.unwrap().state, SyncState::Ok, "the list says so, too");
    desk.console.stop().await;
}

#[tokio::test]
async fn it_goes_on_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    eventually("three runs", async || status(&desk.admin, &acme).await.runs.len() >= 3).await;
    let runs = status(&desk.admin, &acme).await.runs;
    assert!(runs.windows(2).all(|pair| pair[0].started > pair[1].finished), "newest first, one after the other");
    desk.console.stop().await;
}

#[tokio::test]
async fn sync_now_twice_at_once_runs_once() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    until(&desk, &acme, SyncState::Ok, 1).await;
    node.shared.mind().sync_takes = Duration::from_millis(500);
    let (one, other) = tokio::join!(sync_now(&desk.admin, &acme), sync_now(&desk.admin, &acme));
    for status in [one.unwrap(), other.unwrap()] {
        assert!(matches!(status.summary.state, SyncState::Queued | SyncState::Running), "{:?}", status.summary);
    }
    eventually("it runs", async || status(&desk.admin, &acme).await.summary.state == SyncState::Running).await;
    let third = sync_now(&desk.admin, &acme).await.unwrap();
    assert_eq!(third.summary.state, SyncState::Running, "joined");
    until(&desk, &acme, SyncState::Ok, 2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(node.shared.mind().synced.len(), 2);
    desk.console.stop().await;
}

#[tokio::test]
async fn a_failure_shows_code_and_next_try_and_ends_by_itself_when_the_node_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    until(&desk, &acme, SyncState::Ok, 1).await;
    let good = status(&desk.admin, &acme).await;
    let gone = node.stop().await;
    sync_now(&desk.admin, &acme).await.unwrap();
    until(&desk, &acme, SyncState::Failed, 2).await;
    let failed = status(&desk.admin, &acme).await;
    let summary = &failed.summary;
    assert_eq!((summary.code.as_deref(), summary.consecutive), (Some("NODE_DOWN"), 1));
    assert!(summary.detail.is_some() && summary.since.is_some() && summary.next_time > summary.finished);
    assert_eq!(summary.last_success, good.summary.last_success);
    for (now, before) in failed.modules.iter().zip(&good.modules) {
        assert_eq!((now.state, now.code.as_deref(), now.last_success), (SyncState::Failed, Some("NODE_DOWN"), before.last_success));
    }
    assert!(failed.components.is_some(), "what was told last stays");
    let down = async || desk.admin.customers().await.unwrap().data[0].health == bailiwick_api::Health::Down;
    eventually("the console sees that the node is down", down).await;
    let _node = FakeNode::again(gone).await;
    eventually("well again", async || status(&desk.admin, &acme).await.summary.state == SyncState::Ok).await;
    let well = status(&desk.admin, &acme).await;
    assert_eq!((well.summary.consecutive, well.summary.since, well.summary.code), (0, None, None));
    desk.console.stop().await;
}

#[tokio::test]
async fn what_a_node_refuses_is_named_and_spares_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    let detail = "retention_days: canary licensed".to_owned();
    node.shared.mind().sync_refused = vec![SyncRefusal { module: SyncModuleName::Settings, code: "LICENCE_EXCEEDED".into(), detail }];
    let acme = desk.customer("Acme", &node, "acme").await;
    until(&desk, &acme, SyncState::Partial, 1).await;
    let partial = status(&desk.admin, &acme).await;
    assert_eq!((partial.summary.failed, partial.summary.code.as_deref()), (vec![SyncModuleName::Settings], Some("LICENCE_EXCEEDED")));
    assert!(!partial.summary.detail.unwrap().contains("canary"), "the node's own words are not kept");
    let of = |name| partial.modules.iter().find(|module| module.name == name).unwrap();
    assert_eq!((of(SyncModuleName::Settings).state, of(SyncModuleName::Settings).last_success), (SyncState::Failed, None));
    assert_eq!(of(SyncModuleName::Licence).state, SyncState::Ok);
    desk.console.stop().await;
}

#[tokio::test]
async fn a_node_of_the_version_before_is_synced_and_granted_without_what_it_does_not_know() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    node.shared.mind().is_older = true;
    let acme = desk.customer("Acme", &node, "acme").await;
    until(&desk, &acme, SyncState::Ok, 1).await;
    assert!(node.shared.mind().synced.iter().all(|(_, ask)| ask.console_url.is_none()));
    let ana = desk.person("ana.older@mssp.example", Role::Analyst).await;
    let soon = acme.created_time + chrono::TimeDelta::hours(1);
    let (users, customers) = (vec![ana.me.id.clone()], Some(vec![acme.id.clone()]));
    let until_then = NewDelegations { users, customers, role: Some(Role::Analyst), expires_time: Some(soon), ..NewDelegations::default() };
    desk.admin.delegate(&until_then).await.unwrap();
    let applied = async || desk.admin.grants().await.unwrap().data.iter().any(|grant| grant.state == GrantState::Applied);
    eventually("the role is there", applied).await;
    desk.console.stop().await;
}

#[tokio::test]
async fn a_sync_that_a_stop_cut_off_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    until(&desk, &acme, SyncState::Ok, 1).await;
    node.shared.mind().sync_takes = Duration::from_secs(2);
    sync_now(&desk.admin, &acme).await.unwrap();
    eventually("it runs", async || status(&desk.admin, &acme).await.summary.state == SyncState::Running).await;
    desk.console.stop().await;
    node.shared.mind().sync_takes = Duration::ZERO;
    let console = Console::start(quiet(&dir)).await.unwrap();
    let admin = ConsoleClient::sign_in(&Transport::new().unwrap(), &base(&console), ADMIN, PASSWORD).await.unwrap();
    eventually("it ran", async || status(&admin, &acme).await.runs.len() == 2).await;
    assert_eq!(status(&admin, &acme).await.summary.state, SyncState::Ok);
    console.stop().await;
}

#[tokio::test]
async fn who_manages_customers_syncs_and_who_has_a_grant_sees_how_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    let (acme, other) = (desk.customer("Acme", &node, "acme").await, desk.customer("Other", &node, "other").await);
    let vic = desk.person("vic@mssp.example", Role::Viewer).await;
    desk.grant(&vic, &acme, Some(Role::Viewer)).await;
    let get = async |of: &Customer| vic.get::<SyncStatus>(&format!("/api/v1/customers/{}/sync", of.id)).await;
    assert!(get(&acme).await.is_ok());
    assert_eq!(refused(get(&other).await).0, 404);
    assert_eq!(refused(sync_now(&vic, &acme).await).0, 403);
    let unknown = Customer { id: "cus-unknown".into(), ..acme.clone() };
    assert_eq!(refused(sync_now(&desk.admin, &unknown).await).0, 404);
    assert_eq!(refused(vic.get::<CustomerSettings>("/api/v1/settings/customers").await).0, 403);
    let audit = desk.admin.audit().await.unwrap().data;
    assert!(audit.iter().all(|line| line.verb != "customer.sync"), "nobody synced");
    sync_now(&desk.admin, &acme).await.unwrap();
    let audit = desk.admin.audit().await.unwrap().data;
    assert!(audit.iter().any(|line| line.verb == "customer.sync" && line.customer.as_ref().is_some_and(|c| c.name == "Acme")));
    desk.console.stop().await;
}

#[tokio::test]
async fn settings_of_every_customer_reach_those_there_are_and_those_to_come() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    until(&desk, &acme, SyncState::Ok, 1).await;
    assert_eq!(node.shared.mind().synced[0].1.settings, None, "nothing was set, and nothing is");
    let put =
        async |settings: &CustomerSettings| desk.admin.call::<CustomerSettings>(Method::PUT, "/api/v1/settings/customers", Some(settings)).await;
    let retention = Retention { continuous_days: 365, frequent_days: 60, infrequent_days: 60 };
    let wrong = CustomerSettings { retention: Some(Retention { frequent_days: 0, ..retention }), detection: None };
    assert_eq!(refused(put(&wrong).await), (400, "INVALID_INPUT".into(), "retention.frequent_days".into()));
    let detection = DetectionSettings { threshold: 20, ..DetectionSettings::default() };
    let settings = CustomerSettings { retention: Some(retention), detection: Some(detection) };
    put(&settings).await.unwrap();
    let now: CustomerSettingsNow = desk.admin.get("/api/v1/settings/customers").await.unwrap();
    assert_eq!((now.settings, now.set_by, now.set_time.is_some()), (settings, Some(desk.admin.me.email.clone()), true));
    let told = async |workspace: &str| {
        let mind = node.shared.mind();
        mind.synced.iter().rfind(|(to, _)| to == workspace).and_then(|(_, ask)| ask.settings)
    };
    eventually("Acme is told", async || told("ws-acme").await == Some(settings)).await;
    desk.admin.add_customer(&form("Beta", &node, "beta")).await.unwrap();
    eventually("Beta is told with its first sync", async || told("ws-beta").await == Some(settings)).await;
    desk.console.stop().await;
}

#[tokio::test]
async fn a_role_that_the_node_lost_goes_there_once_more_and_a_revoked_one_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(quiet(&dir)).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    let (ana, bob) = (desk.person("ana@mssp.example", Role::Analyst).await, desk.person("bob@mssp.example", Role::Analyst).await);
    for person in [&ana, &bob] {
        desk.grant(person, &acme, Some(Role::Analyst)).await;
    }
    let state = async |of: &ConsoleClient| desk.admin.grants().await.unwrap().data.into_iter().find(|g| g.user == of.me.id).unwrap().state;
    let applied = async || state(&ana).await == GrantState::Applied && state(&bob).await == GrantState::Applied;
    eventually("both are applied", applied).await;
    {
        let mut mind = node.shared.mind();
        mind.technicians.remove(&("ws-acme".into(), "ana@mssp.example".into()));
        mind.technicians.insert(("ws-acme".into(), "eve@elsewhere.example".into()), Role::Viewer);
        mind.revoked.insert("bob@mssp.example".into());
    }
    sync_now(&desk.admin, &acme).await.unwrap();
    let lost = async || status(&desk.admin, &acme).await.technicians.is_some_and(|check| check.lost == ["ana@mssp.example"]);
    eventually("the loss is seen", lost).await;
    let check = status(&desk.admin, &acme).await.technicians.unwrap();
    assert_eq!((check.granted, check.present, check.unknown, check.revoked), (2, 0, 1, vec!["bob@mssp.example".to_owned()]));
    let back = async || node.shared.mind().technicians.contains_key(&("ws-acme".into(), "ana@mssp.example".into()));
    eventually("she is there again", back).await;
    eventually("he is refused", async || state(&bob).await == GrantState::Refused).await;
    desk.console.stop().await;
}
