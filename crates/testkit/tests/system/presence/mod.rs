//! Who is on an investigation, and who looks at it: seen by the others, and gone by itself.

use crate::work::{page, spray};
use bailiwick_api::{Investigation, Looking, Role};
use bailiwick_testkit::{Person, Setup, World};
use http::Method;
use serde_json::{Value, json};

fn emails(looking: &Looking) -> Vec<&str> {
    looking.looking.iter().map(|one| one.email.as_str()).collect()
}

async fn put(person: &Person, path: &str) -> Looking {
    person.client.call(Method::PUT, path, None::<&()>).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_is_seen_by_the_others_and_claims_are_asked_for_before_they_are_taken() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let (acme, beta) = (world.customer(0, "Acme").await.unwrap(), world.customer(0, "Beta").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    let bob = world.granted("bob", Role::Analyst, &[&acme]).await.unwrap();
    let vic = world.granted("vic", Role::Viewer, &[&acme]).await.unwrap();
    let out = world.granted("out", Role::Analyst, &[&beta]).await.unwrap();
    spray(&acme, 1, 1).await;
    let before = page(&ana, "").await.data.remove(0).row;
    let (at, presence) = (format!("/api/v1/investigations/{}/claim", before.rrn), format!("/api/v1/investigations/{}/presence", before.rrn));

    assert_eq!(emails(&put(&ana, &presence).await), [ana.email.as_str()]);
    assert_eq!(emails(&put(&vic, &presence).await), [ana.email.as_str(), vic.email.as_str()]);
    assert_eq!(page(&bob, "").await.data[0].row.looking.len(), 2);
    let detail: Value = bob.client.get(&format!("/api/v1/investigations/{}", before.rrn)).await.unwrap();
    assert_eq!(detail["investigation"]["looking"][0]["name"], "ana");
    let left: Looking = ana.client.call(Method::DELETE, &presence, None::<&()>).await.unwrap();
    assert_eq!(emails(&left), [vic.email.as_str()]);
    let foreign = out.client.call::<Value>(Method::PUT, &presence, None::<&()>).await.unwrap_err();
    assert_eq!(foreign.problem().unwrap().status, 404);

    let row: Investigation = ana.client.call(Method::PUT, &at, None::<&()>).await.unwrap();
    let claim = row.row.claim.unwrap();
    assert_eq!((claim.email.as_str(), claim.name.as_str()), (ana.email.as_str(), "ana"));
    assert_eq!((row.row.version, row.row.updated_time), (before.version, before.updated_time), "a claim is no change");
    let lost = bob.client.call::<Value>(Method::PUT, &at, Some(&json!({}))).await.unwrap_err();
    let problem = lost.problem().unwrap();
    let current: Investigation = serde_json::from_value(problem.current.clone().unwrap()).unwrap();
    assert_eq!((problem.status, problem.code.as_str(), current.row.claim.as_ref()), (409, "CLAIMED", Some(&claim)));
    let kept: Investigation = bob.client.call(Method::DELETE, &at, None::<&()>).await.unwrap();
    assert_eq!(kept.row.claim, Some(claim), "nobody lets go for somebody else");
    let taken: Investigation = bob.client.call(Method::PUT, &at, Some(&json!({"take": true}))).await.unwrap();
    assert_eq!(taken.row.claim.unwrap().email, bob.email);
    assert_eq!(page(&ana, "").await.data[0].row.claim.as_ref().unwrap().email, bob.email);
    let free: Investigation = bob.client.call(Method::DELETE, &at, None::<&()>).await.unwrap();
    assert_eq!(free.row.claim, None);
    let refused = vic.client.call::<Value>(Method::PUT, &at, None::<&()>).await.unwrap_err();
    assert_eq!(refused.problem().unwrap().status, 403);
    let unknown = ana.client.call::<Value>(Method::PUT, &at, Some(&json!({"mine": true}))).await.unwrap_err();
    assert_eq!(unknown.problem().unwrap().field.as_deref(), Some("mine"));
}
