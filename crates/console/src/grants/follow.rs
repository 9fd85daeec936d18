//! Grants follow from delegations: worked out anew in the transaction of whatever they follow from, and written where something changed.
//!
//! One read for a person or a customer, one comparison in memory, one batch of writes; a row that stays as it is is not touched, so its node
//! hears nothing.

use super::{
    decisions::{Decisions, Whose},
    effective::effective,
};
use crate::store::word;
use bailiwick_api::{CustomerId, Role, UserId};
use bailiwick_chassis::{
    Refusal,
    secrets::random_id,
    sql::{Tx, values},
};
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use std::collections::{HashMap, HashSet};

/// Rows written by one statement: SQLite looks places up one by one, so that many in one statement take longer than many statements.
const BATCH: usize = 40;

/// Why grants are worked out anew.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause<'a> {
    /// Who caused it; none when time did.
    pub(crate) by: Option<&'a UserId>,
    /// Customers that somebody was delegated anew by name: one that had revoked the person is asked again.
    pub(crate) anew: Option<&'a HashSet<CustomerId>>,
    /// When.
    pub(crate) now_us: i64,
}

/// People whose grants changed.
pub(crate) type Changed = HashSet<UserId>;

/// Has whoever changes what grants follow from wait for who does so already. First of all in a transaction that does.
pub(crate) async fn take_turn(tx: &mut Tx) -> Result<(), Refusal> {
    sqlx::query("update access_turn set revision = revision + 1 where one = 1").execute(&mut **tx).await?;
    Ok(())
}

/// Works out a person's grants.
pub(crate) async fn person(tx: &mut Tx, user: &UserId, cause: Cause<'_>) -> Result<Changed, Refusal> {
    work(tx, Whose::Person(user), cause).await
}

/// Works out everybody's grants on a customer. Nothing while it is on its way out.
pub(crate) async fn customer(tx: &mut Tx, customer: &CustomerId, cause: Cause<'_>) -> Result<Changed, Refusal> {
    take_turn(tx).await?;
    work(tx, Whose::Customer(customer), cause).await
}

async fn work(tx: &mut Tx, whose: Whose<'_>, cause: Cause<'_>) -> Result<Changed, Refusal> {
    let decisions = Decisions::read(tx, whose).await?;
    let (people, customers) = (people(tx, whose).await?, customers(tx, whose).await?);
    let rows = rows(tx, whose).await?;
    let changes = changes(&decisions, &people, &customers, &rows, cause);
    for part in changes.chunks(BATCH) {
        write(tx, part, cause.now_us).await?;
    }
    Ok(changes.into_iter().map(|change| change.user.clone()).collect())
}

/// A grant as it is.
#[derive(Clone, Debug)]
struct Held {
    desired: Option<Role>,
    ends_us: Option<i64>,
    refused: bool,
    by: UserId,
}

/// A grant as it is to be.
#[derive(Debug, PartialEq)]
struct Change<'a> {
    user: &'a UserId,
    customer: &'a CustomerId,
    desired: Option<Role>,
    ends_us: Option<i64>,
    refused: bool,
    by: UserId,
}

type Rows = HashMap<(UserId, CustomerId), Held>;

/// What is to be written: grants that are new, other, or over.
fn changes<'a>(
    decisions: &'a Decisions,
    people: &'a HashMap<UserId, Option<Role>>,
    customers: &'a HashSet<CustomerId>,
    rows: &'a Rows,
    cause: Cause<'_>,
) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    for user in decisions.people() {
        let own = people.get(user).copied().flatten();
        for customer in customers {
            let reaching = decisions.reaching(user, customer);
            let is = effective(own, &reaching, cause.now_us);
            let (Some(role), Some(by)) = (is.role, is.by) else { continue };
            let held = rows.get(&(user.clone(), customer.clone()));
            let anew = cause.anew.is_some_and(|anew| anew.contains(customer));
            let refused = held.is_some_and(|held| held.refused) && !anew;
            let same = |held: &Held| (held.desired, held.ends_us, held.refused) == (Some(role), is.ends_us, refused);
            if !held.is_some_and(same) {
                changes.push(Change { user, customer, desired: Some(role), ends_us: is.ends_us, refused, by: by.by.clone() });
            }
        }
    }
    for ((user, customer), held) in rows.iter().filter(|((_, customer), held)| held.desired.is_some() && customers.contains(customer)) {
        let own = people.get(user).copied().flatten();
        if effective(own, &decisions.reaching(user, customer), cause.now_us).role.is_none() {
            let by = cause.by.unwrap_or(&held.by).clone();
            changes.push(Change { user, customer, desired: None, ends_us: None, refused: false, by });
        }
    }
    changes
}

/// Roles at the console; none of whoever is disabled.
async fn people(tx: &mut AnyConnection, whose: Whose<'_>) -> Result<HashMap<UserId, Option<Role>>, Refusal> {
    let only = if let Whose::Person(user) = whose { user.as_str() } else { "" };
    let text = "select id, role, disabled, deleted from users where ($1 = '' or id = $1)";
    let rows = sqlx::query(text).bind(only.to_owned()).fetch_all(&mut *tx).await?;
    let person = |row: &sqlx::any::AnyRow| {
        let kept = row.try_get::<Option<i64>, _>(2)?.is_none() && row.try_get::<Option<i64>, _>(3)?.is_none();
        let role: Role = word(&row.try_get::<String, _>(1)?)?;
        Ok((UserId(row.try_get(0)?), kept.then_some(role)))
    };
    rows.iter().map(person).collect()
}

/// Customers that are not on their way out.
async fn customers(tx: &mut AnyConnection, whose: Whose<'_>) -> Result<HashSet<CustomerId>, Refusal> {
    let only = if let Whose::Customer(customer) = whose { customer.as_str() } else { "" };
    let text = "select id from customers where state = 'ACTIVE' and ($1 = '' or id = $1)";
    let rows = sqlx::query(text).bind(only.to_owned()).fetch_all(&mut *tx).await?;
    rows.iter().map(|row| Ok(CustomerId(row.try_get(0)?))).collect()
}

async fn rows(tx: &mut AnyConnection, whose: Whose<'_>) -> Result<Rows, Refusal> {
    let (user, customer) = match whose {
        Whose::Person(user) => (user.as_str(), ""),
        Whose::Customer(customer) => ("", customer.as_str()),
        Whose::Both(user, customer) => (user.as_str(), customer.as_str()),
        Whose::Everybody => ("", ""),
    };
    let text = "select user_id, customer_id, desired, ends, state, granted_by from grants \
                where ($1 = '' or user_id = $1) and ($2 = '' or customer_id = $2)";
    let rows = sqlx::query(text).bind(user.to_owned()).bind(customer.to_owned()).fetch_all(&mut *tx).await?;
    let held = |row: &sqlx::any::AnyRow| {
        let held = Held {
            desired: row.try_get::<Option<String>, _>(2)?.map(|text| word(&text)).transpose()?,
            ends_us: row.try_get(3)?,
            refused: row.try_get::<String, _>(4)? == "REFUSED",
            by: UserId(row.try_get(5)?),
        };
        Ok(((UserId(row.try_get(0)?), CustomerId(row.try_get(1)?)), held))
    };
    rows.iter().map(held).collect()
}

async fn write(tx: &mut Tx, changes: &[Change<'_>], now_us: i64) -> Result<(), Refusal> {
    let text = format!(
        "insert into grants (id, user_id, customer_id, desired, ends, state, revision, granted_by, updated) values {} \
         on conflict (user_id, customer_id) do update set desired = excluded.desired, ends = excluded.ends, state = excluded.state, \
         detail = case when excluded.state = 'REFUSED' then grants.detail else null end, revision = grants.revision + 1, \
         granted_by = excluded.granted_by, updated = excluded.updated",
        values(changes.len(), 9)
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for change in changes {
        let state = if change.refused { "REFUSED" } else { "PENDING" };
        query = query.bind(random_id("grant-")).bind(change.user.as_str().to_owned()).bind(change.customer.as_str().to_owned());
        query = query.bind(change.desired.map(|role| role.as_str())).bind(change.ends_us).bind(state).bind(1_i64);
        query = query.bind(change.by.as_str().to_owned()).bind(now_us);
    }
    query.execute(&mut **tx).await?;
    Ok(())
}
