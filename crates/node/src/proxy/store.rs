//! The reverse proxy of a workspace in its database.

use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::Proxy;
use bailiwick_chassis::Refusal;
use sqlx::Row;

/// As it was told last; none at first.
pub(crate) async fn read(grant: &WorkspaceGrant) -> Result<Proxy, Refusal> {
    let workspace = grant.demand(&[Action::ManageSources, Action::Sync])?;
    let row = sqlx::query("select value from proxy where one = 1").fetch_optional(workspace.db().pool()).await?;
    row.map_or_else(|| Ok(Proxy::default()), |row| serde_json::from_str(&row.try_get::<String, _>("value")?).map_err(Refusal::internal))
}

/// Tells it anew.
pub(super) async fn write(grant: &WorkspaceGrant, proxy: &Proxy, now_us: i64) -> Result<(), Refusal> {
    let workspace = grant.demand(&[Action::ManageSources])?;
    let text = "insert into proxy (one, value, changed, changed_by) values (1, $1, $2, $3) \
                on conflict (one) do update set value = excluded.value, changed = excluded.changed, changed_by = excluded.changed_by";
    let value = serde_json::to_string(proxy).map_err(Refusal::internal)?;
    sqlx::query(text).bind(value).bind(now_us).bind(grant.actor()).execute(workspace.db().pool()).await?;
    Ok(())
}
