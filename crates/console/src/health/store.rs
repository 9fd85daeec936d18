//! Rows of `health`: one per customer; a row changes when its node does.

use bailiwick_api::{CustomerId, Health, NodeId};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};

/// Begins a customer's row.
pub(crate) async fn begin(tx: &mut Tx, customer: &CustomerId, health: Health, now_us: i64) -> Result<(), Refusal> {
    let text = "insert into health (customer_id, state, since) values ($1, $2, $3)";
    sqlx::query(text).bind(customer.as_str()).bind(health.as_str()).bind(now_us).execute(&mut **tx).await?;
    Ok(())
}

/// Writes a node's state to the rows of its customers, where it differs. True when a state changed.
pub(super) async fn set(db: &Db, node: &NodeId, health: Health, detail: Option<&str>, now_us: i64) -> Result<bool, Refusal> {
    let text = "update health set state = $2, since = $3, detail = $4 \
                where state <> $2 and customer_id in (select id from customers where node = $1)";
    let query = sqlx::query(text).bind(node.as_str()).bind(health.as_str()).bind(now_us).bind(detail.map(str::to_owned));
    let changed = query.execute(db.pool()).await?.rows_affected() > 0;
    let text = "update health set detail = $2 where coalesce(detail, '') <> coalesce($2, '') \
                and customer_id in (select id from customers where node = $1)";
    sqlx::query(text).bind(node.as_str()).bind(detail.map(str::to_owned)).execute(db.pool()).await?;
    Ok(changed)
}

/// Whether the database answers.
pub(super) async fn database_answers(db: &Db) -> Result<(), Refusal> {
    sqlx::query("select 1").execute(db.pool()).await?;
    Ok(())
}
