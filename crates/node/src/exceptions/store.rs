//! Exceptions in a workspace's database.

use super::MAX_EXCEPTIONS;
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{Exception, NewException};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Db};
use sqlx::{Row, any::AnyRow};

const WRITE: &[Action] = &[Action::ManageDetection];
const READ: &[Action] = &[Action::ManageDetection, Action::ViewInvestigations];
const COLUMNS: &str = "id, name, body, rules, owner, reason, created, created_by, expires, hits, last_hit";

/// The exceptions after one, by id.
pub(super) async fn list(grant: &WorkspaceGrant, after: &str, limit: i64, now_us: i64) -> Result<Vec<Exception>, Refusal> {
    let text = format!("select {COLUMNS} from exception where id > $1 order by id limit $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(after).bind(limit).fetch_all(grant.demand(READ)?.db().pool()).await?;
    rows.iter().map(|row| exception(row, now_us)).collect()
}

pub(super) async fn get(grant: &WorkspaceGrant, id: &str, now_us: i64) -> Result<Exception, Refusal> {
    let text = format!("select {COLUMNS} from exception where id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(grant.demand(READ)?.db().pool()).await?;
    exception(&row.ok_or_else(Refusal::not_found)?, now_us)
}

/// Adds an exception, or replaces the one of this id; its counter stays.
pub(super) async fn put(grant: &WorkspaceGrant, id: &str, new: &NewException, now_us: i64, replaces: bool) -> Result<(), Refusal> {
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    let there = sqlx::query("select id from exception where id = $1").bind(id).fetch_optional(&mut *tx).await?.is_some();
    if replaces != there {
        return Err(Refusal::not_found());
    }
    let count: i64 = sqlx::query("select count(*) as n from exception").fetch_one(&mut *tx).await?.try_get("n")?;
    if !there && count >= MAX_EXCEPTIONS {
        return Err(Refusal::conflict("TOO_MANY_EXCEPTIONS", format!("a workspace has at most {MAX_EXCEPTIONS} exceptions")));
    }
    let body = serde_json::to_value(&new.excepts).map_err(Refusal::internal)?;
    let kind = body.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
    let rules = new.rules.as_ref().map(serde_json::to_string).transpose().map_err(Refusal::internal)?;
    let text = "insert into exception (id, name, name_key, kind, body, rules, owner, reason, created, created_by, expires) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do update set name = excluded.name, \
                name_key = excluded.name_key, kind = excluded.kind, body = excluded.body, rules = excluded.rules, owner = excluded.owner, \
                reason = excluded.reason, created = excluded.created, created_by = excluded.created_by, expires = excluded.expires";
    let done = sqlx::query(text)
        .bind(id)
        .bind(&new.name)
        .bind(new.name.to_lowercase())
        .bind(kind)
        .bind(body.to_string())
        .bind(rules)
        .bind(&new.owner)
        .bind(&new.reason)
        .bind(now_us)
        .bind(grant.actor())
        .bind(new.expires.timestamp_micros())
        .execute(&mut *tx)
        .await;
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(Refusal::conflict("NAME_TAKEN", "name: an exception has this name").field("name")),
        other => {
            other?;
            Ok(tx.commit().await?)
        }
    }
}

pub(super) async fn remove(grant: &WorkspaceGrant, id: &str) -> Result<(), Refusal> {
    let done = sqlx::query("delete from exception where id = $1").bind(id).execute(grant.demand(WRITE)?.db().pool()).await?;
    if done.rows_affected() == 0 { Err(Refusal::not_found()) } else { Ok(()) }
}

fn exception(row: &AnyRow, now_us: i64) -> Result<Exception, Refusal> {
    let rules: Option<String> = row.try_get("rules")?;
    let expires: i64 = row.try_get("expires")?;
    Ok(Exception {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        excepts: serde_json::from_str(&row.try_get::<String, _>("body")?).map_err(Refusal::internal)?,
        rules: rules.map(|text| serde_json::from_str(&text)).transpose().map_err(Refusal::internal)?,
        owner: row.try_get("owner")?,
        reason: row.try_get("reason")?,
        created_by: row.try_get("created_by")?,
        created_time: from_us(row.try_get("created")?),
        expires: from_us(expires),
        expired: expires <= now_us,
        hits: u64::try_from(row.try_get::<i64, _>("hits")?).unwrap_or_default(),
        last_hit_time: row.try_get::<Option<i64>, _>("last_hit")?.map(from_us),
    })
}
