//! Everything people can write into a case, written: the walk of `never_at_rest` through one investigation of each customer.

use crate::work::page;
use bailiwick_testkit::{Answer, Person, World};
use serde_json::{Value, json};

/// Works each investigation as an analyst does, with canaries wherever something can be typed or attached.
pub(crate) async fn work_the_cases(world: &World, ana: &Person, canary: &str) {
    let session = world.session(ana).await.unwrap();
    let call = async |method: &str, path: String, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        world.call(Some(&session), method, &path, body).await.unwrap()
    };
    for row in page(ana, "").await.data {
        let at = |noun: &str| format!("/api/v1/investigations/{}/{noun}", row.row.rrn);
        let file = call("POST", at(&format!("attachments?name={canary}-name.txt&type=text/plain")), json!(format!("{canary}-content"))).await;
        assert_eq!(file.status, 201, "{file:?}");
        let (file, public) = (file.body["id"].as_str().unwrap().to_owned(), json!("PUBLIC"));
        assert_eq!(call("GET", at(&format!("attachments/{file}")), Value::Null).await.status, 200);
        let comment = json!({"body": format!("{canary}-comment"), "visibility": public, "attachments": [file]});
        let comment = call("POST", at("comments"), comment).await;
        assert_eq!(comment.status, 201, "{comment:?}");
        let comment = comment.body["id"].as_str().unwrap().to_owned();
        assert_eq!(call("PUT", at(&format!("comments/{comment}/visibility")), json!({"visibility": "INTERNAL"})).await.status, 200);
        let events = call("POST", format!("/api/v1/customers/{}/logs/search", row.customer.id), json!({"query": ""})).await;
        let event = events.body["data"][0]["id"].clone();
        let evidence = json!({"events": [event], "note": format!("{canary}-note")});
        assert_eq!(call("POST", at("evidence"), evidence).await.status, 200);
        let new = json!({"customer": row.customer.id, "title": format!("{canary}-made"), "tags": [format!("{canary}-made-tag")],
            "entity": {"type": "hostname", "value": format!("{canary}-entity")}, "events": [event],
            "comment": {"body": format!("{canary}-first"), "visibility": "PUBLIC"}});
        let made = call("POST", "/api/v1/investigations".into(), new).await;
        assert_eq!(made.status, 201, "{made:?}");
        for noun in ["comments", "attachments", "evidence", "alerts", "related", "audit"] {
            let told = call("GET", at(noun), Value::Null).await;
            assert_eq!(told.status, 200, "{noun}: {told:?}");
        }
        assert_eq!(call("GET", at(&format!("export?format={canary}")), Value::Null).await.status, 400);
        let merge = json!({"into": row.row.rrn, "version": made.body["version"]});
        let path = format!("/api/v1/investigations/{}/merge", made.body["rrn"].as_str().unwrap());
        assert_eq!(call("POST", path, merge).await.status, 200);
    }
    search(call, canary).await;
}

async fn search(call: impl AsyncFn(&str, String, Value) -> Answer, canary: &str) {
    let contains = |field: &str| json!({"field": field, "op": "contains", "value": canary});
    let tree = json!({"or": [contains("comment"), contains("evidence"), contains("title"), {"not": contains("tag")}]});
    let found = call("POST", "/api/v1/investigations/search".into(), json!({"where": tree})).await;
    assert_eq!(found.status, 200, "{found:?}");
    assert!(!found.body["data"].as_array().unwrap().is_empty());
    let feed = call("GET", "/api/v1/investigations/changes?updated_since=2020-01-01T00:00:00Z".into(), Value::Null).await;
    assert_eq!(feed.status, 200);
    assert!(feed.body.to_string().contains(canary), "the feed tells what was written");
}
