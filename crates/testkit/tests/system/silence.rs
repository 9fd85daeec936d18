//! A node that is down or hangs costs its own rows only, and comes back by itself.

use crate::work::{page, rows_of, spray};
use bailiwick_api::{FailCode, GrantState, Health, Investigation, Page, Role};
use bailiwick_testkit::{Person, Registered, Setup, World, eventually};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

struct Scene {
    world: World,
    near: Registered,
    far: Registered,
    ana: Person,
}

/// Two customers on two nodes with an investigation each, and somebody who sees both.
async fn scene() -> Scene {
    let world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (near, far) = (world.customer(0, "Near").await.unwrap(), world.customer(1, "Far").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&near, &far]).await.unwrap();
    spray(&near, 1, 1).await;
    spray(&far, 2, 1).await;
    let whole = page(&ana, "").await;
    assert_eq!((whole.data.len(), whole.scope.complete, whole.scope.answered), (2, true, 2));
    Scene { world, near, far, ana }
}

async fn timed(person: &Person) -> (Page<Investigation>, Duration) {
    let began = Instant::now();
    (page(person, "").await, began.elapsed())
}

/// The far customer is missing, by name, for this reason; the near one is there.
fn check_missing(scene: &Scene, page: &Page<Investigation>, code: FailCode) {
    assert_eq!((page.data.len(), rows_of(page, &scene.near)), (1, 1));
    assert_eq!((page.scope.complete, page.scope.asked, page.scope.answered), (false, 2, 1));
    let failed = &page.scope.failed;
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!((failed[0].customer.name.as_str(), failed[0].region.as_str(), failed[0].code), ("Far", "us", code));
}

async fn complete(person: &Person) -> bool {
    let page = page(person, "").await;
    page.scope.complete && page.data.len() == 2
}

/// A call about one customer whose node is down says so at once, and the list of customers shows it.
async fn check_calls_about_the_far_one(scene: &Scene) {
    let (far, session) = (&scene.far.customer, scene.world.session(&scene.ana).await.unwrap());
    let call = async |method: &str, path: String, body: &str| scene.world.call(Some(&session), method, &path, body).await.unwrap();
    let rrn = format!("/api/v1/investigations/rrn:investigation:us:{}:investigation:any", far.workspace);
    for (method, body) in [("GET", ""), ("PATCH", r#"{"version":1,"status":"WAITING"}"#)] {
        let answer = call(method, rrn.clone(), body).await;
        assert_eq!((answer.status, answer.code()), (503, "NODE_DOWN"), "{method}: {answer:?}");
        assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.contains("Far") && detail.contains("us")), "{answer:?}");
    }
    let searched = call("POST", format!("/api/v1/customers/{}/logs/search", far.id), "{}").await;
    assert_eq!((searched.status, searched.body["scope"]["failed"][0]["code"].as_str()), (200, Some("NODE_DOWN")), "{searched:?}");
    let of_far = async || {
        let page = scene.ana.client.customers().await.unwrap();
        page.data.into_iter().find(|customer| customer.id == far.id).unwrap()
    };
    assert_eq!(of_far().await.open, None);
    eventually(10 * SECOND, "the health arrow is down", async || of_far().await.health == Health::Down).await;
    assert!(of_far().await.health_detail.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_down_costs_its_own_rows_and_comes_back_by_itself() {
    let mut scene = scene().await;
    scene.world.nodes[1].stop().await;
    for _ in 0..3 {
        let (page, took) = timed(&scene.ana).await;
        check_missing(&scene, &page, FailCode::NodeDown);
        assert!(took < SECOND, "{took:?}");
    }
    check_calls_about_the_far_one(&scene).await;
    let bob = scene.world.person("bob", Role::Analyst).await.unwrap();
    let waiting = scene.world.decide(&bob, &scene.far, Some(Role::Analyst)).await.unwrap();
    assert_eq!((waiting.state, waiting.applied), (GrantState::Pending, None));
    scene.world.nodes[1].start_again().await.unwrap();
    eventually(10 * SECOND, "complete again", async || complete(&scene.ana).await).await;
    let grant = async || scene.world.grant_of(&bob, &scene.far.customer.id).await.unwrap();
    eventually(15 * SECOND, "the grant reached its node", async || grant().await.state == GrantState::Applied).await;
    assert_eq!(rows_of(&page(&bob, "").await, &scene.far), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_hangs_is_waited_for_once_and_recovers() {
    let mut scene = scene().await;
    scene.world.nodes[1].hang().await.unwrap();
    let (first, took) = timed(&scene.ana).await;
    check_missing(&scene, &first, FailCode::Timeout);
    assert!(took < Duration::from_millis(3500), "{took:?}");
    for _ in 0..3 {
        let (page, took) = timed(&scene.ana).await;
        check_missing(&scene, &page, FailCode::Timeout);
        assert!(took < SECOND, "{took:?}");
    }
    scene.world.nodes[1].start_again().await.unwrap();
    eventually(10 * SECOND, "complete again", async || complete(&scene.ana).await).await;
}
