//! Two people on one investigation.

use crate::work::{page, spray};
use bailiwick_api::{CustomerInvestigation, Investigation, InvestigationPatch, Role, Status};
use bailiwick_testkit::{Setup, World};
use futures_util::future::join_all;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_changes_at_once_one_wins_and_the_other_keeps_the_current_row() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    let bob = world.granted("bob", Role::Analyst, &[&acme]).await.unwrap();
    spray(&acme, 1, 1).await;
    let row = page(&ana, "").await.data.remove(0);
    let rrn = row.row.rrn.clone();
    let to = |status| InvestigationPatch { version: row.row.version, status: Some(status), ..InvestigationPatch::default() };
    let (investigating, waiting) = (to(Status::Investigating), to(Status::Waiting));
    let (one, other) = tokio::join!(ana.client.update_investigation(&rrn, &investigating), bob.client.update_investigation(&rrn, &waiting));
    let (won, lost, winner) = match (one, other) {
        (Ok(won), Err(lost)) => (won, lost, &ana),
        (Err(lost), Ok(won)) => (won, lost, &bob),
        both => panic!("exactly one wins: {both:?}"),
    };
    let problem = lost.problem().expect("a refusal").clone();
    assert_eq!((problem.status, problem.code.as_str()), (409, "VERSION_CONFLICT"));
    let current: Investigation = serde_json::from_value(problem.current.expect("the current row")).unwrap();
    assert_eq!(current, won);
    assert_eq!(current.customer.name, "Acme");

    let own = acme.investigations().await.unwrap().remove(0);
    assert_eq!((own.status, own.version), (won.row.status, won.row.version), "the customer's own administrator reads the same");
    let detail: CustomerInvestigation = ana.client.get(&format!("/api/v1/investigations/{rrn}")).await.unwrap();
    let changes: Vec<_> = detail.history.iter().filter(|h| h.field == "status").collect();
    assert_eq!(changes.len(), 1, "who lost left no trace: {:?}", detail.history);
    let expected = (winner.email.as_str(), Some("OPEN"), Some(won.row.status.as_str()));
    assert_eq!((changes[0].actor.as_str(), changes[0].from.as_deref(), changes[0].to.as_deref()), expected);
    assert!(detail.may_edit && !detail.signals.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_changes_at_once_exactly_one_wins() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    spray(&acme, 1, 1).await;
    let row = page(&ana, "").await.data.remove(0).row;
    let patches: Vec<_> =
        (0..10).map(|n| InvestigationPatch { version: row.version, title: Some(format!("title {n}")), ..InvestigationPatch::default() }).collect();
    let outcomes = join_all(patches.iter().map(|patch| ana.client.update_investigation(&row.rrn, patch))).await;
    let won: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    let codes: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()?.code()).collect();
    assert_eq!((won.len(), codes), (1, vec!["VERSION_CONFLICT"; 9]));
    let now = acme.investigations().await.unwrap().remove(0);
    assert_eq!((now.title, now.version), (won[0].row.title.clone(), row.version + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_investigation_is_closed_with_a_disposition_only_and_given_to_those_who_may_work_it() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    let stranger = world.person("stranger", Role::Analyst).await.unwrap();
    spray(&acme, 1, 1).await;
    let row = page(&ana, "").await.data.remove(0).row;
    let (session, path) = (world.session(&ana).await.unwrap(), format!("/api/v1/investigations/{}", row.rrn));
    let patch = async |body: String| world.call(Some(&session), "PATCH", &path, body).await.unwrap();
    let version = row.version;
    let closed = patch(format!(r#"{{"version":{version},"status":"CLOSED"}}"#)).await;
    assert_eq!(closed.refusal(), (400, "DISPOSITION_REQUIRED", "disposition"));
    let given = patch(format!(r#"{{"version":{version},"assignee":{{"email":"{}"}}}}"#, stranger.email)).await;
    assert_eq!(given.refusal(), (400, "ASSIGNEE_UNKNOWN", "assignee"));
    let unknown = patch(format!(r#"{{"version":{version},"colour":"red"}}"#)).await;
    assert_eq!(unknown.refusal(), (400, "UNKNOWN_FIELD", "colour"));
    let done = patch(format!(r#"{{"version":{version},"status":"CLOSED","disposition":"malicious","assignee":{{"email":"{}"}}}}"#, ana.email)).await;
    assert_eq!((done.status, done.body["status"].as_str(), done.body["assignee"]["email"].as_str()), (200, Some("CLOSED"), Some(ana.email.as_str())));
    assert_eq!(acme.investigations().await.unwrap()[0].status, Status::Closed);
}
