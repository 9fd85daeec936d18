//! From the log to records, signals, investigations and files: three tasks of each open workspace.
//!
//! ```text
//!          front                                      back                          store
//! wal ─► normalise + match ─► tail (searchable) ─┬─► signals, investigations   ┌─► files, meters, receipts
//!        off thread           in memory          │   transactions, cursor      │   one transaction, cursor `stored`
//!                                                │   `detected` ───────────────┘
//! ```
//!
//! The front never waits for the back: what was acknowledged is searchable at once, however much there is to correlate; and signals never
//! wait for files. Back-pressure is the tail's size, and reaches senders as 429.
//!
//! Everything is derived from the log with ids made from positions in it, so working through it again after a crash changes nothing:
//! a cursor moves in the same transaction as what it covers, and what lies before it is not done twice. Only what was detected is stored,
//! and only what was stored is forgotten by the log.

pub(crate) mod again;
mod cases;
mod detect;
mod normalise;
pub(crate) mod store;

use crate::{
    config::FlushConfig,
    detection::LiveDetection,
    health::Health,
    parsers::CurrentParsers,
    wal::{Logged, Position},
    workspaces::{Memory, Shared, SourceInfo, Tail},
};
use again::Redetect;
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
use store::{Cursors, Store};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Batches worked at once.
const BATCHES: usize = 64;
/// Bytes worked at once.
const BYTES: usize = 8 << 20;
/// How often the age of the tail is looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often what no window needs any more is forgotten.
const PRUNE: Duration = Duration::from_secs(60);

/// The error of files that cannot be written.
const FILES_NOT_WRITTEN: &str = "FILES_NOT_WRITTEN";

/// What is known of a source now.
pub(crate) type Sources = Arc<dyn Fn(&SourceId) -> Option<SourceInfo> + Send + Sync>;

/// The pipeline of one workspace, before it starts.
pub(crate) struct Pipeline {
    pub(crate) workspace: WorkspaceId,
    pub(crate) db: Db,
    pub(crate) lake: Lake,
    pub(crate) tail: Arc<Tail>,
    pub(crate) wal_dir: PathBuf,
    pub(crate) queued: Arc<AtomicUsize>,
    pub(crate) detection: Arc<LiveDetection>,
    pub(crate) health: Arc<Health>,
    pub(crate) parsers: Arc<CurrentParsers>,
    /// Failed records that became records, to be detected on.
    pub(crate) redetect: mpsc::Receiver<Redetect>,
    /// Told when the tail is to be written now.
    pub(crate) write_now: Arc<Notify>,
    pub(crate) shared: Arc<Shared>,
}

impl Pipeline {
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
        let shared = self.shared;
        let detector = Detector::load(self.db.clone(), Arc::clone(&self.detection), cursors.detected).await?;
        let (matched, groups) = mpsc::unbounded_channel();
        let (detected_to, detected) = watch::channel(cursors.detected);
        let stop = shared.tasks.stopping();
        let front = Front {
            workspace: self.workspace.clone(),
            tail: Arc::clone(&self.tail),
            queued: self.queued,
            memory: Arc::clone(&shared.memory),
            worker: Some(Worker::new(self.parsers, self.detection)),
            searchable,
            sources,
            matched,
        };
        let back = Back {
            workspace: self.workspace.clone(),
            db: self.db.clone(),
            clock: Arc::clone(&shared.clock),
            detector,
            detected: detected_to,
            redetect: self.redetect,
            health: Arc::clone(&self.health),
            stop: stop.clone(),
        };
        let store = Store::new(self.workspace.clone(), self.db, self.lake, Arc::clone(&self.tail), self.wal_dir, cursors.stored);
        let writer = Writer {
            workspace: self.workspace,
            tail: self.tail,
            flush: shared.flush,
            memory: Arc::clone(&shared.memory),
            clock: Arc::clone(&shared.clock),
            health: self.health,
            store,
            write_now: self.write_now,
            stop,
        };
        spawn(&shared.tasks, front.run(backlog, queue), back.run(groups), writer.run(detected), done);
        Ok(())
    }
}

fn spawn(
    tasks: &Tasks,
    front: impl Future<Output = ()> + Send + 'static,
    back: impl Future<Output = ()> + Send + 'static,
    writer: impl Future<Output = ()> + Send + 'static,
    done: oneshot::Sender<()>,
) {
    tasks.spawn_draining(front);
    tasks.spawn_draining(back);
    tasks.spawn_draining(async move {
        writer.await;
        let _nobody_waits = done.send(());
    });
}

/// Batches that are in the tail: what of them matched.
struct Group {
    entries: Vec<Entry>,
    end: Position,
}

/// Makes rows of the log and finds what matches.
struct Front {
    workspace: WorkspaceId,
    tail: Arc<Tail>,
    queued: Arc<AtomicUsize>,
    memory: Arc<Memory>,
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
            self.memory.sub(bytes);
        }
    }

    async fn work(&mut self, batches: Vec<Logged>) {
        let Some(end) = batches.last().map(|b| b.end) else { return };
        let Some(mut worker) = self.worker.take() else { return };
        let sources = Arc::clone(&self.sources);
        let worked = tokio::task::spawn_blocking(move || {
            let worked = worker.work(batches, &sources);
            (worker, worked)
        })
        .await;
        let (worker, worked) = match worked {
            Ok(worked) => worked,
            Err(error) => return tracing::error!(workspace.id = %self.workspace, error = %error, "pipeline stopped: a stage panicked"),
        };
        self.worker = Some(worker);
        self.memory.add(self.tail.push(worked.rows, worked.batches));
        self.searchable.send_replace(end);
        let _back_gone = self.matched.send(Group { entries: worked.matched, end });
    }
}

/// Makes signals and investigations of what matched.
struct Back {
    workspace: WorkspaceId,
    db: Db,
    clock: SharedClock,
    detector: Detector,
    detected: watch::Sender<Position>,
    redetect: mpsc::Receiver<Redetect>,
    health: Arc<Health>,
    stop: CancellationToken,
}

impl Back {
    async fn run(mut self, mut groups: mpsc::UnboundedReceiver<Group>) {
        let mut prune = tokio::time::interval(PRUNE);
        loop {
            tokio::select! {
                next = groups.recv() => {
                    let Some(group) = next else { return };
                    self.detect(group).await;
                }
                Some(again) = self.redetect.recv() => self.detect_again(again).await,
                _ = prune.tick() => self.prune().await,
            }
        }
    }

    /// Tries until it is done: what was detected must not be lost to a full disk.
    async fn detect(&mut self, group: Group) {
        let prepared = self.detector.prepare(&group.entries);
        let mut wait = Duration::from_millis(200);
        while let Err(refusal) = self.detector.commit(&prepared, group.end, self.clock.now_us()).await {
            tracing::error!(workspace.id = %self.workspace, code = refusal.code(), "signals not written; trying again");
            if !pause(&self.stop, &mut wait).await {
                return;
            }
        }
        self.health.held_back(self.detector.took_held());
        self.detected.send_replace(self.detector.detected());
    }

    /// The same for failed records that became records; what was detected on before is left out.
    async fn detect_again(&mut self, again: Redetect) {
        let mut wait = Duration::from_millis(200);
        let prepared = loop {
            match self.detector.prepare_again(&again.entries).await {
                Ok(prepared) => break prepared,
                Err(refusal) => tracing::error!(workspace.id = %self.workspace, code = refusal.code(), "signals not looked up; trying again"),
            }
            if !pause(&self.stop, &mut wait).await {
                return;
            }
        };
        let end = self.detector.detected();
        while let Err(refusal) = self.detector.commit(&prepared, end, self.clock.now_us()).await {
            tracing::error!(workspace.id = %self.workspace, code = refusal.code(), "signals not written; trying again");
            if !pause(&self.stop, &mut wait).await {
                return;
            }
        }
        let _nobody_waits = again.done.send(());
    }

    async fn prune(&mut self) {
        let pruned = async {
            let mut tx = self.db.begin().await?;
            self.detector.prune(&mut tx, self.clock.now_us()).await?;
            Ok::<_, Refusal>(tx.commit().await?)
        };
        if let Err(refusal) = pruned.await {
            tracing::warn!(workspace.id = %self.workspace, code = refusal.code(), "old windows not forgotten yet");
        }
    }
}

/// Makes files of the tail.
struct Writer {
    workspace: WorkspaceId,
    tail: Arc<Tail>,
    flush: FlushConfig,
    memory: Arc<Memory>,
    clock: SharedClock,
    health: Arc<Health>,
    store: Store,
    write_now: Arc<Notify>,
    stop: CancellationToken,
}

impl Writer {
    async fn run(mut self, mut detected: watch::Receiver<Position>) {
        let mut tick = tokio::time::interval(TICK);
        loop {
            let (open, now) = tokio::select! {
                changed = detected.changed() => (changed.is_ok(), false),
                () = self.write_now.notified() => (true, true),
                _ = tick.tick() => (true, false),
            };
            let to = *detected.borrow_and_update();
            if !open {
                return self.write_out(to).await;
            }
            if now || self.due() {
                self.write_out(to).await;
            }
        }
    }

    /// Full, old, or larger than most while the node runs out of memory.
    fn due(&self) -> bool {
        let size = self.tail.size();
        let age = size.oldest.map_or(0, |us| self.clock.now_us() - us);
        let old = age >= i64::try_from(self.flush.age.as_micros()).unwrap_or(i64::MAX);
        size.batches > 0 && (size.rows >= self.flush.rows || size.bytes >= self.flush.max_bytes / 2 || old || self.memory.presses(size.bytes))
    }

    /// Writes what was detected to files. Tries until it is done, or the node stops: the log has it all.
    async fn write_out(&mut self, detected: Position) {
        let mut wait = Duration::from_millis(200);
        loop {
            match self.store.write(detected, self.clock.now_us()).await {
                Ok(written) => {
                    self.health.storage(FILES_NOT_WRITTEN, Ok(()));
                    for (source, seen) in &written.seen {
                        self.health.observe(source, seen);
                    }
                    return self.memory.sub(written.freed);
                }
                Err(refusal) => {
                    tracing::error!(workspace.id = %self.workspace, code = refusal.code(), "files not written; trying again");
                    self.health.storage(FILES_NOT_WRITTEN, Err(&"files of the lake, or their list, cannot be written"));
                }
            }
            if !pause(&self.stop, &mut wait).await {
                return;
            }
        }
    }
}

/// Waits a little longer each time; false when the node stops.
async fn pause(stop: &CancellationToken, wait: &mut Duration) -> bool {
    let stopped = tokio::time::timeout(*wait, stop.cancelled()).await.is_ok();
    *wait = (*wait * 2).min(Duration::from_secs(10));
    !stopped
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
