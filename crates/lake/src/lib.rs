//! The lake: plain Parquet files by day in one directory, searched together with the rows not yet in a file.
//!
//! ```text
//!  rows ──► encode ──► write ──► day=2026-01-31/<name>.parquet + .idx   (fsynced, then renamed; the caller commits the list)
//!                                        │
//!  search bar ─► Query ─► index ──► the blocks that are left + the unflushed tail, newest first, until the page is full
//! ```
//!
//! Three rules make it dependable. The caller's list of files is the truth: a directory is never listed to find data. A file
//! that is listed and cannot be read fails the search by name: no answer is silently partial. Everything is bounded: time by a
//! deadline, memory by a pool, a page by rows and bytes, a query by length, depth and terms.
//!
//! A lake is opened on a directory and knows nothing about whose it is. Lakes of one process share an [`Engine`]: its memory
//! pool, its cache of file footers and its number of concurrent searches. A search runs in a context of its own that holds
//! this lake's rows and nothing else; so does a SQL statement, with bounds of its own (`sql`).

mod column;
mod compact;
mod decode;
mod delta;
mod derive;
pub mod encode;
mod engine;
mod error;
mod facets;
mod failed;
mod histogram;
mod index;
mod lake;
mod matching;
mod member;
mod query;
mod read;
mod retain;
mod row;
mod run;
mod search;
mod sql;
mod store;
mod table;
mod version;
mod write;

pub use compact::{Job, TARGET_BYTES, TARGET_ROWS, next_job};
pub use delta::{CHECKPOINT_EVERY, Publication, Published};
pub use derive::Derive;
pub use encode::Level;
pub use engine::{Engine, Limits};
pub use error::LakeError;
pub use facets::{Facet, Facets, MAX_FIELDS, MAX_VALUES};
pub use failed::{Counted, FailedRows, Group, GroupBy, MAX_GROUPS};
pub use histogram::{Bar, Histogram, MAX_BUCKETS};
pub use index::{Index, IndexDamaged};
pub use lake::Lake;
pub use query::{Query, QueryError};
pub use retain::{Cutoffs, received};
pub use row::{FileEntry, Row};
pub use search::{Cursor, MAX_IDS, MAX_LIMIT, Page, Search};
pub use sql::{
    Cells, MAX_SQL_BYTES, MAX_SQL_ROWS, MAX_SQL_TABLES, Outside, Sql, SqlAnswer, SqlAsk, SqlColumn, SqlError, SqlKind, SqlPage, SqlPages, TruncatedBy,
};
pub use store::Bucket;

/// The version of the Parquet schema this crate writes, in each file's metadata under [`SCHEMA_KEY`].
pub const SCHEMA_VERSION: u32 = 2;

/// The key of the schema version in a file's key-value metadata.
pub const SCHEMA_KEY: &str = "bailiwick.schema";
