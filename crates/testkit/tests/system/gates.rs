//! Two gates: a grant at the console and a role at the workspace. Either one alone is nothing.

use crate::work::{page, rows_of, skipped, spray};
use bailiwick_api::{Access, GrantState, Investigation, List, Page, Role, SkipReason};
use bailiwick_console::Pace;
use bailiwick_testkit::{Person, Registered, Setup, World, eventually};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

async fn access(person: &Person, customer: &Registered) -> (bool, Option<SkipReason>) {
    let all: List<Access> = person.client.get("/api/v1/me/access").await.unwrap();
    let one = all.data.into_iter().find(|a| a.customer.as_ref().is_some_and(|c| c.id == customer.customer.id)).unwrap();
    (one.allowed, one.reason)
}

/// A console that looks at nothing by itself, so that a role can be left behind at a workspace.
fn still() -> Setup {
    let pace = Pace { probe: HOUR, reconcile: HOUR, ..Pace::default() };
    Setup { pace, name_hidden_customers: true, ..Setup::new(&["eu", "us"]) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_without_a_role_and_a_role_without_a_grant_show_nothing_and_say_why() {
    let mut world = World::start(still()).await.unwrap();
    let (open, no_role, no_grant) =
        (world.customer(0, "Open").await.unwrap(), world.customer(0, "No Role").await.unwrap(), world.customer(1, "No Grant").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&open, &no_role, &no_grant]).await.unwrap();
    for (net, customer) in [(1, &open), (2, &no_role), (3, &no_grant)] {
        spray(customer, net, 1).await;
    }
    assert_eq!(page(&ana, "").await.data.len(), 3);
    no_role.admin.revoke(&ana.email).await.unwrap();
    world.nodes[1].stop().await;
    world.decide(&ana, &no_grant, None).await.unwrap();
    let tried = async || world.grant_of(&ana, &no_grant.customer.id).await.is_some_and(|g| g.detail.is_some());
    eventually(Duration::from_secs(5), "the console tried to take the role away", tried).await;
    world.nodes[1].start_again().await.unwrap();
    let left_behind = no_grant.admin.technicians().await.unwrap().data;
    assert!(left_behind.iter().any(|t| t.email == ana.email && t.revoked_time.is_none()), "the workspace still knows her: {left_behind:?}");

    let seen = page(&ana, "").await;
    assert_eq!((seen.data.len(), rows_of(&seen, &open)), (1, 1));
    assert_eq!(skipped(&seen.scope.skipped, &no_role), Some("NO_ROLE"));
    assert_eq!(skipped(&seen.scope.skipped, &no_grant), Some("NO_GRANT"));
    assert!(!seen.scope.complete && seen.scope.failed.is_empty(), "{:?}", seen.scope);
    assert_eq!(access(&ana, &open).await, (true, None));
    assert_eq!(access(&ana, &no_role).await, (false, Some(SkipReason::NoRole)));
    assert_eq!(access(&ana, &no_grant).await, (false, Some(SkipReason::NoGrant)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_taken_away_between_two_pages_takes_the_customers_rows_with_it() {
    let world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (keeps, loses) = (world.customer(0, "Keeps").await.unwrap(), world.customer(1, "Loses").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&keeps, &loses]).await.unwrap();
    spray(&keeps, 1, 3).await;
    spray(&loses, 2, 3).await;
    let first = page(&ana, "limit=1&sort=created_time").await;
    assert_eq!((first.data.len(), first.scope.complete), (1, true));
    world.decide(&ana, &loses, None).await.unwrap();
    let (mut next, mut rest) = (first.next, Vec::new());
    while let Some(cursor) = next {
        let page: Page<Investigation> = page(&ana, &format!("limit=1&sort=created_time&cursor={cursor}")).await;
        assert_eq!(rows_of(&page, &loses), 0);
        assert_eq!(page.scope.skipped.len(), 1, "somebody is missing, and the page says so: {:?}", page.scope);
        rest.extend(page.data);
        next = page.next;
    }
    assert_eq!(rest.len(), 2, "the rest of the customer that stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_customers_administrator_revoked_stays_revoked() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    spray(&acme, 1, 1).await;
    assert_eq!(page(&ana, "").await.data.len(), 1);
    acme.admin.revoke(&ana.email).await.unwrap();
    assert_eq!(page(&ana, "").await.data.len(), 0, "from the next call on");
    world.decide(&ana, &acme, Some(Role::Analyst)).await.unwrap();
    let refused = async || world.grant_of(&ana, &acme.customer.id).await.is_some_and(|g| g.state == GrantState::Refused);
    eventually(Duration::from_secs(10), "the new grant is refused", refused).await;
    let after = page(&ana, "").await;
    assert_eq!((after.data.len(), skipped(&after.scope.skipped, &acme)), (0, Some("NO_ROLE")));
}
