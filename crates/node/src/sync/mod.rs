//! One answer for the console: what it decided is taken, and how the workspace stands is told, in one request.
//!
//! Nothing a customer's log could contain, and no name the customer gave, is in the answer: the console keeps it.

mod components;
mod content;
pub(crate) mod http;

use crate::{
    State,
    access::{Action, WorkspaceGrant},
    audit, console_settings, enrolments,
    licences::{self, usage},
    proxy, technicians,
};
use bailiwick_api::{AskSync, SyncAnswer, SyncModuleName, SyncRefusal, SyncedTechnician};
use bailiwick_chassis::Refusal;

/// Takes what the console tells, then says how the workspace stands. What is refused is named and spares the rest.
async fn answer(state: &State, grant: &WorkspaceGrant, ask: &AskSync) -> Result<SyncAnswer, Refusal> {
    let workspace = grant.demand(&[Action::Sync])?;
    let skew_us = state.clock().now_us() - ask.now.timestamp_micros();
    let licensing = grant.also(Action::ManageLicence)?;
    let mut refused = Vec::new();
    if let Some(licence) = &ask.licence {
        note(&mut refused, SyncModuleName::Licence, licences::set(state, &licensing, licence).await)?;
    }
    if let Some(settings) = &ask.settings {
        let taken = note(&mut refused, SyncModuleName::Settings, console_settings::apply(grant, settings, state.clock().now_us()).await)?;
        if taken == Some(true) {
            audit::audited(state, grant, "settings.set", "", async { Ok(()) }).await?;
        }
    }
    let way_back = match &ask.console_url {
        Some(url) => Some(enrolments::way_back(url).await),
        None => None,
    };
    let licence = usage::state(state, &licensing).await?;
    usage::tell(workspace, &licence);
    let technician = |t: bailiwick_api::Technician| SyncedTechnician { email: t.email, role: t.role, revoked: t.revoked_time.is_some() };
    Ok(SyncAnswer {
        now: state.clock().now(),
        components: components::all(state, workspace, skew_us, &licence),
        proxy: proxy::store::read(grant).await?,
        technicians: technicians::list(grant).await?.into_iter().map(technician).collect(),
        licence,
        content: content::version(workspace),
        settings: console_settings::origins(workspace.db()).await?,
        refused,
        way_back,
    })
}

/// A refusal is part of the answer, an error of our own ends it.
fn note<T>(refused: &mut Vec<SyncRefusal>, module: SyncModuleName, result: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(refusal) if refusal.status().is_server_error() => Err(refusal),
        Err(refusal) => {
            let problem = refusal.problem();
            refused.push(SyncRefusal { module, code: problem.code, detail: problem.detail.unwrap_or_default() });
            Ok(None)
        }
    }
}
