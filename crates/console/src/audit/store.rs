//! Names of the customers in lines.

use bailiwick_api::AuditEntry;
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::{AssertSqlSafe, Row};
use std::collections::{BTreeSet, HashMap};

/// Puts the names of customers in lines whose ids are there: the name as it is, or as it was when the customer was removed.
pub(super) async fn name(db: &Db, entries: &mut [AuditEntry]) -> Result<(), Refusal> {
    let ids: BTreeSet<String> = entries.iter().filter_map(|entry| Some(entry.customer.as_ref()?.id.0.clone())).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let places: Vec<_> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let places = places.join(", ");
    let mut names: HashMap<String, String> = HashMap::with_capacity(ids.len());
    // A later text wins: what is there is called as it is.
    for text in [
        format!("select customer_id, name from removals where customer_id in ({places}) order by requested"),
        format!("select id, name from customers where id in ({places}) and state = 'ACTIVE'"),
    ] {
        let query = ids.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, id| query.bind(id.clone()));
        for row in query.fetch_all(db.pool()).await? {
            names.insert(row.try_get(0)?, row.try_get(1)?);
        }
    }
    for customer in entries.iter_mut().filter_map(|entry| entry.customer.as_mut()) {
        if let Some(name) = names.get(customer.id.as_str()) {
            customer.name.clone_from(name);
        }
    }
    Ok(())
}
