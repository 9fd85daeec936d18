//! Rows of `delegations`: written by what administrators decide, listed page by page.

use super::effective::Subject;
use crate::{State, store::word};
use bailiwick_api::{CustomerId, CustomerRef, Delegation, DelegationId, GroupId, GroupRef, Paged, Role, UserId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    secrets::random_id,
    sql::{Db, Tx, values},
};
use sqlx::{AnyConnection, AssertSqlSafe, Row, any::AnyRow};

/// Rows written by one statement: SQLite looks places up one by one, so that many in one statement take longer than many statements.
const BATCH: usize = 40;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select d.id, d.user_id, u.email, d.customer_id, c.name, c.region, d.group_id, g.name, d.role, d.expires, d.reason, b.email, d.created ",
            "from delegations d join users u on u.id = d.user_id join users b on b.id = d.delegated_by ",
            "left join customers c on c.id = d.customer_id left join customer_groups g on g.id = d.group_id ",
            $rest
        )
    };
}

/// Which to list.
#[derive(Debug, Default)]
pub(super) struct Of {
    pub(super) user: Option<UserId>,
    /// All that reach it.
    pub(super) customer: Option<CustomerId>,
    pub(super) group: Option<GroupId>,
}

/// A page, the latest first.
pub(super) async fn page(state: &State, of: &Of, limit: u32, cursor: Option<&str>) -> Result<Paged<Delegation>, Refusal> {
    let text = select!(
        "where ($1 = '' or d.user_id = $1) and ($2 = '' or d.subject = $2 or d.subject = 'all' \
         or d.group_id in (select group_id from group_members where customer_id = $2)) and ($3 = '' or d.group_id = $3) \
         and (d.created < $4 or (d.created = $4 and d.id > $5)) and (c.id is null or c.state = 'ACTIVE') order by d.created desc, d.id limit $6"
    );
    let (created, id) = cursor.map_or(Ok((i64::MAX, "")), place)?;
    let rows = sqlx::query(text)
        .bind(of.user.as_ref().map_or("", UserId::as_str).to_owned())
        .bind(of.customer.as_ref().map_or("", CustomerId::as_str).to_owned())
        .bind(of.group.as_ref().map_or("", GroupId::as_str).to_owned())
        .bind(created)
        .bind(id.to_owned())
        .bind(i64::from(limit) + 1)
        .fetch_all(state.db.pool())
        .await?;
    let now_us = state.clock.now_us();
    let mut data = rows.iter().map(|row| read(row, now_us)).collect::<Result<Vec<_>, _>>()?;
    let more = data.len() > limit as usize;
    data.truncate(limit as usize);
    let next = data.last().filter(|_| more).map(|last| format!("{}.{}", last.created_time.timestamp_micros(), last.id));
    Ok(Paged { data, next })
}

/// Where a page begins.
fn place(cursor: &str) -> Result<(i64, &str), Refusal> {
    let parts = cursor.split_once('.').and_then(|(created, id)| Some((created.parse().ok()?, id)));
    parts.ok_or_else(|| Refusal::invalid("CURSOR_INVALID", "cursor", "query: cursor: not one this console gave"))
}

/// What is decided of each pair of a person and a subject.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decided<'a> {
    /// None denies.
    pub(super) role: Option<Role>,
    pub(super) expires_us: Option<i64>,
    pub(super) reason: Option<&'a str>,
    pub(super) by: &'a UserId,
    pub(super) now_us: i64,
}

/// Writes what was decided of every person times every subject; what was decided of a pair before is replaced.
pub(super) async fn put(tx: &mut Tx, users: &[UserId], subjects: &[Subject], decided: Decided<'_>) -> Result<(), Refusal> {
    let pairs: Vec<(&UserId, &Subject)> = users.iter().flat_map(|user| subjects.iter().map(move |subject| (user, subject))).collect();
    for part in pairs.chunks(BATCH) {
        let text = format!(
            "insert into delegations (id, user_id, subject, customer_id, group_id, role, expires, reason, delegated_by, created) values {} \
             on conflict (user_id, subject) do update set role = excluded.role, expires = excluded.expires, reason = excluded.reason, \
             delegated_by = excluded.delegated_by, created = excluded.created",
            values(part.len(), 10)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (user, subject) in part {
            let (customer, group) = parts(subject);
            query = query.bind(random_id("delegation-")).bind(user.as_str().to_owned()).bind(key(subject).to_owned());
            query = query.bind(customer.map(str::to_owned)).bind(group.map(str::to_owned)).bind(decided.role.map(Role::as_str));
            query = query.bind(decided.expires_us).bind(decided.reason.map(str::to_owned)).bind(decided.by.as_str().to_owned());
            query = query.bind(decided.now_us);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Those of one person that were decided at one moment, which is what one call decided.
pub(super) async fn decided_at(tx: &mut Tx, user: &UserId, subjects: &[Subject], now_us: i64) -> Result<Vec<Delegation>, Refusal> {
    let wanted: std::collections::HashSet<&str> = subjects.iter().map(key).collect();
    let query = sqlx::query(select!("where d.user_id = $1 and d.created = $2 order by d.id"));
    let rows = query.bind(user.as_str().to_owned()).bind(now_us).fetch_all(&mut **tx).await?;
    let all = rows.iter().map(|row| read(row, now_us)).collect::<Result<Vec<_>, _>>()?;
    let named = |delegation: &Delegation| {
        let customer = delegation.customer.as_ref().map(|customer| customer.id.as_str());
        customer.or(delegation.group.as_ref().map(|group| group.id.as_str())).unwrap_or(ALL).to_owned()
    };
    Ok(all.into_iter().filter(|delegation| wanted.contains(named(delegation).as_str())).collect())
}

/// Takes one away: whose it was and about whom.
pub(super) async fn remove(tx: &mut Tx, id: &DelegationId) -> Result<Option<(UserId, Subject)>, Refusal> {
    let text = "delete from delegations where id = $1 returning user_id, customer_id, group_id";
    let row = sqlx::query(text).bind(id.as_str().to_owned()).fetch_optional(&mut **tx).await?;
    row.map(|row| Ok((UserId(row.try_get(0)?), subject(&row, 1, 2)?))).transpose()
}

/// Takes the one away that names this customer to this person. False when there is none.
pub(super) async fn remove_named(tx: &mut Tx, user: &UserId, customer: &CustomerId) -> Result<bool, Refusal> {
    let query = sqlx::query("delete from delegations where user_id = $1 and subject = $2");
    let done = query.bind(user.as_str().to_owned()).bind(customer.as_str().to_owned()).execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}

/// Takes away everything a person was delegated.
pub(super) async fn remove_of(tx: &mut Tx, user: &UserId) -> Result<(), Refusal> {
    sqlx::query("delete from delegations where user_id = $1").bind(user.as_str().to_owned()).execute(&mut **tx).await?;
    Ok(())
}

/// How many there are.
pub(super) async fn count(tx: &mut Tx) -> Result<i64, Refusal> {
    Ok(sqlx::query("select count(*) from delegations").fetch_one(&mut **tx).await?.try_get(0)?)
}

/// Everybody a group was delegated to.
pub(super) async fn people_of_group(tx: &mut AnyConnection, group: &GroupId) -> Result<Vec<UserId>, Refusal> {
    let query = sqlx::query("select user_id from delegations where group_id = $1 order by user_id");
    let rows = query.bind(group.as_str().to_owned()).fetch_all(&mut *tx).await?;
    rows.iter().map(|row| Ok(UserId(row.try_get(0)?))).collect()
}

/// Delegations that ended in a span: which, whose, and the customer they name. The span begins after `from` and ends with `to`.
pub(super) async fn ended(db: &Db, from_us: i64, to_us: i64) -> Result<Vec<(UserId, Option<CustomerId>)>, Refusal> {
    let text = "select user_id, customer_id from delegations where expires > $1 and expires <= $2 order by expires, id";
    let rows = sqlx::query(text).bind(from_us).bind(to_us).fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok((UserId(row.try_get(0)?), row.try_get::<Option<String>, _>(1)?.map(CustomerId)))).collect()
}

/// When the next one ends.
pub(super) async fn next_end(db: &Db, now_us: i64) -> Result<Option<i64>, Refusal> {
    let row = sqlx::query("select min(expires) from delegations where expires > $1").bind(now_us).fetch_one(db.pool()).await?;
    Ok(row.try_get(0)?)
}

/// Forgets those that ended before a moment.
pub(super) async fn forget(db: &Db, before_us: i64) -> Result<(), Refusal> {
    sqlx::query("delete from delegations where expires < $1").bind(before_us).execute(db.pool()).await?;
    Ok(())
}

/// Everybody who was delegated anything or holds a grant.
pub(super) async fn people(db: &Db) -> Result<Vec<UserId>, Refusal> {
    let text = "select user_id from delegations union select user_id from grants";
    let rows = sqlx::query(text).fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok(UserId(row.try_get(0)?))).collect()
}

const ALL: &str = "all";

fn key(subject: &Subject) -> &str {
    match subject {
        Subject::Customer(customer) => customer.as_str(),
        Subject::Group(group) => group.as_str(),
        Subject::All => ALL,
    }
}

fn parts(subject: &Subject) -> (Option<&str>, Option<&str>) {
    match subject {
        Subject::Customer(customer) => (Some(customer.as_str()), None),
        Subject::Group(group) => (None, Some(group.as_str())),
        Subject::All => (None, None),
    }
}

/// Whom a row is about.
pub(super) fn subject(row: &AnyRow, customer: usize, group: usize) -> Result<Subject, Refusal> {
    let (customer, group) = (row.try_get::<Option<String>, _>(customer)?, row.try_get::<Option<String>, _>(group)?);
    Ok(match (customer, group) {
        (Some(customer), _) => Subject::Customer(CustomerId(customer)),
        (None, Some(group)) => Subject::Group(GroupId(group)),
        (None, None) => Subject::All,
    })
}

fn read(row: &AnyRow, now_us: i64) -> Result<Delegation, Refusal> {
    let role = row.try_get::<Option<String>, _>(8)?.map(|text| word(&text)).transpose()?;
    let expires_us: Option<i64> = row.try_get(9)?;
    let about = subject(row, 3, 6)?;
    let customer = match &about {
        Subject::Customer(id) => Some(CustomerRef { id: id.clone(), name: row.try_get(4)?, region: row.try_get(5)? }),
        Subject::Group(_) | Subject::All => None,
    };
    let group = match &about {
        Subject::Group(id) => Some(GroupRef { id: id.clone(), name: row.try_get(7)? }),
        Subject::Customer(_) | Subject::All => None,
    };
    Ok(Delegation {
        id: DelegationId(row.try_get(0)?),
        user: UserId(row.try_get(1)?),
        email: row.try_get(2)?,
        customer,
        group,
        all: about == Subject::All,
        role,
        deny: role.is_none(),
        expires_time: expires_us.map(from_us),
        expired: expires_us.is_some_and(|at| at <= now_us),
        reason: row.try_get(10)?,
        by: row.try_get(11)?,
        created_time: from_us(row.try_get(12)?),
    })
}
