//! Rows of `preferences`; who has none has never changed anything.

use super::{Kept, Linked};
use crate::store::word;
use bailiwick_api::UserId;
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use sqlx::{Any, Executor, Row};

pub(super) async fn kept(db: &Db, user: &UserId) -> Result<Kept, Refusal> {
    read(db.pool(), user).await
}

pub(super) async fn kept_in(tx: &mut Tx, user: &UserId) -> Result<Kept, Refusal> {
    read(&mut **tx, user).await
}

async fn read(on: impl Executor<'_, Database = Any>, user: &UserId) -> Result<Kept, Refusal> {
    let text = "select multi_customer, density, single_keys from preferences where user_id = $1";
    let Some(row) = sqlx::query(text).bind(user.as_str().to_owned()).fetch_optional(on).await? else { return Ok(Kept::default()) };
    Ok(Kept {
        multi_customer: row.try_get::<i64, _>(0)? != 0,
        density: word(&row.try_get::<String, _>(1)?)?,
        single_keys: row.try_get::<i64, _>(2)? != 0,
    })
}

/// Whether somebody is shown views over many customers.
pub(crate) async fn multi_customer(db: &Db, user: &UserId) -> Result<bool, Refusal> {
    Ok(kept(db, user).await?.multi_customer)
}

pub(super) async fn keep(tx: &mut Tx, user: &UserId, kept: Kept) -> Result<(), Refusal> {
    let text = "insert into preferences (user_id, multi_customer, density, single_keys) values ($1, $2, $3, $4) on conflict (user_id) do update set \
                multi_customer = excluded.multi_customer, density = excluded.density, single_keys = excluded.single_keys";
    let query = sqlx::query(text).bind(user.as_str()).bind(i64::from(kept.multi_customer)).bind(kept.density.as_str());
    query.bind(i64::from(kept.single_keys)).execute(&mut **tx).await?;
    Ok(())
}

/// What there is of customers and licences.
pub(super) async fn linked(db: &Db) -> Result<Linked, Refusal> {
    let some = async |text: &'static str| Ok::<_, Refusal>(sqlx::query(text).fetch_optional(db.pool()).await?.is_some());
    Ok(Linked {
        customers: some("select id from customers where state = 'ACTIVE' limit 1").await?,
        licences: some("select one from licence_pool where set_time is not null").await?,
        licensed: some("select c.id from customers c join licence_allocation a on a.customer_id = c.id where c.state = 'ACTIVE' limit 1").await?,
    })
}
