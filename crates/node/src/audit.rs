//! The workspace's own audit: who did what, on which id, with which outcome. Never content. The customer's administrator
//! reads it, so that what technicians and consoles do here is known to the customer.

use crate::{
    State,
    access::{Action, NoQuery, WorkspaceGrant},
    workspaces::Workspace,
};
use axum::Json;
use bailiwick_api::{AuditEntry, AuditModule, List};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};
use sqlx::{Any, Executor, Row};
use std::future::Future;

const PAGE: i64 = 200;

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

/// Notes what the node did by itself, without anybody asking, in the transaction that does it.
pub(crate) async fn by_node(tx: &mut Tx, now_us: i64, verb: &str, subject: &str) -> Result<(), Refusal> {
    note_in(&mut **tx, now_us, "node", verb, subject, "ok").await
}

async fn note(workspace: &Workspace, now_us: i64, actor: &str, verb: &str, subject: &str, outcome: &str) -> Result<(), Refusal> {
    note_in(workspace.db().pool(), now_us, actor, verb, subject, outcome).await
}

async fn note_in<'e>(
    to: impl Executor<'e, Database = Any>,
    now_us: i64,
    actor: &str,
    verb: &str,
    subject: &str,
    outcome: &str,
) -> Result<(), Refusal> {
    sqlx::query("insert into audit (time, actor, verb, subject, outcome) values ($1, $2, $3, $4, $5)")
        .bind(now_us)
        .bind(actor)
        .bind(verb)
        .bind(subject.chars().take(200).collect::<String>())
        .bind(outcome)
        .execute(to)
        .await?;
    Ok(())
}

/// The audit, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", responses((status = 200, body = List<AuditEntry>)))]
pub(crate) async fn list(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<AuditEntry>>, Refusal> {
    let workspace = grant.demand(&[Action::ViewAudit])?;
    let rows = sqlx::query("select id, time, actor, verb, subject, outcome from audit order by id desc limit $1")
        .bind(PAGE)
        .fetch_all(workspace.db().pool())
        .await?;
    let entry = |row: &sqlx::any::AnyRow| {
        Ok(AuditEntry {
            id: row.try_get("id")?,
            time: from_us(row.try_get("time")?),
            actor: row.try_get("actor")?,
            module: AuditModule::of(&row.try_get::<String, _>("verb")?),
            verb: row.try_get("verb")?,
            customer: None,
            subject: row.try_get("subject")?,
            outcome: row.try_get("outcome")?,
            detail: None,
            previous: String::new(),
            hash: String::new(),
        })
    };
    Ok(Json(List { data: rows.iter().map(entry).collect::<Result<_, Refusal>>()? }))
}
