//! The investigations that are not closed, and who may ask for them, in memory: a question over hundreds of workspaces costs no read of a
//! database where nothing changed, and none is opened for it.
//!
//! A workspace's [`Queue`] outlives the workspace's being open: while it is closed nobody writes. While it is open every transaction moves
//! [`Db::writes`]; then the rows that changed are read, which triggers have numbered (migration 0027), and the tables of access when they changed.
//! So whoever writes investigations or technicians has one duty: to do so in a transaction.

pub(crate) mod eval;
pub(crate) mod facts;
mod refresh;
#[cfg(test)]
mod tests;
mod told;
pub(crate) mod top;

pub(crate) use told::Told;

use bailiwick_api::{InvestigationRow, Role, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Rows a node keeps in memory; workspaces beyond are asked in their databases.
const MAX_ROWS: usize = 1_200_000;
/// Rows of one workspace.
const MAX_OF_ONE: usize = 100_000;
/// Bytes a node keeps of what signals, comments and evidence say.
const MAX_TOLD: usize = 512 << 20;
/// How long an open workspace goes by its counter alone; then its database is asked for its numbers. A commit whose caller went away may move
/// the counter a moment too early.
const CERTAIN: Duration = Duration::from_secs(20);

/// The queues of a node.
#[derive(Default)]
pub(crate) struct Queues {
    queues: Mutex<HashMap<WorkspaceId, Arc<Queue>>>,
    rows: Arc<AtomicUsize>,
    told: Arc<AtomicUsize>,
}

impl Queues {
    /// The queue of a workspace that was open since the node started.
    pub(crate) fn get(&self, workspace: &WorkspaceId) -> Option<Arc<Queue>> {
        self.lock().get(workspace).cloned()
    }

    /// A workspace opens.
    pub(crate) async fn attach(&self, region: &str, workspace: &WorkspaceId, db: &Db) -> Arc<Queue> {
        let fresh = || Arc::new(Queue::new(region.to_owned(), workspace.clone(), [&self.rows, &self.told].map(Arc::clone)));
        let queue = Arc::clone(self.lock().entry(workspace.clone()).or_insert_with(fresh));
        let mut held = queue.held.lock().await;
        held.db = Some(db.clone());
        held.writes = None;
        queue.forget(&mut held);
        drop(held);
        queue
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Arc<Queue>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One workspace's.
pub(crate) struct Queue {
    region: String,
    workspace: WorkspaceId,
    node_rows: Arc<AtomicUsize>,
    node_told: Arc<AtomicUsize>,
    held: tokio::sync::Mutex<Held>,
}

/// What is known, and how current it is.
#[derive(Default)]
struct Held {
    /// While the workspace is open.
    db: Option<Db>,
    /// The number of [`Db::writes`] at which the view was true; none when that is not known.
    writes: Option<u64>,
    view: Option<Arc<View>>,
    /// While the workspace is closed, and if it is not too much.
    told: Option<Arc<Told>>,
    /// When the database was asked last.
    asked: Option<Instant>,
}

/// An investigation that is not closed, as technicians see it.
pub(crate) struct Entry {
    /// Its id here.
    pub(crate) id: String,
    /// The row.
    pub(crate) row: InvestigationRow,
}

/// A workspace as it was at one moment.
pub(crate) struct View {
    /// Rows that are not closed, by id. Empty unless `whole`.
    pub(crate) rows: Vec<Arc<Entry>>,
    /// Whether all of them are here; there may be too many.
    pub(crate) whole: bool,
    /// Whether there may be closed ones.
    pub(crate) closed: bool,
    /// Who may ask.
    pub(crate) access: Arc<Access>,
    /// Stamp of the last change that the feed tells.
    pub(crate) changed: i64,
    change: i64,
    gone: i64,
}

/// The tables of access.
#[derive(Default)]
pub(crate) struct Access {
    number: i64,
    /// Consoles that are enrolled.
    pub(crate) enrolments: HashMap<String, Enrolled>,
    /// Technicians by address.
    pub(crate) technicians: HashMap<String, Known>,
}

/// An enrolment.
#[derive(Clone)]
pub(crate) struct Enrolled {
    pub(crate) public_key: String,
    pub(crate) suspended: bool,
}

/// A technician.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) role: Role,
    pub(crate) revoked: bool,
    pub(crate) expires: Option<i64>,
}

impl Queue {
    fn new(region: String, workspace: WorkspaceId, [node_rows, node_told]: [Arc<AtomicUsize>; 2]) -> Self {
        Self { region, workspace, node_rows, node_told, held: tokio::sync::Mutex::default() }
    }

    /// What its signals, comments and evidence say; none while the workspace is open, for then its database is asked.
    pub(crate) async fn told(&self) -> Option<Arc<Told>> {
        self.held.lock().await.told.clone()
    }

    fn forget(&self, held: &mut Held) {
        let bytes = held.told.take().map_or(0, |told| told.bytes());
        self.node_told.fetch_sub(bytes, Ordering::Relaxed);
    }

    async fn tell(&self, held: &mut Held, db: &Db) {
        let room = MAX_TOLD.saturating_sub(self.node_told.load(Ordering::Relaxed));
        match Told::read(db, room).await {
            Ok(told) => {
                self.node_told.fetch_add(told.as_ref().map_or(0, Told::bytes), Ordering::Relaxed);
                held.told = told.map(Arc::new);
            }
            Err(refusal) => {
                tracing::warn!(workspace.id = %self.workspace, code = refusal.code(), "what signals say is not kept while the workspace is closed");
            }
        }
    }

    /// The workspace as it is now; none when it is closed and nothing certain is known of it: then it has to be opened.
    pub(crate) async fn view(&self) -> Result<Option<Arc<View>>, Refusal> {
        let mut held = self.held.lock().await;
        if held.current() {
            return Ok(held.view.clone());
        }
        let Some(db) = held.db.clone() else { return Ok(None) };
        self.refresh(&mut held, &db).await.map(Some)
    }

    /// The workspace is about to close: what is known stays true until it opens again.
    pub(crate) async fn rest(&self) {
        let mut held = self.held.lock().await;
        let Some(db) = held.db.take() else { return };
        if held.view.is_some()
            && held.writes.is_none_or(|writes| writes != db.writes())
            && let Err(refusal) = self.refresh(&mut held, &db).await
        {
            tracing::warn!(workspace.id = %self.workspace, code = refusal.code(), "the queue is not kept while the workspace is closed");
            held.view = None;
        }
        if held.view.as_ref().is_some_and(|view| view.whole) {
            self.tell(&mut held, &db).await;
        }
    }

    async fn refresh(&self, held: &mut Held, db: &Db) -> Result<Arc<View>, Refusal> {
        let writes = db.writes();
        let before = held.view.take();
        let had = before.as_ref().map_or(0, |view| view.rows.len());
        held.writes = None;
        let room = MAX_ROWS.saturating_sub(self.node_rows.load(Ordering::Relaxed) - had.min(self.node_rows.load(Ordering::Relaxed)));
        let view = refresh::refresh(db, &self.region, &self.workspace, before, room.min(MAX_OF_ONE)).await;
        let has = view.as_ref().map_or(0, |view| view.rows.len());
        self.node_rows.fetch_add(has, Ordering::Relaxed);
        self.node_rows.fetch_sub(had, Ordering::Relaxed);
        let view = view?;
        held.view = Some(Arc::clone(&view));
        held.writes = Some(writes);
        held.asked = Some(Instant::now());
        Ok(view)
    }
}

impl Held {
    fn current(&self) -> bool {
        match (&self.view, &self.db) {
            (None, _) => false,
            (Some(_), Some(db)) => self.writes == Some(db.writes()) && self.asked.is_some_and(|at| at.elapsed() < CERTAIN),
            (Some(_), None) => self.writes.is_some(),
        }
    }
}
