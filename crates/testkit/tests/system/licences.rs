//! Licences over real nodes (D5.13): the whole pool and one more, a node that was down gets its licence by itself, and the node holds to it.

use crate::sync::{quiet, status};
use bailiwick_api::{Allocation, AllocationState, Health, LicencePool, LicenceResource, NewSource, SyncState};
use bailiwick_client::ClientError;
use bailiwick_testkit::{Registered, Setup, World, eventually};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

async fn put(world: &World, of: &Registered, body: Value) -> Result<Allocation, ClientError> {
    world.administrator.client.call(Method::PUT, &format!("/api/v1/customers/{}/licence", of.customer.id), Some(&body)).await
}

async fn get(world: &World, of: &Registered) -> Allocation {
    world.administrator.client.get(&format!("/api/v1/customers/{}/licence", of.customer.id)).await.unwrap()
}

async fn applied(world: &World, of: &Registered) {
    let what = format!("the licence of {} is applied", of.customer.name);
    eventually(SOON, &what, async || get(world, of).await.state == AllocationState::Applied).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_pool_and_one_more_and_a_node_that_was_down_gets_its_licence_by_itself() {
    let mut world = World::start(Setup { pace: quiet(), ..Setup::new(&["eu", "us"]) }).await.unwrap();
    let (acme, away) = (world.customer(0, "Acme").await.unwrap(), world.customer(1, "Away").await.unwrap());
    assert_eq!(get(&world, &acme).await.state, AllocationState::None);
    let client = world.administrator.client.clone();
    let pool: LicencePool = client.call(Method::PUT, "/api/v1/licences/pool", Some(&json!({"sources": 10, "users": 5}))).await.unwrap();
    assert_eq!(pool.resources[0].available, Some(10));
    put(&world, &acme, json!({"sources": 6, "users": 2})).await.unwrap();
    applied(&world, &acme).await;
    world.nodes[1].stop().await;
    let down = async || client.customers().await.unwrap().data[1].health == Health::Down;
    eventually(SOON, "the console sees that the node is down", down).await;
    let waiting = put(&world, &away, json!({"sources": 4})).await.unwrap();
    assert_eq!((waiting.state, waiting.resources[0].allocated, waiting.resources[0].applied), (AllocationState::Pending, Some(4), None));
    eventually(SOON, "it says why", async || get(&world, &away).await.pending_reason.is_some()).await;
    for one_more in [json!({"sources": 5}), json!({"sources": 4, "users": 4})] {
        let error = put(&world, &away, one_more).await.unwrap_err();
        assert_eq!(error.code(), Some("OVER_ALLOCATED"));
        let numbers = error.problem().unwrap().current.clone().unwrap();
        assert_eq!(numbers["available"].as_u64().unwrap() + 1, numbers["requested"].as_u64().unwrap(), "{numbers}");
    }
    assert_eq!(get(&world, &away).await.resources[0].allocated, Some(4), "what was refused changed nothing");
    world.nodes[1].start_again().await.unwrap();
    applied(&world, &away).await;
    let told: Value = away.admin.get("/api/v1/licence").await.unwrap();
    assert_eq!((told["limits"]["sources"].as_u64(), told["set_by"].as_str()), (Some(4), Some(world.administrator.email.as_str())));
    let after = get(&world, &away).await;
    assert_eq!((after.resources[0].applied, after.resources[0].used, after.pending_since), (Some(4), Some(2), None));
    assert_eq!(status(&world, &away).await.summary.state, SyncState::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_refuses_one_source_more_and_takes_what_comes() {
    let world = World::start(Setup { pace: quiet(), ..Setup::new(&["eu"]) }).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let client = &world.administrator.client;
    client.call::<LicencePool>(Method::PUT, "/api/v1/licences/pool", Some(&json!({"sources": 100}))).await.unwrap();
    let used = async || get(&world, &acme).await.resources[0].used == Some(2);
    eventually(SOON, "what is used is known", used).await;
    let error = put(&world, &acme, json!({"sources": 1})).await.unwrap_err();
    assert_eq!((error.code(), error.problem().unwrap().current.clone().unwrap()["used"].as_u64()), (Some("BELOW_USAGE"), Some(2)));
    put(&world, &acme, json!({"sources": 1, "force": true, "reason": "they pay for one"})).await.unwrap();
    applied(&world, &acme).await;
    let error = acme.admin.add_source(&NewSource::new("Third", "third")).await.err().unwrap();
    assert_eq!((error.code(), error.problem().unwrap().field.as_deref()), (Some("LICENCE_EXCEEDED"), Some(LicenceResource::Sources.as_str())));
    assert_eq!(acme.send(&[json!({"message": "still taken"})]).await.unwrap().accepted, 1);
    put(&world, &acme, json!({"sources": 3})).await.unwrap();
    applied(&world, &acme).await;
    let taken = async || acme.admin.add_source(&NewSource::new("Third", "third")).await.is_ok();
    eventually(SOON, "the third is taken now", taken).await;
}
