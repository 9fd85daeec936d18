//! Collectors in a workspace's database.

use super::MAX_COLLECTORS;
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::CollectorId;
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::{Row, any::AnyRow};

const ACTIONS: &[Action] = &[Action::ManageSources];

/// A collector as the table has it; times are microseconds UTC.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) id: CollectorId,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) enabled: bool,
    pub(super) version: Option<String>,
    pub(super) last_seen_us: Option<i64>,
    pub(super) created_us: i64,
}

/// Makes a collector; gives how many there are then.
pub(super) async fn add(grant: &WorkspaceGrant, id: &CollectorId, name: &str, kind: &str, now_us: i64) -> Result<u64, Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let count: i64 = sqlx::query("select count(*) as n from collector").fetch_one(&mut *tx).await?.try_get("n")?;
    let count = u64::try_from(count).unwrap_or_default();
    if count >= MAX_COLLECTORS {
        return Err(Refusal::conflict("TOO_MANY_COLLECTORS", format!("a workspace has at most {MAX_COLLECTORS} collectors")));
    }
    let added = sqlx::query("insert into collector (id, name, name_key, type, enabled, created) values ($1, $2, $3, $4, 1, $5)")
        .bind(id.as_str())
        .bind(name)
        .bind(name.to_lowercase())
        .bind(kind)
        .bind(now_us)
        .execute(&mut *tx)
        .await;
    taken(added)?;
    tx.commit().await?;
    Ok(count + 1)
}

/// Writes what may change of a collector.
pub(super) async fn update(grant: &WorkspaceGrant, to: &Stored) -> Result<(), Refusal> {
    let done = sqlx::query("update collector set name = $1, name_key = $2, type = $3, enabled = $4, version = $5 where id = $6")
        .bind(&to.name)
        .bind(to.name.to_lowercase())
        .bind(&to.kind)
        .bind(i64::from(to.enabled))
        .bind(to.version.as_deref())
        .bind(to.id.as_str())
        .execute(grant.demand(ACTIONS)?.db().pool())
        .await;
    taken(done)
}

/// Takes a collector away that has no sources; gives how many are left.
pub(super) async fn remove(grant: &WorkspaceGrant, id: &CollectorId) -> Result<u64, Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let row = sqlx::query("select count(*) as n from source where collector = $1 and deleted is null").bind(id.as_str()).fetch_one(&mut *tx).await?;
    let sources: i64 = row.try_get("n")?;
    if sources > 0 {
        return Err(Refusal::conflict("COLLECTOR_IN_USE", format!("{sources} sources name this collector; delete or move them first")));
    }
    let done = sqlx::query("delete from collector where id = $1").bind(id.as_str()).execute(&mut *tx).await?;
    if done.rows_affected() == 0 {
        return Err(Refusal::not_found());
    }
    let left: i64 = sqlx::query("select count(*) as n from collector").fetch_one(&mut *tx).await?.try_get("n")?;
    tx.commit().await?;
    Ok(u64::try_from(left).unwrap_or_default())
}

/// One collector.
pub(super) async fn get(grant: &WorkspaceGrant, id: &CollectorId) -> Result<Stored, Refusal> {
    let db = grant.demand(ACTIONS)?.db();
    let row = sqlx::query("select * from collector where id = $1").bind(id.as_str()).fetch_optional(db.pool()).await?;
    stored(&row.ok_or_else(Refusal::not_found)?)
}

/// Collectors by name, strictly after a name.
pub(super) async fn list(grant: &WorkspaceGrant, after: Option<&str>, rows: usize) -> Result<Vec<Stored>, Refusal> {
    let db = grant.demand(ACTIONS)?.db();
    let rows = sqlx::query("select * from collector where $1 is null or name_key > $1 order by name_key limit $2")
        .bind(after)
        .bind(i64::try_from(rows).unwrap_or(i64::MAX))
        .fetch_all(db.pool())
        .await?;
    rows.iter().map(stored).collect()
}

fn taken(done: Result<sqlx::any::AnyQueryResult, sqlx::Error>) -> Result<(), Refusal> {
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(Refusal::conflict("NAME_TAKEN", "name: a collector has this name").field("name")),
        Ok(result) if result.rows_affected() == 0 => Err(Refusal::not_found()),
        other => Ok(other.map(|_| ())?),
    }
}

fn stored(row: &AnyRow) -> Result<Stored, Refusal> {
    Ok(Stored {
        id: CollectorId(row.try_get("id")?),
        name: row.try_get("name")?,
        kind: row.try_get("type")?,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        version: row.try_get("version")?,
        last_seen_us: row.try_get("last_seen")?,
        created_us: row.try_get("created")?,
    })
}
