//! Custom insights in a workspace's database.

use super::MAX_INSIGHTS;
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{CustomInsight, NewCustomInsight};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Db};
use sqlx::{Row, any::AnyRow};

const WRITE: &[Action] = &[Action::ManageDetection];
const READ: &[Action] = &[Action::ManageDetection, Action::ViewInvestigations];

/// All of them, of which there are few.
pub(super) async fn list(grant: &WorkspaceGrant) -> Result<Vec<CustomInsight>, Refusal> {
    let text = "select id, name, body, enabled, created, created_by from custom_insight order by name_key";
    sqlx::query(text).fetch_all(grant.demand(READ)?.db().pool()).await?.iter().map(insight).collect()
}

/// Adds one, or replaces the one of this id.
pub(super) async fn put(grant: &WorkspaceGrant, id: &str, new: &NewCustomInsight, now_us: i64, replaces: bool) -> Result<(), Refusal> {
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    let there = sqlx::query("select id from custom_insight where id = $1").bind(id).fetch_optional(&mut *tx).await?.is_some();
    if replaces != there {
        return Err(Refusal::not_found());
    }
    let count: i64 = sqlx::query("select count(*) as n from custom_insight").fetch_one(&mut *tx).await?.try_get("n")?;
    if !there && count >= MAX_INSIGHTS {
        return Err(Refusal::conflict("TOO_MANY_INSIGHTS", format!("a workspace has at most {MAX_INSIGHTS} custom insights")));
    }
    let text = "insert into custom_insight (id, name, name_key, body, enabled, created, created_by) values ($1, $2, $3, $4, $5, $6, $7) \
                on conflict (id) do update set name = excluded.name, name_key = excluded.name_key, body = excluded.body, \
                enabled = excluded.enabled, created = excluded.created, created_by = excluded.created_by";
    let done = sqlx::query(text)
        .bind(id)
        .bind(&new.name)
        .bind(new.name.to_lowercase())
        .bind(serde_json::to_string(&new.when).map_err(Refusal::internal)?)
        .bind(i64::from(new.enabled))
        .bind(now_us)
        .bind(grant.actor())
        .execute(&mut *tx)
        .await;
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(Refusal::conflict("NAME_TAKEN", "name: a custom insight has this name").field("name")),
        other => {
            other?;
            Ok(tx.commit().await?)
        }
    }
}

pub(super) async fn remove(grant: &WorkspaceGrant, id: &str) -> Result<(), Refusal> {
    let done = sqlx::query("delete from custom_insight where id = $1").bind(id).execute(grant.demand(WRITE)?.db().pool()).await?;
    if done.rows_affected() == 0 { Err(Refusal::not_found()) } else { Ok(()) }
}

fn insight(row: &AnyRow) -> Result<CustomInsight, Refusal> {
    Ok(CustomInsight {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        when: serde_json::from_str(&row.try_get::<String, _>("body")?).map_err(Refusal::internal)?,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        created_by: row.try_get("created_by")?,
        created_time: from_us(row.try_get("created")?),
    })
}
