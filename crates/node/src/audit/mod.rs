//! The workspace's own audit: who did what, on which id, with which outcome. Never content. The customer's administrator
//! reads it, so that what technicians and consoles do here is known to the customer. Each line holds the hash of the one before.

pub(crate) mod http;

use crate::{
    State,
    access::{Action, WorkspaceGrant},
    workspaces::Workspace,
};
use bailiwick_chassis::{
    Refusal,
    audit::{self as chained, Line},
    sql::{Db, Tx},
};
use std::future::Future;

/// Characters of a subject that are kept.
const MAX_SUBJECT: usize = 200;

/// Gives lines from before there were hashes theirs, and has the database refuse changes. Once, when a workspace opens.
pub(crate) async fn seal(db: &Db) -> Result<(), Refusal> {
    chained::seal(db).await
}

/// Does the work and notes it with its outcome.
pub(crate) async fn audited<T>(
    state: &State,
    grant: &WorkspaceGrant,
    verb: &str,
    subject: &str,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let result = work.await;
    let outcome = result.as_ref().map_or_else(Refusal::code, |_| "ok");
    note(grant.workspace(), state.clock().now_us(), grant.actor(), verb, subject, outcome).await?;
    result
}

/// The same for what a page repeats every few seconds: a success is noted once a minute, a failure always.
pub(crate) async fn audited_each_minute<T>(
    state: &State,
    grant: &WorkspaceGrant,
    verb: &'static str,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let result = work.await;
    let now_us = state.clock().now_us();
    let outcome = result.as_ref().map_or_else(Refusal::code, |_| "ok");
    if result.is_err() || state.access().due(grant, verb, now_us) {
        note(grant.workspace(), now_us, grant.actor(), verb, "", outcome).await?;
    }
    result
}

/// Notes that a known technician was refused for a missing role.
pub(crate) async fn refused(state: &State, workspace: &Workspace, actor: &str, action: Action, refusal: &Refusal) -> Result<(), Refusal> {
    note(workspace, state.clock().now_us(), actor, action.permission(), "", refusal.code()).await
}

/// Notes that an administrator signed in or out, or that somebody tried to.
pub(crate) async fn session(state: &State, workspace: &Workspace, admin: &str, verb: &str, outcome: &str) -> Result<(), Refusal> {
    note(workspace, state.clock().now_us(), admin, verb, "", outcome).await
}

/// Notes what the node did by itself, without anybody asking, in the transaction that does it.
pub(crate) async fn by_node(tx: &mut Tx, now_us: i64, verb: &str, subject: &str) -> Result<(), Refusal> {
    append(tx, now_us, "node", verb, subject, "ok").await
}

/// A line about what was done a little earlier, in the transaction of many.
pub(crate) async fn late(tx: &mut Tx, time_us: i64, actor: &str, verb: &str, outcome: &str) -> Result<(), Refusal> {
    append(tx, time_us, actor, verb, "", outcome).await
}

async fn note(workspace: &Workspace, now_us: i64, actor: &str, verb: &str, subject: &str, outcome: &str) -> Result<(), Refusal> {
    let mut tx = workspace.db().begin().await?;
    append(&mut tx, now_us, actor, verb, subject, outcome).await?;
    Ok(tx.commit().await?)
}

async fn append(tx: &mut Tx, time_us: i64, actor: &str, verb: &str, subject: &str, outcome: &str) -> Result<(), Refusal> {
    let subject: String = subject.chars().take(MAX_SUBJECT).collect();
    chained::append(tx, &Line { time_us, actor, verb, subject: &subject, outcome, ..Line::default() }).await
}
