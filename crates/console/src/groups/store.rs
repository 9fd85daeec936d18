//! Rows of `customer_groups` and `group_members`. Customers on their way out stay in their groups and are not shown.

use super::name_taken;
use crate::customers::name_key;
use bailiwick_api::{CustomerId, CustomerRef, Group, GroupId, GroupRef};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx, values},
};
use sqlx::{AssertSqlSafe, Row, any::AnyRow};
use std::collections::HashMap;

/// Rows written by one statement: SQLite looks places up one by one, so that many in one statement take longer than many statements.
const BATCH: usize = 200;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select g.id, g.name, g.created, g.created_by, ",
            "(select count(*) from group_members m join customers c on c.id = m.customer_id where m.group_id = g.id and c.state = 'ACTIVE'), ",
            "(select count(*) from delegations d where d.group_id = g.id) from customer_groups g ",
            $rest
        )
    };
}

pub(super) async fn all(db: &Db) -> Result<Vec<Group>, Refusal> {
    sqlx::query(select!("")).fetch_all(db.pool()).await?.iter().map(read).collect()
}

pub(super) async fn find(db: &Db, id: &GroupId) -> Result<Option<Group>, Refusal> {
    let row = sqlx::query(select!("where g.id = $1")).bind(id.as_str()).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// A group's name; none when there is no such group.
pub(crate) async fn name_in(tx: &mut Tx, id: &GroupId) -> Result<Option<String>, Refusal> {
    let row = sqlx::query("select name from customer_groups where id = $1").bind(id.as_str()).fetch_optional(&mut **tx).await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64, Refusal> {
    Ok(sqlx::query("select count(*) from customer_groups").fetch_one(&mut **tx).await?.try_get(0)?)
}

/// Who is in a group.
pub(super) async fn members(db: &Db, id: &GroupId) -> Result<Vec<CustomerRef>, Refusal> {
    let text = "select c.id, c.name, c.region from group_members m join customers c on c.id = m.customer_id \
                where m.group_id = $1 and c.state = 'ACTIVE'";
    let rows = sqlx::query(text).bind(id.as_str()).fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok(CustomerRef { id: CustomerId(row.try_get(0)?), name: row.try_get(1)?, region: row.try_get(2)? })).collect()
}

/// The groups of one customer or of all, by name.
pub(crate) async fn of_customers(db: &Db, only: Option<&CustomerId>) -> Result<HashMap<CustomerId, Vec<GroupRef>>, Refusal> {
    let text = "select m.customer_id, g.id, g.name from group_members m join customer_groups g on g.id = m.group_id \
                where ($1 = '' or m.customer_id = $1)";
    let rows = sqlx::query(text).bind(only.map_or("", CustomerId::as_str).to_owned()).fetch_all(db.pool()).await?;
    let mut groups: HashMap<CustomerId, Vec<GroupRef>> = HashMap::new();
    for row in rows {
        let group = GroupRef { id: GroupId(row.try_get(1)?), name: row.try_get(2)? };
        groups.entry(CustomerId(row.try_get(0)?)).or_default().push(group);
    }
    for of_one in groups.values_mut() {
        of_one.sort_by_cached_key(|group| name_key(&group.name));
    }
    Ok(groups)
}

pub(super) async fn insert(tx: &mut Tx, group: &Group) -> Result<(), Refusal> {
    let text = "insert into customer_groups (id, name, name_key, created, created_by) values ($1, $2, $3, $4, $5)";
    let query = sqlx::query(text).bind(group.id.as_str()).bind(&group.name).bind(name_key(&group.name));
    let done = query.bind(group.created_time.timestamp_micros()).bind(&group.created_by).execute(&mut **tx).await;
    unique(done)
}

pub(super) async fn rename(tx: &mut Tx, id: &GroupId, name: &str) -> Result<(), Refusal> {
    let query = sqlx::query("update customer_groups set name = $2, name_key = $3 where id = $1").bind(id.as_str());
    unique(query.bind(name).bind(name_key(name)).execute(&mut **tx).await)
}

/// Says who is in a group from now on. Who is on their way out and was in it stays.
pub(super) async fn set_members(tx: &mut Tx, id: &GroupId, members: &[CustomerId]) -> Result<(), Refusal> {
    let text = "delete from group_members where group_id = $1 and customer_id in (select id from customers where state = 'ACTIVE')";
    sqlx::query(text).bind(id.as_str()).execute(&mut **tx).await?;
    for part in members.chunks(BATCH) {
        let text = format!("insert into group_members (group_id, customer_id) values {} on conflict do nothing", values(part.len(), 2));
        let mut query = sqlx::query(AssertSqlSafe(text));
        for customer in part {
            query = query.bind(id.as_str().to_owned()).bind(customer.as_str().to_owned());
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Takes a group away, and with it who is in it and the delegations that name it.
pub(super) async fn remove(tx: &mut Tx, id: &GroupId) -> Result<(), Refusal> {
    sqlx::query("delete from customer_groups where id = $1").bind(id.as_str()).execute(&mut **tx).await?;
    Ok(())
}

fn unique(done: Result<sqlx::any::AnyQueryResult, sqlx::Error>) -> Result<(), Refusal> {
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(name_taken()),
        other => Ok(other.map(drop)?),
    }
}

fn read(row: &AnyRow) -> Result<Group, Refusal> {
    let count = |column: usize| Ok::<u32, sqlx::Error>(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(u32::MAX));
    Ok(Group {
        id: GroupId(row.try_get(0)?),
        name: row.try_get(1)?,
        customer_count: count(4)?,
        delegation_count: count(5)?,
        created_time: from_us(row.try_get(2)?),
        created_by: row.try_get(3)?,
    })
}
