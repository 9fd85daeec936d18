//! What acts on several investigations need of one: its row, inside their transaction.

use super::store::{BY_ID, Named};
use crate::access::WorkspaceGrant;
use bailiwick_api::InvestigationRow;
use bailiwick_chassis::{Refusal, sql::Tx};

/// A row as it is in a transaction.
pub(crate) async fn row_in(tx: &mut Tx, grant: &WorkspaceGrant, region: &str, id: &str) -> Result<InvestigationRow, Refusal> {
    let row = sqlx::query(BY_ID).bind(id).fetch_optional(&mut **tx).await?.ok_or_else(Refusal::not_found)?;
    Named::new(region, grant).row(&row)
}
