//! Rows of `users`. An address is one person whatever its case; who was let go stays as a row that no list shows.

use crate::store::word;
use bailiwick_api::{GrantCounts, Role, User, UserId, UserState};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

macro_rules! select {
    ($rest:literal) => {
        concat!("select id, email, name, role, password, disabled, last_seen, created, may_save_dashboards from users ", $rest)
    };
}

/// A person's last call is written down once a minute.
const MINUTE_US: i64 = 60_000_000;

/// The form in which two addresses are compared.
fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A person who can sign in.
pub async fn active(db: &Db, id: &UserId) -> Result<Option<User>, Refusal> {
    let query = sqlx::query(select!("where id = $1 and password is not null and disabled is null and deleted is null"));
    query.bind(id.as_str()).fetch_optional(db.pool()).await?.as_ref().map(read).transpose()
}

/// A person who was not let go.
pub async fn find(db: &Db, id: &UserId) -> Result<Option<User>, Refusal> {
    let row = sqlx::query(select!("where id = $1 and deleted is null")).bind(id.as_str()).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// The same in a transaction.
pub(crate) async fn find_in(tx: &mut Tx, id: &UserId) -> Result<Option<User>, Refusal> {
    let row = sqlx::query(select!("where id = $1 and deleted is null")).bind(id.as_str()).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read).transpose()
}

/// A person by address, with the hash of their password; none while they are disabled.
pub async fn credentials(db: &Db, email: &str) -> Result<Option<(User, Option<String>)>, Refusal> {
    let row = sqlx::query(select!("where email_key = $1 and deleted is null")).bind(email_key(email)).fetch_optional(db.pool()).await?;
    let one = |row: &AnyRow| {
        let (user, hash) = (read(row)?, row.try_get::<Option<String>, _>(4)?);
        let hash = hash.filter(|_| user.state != UserState::Disabled);
        Ok((user, hash))
    };
    row.as_ref().map(one).transpose()
}

/// Everybody, by address.
pub(super) async fn list(db: &Db) -> Result<Vec<User>, Refusal> {
    let rows = sqlx::query(select!("where deleted is null")).fetch_all(db.pool()).await?;
    let mut users = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    users.sort_by_cached_key(|user| email_key(&user.email));
    Ok(users)
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64, Refusal> {
    Ok(sqlx::query("select count(*) from users where deleted is null").fetch_one(&mut **tx).await?.try_get(0)?)
}

const ADMINISTRATORS: &str = "select count(*) from users where role = 'administrator' and password is not null and disabled is null \
                              and deleted is null and id <> $1";

pub(super) async fn has_administrator(db: &Db) -> Result<bool, Refusal> {
    Ok(sqlx::query(ADMINISTRATORS).bind("").fetch_one(db.pool()).await?.try_get::<i64, _>(0)? > 0)
}

pub(super) async fn has_administrator_in(tx: &mut Tx) -> Result<bool, Refusal> {
    Ok(sqlx::query(ADMINISTRATORS).bind("").fetch_one(&mut **tx).await?.try_get::<i64, _>(0)? > 0)
}

/// Whether there is an administrator who can sign in besides somebody.
pub(super) async fn has_other_administrator(tx: &mut Tx, than: &UserId) -> Result<bool, Refusal> {
    Ok(sqlx::query(ADMINISTRATORS).bind(than.as_str()).fetch_one(&mut **tx).await?.try_get::<i64, _>(0)? > 0)
}

pub(super) async fn insert(tx: &mut Tx, user: &User) -> Result<(), Refusal> {
    let text = "insert into users (id, email, email_key, name, role, created, may_save_dashboards) values ($1, $2, $3, $4, $5, $6, $7)";
    let done = sqlx::query(text)
        .bind(user.id.as_str())
        .bind(&user.email)
        .bind(email_key(&user.email))
        .bind(&user.name)
        .bind(user.role.as_str())
        .bind(user.created_time.timestamp_micros())
        .bind(i64::from(user.may_save_dashboards))
        .execute(&mut **tx)
        .await;
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(Refusal::conflict("EMAIL_TAKEN", "email: somebody has this address").field("email")),
        other => Ok(other.map(drop)?),
    }
}

/// What of a person is written.
pub(super) struct Written<'a> {
    pub(super) name: &'a str,
    pub(super) role: Role,
    pub(super) may_save_dashboards: bool,
    /// Since when, where they are disabled.
    pub(super) disabled_us: Option<i64>,
}

/// Writes name, role, what they may besides, and whether they are disabled, and since when.
pub(super) async fn update(tx: &mut Tx, id: &UserId, written: &Written<'_>) -> Result<(), Refusal> {
    let text = "update users set name = $2, role = $3, disabled = case when $4 = 0 then null else coalesce(disabled, $4) end, \
                may_save_dashboards = $5 where id = $1";
    let query = sqlx::query(text).bind(id.as_str()).bind(written.name.to_owned()).bind(written.role.as_str());
    let query = query.bind(written.disabled_us.unwrap_or_default()).bind(i64::from(written.may_save_dashboards));
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Lets somebody go for good: no password, and the address is free.
pub(super) async fn let_go(tx: &mut Tx, id: &UserId, now_us: i64) -> Result<(), Refusal> {
    let text = "update users set password = null, email_key = $2, disabled = coalesce(disabled, $3), deleted = $3 where id = $1";
    sqlx::query(text).bind(id.as_str()).bind(format!("(gone) {id}")).bind(now_us).execute(&mut **tx).await?;
    Ok(())
}

/// Ends a person's sessions and the links made for them.
pub(super) async fn end_sessions(tx: &mut Tx, id: &UserId) -> Result<(), Refusal> {
    for text in ["delete from session where subject = $1", "delete from link where subject = $1"] {
        sqlx::query(text).bind(id.as_str()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Whether a person's last call is worth writing down anew.
pub fn is_news(user: &User, now_us: i64) -> bool {
    user.last_seen_time.is_none_or(|at| now_us - at.timestamp_micros() >= MINUTE_US)
}

/// Writes down that somebody is here.
pub(super) async fn seen(db: &Db, id: &UserId, now_us: i64) -> Result<(), Refusal> {
    let text = "update users set last_seen = $2 where id = $1 and (last_seen is null or last_seen <= $3)";
    sqlx::query(text).bind(id.as_str()).bind(now_us).bind(now_us - MINUTE_US).execute(db.pool()).await?;
    Ok(())
}

/// Sets a person's password and tells who it is now; nobody while they are disabled.
pub async fn set_password(tx: &mut Tx, id: &UserId, hash: &str) -> Result<Option<User>, Refusal> {
    let text = "update users set password = $2 where id = $1 and disabled is null and deleted is null \
                returning id, email, name, role, password, disabled, last_seen, created, may_save_dashboards";
    let row = sqlx::query(text).bind(id.as_str()).bind(hash).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read).transpose()
}

/// A row; on how many customers they have a role is added by whoever shows it.
fn read(row: &AnyRow) -> Result<User, Refusal> {
    let (has_password, disabled) = (row.try_get::<Option<String>, _>(4)?.is_some(), row.try_get::<Option<i64>, _>(5)?.is_some());
    let state = match (disabled, has_password) {
        (true, _) => UserState::Disabled,
        (false, true) => UserState::Active,
        (false, false) => UserState::Invited,
    };
    Ok(User {
        id: UserId(row.try_get(0)?),
        email: row.try_get(1)?,
        name: row.try_get(2)?,
        role: word::<Role>(&row.try_get::<String, _>(3)?)?,
        may_save_dashboards: row.try_get::<i64, _>(8)? != 0,
        state,
        last_seen_time: row.try_get::<Option<i64>, _>(6)?.map(from_us),
        customers: GrantCounts::default(),
        created_time: from_us(row.try_get(7)?),
    })
}
