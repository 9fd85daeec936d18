//! One open workspace.

use super::{
    Admission, Shared, SourceInfo, Tail,
    event_ids::EventIds,
    events,
    receipts::{KEPT_US, Receipts},
};
use crate::{
    dashboards::Held,
    detection::{self, LiveDetection},
    failed_records::Replays,
    health::{Finding, Health, Known, KnownCollector, KnownSource, Resource},
    lake::Keeper,
    licences::{self, Throttle},
    meters::Counts,
    parsers::CurrentParsers,
    pipeline::{self, Pipeline, again::Redetector},
    queue::Queue,
    sql::Queries,
    wal::{self, Batch, Position, Unwritten, Wal, WalError},
};
use bailiwick_api::{CollectorId, EventPage, EventRow, LogSearch, SourceId, Tracker, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db, tasks::Tasks};
use bailiwick_detect::RuleSet;
use bailiwick_lake::Lake;
use http::StatusCode;
use sqlx::Row;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, oneshot, watch};

pub(super) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/workspace");

/// How long a search waits for what was acknowledged before it began.
const CATCH_UP: Duration = Duration::from_secs(10);

/// The error of a log that cannot be written.
const LOG_NOT_WRITTEN: &str = "LOG_NOT_WRITTEN";

/// A batch that was not taken, for another try. It is gone only when writing it panicked.
pub(crate) struct Untaken {
    pub(crate) refusal: Refusal,
    pub(crate) batch: Option<Batch>,
}

/// Everything of one customer on this node, open.
pub struct Workspace {
    id: WorkspaceId,
    name: String,
    dir: PathBuf,
    shared: Arc<Shared>,
    db: Db,
    lake: Lake,
    keeper: Keeper,
    detection: Arc<LiveDetection>,
    parsers: Arc<CurrentParsers>,
    replays: Replays,
    redetector: Redetector,
    write_now: Arc<Notify>,
    tail: Arc<Tail>,
    throttle: Throttle,
    wal: Mutex<Option<Wal>>,
    receipts: Receipts,
    event_ids: EventIds,
    sources: RwLock<HashMap<SourceId, SourceInfo>>,
    health: Arc<Health>,
    sources_version: AtomicU64,
    queued: Arc<AtomicUsize>,
    acknowledged: watch::Sender<Position>,
    searchable: watch::Receiver<Position>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
    used: AtomicI64,
    queries: Arc<Queries>,
    queue: Arc<Queue>,
    digest: Arc<Held>,
}

impl Workspace {
    pub(super) async fn open(id: WorkspaceId, name: String, dir: PathBuf, shared: Arc<Shared>) -> Result<Arc<Self>, Refusal> {
        let lake_dir = dir.join("lake");
        tokio::fs::create_dir_all(&lake_dir).await.map_err(Refusal::internal)?;
        let db = Db::file(&dir.join("workspace.db"), &MIGRATIONS, 3).await?;
        crate::audit::seal(&db).await?;
        let lake = shared.lakes.open(&id, &lake_dir).map_err(Refusal::internal)?;
        let keeper = Keeper::open(id.clone(), db.clone(), lake.clone()).await?;
        let cursors = pipeline::store::cursors(&db).await?;
        let (wal_dir, from) = (dir.join("wal"), cursors.stored);
        let read_dir = wal_dir.clone();
        let read = tokio::task::spawn_blocking(move || wal::read_from(&read_dir, from)).await.map_err(Refusal::internal)?;
        let (backlog, end) = read.map_err(Refusal::internal)?;
        let (logged, queue) = tokio::sync::mpsc::unbounded_channel();
        let wal = Wal::start(wal_dir.clone(), end, logged, &shared.tasks, Arc::clone(&shared.syncs)).map_err(Refusal::internal)?;
        let worked = if backlog.is_empty() { end } else { from };
        let (searchable_at, searchable) = watch::channel(worked);
        let (done, ended) = oneshot::channel();
        let health = Health::open(&id, db.clone(), Arc::clone(&shared.clock), Arc::clone(&shared.health_due)).await?;
        let detection = detection::load::open(&id, &db, &shared.rules, rule_failed(&health)).await?;
        let parsers = CurrentParsers::open(db.clone(), &shared, &health).await?;
        let replays = Replays::open(&db, shared.clock.now_us()).await?;
        let (redetector, redetect) = Redetector::new();
        let held = shared.queues.attach(&shared.region, &id, &db).await;
        let digest = shared.digests.attach(&id, &db, Some(Arc::clone(keeper.tail()))).await;
        let workspace = Arc::new(Self {
            id,
            name,
            dir,
            db: db.clone(),
            lake: lake.clone(),
            detection: Arc::clone(&detection),
            parsers: Arc::clone(&parsers),
            replays,
            redetector,
            write_now: Arc::default(),
            tail: Arc::clone(keeper.tail()),
            keeper,
            throttle: Throttle::default(),
            wal: Mutex::new(Some(wal)),
            receipts: Receipts::default(),
            event_ids: EventIds::default(),
            sources: RwLock::default(),
            health,
            sources_version: AtomicU64::new(0),
            queued: Arc::default(),
            acknowledged: watch::channel(end).0,
            searchable,
            ended: Mutex::new(Some(ended)),
            used: AtomicI64::new(shared.clock.now_us()),
            queries: Arc::default(),
            queue: held,
            digest,
            shared: Arc::clone(&shared),
        });
        workspace.reload_sources().await?;
        workspace.throttle.set(licences::store::read(&workspace.db).await?.0.daily_bytes);
        workspace.load_receipts(&backlog).await?;
        workspace.load_event_ids(&backlog);
        for logged in &backlog {
            workspace.health.received(&logged.batch.source, logged.batch.received);
        }
        let pipeline = Pipeline {
            workspace: workspace.id.clone(),
            db,
            lake,
            tail: Arc::clone(&workspace.tail),
            wal_dir,
            queued: Arc::clone(&workspace.queued),
            detection,
            health: Arc::clone(&workspace.health),
            parsers,
            redetect,
            write_now: Arc::clone(&workspace.write_now),
            shared: Arc::clone(&shared),
        };
        pipeline.start(backlog, queue, cursors, searchable_at, workspace.lookup(), done).await?;
        shared.memory.opened();
        workspace.health.start(&shared.tasks);
        Ok(workspace)
    }

    /// Everything of it that is a file.
    pub(crate) fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// Its id.
    pub fn id(&self) -> &WorkspaceId {
        &self.id
    }

    /// Its name, as the node's operator gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The node's region.
    pub fn region(&self) -> &str {
        &self.shared.region
    }

    /// What is wrong here, and since when.
    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Whether there is a parser of this name.
    pub fn has_parser(&self, name: &str) -> bool {
        self.parsers.knows(name)
    }

    /// The SQL statements that run here.
    pub(crate) fn queries(&self) -> &Arc<Queries> {
        &self.queries
    }

    /// Its investigations that are not closed, and who may ask for them.
    pub(crate) fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// What dashboards count of it.
    pub(crate) fn digest(&self) -> &Arc<Held> {
        &self.digest
    }

    /// Its own database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The ids of events that are being written or only in the log.
    pub(super) fn event_ids(&self) -> &EventIds {
        &self.event_ids
    }

    /// The tasks of logs and pipelines.
    pub(super) fn tasks(&self) -> &Tasks {
        &self.shared.tasks
    }

    /// Up to where the log was acknowledged.
    pub(super) fn acknowledged(&self) -> Position {
        *self.acknowledged.borrow()
    }

    /// What keeps its lake in order.
    pub fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Its rules, as they are this moment.
    pub(crate) fn detection(&self) -> &Arc<LiveDetection> {
        &self.detection
    }

    /// Reads what was decided about rules, exceptions, entities and insights again after a change; it holds from the next event on.
    pub(crate) async fn reload_detection(&self) -> Result<(), Refusal> {
        detection::load::reload(&self.db, &self.detection).await
    }

    /// The parsers its events go to.
    pub(crate) fn parsers(&self) -> &Arc<CurrentParsers> {
        &self.parsers
    }

    /// The replay of failed records at work, if one is.
    pub(crate) fn replays(&self) -> &Replays {
        &self.replays
    }

    /// The way to detection for records of events that failed when they came.
    pub(crate) fn redetector(&self) -> &Redetector {
        &self.redetector
    }

    /// Its lake.
    pub(crate) fn lake(&self) -> &Lake {
        &self.lake
    }

    /// Tells the pipeline to write the tail to files now.
    pub(super) fn write_now(&self) {
        self.write_now.notify_one();
    }

    /// When it was last asked for, in microseconds.
    pub(super) fn used_us(&self) -> i64 {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) fn touch(&self) {
        self.used.store(self.shared.clock.now_us(), Ordering::Relaxed);
    }

    /// Makes a batch durable. On success it is in the log, synced; a retry under the same key changes nothing.
    pub async fn append(self: &Arc<Self>, batch: Batch) -> Result<Admission, Refusal> {
        self.offer(batch).await.map_err(|untaken| untaken.refusal)
    }

    /// [`Workspace::append`] for a sender that cannot be told to send again: what is refused comes back.
    pub(crate) async fn offer(self: &Arc<Self>, batch: Batch) -> Result<Admission, Box<Untaken>> {
        let cost = batch.cost();
        let queued = self.queued.fetch_add(cost, Ordering::Relaxed);
        self.shared.memory.add(cost);
        match self.admit(&batch, queued) {
            Ok(Admission::New) => {}
            other => {
                self.release(cost);
                return other.map_err(|refusal| Box::new(Untaken { refusal, batch: Some(batch) }));
            }
        }
        let (tell, told) = oneshot::channel();
        let workspace = Arc::clone(self);
        // Owned by the node: a sender that hangs up must not leave a batch half known.
        self.shared.tasks.spawn_draining(async move {
            let _sender_gone = tell.send(workspace.append_now(batch).await);
        });
        let written = told.await.map_err(|error| Box::new(Untaken { refusal: Refusal::internal(error), batch: None }))?;
        written.map(|()| Admission::New).map_err(|Unwritten { error, batch }| {
            let refusal = match *error {
                WalError::Busy => busy("the log is busy"),
                _ => Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "STORAGE_UNAVAILABLE")
                    .detail("nothing was accepted: the log cannot be written")
                    .retry_after(5),
            };
            Box::new(Untaken { refusal, batch })
        })
    }

    /// Whether there is room, and the batch is not here already.
    fn admit(&self, batch: &Batch, queued: usize) -> Result<Admission, Refusal> {
        // What only counts drops needs no room.
        if batch.events.is_empty() {
            return Ok(Admission::New);
        }
        let crowded = queued + self.tail.size().bytes > self.shared.flush.max_bytes;
        let full = self.shared.memory.full();
        self.health.over_budget(crowded || full);
        if crowded {
            return Err(busy("the workspace has much to write"));
        }
        if full {
            return Err(busy("the node has much to write"));
        }
        let admission = match &batch.idempotency_key {
            Some(key) => self.receipts.admit(&batch.source, key),
            None => Admission::New,
        };
        match admission {
            Admission::InFlight => Err(busy("Idempotency-Key: the same batch is being written")),
            Admission::New => self.admit_volume(batch).map(|()| Admission::New),
            duplicate @ Admission::Duplicate(_) => Ok(duplicate),
        }
    }

    /// Whether the licence leaves room in this minute.
    fn admit_volume(&self, batch: &Batch) -> Result<(), Refusal> {
        let admitted = self.throttle.admit(batch.bytes(), self.shared.clock.now_us());
        self.health.throttled(admitted.is_err());
        admitted.map_err(|wait| {
            if let Some(key) = &batch.idempotency_key {
                self.receipts.settle(&batch.source, key, None);
            }
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "THROTTLED")
                .detail("more came in this minute than the licensed daily volume allows")
                .retry_after(wait.as_secs() + 1)
        })
    }

    fn release(&self, cost: usize) {
        self.queued.fetch_sub(cost, Ordering::Relaxed);
        self.shared.memory.sub(cost);
    }

    async fn append_now(&self, batch: Batch) -> Result<(), Unwritten> {
        let (source, key, received) = (batch.source.clone(), batch.idempotency_key.clone(), batch.received);
        let (cost, bytes, events) = (batch.cost(), batch.bytes(), batch.events.len() as u64);
        let wal = self.wal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let result = match wal {
            Some(wal) => wal.append(batch).await.map_err(|unwritten| *unwritten),
            None => Err(Unwritten { error: Arc::new(WalError::Closed), batch: Some(batch) }),
        };
        match &result {
            Ok(_) => {
                self.health.storage(LOG_NOT_WRITTEN, Ok(()));
                self.health.received(&source, received);
            }
            Err(error) => {
                self.release(cost);
                self.throttle.undo(bytes);
                if let WalError::Io { cause, .. } = error.error.as_ref() {
                    self.health.storage(LOG_NOT_WRITTEN, Err(cause));
                }
            }
        }
        if let Some(key) = key {
            self.receipts.settle(&source, &key, result.is_ok().then_some((received, events)));
        }
        let end = result?;
        self.acknowledged.send_if_modified(|at| {
            let later = end > *at;
            *at = end.max(*at);
            later
        });
        Ok(())
    }

    /// Searches what was acknowledged before the call.
    pub async fn search(&self, search: &LogSearch) -> Result<EventPage, Refusal> {
        let search = events::to_lake(search)?;
        self.caught_up().await?;
        let (files, tail) = self.tail.snapshot();
        let page = self.lake.search(&files, &tail, &search).await.map_err(events::refusal)?;
        events::to_page(page)
    }

    /// Events by id, oldest first; ids that are not here are left out.
    pub async fn events(&self, ids: &[String]) -> Result<Vec<EventRow>, Refusal> {
        self.caught_up().await?;
        let (files, tail) = self.tail.snapshot();
        let rows = self.lake.get(&files, &tail, ids).await.map_err(events::refusal)?;
        let mut events = rows.into_iter().map(events::to_event).collect::<Result<Vec<_>, _>>()?;
        events.sort_by(|a, b| (a.event_time, &a.id).cmp(&(b.event_time, &b.id)));
        Ok(events)
    }

    /// What each source has in memory, to be added to what its row says.
    pub(crate) fn unflushed(&self) -> HashMap<SourceId, Counts> {
        self.tail.by_source()
    }

    /// Bytes that wait to be worked, and whether everything acknowledged is searchable.
    pub(crate) fn waiting(&self) -> (usize, bool) {
        (self.queued.load(Ordering::Relaxed), *self.searchable.borrow() >= *self.acknowledged.borrow())
    }

    /// A digest of the rules that come with the node, made by `of` the first time.
    pub(crate) fn shared_rules_digest(&self, of: impl FnOnce(&RuleSet) -> String) -> String {
        self.shared.rules_digest.get_or_init(|| of(&self.shared.rules)).clone()
    }

    /// Bytes that may wait to be worked; above, senders are told to wait.
    pub(crate) fn may_wait(&self) -> usize {
        self.shared.flush.max_bytes
    }

    /// The throttle its licence sets.
    pub(crate) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// Whether everything that was acknowledged is in files.
    pub(super) fn is_at_rest(&self) -> bool {
        self.tail.size().batches == 0 && *self.searchable.borrow() >= *self.acknowledged.borrow()
    }

    /// A source.
    pub fn source(&self, id: &SourceId) -> Option<SourceInfo> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// All sources.
    pub fn sources(&self) -> Vec<SourceInfo> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Counts readings of the sources: what was learned of a source or a key under another number may be wrong by now.
    pub(crate) fn sources_version(&self) -> u64 {
        self.sources_version.load(Ordering::Acquire)
    }

    /// Reads the sources again after one changed.
    pub async fn reload_sources(&self) -> Result<(), Refusal> {
        let collectors = self.collectors().await?;
        let rows = sqlx::query("select * from source").fetch_all(self.db.pool()).await?;
        let mut sources = HashMap::new();
        for row in rows {
            let id = SourceId(row.try_get("id")?);
            let collector = row.try_get::<Option<String>, _>("collector")?.map(CollectorId);
            let deleted = row.try_get::<Option<i64>, _>("deleted")?.is_some();
            let collector_on = collector.as_ref().and_then(|id| collectors.get(id)).is_none_or(|c| c.enabled);
            let info = SourceInfo {
                id: id.clone(),
                name: row.try_get("name")?,
                category: row.try_get("source_category")?,
                format: row.try_get::<String, _>("format")?.parse().map_err(Refusal::internal)?,
                tier: row.try_get::<String, _>("tier")?.parse().map_err(Refusal::internal)?,
                enabled: row.try_get::<i64, _>("enabled")? != 0 && collector_on && !deleted,
                deleted,
                collector,
                host: row.try_get("host")?,
                parser: row.try_get("parser")?,
                cse: row.try_get::<i64, _>("cse")? != 0,
                syslog_tcp: row.try_get("syslog_tcp")?,
                syslog_udp: row.try_get("syslog_udp")?,
                syslog_tls: row.try_get("syslog_tls")?,
                allowed: serde_json::from_str(&row.try_get::<String, _>("allowed")?).map_err(Refusal::internal)?,
                client_certificate: row.try_get("client_certificate")?,
            };
            sources.insert(id, info);
        }
        let known = |s: &SourceInfo| KnownSource { name: s.name.clone(), collector: s.collector.clone(), enabled: s.enabled, deleted: s.deleted };
        let known = sources.iter().map(|(id, source)| (id.clone(), known(source))).collect();
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = sources;
        self.health.set_known(Known { sources: known, collectors });
        self.sources_version.fetch_add(1, Ordering::Release);
        Ok(())
    }

    async fn collectors(&self) -> Result<HashMap<CollectorId, KnownCollector>, Refusal> {
        let rows = sqlx::query("select id, name, type, enabled, version from collector").fetch_all(self.db.pool()).await?;
        let read = |row: &sqlx::any::AnyRow| {
            let (id, enabled): (String, i64) = (row.try_get("id")?, row.try_get("enabled")?);
            let (name, kind, version) = (row.try_get("name")?, row.try_get("type")?, row.try_get("version")?);
            Ok((CollectorId(id), KnownCollector { name, kind, version, enabled: enabled != 0 }))
        };
        rows.iter().map(read).collect()
    }

    /// Takes no more, writes what is in memory, at most so long, and closes the files.
    pub(super) async fn close(&self, at_most: Duration) {
        self.wal.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(ended) = ended
            && tokio::time::timeout(at_most, ended).await.is_err()
        {
            tracing::error!(workspace.id = %self.id, "workspace did not close in time; its log has what its files lack");
        }
        self.health.close().await;
        self.queue.rest().await;
        self.digest.rest().await;
        self.db.close().await;
        self.shared.memory.sub(self.tail.size().bytes + self.queued.load(Ordering::Relaxed));
        self.shared.memory.closed();
    }

    /// The sources, shared with the pipeline.
    pub(crate) fn lookup(self: &Arc<Self>) -> pipeline::Sources {
        let workspace = Arc::downgrade(self);
        Arc::new(move |source: &SourceId| workspace.upgrade().and_then(|w| w.source(source)))
    }

    /// Waits until everything that was acknowledged before is searchable.
    pub(crate) async fn caught_up(&self) -> Result<(), Refusal> {
        let wanted = *self.acknowledged.borrow();
        let mut searchable = self.searchable.clone();
        let waited = tokio::time::timeout(CATCH_UP, searchable.wait_for(|at| *at >= wanted)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "CATCHING_UP").detail("the node is still working through its log").retry_after(2)),
        }
    }

    async fn load_receipts(&self, backlog: &[wal::Logged]) -> Result<(), Refusal> {
        let oldest = self.shared.clock.now_us() - KEPT_US;
        let rows = sqlx::query("select source, idempotency_key, received, accepted from receipt where received > $1").bind(oldest);
        for row in rows.fetch_all(self.db.pool()).await? {
            let (source, key): (String, String) = (row.try_get("source")?, row.try_get("idempotency_key")?);
            let accepted = u64::try_from(row.try_get::<i64, _>("accepted")?).unwrap_or_default();
            self.receipts.settle(&SourceId(source), &key, Some((row.try_get("received")?, accepted)));
        }
        for batch in backlog.iter().map(|logged| &logged.batch) {
            if let Some(key) = &batch.idempotency_key {
                self.receipts.settle(&batch.source, key, Some((batch.received, batch.events.len() as u64)));
            }
        }
        Ok(())
    }
}

fn busy(detail: &str) -> Refusal {
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "BUSY").detail(detail).retry_after(1)
}

/// A rule that was set aside is told to health.
fn rule_failed(health: &Arc<Health>) -> detection::OnRuleFailed {
    let health = Arc::downgrade(health);
    Arc::new(move |_, failure| {
        if let Some(health) = health.upgrade() {
            let rule = Resource::Rule { id: failure.rule_id.clone(), name: failure.title.clone() };
            health.report(&rule, Tracker::RuleFailed, &Finding::error("RULE_SET_ASIDE", &failure.reason));
        }
    })
}
