//! Whether a workspace's cases may be exported.

use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::Exports;
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::Row;

/// As it stands.
pub(crate) async fn read(db: &Db) -> Result<Exports, Refusal> {
    let row = sqlx::query("select allowed from export_setting where id = 1").fetch_optional(db.pool()).await?;
    let allowed = row.map(|row| row.try_get::<i64, _>("allowed")).transpose()?;
    Ok(Exports { allowed: allowed.is_some_and(|allowed| allowed != 0) })
}

/// As the administrator decides.
pub(super) async fn put(grant: &WorkspaceGrant, exports: Exports, now_us: i64) -> Result<(), Refusal> {
    let db = grant.demand(&[Action::ReviewAccess])?.db();
    let text = "insert into export_setting (id, allowed, changed, changed_by) values (1, $1, $2, $3) \
                on conflict (id) do update set allowed = excluded.allowed, changed = excluded.changed, changed_by = excluded.changed_by";
    sqlx::query(text).bind(i64::from(exports.allowed)).bind(now_us).bind(grant.actor()).execute(db.pool()).await?;
    Ok(())
}
