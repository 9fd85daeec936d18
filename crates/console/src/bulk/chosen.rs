//! Whom a bulk change is about: customers whose investigations the person may change, and what was named that is not among them.

use super::ask::{Asked, Selected};
use crate::{
    State,
    access::{self, Action, Actor, CustomerGrant, Reach},
    investigations,
};
use bailiwick_api::{BulkId, BulkItem, BulkOutcome, BulkTarget, CustomerId, CustomerName, RowFilter, Rrn, SkipReason, WorkspaceId};
use bailiwick_chassis::Refusal;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where to look, and for what.
pub(super) struct Chosen {
    /// Customers to ask, and those left out.
    pub(super) reach: Reach,
    /// What to look for; none where investigations were named.
    pub(super) filter: Option<RowFilter>,
    /// What nodes have to know of customers to find it.
    pub(super) names: BTreeMap<WorkspaceId, CustomerName>,
    /// Named investigations of each workspace.
    pub(super) named: HashMap<WorkspaceId, Vec<BulkId>>,
    /// Named investigations that no node is asked about.
    pub(super) left: Vec<BulkItem>,
}

impl Chosen {
    /// Leaves only these customers.
    pub(super) fn only(&mut self, customers: &HashSet<CustomerId>) {
        self.reach.grants.retain(|grant| customers.contains(&grant.customer().id));
    }

    /// What is named of a workspace; none where a filter finds it.
    pub(super) fn items(&self, workspace: &WorkspaceId) -> Option<Vec<BulkId>> {
        match self.filter {
            Some(_) => None,
            None => Some(self.named.get(workspace).cloned().unwrap_or_default()),
        }
    }
}

/// Finds whom a request is about.
pub(super) async fn choose(state: &State, actor: &Actor, asked: &Asked) -> Result<Chosen, Refusal> {
    match &asked.selected {
        Selected::Filter(filter) => {
            let found = investigations::select(state, actor, Action::EditInvestigations, filter.clone()).await?;
            Ok(Chosen { reach: found.reach, filter: Some(found.filter), names: found.names, named: HashMap::new(), left: Vec::new() })
        }
        Selected::Named(targets) => of_named(state, actor, targets).await,
    }
}

async fn of_named(state: &State, actor: &Actor, targets: &[BulkTarget]) -> Result<Chosen, Refusal> {
    let visible = access::reach(state, actor, Action::ViewInvestigations, None).await?;
    let editable = access::reach(state, actor, Action::EditInvestigations, None).await?;
    let by_place = |grants: &[CustomerGrant]| -> HashMap<(String, WorkspaceId), CustomerGrant> {
        let place = |grant: &CustomerGrant| (grant.customer().region.clone(), grant.workspace().clone());
        grants.iter().map(|grant| (place(grant), grant.clone())).collect()
    };
    let (visible, editable) = (by_place(&visible.grants), by_place(&editable.grants));
    let (mut named, mut left): (HashMap<WorkspaceId, Vec<BulkId>>, _) = (HashMap::new(), Vec::new());
    let mut customers: HashMap<CustomerId, CustomerGrant> = HashMap::new();
    for BulkTarget { rrn, version } in targets {
        let parsed = rrn.parse::<Rrn>().ok();
        let place = parsed.as_ref().map(|rrn| (rrn.region.clone(), rrn.workspace.clone()));
        let (seen, granted) = (place.as_ref().and_then(|at| visible.get(at)), place.as_ref().and_then(|at| editable.get(at)));
        match (parsed, granted, seen) {
            (Some(rrn), Some(grant), _) => {
                customers.entry(grant.customer().id.clone()).or_insert_with(|| grant.clone());
                named.entry(rrn.workspace).or_default().push(BulkId { id: rrn.id, version: *version });
            }
            (_, None, Some(grant)) => left.push(forbidden(rrn, grant)),
            _ => left.push(unknown(rrn)),
        }
    }
    let only: Vec<CustomerId> = customers.into_keys().collect();
    // Views over many customers may be switched off: then several customers' investigations are not changed in one go either.
    let reach = access::reach_many(state, actor, Action::EditInvestigations, Some(&only)).await?;
    let off: HashSet<&CustomerId> =
        reach.skipped.iter().filter(|one| one.reason == SkipReason::ToggleOff).filter_map(|one| Some(&one.customer.as_ref()?.id)).collect();
    for grant in editable.values().filter(|grant| off.contains(&grant.customer().id)) {
        let items = named.remove(grant.workspace()).unwrap_or_default();
        left.extend(items.iter().map(|item| switched_off(item, grant)));
    }
    Ok(Chosen { reach, filter: None, names: BTreeMap::new(), named, left })
}

fn left_alone(rrn: &str, grant: Option<&CustomerGrant>, (outcome, code, message): (BulkOutcome, &str, String)) -> BulkItem {
    let customer = grant.map(|grant| grant.customer().clone());
    BulkItem { rrn: rrn.to_owned(), customer, outcome, code: Some(code.to_owned()), message: Some(message), version: None }
}

fn forbidden(rrn: &str, grant: &CustomerGrant) -> BulkItem {
    let message = format!("missing permission: {}", Action::EditInvestigations.as_str());
    left_alone(rrn, Some(grant), (BulkOutcome::Forbidden, "FORBIDDEN", message))
}

fn unknown(rrn: &str) -> BulkItem {
    left_alone(rrn, None, (BulkOutcome::NotFound, "NOT_FOUND", "no such thing, or not for you".to_owned()))
}

fn switched_off(item: &BulkId, grant: &CustomerGrant) -> BulkItem {
    let rrn = rrn(grant, &item.id);
    let message = "views over many customers are switched off in your preferences".to_owned();
    left_alone(&rrn, Some(grant), (BulkOutcome::Refused, "TOGGLE_OFF", message))
}

fn rrn(grant: &CustomerGrant, id: &str) -> String {
    Rrn { region: grant.customer().region.clone(), workspace: grant.workspace().clone(), id: id.to_owned() }.to_string()
}
