//! Records of answers in the node's database.

use super::{Answers, Given, KEPT_US, REMEMBERED};
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{AnswerRecord, ConsoleId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::{Any, QueryBuilder, Row, any::AnyRow};
use std::{collections::BTreeMap, sync::PoisonError};

/// Records let go at once.
const PRUNED: i64 = 5_000;

pub(super) async fn write(db: &Db, answers: &Answers, given: &Given<'_>, now_us: i64) -> Result<(), Refusal> {
    let members: Vec<&str> = given.rows.keys().map(|workspace| workspace.as_str()).collect();
    let rows: BTreeMap<&str, u64> = given.rows.iter().filter(|(_, rows)| **rows > 0).map(|(id, rows)| (id.as_str(), *rows)).collect();
    let rows = serde_json::to_string(&rows).map_err(Refusal::internal)?;
    let scope_digest: [u8; 32] = Sha256::digest(members.join("\n")).into();
    let alike = [given.console, given.email, given.kind, &given.status.to_string(), &HEXLOWER.encode(&scope_digest), &rows].join("\n");
    let digest: [u8; 32] = Sha256::digest(alike).into();
    let _turn = answers.turn.lock().await;
    if let Some(id) = answers.latest(&digest, now_us) {
        let counted = sqlx::query("update answer set times = times + 1, last = $1 where id = $2").bind(now_us).bind(id).execute(db.pool()).await?;
        if counted.rows_affected() == 1 {
            return Ok(());
        }
    }
    let known = answers.scopes.lock().unwrap_or_else(PoisonError::into_inner).get(&scope_digest).copied();
    let mut tx = db.begin().await?;
    let scope = match known {
        Some(scope) => scope,
        None => scope(&mut tx, &HEXLOWER.encode(&scope_digest), &members).await?,
    };
    let text =
        "insert into answer (time, last, times, console, email, kind, status, scope, rows) values ($1, $1, 1, $2, $3, $4, $5, $6, $7) returning id";
    let row = sqlx::query(text)
        .bind(now_us)
        .bind(given.console)
        .bind(given.email)
        .bind(given.kind)
        .bind(i64::from(given.status))
        .bind(scope)
        .bind(rows)
        .fetch_one(&mut *tx)
        .await?;
    let id: i64 = row.try_get("id")?;
    tx.commit().await?;
    let mut scopes = answers.scopes.lock().unwrap_or_else(PoisonError::into_inner);
    if scopes.len() >= REMEMBERED {
        scopes.clear();
    }
    scopes.insert(scope_digest, scope);
    drop(scopes);
    answers.remember(digest, id, now_us);
    Ok(())
}

/// The set of workspaces, written down once.
async fn scope(tx: &mut Tx, digest: &str, members: &[&str]) -> Result<i64, Refusal> {
    let known = sqlx::query("select id from answer_scope where digest = $1").bind(digest).fetch_optional(&mut **tx).await?;
    if let Some(row) = known {
        return Ok(row.try_get("id")?);
    }
    let row = sqlx::query("insert into answer_scope (digest) values ($1) returning id").bind(digest).fetch_one(&mut **tx).await?;
    let scope: i64 = row.try_get("id")?;
    for part in members.chunks(1_000) {
        let mut query = QueryBuilder::<Any>::new("insert into answer_member (workspace, scope) ");
        query.push_values(part, |mut row, member| {
            row.push_bind(*member).push_bind(scope);
        });
        query.build().execute(&mut **tx).await?;
    }
    Ok(scope)
}

/// Which records.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) email: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) to: Option<DateTime<Utc>>,
    /// Before this one.
    pub(super) before: Option<i64>,
}

/// Records that concern a workspace, newest first.
pub(super) async fn list(db: &Db, grant: &WorkspaceGrant, wanted: &Wanted, limit: i64) -> Result<Vec<AnswerRecord>, Refusal> {
    let workspace = grant.demand(&[Action::ViewAudit])?.id().as_str().to_owned();
    let mut query = QueryBuilder::<Any>::new(
        "select id, time, last, times, console, email, kind, status, rows from answer where scope in (select scope from answer_member where workspace = ",
    );
    query.push_bind(workspace.clone()).push(")");
    if let Some(before) = wanted.before {
        query.push(" and id < ").push_bind(before);
    }
    if let Some(email) = &wanted.email {
        query.push(" and email = ").push_bind(email.trim().to_lowercase());
    }
    if let Some(kind) = &wanted.kind {
        query.push(" and kind = ").push_bind(kind.clone());
    }
    if let Some(from) = wanted.from {
        query.push(" and last >= ").push_bind(from.timestamp_micros());
    }
    if let Some(to) = wanted.to {
        query.push(" and time < ").push_bind(to.timestamp_micros());
    }
    query.push(" order by id desc limit ").push_bind(limit);
    query.build().fetch_all(db.pool()).await?.iter().map(|row| record(row, &workspace)).collect()
}

fn record(row: &AnyRow, workspace: &str) -> Result<AnswerRecord, Refusal> {
    let rows: BTreeMap<String, u64> = serde_json::from_str(&row.try_get::<String, _>("rows")?).map_err(Refusal::internal)?;
    Ok(AnswerRecord {
        id: row.try_get("id")?,
        time: from_us(row.try_get("time")?),
        last_time: from_us(row.try_get("last")?),
        times: u32::try_from(row.try_get::<i64, _>("times")?).unwrap_or(u32::MAX),
        console: ConsoleId(row.try_get("console")?),
        email: row.try_get("email")?,
        kind: row.try_get("kind")?,
        rows: rows.get(workspace).copied().unwrap_or_default(),
        status: u16::try_from(row.try_get::<i64, _>("status")?).unwrap_or_default(),
    })
}

/// Lets go of records older than they are kept; true when there may be more.
pub(crate) async fn prune(db: &Db, now_us: i64) -> Result<bool, Refusal> {
    let text = "delete from answer where id in (select id from answer where last < $1 order by id limit $2)";
    let gone = sqlx::query(text).bind(now_us - KEPT_US).bind(PRUNED).execute(db.pool()).await?;
    Ok(gone.rows_affected() >= PRUNED.unsigned_abs())
}
