//! The console's own settings, and the check at start that the database keeps what every statement relies on.

use crate::StartError;
use bailiwick_api::ConsoleId;
use bailiwick_chassis::{
    Refusal,
    secrets::random_id,
    sql::{Db, Tx},
};
use bailiwick_link::LinkKey;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Executor, Row, migrate::Migrator};

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

const UPSERT: &str = "insert into self_check (id, text_value, number_value) values ($1, $2, $3) \
                      on conflict (id) do update set text_value = excluded.text_value, number_value = excluded.number_value \
                      returning text_value, number_value";

/// Text beyond ASCII, with what quoting could break.
const TEXT: &str = "Zoë'\"\\ Ünal 東京 🗼 %_";

/// Refuses a database that would lose or change what we store, saying what it did.
pub(crate) async fn check(db: &Db) -> Result<(), StartError> {
    let id = random_id("");
    let mut tx = db.begin().await?;
    for (text, number) in [("first", 0), (TEXT, i64::MAX), (TEXT, i64::MIN)] {
        let row = sqlx::query(UPSERT).bind(&id).bind(text).bind(number).fetch_one(&mut *tx).await?;
        if row.try_get::<String, _>(0)? != text {
            return Err(broken("text comes back changed; its encoding must be UTF-8"));
        }
        if row.try_get::<i64, _>(1)? != number {
            return Err(broken("a 64-bit number comes back changed"));
        }
    }
    let changed = "update self_check set number_value = 1 where id = $1 and number_value = $2";
    for (expected, rows) in [(0, 0), (i64::MIN, 1)] {
        if sqlx::query(changed).bind(&id).bind(expected).execute(&mut *tx).await?.rows_affected() != rows {
            return Err(broken("a conditional update does not tell how many rows it changed"));
        }
    }
    tx.rollback().await?;
    let left = sqlx::query("select id from self_check where id = $1").bind(&id).fetch_optional(db.pool()).await?;
    if left.is_some() {
        return Err(broken("a transaction taken back left a row"));
    }
    Ok(())
}

fn broken(what: &str) -> StartError {
    StartError::Database(what.to_owned())
}

/// The console's id, made at the first start.
pub(crate) async fn console_id(db: &Db) -> Result<ConsoleId, StartError> {
    let made = random_id("console-");
    let insert = "insert into settings (key, value) values ('console_id', $1) on conflict (key) do nothing";
    sqlx::query(insert).bind(made).execute(db.pool()).await?;
    let row = sqlx::query("select value from settings where key = 'console_id'").fetch_one(db.pool()).await?;
    Ok(ConsoleId(row.try_get(0)?))
}

/// The key this console proves itself with to nodes that dial in, made at the first start that knows of it.
pub(crate) async fn link_key(db: &Db) -> Result<LinkKey, StartError> {
    let broken = |error: bailiwick_link::KeyError| StartError::Other(format!("link key: {error}"));
    let made = LinkKey::generate().map_err(broken)?;
    let insert = "insert into settings (key, value) values ('link_key', $1) on conflict (key) do nothing";
    sqlx::query(insert).bind(made.to_text()).execute(db.pool()).await?;
    let row = sqlx::query("select value from settings where key = 'link_key'").fetch_one(db.pool()).await?;
    LinkKey::from_text(&row.try_get::<String, _>(0)?).map_err(broken)
}

/// A value that was set; none when nobody did. In a transaction or outside of one.
pub(crate) async fn setting<T: DeserializeOwned>(on: impl Executor<'_, Database = sqlx::Any>, key: &str) -> Result<Option<T>, Refusal> {
    let row = sqlx::query("select value from settings where key = $1").bind(key.to_owned()).fetch_optional(on).await?;
    row.map(|row| serde_json::from_str(&row.try_get::<String, _>(0)?).map_err(Refusal::internal)).transpose()
}

/// Sets a value.
pub(crate) async fn set(tx: &mut Tx, key: &str, value: &impl Serialize) -> Result<(), Refusal> {
    let value = serde_json::to_string(value).map_err(Refusal::internal)?;
    let text = "insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value";
    sqlx::query(text).bind(key).bind(value).execute(&mut **tx).await?;
    Ok(())
}

/// Reads a word of the vocabulary that this console wrote.
pub(crate) fn word<T: std::str::FromStr<Err = String>>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(Refusal::internal)
}

#[cfg(test)]
mod tests {
    use bailiwick_chassis::sessions;

    #[test]
    fn the_first_migration_makes_the_tables_of_sessions_as_the_chassis_wants_them() {
        let migration = include_str!("../migrations/0001_console.sql");
        for statement in sessions::SCHEMA.split(';') {
            assert!(migration.contains(statement.trim()), "{statement}");
        }
    }
}
