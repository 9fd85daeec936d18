use super::*;
use bailiwick_api::{BulkComment, Visibility};
use serde_json::json;

fn row(tags: &[&str]) -> InvestigationRow {
    serde_json::from_value(json!({
        "rrn": "rrn:investigation:eu:acme:investigation:a", "workspace": "acme", "version": 3, "title": "spray", "status": "OPEN", "priority": "LOW",
        "disposition": "UNDECIDED", "source": "ALERT", "assignee": null, "entity": null, "tags": tags, "signal_count": 1,
        "created_time": "2026-11-20T10:00:00Z", "updated_time": "2026-11-20T10:00:00Z", "first_alert_time": null, "latest_alert_time": null,
        "closed_time": null
    }))
    .unwrap()
}

fn set(value: serde_json::Value) -> BulkSet {
    serde_json::from_value(value).unwrap()
}

#[test]
fn tags_are_replaced_then_added_then_taken_away_and_left_alone_unless_asked() {
    let tagged = |value, tags: &[&str]| patch(&set(value), &row(tags)).tags;
    assert_eq!(tagged(json!({"status": "OPEN"}), &["a"]), None);
    assert_eq!(tagged(json!({"add_tags": ["B", "a"]}), &["A"]), Some(vec!["A".into(), "B".into()]));
    assert_eq!(tagged(json!({"remove_tags": ["a"]}), &["A", "b"]), Some(vec!["b".into()]));
    assert_eq!(tagged(json!({"tags": ["x", "y"], "add_tags": ["z"], "remove_tags": ["y"]}), &["a"]), Some(vec!["x".into(), "z".into()]));
    assert_eq!(tagged(json!({"tags": []}), &["a"]), Some(vec![]));
}

#[test]
fn what_cannot_be_meant_is_named() {
    let ask = AskBulk {
        bulk: "b".into(),
        digest: "d".into(),
        workspaces: vec![],
        filter: None,
        set: BulkSet::default(),
        cap: 1,
        names: Default::default(),
    };
    let field = |ask: &AskBulk, named| check(ask, named).err().and_then(|refusal| refusal.problem().field);
    assert_eq!(field(&ask, true), None);
    assert_eq!(field(&AskBulk { cap: 0, ..ask.clone() }, false).as_deref(), Some("cap"));
    assert_eq!(field(&AskBulk { cap: BULK_MAX + 1, ..ask.clone() }, false).as_deref(), Some("cap"));
    assert_eq!(field(&AskBulk { bulk: String::new(), ..ask.clone() }, true).as_deref(), Some("bulk"));
    assert_eq!(field(&AskBulk { bulk: String::new(), ..ask.clone() }, false), None);
    let comment = Some(BulkComment { body: " ".into(), visibility: Visibility::Public });
    assert_eq!(field(&AskBulk { set: BulkSet { comment, ..BulkSet::default() }, ..ask }, false).as_deref(), Some("comment"));
}
