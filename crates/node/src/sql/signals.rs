//! The table `signals` of statements: the workspace's signals, read from its database a page at a time, newest first.

use bailiwick_chassis::sql::Db;
use bailiwick_lake::{Cells, Outside, SqlKind, SqlPage, SqlPages};
use futures_util::future::BoxFuture;
use sqlx::{Row, any::AnyRow};
use std::{fmt, sync::Arc};

/// Its name in statements.
pub(super) const NAME: &str = "signals";

/// Signals read at once.
const PAGE: i64 = 2_000;

/// The columns: their names, and what they are in the database.
const COLUMNS: [(&str, SqlKind); 17] = [
    ("id", SqlKind::Text),
    ("rule", SqlKind::Text),
    ("name", SqlKind::Text),
    ("level", SqlKind::Text),
    ("severity", SqlKind::Integer),
    ("base_severity", SqlKind::Integer),
    ("entity_type", SqlKind::Text),
    ("entity_value", SqlKind::Text),
    ("created", SqlKind::Time),
    ("event_time", SqlKind::Time),
    ("event_ids", SqlKind::Text),
    ("matched", SqlKind::Text),
    ("message", SqlKind::Text),
    ("tags", SqlKind::Text),
    ("suppressed", SqlKind::Text),
    ("investigation", SqlKind::Text),
    ("prototype", SqlKind::Boolean),
];

/// The table over a workspace's database.
pub(super) fn table(db: &Db) -> Outside {
    Outside { name: NAME, columns: COLUMNS.to_vec(), pages: Arc::new(Signals(db.clone())) }
}

struct Signals(Db);

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signals")
    }
}

impl SqlPages for Signals {
    fn page(&self, from: Option<i64>) -> BoxFuture<'_, Result<SqlPage, String>> {
        Box::pin(self.read(from))
    }
}

impl Signals {
    async fn read(&self, from: Option<i64>) -> Result<SqlPage, String> {
        let rows = sqlx::query(
            "select rowid as place, id, rule, name, level, severity, base_severity, entity_type, entity_value, created, event_time, event_ids, \
             matched, message, tags, suppressed, investigation, prototype from signal where rowid < $1 order by rowid desc limit $2",
        )
        .bind(from.unwrap_or(i64::MAX))
        .bind(PAGE)
        .fetch_all(self.0.pool())
        .await
        .map_err(|error| format!("signals: {error}"))?;
        read(&rows).map_err(|error| format!("signals: {error}"))
    }
}

fn read(rows: &[AnyRow]) -> Result<SqlPage, sqlx::Error> {
    let columns = COLUMNS.iter().map(|(name, kind)| cells(rows, name, *kind)).collect::<Result<_, _>>()?;
    let full = i64::try_from(rows.len()).is_ok_and(|rows| rows == PAGE);
    let next = rows.last().filter(|_| full).map(|row| row.try_get("place")).transpose()?;
    Ok(SqlPage { columns, next })
}

fn cells(rows: &[AnyRow], name: &str, kind: SqlKind) -> Result<Cells, sqlx::Error> {
    Ok(match kind {
        SqlKind::Text => Cells::Text(rows.iter().map(|row| row.try_get(name)).collect::<Result<_, _>>()?),
        SqlKind::Integer => Cells::Integer(rows.iter().map(|row| row.try_get(name)).collect::<Result<_, _>>()?),
        SqlKind::Time => Cells::Time(rows.iter().map(|row| row.try_get(name)).collect::<Result<_, _>>()?),
        SqlKind::Boolean => {
            let flag = |row: &AnyRow| row.try_get::<Option<i64>, _>(name).map(|flag| flag.map(|flag| flag != 0));
            Cells::Boolean(rows.iter().map(flag).collect::<Result<_, _>>()?)
        }
    })
}
