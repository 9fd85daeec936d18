//! Rows of `bulk`: which changes were made, by whom, and on which customers.

use super::ask::Name;
use crate::access::Actor;
use bailiwick_api::CustomerId;
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::Row;
use std::collections::HashSet;

/// How long a change is known for those who ask again.
const KEPT_US: i64 = 24 * 3_600 * 1_000_000;

/// A change that was made, or begun.
pub(super) struct Known {
    /// When it was begun first.
    pub(super) made_us: i64,
    /// Whom it is about.
    pub(super) customers: HashSet<CustomerId>,
    pub(super) digest: String,
}

/// A change of this person.
pub(super) async fn find(db: &Db, actor: &Actor, id: &str) -> Result<Option<Known>, Refusal> {
    let text = "select made, digest from bulk where id = $1 and user_id = $2";
    let Some(row) = sqlx::query(text).bind(id).bind(actor.user().as_str()).fetch_optional(db.pool()).await? else { return Ok(None) };
    let rows = sqlx::query("select customer_id from bulk_customers where bulk = $1").bind(id).fetch_all(db.pool()).await?;
    let customers = rows.iter().map(|row| Ok(CustomerId(row.try_get(0)?))).collect::<Result<_, Refusal>>()?;
    Ok(Some(Known { made_us: row.try_get(0)?, customers, digest: row.try_get(1)? }))
}

/// Notes that a change begins, before it does. Whoever asks twice at once begins it once; when it was begun is told.
pub(super) async fn begin(db: &Db, actor: &Actor, name: &Name, customers: &HashSet<CustomerId>, now_us: i64) -> Result<i64, Refusal> {
    let mut tx = db.begin().await?;
    let old = "delete from bulk where made < $1";
    sqlx::query(old).bind(now_us - KEPT_US).execute(&mut *tx).await?;
    let text = "insert into bulk (id, user_id, digest, made) values ($1, $2, $3, $4) on conflict (id) do update set made = bulk.made \
                returning made, digest";
    let query = sqlx::query(text).bind(&name.id).bind(actor.user().as_str()).bind(&name.digest).bind(now_us);
    let row = query.fetch_one(&mut *tx).await?;
    let (made_us, digest): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
    if digest != name.digest {
        return Err(reused());
    }
    for customer in customers {
        let text = "insert into bulk_customers (bulk, customer_id) values ($1, $2) on conflict (bulk, customer_id) do nothing";
        sqlx::query(text).bind(&name.id).bind(customer.as_str()).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(made_us)
}

pub(super) fn reused() -> Refusal {
    let detail = "Idempotency-Key: another change was asked for with it; a new change needs a new key";
    Refusal::conflict("IDEMPOTENCY_KEY_REUSED", detail).field("Idempotency-Key")
}

/// Customers whose investigations somebody of this address may be assigned, as the console knows it.
pub(super) async fn assignable(db: &Db, email: &str, now_us: i64) -> Result<HashSet<CustomerId>, Refusal> {
    use crate::{
        access::{Action, permits},
        store::word,
    };
    let text = "select g.customer_id, u.role, g.desired from grants g join users u on u.id = g.user_id where u.email_key = $1 \
                and g.desired is not null and (g.ends is null or g.ends > $2)";
    let rows = sqlx::query(text).bind(email.trim().to_lowercase()).bind(now_us).fetch_all(db.pool()).await?;
    let mut found = HashSet::new();
    for row in rows {
        let (own, granted): (bailiwick_api::Role, bailiwick_api::Role) = (word(&row.try_get::<String, _>(1)?)?, word(&row.try_get::<String, _>(2)?)?);
        if permits(own.min(granted), Action::EditInvestigations) {
            found.insert(CustomerId(row.try_get(0)?));
        }
    }
    Ok(found)
}
