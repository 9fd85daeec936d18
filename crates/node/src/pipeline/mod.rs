//! From the log to records, signals, investigations and files: one task per open workspace.
//!
//! ```text
//!          front                                      back
//! wal ─► normalise + match ─► tail (searchable) ─┬─► cases (signals, investigations) ─► store (files)
//!        off thread           in memory          │   one transaction, cursor `detected`   one transaction, cursor `stored`
//! ```
//!
//! The front never waits for the back: what was acknowledged is searchable at once, however much there is to correlate. Back-pressure is
//! the tail's size, and reaches senders as 429.
//!
//! Everything is derived from the log with ids made from positions in it, so working through it again after a crash changes nothing:
//! a cursor moves in the same transaction as what it covers, and what lies before it is not done twice.

mod cases;
mod detect;
mod normalise;
pub(crate) mod store;

use crate::{
    config::FlushConfig,
    detection::LiveDetection,
    wal::{Logged, Position},
    workspaces::{Shared, SourceInfo, Tail, TailRow},
};
use bailiwick_api::{SourceId, WorkspaceId};
use bailiwick_chassis::{Refusal, clock::SharedClock, sql::Db, tasks::Tasks};
use bailiwick_lake::Lake;
use detect::Detector;
use normalise::{Entry, Worker};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use store::{Cursors, Receipt, Store};
use tokio::sync::{mpsc, oneshot, watch};

/// Batches worked at once.
const BATCHES: usize = 64;
/// Bytes worked at once.
const BYTES: usize = 8 << 20;
/// How often the age of the tail is looked at.
const TICK: Duration = Duration::from_secs(1);

/// What is known of a source now.
pub(crate) type Sources = Arc<dyn Fn(&SourceId) -> Option<SourceInfo> + Send + Sync>;

/// The pipeline of one workspace, before it starts.
pub(crate) struct Pipeline {
    workspace: WorkspaceId,
    db: Db,
    lake: Lake,
    tail: Arc<Tail>,
    wal_dir: PathBuf,
    queued: Arc<AtomicUsize>,
    flush: FlushConfig,
    clock: SharedClock,
    detection: Arc<LiveDetection>,
    worker: Worker,
    tasks: Tasks,
}

impl Pipeline {
    pub(crate) fn new(
        workspace: &WorkspaceId,
        db: Db,
        lake: Lake,
        tail: Arc<Tail>,
        wal_dir: PathBuf,
        shared: &Shared,
        detection: Arc<LiveDetection>,
        queued: Arc<AtomicUsize>,
    ) -> Self {
        Self {
            workspace: workspace.clone(),
            db,
            lake,
            tail,
            wal_dir,
            queued,
            flush: shared.flush,
            clock: Arc::clone(&shared.clock),
            worker: Worker::new(Arc::clone(&shared.parsers), Arc::clone(&detection)),
            detection,
            tasks: shared.tasks.clone(),
        }
    }

    /// Works through the backlog in the background, then through what is logged, until the log closes; then writes what is left.
    pub(crate) async fn start(
        self,
        backlog: Vec<Logged>,
        queue: mpsc::UnboundedReceiver<Logged>,
        cursors: Cursors,
        searchable: watch::Sender<Position>,
        sources: Sources,
        done: oneshot::Sender<()>,
    ) -> Result<(), Refusal> {
        let detector = Detector::load(self.db.clone(), Arc::clone(&self.detection), cursors.detected).await?;
        let store = Store::new(self.workspace.clone(), self.db.clone(), self.lake, Arc::clone(&self.tail), self.wal_dir, cursors.stored);
        let (matched, groups) = mpsc::unbounded_channel();
        let front = Front {
            workspace: self.workspace.clone(),
            tail: Arc::clone(&self.tail),
            queued: self.queued,
            worker: Some(self.worker),
            searchable,
            sources,
            matched,
        };
        let back =
            Back { workspace: self.workspace, tail: self.tail, flush: self.flush, clock: self.clock, detector, store, stop: self.tasks.stopping() };
        self.tasks.spawn_draining(front.run(backlog, queue));
        self.tasks.spawn_draining(async move {
            back.run(groups).await;
            let _nobody_waits = done.send(());
        });
        Ok(())
    }
}

/// Batches that are in the tail: what of them matched, and their keys.
struct Group {
    entries: Vec<Entry>,
    receipts: Vec<Receipt>,
    end: Position,
}

/// Makes rows of the log and finds what matches.
struct Front {
    workspace: WorkspaceId,
    tail: Arc<Tail>,
    queued: Arc<AtomicUsize>,
    worker: Option<Worker>,
    searchable: watch::Sender<Position>,
    sources: Sources,
    matched: mpsc::UnboundedSender<Group>,
}

impl Front {
    async fn run(mut self, backlog: Vec<Logged>, mut queue: mpsc::UnboundedReceiver<Logged>) {
        let mut backlog = backlog.into_iter().peekable();
        while backlog.peek().is_some() {
            let batches = take(&mut backlog);
            self.work(batches).await;
        }
        while let Some(first) = queue.recv().await {
            let mut waiting = std::iter::once(first).chain(std::iter::from_fn(|| queue.try_recv().ok()));
            let batches = take(&mut waiting);
            let bytes = batches.iter().map(|b| b.batch.cost()).sum();
            self.work(batches).await;
            self.queued.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    async fn work(&mut self, batches: Vec<Logged>) {
        let Some(end) = batches.last().map(|b| b.end) else { return };
        let Some(mut worker) = self.worker.take() else { return };
        let receipts = store::receipts(&batches);
        let sources = Arc::clone(&self.sources);
        let worked = tokio::task::spawn_blocking(move || {
            let entries = worker.work(&batches, &sources);
            (worker, entries)
        })
        .await;
        let (worker, entries) = match worked {
            Ok(worked) => worked,
            Err(error) => return tracing::error!(workspace.id = %self.workspace, error = %error, "pipeline stopped: a stage panicked"),
        };
        self.worker = Some(worker);
        self.tail.push(entries.iter().map(|e| TailRow { row: Arc::clone(&e.row), end: e.end }));
        self.searchable.send_replace(end);
        let entries = entries.into_iter().filter(|e| !e.hits.is_empty()).collect();
        let _back_gone = self.matched.send(Group { entries, receipts, end });
    }
}

/// Makes signals and investigations of what matched, and files of the tail.
struct Back {
    workspace: WorkspaceId,
    tail: Arc<Tail>,
    flush: FlushConfig,
    clock: SharedClock,
    detector: Detector,
    store: Store,
    stop: tokio_util::sync::CancellationToken,
}

impl Back {
    async fn run(mut self, mut groups: mpsc::UnboundedReceiver<Group>) {
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                next = groups.recv() => {
                    let Some(group) = next else { break };
                    self.detect(group).await;
                    self.flush_when_due().await;
                }
                _ = tick.tick() => self.flush_when_due().await,
            }
        }
        self.write_out().await;
    }

    /// Tries until it is done: what was detected must not be lost to a full disk.
    async fn detect(&mut self, group: Group) {
        let prepared = self.detector.prepare(&group.entries);
        self.store.remember(group.receipts);
        let mut wait = Duration::from_millis(200);
        while let Err(refusal) = self.detector.commit(&prepared, group.end, self.clock.now_us()).await {
            tracing::error!(workspace.id = %self.workspace, code = refusal.code(), "signals not written; trying again");
            if !self.pause(&mut wait).await {
                return;
            }
        }
    }

    async fn flush_when_due(&mut self) {
        let (rows, bytes, oldest) = self.tail.size();
        let age = oldest.map_or(0, |us| self.clock.now_us() - us);
        let old = age >= i64::try_from(self.flush.age.as_micros()).unwrap_or(i64::MAX);
        if rows > 0 && (rows >= self.flush.rows || bytes >= self.flush.max_bytes / 2 || old) {
            self.write_out().await;
        }
    }

    /// Writes the tail to files. Tries until it is done, or the node stops: the log has it all.
    async fn write_out(&mut self) {
        let mut wait = Duration::from_millis(200);
        while let Err(refusal) = self.store.write(&mut self.detector, self.clock.now_us()).await {
            tracing::error!(workspace.id = %self.workspace, code = refusal.code(), "files not written; trying again");
            if !self.pause(&mut wait).await {
                return;
            }
        }
    }

    /// Waits a little longer each time; false when the node stops.
    async fn pause(&self, wait: &mut Duration) -> bool {
        let stopped = tokio::time::timeout(*wait, self.stop.cancelled()).await.is_ok();
        *wait = (*wait * 2).min(Duration::from_secs(10));
        !stopped
    }
}

fn take(waiting: &mut impl Iterator<Item = Logged>) -> Vec<Logged> {
    let (mut batches, mut bytes) = (Vec::new(), 0);
    while batches.len() < BATCHES && bytes < BYTES {
        let Some(next) = waiting.next() else { break };
        bytes += next.batch.cost();
        batches.push(next);
    }
    batches
}
