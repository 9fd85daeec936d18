//! The tail: rows that are in the log and searchable, but not in a file yet, and the batches they came in. Rows and the list of files
//! change together, so a search never sees a row twice or not at all.

use crate::{
    meters::{Counts, Labels, Tally},
    wal::{Dropped, Position},
};
use bailiwick_api::SourceId;
use bailiwick_lake::{FileEntry, Row};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Bytes of memory a row takes beside its texts, roughly.
const ROW_COST: usize = 768;

/// A batch of the log, apart from its rows.
#[derive(Clone, Debug)]
pub struct BatchNote {
    /// The end of it in the log.
    pub end: Position,
    /// When it was received, in microseconds.
    pub received: i64,
    /// From where.
    pub source: SourceId,
    /// What the source was called then.
    pub labels: Labels,
    /// Events in it.
    pub events: u64,
    /// What came with it and was dropped.
    pub dropped: Vec<Dropped>,
    /// The sender's key for retries.
    pub idempotency_key: Option<String>,
    /// The ids of its events that have one.
    pub event_ids: Vec<String>,
}

/// A row and the batch it came in.
#[derive(Clone, Debug)]
pub struct TailRow {
    /// The row.
    pub row: Arc<Row>,
    /// Its batch.
    pub note: Arc<BatchNote>,
    /// Bytes as received.
    pub bytes: u32,
    /// Bytes of the fields extracted.
    pub field_bytes: u32,
}

impl TailRow {
    /// Bytes of memory it takes, roughly.
    fn cost(&self) -> usize {
        self.row.raw.len() + self.row.fields.len() + self.row.message.len() + ROW_COST
    }
}

/// What the tail holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Rows.
    pub(crate) rows: usize,
    /// Batches.
    pub(crate) batches: usize,
    /// Bytes of memory, roughly.
    pub(crate) bytes: usize,
    /// When the oldest batch was received, in microseconds.
    pub(crate) oldest: Option<i64>,
}

/// What is written next: the oldest rows and the batches they came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct DueRows {
    pub(crate) rows: Vec<TailRow>,
    pub(crate) batches: Vec<Arc<BatchNote>>,
}

/// The tail of one workspace.
#[derive(Debug, Default)]
pub struct Tail(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rows: VecDeque<TailRow>,
    batches: VecDeque<Arc<BatchNote>>,
    bytes: usize,
    files: Arc<Vec<FileEntry>>,
    /// Up to where rows left for files since it was opened.
    written: Position,
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

    /// Adds batches and their rows at the end; gives the bytes of memory they take.
    pub(crate) fn push(&self, rows: impl IntoIterator<Item = TailRow>, batches: impl IntoIterator<Item = Arc<BatchNote>>) -> usize {
        let mut inner = self.lock();
        let before = inner.bytes;
        for row in rows {
            inner.bytes += row.cost();
            inner.rows.push_back(row);
        }
        inner.batches.extend(batches);
        inner.bytes - before
    }

    /// The batches that end at a position or before, oldest first, with their rows.
    pub(crate) fn until(&self, end: Position) -> DueRows {
        let inner = self.lock();
        DueRows {
            rows: inner.rows.iter().take_while(|row| row.note.end <= end).cloned().collect(),
            batches: inner.batches.iter().take_while(|batch| batch.end <= end).cloned().collect(),
        }
    }

    /// All rows there are, and up to where others left for files since it was opened.
    pub(crate) fn unwritten(&self) -> (Vec<TailRow>, Position) {
        let inner = self.lock();
        (inner.rows.iter().cloned().collect(), inner.written)
    }

    /// What was due is in `files` now; gives the bytes of memory that are free again.
    pub(crate) fn flushed(&self, due: &DueRows, files: Vec<FileEntry>) -> usize {
        let mut inner = self.lock();
        let before = inner.bytes;
        for row in &due.rows {
            inner.bytes -= row.cost();
        }
        inner.rows.drain(..due.rows.len());
        inner.batches.drain(..due.batches.len());
        inner.written = due.batches.last().map_or(inner.written, |last| last.end);
        let mut all = inner.files.as_ref().clone();
        all.extend(files);
        inner.files = Arc::new(all);
        before - inner.bytes
    }

    /// The listed files `old` are `new` now; one that is not listed is no error. The caller has written the list.
    pub(crate) fn replace(&self, old: &[FileEntry], new: Vec<FileEntry>) {
        let gone: HashSet<&str> = old.iter().map(|file| file.path.as_str()).collect();
        let mut inner = self.lock();
        let mut all: Vec<FileEntry> = inner.files.iter().filter(|file| !gone.contains(file.path.as_str())).cloned().collect();
        all.extend(new);
        inner.files = Arc::new(all);
    }

    /// How much it holds.
    pub(crate) fn size(&self) -> Size {
        let inner = self.lock();
        let oldest = inner.batches.front().map(|batch| batch.received);
        Size { rows: inner.rows.len(), batches: inner.batches.len(), bytes: inner.bytes, oldest }
    }

    /// Whether it holds a batch that ends at a position or before.
    pub(crate) fn holds_any_until(&self, end: Position) -> bool {
        self.lock().batches.front().is_some_and(|batch| batch.end <= end)
    }

    /// What each source has in the tail.
    pub(crate) fn by_source(&self) -> HashMap<SourceId, Counts> {
        let inner = self.lock();
        let tally = Tally::of(&inner.rows, &inner.batches);
        tally.by_source().into_iter().map(|(source, counts)| (source.clone(), counts)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
