//! Replays in a workspace's database.

use super::MANAGE;
use crate::access::WorkspaceGrant;
use bailiwick_api::{Replay, ReplayFilter, ReplayState, SourceId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

/// Replays that are kept, and listed.
const KEPT: i64 = 100;
const INTERRUPTED: &str = "the node stopped before it came to its end; start it again";

/// How far a replay is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) files_total: u64,
    pub(super) files_done: u64,
    pub(super) rows_seen: u64,
    pub(super) became_records: u64,
}

/// Ends what was at work when the node stopped.
pub(super) async fn end_interrupted(db: &Db, now_us: i64) -> Result<(), Refusal> {
    let text = "update replay set state = $1, ended = $2, reason = $3 where state = $4";
    let query = sqlx::query(text).bind(ReplayState::Failed.as_str()).bind(now_us).bind(INTERRUPTED);
    query.bind(ReplayState::Running.as_str()).execute(db.pool()).await?;
    Ok(())
}

pub(super) async fn add(grant: &WorkspaceGrant, id: &str, filter: &ReplayFilter, now_us: i64) -> Result<(), Refusal> {
    let mut tx = grant.demand(MANAGE)?.db().begin().await?;
    let old = "delete from replay where id not in (select id from replay order by started desc, rowid desc limit $1)";
    sqlx::query(old).bind(KEPT - 1).execute(&mut *tx).await?;
    let text = "insert into replay (id, state, started, started_by, reason_code, parser, source, from_time, to_time, \
                files_total, files_done, rows_seen, became_records, still_failed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, 0)";
    sqlx::query(text)
        .bind(id)
        .bind(ReplayState::Running.as_str())
        .bind(now_us)
        .bind(grant.actor())
        .bind(filter.reason_code.as_deref())
        .bind(filter.parser.as_deref())
        .bind(filter.source.as_ref().map(SourceId::as_str))
        .bind(filter.from.map(|time| time.timestamp_micros()))
        .bind(filter.to.map(|time| time.timestamp_micros()))
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Notes how far it is, in the transaction of what was done.
pub(super) async fn progress(tx: &mut Tx, id: &str, at: &Progress) -> Result<(), Refusal> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let text = "update replay set files_total = $1, files_done = $2, rows_seen = $3, became_records = $4, still_failed = $5 where id = $6";
    let query = sqlx::query(text).bind(number(at.files_total)).bind(number(at.files_done)).bind(number(at.rows_seen));
    let query = query.bind(number(at.became_records)).bind(number(at.rows_seen.saturating_sub(at.became_records)));
    query.bind(id).execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn end(db: &Db, id: &str, state: ReplayState, reason: Option<&str>, now_us: i64) -> Result<(), Refusal> {
    let text = "update replay set state = $1, ended = $2, reason = $3 where id = $4";
    sqlx::query(text).bind(state.as_str()).bind(now_us).bind(reason).bind(id).execute(db.pool()).await?;
    Ok(())
}

/// The newest replays, newest first.
pub(super) async fn list(grant: &WorkspaceGrant) -> Result<Vec<Replay>, Refusal> {
    let query = sqlx::query("select * from replay order by started desc, rowid desc limit $1").bind(KEPT);
    query.fetch_all(grant.demand(MANAGE)?.db().pool()).await?.iter().map(replay).collect()
}

pub(super) async fn find(grant: &WorkspaceGrant, id: &str) -> Result<Replay, Refusal> {
    let row = sqlx::query("select * from replay where id = $1").bind(id).fetch_optional(grant.demand(MANAGE)?.db().pool()).await?;
    replay(&row.ok_or_else(Refusal::not_found)?)
}

fn replay(row: &AnyRow) -> Result<Replay, Refusal> {
    let count = |name: &str| row.try_get::<i64, _>(name).map(|n| u64::try_from(n).unwrap_or_default());
    let time = |name: &str| row.try_get::<Option<i64>, _>(name).map(|us| us.map(from_us));
    Ok(Replay {
        id: row.try_get("id")?,
        state: row.try_get::<String, _>("state")?.parse().map_err(Refusal::internal)?,
        started: from_us(row.try_get("started")?),
        ended: time("ended")?,
        started_by: row.try_get("started_by")?,
        filter: ReplayFilter {
            reason_code: row.try_get("reason_code")?,
            parser: row.try_get("parser")?,
            source: row.try_get::<Option<String>, _>("source")?.map(SourceId),
            from: time("from_time")?,
            to: time("to_time")?,
        },
        files_total: count("files_total")?,
        files_done: count("files_done")?,
        rows_seen: count("rows_seen")?,
        became_records: count("became_records")?,
        still_failed: count("still_failed")?,
        reason: row.try_get("reason")?,
    })
}
