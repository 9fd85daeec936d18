use super::ask::{Asked, Name, Request, Selected};
use bailiwick_api::{BulkTarget, UserId};
use bailiwick_chassis::{Refusal, extract::parse_json};
use serde_json::{Value, json};

fn asked(body: Value) -> Result<Asked, Refusal> {
    parse_json::<Request>(body.to_string().as_bytes()).and_then(Asked::try_from)
}

fn of(select: Value, set: Value) -> Value {
    json!({"select": select, "set": set, "cap": 10})
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let named = json!({"rrns": ["a"]});
    let tags: Vec<_> = (0..51).map(|n| format!("t{n}")).collect();
    let many: Vec<_> = (0..5001).map(|n| n.to_string()).collect();
    for (body, code, field) in [
        (json!({"select": named, "set": {"status": "OPEN"}}), "MISSING_FIELD", "cap"),
        (json!({"select": named, "set": {"status": "OPEN"}, "cap": 0}), "INVALID_INPUT", "cap"),
        (json!({"select": named, "set": {"status": "OPEN"}, "cap": 5001}), "INVALID_INPUT", "cap"),
        (json!({"select": named, "set": {"status": "OPEN"}, "cap": 1, "dry": true}), "UNKNOWN_FIELD", "dry"),
        (of(json!({}), json!({"status": "OPEN"})), "INVALID_INPUT", "select"),
        (of(json!({"rrns": ["a"], "all": true}), json!({"status": "OPEN"})), "INVALID_INPUT", "select"),
        (of(json!({"all": false}), json!({"status": "OPEN"})), "INVALID_INPUT", "select"),
        (of(json!({"rrns": many}), json!({"status": "OPEN"})), "INVALID_INPUT", "select"),
        (of(json!({"filter": {"limit": 5}}), json!({"status": "OPEN"})), "INVALID_INPUT", "limit"),
        (of(json!({"filter": {"cursor": "x"}}), json!({"status": "OPEN"})), "INVALID_INPUT", "cursor"),
        (of(named.clone(), json!({})), "MISSING_FIELD", "set"),
        (of(named.clone(), json!({"status": "CLOSED"})), "DISPOSITION_REQUIRED", "disposition"),
        (of(named.clone(), json!({"status": "CLOSED", "disposition": "undecided"})), "DISPOSITION_REQUIRED", "disposition"),
        (of(named.clone(), json!({"comment": {"body": " "}})), "INVALID_INPUT", "comment"),
        (of(named.clone(), json!({"add_tags": tags})), "INVALID_INPUT", "add_tags"),
        (of(named.clone(), json!({"remove_tags": ["a,b"]})), "INVALID_INPUT", "remove_tags"),
        (of(named, json!({"title": "x"})), "UNKNOWN_FIELD", "title"),
    ] {
        let refusal = asked(body.clone()).unwrap_err();
        assert_eq!((refusal.code(), refusal.problem().field.as_deref()), (code, Some(field)), "{body}");
    }
}

#[test]
fn named_ones_are_each_meant_once_and_all_means_not_closed() {
    let twice = asked(of(json!({"rrns": ["a", "b", "a"]}), json!({"priority": "low"}))).unwrap();
    let target = |rrn: &str, version| BulkTarget { rrn: rrn.into(), version };
    assert_eq!(twice.selected, Selected::Named(vec![target("a", None), target("b", None)]));
    let seen = asked(of(json!({"items": [{"rrn": "a", "version": 3}]}), json!({"assignee": null}))).unwrap();
    assert_eq!((seen.selected, seen.set.assignee), (Selected::Named(vec![target("a", Some(3))]), Some(None)));
    let Selected::Filter(filter) = asked(of(json!({"all": true}), json!({"priority": "LOW"}))).unwrap().selected else { panic!("a filter") };
    assert_eq!(Value::Object(filter), json!({"statuses": ["OPEN", "INVESTIGATING", "WAITING"]}));
}

#[test]
fn a_key_names_one_persons_change_and_another_body_is_another_change() {
    let (ana, bob) = (UserId::from("ana"), UserId::from("bob"));
    let name = |user: &UserId, key, body: &str| Name::of(user, key, body.as_bytes()).unwrap();
    let first = name(&ana, Some("k"), r#"{"a": 1, "b": 2}"#);
    assert_eq!(first, name(&ana, Some("k"), r#"{"b":2,"a":1}"#));
    let other = name(&ana, Some("k"), r#"{"a": 2}"#);
    assert!(other.id == first.id && other.digest != first.digest);
    assert_ne!(name(&ana, Some("l"), r#"{"a": 2}"#).digest, other.digest, "the digest alone tells nobody the body");
    assert_ne!(name(&bob, Some("k"), "{}").id, first.id);
    assert_ne!(name(&ana, None, "{}").id, name(&ana, None, "{}").id);
    assert_eq!(Name::of(&ana, Some(""), b"{}").unwrap_err().code(), "INVALID_INPUT");
}
