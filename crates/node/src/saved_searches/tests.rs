use super::*;
use serde_json::{Map, json};

fn new(name: &str, body: serde_json::Value) -> NewSavedSearch {
    NewSavedSearch {
        kind: bailiwick_api::SavedKind::Logs,
        name: name.into(),
        body: body.as_object().cloned().unwrap_or_else(Map::new),
        shared: false,
    }
}

#[test]
fn a_name_is_trimmed_and_what_is_too_long_is_named() {
    assert_eq!(check(new("  Mine ", json!({"query": "a"}))).unwrap().name, "Mine");
    let long = json!({"query": "x".repeat(BODY_BYTES)});
    for (name, body, field) in [("", json!({}), "name"), ("a\nb", json!({}), "name"), (&"x".repeat(101), json!({}), "name"), ("a", long, "body")] {
        assert_eq!(check(new(name, body)).unwrap_err().problem().field.as_deref(), Some(field), "{name}");
    }
}
