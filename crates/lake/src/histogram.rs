//! Matching rows over time: how many there are in each of a few equal spans.
//!
//! The spans have a width people count in, and begin at multiples of it from the start of the year 1, a Monday: hours begin on the
//! hour, days at midnight UTC, weeks on Mondays. Where the window is not told, it is that of the matching rows. They are counted in
//! narrow spans then, while it is still unknown, and put together afterwards; only if those prove too wide are they counted again.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::record_batch::RecordBatch;

use crate::run::{Prune, Want};
use crate::{FileEntry, Lake, LakeError, Row, Search, decode};

/// The most buckets a histogram may be asked to have.
pub const MAX_BUCKETS: usize = 200;

/// Spans that are counted while the window is unknown.
const FINE: usize = 20_000;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The first and the last microsecond there are, `0001-01-01` and the end of `9999-12-31`, microseconds UTC.
const FIRST: i64 = -62_135_596_800 * SECOND;
const LAST: i64 = 253_402_300_800 * SECOND - 1;

/// The widths: what people count time in. The last one holds everything.
const WIDTHS: [i64; 20] = [
    SECOND,
    5 * SECOND,
    10 * SECOND,
    30 * SECOND,
    60 * SECOND,
    300 * SECOND,
    600 * SECOND,
    1800 * SECOND,
    3600 * SECOND,
    3 * 3600 * SECOND,
    6 * 3600 * SECOND,
    12 * 3600 * SECOND,
    DAY,
    7 * DAY,
    30 * DAY,
    90 * DAY,
    365 * DAY,
    3650 * DAY,
    36_500 * DAY,
    3_660_000 * DAY,
];

/// Matching rows over time. Times are microseconds UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// The start of the window: as asked for, or that of the first bucket; none if none was asked for and no row matches.
    pub from: Option<i64>,
    /// The end of the window, exclusive: as asked for, or that of the last bucket; none if none was asked for and no row matches.
    pub to: Option<i64>,
    /// The width of a bucket in microseconds.
    pub width: i64,
    /// All matching rows of the window.
    pub total: u64,
    /// The buckets, oldest first, without gaps: an empty one is there too.
    pub bars: Vec<Bar>,
}

/// The rows of one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// Where it begins, microseconds UTC; the first one may begin before the window.
    pub start: i64,
    /// Matching rows.
    pub rows: u64,
    /// Those of them that are failed records.
    pub failed: u64,
}

/// Rows and failed records by the number of their span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counted {
    width: i64,
    spans: BTreeMap<i64, (u64, u64)>,
    /// The earliest and the latest time; none if there are no rows.
    times: Option<(i64, i64)>,
}

/// The number of the span a time is in.
fn number(time: i64, width: i64) -> i64 {
    (time - FIRST).div_euclid(width)
}

/// The smallest width with which these times, both included, are in at most so many spans.
fn width(first: i64, last: i64, buckets: usize) -> i64 {
    let fits = |width: &&i64| usize::try_from(number(last, **width) - number(first, **width)).is_ok_and(|steps| steps < buckets);
    WIDTHS.iter().find(fits).copied().unwrap_or(WIDTHS[WIDTHS.len() - 1])
}

impl Counted {
    fn read(batches: &[RecordBatch], width: i64) -> Result<Self, LakeError> {
        let mut counted = Self { width, ..Self::default() };
        for batch in batches {
            let (spans, rows) = (decode::integers(batch, Want::SPAN)?, decode::integers(batch, Want::COUNT)?);
            let (min, max) = (decode::times(batch, Want::MIN)?, decode::times(batch, Want::MAX)?);
            let failed = batch.column_by_name(Want::FAILED).and_then(|array| array.as_boolean_opt());
            let failed = failed.ok_or_else(|| LakeError::Engine("a histogram lacks a column".into()))?;
            for at in 0..batch.num_rows() {
                let rows = u64::try_from(rows.value(at)).unwrap_or(0);
                let span = counted.spans.entry(spans.value(at)).or_default();
                span.0 += rows;
                span.1 += rows * u64::from(failed.value(at));
                let (first, last) = counted.times.unwrap_or((min.value(at), max.value(at)));
                counted.times = Some((first.min(min.value(at)), last.max(max.value(at))));
            }
        }
        Ok(counted)
    }

    /// The same in spans of another width, which must be a multiple of this one.
    fn widened(self, width: i64) -> Self {
        let mut spans = BTreeMap::<i64, (u64, u64)>::new();
        for (span, (rows, failed)) in self.spans {
            let wider = spans.entry(span / (width / self.width)).or_default();
            *wider = (wider.0 + rows, wider.1 + failed);
        }
        Self { width, spans, times: self.times }
    }

    /// Every span over these times, both included.
    fn bars(&self, first: i64, last: i64) -> Vec<Bar> {
        let all = number(first, self.width)..=number(last, self.width);
        let bar = |span| {
            let (rows, failed) = self.spans.get(&span).copied().unwrap_or_default();
            Bar { start: FIRST + span * self.width, rows, failed }
        };
        all.map(bar).collect()
    }

    fn total(&self) -> u64 {
        self.spans.values().map(|(rows, _)| rows).sum()
    }
}

impl Lake {
    /// The matching rows in at most so many buckets over the search's window, or over the times of the matching rows where a bound
    /// is not told; limit and cursor do not matter.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a number of buckets out of its bounds; otherwise as [`Lake::count`].
    pub async fn histogram(&self, files: &[FileEntry], tail: &[Arc<Row>], search: &Search, buckets: usize) -> Result<Histogram, LakeError> {
        if !(1..=MAX_BUCKETS).contains(&buckets) {
            return Err(LakeError::invalid("buckets", format!("must be 1 to {MAX_BUCKETS}, is {buckets}")));
        }
        let asked = (search.from.map(|from| from.clamp(FIRST, LAST)), search.to.map(|to| to.saturating_sub(1).clamp(FIRST, LAST)));
        let candidates = candidates(files, tail, search);
        let (first, last) = (asked.0.or(candidates.map(|times| times.0)), asked.1.or(candidates.map(|times| times.1)));
        let (Some(first), Some(last)) = (first, last) else { return Ok(empty(search)) };
        if first > last {
            return Ok(empty(search));
        }
        let work = self.counted(files, tail, search, buckets, (first, last), asked);
        let counted = self.runner().within(search.deadline, work).await?;
        let (first, last) = (asked.0.or(counted.times.map(|times| times.0)), asked.1.or(counted.times.map(|times| times.1)));
        let (Some(first), Some(last)) = (first, last) else { return Ok(empty(search)) };
        let bars = counted.bars(first, last);
        let (start, end) = (bars.first().map(|bar| bar.start), bars.last().map(|bar| bar.start + counted.width));
        Ok(Histogram { from: search.from.or(start), to: search.to.or(end), width: counted.width, total: counted.total(), bars })
    }

    /// Counts in spans of the width that the answer will have.
    async fn counted(
        &self,
        files: &[FileEntry],
        tail: &[Arc<Row>],
        search: &Search,
        buckets: usize,
        (first, last): (i64, i64),
        asked: (Option<i64>, Option<i64>),
    ) -> Result<Counted, LakeError> {
        let known = asked.0.is_some() && asked.1.is_some();
        let counted = self.count_by(files, tail, search, width(first, last, if known { buckets } else { FINE })).await?;
        let Some((earliest, latest)) = counted.times.filter(|_| !known) else { return Ok(counted) };
        let (first, last) = (asked.0.unwrap_or(earliest), asked.1.unwrap_or(latest));
        let width = width(first, last, buckets);
        if width % counted.width == 0 {
            return Ok(counted.widened(width));
        }
        let search = Search { from: Some(earliest), to: Some(latest + 1), ..search.clone() };
        self.count_by(files, tail, &search, width).await
    }

    async fn count_by(&self, files: &[FileEntry], tail: &[Arc<Row>], search: &Search, width: i64) -> Result<Counted, LakeError> {
        let files: Vec<&FileEntry> = files.iter().filter(|file| search.overlaps(file.min_time, file.max_time, false)).collect();
        let tail = tail.iter().filter(|row| search.admits(row.event_time, false)).cloned().collect();
        let want = Want::Spans { condition: search.condition(false), origin: FIRST, width };
        let batches = self.runner().run(&want, &Prune::of(search, false), &files, tail).await?;
        Counted::read(&batches, width)
    }
}

/// The times rows of the window can have, by what is known of files and tail.
fn candidates(files: &[FileEntry], tail: &[Arc<Row>], search: &Search) -> Option<(i64, i64)> {
    let files = files.iter().map(|file| (file.min_time, file.max_time));
    let tail = tail.iter().map(|row| (row.event_time, row.event_time));
    let inside = files.chain(tail).filter(|(min, max)| search.overlaps(*min, *max, false));
    inside.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

fn empty(search: &Search) -> Histogram {
    Histogram { from: search.from, to: search.to, width: WIDTHS[0], total: 0, bars: Vec::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_width_begins_where_people_expect_it() {
        // 2026-01-31T10:20:30Z, a Saturday.
        let time = 1_769_854_830 * SECOND;
        let start = |width| (FIRST + number(time, width) * width) / SECOND;
        assert_eq!(start(300 * SECOND), 1_769_854_800);
        assert_eq!(start(DAY), 1_769_817_600);
        assert_eq!(start(7 * DAY), 1_769_385_600, "Monday, 2026-01-26");
        assert_eq!((number(FIRST, WIDTHS[19]), number(LAST, WIDTHS[19])), (0, 0), "the widest holds everything");
    }

    proptest! {
        #[test]
        fn buckets_are_aligned_few_and_no_wider_than_they_must_be(
            first in FIRST..=LAST, length in prop_oneof![0..DAY, 0..400 * DAY, 0..LAST - FIRST], buckets in 1..=MAX_BUCKETS,
        ) {
            let last = first.saturating_add(length).min(LAST);
            let chosen = width(first, last, buckets);
            let bars = Counted { width: chosen, ..Counted::default() }.bars(first, last);
            prop_assert!((1..=buckets).contains(&bars.len()));
            prop_assert!(bars.iter().all(|bar| (bar.start - FIRST) % chosen == 0));
            prop_assert!(bars.windows(2).all(|two| two[1].start - two[0].start == chosen));
            prop_assert!(bars[0].start <= first && first < bars[0].start + chosen);
            let end = bars[bars.len() - 1].start;
            prop_assert!(end <= last && last < end + chosen);
            if let Some(narrower) = WIDTHS.iter().rev().find(|width| **width < chosen) {
                prop_assert!((number(last, *narrower) - number(first, *narrower)) as usize >= buckets, "{narrower} would do");
            }
        }

        #[test]
        fn spans_put_together_are_spans_counted_anew(
            times in proptest::collection::vec((FIRST..=LAST, any::<bool>()), 0..50), narrow in 0_usize..13,
        ) {
            let count = |width: i64| {
                let mut counted = Counted { width, ..Counted::default() };
                for (time, failed) in &times {
                    let span = counted.spans.entry(number(*time, width)).or_default();
                    *span = (span.0 + 1, span.1 + u64::from(*failed));
                }
                counted
            };
            for width in WIDTHS.into_iter().filter(|width| width % WIDTHS[narrow] == 0) {
                prop_assert_eq!(count(WIDTHS[narrow]).widened(width), count(width));
            }
        }
    }
}
