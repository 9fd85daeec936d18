//! Who holds which grant on a customer: the console's half of "may be assigned".

use crate::{
    access::{Action, CustomerGrant, permits},
    store::word,
};
use bailiwick_api::Role;
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::Row;
use std::collections::HashSet;

/// Mail addresses, in lower case, of everybody whose grant on this customer lets them work its investigations.
pub(super) async fn granted(db: &Db, grant: &CustomerGrant) -> Result<HashSet<String>, Refusal> {
    let text = "select u.email, u.role, g.desired from grants g join users u on u.id = g.user_id \
                where g.customer_id = $1 and g.desired is not null";
    let rows = sqlx::query(text).bind(grant.customer().id.as_str()).fetch_all(db.pool()).await?;
    let mut emails = HashSet::new();
    for row in rows {
        let own: Role = word(&row.try_get::<String, _>(1)?)?;
        let granted: Role = word(&row.try_get::<String, _>(2)?)?;
        if permits(own.min(granted), Action::EditInvestigations) {
            emails.insert(row.try_get::<String, _>(0)?.to_lowercase());
        }
    }
    Ok(emails)
}
