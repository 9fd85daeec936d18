//! What of a node's answer is kept, module by module, bounded and without a text that is not ours to keep; and how it is shown.

use super::{
    machine::{Outcome, Reason},
    store::{self, Job, ModuleRow},
};
use crate::{State, grants, health::cut, licences};
use bailiwick_api::{Component, ContentVersion, SyncAnswer, SyncModule, SyncModuleName, SyncRun, SyncState, SyncStatus, SyncSummary};
use bailiwick_chassis::Refusal;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

/// Components that are kept.
const COMPONENTS: usize = 50;
/// Characters of a detail that are kept.
const DETAIL: usize = 300;
/// Bytes of one module that are kept.
const VALUE: usize = 32 << 10;

/// What became of one module.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) name: SyncModuleName,
    /// Why it was not taken, when it was not.
    pub(super) reason: Option<Reason>,
    /// What is kept of it; none leaves what was kept before.
    pub(super) value: Option<String>,
    items: u32,
}

/// Nothing was taken, of any module, for one reason.
pub(super) fn nothing(reason: &Reason) -> Vec<Taken> {
    SyncModuleName::ALL.iter().map(|name| Taken { name: *name, reason: Some(reason.clone()), value: None, items: 0 }).collect()
}

/// Takes an answer.
pub(super) async fn take(state: &State, job: &Job, answer: &SyncAnswer, licence: Option<&licences::Told>) -> Result<(Outcome, Vec<Taken>), Refusal> {
    let before = store::value(&state.db, &job.customer, SyncModuleName::Components).await?;
    let components = components(&answer.components, before.as_deref(), answer.now);
    let technicians = grants::compare(state, &job.customer, &answer.technicians).await?;
    let mut taken = vec![
        kept(SyncModuleName::Components, &components, components.len()),
        kept(SyncModuleName::Proxy, &answer.proxy, 1),
        kept(SyncModuleName::Technicians, &technicians, answer.technicians.len()),
        kept(SyncModuleName::Licence, &answer.licence, 1),
        kept(SyncModuleName::Content, &content(&answer.content), 1),
        kept(SyncModuleName::Settings, &answer.settings, 1),
    ];
    for refused in &answer.refused {
        let reason = Reason::new(cut(&refused.code), format!("the node refused: {}", cut(&refused.code)));
        taken.iter_mut().filter(|module| module.name == refused.module).for_each(|module| module.reason = Some(reason.clone()));
    }
    if let Some(told) = licence {
        settle(state, job, answer, told, &mut taken).await?;
    }
    let failed: Vec<_> = taken.iter().filter(|module| module.reason.is_some()).map(|module| module.name).collect();
    let reason = taken.iter().find_map(|module| module.reason.clone());
    let items = taken.iter().filter(|module| module.reason.is_none()).map(|module| module.items).sum();
    Ok((Outcome::Taken { items, failed, reason }, taken))
}

/// The node has the licence it was told, or it says why not.
async fn settle(state: &State, job: &Job, answer: &SyncAnswer, told: &licences::Told, taken: &mut [Taken]) -> Result<(), Refusal> {
    let Some(module) = taken.iter_mut().find(|module| module.name == SyncModuleName::Licence) else { return Ok(()) };
    if module.reason.is_none() && answer.licence.limits.resources() != told.resources {
        module.reason = Some(Reason::new("NOT_APPLIED", "the node shows another licence than it was told"));
    }
    match &module.reason {
        None => licences::applied(state, &job.customer, told).await,
        Some(reason) => licences::delayed(state, &job.customer, &reason.detail).await,
    }
}

fn kept<T: Serialize>(name: SyncModuleName, value: &T, items: usize) -> Taken {
    let text = serde_json::to_string(value).ok().filter(|text| text.len() <= VALUE);
    let reason = text.is_none().then(|| Reason::new("TOO_LARGE", "the node told more than is kept"));
    Taken { name, reason, value: text, items: u32::try_from(items).unwrap_or(u32::MAX) }
}

/// Since when a component is as it is: as the node tells, else since it was first seen so.
fn components(told: &[Component], before: Option<&str>, now: chrono::DateTime<chrono::Utc>) -> Vec<Component> {
    let before: Vec<Component> = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let before: HashMap<&str, &Component> = before.iter().map(|component| (component.name.as_str(), component)).collect();
    let one = |component: &Component| {
        let same = before.get(component.name.as_str()).filter(|known| known.state == component.state).and_then(|known| known.since);
        Component {
            name: cut(&component.name),
            state: component.state,
            since: component.since.or(same).or(Some(now)),
            detail: component.detail.as_deref().map(short),
            value: component.value,
            unit: component.unit.as_deref().map(cut),
        }
    };
    told.iter().take(COMPONENTS).map(one).collect()
}

/// The node's parts among what was taken.
pub(super) fn components_of(modules: &[Taken]) -> Vec<Component> {
    let value = modules.iter().find(|module| module.name == SyncModuleName::Components).and_then(|module| module.value.as_deref());
    value.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn content(told: &ContentVersion) -> ContentVersion {
    ContentVersion {
        node_version: cut(&told.node_version),
        rules_digest: short(&told.rules_digest),
        parsers_digest: short(&told.parsers_digest),
        ..told.clone()
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(DETAIL).collect()
}

/// What is kept, as people see it.
pub(super) fn status(summary: SyncSummary, runs: Vec<SyncRun>, mut rows: HashMap<SyncModuleName, ModuleRow>) -> SyncStatus {
    fn value<T: DeserializeOwned>(rows: &HashMap<SyncModuleName, ModuleRow>, name: SyncModuleName) -> Option<T> {
        rows.get(&name).and_then(|row| row.value.as_deref()).and_then(|text| serde_json::from_str(text).ok())
    }
    let (components, proxy) = (value(&rows, SyncModuleName::Components), value(&rows, SyncModuleName::Proxy));
    let (technicians, licence) = (value(&rows, SyncModuleName::Technicians), value(&rows, SyncModuleName::Licence));
    let (content, settings) = (value(&rows, SyncModuleName::Content), value(&rows, SyncModuleName::Settings));
    let never = |name| SyncModule { name, state: SyncState::Never, last_success: None, code: None, detail: None };
    let modules = SyncModuleName::ALL.iter().map(|name| rows.remove(name).map_or_else(|| never(*name), |row| row.module)).collect();
    SyncStatus { summary, modules, runs, components, proxy, technicians, licence, content, settings }
}
