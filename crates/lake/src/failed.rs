//! Failed records: how many rows have which value in one of the columns they are told apart by, and the rows of one file, in order.

use std::sync::Arc;
use std::time::Duration;

use datafusion::logical_expr::Expr;
use datafusion::prelude::col;

use crate::index::Need;
use crate::run::{Prune, Want};
use crate::search::{Times, instant, text};
use crate::{FileEntry, Lake, LakeError, Row, decode};

/// The most values one count gives.
pub const MAX_GROUPS: usize = 100;

/// A column whose values are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// `reason_code`.
    ReasonCode,
    /// `parser`.
    Parser,
    /// `vendor`.
    Vendor,
    /// `product`.
    Product,
    /// `event_code`.
    EventCode,
    /// `source_category`.
    SourceCategory,
}

impl GroupBy {
    /// Every column there is to count by.
    pub const ALL: &'static [Self] = &[Self::ReasonCode, Self::Parser, Self::Vendor, Self::Product, Self::EventCode, Self::SourceCategory];

    const fn column(self) -> &'static str {
        match self {
            Self::ReasonCode => "reason_code",
            Self::Parser => "parser",
            Self::Vendor => "vendor",
            Self::Product => "product",
            Self::EventCode => "event_code",
            Self::SourceCategory => "source_category",
        }
    }
}

/// Which rows are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Failed records, or else records.
    pub failed: bool,
    /// The earliest `event_time`, microseconds UTC, inclusive.
    pub from: Option<i64>,
    /// The end of `event_time`, microseconds UTC, exclusive.
    pub to: Option<i64>,
}

/// The rows that have a value; the rows that have none have the value `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The value.
    pub value: Option<String>,
    /// Rows.
    pub rows: u64,
}

impl Counted {
    fn overlaps(&self, min: i64, max: i64) -> bool {
        self.from.is_none_or(|from| max >= from) && self.to.is_none_or(|to| min < to)
    }

    fn condition(&self) -> Expr {
        let failed = if self.failed { col("reason_code").is_not_null() } else { col("reason_code").is_null() };
        let from = self.from.map(|from| col("event_time").gt_eq(instant(from)));
        let to = self.to.map(|to| col("event_time").lt(instant(to)));
        [from, to].into_iter().flatten().fold(failed, Expr::and)
    }
}

/// Which failed records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedRows {
    /// Only those of this reason.
    pub reason_code: Option<String>,
    /// Only those of this parser.
    pub parser: Option<String>,
    /// Only those of this source.
    pub source: Option<String>,
    /// The earliest `event_time`, microseconds UTC, inclusive; of a failed record that is the time of receipt.
    pub from: Option<i64>,
    /// The end of `event_time`, microseconds UTC, exclusive.
    pub to: Option<i64>,
}

impl FailedRows {
    /// Whether a file can have some of them.
    pub fn overlaps(&self, file: &FileEntry) -> bool {
        self.counted().overlaps(file.min_time, file.max_time)
    }

    fn counted(&self) -> Counted {
        Counted { failed: true, from: self.from, to: self.to }
    }

    fn condition(&self, after: Option<&str>) -> Expr {
        let equal = |name: &str, value: &Option<String>| value.as_deref().map(|value| col(name).eq(text(value)));
        let columns = [equal("reason_code", &self.reason_code), equal("parser", &self.parser), equal("source", &self.source)];
        let after = after.map(|id| col("id").gt(text(id)));
        columns.into_iter().chain([after]).flatten().fold(self.counted().condition(), Expr::and)
    }
}

impl Lake {
    /// The first failed records of a file by id, strictly after `after`, at most `limit`.
    ///
    /// # Errors
    /// As [`Lake::search`]; [`LakeError::Memory`] also where so many rows of long text do not fit.
    pub async fn failed(
        &self,
        file: &FileEntry,
        which: &FailedRows,
        after: Option<&str>,
        limit: usize,
        deadline: Duration,
    ) -> Result<Vec<Row>, LakeError> {
        let want = Want::First { condition: which.condition(after), limit };
        let runner = self.runner();
        let batches = runner.within(deadline, runner.run(&want, &Prune::NOTHING, &[file], Vec::new())).await?;
        let mut rows = Vec::new();
        for batch in &batches {
            rows.extend(decode::rows(batch, self.engine.derive.as_ref())?);
        }
        Ok(rows)
    }

    /// The [`MAX_GROUPS`] most frequent values of a column among the counted rows, most frequent first, equally frequent ones by value.
    ///
    /// # Errors
    /// As [`Lake::search`].
    pub async fn group(
        &self,
        files: &[FileEntry],
        tail: &[Arc<Row>],
        counted: Counted,
        by: GroupBy,
        deadline: Duration,
    ) -> Result<Vec<Group>, LakeError> {
        let files: Vec<&FileEntry> = files.iter().filter(|file| counted.overlaps(file.min_time, file.max_time)).collect();
        let of_kind = |row: &&Arc<Row>| row.reason_code.is_some() == counted.failed && counted.overlaps(row.event_time, row.event_time);
        let tail = tail.iter().filter(of_kind).cloned().collect();
        let want = Want::Groups { condition: counted.condition(), column: by.column(), limit: MAX_GROUPS };
        let times = Times { from: counted.from.unwrap_or(i64::MIN), to: counted.to.map_or(i64::MAX, |to| to.saturating_sub(1)) };
        let (runner, prune) = (self.runner(), Prune { need: Need::Nothing, times });
        let batches = runner.within(deadline, runner.run(&want, &prune, &files, tail)).await?;
        let mut groups = Vec::new();
        for batch in &batches {
            let (values, rows) = (decode::texts(batch, by.column())?, decode::integers(batch, Want::COUNT)?);
            for at in 0..batch.num_rows() {
                let value = decode::optional(values, at);
                groups.push(Group { value, rows: u64::try_from(rows.value(at)).unwrap_or_default() });
            }
        }
        Ok(groups)
    }
}
