//! Searches that people keep: at the customer they are about, for themselves or for everybody who works there.

use bailiwick_api::{AuditEntry, CustomerPatch, List, NewSavedSearch, Paged, Role, SavedSearch, SavedSearchPatch};
use bailiwick_client::ClientError;
use bailiwick_testkit::{Person, Setup, World};
use http::Method;
use serde_json::{Map, Value, json};

fn new(name: &str, shared: bool) -> NewSavedSearch {
    let body: Map<String, Value> = json!({"q": format!("words of {name}")}).as_object().cloned().unwrap();
    NewSavedSearch { kind: bailiwick_api::SavedKind::Logs, name: name.into(), body, shared }
}

async fn list(person: &Person, path: &str) -> Vec<String> {
    person.client.get::<List<SavedSearch>>(path).await.unwrap().data.into_iter().map(|search| search.name).collect()
}

fn code<T: std::fmt::Debug>(result: Result<T, ClientError>) -> (u16, String) {
    let error = result.unwrap_err();
    let problem = error.problem().unwrap();
    (problem.status, problem.code.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_is_its_owners_shared_or_not_and_only_the_owner_changes_it() {
    let mut world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (acme, beta) = (world.customer(0, "Acme").await.unwrap(), world.customer(1, "Beta").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&acme, &beta]).await.unwrap();
    let vic = world.granted("vic", Role::Viewer, &[&acme]).await.unwrap();
    let path = format!("/api/v1/customers/{}/saved-searches", acme.customer.id);
    let made: SavedSearch = ana.client.call(Method::POST, &path, Some(&new("own", false))).await.unwrap();
    assert!(made.mine && made.owner.email == ana.email && made.body["q"] == "words of own");
    let shared: SavedSearch = ana.client.call(Method::POST, &path, Some(&new("Everybody's", true))).await.unwrap();
    assert_eq!(list(&ana, &path).await, ["Everybody's", "own"]);
    assert_eq!(list(&vic, &path).await, ["Everybody's"]);
    assert!(list(&ana, &format!("{path}?kind=investigations")).await.is_empty());
    assert_eq!(code(ana.client.get::<Value>(&format!("{path}?kind=all")).await), (400, "INVALID_INPUT".into()));
    let rename = SavedSearchPatch { name: Some("Renamed".into()), ..SavedSearchPatch::default() };
    let at = |search: &SavedSearch| format!("{path}/{}", search.id);
    assert_eq!(code(vic.client.call::<Value>(Method::PATCH, &at(&shared), Some(&rename)).await), (403, "NOT_OWNER".into()));
    assert_eq!(code(vic.client.call::<Value>(Method::DELETE, &at(&shared), None::<&()>).await), (403, "NOT_OWNER".into()));
    assert_eq!(code(vic.client.call::<Value>(Method::PATCH, &at(&made), Some(&rename)).await), (404, "NOT_FOUND".into()));
    let renamed: SavedSearch = ana.client.call(Method::PATCH, &at(&shared), Some(&rename)).await.unwrap();
    assert!(renamed.name == "Renamed" && renamed.shared && renamed.body == shared.body);
    ana.client.call::<()>(Method::DELETE, &at(&made), None::<&()>).await.unwrap();
    assert_eq!(list(&ana, &path).await, ["Renamed"]);
    let elsewhere = format!("/api/v1/customers/{}/saved-searches", beta.customer.id);
    assert_eq!(code(vic.client.get::<Value>(&elsewhere).await), (404, "NOT_FOUND".into()));
    let lines: Paged<AuditEntry> = world.administrator.client.audit().await.unwrap();
    let told = serde_json::to_string(&lines.data).unwrap();
    assert!(told.contains("saved_search.add") && !told.contains("words of") && !told.contains("Renamed"), "{told}");
    world.nodes[0].stop().await;
    assert_eq!(code(ana.client.get::<Value>(&path).await), (503, "NODE_DOWN".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_over_many_customers_is_kept_at_the_primary_or_says_that_there_is_none() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Own").await.unwrap();
    let (ana, out) = (world.granted("ana", Role::Analyst, &[&acme]).await.unwrap(), world.person("out", Role::Analyst).await.unwrap());
    let path = "/api/v1/customers/primary/saved-searches";
    assert_eq!(code(ana.client.call::<Value>(Method::POST, path, Some(&new("many", true))).await), (409, "NO_PRIMARY".into()));
    let primary = CustomerPatch { primary: Some(true), ..CustomerPatch::default() };
    world.administrator.client.update_customer(acme.customer.id.as_str(), &primary).await.unwrap();
    ana.client.call::<SavedSearch>(Method::POST, path, Some(&new("many", true))).await.unwrap();
    assert_eq!(list(&ana, path).await, ["many"]);
    assert_eq!(list(&ana, &format!("/api/v1/customers/{}/saved-searches", acme.customer.id)).await, ["many"]);
    assert_eq!(code(out.client.get::<Value>(path).await), (409, "NO_PRIMARY".into()), "nor has everybody access to it");
}
