//! How the operations on a case are called, which console and node have alike but for the beginning of the path.

use crate::recipe::{Call, fresh, of};
use serde_json::{Value, json};

/// Things of one case that paths and bodies name.
pub(crate) struct Case {
    /// Where the case is called.
    pub(crate) at: String,
    /// Where one is that may be merged away, and the name of the one it goes into.
    pub(crate) spare: String,
    pub(crate) rrn: String,
    /// What stands in every query, such as `role=analyst`; may be empty.
    pub(crate) query: String,
    pub(crate) signal: String,
    pub(crate) event: String,
    pub(crate) comment: String,
    pub(crate) attachment: String,
}

/// The call of an operation whose path goes on after the case with `rest`.
pub(crate) fn call(method: &str, rest: &str, case: &Case) -> Option<Call> {
    let Case { at, query, signal, event, comment, attachment, .. } = case;
    let to = |rest: &str, more: &str| {
        let joined = [query.as_str(), more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
        of(if joined.is_empty() { format!("{at}/{rest}") } else { format!("{at}/{rest}?{joined}") })
    };
    Some(match (method, rest) {
        ("PUT", "fields") => to("fields", "").body(json!({"status": "OPEN"})),
        ("PUT", "status/{status}") => to("status/open", ""),
        ("PUT", "priority/{priority}") => to("priority/high", ""),
        ("PUT", "disposition/{disposition}") => to("disposition/undecided", ""),
        ("PUT", "assignee") => to("assignee", "").body(json!({"email": null})),
        ("GET", "alerts" | "comments" | "evidence" | "attachments" | "related" | "audit" | "export") => to(rest, ""),
        ("POST", "alerts") => to("alerts", "").body(json!({"alerts": [signal]})),
        ("DELETE", "alerts/{alert}") => to("alerts/unknown", ""),
        ("POST", "merge") => {
            Call { path: to("merge", "").path.replace(at.as_str(), &case.spare), ..to("merge", "") }.body(json!({"into": case.rrn, "version": 1}))
        }
        ("POST", "comments") => to("comments", "").body(json!({"body": fresh("comment")})),
        ("PUT", "comments/{comment}/visibility") => to(&format!("comments/{comment}/visibility"), "").body(json!({"visibility": "PUBLIC"})),
        ("DELETE", "comments/{comment}") => to(&format!("comments/{comment}"), ""),
        ("POST", "evidence") => to("evidence", "").body(json!({"events": [event]})),
        ("DELETE", "evidence/{event}") => to("evidence/unknown", ""),
        ("GET", "attachments/{attachment}") => to(&format!("attachments/{attachment}"), ""),
        ("GET", "attachments/{attachment}/content") => to(&format!("attachments/{attachment}/content"), "offset=0"),
        ("PUT", "attachments/{attachment}/content") => to(&format!("attachments/{attachment}/content"), "offset=0").body(json!("x")),
        ("POST", "attachments/{attachment}/finish") => to(&format!("attachments/{attachment}/finish"), "").body(json!({"size": 1, "sha256": "0"})),
        _ => return None,
    })
}

/// What a customer's own people say in a case, and take back.
pub(crate) fn own_comment(operation: &str, investigation: &str) -> Option<Call> {
    let comments = format!("/api/v1/investigations/{investigation}/comments");
    match operation {
        "POST /api/v1/investigations/{id}/comments" => Some(of(comments).body(json!({"body": fresh("comment")}))),
        "DELETE /api/v1/investigations/{id}/comments/{comment}" => Some(of(format!("{comments}/unknown"))),
        _ => None,
    }
}

/// A dashboard of one panel.
pub(crate) fn dashboard(workspaces: &Value) -> Call {
    let panel = json!({"id": "one", "measure": "bytes", "group_by": ["org"], "tiers": [], "from": 0, "to": 1, "edges": [], "outlier": null,
        "unfinished": false, "top": null, "rows": 0, "open_now": false});
    of("/api/v1/federated/dashboards").body(json!({"workspaces": workspaces, "panels": [panel], "rates": [], "now": 1}))
}
