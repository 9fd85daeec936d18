//! Searching, ordering, counting and following the queue over several nodes.

use crate::work::{SOON, page, spray};
use bailiwick_api::{Changes, Investigation, Page, Role, SortColumn};
use bailiwick_testkit::{Person, Registered, Setup, World, events, eventually};
use serde_json::{Value, json};
use std::collections::HashMap;

async fn search(world: &World, person: &Person, body: Value) -> Result<Page<Investigation>, (u16, String, String)> {
    let session = world.session(person).await.unwrap();
    let answer = world.call(Some(&session), "POST", "/api/v1/investigations/search", body.to_string()).await.unwrap();
    if answer.status != 200 {
        return Err((answer.status, answer.code().to_owned(), answer.field().to_owned()));
    }
    Ok(serde_json::from_value(answer.body).unwrap())
}

/// One more investigation at a customer that was sprayed; those it has stay as they are.
async fn arrive(customer: &Registered, n: u8) {
    customer.send(&events::spray(&format!("dc{n:02}.corp.example"), &format!("203.0.1.{n}"))).await.unwrap();
    let opened = async || customer.investigations().await.unwrap().len() == usize::from(n);
    eventually(SOON, "one more investigation", opened).await;
}

fn owners(page: &Page<Investigation>) -> String {
    page.data.iter().map(|row| row.customer.name.chars().next().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_of_conditions_is_decided_alike_at_every_node_and_unknown_names_are_refused() {
    let mut world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (alpha, beta) = (world.customer(0, "Alpha").await.unwrap(), world.customer(1, "beta").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&alpha, &beta]).await.unwrap();
    spray(&alpha, 1, 2).await;
    spray(&beta, 2, 1).await;
    let found = async |tree: Value| search(&world, &ana, json!({"where": tree, "sort": "customer"})).await.map(|page| owners(&page));
    let one = |field: &str, op: &str, value: Value| json!({"field": field, "op": op, "value": value});
    assert_eq!(found(one("customer", "starts_with", json!("AL"))).await.unwrap(), "AA");
    assert_eq!(found(one("customer", "equals", json!(beta.customer.id))).await.unwrap(), "b");
    assert_eq!(found(json!({"not": one("region", "equals", json!("EU"))})).await.unwrap(), "b");
    assert_eq!(found(json!({"or": [one("region", "in", json!(["us"])), one("organization_id", "EQUALS", json!("alpha"))]})).await.unwrap(), "AAb");
    assert_eq!(found(json!({"and": [one("rule_name", "exists", json!(true)), one("comment", "exists", json!(true))]})).await.unwrap(), "");
    assert_eq!(found(one("colour", "equals", json!("red"))).await.unwrap_err(), (400, "UNKNOWN_FIELD".into(), "where.field".into()));
    assert_eq!(found(json!({"and": [one("title", "like", json!("x"))]})).await.unwrap_err(), (400, "UNKNOWN_FIELD".into(), "where.and[0].op".into()));
    let both = search(&world, &ana, json!({"limit": 1})).await.unwrap();
    assert_eq!(both.count.map(|count| (count.value, count.at_least)), Some((3, false)), "all rows, whatever the page");
    world.nodes[1].stop().await;
    let partial = search(&world, &ana, json!({})).await.unwrap();
    assert_eq!(partial.count.map(|count| (count.value, count.at_least)), Some((2, true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_every_order_a_walk_shows_each_row_once_while_others_arrive() {
    let world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (alpha, beta) = (world.customer(0, "Alpha").await.unwrap(), world.customer(1, "Beta").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&alpha, &beta]).await.unwrap();
    spray(&alpha, 1, 3).await;
    spray(&beta, 2, 2).await;
    let mut arrived = 3;
    for column in SortColumn::ALL {
        for descending in ["", "-"] {
            let before: Vec<String> = page(&ana, "limit=500").await.data.into_iter().map(|row| row.row.rrn).collect();
            let query = format!("limit=2&sort={descending}{}", column.as_str());
            let (mut seen, mut next): (HashMap<String, u32>, _) = (HashMap::new(), Some(String::new()));
            while let Some(cursor) = next {
                let page = page(&ana, &format!("{query}{cursor}")).await;
                page.data.into_iter().for_each(|row| *seen.entry(row.row.rrn).or_default() += 1);
                next = page.next.map(|cursor| format!("&cursor={cursor}"));
                if arrived < 8 && seen.len() == 2 {
                    arrived += 1;
                    arrive(&alpha, arrived).await;
                }
            }
            assert!(seen.values().all(|times| *times == 1), "{query}: {seen:?}");
            assert!(before.iter().all(|rrn| seen.contains_key(rrn)), "{query} passed over a row");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_feed_tells_changes_of_a_node_that_was_away_once_it_is_back() {
    let mut world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (alpha, beta) = (world.customer(0, "Alpha").await.unwrap(), world.customer(1, "Beta").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&alpha, &beta]).await.unwrap();
    spray(&alpha, 1, 1).await;
    spray(&beta, 2, 1).await;
    world.nodes[1].stop().await;
    let feed = async |query: String| ana.client.get::<Changes>(&format!("/api/v1/investigations/changes?{query}")).await.unwrap();
    let first = feed("updated_since=2020-01-01T00:00:00Z".into()).await;
    assert_eq!((first.data.len(), first.data[0].customer.name.as_str(), first.scope.failed.len()), (1, "Alpha", 1));
    world.nodes[1].start_again().await.unwrap();
    let mut cursor = first.next;
    for turn in 0.. {
        let answer = feed(format!("cursor={cursor}")).await;
        if answer.data.iter().any(|row| row.customer.name == "Beta") {
            break;
        }
        cursor = answer.next;
        assert!(turn < 100, "the node is back and its changes are not told");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}
