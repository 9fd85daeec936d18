//! A node that is down, and an answer that is lost on the way: the same request under the same key makes it whole, and nothing twice.

use super::{PATH, Scene, bulk, keyed, outcomes, rrns, scene, undo};
use crate::{
    cut_off::{Scissors, line},
    work::{SOON, page, spray},
};
use bailiwick_api::{BulkOutcome, BulkResult, FailCode, Role};
use bailiwick_testkit::{Setup, World, eventually};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_down_fails_its_own_and_the_same_key_makes_it_whole() {
    let Scene { mut world, ana, .. } = scene().await;
    let rows = page(&ana, "").await.data;
    let session = world.session(&ana).await.unwrap();
    world.nodes[1].stop().await;
    let body = json!({"select": {"rrns": rrns(&rows)}, "set": {"comment": {"body": "seen"}, "add_tags": ["seen"]}, "cap": 5});
    let first: BulkResult = serde_json::from_value(keyed(&world, &session, "key-1", &body).await.body).unwrap();
    assert_eq!((first.changed, first.failed, first.scope.failed.len()), (2, 1, 1), "{first:?}");
    let failed = first.items.iter().find(|item| item.outcome == BulkOutcome::Failed).unwrap();
    assert_eq!((failed.code.as_deref(), first.scope.failed[0].code), (Some("NODE_DOWN"), FailCode::NodeDown));
    let all = bulk(&ana, &json!({"select": {"all": true}, "set": {"priority": "LOW"}, "cap": 9, "preview": true})).await.unwrap();
    assert_eq!((all.matched, all.scope.complete, all.scope.failed.len()), (2, false, 1), "{all:?}");

    world.nodes[1].start_again().await.unwrap();
    let whole = async || {
        let again: BulkResult = serde_json::from_value(keyed(&world, &session, "key-1", &body).await.body).unwrap();
        again.changed == 3 && again.id == first.id && again.failed == 0
    };
    eventually(SOON, "the rest is done", whole).await;
    assert!(page(&ana, "").await.data.iter().all(|row| row.row.comment_count == 1), "nobody has the comment twice");
    let other = json!({"select": {"rrns": rrns(&rows)}, "set": {"add_tags": ["other"]}, "cap": 5});
    let refused = keyed(&world, &session, "key-1", &other).await;
    assert_eq!((refused.status, refused.code()), (409, "IDEMPOTENCY_KEY_REUSED"));
    let undone = undo(&ana, first.id.as_deref().unwrap()).await.unwrap();
    assert_eq!((undone.changed, undone.failed), (3, 0), "{undone:?}");
    assert!(page(&ana, "").await.data.iter().all(|row| row.row.comment_count == 0 && row.row.tags.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_is_told_again_and_nothing_is_done_twice() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let (site, scissors) = (world.site(0, "Acme").await.unwrap(), Scissors::default());
    let port = line(world.nodes[0].address(), scissors.clone()).await;
    let form = bailiwick_api::NewCustomer { server: "127.0.0.1".into(), port, ..site.form("Acme") };
    let customer = world.administrator.client.add_customer(&form).await.unwrap();
    let acme = bailiwick_testkit::Registered { customer, site };
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    spray(&acme, 1, 2).await;
    let session = world.session(&ana).await.unwrap();
    let body = json!({"select": {"all": true}, "set": {"comment": {"body": "once"}, "priority": "LOW"}, "cap": 5});
    scissors.cut("POST /api/v1/federated/bulk ");
    let lost: BulkResult = serde_json::from_value(keyed(&world, &session, "lost", &body).await.body).unwrap();
    assert_eq!(outcomes(&lost), [BulkOutcome::Failed; 2], "whether it was done is not known: {lost:?}");
    scissors.rest();
    let rows = acme.investigations().await.unwrap();
    assert!(rows.iter().all(|row| row.priority == bailiwick_api::Priority::Low), "the node did its part");
    let found = async || {
        let again = keyed(&world, &session, "lost", &body).await;
        again.status == 200 && outcomes(&serde_json::from_value(again.body).unwrap()) == [BulkOutcome::Changed; 2]
    };
    eventually(SOON, "the same request tells what was done", found).await;
    let after = acme.investigations().await.unwrap();
    let versions =
        |rows: &[bailiwick_api::InvestigationRow]| rows.iter().map(|row| (row.rrn.clone(), row.version, row.comment_count)).collect::<Vec<_>>();
    assert_eq!(versions(&after), versions(&rows), "and nothing was done twice");
    assert_eq!(keyed(&world, &session, "", &body).await.code(), "INVALID_INPUT", "{PATH}");
}
