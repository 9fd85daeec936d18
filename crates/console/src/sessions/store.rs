//! Whether a single-use link exists; everything else about sessions and links is in the chassis.

use bailiwick_chassis::{Refusal, secrets, sql::Db};

pub(super) async fn link_exists(db: &Db, token: &str) -> Result<bool, Refusal> {
    let row = sqlx::query("select purpose from link where digest = $1").bind(secrets::digest(token)).fetch_optional(db.pool()).await?;
    Ok(row.is_some())
}
