//! The first rows of an order, out of many, in memory for a few.

use bailiwick_api::{InvestigationRow, Sort, SortKey};
use std::cmp::Ordering;

/// Keeps the first rows after a place.
pub(crate) struct Top<T> {
    sort: Sort,
    after: Option<SortKey>,
    keep: usize,
    rows: Vec<T>,
    /// Nothing beyond this one is among the first; known once there were enough.
    last: Option<usize>,
}

/// What stands in an order.
pub(crate) trait Ranked {
    /// The row, and what the console calls its customer.
    fn ranked(&self) -> (&InvestigationRow, &str);
}

impl<T: Ranked> Top<T> {
    /// Keeps `keep` rows that stand after `after`.
    pub(crate) fn new(sort: Sort, after: Option<SortKey>, keep: usize) -> Self {
        Self { sort, after, keep, rows: Vec::new(), last: None }
    }

    /// Takes a row in, or not.
    pub(crate) fn offer(&mut self, row: T) {
        let (one, customer) = row.ranked();
        if self.after.as_ref().is_some_and(|after| self.sort.compare_to(one, customer, after).is_le()) {
            return;
        }
        if self.last.is_some_and(|last| self.compare(&row, &self.rows[last]).is_gt()) {
            return;
        }
        self.rows.push(row);
        if self.rows.len() >= 2 * self.keep + 64 {
            self.cut();
        }
    }

    /// The rows in order.
    pub(crate) fn finish(mut self) -> Vec<T> {
        self.cut();
        self.rows
    }

    fn cut(&mut self) {
        let sort = self.sort;
        self.rows.sort_by(|a, b| sort.compare_rows(a.ranked(), b.ranked()));
        self.rows.truncate(self.keep);
        self.last = (self.rows.len() == self.keep).then(|| self.rows.len().checked_sub(1)).flatten();
    }

    fn compare(&self, a: &T, b: &T) -> Ordering {
        self.sort.compare_rows(a.ranked(), b.ranked())
    }
}
