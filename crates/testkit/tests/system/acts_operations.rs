//! How the operations on many, and between the people who work, are called by the two tables of operations.

use crate::recipe::{Call, fresh, of, plain};
use bailiwick_api::CustomerId;
use bailiwick_testkit::Site;
use serde_json::{Value, json};

fn search() -> Value {
    json!({"kind": "INVESTIGATIONS", "name": fresh("search"), "body": {"statuses": ["OPEN"]}})
}

fn silence() -> Value {
    json!({"tier": "continuous", "source_category": "unknown", "last_seen": "2025-10-09T10:05:00Z"})
}

/// The console's.
pub(crate) fn console(operation: &str, (customer, rrn): (&CustomerId, &str)) -> Option<Call> {
    let searches = format!("/api/v1/customers/{customer}/saved-searches");
    let investigation = format!("/api/v1/investigations/{rrn}");
    Some(match operation {
        "PATCH /api/v1/me/preferences" => plain("/api/v1/me/preferences").body(json!({"density": "COMPACT"})),
        "GET /api/v1/customers/{id}/saved-searches" => of(searches),
        "POST /api/v1/customers/{id}/saved-searches" => of(searches).body(search()),
        // Of a search that nobody has: who may come so far is told that there is none.
        "PATCH /api/v1/customers/{id}/saved-searches/{search}" => of(format!("{searches}/search-unknown")).body(json!({"shared": true})),
        "DELETE /api/v1/customers/{id}/saved-searches/{search}" => of(format!("{searches}/search-unknown")),
        "PUT /api/v1/investigations/{rrn}/claim" => of(format!("{investigation}/claim")).body(json!({"take": true})),
        "DELETE /api/v1/investigations/{rrn}/claim" => of(format!("{investigation}/claim")),
        "PUT /api/v1/investigations/{rrn}/presence" | "DELETE /api/v1/investigations/{rrn}/presence" => of(format!("{investigation}/presence")),
        "POST /api/v1/customers/{id}/logs/context" => of(format!("/api/v1/customers/{customer}/logs/context")).body(json!({"event": "none"})),
        // Files are off until the customer's administrator allows them: 403 to everybody.
        "POST /api/v1/customers/{id}/logs/export" => of(format!("/api/v1/customers/{customer}/logs/export")).body(json!({"query": ""})),
        _ => return of_dashboards(operation, customer).or_else(|| of_many(operation, rrn)),
    })
}

/// A dashboard of one panel.
fn dashboard(name: &str) -> Value {
    let panel = json!({"id": "signals", "title": "Signals", "measure": "signals", "chart": "single", "unit": "signals"});
    json!({"name": name, "title": "Own", "range": "24h", "timeslice": "1h", "filters": ["org_name"], "sections": [{"panels": [panel]}]})
}

/// Numbers over many customers, what they cost, and how one stands.
fn of_dashboards(operation: &str, customer: &CustomerId) -> Option<Call> {
    let card = json!({"customer": customer, "effective_from": "2026-01-01T00:00:00Z",
        "rates": {"continuous": 20, "frequent": 9, "infrequent": 0.4, "cse": 25}});
    let missing = "/api/v1/dashboards/nobody-has-this";
    Some(match operation {
        "GET /api/v1/dashboards/{name}" => plain("/api/v1/dashboards/insights"),
        "POST /api/v1/dashboards/{name}/query" => plain("/api/v1/dashboards/insights/query").body(json!({})),
        "POST /api/v1/dashboards" => plain("/api/v1/dashboards").body(dashboard(&fresh("board"))),
        // Of one that nobody has: who may come so far is told that there is none.
        "PUT /api/v1/dashboards/{name}" => {
            let mut own = dashboard("nobody-has-this");
            own["saved"] = json!({"email": "", "updated_time": "2026-01-01T00:00:00Z", "version": 1});
            plain(missing).body(own)
        }
        "DELETE /api/v1/dashboards/{name}" => plain(missing),
        "PUT /api/v1/rate-cards" => of("/api/v1/rate-cards").body(card),
        "DELETE /api/v1/rate-cards" => of(format!("/api/v1/rate-cards?customer={customer}&effective_from=2001-01-01T00:00:00Z")),
        "GET /api/v1/customers/{id}/health-score" => of(format!("/api/v1/customers/{customer}/health-score")),
        "POST /api/v1/customers/{id}/silent-categories/acknowledge" => of(format!("/api/v1/customers/{customer}/silent-categories/acknowledge"))
            .body(json!({"tier": "continuous", "source_category": "nobody/sends/this", "last_seen": "2026-01-01T00:00:00Z"})),
        _ => return None,
    })
}

/// On many at once.
fn of_many(operation: &str, rrn: &str) -> Option<Call> {
    Some(match operation {
        "POST /api/v1/investigations/bulk" => {
            plain("/api/v1/investigations/bulk").body(json!({"select": {"rrns": [rrn]}, "set": {"add_tags": [fresh("tag")]}, "cap": 1}))
        }
        "POST /api/v1/logs/search" => plain("/api/v1/logs/search").body(json!({"query": ""})),
        "POST /api/v1/investigations/bulk/{id}/undo" => plain("/api/v1/investigations/bulk/bulk-unknown/undo"),
        _ => return None,
    })
}

/// A node's.
pub(crate) fn node(operation: &str, site: &Site, investigation: &str) -> Option<Call> {
    let at = |rest: &str| of(format!("/api/v1/workspaces/{}/{rest}?role=analyst", site.id));
    let ask = json!({"bulk": fresh("bulk"), "digest": "d", "cap": 1, "set": {"add_tags": [fresh("tag")]},
        "workspaces": [{"workspace": site.id, "role": "analyst", "items": [{"id": investigation}]}]});
    Some(match operation {
        "POST /api/v1/federated/bulk/preview" => of("/api/v1/federated/bulk/preview").body(ask),
        "POST /api/v1/federated/bulk" => of("/api/v1/federated/bulk").body(ask),
        "POST /api/v1/federated/bulk/undo" => {
            of("/api/v1/federated/bulk/undo").body(json!({"bulk": "bulk-unknown", "workspaces": [{"workspace": site.id, "role": "analyst"}]}))
        }
        "POST /api/v1/federated/logs/search" => {
            let body = json!({"workspaces": [{"workspace": site.id, "role": "analyst"}], "query": "", "from": null, "to": null, "limit": 10});
            plain("/api/v1/federated/logs/search").body(body)
        }
        // Of a silence that nobody knows: who may come so far is told that there is none.
        "POST /api/v1/silent-categories/acknowledge" => plain("/api/v1/silent-categories/acknowledge").body(silence()),
        "POST /api/v1/workspaces/{workspace}/silent-categories/acknowledge" => at("silent-categories/acknowledge").body(silence()),
        "POST /api/v1/workspaces/{workspace}/logs/context" => at("logs/context").body(json!({"event": "none"})),
        "POST /api/v1/workspaces/{workspace}/logs/export" => at("logs/export").body(json!({"query": ""})),
        "GET /api/v1/workspaces/{workspace}/saved-searches" => at("saved-searches"),
        "POST /api/v1/workspaces/{workspace}/saved-searches" => at("saved-searches").body(search()),
        "PATCH /api/v1/workspaces/{workspace}/saved-searches/{search}" => at("saved-searches/search-unknown").body(json!({"shared": true})),
        "DELETE /api/v1/workspaces/{workspace}/saved-searches/{search}" => at("saved-searches/search-unknown"),
        "PUT /api/v1/workspaces/{workspace}/investigations/{id}/claim" => {
            at(&format!("investigations/{investigation}/claim")).body(json!({"take": true}))
        }
        "DELETE /api/v1/workspaces/{workspace}/investigations/{id}/claim" => at(&format!("investigations/{investigation}/claim")),
        "PUT /api/v1/workspaces/{workspace}/investigations/{id}/presence" | "DELETE /api/v1/workspaces/{workspace}/investigations/{id}/presence" => {
            at(&format!("investigations/{investigation}/presence"))
        }
        _ => return None,
    })
}
