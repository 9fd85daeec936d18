//! Whether anything of a workspace may become a file that leaves it: its administrator's decision, no until they say yes.

use crate::access::WorkspaceGrant;
use bailiwick_chassis::Refusal;
use sqlx::Row;

/// As the administrator decided.
pub(crate) async fn allowed(grant: &WorkspaceGrant) -> Result<bool, Refusal> {
    let query = sqlx::query("select allowed from export_setting where id = 1");
    let row = query.fetch_optional(grant.workspace().db().pool()).await?;
    Ok(row.map(|row| row.try_get::<i64, _>("allowed")).transpose()?.is_some_and(|allowed| allowed != 0))
}
