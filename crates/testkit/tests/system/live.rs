//! A page that is open stays true: what is new comes, what is taken away goes, and it ends with the session.

use crate::work::{page, rows_of, spray};
use bailiwick_api::{FailCode, Investigation, InvestigationPatch, Page, Role, Status};
use bailiwick_testkit::{Live, Setup, World};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(12);

async fn next(live: &mut Live) -> Option<Page<Investigation>> {
    live.next().await.unwrap().map(|value| serde_json::from_value(value).unwrap())
}

/// Reads pages until one is as wanted.
async fn until(live: &mut Live, what: &str, holds: impl Fn(&Page<Investigation>) -> bool) {
    let reading = async {
        while let Some(page) = next(live).await {
            if holds(&page) {
                return true;
            }
        }
        false
    };
    let seen = tokio::time::timeout(SOON, reading).await;
    assert!(seen == Ok(true), "the stream never showed: {what} ({seen:?})");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_page_shows_what_is_new_what_changed_and_who_is_missing() {
    let mut world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (near, far) = (world.customer(0, "Near").await.unwrap(), world.customer(1, "Far").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&near, &far]).await.unwrap();
    let bob = world.granted("bob", Role::Analyst, &[&near]).await.unwrap();
    let session = world.session(&ana).await.unwrap();
    let mut live = world.live(&session, "").await.unwrap();
    until(&mut live, "nothing yet", |page| page.data.is_empty() && page.scope.complete).await;
    spray(&near, 1, 1).await;
    until(&mut live, "the new investigation", |page| rows_of(page, &near) == 1).await;
    let row = page(&bob, "").await.data.remove(0).row;
    let patch = InvestigationPatch { version: row.version, status: Some(Status::Waiting), ..InvestigationPatch::default() };
    bob.client.update_investigation(&row.rrn, &patch).await.unwrap();
    until(&mut live, "what a colleague changed", |page| page.data[0].row.status == Status::Waiting).await;
    world.nodes[1].stop().await;
    until(&mut live, "who is missing", |page| page.scope.failed.first().is_some_and(|f| f.code == FailCode::NodeDown && f.region == "us")).await;
    world.nodes[1].start_again().await.unwrap();
    until(&mut live, "everybody again", |page| page.scope.complete).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_page_loses_the_rows_of_a_grant_that_is_taken_away_and_ends_with_the_session() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let (keeps, loses) = (world.customer(0, "Keeps").await.unwrap(), world.customer(0, "Loses").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&keeps, &loses]).await.unwrap();
    spray(&keeps, 1, 1).await;
    spray(&loses, 2, 1).await;
    let session = world.session(&ana).await.unwrap();
    let mut live = world.live(&session, "").await.unwrap();
    until(&mut live, "both customers", |page| page.data.len() == 2).await;
    world.decide(&ana, &loses, None).await.unwrap();
    until(&mut live, "one customer", |page| page.data.len() == 1 && rows_of(page, &keeps) == 1 && page.scope.skipped.len() == 1).await;
    keeps.admin.revoke(&ana.email).await.unwrap();
    until(&mut live, "no customer", |page| page.data.is_empty()).await;
    assert_eq!(world.call(Some(&session), "DELETE", "/api/v1/session", "").await.unwrap().status, 204);
    let ended = async { while next(&mut live).await.is_some() {} };
    tokio::time::timeout(SOON, ended).await.expect("the stream ends with the session");
}
