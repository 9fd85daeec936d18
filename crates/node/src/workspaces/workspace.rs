//! One open workspace.

use super::{
    Admission, Shared, Tail, Unflushed, events,
    receipts::{KEPT_US, Receipts},
};
use crate::{
    detection::{self, LiveDetection},
    pipeline::{self, Pipeline},
    wal::{self, Batch, Position, Wal, WalError},
};
use bailiwick_api::{CollectorId, EventPage, EventRow, Format, LogSearch, SourceId, Tier, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_lake::Lake;
use http::StatusCode;
use sqlx::Row;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{oneshot, watch};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/workspace");

/// How long a search waits for what was acknowledged before it began.
const CATCH_UP: Duration = Duration::from_secs(10);

/// A source as ingest needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceInfo {
    /// Id.
    pub id: SourceId,
    /// Name.
    pub name: String,
    /// Category.
    pub category: String,
    /// Format.
    pub format: Format,
    /// Tier.
    pub tier: Tier,
    /// Whether it takes events.
    pub enabled: bool,
    /// The collector that sends it.
    pub collector: Option<CollectorId>,
    /// The host it comes from.
    pub host: Option<String>,
    /// The parser its events go to.
    pub parser: Option<String>,
    /// Whether its events are fed to detection.
    pub cse: bool,
    /// Where its syslog port should listen.
    pub syslog_tcp: Option<String>,
    /// The same over UDP.
    pub syslog_udp: Option<String>,
    /// The same over TLS.
    pub syslog_tls: Option<String>,
    /// Who may send to its syslog ports; empty means anybody.
    pub allowed: Vec<String>,
    /// SHA-256 of the client certificate its TLS port demands.
    pub client_certificate: Option<String>,
}

/// Everything of one customer on this node, open.
pub struct Workspace {
    id: WorkspaceId,
    name: String,
    shared: Arc<Shared>,
    db: Db,
    lake: Lake,
    detection: Arc<LiveDetection>,
    tail: Arc<Tail>,
    wal: Mutex<Option<Wal>>,
    receipts: Receipts,
    sources: RwLock<HashMap<SourceId, SourceInfo>>,
    queued: Arc<AtomicUsize>,
    acknowledged: watch::Sender<Position>,
    searchable: watch::Receiver<Position>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
    used: AtomicI64,
}

impl Workspace {
    pub(super) async fn open(id: WorkspaceId, name: String, dir: PathBuf, shared: Arc<Shared>) -> Result<Arc<Self>, Refusal> {
        let lake_dir = dir.join("lake");
        tokio::fs::create_dir_all(&lake_dir).await.map_err(Refusal::internal)?;
        let db = Db::file(&dir.join("workspace.db"), &MIGRATIONS, 3).await?;
        let lake = Lake::open_on(&lake_dir, &shared.engine).map_err(Refusal::internal)?;
        let files = pipeline::store::files(&db).await?;
        let orphans = lake.remove_unlisted(&files).await.map_err(Refusal::internal)?;
        if !orphans.is_empty() {
            tracing::info!(workspace.id = %id, files = orphans.len(), "removed files of an interrupted write");
        }
        let cursors = pipeline::store::cursors(&db).await?;
        let wal_dir = dir.join("wal");
        let from = cursors.stored;
        let read_dir = wal_dir.clone();
        let read = tokio::task::spawn_blocking(move || wal::read_from(&read_dir, from)).await.map_err(Refusal::internal)?;
        let (backlog, end) = read.map_err(Refusal::internal)?;
        let (logged, queue) = tokio::sync::mpsc::unbounded_channel();
        let wal = Wal::start(wal_dir.clone(), end, logged, &shared.tasks, Arc::clone(&shared.syncs)).map_err(Refusal::internal)?;
        let worked = if backlog.is_empty() { end } else { from };
        let (searchable_at, searchable) = watch::channel(worked);
        let (done, ended) = oneshot::channel();
        let detection = detection::load::open(&id, &db, &shared.rules, Arc::clone(&shared.rule_failed)).await?;
        let workspace = Arc::new(Self {
            id,
            name,
            db: db.clone(),
            lake: lake.clone(),
            detection: Arc::clone(&detection),
            tail: Arc::new(Tail::beside(files)),
            wal: Mutex::new(Some(wal)),
            receipts: Receipts::default(),
            sources: RwLock::default(),
            queued: Arc::default(),
            acknowledged: watch::channel(end).0,
            searchable,
            ended: Mutex::new(Some(ended)),
            used: AtomicI64::new(shared.clock.now_us()),
            shared: Arc::clone(&shared),
        });
        workspace.reload_sources().await?;
        workspace.load_receipts(&backlog).await?;
        let sources = workspace.lookup();
        let (tail, queued) = (Arc::clone(&workspace.tail), Arc::clone(&workspace.queued));
        let pipeline = Pipeline::new(&workspace.id, db, lake, tail, wal_dir, &shared, detection, queued);
        pipeline.start(backlog, queue, cursors, searchable_at, sources, done).await?;
        Ok(workspace)
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

    /// Its own database.
    pub fn db(&self) -> &Db {
        &self.db
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
    pub(crate) fn parsers(&self) -> &Arc<bailiwick_event::Parsers> {
        &self.shared.parsers
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
        let cost = batch.cost();
        let queued = self.queued.fetch_add(cost, Ordering::Relaxed);
        let admitted = self.admit(&batch, queued);
        if !matches!(admitted, Ok(Admission::New)) {
            self.queued.fetch_sub(cost, Ordering::Relaxed);
            return admitted;
        }
        let (tell, told) = oneshot::channel();
        let workspace = Arc::clone(self);
        // Owned by the node: a sender that hangs up must not leave a batch half known.
        self.shared.tasks.spawn_draining(async move {
            let _sender_gone = tell.send(workspace.append_now(batch).await);
        });
        told.await.map_err(Refusal::internal)?.map(|()| Admission::New).map_err(|error| match *error {
            WalError::Busy => busy("the log is busy"),
            _ => Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "STORAGE_UNAVAILABLE")
                .detail("nothing was accepted: the log cannot be written")
                .retry_after(5),
        })
    }

    /// Whether there is room, and the batch is not here already.
    fn admit(&self, batch: &Batch, queued: usize) -> Result<Admission, Refusal> {
        if queued + self.tail.size().1 > self.shared.flush.max_bytes {
            return Err(busy("the workspace has much to write"));
        }
        let Some(key) = &batch.idempotency_key else { return Ok(Admission::New) };
        match self.receipts.admit(&batch.source, key) {
            Admission::InFlight => Err(busy("Idempotency-Key: the same batch is being written")),
            admission => Ok(admission),
        }
    }

    async fn append_now(&self, batch: Batch) -> Result<(), Arc<WalError>> {
        let (source, key, received) = (batch.source.clone(), batch.idempotency_key.clone(), batch.received);
        let (cost, events) = (batch.cost(), batch.events.len() as u64);
        let wal = self.wal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let result = match wal {
            Some(wal) => wal.append(batch).await,
            None => Err(Arc::new(WalError::Closed)),
        };
        if result.is_err() {
            self.queued.fetch_sub(cost, Ordering::Relaxed);
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
    pub fn unflushed(&self) -> HashMap<SourceId, Unflushed> {
        self.tail.by_source()
    }

    /// A source.
    pub fn source(&self, id: &SourceId) -> Option<SourceInfo> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// All sources.
    pub fn sources(&self) -> Vec<SourceInfo> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Counts events of a source that had to be dropped, so that it shows.
    pub(crate) async fn count_dropped(&self, source: &SourceId, events: u64) -> Result<(), Refusal> {
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        let text = "update source set dropped = dropped + $1 where id = $2";
        sqlx::query(text).bind(events).bind(source.as_str()).execute(self.db.pool()).await?;
        Ok(())
    }

    /// Reads the sources again after one changed.
    pub async fn reload_sources(&self) -> Result<(), Refusal> {
        let rows = sqlx::query("select * from source").fetch_all(self.db.pool()).await?;
        let mut sources = HashMap::new();
        for row in rows {
            let id = SourceId(row.try_get("id")?);
            let info = SourceInfo {
                id: id.clone(),
                name: row.try_get("name")?,
                category: row.try_get("source_category")?,
                format: row.try_get::<String, _>("format")?.parse().map_err(Refusal::internal)?,
                tier: row.try_get::<String, _>("tier")?.parse().map_err(Refusal::internal)?,
                enabled: row.try_get::<i64, _>("enabled")? != 0,
                collector: row.try_get::<Option<String>, _>("collector")?.map(CollectorId),
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
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = sources;
        Ok(())
    }

    /// Takes no more, writes what is in memory and closes the files.
    pub(super) async fn close(&self) {
        self.wal.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(ended) = ended
            && tokio::time::timeout(Duration::from_secs(60), ended).await.is_err()
        {
            tracing::error!(workspace.id = %self.id, "workspace did not close in time; its log has what its files lack");
        }
        self.db.close().await;
    }

    /// The sources, shared with the pipeline.
    fn lookup(self: &Arc<Self>) -> pipeline::Sources {
        let workspace = Arc::downgrade(self);
        Arc::new(move |source: &SourceId| workspace.upgrade().and_then(|w| w.source(source)))
    }

    async fn caught_up(&self) -> Result<(), Refusal> {
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
