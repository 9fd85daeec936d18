//! The licence of a workspace in its database.

use crate::access::{Action, WorkspaceGrant};
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::Row;

/// The licence as it was last set, and by whom.
pub(crate) async fn read(db: &Db) -> Result<(Option<u64>, Option<String>), Refusal> {
    let Some(row) = sqlx::query("select daily_bytes, set_by from licence where one = 1").fetch_optional(db.pool()).await? else {
        return Ok((None, None));
    };
    let daily: Option<i64> = row.try_get("daily_bytes")?;
    Ok((daily.and_then(|bytes| u64::try_from(bytes).ok()), Some(row.try_get("set_by")?)))
}

/// Sets the licence; from now on the throttle follows it.
pub(super) async fn set(grant: &WorkspaceGrant, daily_bytes: Option<u64>, now_us: i64) -> Result<(), Refusal> {
    let workspace = grant.demand(&[Action::ManageLicence])?;
    let text = "insert into licence (one, daily_bytes, set_by, changed) values (1, $1, $2, $3) \
                on conflict (one) do update set daily_bytes = excluded.daily_bytes, set_by = excluded.set_by, changed = excluded.changed";
    let daily = daily_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    sqlx::query(text).bind(daily).bind(grant.actor()).bind(now_us).execute(workspace.db().pool()).await?;
    workspace.throttle().set(daily_bytes);
    Ok(())
}

/// Bytes of the files since an instant, by the meters.
pub(super) async fn bytes_since(grant: &WorkspaceGrant, from_us: i64) -> Result<u64, Refusal> {
    let workspace = grant.demand(&[Action::ViewHealth, Action::ManageLicence])?;
    let text = "select coalesce(sum(bytes), 0) as bytes from meter where grain = 300 and bucket >= $1";
    let row = sqlx::query(text).bind(from_us).fetch_one(workspace.db().pool()).await?;
    Ok(u64::try_from(row.try_get::<i64, _>("bytes")?).unwrap_or_default())
}
