//! Meters: how much came, of which source, and what became of it, by 5 minutes of receipt.
//!
//! Counted from the log, not at the door: what the log holds after a crash is counted once, in the transaction that stores it. What was
//! received is counted from the batches, what was stored and failed from the rows made of them, so `received = stored + failed + dropped`
//! is a check and not a definition. Roll-ups of 15 minutes and one hour are written with the 5 minutes they are made of. Beside them stand failed
//! records by reason, and signals by the time of their event.

mod failed;
pub(crate) mod http;
mod shift;
mod signals;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use failed::Kind as FailedKind;
pub(crate) use shift::Shifts;
pub(crate) use signals::SignalTally;
pub(crate) use store::{prune, write};

use crate::workspaces::{BatchNote, SourceInfo, TailRow};
use bailiwick_api::{DropCause, SourceId};
use std::{collections::BTreeMap, sync::Arc};

/// The finest bucket, in seconds.
pub(crate) const GRAIN: i64 = 300;
/// Every grain kept, in seconds, and for how many days.
pub(crate) const GRAINS: [(i64, i64); 3] = [(GRAIN, 35), (900, 100), (3600, 1100)];

/// What a source was called when an event came.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Labels {
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// The collector that sent it; empty without one.
    pub collector: String,
    /// The host it comes from; empty without one.
    pub host: String,
    /// Its tier.
    pub tier: String,
    /// Whether it is also fed to detection.
    pub cse: bool,
}

impl From<&SourceInfo> for Labels {
    fn from(source: &SourceInfo) -> Self {
        Self {
            name: source.name.clone(),
            category: source.category.clone(),
            collector: source.collector.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            host: source.host.clone().unwrap_or_default(),
            tier: source.tier.as_str().to_owned(),
            cse: source.cse,
        }
    }
}

/// What came and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) received: u64,
    /// Records.
    pub(crate) stored: u64,
    /// Failed records.
    pub(crate) failed: u64,
    pub(crate) dropped: u64,
    /// Bytes as received, decompressed; of what was kept.
    pub(crate) bytes: u64,
    /// Bytes of the fields extracted.
    pub(crate) field_bytes: u64,
    /// The newest receipt time, microseconds.
    pub(crate) last_seen: Option<i64>,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.stored += other.stored;
        self.failed += other.failed;
        self.dropped += other.dropped;
        self.bytes += other.bytes;
        self.field_bytes += other.field_bytes;
        self.last_seen = self.last_seen.max(other.last_seen);
    }

    /// What one row counts for.
    pub(crate) fn of_row(row: &TailRow) -> Self {
        let failed = u64::from(row.row.reason_code.is_some());
        Self { stored: 1 - failed, failed, bytes: row.bytes.into(), field_bytes: row.field_bytes.into(), ..Self::default() }
    }

    /// What a batch counts for, apart from its rows.
    pub(crate) fn of_batch(batch: &BatchNote) -> Self {
        let dropped = batch.dropped.iter().map(|dropped| dropped.events).sum();
        let last_seen = (batch.events > 0).then_some(batch.received);
        Self { received: batch.events + dropped, dropped, last_seen, ..Self::default() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Start of the 5 minutes, microseconds.
    bucket: i64,
    source: SourceId,
    labels: Labels,
}

/// The counts of some rows and batches, ready to be written.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    meters: BTreeMap<Key, Counts>,
    drops: BTreeMap<(i64, SourceId, DropCause), (u64, u64)>,
    /// Failed records by the 5 minutes of their receipt.
    failed: BTreeMap<i64, failed::Kinds>,
}

impl Tally {
    /// Counts rows and the batches they came in.
    pub(crate) fn of<'a>(rows: impl IntoIterator<Item = &'a TailRow>, batches: impl IntoIterator<Item = &'a Arc<BatchNote>>) -> Self {
        let mut tally = Self::default();
        let mut run: Option<(&Arc<BatchNote>, Counts)> = None;
        for row in rows {
            if row.row.reason_code.is_some() {
                let kinds = tally.failed.entry(bucket(row.note.received, GRAIN)).or_default();
                *kinds.entry(failed::Kind::of(&row.row)).or_default() += 1;
            }
            match &mut run {
                Some((note, counts)) if Arc::ptr_eq(note, &row.note) => counts.add(&Counts::of_row(row)),
                _ => {
                    let ended = run.replace((&row.note, Counts::of_row(row)));
                    ended.into_iter().for_each(|(note, counts)| tally.add(note, &counts));
                }
            }
        }
        run.into_iter().for_each(|(note, counts)| tally.add(note, &counts));
        for batch in batches {
            tally.add(batch, &Counts::of_batch(batch));
            for dropped in &batch.dropped {
                let key = (bucket(batch.received, GRAIN), batch.source.clone(), dropped.cause);
                let (events, bytes) = tally.drops.entry(key).or_default();
                *events += dropped.events;
                *bytes += dropped.bytes;
            }
        }
        tally
    }

    fn add(&mut self, batch: &BatchNote, counts: &Counts) {
        let key = Key { bucket: bucket(batch.received, GRAIN), source: batch.source.clone(), labels: batch.labels.clone() };
        self.meters.entry(key).or_default().add(counts);
    }

    /// The counts of each 5 minutes, by what the sources were called: start in microseconds, labels, counts.
    pub(crate) fn by_time(&self) -> impl Iterator<Item = (i64, &Labels, &Counts)> {
        self.meters.iter().map(|(key, counts)| (key.bucket, &key.labels, counts))
    }

    /// Failed records of each 5 minutes: start in microseconds, kind, number.
    pub(crate) fn failed(&self) -> impl Iterator<Item = (i64, &failed::Kind, i64)> {
        self.failed.iter().flat_map(|(at, kinds)| kinds.iter().map(|(kind, n)| (*at, kind, *n)))
    }

    /// The counts of each source, whenever they came.
    pub(crate) fn by_source(&self) -> BTreeMap<&SourceId, Counts> {
        let mut sources: BTreeMap<&SourceId, Counts> = BTreeMap::new();
        for (key, counts) in &self.meters {
            sources.entry(&key.source).or_default().add(counts);
        }
        sources
    }
}

/// The start of the bucket a time lies in, microseconds; grain in seconds.
pub(crate) fn bucket(at_us: i64, grain: i64) -> i64 {
    at_us - at_us.rem_euclid(grain * 1_000_000)
}
