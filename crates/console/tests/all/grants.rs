//! Grants: counted at the console at once, carried to the node when it answers, and never against the customer's will.

use crate::{
    fake_node::FakeNode,
    support::{Desk, config, eventually, file, refused},
};
use bailiwick_api::{Customer, Grant, GrantState, NewGrant, Role};
use bailiwick_client::ConsoleClient;

async fn only(client: &ConsoleClient) -> Option<Grant> {
    let mut grants = client.grants().await.unwrap().data;
    assert!(grants.len() < 2);
    grants.pop()
}

#[tokio::test]
async fn what_the_customer_revoked_is_refused_until_it_is_granted_again_after_the_customer_allowed_it() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    let ana = desk.person("ana@mssp.example", Role::Analyst).await;
    node.shared.mind().revoked.insert("ana@mssp.example".into());
    let granted = desk.grant(&ana, &acme, Some(Role::Analyst)).await;
    assert_eq!((granted.desired, granted.applied, granted.state), (Some(Role::Analyst), None, GrantState::Pending));
    let state = async |state| only(&desk.admin).await.is_some_and(|g| g.state == state);
    eventually("refused", async || state(GrantState::Refused).await).await;
    assert!(only(&desk.admin).await.unwrap().detail.unwrap().contains("revoked"));
    node.shared.mind().revoked.clear();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert!(node.shared.mind().technicians.is_empty(), "a refused grant is not asked for again by itself");
    desk.grant(&ana, &acme, Some(Role::Viewer)).await;
    eventually("applied", async || state(GrantState::Applied).await).await;
    assert_eq!(only(&desk.admin).await.unwrap().applied, Some(Role::Viewer));
    desk.console.stop().await;
}

#[tokio::test]
async fn taking_a_grant_away_works_at_once_here_and_at_the_node_when_it_answers() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    let ana = desk.person("ana@mssp.example", Role::Analyst).await;
    desk.grant(&ana, &acme, Some(Role::Analyst)).await;
    eventually("the node knows her", async || node.shared.mind().technicians.len() == 1).await;
    let gone = node.stop().await;
    let removed = desk.grant(&ana, &acme, None).await;
    assert_eq!((removed.desired, removed.state), (None, GrantState::Pending));
    assert_eq!(refused(ana.get::<Customer>(&format!("/api/v1/customers/{}", acme.id)).await).0, 404);
    assert!(ana.customers().await.unwrap().data.is_empty() && only(&ana).await.is_none());
    eventually("the wait is explained", async || only(&desk.admin).await.unwrap().detail.is_some()).await;
    let node = FakeNode::again(gone).await;
    eventually("the node forgot her", async || node.shared.mind().technicians.is_empty()).await;
    eventually("no grant is left", async || only(&desk.admin).await.is_none()).await;
    let none = NewGrant { user: ana.me.id.clone(), customer: acme.id.clone(), role: None };
    assert_eq!(refused(desk.admin.put_grant(&none).await).0, 404);
    desk.console.stop().await;
}

#[tokio::test]
async fn a_grant_that_one_workspace_refuses_does_not_hold_up_the_others_of_its_node() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    let (ana, bob) = (desk.person("ana@mssp.example", Role::Analyst).await, desk.person("bob@mssp.example", Role::Viewer).await);
    node.shared.mind().unwanted.insert("ana@mssp.example".into());
    desk.grant(&ana, &acme, Some(Role::Analyst)).await;
    desk.grant(&bob, &acme, Some(Role::Viewer)).await;
    eventually("bob is there", async || node.shared.mind().technicians.len() == 1).await;
    eventually("ana waits and is told why", async || only(&ana).await.unwrap().detail.is_some_and(|d| d.contains("INVALID_INPUT"))).await;
    eventually("bob's grant is applied", async || only(&bob).await.unwrap().state == GrantState::Applied).await;
    desk.console.stop().await;
}

#[tokio::test]
async fn grants_need_a_person_and_a_customer_and_an_administrator() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let acme = desk.customer("Acme", &node, "acme").await;
    let ana = desk.person("ana@mssp.example", Role::Analyst).await;
    let good = NewGrant { user: ana.me.id.clone(), customer: acme.id.clone(), role: Some(Role::Analyst) };
    assert_eq!(refused(ana.put_grant(&good).await).0, 403);
    let nobody = NewGrant { user: "user-nobody".into(), ..good.clone() };
    assert_eq!(refused(desk.admin.put_grant(&nobody).await), (400, "UNKNOWN_USER".into(), "user".into()));
    let nothing = NewGrant { customer: "cus-nothing".into(), ..good.clone() };
    assert_eq!(refused(desk.admin.put_grant(&nothing).await), (400, "UNKNOWN_CUSTOMER".into(), "customer".into()));
    desk.admin.put_grant(&good).await.unwrap();
    let count = async |client: &ConsoleClient, query: &str| {
        client.get::<bailiwick_api::List<Grant>>(&format!("/api/v1/grants?{query}")).await.unwrap().data.len()
    };
    assert_eq!(count(&desk.admin, &format!("customer={}&user={}", acme.id, ana.me.id)).await, 1);
    assert_eq!(count(&desk.admin, "customer=cus-nothing").await, 0);
    assert_eq!(count(&ana, &format!("user={}", desk.admin.me.id)).await, 0);
    desk.console.stop().await;
}
