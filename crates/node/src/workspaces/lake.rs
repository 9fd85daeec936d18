//! What else is read of one workspace's lake: counts of what became of events, by parser and by reason; and that all of it is in files.

use super::{Workspace, events};
use bailiwick_api::{FailedBeyond, FailedCount, FailedSummary};
use bailiwick_chassis::Refusal;
use bailiwick_lake::{Counted, FileEntry, Group, GroupBy, Lake, MAX_LIMIT, Row, Search};
use http::StatusCode;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long whoever wants everything in files waits for it.
const WRITE_OUT: Duration = Duration::from_secs(120);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long all counts of one answer may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// The lake as it was when the first count began.
struct Counts<'a> {
    lake: &'a Lake,
    files: Arc<Vec<FileEntry>>,
    tail: Vec<Arc<Row>>,
    ends: Instant,
}

impl Counts<'_> {
    async fn group(&self, counted: Counted, by: GroupBy) -> Result<Vec<Group>, Refusal> {
        let left = self.ends.saturating_duration_since(Instant::now());
        self.lake.group(&self.files, &self.tail, counted, by, left).await.map_err(events::refusal)
    }
}

impl Workspace {
    async fn counts(&self) -> Result<Counts<'_>, Refusal> {
        self.caught_up().await?;
        let (files, tail) = self.keeper().tail().snapshot();
        Ok(Counts { lake: self.lake(), files, tail, ends: Instant::now() + DEADLINE })
    }

    /// Failed records of a window on event time, in microseconds, half-open.
    pub(crate) async fn failed_summary(&self, from: Option<i64>, to: Option<i64>) -> Result<FailedSummary, Refusal> {
        let (counts, counted) = (self.counts().await?, Counted { failed: true, from, to });
        let mut summary = FailedSummary::default();
        for by in GroupBy::ALL {
            let groups = counts.group(counted, *by).await?;
            // Reasons are few: all of them are listed, and every failed record has one. They come first.
            if *by == GroupBy::ReasonCode {
                summary.total = groups.iter().map(|group| group.rows).sum();
            }
            let total = summary.total;
            let (list, beyond) = places(&mut summary, *by);
            *beyond = total - groups.iter().map(|group| group.rows).sum::<u64>().min(total);
            *list = groups.into_iter().map(|group| FailedCount { value: group.value, count: group.rows }).collect();
        }
        Ok(summary)
    }

    /// The newest failed records of a stretch of time of receipt, in microseconds, half-open; newest first.
    pub(crate) async fn failed_records(&self, from: i64, to: i64, limit: usize) -> Result<Vec<Row>, Refusal> {
        self.caught_up().await?;
        let (files, tail) = self.keeper().tail().snapshot();
        let of = events::all_of("record_type:FailedRecord", None, None)?;
        let (mut rows, mut search) = (Vec::new(), Search { from: Some(from), to: Some(to), ..of });
        loop {
            search.limit = (limit - rows.len()).min(MAX_LIMIT);
            let page = self.lake().search(&files, &tail, &search).await.map_err(events::refusal)?;
            rows.extend(page.rows);
            search.after = page.next;
            if search.after.is_none() || rows.len() >= limit {
                return Ok(rows);
            }
        }
    }

    /// Waits until everything that was acknowledged before is in files.
    pub(crate) async fn written_out(&self) -> Result<(), Refusal> {
        let wanted = self.acknowledged();
        self.caught_up().await?;
        let written = async {
            while self.keeper().tail().holds_any_until(wanted) {
                self.write_now();
                tokio::time::sleep(LOOK).await;
            }
        };
        let late = || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "STORAGE_UNAVAILABLE").detail("what came last cannot be written to files");
        tokio::time::timeout(WRITE_OUT, written).await.map_err(|_| late())
    }

    /// Records and failed records by parser, since a time in microseconds.
    pub(crate) async fn counts_by_parser(&self, from: i64) -> Result<HashMap<String, (u64, u64)>, Refusal> {
        let counts = self.counts().await?;
        let mut parsers: HashMap<String, (u64, u64)> = HashMap::new();
        for failed in [false, true] {
            let counted = Counted { failed, from: Some(from), to: None };
            for Group { value, rows } in counts.group(counted, GroupBy::Parser).await? {
                let count = parsers.entry(value.unwrap_or_default()).or_default();
                *(if failed { &mut count.1 } else { &mut count.0 }) += rows;
            }
        }
        Ok(parsers)
    }
}

fn places(summary: &mut FailedSummary, by: GroupBy) -> (&mut Vec<FailedCount>, &mut u64) {
    let FailedBeyond { reason_code, parser, vendor, product, event_code, source_category } = &mut summary.beyond;
    match by {
        GroupBy::ReasonCode => (&mut summary.reason_code, reason_code),
        GroupBy::Parser => (&mut summary.parser, parser),
        GroupBy::Vendor => (&mut summary.vendor, vendor),
        GroupBy::Product => (&mut summary.product, product),
        GroupBy::EventCode => (&mut summary.event_code, event_code),
        GroupBy::SourceCategory => (&mut summary.source_category, source_category),
    }
}
