//! Rows of `users`. An address is one person whatever its case.

use crate::store::word;
use bailiwick_api::{Role, User, UserId};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

macro_rules! select {
    ($rest:literal) => {
        concat!("select id, email, name, role, password from users ", $rest)
    };
}

/// The form in which two addresses are compared.
fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A person who set a password.
pub async fn active(db: &Db, id: &UserId) -> Result<Option<User>, Refusal> {
    let row = sqlx::query(select!("where id = $1 and password is not null")).bind(id.as_str()).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// A person.
pub async fn find(db: &Db, id: &UserId) -> Result<Option<User>, Refusal> {
    let row = sqlx::query(select!("where id = $1")).bind(id.as_str()).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// A person by address, with the hash of their password.
pub async fn credentials(db: &Db, email: &str) -> Result<Option<(User, Option<String>)>, Refusal> {
    let row = sqlx::query(select!("where email_key = $1")).bind(email_key(email)).fetch_optional(db.pool()).await?;
    row.as_ref().map(|row| Ok((read(row)?, row.try_get(4)?))).transpose()
}

/// Everybody, by address.
pub(super) async fn list(db: &Db) -> Result<Vec<User>, Refusal> {
    let rows = sqlx::query(select!("")).fetch_all(db.pool()).await?;
    let mut users = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    users.sort_by_cached_key(|user| email_key(&user.email));
    Ok(users)
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64, Refusal> {
    Ok(sqlx::query("select count(*) from users").fetch_one(&mut **tx).await?.try_get(0)?)
}

const ADMINISTRATORS: &str = "select count(*) from users where role = 'administrator' and password is not null";

pub(super) async fn has_administrator(db: &Db) -> Result<bool, Refusal> {
    Ok(sqlx::query(ADMINISTRATORS).fetch_one(db.pool()).await?.try_get::<i64, _>(0)? > 0)
}

pub(super) async fn has_administrator_in(tx: &mut Tx) -> Result<bool, Refusal> {
    Ok(sqlx::query(ADMINISTRATORS).fetch_one(&mut **tx).await?.try_get::<i64, _>(0)? > 0)
}

pub(super) async fn insert(tx: &mut Tx, user: &User, now_us: i64) -> Result<(), Refusal> {
    let text = "insert into users (id, email, email_key, name, role, created) values ($1, $2, $3, $4, $5, $6)";
    let done = sqlx::query(text)
        .bind(user.id.as_str())
        .bind(&user.email)
        .bind(email_key(&user.email))
        .bind(&user.name)
        .bind(user.role.as_str())
        .bind(now_us)
        .execute(&mut **tx)
        .await;
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(Refusal::conflict("EMAIL_TAKEN", "email: somebody has this address").field("email")),
        other => Ok(other.map(drop)?),
    }
}

/// Sets a person's password and tells who it is now.
pub async fn set_password(tx: &mut Tx, id: &UserId, hash: &str) -> Result<Option<User>, Refusal> {
    let text = "update users set password = $2 where id = $1 returning id, email, name, role, password";
    let row = sqlx::query(text).bind(id.as_str()).bind(hash).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<User, Refusal> {
    Ok(User {
        id: UserId(row.try_get(0)?),
        email: row.try_get(1)?,
        name: row.try_get(2)?,
        role: word::<Role>(&row.try_get::<String, _>(3)?)?,
        active: row.try_get::<Option<String>, _>(4)?.is_some(),
    })
}
