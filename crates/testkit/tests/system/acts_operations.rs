//! How the operations on many, and between the people who work, are called by the two tables of operations.

use crate::recipe::{Call, fresh, of, plain};
use bailiwick_api::CustomerId;
use bailiwick_testkit::{Mssp, Site, World};
use serde_json::{Value, json};

fn search() -> Value {
    json!({"kind": "INVESTIGATIONS", "name": fresh("search"), "body": {"statuses": ["OPEN"]}})
}

/// The console's.
pub(crate) async fn console(operation: &str, world: &World, (customer, rrn): (&CustomerId, &str)) -> Option<Call> {
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
        _ => return of_many(operation, world, (customer, rrn)),
    })
}

fn of_many(_operation: &str, _world: &World, _about: (&CustomerId, &str)) -> Option<Call> {
    None
}

/// A node's.
pub(crate) async fn node(operation: &str, (mssp, site): (&Mssp, &Site), investigation: &str) -> Option<Call> {
    let _ = mssp;
    let at = |rest: &str| of(format!("/api/v1/workspaces/{}/{rest}?role=analyst", site.id));
    Some(match operation {
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
