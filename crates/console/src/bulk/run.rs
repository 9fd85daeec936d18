//! Looking at a bulk change, making it, and undoing it.

use super::{
    ask::{Asked, Name},
    chosen::{self, Chosen},
    store,
    told::{Parts, result},
};
use crate::{
    State,
    access::{self, Action, Actor, CustomerGrant},
    audit::{self, Line},
    federation::{Failure, NodeAsk, Plan, Question, Told, each, scope_of},
};
use bailiwick_api::{AskBulk, AskBulkUndo, BulkAnswers, BulkAsk, BulkId, BulkResult, BulkSet, CustomerId, CustomerName, RowFilter, WorkspaceId};
use bailiwick_chassis::{Refusal, clock::from_us};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// How long a node may look.
const LOOK: Duration = Duration::from_secs(10);
/// How long a node may change. What it is not heard of within is told to have failed, and asked about with the same key.
const CHANGE: Duration = Duration::from_secs(30);
/// How long a change can be undone.
pub(super) const UNDO_US: i64 = 10 * 60 * 1_000_000;

/// What nodes are asked about a change.
#[derive(Clone)]
struct Bulk {
    state: State,
    noun: &'static str,
    name: Name,
    filter: Option<RowFilter>,
    names: Arc<BTreeMap<WorkspaceId, CustomerName>>,
    set: BulkSet,
    cap: u32,
    items: Arc<HashMap<WorkspaceId, Vec<BulkId>>>,
    assignable: Arc<HashSet<CustomerId>>,
}

impl Question for Bulk {
    type Answer = BulkAnswers;

    async fn put(&self, ask: &NodeAsk, deadline: Duration) -> Result<BulkAnswers, Failure> {
        let client = self.state.links.client(&ask.node).await.map_err(|refusal| Failure::unlinked(&refusal))?;
        let workspaces = ask.members.iter().map(|member| BulkAsk {
            workspace: member.workspace.clone(),
            role: member.role,
            items: self.items.get(&member.workspace).cloned().or_else(|| self.filter.is_none().then(Vec::new)),
            assignable: self.assignable.contains(&member.customer.id),
        });
        let question = AskBulk {
            bulk: self.name.id.clone(),
            digest: self.name.digest.clone(),
            workspaces: workspaces.collect(),
            filter: self.filter.clone(),
            set: self.set.clone(),
            cap: self.cap,
            names: ask.members.iter().filter_map(|one| Some((one.workspace.clone(), self.names.get(&one.workspace)?.clone()))).collect(),
        };
        client.federated(&ask.caller, self.noun, &question, deadline).await.map_err(|error| Failure::from(&error))
    }
}

/// What nodes are asked to undo.
#[derive(Clone)]
struct Undo {
    state: State,
    bulk: String,
}

impl Question for Undo {
    type Answer = BulkAnswers;

    async fn put(&self, ask: &NodeAsk, deadline: Duration) -> Result<BulkAnswers, Failure> {
        let client = self.state.links.client(&ask.node).await.map_err(|refusal| Failure::unlinked(&refusal))?;
        let question = AskBulkUndo { bulk: self.bulk.clone(), workspaces: ask.workspaces() };
        client.federated(&ask.caller, "bulk/undo", &question, deadline).await.map_err(|error| Failure::from(&error))
    }
}

/// Does what a request asks for. Nothing is changed unless all that match are within the cap.
pub(super) async fn run(state: &State, actor: &Actor, asked: Asked, name: Name) -> Result<BulkResult, Refusal> {
    let known = store::find(&state.db, actor, &name.id).await?;
    if known.as_ref().is_some_and(|known| known.digest != name.digest) {
        return Err(store::reused());
    }
    let mut chosen = chosen::choose(state, actor, &asked).await?;
    if let Some(known) = &known {
        // What came to match since the change was made first is no part of it.
        chosen.only(&known.customers);
    }
    let look = question(state, &asked, &name, &chosen).await?;
    let looked = each(state, Plan::new(&chosen.reach, state.clock.now()), &look, LOOK).await;
    let mut parts = Parts::of(&chosen, &looked);
    let scope = scope_of(&chosen.reach.skipped, &looked);
    if parts.matched() > u64::from(asked.cap) {
        let detail = format!("cap: {} match and at most {} may be changed; nothing was", parts.matched(), asked.cap);
        return Err(Refusal::invalid("CAP_EXCEEDED", "cap", detail).matched(parts.matched()).current(&parts.counts()));
    }
    if asked.preview {
        return Ok(BulkResult { preview: true, ..result(parts, scope) });
    }
    let about = parts.customers();
    let made_us = store::begin(&state.db, actor, &name, &about, state.clock.now_us()).await?;
    let changed = change(state, &chosen, look, &parts).await;
    let scope = parts.take(&changed, scope);
    note(state, actor, "investigation.bulk", &parts).await?;
    let mut told = result(parts, scope);
    told.id = Some(name.id);
    told.undo_until = (told.changed > 0).then(|| from_us(made_us + UNDO_US));
    Ok(told)
}

async fn question(state: &State, asked: &Asked, name: &Name, chosen: &Chosen) -> Result<Bulk, Refusal> {
    let assignable = match &asked.set.assignee {
        Some(Some(assignee)) => store::assignable(&state.db, &assignee.email, state.clock.now_us()).await?,
        _ => HashSet::new(),
    };
    let items = chosen.reach.grants.iter().filter_map(|grant| Some((grant.workspace().clone(), chosen.items(grant.workspace())?)));
    Ok(Bulk {
        state: state.clone(),
        noun: "bulk/preview",
        name: if asked.preview { Name { id: String::new(), digest: String::new() } } else { name.clone() },
        filter: chosen.filter.clone(),
        names: Arc::new(chosen.names.clone()),
        set: asked.set.clone(),
        cap: asked.cap,
        items: Arc::new(items.collect()),
        assignable: Arc::new(assignable),
    })
}

/// Has the nodes change what they said they would, but where they have done it before.
async fn change(state: &State, chosen: &Chosen, look: Bulk, parts: &Parts) -> Vec<Told<BulkAnswers>> {
    let items: HashMap<WorkspaceId, Vec<BulkId>> = parts.to_do(chosen);
    let grants = chosen.reach.grants.iter().filter(|grant| items.contains_key(grant.workspace())).cloned().collect();
    let reach = access::Reach { grants, skipped: Vec::new() };
    let change = Bulk { noun: "bulk", filter: None, items: Arc::new(items), ..look };
    each(state, Plan::new(&reach, state.clock.now()), &change, CHANGE).await
}

/// Undoes a change of the person's own, if it was made within ten minutes.
pub(super) async fn undo(state: &State, actor: &Actor, id: &str) -> Result<BulkResult, Refusal> {
    let known = store::find(&state.db, actor, id).await?.ok_or_else(Refusal::not_found)?;
    if state.clock.now_us() > known.made_us + UNDO_US {
        return Err(Refusal::conflict("UNDO_EXPIRED", "it can be undone for ten minutes"));
    }
    let only: Vec<CustomerId> = known.customers.iter().cloned().collect();
    let mut reach = access::reach(state, actor, Action::EditInvestigations, Some(&only)).await?;
    // Whose customer is gone, or was taken from this person, is not theirs to undo; it is said.
    reach.grants.retain(|grant: &CustomerGrant| known.customers.contains(&grant.customer().id));
    let told = each(state, Plan::new(&reach, state.clock.now()), &Undo { state: state.clone(), bulk: id.to_owned() }, CHANGE).await;
    let scope = scope_of(&reach.skipped, &told);
    let parts = Parts::of_nodes(&told);
    note(state, actor, "investigation.bulk_undo", &parts).await?;
    Ok(BulkResult { id: Some(id.to_owned()), ..result(parts, scope) })
}

/// A line of the audit for each customer, with how many: never which, and never what.
async fn note(state: &State, actor: &Actor, verb: &str, parts: &Parts) -> Result<(), Refusal> {
    let mut tx = state.db.begin().await?;
    let now_us = state.clock.now_us();
    let lines = parts.lines();
    for (customer, outcome, subject) in &lines {
        let line = Line { actor: actor.email(), verb, customer: Some(customer), outcome };
        audit::record_in(&mut tx, line.about(subject), now_us).await?;
    }
    if lines.is_empty() {
        audit::record_in(&mut tx, Line { actor: actor.email(), verb, customer: None, outcome: audit::OK }.about("0 of 0"), now_us).await?;
    }
    Ok(tx.commit().await?)
}
