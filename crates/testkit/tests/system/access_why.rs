//! Why can this analyst not see that customer? Each missing link by its name, with what to do about it.

use crate::{
    access::{becomes, in_time, on, to},
    work::SOON,
};
use bailiwick_api::{Access, AccessLink, GroupPatch, List, NewDelegations, NewGroup, Role, SkipReason, UserPatch};
use bailiwick_client::ConsoleClient;
use bailiwick_console::Pace;
use bailiwick_testkit::{Person, Registered, Setup, World, eventually};
use serde_json::json;
use std::time::Duration;

fn quick(regions: &'static [&'static str]) -> Setup {
    let millis = Duration::from_millis;
    let pace = Pace { probe: millis(200), reconcile: millis(200), sync: millis(1_000), change_deadline: millis(1_500), ..Pace::default() };
    Setup { pace, ..Setup::new(regions) }
}

/// How somebody stands to a customer, as an administrator is told.
async fn told(world: &World, of: &Person, customer: &Registered) -> Access {
    let path = format!("/api/v1/users/{}/access?customer={}", of.client.me.id, customer.customer.id);
    let mut data = world.administrator.client.get::<List<Access>>(&path).await.unwrap().data;
    assert_eq!(data.len(), 1);
    let access = data.remove(0);
    assert_eq!(access.links.iter().map(|step| step.link).collect::<Vec<_>>(), AccessLink::ALL, "every link, in order");
    for step in &access.links {
        assert!(step.detail.is_some() && (step.ok == Some(false)) == step.remedy.is_some(), "what is to be done? {step:?}");
    }
    access
}

/// The missing link as an administrator is told, and the detail of it.
async fn missing(world: &World, of: &Person, customer: &Registered) -> (Option<AccessLink>, String) {
    let access = told(world, of, customer).await;
    let detail = access.links.iter().find(|step| step.ok == Some(false)).and_then(|step| step.detail.clone());
    assert!(access.missing.is_some() || access.allowed);
    (access.missing, detail.unwrap_or_default())
}

async fn mine(client: &ConsoleClient) -> Vec<Access> {
    client.get::<List<Access>>("/api/v1/me/access").await.unwrap().data
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_that_are_missing_are_named() {
    let world = World::start(quick(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let ana = world.person("ana", Role::Analyst).await.unwrap();
    let admin = &world.administrator.client;
    let link = Some(AccessLink::Delegation);
    assert_eq!(missing(&world, &ana, &acme).await, (link, "no delegation reaches this customer".into()));
    let hidden = mine(&ana.client).await;
    assert_eq!((hidden.len(), hidden[0].customer.as_ref(), hidden[0].count, hidden[0].missing), (1, None, 1, link));
    assert_eq!(hidden[0].reason, Some(SkipReason::NoGrant));

    let group = admin.add_group(&NewGroup { name: "Banks".into(), customers: vec![acme.customer.id.clone()] }).await.unwrap().group.id;
    let short =
        NewDelegations { groups: Some(vec![group.clone()]), role: Some(Role::Viewer), expires_time: in_time(Duration::from_secs(2)), ..to(&[&ana]) };
    admin.delegate(&short).await.unwrap();
    let expired = async || missing(&world, &ana, &acme).await.1.starts_with("viewer on the group Banks, expired ");
    eventually(SOON, "it says when it expired", expired).await;
    let denies = NewDelegations { all: true, deny: true, reason: Some("on leave".into()), ..to(&[&ana]) };
    let denial = admin.delegate(&denies).await.unwrap().data.remove(0);
    assert_eq!(missing(&world, &ana, &acme).await, (link, "denied all customers, by ada@mssp.example (on leave)".into()));
    admin.remove_delegation(&denial.id).await.unwrap();
    admin.delegate(&NewDelegations { groups: Some(vec![group.clone()]), role: Some(Role::Viewer), ..to(&[&ana]) }).await.unwrap();
    becomes(&world, &ana, &acme, Some(Role::Viewer)).await;
    let fine = told(&world, &ana, &acme).await;
    assert_eq!((fine.allowed, fine.reason, fine.missing), (true, None, None));
    let own = mine(&ana.client).await.remove(0);
    assert_eq!((own.allowed, own.missing, own.links.iter().filter(|step| step.ok == Some(true)).count()), (true, None, 8), "{own:?}");
    admin.update_group(&group, &GroupPatch { customers: Some(Vec::new()), ..GroupPatch::default() }).await.unwrap();
    assert_eq!(missing(&world, &ana, &acme).await.0, link);

    let path = format!("/api/v1/users/{}/access", ana.client.me.id);
    let session = world.session(&ana).await.unwrap();
    assert_eq!(world.call(Some(&session), "GET", &path, "").await.unwrap().status, 403, "nobody asks about others");
    let unknown = admin.get::<List<Access>>(&format!("{path}?customer=cus-unknown")).await.unwrap_err();
    assert_eq!(unknown.code(), Some("UNKNOWN_CUSTOMER"));
    admin.update_user(&ana.client.me.id, &UserPatch { disabled: Some(true), ..UserPatch::default() }).await.unwrap();
    assert_eq!(missing(&world, &ana, &acme).await.0, Some(AccessLink::Person));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_at_the_customers_side_is_named() {
    let mut world = World::start(quick(&["eu", "us"])).await.unwrap();
    let (near, far) = (world.customer(0, "Near").await.unwrap(), world.customer(1, "Far").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&near]).await.unwrap();
    near.admin.revoke(&ana.email).await.unwrap();
    // Her own question finds out first.
    let own = mine(&ana.client).await;
    let of_near = own.iter().find(|access| access.customer.as_ref().is_some_and(|customer| customer.id == near.customer.id)).unwrap();
    assert_eq!((of_near.allowed, of_near.reason, of_near.missing), (false, Some(SkipReason::NoRole), Some(AccessLink::WorkspaceRole)));
    let revoked = async || missing(&world, &ana, &near).await.1.starts_with("the customer's administrator revoked");
    eventually(SOON, "the console knows that it was revoked", async || {
        mine(&ana.client).await;
        revoked().await
    })
    .await;

    world.nodes[1].stop().await;
    world.administrator.client.delegate(&on(NewDelegations { role: Some(Role::Analyst), ..to(&[&ana]) }, &[&far])).await.unwrap();
    let waits = async || {
        let (link, detail) = missing(&world, &ana, &far).await;
        link == Some(AccessLink::WorkspaceRole) && detail.contains("the node cannot be reached")
    };
    eventually(SOON, "it waits, since when and why", waits).await;
    world.nodes[1].start_again().await.unwrap();
    becomes(&world, &ana, &far, Some(Role::Analyst)).await;
    world.nodes[1].stop().await;
    let down = async || missing(&world, &ana, &far).await.0 == Some(AccessLink::Node);
    eventually(SOON, "the node is down", down).await;
    let still = told(&world, &ana, &far).await;
    assert_eq!((still.allowed, still.reason), (true, None), "a node that is down takes nobody's role");
    let own = mine(&ana.client).await;
    let of_far = own.iter().find(|access| access.customer.as_ref().is_some_and(|customer| customer.id == far.customer.id)).unwrap();
    assert_eq!((of_far.allowed, of_far.missing), (true, Some(AccessLink::Node)));
    world.nodes[1].start_again().await.unwrap();

    // The customer ends the relationship from its side.
    let enrolled: List<serde_json::Value> = far.admin.get("/api/v1/enrolments").await.unwrap();
    far.admin.end_enrolment(enrolled.data[0]["console"].as_str().unwrap()).await.unwrap();
    let session = world.session(&world.administrator).await.unwrap();
    world.call(Some(&session), "POST", &format!("/api/v1/customers/{}/sync", far.customer.id), "").await.unwrap();
    let ended = async || told(&world, &ana, &far).await.links.iter().any(|step| step.link == AccessLink::Relationship && step.ok == Some(false));
    eventually(SOON, "the relationship has ended", ended).await;
    let own = mine(&ana.client).await;
    let of_far = own.iter().find(|access| access.customer.as_ref().is_some_and(|customer| customer.id == far.customer.id)).unwrap();
    assert_eq!((of_far.allowed, of_far.missing), (false, Some(AccessLink::Relationship)), "{of_far:?}");

    let body = json!({"password": world.administrator.password}).to_string();
    assert_eq!(world.call(Some(&session), "DELETE", &format!("/api/v1/customers/{}", near.customer.id), body).await.unwrap().status, 200);
    assert_eq!(missing(&world, &ana, &near).await.0, Some(AccessLink::Customer));
}
