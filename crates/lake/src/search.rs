//! Searching: which rows are wanted, in which order, a page at a time.
//!
//! A search runs in two steps. The first finds the newest matching rows and reads no column it does not filter on; the second
//! fetches those rows whole. So a page is cut by its bytes before its rows are read. Both are in `read`.

use std::time::Duration;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{col, lit};
use serde::{Deserialize, Serialize};

use crate::{FileEntry, LakeError, Query, Row};

/// The most rows one page may be asked to have.
pub const MAX_LIMIT: usize = 1000;

/// The most ids rows can be fetched by at once.
pub const MAX_IDS: usize = 1000;

/// What to look for.
#[derive(Clone, Debug)]
pub struct Search {
    /// What rows must match.
    pub query: Query,
    /// The earliest `event_time`, microseconds UTC, inclusive.
    pub from: Option<i64>,
    /// The end of `event_time`, microseconds UTC, exclusive.
    pub to: Option<i64>,
    /// Rows in a page, 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Go on after this row.
    pub after: Option<Cursor>,
    /// How long it may take, waiting for its turn included.
    pub deadline: Duration,
}

/// A place between two rows, newest first: just after the row of this time and id. It stays valid while rows are added.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// The row's `event_time`, microseconds UTC.
    pub event_time: i64,
    /// The row's id.
    pub id: String,
}

/// One page of rows, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The rows, by `event_time` and then id, both descending.
    pub rows: Vec<Row>,
    /// Where the next page begins; none if this was the last.
    pub next: Option<Cursor>,
}

impl Search {
    pub(crate) fn check(&self) -> Result<(), LakeError> {
        if self.limit == 0 || self.limit > MAX_LIMIT {
            return Err(LakeError::invalid("limit", format!("must be 1 to {MAX_LIMIT}, is {}", self.limit)));
        }
        Ok(())
    }

    /// Whether a row of this time can be in the answer; `continued` also asks the cursor.
    pub(crate) fn admits(&self, time: i64, continued: bool) -> bool {
        self.overlaps(time, time, continued)
    }

    /// Whether a file with rows of these times can have a row in the answer.
    pub(crate) fn overlaps(&self, min: i64, max: i64, continued: bool) -> bool {
        let after = self.after.as_ref().filter(|_| continued);
        self.from.is_none_or(|from| max >= from) && self.to.is_none_or(|to| min < to) && after.is_none_or(|cursor| min <= cursor.event_time)
    }

    /// The times of rows in the answer.
    pub(crate) fn times(&self, continued: bool) -> Times {
        let after = self.after.as_ref().filter(|_| continued).map(|cursor| cursor.event_time);
        let until = self.to.map(|to| to.saturating_sub(1));
        Times { from: self.from.unwrap_or(i64::MIN), to: [until, after].into_iter().flatten().min().unwrap_or(i64::MAX) }
    }

    /// The whole condition; none if every row is wanted.
    pub(crate) fn condition(&self, continued: bool) -> Option<Expr> {
        let time = || col("event_time");
        let from = self.from.map(|from| time().gt_eq(instant(from)));
        let to = self.to.map(|to| time().lt(instant(to)));
        let after = self.after.as_ref().filter(|_| continued).map(|cursor| {
            let earlier = time().lt(instant(cursor.event_time));
            let same = time().eq(instant(cursor.event_time)).and(col("id").lt(text(&cursor.id)));
            time().lt_eq(instant(cursor.event_time)).and(earlier.or(same))
        });
        [from, to, after, self.query.condition().cloned()].into_iter().flatten().reduce(Expr::and)
    }
}

/// The times that are wanted, microseconds UTC, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Times {
    pub(crate) const ALL: Self = Self { from: i64::MIN, to: i64::MAX };

    /// Whether one of them lies between two times, both included.
    pub(crate) fn touch(self, min: i64, max: i64) -> bool {
        min <= self.to && max >= self.from
    }

    /// Whether all times between two are among them.
    pub(crate) fn hold(self, min: i64, max: i64) -> bool {
        self.from <= min && max <= self.to
    }
}

/// The condition that finds rows by id; the smallest and largest id let whole pages be skipped.
pub(crate) fn ids_condition<S: AsRef<str>>(ids: &[S]) -> Expr {
    let all = || ids.iter().map(AsRef::as_ref);
    let (min, max) = (all().min().unwrap_or(""), all().max().unwrap_or(""));
    let list = all().map(text).collect();
    col("id").gt_eq(text(min)).and(col("id").lt_eq(text(max))).and(col("id").in_list(list, false))
}

/// Whether a file's ids reach over this one.
pub(crate) fn holds(file: &FileEntry, id: &str) -> bool {
    file.first_id.as_str() <= id && id <= file.last_id.as_str()
}

pub(crate) fn instant(micros: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
}

pub(crate) fn text(value: &str) -> Expr {
    lit(ScalarValue::Utf8View(Some(value.to_owned())))
}
