//! Dashboards: the seven that come with the program, those that people save in the same form, and their numbers, asked of every node while
//! somebody waits. What is kept here is definitions; numbers and rows live as long as the answer they are part of.

mod ask;
pub mod http;
pub mod query;
mod store;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use ask::{Panels, Told};

use crate::{
    State,
    access::Actor,
    audit::{self, Line},
};
use ::http::StatusCode;
use bailiwick_api::{
    Role,
    dashboards::{Dashboard, DashboardLine, PanelLine, SavedBy},
};
use bailiwick_chassis::{Refusal, clock::from_us};
use bailiwick_dashboard::{Wrong, definition};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Saved dashboards there may be.
const MAX_SAVED: i64 = 500;
/// Dashboards that are answered at a time: each holds its numbers until it is told.
const AT_A_TIME: usize = 32;

/// Room for dashboards that are answered at a time.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

/// What is wrong with what was sent, as an answer.
fn invalid(wrong: Wrong) -> Refusal {
    let detail = wrong.to_string();
    Refusal::invalid("INVALID_INPUT", &wrong.field, detail)
}

fn line(dashboard: &Dashboard) -> DashboardLine {
    let panel = |panel: &bailiwick_api::dashboards::Panel| PanelLine { id: panel.id.clone(), title: panel.title.clone(), kind: panel.chart };
    DashboardLine {
        name: dashboard.name.clone(),
        title: dashboard.title.clone(),
        description: dashboard.description.clone(),
        panels: dashboard.panels().map(panel).collect(),
        saved: dashboard.saved.clone(),
    }
}

/// The seven, then what people saved, each by name.
async fn list(state: &State) -> Result<Vec<DashboardLine>, Refusal> {
    let saved = store::all(&state.db).await?;
    Ok(definition::shipped().iter().chain(&saved).map(line).collect())
}

/// One by its name.
async fn find(state: &State, name: &str) -> Result<Dashboard, Refusal> {
    match definition::find(name) {
        Some(dashboard) => Ok(dashboard.clone()),
        None => store::find(&state.db, name).await?.map(|(saved, _)| saved).ok_or_else(Refusal::not_found),
    }
}

/// Keeps a new one.
async fn add(state: &State, actor: &Actor, dashboard: Dashboard) -> Result<Dashboard, Refusal> {
    let added = try_add(state, actor, dashboard).await;
    audit::refusals(state, actor, "dashboard.add", None, added).await
}

async fn try_add(state: &State, actor: &Actor, mut dashboard: Dashboard) -> Result<Dashboard, Refusal> {
    if dashboard.saved.is_some() {
        return Err(Refusal::invalid("INVALID_INPUT", "saved", "saved: is told, not sent; PUT changes one there is"));
    }
    definition::check(&dashboard).map_err(invalid)?;
    let taken = || Refusal::conflict("NAME_TAKEN", "name: a dashboard has it").field("name");
    if definition::find(&dashboard.name).is_some() {
        return Err(taken());
    }
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    dashboard.saved = Some(SavedBy { email: actor.email().to_owned(), updated_time: from_us(now_us), version: 1 });
    if !store::insert(&mut tx, actor, &dashboard, now_us).await? {
        return Err(taken());
    }
    if store::count(&mut tx).await? > MAX_SAVED {
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY").detail(format!("dashboards: at most {MAX_SAVED}")));
    }
    note(&mut tx, actor, "dashboard.add", &dashboard.name, now_us).await?;
    tx.commit().await?;
    Ok(dashboard)
}

/// Writes one anew, against the version it was made from.
async fn change(state: &State, actor: &Actor, name: &str, dashboard: Dashboard) -> Result<Dashboard, Refusal> {
    let changed = try_change(state, actor, name, dashboard).await;
    audit::refusals(state, actor, "dashboard.change", None, changed).await
}

async fn try_change(state: &State, actor: &Actor, name: &str, mut dashboard: Dashboard) -> Result<Dashboard, Refusal> {
    if dashboard.name != name {
        return Err(Refusal::invalid("INVALID_INPUT", "name", "name: stays as it is in the path"));
    }
    let Some(version) = dashboard.saved.as_ref().map(|saved| saved.version) else {
        return Err(Refusal::invalid("MISSING_FIELD", "saved", "saved: with the version that this was made from"));
    };
    definition::check(&dashboard).map_err(invalid)?;
    let (before, owner) = own(state, actor, name).await?;
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    dashboard.saved = Some(SavedBy { email: owner, updated_time: from_us(now_us), version: version + 1 });
    if !store::update(&mut tx, &dashboard, version, now_us).await? {
        return Err(Refusal::conflict("VERSION_CONFLICT", "saved.version: changed meanwhile").current(&before));
    }
    note(&mut tx, actor, "dashboard.change", name, now_us).await?;
    tx.commit().await?;
    Ok(dashboard)
}

/// Lets one go.
async fn remove(state: &State, actor: &Actor, name: &str) -> Result<(), Refusal> {
    let removed = try_remove(state, actor, name).await;
    audit::refusals(state, actor, "dashboard.remove", None, removed).await
}

async fn try_remove(state: &State, actor: &Actor, name: &str) -> Result<(), Refusal> {
    own(state, actor, name).await?;
    let mut tx = state.db.begin().await?;
    if !store::delete(&mut tx, name).await? {
        return Err(Refusal::not_found());
    }
    note(&mut tx, actor, "dashboard.remove", name, state.clock.now_us()).await?;
    Ok(tx.commit().await?)
}

/// A saved one that this person may change, and whose it is: their own, or any for administrators.
async fn own(state: &State, actor: &Actor, name: &str) -> Result<(Dashboard, String), Refusal> {
    if definition::find(name).is_some() {
        return Err(Refusal::conflict("SHIPPED", "this dashboard comes with the program and stays as it is; save one of your own"));
    }
    let (saved, owner) = store::find(&state.db, name).await?.ok_or_else(Refusal::not_found)?;
    if owner != *actor.user() && actor.role() != Role::Administrator {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "NOT_OWNER").detail("this dashboard is somebody else's"));
    }
    let email = saved.saved.as_ref().map(|by| by.email.clone()).unwrap_or_default();
    Ok((saved, email))
}

async fn note(tx: &mut bailiwick_chassis::sql::Tx, actor: &Actor, verb: &str, name: &str, now_us: i64) -> Result<(), Refusal> {
    let line = Line { actor: actor.email(), verb, customer: None, outcome: audit::OK };
    audit::record_in(tx, line.about(name), now_us).await
}
