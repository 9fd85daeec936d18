//! Workspaces: everything of one customer on this node, one directory each.
//!
//! This is the one place where a customer becomes a directory. A workspace is opened when something asks and closed when nothing
//! has asked for a while; whoever asks must hold an [`Opening`], which only [`crate::access`] can make.

mod events;
mod receipts;
mod tail;
mod workspace;

pub use receipts::Admission;
pub(crate) use receipts::KEPT_US as RECEIPTS_KEPT_US;
pub(crate) use tail::count;
pub use tail::{Tail, TailRow, Unflushed};
pub use workspace::{SourceInfo, Workspace};

use self::events::EventFields;
use crate::{NodeConfig, State, access::Opening, config::FlushConfig};
use bailiwick_api::WorkspaceId;
use bailiwick_chassis::{Refusal, clock::SharedClock, sql::Db, tasks::Tasks};
use bailiwick_detect::RuleSet;
use bailiwick_event::Parsers;
use bailiwick_lake::{Engine, Limits};
use sqlx::Row;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;

/// Logs that sync at a time, over all workspaces.
const SYNCS: usize = 8;
/// How often idle workspaces are looked for.
const SWEEP: Duration = Duration::from_secs(30);

/// What all workspaces of a node share.
pub(crate) struct Shared {
    pub(crate) region: String,
    pub(crate) clock: SharedClock,
    pub(crate) flush: FlushConfig,
    pub(crate) parsers: Arc<Parsers>,
    pub(crate) rules: Arc<RuleSet>,
    pub(crate) engine: Engine,
    pub(crate) syncs: Arc<Semaphore>,
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
    pub(crate) fn new(config: &NodeConfig, names: Db, engine: Engine, parsers: Arc<Parsers>, rules: Arc<RuleSet>) -> Self {
        let shared = Shared {
            region: config.region.clone(),
            clock: Arc::clone(&config.clock),
            flush: config.flush,
            parsers,
            rules,
            engine,
            syncs: Arc::new(Semaphore::new(SYNCS)),
            tasks: Tasks::new(),
        };
        let root = config.data.join("workspaces");
        Self(Arc::new(Inner { root, names, shared: Arc::new(shared), slots: Mutex::default() }))
    }

    /// The query engine's bounds for this node.
    pub(crate) fn engine() -> Result<Engine, bailiwick_lake::LakeError> {
        Ok(Engine::new(Limits::default())?.deriving(Arc::new(EventFields)))
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
        let workspace = Workspace::open(id.clone(), row.try_get("name")?, self.0.root.join(id.as_str()), Arc::clone(&self.0.shared)).await?;
        *open = Some(Arc::clone(&workspace));
        tracing::info!(workspace.id = %id, "workspace opened");
        Ok(workspace)
    }

    /// Opens what has work left from before the start, and the syslog ports; then keeps closing what is idle.
    pub(crate) async fn catch_up(&self, state: &State) {
        let ids = match sqlx::query("select id from workspace order by id").fetch_all(self.0.names.pool()).await {
            Ok(rows) => rows.into_iter().filter_map(|row| row.try_get("id").ok().map(WorkspaceId)).collect::<Vec<_>>(),
            Err(error) => return tracing::error!(error = %error, "workspaces not listed"),
        };
        for id in ids.into_iter().filter(|id| self.0.root.join(id.as_str()).exists()) {
            match crate::access::open_for_node(state, &id).await {
                Ok(workspace) => state.syslog().apply(state, &workspace).await,
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
        for slot in slots {
            if let Some(workspace) = slot.lock().await.take() {
                workspace.close().await;
            }
        }
        self.0.shared.tasks.stop(Duration::from_secs(30)).await;
    }

    async fn close_idle(&self, in_use: impl Fn(&WorkspaceId) -> bool) {
        let now = self.0.shared.clock.now_us();
        let idle = i64::try_from(self.0.shared.flush.idle.as_micros()).unwrap_or(i64::MAX);
        let slots: Vec<(WorkspaceId, Slot)> = self.lock().iter().map(|(id, slot)| (id.clone(), Arc::clone(slot))).collect();
        for (id, slot) in slots {
            let Ok(mut open) = slot.try_lock() else { continue };
            let unused = open.as_ref().is_some_and(|w| Arc::strong_count(w) == 1 && now - w.used_us() > idle);
            if unused
                && !in_use(&id)
                && let Some(workspace) = open.take()
            {
                workspace.close().await;
                tracing::info!(workspace.id = %id, "idle workspace closed");
            }
        }
    }

    fn slot(&self, id: &WorkspaceId) -> Slot {
        Arc::clone(self.lock().entry(id.clone()).or_default())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Slot>> {
        self.0.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
