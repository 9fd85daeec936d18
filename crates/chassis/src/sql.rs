//! One way to a database: SQLite in a file, or PostgreSQL by URL, the same SQL text on both.
//!
//! What every text relies on: `$1` placeholders, `bigint` for numbers and for times in microseconds UTC, `text` for the rest,
//! `on conflict … returning`. SQLite runs in WAL mode with `synchronous = full`, so a commit is on disk when it returns.

use sqlx::{
    AnyPool, Connection, Transaction,
    any::{AnyPoolOptions, install_default_drivers},
    migrate::Migrator,
};
use std::{path::Path, time::Duration};

/// A database of either kind.
#[derive(Clone, Debug)]
pub struct Db {
    pool: AnyPool,
    sqlite: bool,
}

/// The part behind `values` of a statement that writes several rows: `($1, $2), ($3, $4)`. SQLite takes 32,766 places in one statement.
pub fn values(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// A transaction on either kind.
pub type Tx = Transaction<'static, sqlx::Any>;

impl Db {
    /// Opens or makes a SQLite file and brings it up to date.
    pub async fn file(path: &Path, migrations: &Migrator, connections: u32) -> Result<Self, sqlx::Error> {
        let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23").replace(' ', "%20");
        Self::open(&format!("sqlite://{path}?mode=rwc"), migrations, connections).await
    }

    /// Opens a database by URL and brings it up to date.
    pub async fn open(url: &str, migrations: &Migrator, connections: u32) -> Result<Self, sqlx::Error> {
        install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let options = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            .idle_timeout(Duration::from_secs(120))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        let pragmas = "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; \
                                       pragma busy_timeout = 10000; pragma journal_size_limit = 67108864";
                        sqlx::raw_sql(pragmas).execute(connection).await?;
                    }
                    Ok(())
                })
            })
            // SQLite ends a transaction by itself when the disk is full, and sqlx goes on counting it: such a connection begins no other.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }));
        let pool = options.connect(url).await?;
        migrations.run(&pool).await?;
        Ok(Self { pool, sqlite })
    }

    /// The pool, for single statements.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Whether it is SQLite; for the few texts the two do not share.
    pub fn is_sqlite(&self) -> bool {
        self.sqlite
    }

    /// Begins a transaction that will write: takes SQLite's write lock at once, so that it waits its turn instead of failing late.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        self.pool.begin_with(if self.sqlite { "begin immediate" } else { "begin" }).await
    }

    /// Whether a statement failed because a row like it exists.
    pub fn is_unique_violation(error: &sqlx::Error) -> bool {
        error.as_database_error().is_some_and(|e| e.is_unique_violation())
    }

    /// Closes every connection; a SQLite file is complete afterwards.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
