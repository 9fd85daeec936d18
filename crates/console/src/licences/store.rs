//! Rows of `licence_pool`, `licence_allocation` and `licence_warning`.

use super::{Told, pool::NewPool};
use crate::{
    access::{Actor, Seen},
    store::word,
};
use bailiwick_api::{CustomerId, LicenceResource, PoolSource, Resources};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use sqlx::{Any, Row as _, any::AnyRow, query::Query};
use std::collections::HashMap;

/// The pool as it is kept. Times are microseconds UTC.
#[derive(Clone, Debug, Default)]
pub(super) struct PoolRow {
    pub(super) resources: Resources,
    pub(super) expires_us: Option<i64>,
    pub(super) source: Option<PoolSource>,
    pub(super) licensee: Option<String>,
    pub(super) set_by: Option<String>,
    /// None before there is a pool.
    pub(super) set_us: Option<i64>,
}

/// An allocation as it is kept. Times are microseconds UTC.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) revision: i64,
    pub(super) resources: Resources,
    pub(super) by_email: String,
    pub(super) by_name: String,
    pub(super) allocated: i64,
    pub(super) reason: Option<String>,
    pub(super) applied_revision: Option<i64>,
    pub(super) applied: Option<Resources>,
    pub(super) applied_time: Option<i64>,
    pub(super) pending_since: Option<i64>,
    pub(super) pending_reason: Option<String>,
}

macro_rules! columns {
    () => {
        "sources, users, continuous_daily_bytes, frequent_daily_bytes, infrequent_daily_bytes, retention_days"
    };
}

macro_rules! pool_columns {
    () => {
        concat!(columns!(), ", expires, source, licensee, set_by, set_time")
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select customer_id, revision, ",
            columns!(),
            ", allocated_by, allocated_by_name, allocated_time, reason, applied_revision, applied, applied_time, pending_since, pending_reason \
             from licence_allocation ",
            $rest
        )
    };
}

/// Retention is the highest, the others are sums. The databases make other types of sums; these are cast back.
macro_rules! sums {
    ($rest:literal) => {
        concat!(
            "select cast(sum(sources) as bigint) as sources, cast(sum(users) as bigint) as users, \
             cast(sum(continuous_daily_bytes) as bigint) as continuous_daily_bytes, cast(sum(frequent_daily_bytes) as bigint) as frequent_daily_bytes, \
             cast(sum(infrequent_daily_bytes) as bigint) as infrequent_daily_bytes, max(retention_days) as retention_days from licence_allocation ",
            $rest
        )
    };
}

/// The pool.
pub(super) async fn pool(db: &Db) -> Result<PoolRow, Refusal> {
    let row = sqlx::query(concat!("select ", pool_columns!(), " from licence_pool where one = 1")).fetch_one(db.pool()).await?;
    read_pool(&row)
}

/// The pool, held until the transaction ends: on both databases the second waits here for the first.
pub(super) async fn take_pool(tx: &mut Tx) -> Result<PoolRow, Refusal> {
    let text = concat!("update licence_pool set revision = revision + 1 where one = 1 returning ", pool_columns!());
    read_pool(&sqlx::query(text).fetch_one(&mut **tx).await?)
}

pub(super) async fn set_pool(tx: &mut Tx, new: &NewPool, actor: &Actor, now_us: i64) -> Result<(), Refusal> {
    let text = "update licence_pool set sources = $1, users = $2, continuous_daily_bytes = $3, frequent_daily_bytes = $4, infrequent_daily_bytes = $5, \
                retention_days = $6, expires = $7, source = $8, licensee = $9, set_by = $10, set_time = $11 where one = 1";
    let query = numbers(sqlx::query(text), &new.resources).bind(new.expires_us).bind(new.source.as_str()).bind(new.licensee.clone());
    query.bind(actor.email()).bind(now_us).execute(&mut **tx).await?;
    Ok(())
}

fn read_pool(row: &AnyRow) -> Result<PoolRow, Refusal> {
    let source: Option<String> = row.try_get("source")?;
    Ok(PoolRow {
        resources: read_numbers(row)?,
        expires_us: row.try_get("expires")?,
        source: source.map(|text| word(&text)).transpose()?,
        licensee: row.try_get("licensee")?,
        set_by: row.try_get("set_by")?,
        set_us: row.try_get("set_time")?,
    })
}

/// What is allocated, to everybody but one or to everybody. In the transaction that took the pool.
pub(super) async fn allocated(tx: &mut Tx, but: Option<&Seen>) -> Result<Resources, Refusal> {
    let but = but.map_or("", |seen| seen.customer().id.as_str()).to_owned();
    let row = sqlx::query(sums!("where customer_id <> $1")).bind(but).fetch_one(&mut **tx).await?;
    read_numbers(&row)
}

/// The same of everybody, for the pool as shown to those who manage it.
pub(super) async fn sums(db: &Db) -> Result<Resources, Refusal> {
    read_numbers(&sqlx::query(sums!("")).fetch_one(db.pool()).await?)
}

/// Writes an allocation: it waits from now on, until the node confirms this very one.
pub(super) async fn allocate(tx: &mut Tx, seen: &Seen, actor: &Actor, wanted: &Resources, reason: Option<&str>, now_us: i64) -> Result<(), Refusal> {
    let text = concat!(
        "insert into licence_allocation (",
        columns!(),
        ", customer_id, revision, allocated_by, allocated_by_name, allocated_time, reason, pending_since) \
         values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, $10) on conflict (customer_id) do update set \
         sources = excluded.sources, users = excluded.users, continuous_daily_bytes = excluded.continuous_daily_bytes, \
         frequent_daily_bytes = excluded.frequent_daily_bytes, infrequent_daily_bytes = excluded.infrequent_daily_bytes, \
         retention_days = excluded.retention_days, revision = licence_allocation.revision + 1, allocated_by = excluded.allocated_by, \
         allocated_by_name = excluded.allocated_by_name, allocated_time = excluded.allocated_time, reason = excluded.reason, \
         pending_since = excluded.pending_since, pending_reason = null"
    );
    let query = numbers(sqlx::query(text), wanted).bind(seen.customer().id.as_str()).bind(actor.email()).bind(actor.name());
    query.bind(now_us).bind(reason.map(str::to_owned)).execute(&mut **tx).await?;
    Ok(())
}

/// One customer's allocation.
pub(super) async fn of(db: &Db, seen: &Seen) -> Result<Option<Row>, Refusal> {
    find(db, &seen.customer().id).await
}

/// The same, by a sync at work, for no person.
pub(super) async fn find(db: &Db, customer: &CustomerId) -> Result<Option<Row>, Refusal> {
    let row = sqlx::query(select!("where customer_id = $1")).bind(customer.as_str()).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// All allocations; whoever asks leaves out those that are not for the person.
pub(super) async fn all(db: &Db) -> Result<HashMap<CustomerId, Row>, Refusal> {
    let rows = sqlx::query(select!("")).fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok((CustomerId(row.try_get("customer_id")?), read(row)?))).collect()
}

/// The node has what it was told, and nothing else was decided meanwhile. By a sync at work, for no person.
pub(super) async fn applied(db: &Db, customer: &CustomerId, told: &Told, now_us: i64) -> Result<(), Refusal> {
    let text = "update licence_allocation set applied_revision = $2, applied = $3, applied_time = $4, \
                pending_since = case when revision = $2 then null else pending_since end, \
                pending_reason = case when revision = $2 then null else pending_reason end \
                where customer_id = $1 and (applied_revision is null or applied_revision < $2)";
    let applied = serde_json::to_string(&told.resources).map_err(Refusal::internal)?;
    let query = sqlx::query(text).bind(customer.as_str()).bind(told.revision).bind(applied).bind(now_us);
    query.execute(db.pool()).await?;
    Ok(())
}

/// Why one waits still. By a sync at work, for no person.
pub(super) async fn delayed(db: &Db, customer: &CustomerId, why: &str) -> Result<(), Refusal> {
    let text = "update licence_allocation set pending_reason = $2 where customer_id = $1 and pending_since is not null";
    sqlx::query(text).bind(customer.as_str()).bind(why).execute(db.pool()).await?;
    Ok(())
}

/// Whether a warning was written down.
pub(super) async fn is_warned(db: &Db, ends_us: i64, days: u32) -> Result<bool, Refusal> {
    let text = "select days from licence_warning where expires = $1 and days = $2";
    Ok(sqlx::query(text).bind(ends_us).bind(i64::from(days)).fetch_optional(db.pool()).await?.is_some())
}

/// Notes a warning; false when it was noted before.
pub(super) async fn warned(tx: &mut Tx, ends_us: i64, days: u32) -> Result<bool, Refusal> {
    let text = "insert into licence_warning (expires, days) values ($1, $2) on conflict (expires, days) do nothing";
    Ok(sqlx::query(text).bind(ends_us).bind(i64::from(days)).execute(&mut **tx).await?.rows_affected() == 1)
}

type AnyQuery<'q> = Query<'q, Any, sqlx::any::AnyArguments>;

/// Binds `$1` to `$6`, in the order of the vocabulary.
fn numbers<'q>(query: AnyQuery<'q>, resources: &Resources) -> AnyQuery<'q> {
    LicenceResource::ALL.iter().fold(query, |query, resource| query.bind(resources.get(*resource).and_then(|number| i64::try_from(number).ok())))
}

fn read_numbers(row: &AnyRow) -> Result<Resources, Refusal> {
    let mut resources = Resources::default();
    for resource in LicenceResource::ALL {
        let number: Option<i64> = row.try_get(resource.as_str())?;
        resources.set(*resource, number.and_then(|number| u64::try_from(number).ok()));
    }
    Ok(resources)
}

fn read(row: &AnyRow) -> Result<Row, Refusal> {
    let applied: Option<String> = row.try_get("applied")?;
    Ok(Row {
        revision: row.try_get("revision")?,
        resources: read_numbers(row)?,
        by_email: row.try_get("allocated_by")?,
        by_name: row.try_get("allocated_by_name")?,
        allocated: row.try_get("allocated_time")?,
        reason: row.try_get("reason")?,
        applied_revision: row.try_get("applied_revision")?,
        applied: applied.map(|text| serde_json::from_str(&text).map_err(Refusal::internal)).transpose()?,
        applied_time: row.try_get("applied_time")?,
        pending_since: row.try_get("pending_since")?,
        pending_reason: row.try_get("pending_reason")?,
    })
}
