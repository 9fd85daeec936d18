//! What is searchable and in no file yet, and so in no meter: it is counted from the rows themselves, so that a dashboard is not two minutes behind.

use super::{facts::Words, failed, volume};
use crate::{
    meters::Tally,
    wal::Position,
    workspaces::{Tail, TailRow},
};

/// The rows of an open workspace that may not be in its meters. Taken before the meters are read, so that none is missed.
#[derive(Default)]
pub(crate) struct Unwritten {
    rows: Vec<TailRow>,
    /// Up to where others are in the meters; the digest must know as much.
    pub(super) stored: Position,
}

impl Unwritten {
    pub(super) fn of(tail: &Tail) -> Self {
        let (rows, stored) = tail.unwritten();
        Self { rows, stored }
    }

    /// Whether a failed record is among them.
    pub(super) fn any_failed(&self) -> bool {
        self.rows.iter().any(|row| row.row.reason_code.is_some())
    }
}

/// Counts of what is in no meter, by the start of its 5 minutes, microseconds.
#[derive(Default)]
pub(super) struct Live {
    pub(super) volume: Vec<(i64, volume::Label, [u64; 2])>,
    pub(super) failed: Vec<(i64, failed::Label, u64)>,
}

impl Live {
    /// What of the rows is not in meters that hold the log up to `stored`.
    pub(super) fn of(unwritten: &Unwritten, stored: Position) -> Self {
        let rows = unwritten.rows.iter().filter(|row| row.note.end > stored);
        let (tally, mut words) = (Tally::of(rows, []), Words::default());
        let volume =
            tally.by_time().map(|(at, labels, counts)| (at, volume::Label::of(labels, &mut words), [counts.bytes, counts.stored + counts.failed]));
        let volume = volume.collect();
        let failed = tally.failed().map(|(at, kind, n)| (at, failed::Label::of(kind, &mut words), n.unsigned_abs())).collect();
        Self { volume, failed }
    }
}
