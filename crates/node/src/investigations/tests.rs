//! What a change by a person leads to.

use super::*;
use bailiwick_api::{Origin, Priority};

fn row() -> InvestigationRow {
    InvestigationRow {
        rrn: "rrn:investigation:eu:acme-1:investigation:a".into(),
        workspace: "acme-1".into(),
        version: 3,
        title: "spray".into(),
        status: Status::Open,
        priority: Priority::Medium,
        disposition: Disposition::Undecided,
        source: Origin::Alert,
        assignee: None,
        entity: None,
        tags: vec![],
        signal_count: 1,
        created_time: from_us(1),
        updated_time: from_us(1),
        first_alert_time: None,
        latest_alert_time: None,
        closed_time: None,
        last_accessed_time: None,
        responsibility: None,
        comment_count: 0,
        attachment_count: 0,
        evidence_count: 0,
        throttled_count: 0,
        priority_inherited: true,
        merged_into: None,
        claim: None,
        looking: Vec::new(),
    }
}

fn patch() -> InvestigationPatch {
    InvestigationPatch { version: 3, ..InvestigationPatch::default() }
}

#[test]
fn closing_needs_a_verdict_and_reopening_clears_the_closing_time() {
    let close = InvestigationPatch { status: Some(Status::Closed), ..patch() };
    assert_eq!(apply(&row(), &close, None, 9).unwrap_err().code(), "DISPOSITION_REQUIRED");
    let verdict = InvestigationPatch { disposition: Some(Disposition::Benign), ..close };
    let closed = apply(&row(), &verdict, None, 9).unwrap().row;
    assert_eq!((closed.closed_time, closed.version), (Some(from_us(9)), 4));
    let undecide = InvestigationPatch { disposition: Some(Disposition::Undecided), ..patch() };
    assert_eq!(apply(&closed, &undecide, None, 10).unwrap_err().code(), "DISPOSITION_REQUIRED");
    let rename = InvestigationPatch { title: Some("other".into()), ..patch() };
    assert_eq!(apply(&closed, &rename, None, 10).unwrap().row.closed_time, Some(from_us(9)));
    let reopen = InvestigationPatch { status: Some(Status::Investigating), ..patch() };
    assert_eq!(apply(&closed, &reopen, None, 10).unwrap().row.closed_time, None);
}

#[test]
fn writing_what_is_there_changes_nothing() {
    let same = InvestigationPatch { status: Some(Status::Open), title: Some(" spray ".into()), tags: Some(vec![]), ..patch() };
    let changed = apply(&row(), &same, None, 9).unwrap();
    assert_eq!((changed.row, changed.changes), (row(), vec![]));
}

#[test]
fn each_changed_field_is_told_with_before_and_after() {
    let ana = Assignee { email: "ana@mssp.example".into(), name: "Ana".into() };
    let both = InvestigationPatch { assignee: Some(Some(ana.clone())), priority: Some(Priority::High), ..patch() };
    let changed = apply(&row(), &both, Some(ana), 9).unwrap();
    let told: Vec<_> = changed.changes.iter().map(|c| (c.field, c.from.as_deref(), c.to.as_deref())).collect();
    assert_eq!(told, [("priority", Some("MEDIUM"), Some("HIGH")), ("assignee", None, Some("ana@mssp.example"))]);
    let nobody = InvestigationPatch { assignee: Some(None), ..patch() };
    assert_eq!(apply(&changed.row, &nobody, None, 9).unwrap().row.assignee, None);
}

#[test]
fn titles_and_tags_are_bounded() {
    let title = |t: &str| apply(&row(), &InvestigationPatch { title: Some(t.into()), ..patch() }, None, 9);
    assert!(title("  ").is_err() && title(&"x".repeat(201)).is_err() && title("a\nb").is_err());
    assert!(title(&"ü".repeat(200)).is_ok());
    let tags = |tags: Vec<String>| apply(&row(), &InvestigationPatch { tags: Some(tags), ..patch() }, None, 9);
    assert!(tags((0..21).map(|n| n.to_string()).collect()).is_err());
    assert!(tags(vec!["x".repeat(65)]).is_err());
    assert_eq!(tags(vec!["a".into(), " a ".into(), "b".into()]).unwrap().row.tags, ["a", "b"]);
}
