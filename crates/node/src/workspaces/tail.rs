//! The unflushed tail: rows that are in the log and searchable, but not in a file yet. Rows and the list of files change together, so
//! a search never sees a row twice or not at all.

use crate::wal::{EVENT_COST, Position};
use bailiwick_api::SourceId;
use bailiwick_lake::{FileEntry, Row};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A row and where the log goes on after its batch.
#[derive(Clone, Debug)]
pub struct TailRow {
    /// The row.
    pub row: Arc<Row>,
    /// The end of its batch in the log.
    pub end: Position,
}

/// What a source has in the tail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unflushed {
    /// Events.
    pub stored: u64,
    /// Of these, failed records.
    pub failed: u64,
    /// Bytes as received.
    pub bytes: u64,
    /// The last one's receipt time in microseconds.
    pub last_seen_us: Option<i64>,
}

/// The tail of one workspace.
#[derive(Debug, Default)]
pub struct Tail(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rows: VecDeque<TailRow>,
    raw_bytes: usize,
    files: Arc<Vec<FileEntry>>,
}

impl Tail {
    /// A tail beside the files there are.
    pub(crate) fn beside(files: Vec<FileEntry>) -> Self {
        Self(Mutex::new(Inner { files: Arc::new(files), ..Inner::default() }))
    }

    /// What a search reads: files, and the rows that are in none of them.
    pub(crate) fn snapshot(&self) -> (Arc<Vec<FileEntry>>, Vec<Arc<Row>>) {
        let inner = self.lock();
        (Arc::clone(&inner.files), inner.rows.iter().map(|r| Arc::clone(&r.row)).collect())
    }

    /// Adds rows at the end.
    pub(crate) fn push(&self, rows: impl IntoIterator<Item = TailRow>) {
        let mut inner = self.lock();
        for row in rows {
            inner.raw_bytes += row.row.raw.len() + EVENT_COST;
            inner.rows.push_back(row);
        }
    }

    /// The rows of batches that end at a position or before, oldest first.
    pub(crate) fn rows_until(&self, end: Position) -> Vec<TailRow> {
        self.lock().rows.iter().take_while(|row| row.end <= end).cloned().collect()
    }

    /// The oldest `count` rows are in `files` now.
    pub(crate) fn flushed(&self, count: usize, files: Vec<FileEntry>) {
        let mut inner = self.lock();
        let gone: Vec<TailRow> = inner.rows.drain(..count).collect();
        inner.raw_bytes -= gone.iter().map(|r| r.row.raw.len() + EVENT_COST).sum::<usize>();
        let mut all = inner.files.as_ref().clone();
        all.extend(files);
        inner.files = Arc::new(all);
    }

    /// The listed files `old` are `new` now; one that is not listed is no error. The caller has written the list.
    pub(crate) fn replace(&self, old: &[FileEntry], new: Vec<FileEntry>) {
        let gone: HashSet<&str> = old.iter().map(|file| file.path.as_str()).collect();
        let mut inner = self.lock();
        let mut all: Vec<FileEntry> = inner.files.iter().filter(|file| !gone.contains(file.path.as_str())).cloned().collect();
        all.extend(new);
        inner.files = Arc::new(all);
    }

    /// Rows, raw bytes, and the receipt time of the oldest.
    pub(crate) fn size(&self) -> (usize, usize, Option<i64>) {
        let inner = self.lock();
        (inner.rows.len(), inner.raw_bytes, inner.rows.front().map(|r| r.row.receipt_time))
    }

    /// What each source has in the tail.
    pub(crate) fn by_source(&self) -> HashMap<SourceId, Unflushed> {
        let mut sources: HashMap<SourceId, Unflushed> = HashMap::new();
        for TailRow { row, .. } in &self.lock().rows {
            count(sources.entry(SourceId(row.source.clone())).or_default(), row);
        }
        sources
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds a row to what its source has.
pub(crate) fn count(unflushed: &mut Unflushed, row: &Row) {
    unflushed.stored += 1;
    unflushed.failed += u64::from(row.reason_code.is_some());
    unflushed.bytes += row.raw.len() as u64;
    unflushed.last_seen_us = unflushed.last_seen_us.max(Some(row.receipt_time));
}
