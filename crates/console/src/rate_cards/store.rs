//! Rows of `rate_card`. The rates are kept as they travel, so that no database rounds them.

use bailiwick_api::{CustomerId, dashboards::RateCard};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::Row;

/// Every card; whoever asks leaves out those that are not for the person.
pub(super) async fn all(db: &Db) -> Result<Vec<RateCard>, Refusal> {
    let rows = sqlx::query("select customer_id, effective_from, rates from rate_card").fetch_all(db.pool()).await?;
    let one = |row: &sqlx::any::AnyRow| {
        Ok(RateCard {
            customer: row.try_get::<Option<String>, _>(0)?.map(CustomerId),
            effective_from: from_us(row.try_get(1)?),
            rates: serde_json::from_str(&row.try_get::<String, _>(2)?).map_err(Refusal::internal)?,
        })
    };
    rows.iter().map(one).collect()
}

/// How many there are, in all and of one.
pub(super) async fn count(tx: &mut Tx, customer: Option<&CustomerId>) -> Result<(i64, i64), Refusal> {
    let whom = customer.map_or("", |customer| customer.as_str()).to_owned();
    let all = sqlx::query("select count(*) from rate_card").fetch_one(&mut **tx).await?.try_get(0)?;
    let of_one = sqlx::query("select count(*) from rate_card where whom = $1").bind(whom).fetch_one(&mut **tx).await?.try_get(0)?;
    Ok((all, of_one))
}

pub(super) async fn put(tx: &mut Tx, card: &RateCard) -> Result<(), Refusal> {
    let text = "insert into rate_card (whom, effective_from, customer_id, rates) values ($1, $2, $3, $4) \
                on conflict (whom, effective_from) do update set rates = excluded.rates";
    let customer = card.customer.as_ref().map(|customer| customer.as_str().to_owned());
    let rates = serde_json::to_string(&card.rates).map_err(Refusal::internal)?;
    let query = sqlx::query(text).bind(customer.clone().unwrap_or_default()).bind(card.effective_from.timestamp_micros());
    query.bind(customer).bind(rates).execute(&mut **tx).await?;
    Ok(())
}

/// False when there is none.
pub(super) async fn remove(tx: &mut Tx, customer: Option<&CustomerId>, from_us: i64) -> Result<bool, Refusal> {
    let whom = customer.map_or("", |customer| customer.as_str()).to_owned();
    let query = sqlx::query("delete from rate_card where whom = $1 and effective_from = $2").bind(whom).bind(from_us);
    Ok(query.execute(&mut **tx).await?.rows_affected() == 1)
}
