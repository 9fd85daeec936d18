//! Failed records through the parsers as they are now: what becomes a record, what of it matches, and the row it gets.

use super::{
    Sources,
    detect::Detector,
    normalise::{Entry, Worker},
};
use crate::{detection::LiveDetection, meters::Shifts, parsers::CurrentParsers, wal::Position};
use bailiwick_api::SourceId;
use bailiwick_chassis::{Refusal, sql::Tx};
use bailiwick_lake::Row;
use http::StatusCode;
use sqlx::{Any, QueryBuilder, Row as _};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// How long a page of matches may wait for its signals to be written.
const DEADLINE: Duration = Duration::from_secs(600);

/// Records of events that failed before and match now, to be detected on; told when their signals are written.
pub(crate) struct Redetect {
    pub(super) entries: Vec<Entry>,
    pub(super) done: oneshot::Sender<()>,
}

/// The way to the pipeline's detection.
#[derive(Clone)]
pub(crate) struct Redetector(mpsc::Sender<Redetect>);

impl Redetector {
    /// A way, and its end in the pipeline.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Redetect>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// Makes signals and investigations of what matches; when this returns they are written. What was detected on already, by a replay
    /// that did not come to its end, changes nothing.
    pub(crate) async fn detect(&self, matching: Matching) -> Result<(), Refusal> {
        if matching.0.is_empty() {
            return Ok(());
        }
        let closing = || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "CLOSING").detail("the workspace is being closed");
        let (done, written) = oneshot::channel();
        let work = async {
            self.0.send(Redetect { entries: matching.0, done }).await.map_err(|_| closing())?;
            written.await.map_err(|_| closing())
        };
        let late = || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "STORAGE_UNAVAILABLE").detail("signals cannot be written");
        tokio::time::timeout(DEADLINE, work).await.map_err(|_| late())?
    }
}

/// Records that match a rule.
pub(crate) struct Matching(Vec<Entry>);

impl Matching {
    /// The ids of their events.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|entry| entry.row.id.as_str())
    }
}

/// Works failed records again, with one set of parsers from its beginning to its end.
pub(crate) struct Again {
    worker: Worker,
    sources: Sources,
}

impl Again {
    /// With the parsers and rules of this moment.
    pub(crate) fn new(parsers: Arc<CurrentParsers>, detection: Arc<LiveDetection>, sources: Sources) -> Self {
        Self { worker: Worker::new(parsers, detection), sources }
    }

    /// Which of some failed records are records now, by id, and which of them match. Slow; nothing here waits.
    pub(crate) fn work(&mut self, failed: &[Row]) -> (Vec<String>, Matching) {
        let (mut records, mut matching) = (Vec::new(), Vec::new());
        for before in failed {
            let source = (self.sources)(&SourceId(before.source.clone()));
            let detect = source.as_ref().is_none_or(|source| source.cse);
            let Some((row, record, hits)) = self.worker.again(before, source.as_ref(), detect) else { continue };
            records.push(row.id.clone());
            if !hits.is_empty() {
                matching.push(Entry { received: row.receipt_time, row: Arc::new(row), record, hits, end: Position::default() });
            }
        }
        self.worker.tell();
        (records, Matching(matching))
    }

    /// The change of a rewrite: these failed records become records. A row that fails now after all, because a parser ran out of time or
    /// was set aside meanwhile, stays what it is. `shifts` counts what changed.
    pub(crate) fn change(&self, records: HashSet<String>, shifts: Arc<Mutex<Shifts>>) -> impl FnMut(Row) -> Row + Send + 'static {
        let (mut worker, sources) = (self.worker.twin(), Arc::clone(&self.sources));
        move |before| {
            if before.reason_code.is_none() || !records.contains(&before.id) {
                return before;
            }
            let source = sources(&SourceId(before.source.clone()));
            let Some((row, ..)) = worker.again(&before, source.as_ref(), false) else { return before };
            shifts.lock().unwrap_or_else(PoisonError::into_inner).add(&before, &row);
            row
        }
    }
}

impl Detector {
    /// The events that were detected on already and are not in the lake as records yet.
    pub(super) async fn redetected(&self, entries: &[Entry]) -> Result<HashSet<String>, Refusal> {
        let mut found = HashSet::new();
        for part in super::cases::batch::parts(entries) {
            let mut query = QueryBuilder::<Any>::new("select event from redetected where event in (");
            let mut ids = query.separated(", ");
            for entry in part {
                ids.push_bind(entry.row.id.as_str());
            }
            for row in query.push(")").build().fetch_all(self.db().pool()).await? {
                found.insert(row.try_get("event")?);
            }
        }
        Ok(found)
    }
}

/// Notes events that were detected on, in the transaction that ends it.
pub(super) async fn mark(tx: &mut Tx, events: &[String], now_us: i64) -> Result<(), Refusal> {
    for part in super::cases::batch::parts(events) {
        let mut query = QueryBuilder::<Any>::new("insert into redetected (event, time) ");
        query.push_values(part, |mut row, event| {
            row.push_bind(event.as_str()).push_bind(now_us);
        });
        query.push(" on conflict do nothing").build().execute(&mut **tx).await?;
    }
    Ok(())
}

/// Forgets events that are in the lake as records, in the transaction that puts them there, and what was left behind long ago.
pub(crate) async fn unmark(tx: &mut Tx, events: &[String], before_us: i64) -> Result<(), Refusal> {
    for event in events {
        sqlx::query("delete from redetected where event = $1").bind(event).execute(&mut **tx).await?;
    }
    sqlx::query("delete from redetected where time < $1").bind(before_us).execute(&mut **tx).await?;
    Ok(())
}
