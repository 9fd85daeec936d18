//! One way to a database: SQLite in a file, or PostgreSQL by URL, the same SQL text on both.
//!
//! What every text relies on: `$1` placeholders, `bigint` for numbers and for times in microseconds UTC, `text` for the rest,
//! `on conflict … returning`. SQLite runs in WAL mode with `synchronous = full`, so a commit is on disk when it returns.

use sqlx::{
    AnyConnection, AnyPool, Connection, Transaction,
    any::{AnyPoolOptions, install_default_drivers},
    migrate::Migrator,
};
use std::{
    collections::HashMap,
    ops::{Deref, DerefMut},
    path::Path,
    sync::{
        Arc, LazyLock, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A database of either kind.
#[derive(Clone, Debug)]
pub struct Db {
    pool: AnyPool,
    sqlite: bool,
    writes: Arc<AtomicU64>,
}

/// Counters of transactions by database, so that whoever opens the same one in this process shares it.
static COUNTERS: LazyLock<Mutex<HashMap<String, Weak<AtomicU64>>>> = LazyLock::new(Mutex::default);

fn counter(url: &str) -> Arc<AtomicU64> {
    let mut counters = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(counter) = counters.get(url).and_then(Weak::upgrade) {
        return counter;
    }
    counters.retain(|_, counter| counter.strong_count() > 0);
    let counter = Arc::default();
    counters.insert(url.to_owned(), Arc::downgrade(&counter));
    counter
}

/// The part behind `values` of a statement that writes several rows: `($1, $2), ($3, $4)`. SQLite takes 32,766 places in one statement.
pub fn values(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// A transaction on either kind. When it has ended, [`Db::writes`] has moved.
pub struct Tx {
    inner: Transaction<'static, sqlx::Any>,
    wrote: Wrote,
}

/// Counts a transaction when it is over.
struct Wrote(Arc<AtomicU64>);

impl Drop for Wrote {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

impl Tx {
    /// Keeps what was written.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        let Self { inner, wrote } = self;
        let done = inner.commit().await;
        drop(wrote);
        done
    }

    /// Takes back what was written.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        let Self { inner, wrote } = self;
        let done = inner.rollback().await;
        drop(wrote);
        done
    }
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

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
        Ok(Self { pool, sqlite, writes: counter(url) })
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
        let inner = self.pool.begin_with(if self.sqlite { "begin immediate" } else { "begin" }).await?;
        Ok(Tx { inner, wrote: Wrote(Arc::clone(&self.writes)) })
    }

    /// Moves with every transaction that ended here, kept or not: what was read at one number and is asked for at the same is the same, as far as
    /// it is written in transactions only.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Acquire)
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
