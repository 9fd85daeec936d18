//! Cutting the rows of some files into slices that fit in memory, newest first.

use datafusion::logical_expr::Expr;
use datafusion::prelude::col;

use crate::FileEntry;
use crate::run::Prune;
use crate::search::{Times, instant, text};

/// Bytes of raw text in a slice; in memory a row is some times that.
const BYTES: u64 = 12 << 20;

/// Rows in a slice.
const ROWS: usize = 32_768;

/// Rows that are between two times, or of one time and between two ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    from: i64,
    to: i64,
    ids: Option<(String, String)>,
    pub(super) rows: usize,
    bytes: u64,
}

/// Cuts by time; the times come in any order, each with its bytes. Rows of one time stay together.
pub(super) fn cut(mut times: Vec<(i64, u64)>) -> Vec<Slice> {
    times.sort_unstable_by(|a, b| b.cmp(a));
    let mut slices: Vec<Slice> = Vec::new();
    for same in times.chunk_by(|a, b| a.0 == b.0) {
        let (time, rows, bytes) = (same[0].0, same.len(), same.iter().map(|(_, bytes)| bytes).sum::<u64>());
        match slices.last_mut() {
            Some(slice) if slice.rows + rows <= ROWS && slice.bytes + bytes <= BYTES => {
                (slice.from, slice.rows, slice.bytes) = (time, slice.rows + rows, slice.bytes + bytes);
            }
            _ => slices.push(Slice { from: time, to: time, ids: None, rows, bytes }),
        }
    }
    slices
}

impl Slice {
    /// Whether it is of one time and too large all the same.
    pub(super) fn is_crowded(&self) -> bool {
        self.from == self.to && self.rows > 1 && (self.rows > ROWS || self.bytes > BYTES)
    }

    /// Cuts a slice of one time by the ids of its rows, in any order, into slices of about the same rows; the largest ids first.
    pub(super) fn cut_by_id(&self, mut ids: Vec<String>) -> Vec<Self> {
        ids.sort_unstable_by(|a, b| b.cmp(a));
        let average = (self.bytes / self.rows.max(1) as u64).max(1);
        let fitting = usize::try_from(BYTES / average).unwrap_or(ROWS).clamp(1, ROWS);
        let mut slices: Vec<Self> = Vec::new();
        for same in ids.chunk_by(|a, b| a == b) {
            match slices.last_mut() {
                Some(Self { ids: Some((first, _)), rows, .. }) if *rows + same.len() <= fitting => {
                    first.clone_from(&same[0]);
                    *rows += same.len();
                }
                _ => slices.push(Self { ids: Some((same[0].clone(), same[0].clone())), rows: same.len(), ..self.clone() }),
            }
        }
        slices
    }

    pub(super) fn overlaps(&self, file: &FileEntry) -> bool {
        let by_id = self.ids.as_ref().is_none_or(|(first, last)| file.first_id <= *last && *first <= file.last_id);
        file.max_time >= self.from && file.min_time <= self.to && by_id
    }

    /// What is known of its rows: blocks of other times need not be read.
    pub(super) fn prune(&self) -> Prune {
        Prune { times: Times { from: self.from, to: self.to }, ..Prune::NOTHING }
    }

    pub(super) fn condition(&self) -> Expr {
        let times = col("event_time").gt_eq(instant(self.from)).and(col("event_time").lt_eq(instant(self.to)));
        match &self.ids {
            Some((first, last)) => times.and(col("id").gt_eq(text(first))).and(col("id").lt_eq(text(last))),
            None => times,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_is_in_one_slice_and_slices_fit(times in prop::collection::vec((0_i64..40, 0_u64..(3 << 20)), 0..300)) {
            let slices = cut(times.clone());
            for pair in slices.windows(2) {
                prop_assert!(pair[0].from > pair[1].to);
            }
            for slice in &slices {
                let within: Vec<_> = times.iter().filter(|(time, _)| (slice.from..=slice.to).contains(time)).collect();
                prop_assert_eq!(within.len(), slice.rows);
                prop_assert_eq!(within.iter().map(|(_, bytes)| bytes).sum::<u64>(), slice.bytes);
                prop_assert!(slice.bytes <= BYTES || slice.from == slice.to);
            }
            prop_assert_eq!(slices.iter().map(|slice| slice.rows).sum::<usize>(), times.len());
        }

        #[test]
        fn a_crowd_is_cut_by_id(count in 1_usize..2000, bytes in 1_u64..100_000) {
            let slice = Slice { from: 7, to: 7, ids: None, rows: count, bytes: bytes * count as u64 };
            let ids: Vec<String> = (0..count).map(|n| format!("{:08}", n * 7919 % 100_003)).collect();
            let parts = slice.cut_by_id(ids.clone());
            prop_assert_eq!(parts.iter().map(|part| part.rows).sum::<usize>(), count);
            let mut covered = 0;
            for part in &parts {
                let (first, last) = part.ids.clone().unwrap_or_default();
                covered += ids.iter().filter(|id| (&first..=&last).contains(id)).count();
                prop_assert!(part.rows as u64 * bytes <= BYTES || part.rows == 1);
            }
            prop_assert_eq!(covered, count);
        }
    }
}
