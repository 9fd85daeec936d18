//! Customers: the registry of whom this MSSP guards, and who may see what of it.

mod edit;
mod enrol;
pub mod http;
mod import;
mod preflight;
pub(crate) mod store;

pub(crate) use enrol::{Registration, refuse_held, refuse_taken, save_in};
pub use store::find;
pub(crate) use store::{drop_row, note_delete_failed, primary, set_back, set_leaving, unknown_of};

use crate::{
    State,
    access::{self, Action, Actor, CustomerGrant, Reach},
    federation, grants, groups, sync,
};
use bailiwick_api::{Customer, CustomerId, OpenCounts, Page};
use bailiwick_chassis::{Refusal, clock::from_us};
use std::{cmp::Reverse, collections::HashMap};

/// Customers a console may have.
const MAX_CUSTOMERS: i64 = 5_000;

/// Every customer this person may know of: the primary first, then by name. Counts of open investigations are live, and only of
/// customers the person has a grant for.
async fn list(state: &State, actor: &Actor) -> Result<Page<Customer>, Refusal> {
    let reach = access::reach(state, actor, Action::ViewInvestigations, None).await?;
    let (rows, (open, scope)) = tokio::join!(store::all(&state.db), federation::open_counts(state, &reach));
    let rows = shown(state, rows?).await?;
    let data = merge(rows, &reach, &open, &view_of(state, actor));
    Ok(Page { data, next: None, count: None, scope })
}

/// One customer, 404 when this person may not know of it.
async fn one(state: &State, actor: &Actor, id: &CustomerId) -> Result<Customer, Refusal> {
    let view = view_of(state, actor);
    let row = store::find(&state.db, id).await?.ok_or_else(Refusal::not_found)?;
    let rows = shown(state, vec![row]).await?;
    let reach = match access::enter(state, actor, Action::ViewInvestigations, id).await {
        Ok(grant) => Reach { grants: vec![grant], skipped: Vec::new() },
        Err(_) => Reach::default(),
    };
    let (open, _) = federation::open_counts(state, &reach).await;
    merge(rows, &reach, &open, &view).pop().ok_or_else(Refusal::not_found)
}

/// With what the rows themselves do not know: whether the node is connected now, how the sync of each stands, and the groups it is in.
async fn shown(state: &State, mut rows: Vec<Customer>) -> Result<Vec<Customer>, Refusal> {
    let only = if let [row] = rows.as_slice() { Some(&row.id) } else { None };
    let mut syncs = sync::summaries(state, only).await?;
    let mut groups = groups::of_customers(&state.db, only).await?;
    for row in &mut rows {
        row.connected_time = state.links.connected_us(&row.node).map(from_us);
        row.sync = syncs.remove(&row.id);
        row.groups = groups.remove(&row.id).unwrap_or_default();
    }
    Ok(rows)
}

/// What the console holds of a customer.
async fn registration(state: &State, id: &CustomerId) -> Result<bailiwick_api::Registration, Refusal> {
    let customer = store::find(&state.db, id).await?.ok_or_else(Refusal::not_found)?;
    Ok(bailiwick_api::Registration { grants: grants::of_customer(state, id).await?, customer, exported_time: state.clock.now() })
}

/// What a person sees of customers they have no grant for.
struct View {
    /// The row.
    named: bool,
    /// Its address and mail, too.
    registration: bool,
}

fn view_of(state: &State, actor: &Actor) -> View {
    View { named: access::names_all(state, actor), registration: access::permits(actor.role(), Action::ManageCustomers) }
}

fn merge(rows: Vec<Customer>, reach: &Reach, open: &HashMap<CustomerId, OpenCounts>, view: &View) -> Vec<Customer> {
    let grants: HashMap<&CustomerId, &CustomerGrant> = reach.grants.iter().map(|grant| (&grant.customer().id, grant)).collect();
    let mut seen: Vec<_> = rows
        .into_iter()
        .filter_map(|mut row| match grants.get(&row.id) {
            Some(grant) => {
                row.role = Some(grant.role());
                row.open = open.get(&row.id).copied();
                Some(row)
            }
            None if !view.named => None,
            None if view.registration => Some(row),
            None => Some(name_only(row)),
        })
        .collect();
    seen.sort_by_cached_key(|row| (Reverse(row.primary), name_key(&row.name)));
    seen
}

/// A customer that is named to somebody and nothing more.
fn name_only(row: Customer) -> Customer {
    Customer {
        mail: String::new(),
        server: String::new(),
        port: 0,
        fingerprint: None,
        health_cause: None,
        health_detail: None,
        sync: None,
        groups: Vec::new(),
        ..row
    }
}

/// The form in which two names are compared and sorted.
pub(crate) fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}
