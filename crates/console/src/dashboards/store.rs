//! Rows of `dashboard`: definitions that people saved.

use crate::access::Actor;
use bailiwick_api::{
    UserId,
    dashboards::{Dashboard, SavedBy},
};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

/// All of them, by name.
pub(super) async fn all(db: &Db) -> Result<Vec<Dashboard>, Refusal> {
    let rows = sqlx::query("select body, owner, email, updated, version from dashboard").fetch_all(db.pool()).await?;
    let mut saved = rows.iter().map(|row| Ok(read(row)?.0)).collect::<Result<Vec<_>, Refusal>>()?;
    saved.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(saved)
}

/// One, and whose it is.
pub(super) async fn find(db: &Db, name: &str) -> Result<Option<(Dashboard, UserId)>, Refusal> {
    let text = "select body, owner, email, updated, version from dashboard where name = $1";
    sqlx::query(text).bind(name.to_owned()).fetch_optional(db.pool()).await?.as_ref().map(read).transpose()
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64, Refusal> {
    Ok(sqlx::query("select count(*) from dashboard").fetch_one(&mut **tx).await?.try_get(0)?)
}

/// False when the name is taken.
pub(super) async fn insert(tx: &mut Tx, actor: &Actor, dashboard: &Dashboard, now_us: i64) -> Result<bool, Refusal> {
    let text = "insert into dashboard (name, body, owner, email, updated, version) values ($1, $2, $3, $4, $5, 1) on conflict (name) do nothing";
    let query = sqlx::query(text).bind(dashboard.name.clone()).bind(body(dashboard)?).bind(actor.user().as_str().to_owned());
    Ok(query.bind(actor.email().to_owned()).bind(now_us).execute(&mut **tx).await?.rows_affected() == 1)
}

/// False when it has another version by now, or is gone.
pub(super) async fn update(tx: &mut Tx, dashboard: &Dashboard, version: u64, now_us: i64) -> Result<bool, Refusal> {
    let text = "update dashboard set body = $2, updated = $3, version = version + 1 where name = $1 and version = $4";
    let query = sqlx::query(text).bind(dashboard.name.clone()).bind(body(dashboard)?).bind(now_us);
    Ok(query.bind(i64::try_from(version).unwrap_or(-1)).execute(&mut **tx).await?.rows_affected() == 1)
}

/// False when there is none.
pub(super) async fn delete(tx: &mut Tx, name: &str) -> Result<bool, Refusal> {
    Ok(sqlx::query("delete from dashboard where name = $1").bind(name.to_owned()).execute(&mut **tx).await?.rows_affected() == 1)
}

/// The definition alone: who saved it when is in columns.
fn body(dashboard: &Dashboard) -> Result<String, Refusal> {
    serde_json::to_string(&Dashboard { saved: None, ..dashboard.clone() }).map_err(Refusal::internal)
}

fn read(row: &AnyRow) -> Result<(Dashboard, UserId), Refusal> {
    let mut dashboard: Dashboard = serde_json::from_str(&row.try_get::<String, _>(0)?).map_err(Refusal::internal)?;
    let version = u64::try_from(row.try_get::<i64, _>(4)?).unwrap_or_default();
    dashboard.saved = Some(SavedBy { email: row.try_get(2)?, updated_time: from_us(row.try_get(3)?), version });
    Ok((dashboard, UserId(row.try_get(1)?)))
}
