//! One result of what the nodes said: customer by customer, and never a customer or an investigation that was not asked about.

use super::chosen::Chosen;
use crate::{
    audit,
    federation::{Answer, Failure, Heard, Told, scope},
};
use bailiwick_api::{
    BulkAnswers, BulkCount, BulkId, BulkItem, BulkOutcome, BulkPartItem, BulkResult, CustomerId, CustomerRef, Rrn, Scope, SkipReason, WorkspaceId,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What is known of one customer's part.
struct Part {
    customer: CustomerRef,
    /// It was done before.
    done: bool,
    matched: u64,
    items: Vec<BulkPartItem>,
    /// The node was asked and did not say.
    failed: Option<Failure>,
    /// The node leaves it out.
    skipped: Option<SkipReason>,
}

/// Every customer's part.
pub(super) struct Parts {
    by_workspace: BTreeMap<WorkspaceId, Part>,
    /// Investigations that no node is asked about.
    left: Vec<BulkItem>,
}

impl Parts {
    /// What the nodes would do.
    pub(super) fn of(chosen: &Chosen, looked: &[Told<BulkAnswers>]) -> Self {
        let mut parts = Self { left: chosen.left.clone(), ..Self::of_nodes(looked) };
        for (workspace, part) in &mut parts.by_workspace {
            if part.failed.is_some() || part.skipped.is_some() {
                let named = chosen.items(workspace).unwrap_or_default();
                part.items = named.iter().map(|item| part.without(&item.id)).collect();
            }
        }
        parts
    }

    /// What the nodes said, and nothing beside.
    pub(super) fn of_nodes(told: &[Told<BulkAnswers>]) -> Self {
        let mut by_workspace = BTreeMap::new();
        for (ask, outcome) in told {
            let heard: HashMap<_, _> = outcome.as_ref().map(|answer| answer.heard().into_iter().collect()).unwrap_or_default();
            for member in &ask.members {
                let silent = |failed, skipped| Part { failed, skipped, ..Part::empty(&member.customer) };
                let part = match (outcome, heard.get(&member.workspace)) {
                    (Err(failure), _) => silent(Some(failure.clone()), None),
                    (Ok(_), Some(Heard::Skipped(reason))) => silent(None, Some(*reason)),
                    (Ok(_), Some(Heard::Failed(message))) => silent(Some(Failure::of_workspace(message)), None),
                    (Ok(_), Some(Heard::Lost(failure))) => silent(Some(failure.clone()), None),
                    (Ok(_), None) => silent(Some(Failure::version()), None),
                    (Ok(answer), Some(Heard::Answered)) => {
                        let said = answer.workspaces.iter().find(|one| one.workspace == member.workspace);
                        let part = said.and_then(|one| one.answer.clone()).unwrap_or_default();
                        Part { done: part.done, matched: part.matched, items: part.items, ..Part::empty(&member.customer) }
                    }
                };
                by_workspace.insert(member.workspace.clone(), part);
            }
        }
        Self { by_workspace, left: Vec::new() }
    }

    /// Investigations that match, of everybody who answered.
    pub(super) fn matched(&self) -> u64 {
        self.by_workspace.values().map(|part| part.matched).sum()
    }

    /// Customers the change is about: those where something matches, and those that did not say.
    pub(super) fn customers(&self) -> HashSet<CustomerId> {
        let about = |part: &&Part| part.done || part.failed.is_some() || !part.items.is_empty();
        self.by_workspace.values().filter(about).map(|part| part.customer.id.clone()).collect()
    }

    /// How many of each customer, by name.
    pub(super) fn counts(&self) -> Vec<BulkCount> {
        let count = |part: &Part| BulkCount { customer: part.customer.clone(), count: part.matched, changed: part.count(BulkOutcome::Changed) };
        let mut counts: Vec<BulkCount> = self.by_workspace.values().filter(|part| part.matched > 0).map(count).collect();
        counts.sort_by_cached_key(|count| (count.customer.name.to_lowercase(), count.customer.id.clone()));
        counts
    }

    /// What the nodes have not done yet: named ones as they were named, found ones at the versions they were found at.
    pub(super) fn to_do(&self, chosen: &Chosen) -> HashMap<WorkspaceId, Vec<BulkId>> {
        let found = |part: &Part| part.items.iter().map(|item| BulkId { id: item.id.clone(), version: item.version }).collect();
        let open = self.by_workspace.iter().filter(|(_, part)| !part.done && part.failed.is_none() && part.skipped.is_none());
        let items = open.map(|(workspace, part)| (workspace.clone(), chosen.items(workspace).unwrap_or_else(|| found(part))));
        items.filter(|(_, items)| !items.is_empty()).collect()
    }

    /// Takes what the nodes did in place of what they would do; the scope with those who did not say what became of it.
    pub(super) fn take(&mut self, changed: &[Told<BulkAnswers>], mut scope: Scope) -> Scope {
        for (workspace, new) in Self::of_nodes(changed).by_workspace {
            let Some(part) = self.by_workspace.get_mut(&workspace) else { continue };
            if let Some(failure) = &new.failed {
                scope::fail(&mut scope, &part.customer, failure);
            }
            if new.failed.is_some() || new.skipped.is_some() {
                part.items = part.items.iter().map(|item| new.without(&item.id)).collect();
                (part.failed, part.skipped) = (new.failed, new.skipped);
            } else {
                (part.items, part.done) = (new.items, new.done);
            }
        }
        scope
    }

    /// Customer, outcome and count of each part that there is something to say of.
    pub(super) fn lines(&self) -> Vec<(CustomerId, String, String)> {
        let said = |part: &&Part| part.failed.is_some() || !part.items.is_empty();
        let line = |part: &Part| {
            let outcome = part.failed.as_ref().map_or(audit::OK, |failure| failure.code.as_str()).to_owned();
            (part.customer.id.clone(), outcome, format!("{} of {}", part.count(BulkOutcome::Changed), part.items.len()))
        };
        self.by_workspace.values().filter(said).map(line).collect()
    }
}

impl Part {
    fn empty(customer: &CustomerRef) -> Self {
        Self { customer: customer.clone(), done: false, matched: 0, items: Vec::new(), failed: None, skipped: None }
    }

    fn count(&self, outcome: BulkOutcome) -> u64 {
        self.items.iter().filter(|item| item.outcome == outcome).count() as u64
    }

    /// One of its investigations, of which the node said nothing.
    fn without(&self, id: &str) -> BulkPartItem {
        let (outcome, code, message) = match (&self.failed, self.skipped) {
            (Some(failure), _) => (BulkOutcome::Failed, failure.code.as_str(), failure.message.clone()),
            (None, Some(reason)) => (BulkOutcome::Forbidden, reason.as_str(), "the workspace does not let this person change it".to_owned()),
            (None, None) => (BulkOutcome::NotFound, "NOT_FOUND", "no such thing, or not for you".to_owned()),
        };
        BulkPartItem { id: id.to_owned(), outcome, code: Some(code.to_owned()), message: Some(message), version: None }
    }
}

/// One result: items by customer's name.
pub(super) fn result(parts: Parts, scope: Scope) -> BulkResult {
    let (matched, customers) = (parts.matched(), parts.counts());
    let mut items = Vec::new();
    for (workspace, part) in parts.by_workspace {
        let rrn = |id: String| Rrn { region: part.customer.region.clone(), workspace: workspace.clone(), id }.to_string();
        items.extend(part.items.into_iter().map(|BulkPartItem { id, outcome, code, message, version }| BulkItem {
            rrn: rrn(id),
            customer: Some(part.customer.clone()),
            outcome,
            code,
            message,
            version,
        }));
    }
    items.sort_by_cached_key(|item| item.customer.as_ref().map(|customer| (customer.name.to_lowercase(), customer.id.clone())));
    items.extend(parts.left);
    let count = |wanted: &[BulkOutcome]| items.iter().filter(|item| wanted.contains(&item.outcome)).count() as u64;
    let (changed, unchanged) = (count(&[BulkOutcome::Changed]), count(&[BulkOutcome::Unchanged]));
    let failed = items.len() as u64 - changed - unchanged;
    BulkResult { id: None, preview: false, matched, customers, changed, unchanged, failed, items, undo_until: None, scope }
}
