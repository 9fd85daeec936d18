//! Workspaces: everything of one customer on this node, one directory each.
//!
//! This is the one place where a customer becomes a directory. A workspace is opened when something asks and closed when nothing
//! has asked for a while; whoever asks must hold an [`Opening`], which only [`crate::access`] can make.

mod append_each;
mod around;
pub(crate) mod event_ids;
pub(crate) mod events;
mod lake;
mod memory;
mod questions;
mod receipts;
mod source;
mod tail;
mod workspace;

pub use event_ids::Fate;
pub(crate) use events::check as check_search;
pub(crate) use memory::Memory;
pub use receipts::Admission;
pub(crate) use receipts::KEPT_US as RECEIPTS_KEPT_US;
pub use source::SourceInfo;
pub(crate) use tail::DueRows;
pub use tail::{BatchNote, Tail, TailRow};
pub use workspace::Workspace;

use crate::{
    NodeConfig, State,
    access::Opening,
    config::FlushConfig,
    dashboards::{Digest, Digests, Needs},
    health::schedule::Due,
    lake::Lakes,
    queue::{Queue, Queues, View},
};
use bailiwick_api::WorkspaceId;
use bailiwick_chassis::{Refusal, clock::SharedClock, sql::Db, tasks::Tasks};
use bailiwick_detect::RuleSet;
use bailiwick_event::Parsers;
use sqlx::Row;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;

/// Logs that sync at a time, over all workspaces.
const SYNCS: usize = 8;
/// A file in the directory of a workspace that has nothing left to do and no port to listen on: it need not be opened at the start.
const AT_REST: &str = "at-rest";
/// How long a workspace may take to write what is in memory when it closes.
const CLOSING: Duration = Duration::from_secs(60);
/// The same when the node stops.
const AT_STOP: Duration = Duration::from_secs(20);
/// How often idle workspaces are looked for.
const SWEEP: Duration = Duration::from_secs(30);

/// What all workspaces of a node share.
pub(crate) struct Shared {
    pub(crate) region: String,
    pub(crate) clock: SharedClock,
    pub(crate) flush: FlushConfig,
    pub(crate) parsers: Arc<Parsers>,
    pub(crate) rules: Arc<RuleSet>,
    /// Over the texts of these rules, once somebody asked for it.
    pub(crate) rules_digest: OnceLock<String>,
    pub(crate) lakes: Lakes,
    pub(crate) syncs: Arc<Semaphore>,
    pub(crate) memory: Arc<Memory>,
    /// What is kept of workspaces while they are closed, too.
    pub(crate) queues: Queues,
    pub(crate) digests: Digests,
    /// When each workspace's health is next looked at.
    pub(crate) health_due: Arc<Due>,
    /// Logs and pipelines: they end when their workspace closes, after everything that may still append.
    pub(crate) tasks: Tasks,
}

type Slot = Arc<tokio::sync::Mutex<Option<Arc<Workspace>>>>;

/// The workspaces of a node.
#[derive(Clone)]
pub struct Workspaces(Arc<Inner>);

struct Inner {
    root: PathBuf,
    names: Db,
    shared: Arc<Shared>,
    slots: Mutex<HashMap<WorkspaceId, Slot>>,
}

impl Workspaces {
    pub(crate) fn new(config: &NodeConfig, names: Db, lakes: Lakes, parsers: Arc<Parsers>, rules: Arc<RuleSet>) -> Self {
        let shared = Shared {
            region: config.region.clone(),
            clock: Arc::clone(&config.clock),
            flush: config.flush,
            parsers,
            rules,
            rules_digest: OnceLock::new(),
            lakes,
            syncs: Arc::new(Semaphore::new(SYNCS)),
            memory: Arc::new(Memory::new(config.flush.memory_bytes)),
            queues: Queues::default(),
            digests: Digests::new(config.dashboards.memory_bytes, Arc::clone(&config.clock)),
            health_due: Arc::new(Due::new(config.clock.now_us())),
            tasks: Tasks::new(),
        };
        let root = config.data.join("workspaces");
        Self(Arc::new(Inner { root, names, shared: Arc::new(shared), slots: Mutex::default() }))
    }

    /// Where lakes are and how they are kept.
    pub(crate) fn lakes(&self) -> &Lakes {
        &self.0.shared.lakes
    }

    /// Tells that the store of a workspace's lake does not work, or works again.
    pub(crate) fn report_storage(&self, id: &WorkspaceId, trouble: Option<&str>) {
        match trouble {
            Some(reason) => tracing::error!(workspace.id = %id, reason, "the lake's store does not work; what comes in stays in the log"),
            None => tracing::info!(workspace.id = %id, "the lake's store works again"),
        }
        if let Some(workspace) = self.if_open(id) {
            let result = trouble.as_ref().map_or(Ok(()), |reason| Err(reason as &dyn std::fmt::Display));
            workspace.health().storage("STORE_AWAY", result);
        }
    }

    /// What is kept in memory of a workspace that was open since the start.
    pub(crate) fn queue(&self, id: &WorkspaceId) -> Option<Arc<Queue>> {
        self.0.shared.queues.get(id)
    }

    /// The ids of all workspaces there are.
    pub(crate) async fn ids(&self) -> Result<Vec<WorkspaceId>, Refusal> {
        let rows = sqlx::query("select id from workspace order by id").fetch_all(self.0.names.pool()).await?;
        Ok(rows.iter().map(|row| row.try_get("id").map(WorkspaceId)).collect::<Result<_, _>>()?)
    }

    /// The ids of the workspaces that are open now.
    pub(crate) fn opened(&self) -> Vec<WorkspaceId> {
        let slots: Vec<(WorkspaceId, Slot)> = self.lock().iter().map(|(id, slot)| (id.clone(), Arc::clone(slot))).collect();
        let open = |slot: &Slot| slot.try_lock().is_ok_and(|open| open.is_some());
        slots.into_iter().filter(|(_, slot)| open(slot)).map(|(id, _)| id).collect()
    }

    /// A workspace if it is open. It does not count as asked for.
    pub(crate) fn if_open(&self, id: &WorkspaceId) -> Option<Arc<Workspace>> {
        let slot = self.lock().get(id).cloned()?;
        let open = slot.try_lock().ok()?;
        open.as_ref().map(Arc::clone)
    }

    /// Closes a workspace that was opened for the node's own work, unless somebody uses it.
    pub(crate) async fn release(&self, id: &WorkspaceId, in_use: bool) {
        let Some(slot) = self.lock().get(id).cloned() else { return };
        let mut open = slot.lock().await;
        if !in_use
            && open.as_ref().is_some_and(|workspace| Arc::strong_count(workspace) == 1 && !workspace.keeper().is_in_trouble())
            && let Some(workspace) = open.take()
        {
            workspace.close(CLOSING).await;
            self.mark_at_rest(id, &workspace).await;
        }
    }

    /// When each workspace's health is next looked at.
    pub(crate) fn health_due(&self) -> &Due {
        &self.0.shared.health_due
    }

    /// Opens a workspace, or gives the one that is open. Unknown: 404.
    pub async fn open(&self, id: &WorkspaceId, _proof: &Opening) -> Result<Arc<Workspace>, Refusal> {
        let slot = self.slot(id);
        let mut open = slot.lock().await;
        if let Some(workspace) = open.as_ref() {
            workspace.touch();
            return Ok(Arc::clone(workspace));
        }
        let row = sqlx::query("select name from workspace where id = $1").bind(id.as_str()).fetch_optional(self.0.names.pool()).await?;
        let Some(row) = row else {
            drop(open);
            self.lock().remove(id);
            return Err(Refusal::not_found());
        };
        let dir = self.0.root.join(id.as_str());
        leave_rest(&dir).await.map_err(Refusal::internal)?;
        let workspace = Workspace::open(id.clone(), row.try_get("name")?, dir, Arc::clone(&self.0.shared)).await?;
        *open = Some(Arc::clone(&workspace));
        tracing::info!(workspace.id = %id, "workspace opened");
        Ok(workspace)
    }

    /// A workspace's queue as it is now. One that is closed stays so: only its database is opened, for a moment. Unknown: 404.
    pub(crate) async fn glance(&self, id: &WorkspaceId, proof: &Opening) -> Result<(Arc<Queue>, Arc<View>), Refusal> {
        let database = self.database(id, proof).await?;
        let queue = match &database.workspace {
            Some(workspace) => Arc::clone(workspace.queue()),
            None => self.0.shared.queues.attach(&self.0.shared.region, id, &database.db).await,
        };
        let view = queue.view().await;
        if database.workspace.is_none() {
            queue.rest().await;
        }
        database.close().await;
        let view = view?.ok_or_else(|| Refusal::internal("a workspace that was looked at has no queue"))?;
        Ok((queue, view))
    }

    /// What dashboards know of workspaces.
    pub(crate) fn digests(&self) -> &Digests {
        &self.0.shared.digests
    }

    /// What dashboards know of a workspace, where it is in memory and current.
    pub(crate) async fn known_digest(&self, id: &WorkspaceId, needs: &Needs) -> Option<Arc<Digest>> {
        self.0.shared.digests.get(id)?.known(needs).await
    }

    /// What dashboards know of a workspace, as it is now. One that is closed stays so, as in [`Self::glance`]. Unknown: 404.
    pub(crate) async fn digest(&self, id: &WorkspaceId, needs: &Needs, proof: &Opening) -> Result<Arc<Digest>, Refusal> {
        if let Some(held) = self.0.shared.digests.get(id)
            && let Some(digest) = held.view(needs).await?
        {
            return Ok(digest);
        }
        let database = self.database(id, proof).await?;
        let held = match &database.workspace {
            Some(workspace) => Arc::clone(workspace.digest()),
            None => self.0.shared.digests.attach(id, &database.db, None).await,
        };
        let digest = held.view(needs).await;
        if database.workspace.is_none() {
            held.rest().await;
        }
        database.close().await;
        digest?.ok_or_else(|| Refusal::internal("a workspace that was looked at has no digest"))
    }

    /// A workspace's database. Of one that is closed it alone is opened; nobody opens the workspace meanwhile. Unknown: 404.
    pub(crate) async fn database(&self, id: &WorkspaceId, proof: &Opening) -> Result<Database, Refusal> {
        let slot = self.slot(id).lock_owned().await;
        if let Some(workspace) = slot.as_ref() {
            workspace.touch();
            return Ok(Database { db: workspace.db().clone(), workspace: Some(Arc::clone(workspace)), _slot: None });
        }
        let file = self.0.root.join(id.as_str()).join("workspace.db");
        if !tokio::fs::try_exists(&file).await.map_err(Refusal::internal)? {
            drop(slot);
            let workspace = self.open(id, proof).await?;
            return Ok(Database { db: workspace.db().clone(), workspace: Some(workspace), _slot: None });
        }
        let known = sqlx::query("select id from workspace where id = $1").bind(id.as_str()).fetch_optional(self.0.names.pool()).await?;
        known.ok_or_else(Refusal::not_found)?;
        let db = Db::file(&file, &workspace::MIGRATIONS, 1).await?;
        Ok(Database { db, workspace: None, _slot: Some(slot) })
    }

    /// Opens what has work left from before the start, and the syslog ports; then keeps closing what is idle.
    pub(crate) async fn catch_up(&self, state: &State) {
        let ids = match sqlx::query("select id from workspace order by id").fetch_all(self.0.names.pool()).await {
            Ok(rows) => rows.into_iter().filter_map(|row| row.try_get("id").ok().map(WorkspaceId)).collect::<Vec<_>>(),
            Err(error) => return tracing::error!(error = %error, "workspaces not listed"),
        };
        let at_work = |id: &WorkspaceId| self.0.root.join(id.as_str()).exists() && !self.0.root.join(id.as_str()).join(AT_REST).exists();
        for id in ids.into_iter().filter(at_work) {
            match crate::access::open_for_node(state, &id).await {
                Ok(workspace) => crate::sources::open_ports(state, &workspace).await,
                Err(refusal) => tracing::error!(workspace.id = %id, code = refusal.code(), "workspace not opened at start"),
            }
        }
        let (workspaces, syslog) = (self.clone(), state.syslog().clone());
        state.tasks().spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                workspaces.close_idle(|id| syslog.listens(id)).await;
            }
        });
    }

    /// Closes every workspace, writing what is in memory.
    pub(crate) async fn close_all(&self) {
        let slots: Vec<Slot> = self.lock().drain().map(|(_, slot)| slot).collect();
        // All at once: a store that is away costs the wait once, not once for each.
        let closing = slots.into_iter().map(|slot| async move {
            if let Some(workspace) = slot.lock().await.take() {
                workspace.close(AT_STOP).await;
                self.mark_at_rest(workspace.id(), &workspace).await;
            }
        });
        futures_util::future::join_all(closing).await;
        self.0.shared.tasks.stop(Duration::from_secs(30)).await;
    }

    async fn close_idle(&self, in_use: impl Fn(&WorkspaceId) -> bool) {
        let now = self.0.shared.clock.now_us();
        let idle = i64::try_from(self.0.shared.flush.idle.as_micros()).unwrap_or(i64::MAX);
        let slots: Vec<(WorkspaceId, Slot)> = self.lock().iter().map(|(id, slot)| (id.clone(), Arc::clone(slot))).collect();
        for (id, slot) in slots {
            let Ok(mut open) = slot.try_lock() else { continue };
            // What cannot be written now would not be written by closing.
            let unused = open.as_ref().is_some_and(|w| Arc::strong_count(w) == 1 && now - w.used_us() > idle && !w.keeper().is_in_trouble());
            if unused
                && !in_use(&id)
                && let Some(workspace) = open.take()
            {
                workspace.close(CLOSING).await;
                self.mark_at_rest(&id, &workspace).await;
                tracing::info!(workspace.id = %id, "idle workspace closed");
            }
        }
    }

    /// Notes that a closed workspace can stay closed over a restart.
    async fn mark_at_rest(&self, id: &WorkspaceId, workspace: &Workspace) {
        let ports = workspace.sources().iter().any(|s| s.enabled && (s.syslog_tcp.is_some() || s.syslog_udp.is_some() || s.syslog_tls.is_some()));
        if ports || !workspace.is_at_rest() {
            return;
        }
        if let Err(error) = tokio::fs::write(self.0.root.join(id.as_str()).join(AT_REST), b"").await {
            tracing::warn!(workspace.id = %id, error = %error, "not marked as at rest; it will be opened at the next start");
        }
    }

    fn slot(&self, id: &WorkspaceId) -> Slot {
        Arc::clone(self.lock().entry(id.clone()).or_default())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Slot>> {
        self.0.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A workspace's database, in use.
pub(crate) struct Database {
    db: Db,
    /// Held while it is used, so that it does not close meanwhile.
    workspace: Option<Arc<Workspace>>,
    _slot: Option<tokio::sync::OwnedMutexGuard<Option<Arc<Workspace>>>>,
}

impl Database {
    /// The database.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    /// Closes what was opened for the moment.
    pub(crate) async fn close(self) {
        if self.workspace.is_none() {
            self.db.close().await;
        }
    }
}

/// A workspace is opened: from now on a start must look at it. Durable before anything is taken in.
async fn leave_rest(dir: &Path) -> io::Result<()> {
    let dir = dir.to_owned();
    let work = move || match fs::remove_file(dir.join(AT_REST)) {
        Ok(()) => fs::File::open(&dir)?.sync_all(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
