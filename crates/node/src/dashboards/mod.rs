//! What dashboards count of this node's workspaces, in memory, so that a question over thousands of them opens no database.
//!
//! A workspace's [`Digest`] outlives the workspace's being open: while it is closed nobody writes. While it is open, it is brought up to date when
//! it is asked for, something was written since, and it was not looked at within the last second. All digests of a node share a budget of memory;
//! what does not fit is made for the question and let go.
//!
//! A question is answered workspace by workspace into [`groups::Groups`], a panel after the other, off the async threads ([`http`]).

mod answer;
#[cfg(test)]
mod asking;
mod cases;
mod durations;
mod facts;
mod failed;
mod groups;
mod health;
pub(crate) mod http;
mod live;
mod panel;
mod rows;
mod signals;
pub(crate) mod silent;
#[cfg(test)]
mod tests;
mod volume;

pub(crate) use facts::mark;

use crate::{wal::Position, workspaces::Tail};
use bailiwick_api::WorkspaceId;
use bailiwick_chassis::{Refusal, clock::SharedClock, sql::Db};
use live::Unwritten;
use panel::Need;
use sqlx::Row;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a digest counts as current though something was written.
const FRESH: Duration = Duration::from_secs(1);
/// How long it counts as current while nothing seems to be written; see `crate::queue`.
const CERTAIN: Duration = Duration::from_secs(20);

/// What a question needs in memory, by dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    volume: Need,
    failed: Need,
    signals: Need,
    /// Up to where the log has to be in the meters: what left memory for them must not be missed.
    stored: Position,
}

impl Needs {
    /// The same, of a workspace whose log is in the meters up to here.
    fn stored(self: &Arc<Self>, stored: Position) -> Arc<Self> {
        if self.stored >= stored { Arc::clone(self) } else { Arc::new(Self { stored, ..Self::clone(self) }) }
    }
}

/// What dashboards know of one workspace.
#[derive(Clone, Default)]
pub(crate) struct Digest {
    volume: volume::Volume,
    failed: failed::Failed,
    signals: signals::Signals,
    cases: cases::Cases,
    health: health::Health,
    silent: silent::Silent,
    /// Up to where the log is in the meters.
    stored: Position,
}

impl Digest {
    /// Reads what changed since the last time, and what a question needs.
    async fn refresh(&mut self, db: &Db, needs: &Needs, now_us: i64) -> Result<(), Refusal> {
        // One moment for all that is counted by time; nothing is written, and writers do not wait for it.
        let mut moment = db.pool().begin().await?;
        self.volume.refresh(&mut moment, &needs.volume, now_us).await?;
        self.failed.refresh(&mut moment, &needs.failed, now_us).await?;
        self.signals.refresh(&mut moment, &needs.signals, now_us).await?;
        self.stored = stored(&mut moment).await?;
        moment.rollback().await?;
        self.cases.refresh(db).await?;
        self.health.refresh(db).await?;
        self.silent.refresh(db, now_us).await
    }

    fn bytes(&self) -> usize {
        let counted = self.volume.bytes() + self.failed.bytes() + self.signals.bytes();
        size_of::<Self>() + counted + self.cases.bytes() + self.health.bytes() + self.silent.bytes()
    }

    fn has(&self, needs: &Needs) -> bool {
        self.stored >= needs.stored && self.volume.has(&needs.volume) && self.failed.has(&needs.failed) && self.signals.has(&needs.signals)
    }
}

async fn stored(db: &mut sqlx::AnyConnection) -> Result<Position, Refusal> {
    let row = sqlx::query("select segment, position from cursor where name = 'stored'").fetch_optional(db).await?;
    let Some(row) = row else { return Ok(Position::default()) };
    let number = |column| row.try_get::<i64, _>(column).map(|n| u64::try_from(n).unwrap_or_default());
    Ok(Position { segment: number("segment")?, offset: number("position")? })
}

/// The digests of a node.
pub(crate) struct Digests {
    held: Mutex<HashMap<WorkspaceId, Arc<Held>>>,
    room: Arc<Room>,
    clock: SharedClock,
}

/// The memory that all digests share.
struct Room {
    used: AtomicUsize,
    limit: usize,
}

impl Room {
    /// Takes memory in place of what was had before; false when there is too little, and then nothing is had.
    fn take(&self, had: usize, wanted: usize) -> bool {
        let change = |used: usize| {
            let rest = used.saturating_sub(had);
            (rest + wanted <= self.limit).then_some(rest + wanted)
        };
        let taken = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok();
        if !taken {
            let _always_some = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(used.saturating_sub(had)));
        }
        metrics::gauge!("bailiwick_dashboard_memory_bytes")
            .set(f64::from(u32::try_from(self.used.load(Ordering::Relaxed) >> 10).unwrap_or(u32::MAX)) * 1024.0);
        taken
    }
}

impl Digests {
    /// None yet; at most `limit` bytes.
    pub(crate) fn new(limit: usize, clock: SharedClock) -> Self {
        Self { held: Mutex::default(), room: Arc::new(Room { used: AtomicUsize::new(0), limit }), clock }
    }

    /// What of a workspace is in no file yet; to be asked before its digest.
    pub(crate) fn unwritten(&self, workspace: &WorkspaceId) -> Unwritten {
        self.get(workspace).map(|held| held.unwritten()).unwrap_or_default()
    }

    /// What is held of a workspace that was open, or asked for, since the node started.
    pub(crate) fn get(&self, workspace: &WorkspaceId) -> Option<Arc<Held>> {
        self.lock().get(workspace).cloned()
    }

    /// A workspace opens with its tail, or only its database is looked at.
    pub(crate) async fn attach(&self, workspace: &WorkspaceId, db: &Db, tail: Option<Arc<Tail>>) -> Arc<Held> {
        let fresh = || Arc::new(Held::new(workspace.clone(), Arc::clone(&self.room), Arc::clone(&self.clock)));
        let held = Arc::clone(self.lock().entry(workspace.clone()).or_insert_with(fresh));
        *held.tail() = tail;
        let mut inner = held.inner.lock().await;
        inner.db = Some(db.clone());
        inner.writes = None;
        drop(inner);
        held
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Arc<Held>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is held of one workspace.
pub(crate) struct Held {
    workspace: WorkspaceId,
    room: Arc<Room>,
    clock: SharedClock,
    /// While the workspace is open.
    tail: Mutex<Option<Arc<Tail>>>,
    inner: tokio::sync::Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// While the workspace is open.
    db: Option<Db>,
    /// The number of [`Db::writes`] at which the digest was true; none when that is not known.
    writes: Option<u64>,
    digest: Option<Arc<Digest>>,
    /// What it takes of the room.
    bytes: usize,
    looked: Option<Instant>,
}

impl Held {
    fn new(workspace: WorkspaceId, room: Arc<Room>, clock: SharedClock) -> Self {
        Self { workspace, room, clock, tail: Mutex::default(), inner: tokio::sync::Mutex::default() }
    }

    /// The digest as it is now; none when the workspace is closed and what is needed is not in memory: then its database has to be opened.
    pub(crate) async fn view(&self, needs: &Needs) -> Result<Option<Arc<Digest>>, Refusal> {
        let mut inner = self.inner.lock().await;
        if let Some(digest) = inner.current()
            && digest.has(needs)
        {
            return Ok(Some(digest));
        }
        let Some(db) = inner.db.clone() else { return Ok(None) };
        self.refresh(&mut inner, &db, needs).await.map(Some)
    }

    /// What is in no file yet, of a workspace that is open. To be asked before the digest.
    fn unwritten(&self) -> Unwritten {
        self.tail().as_deref().map(Unwritten::of).unwrap_or_default()
    }

    fn tail(&self) -> std::sync::MutexGuard<'_, Option<Arc<Tail>>> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The digest where nothing has to be read for it.
    pub(crate) async fn known(&self, needs: &Needs) -> Option<Arc<Digest>> {
        self.inner.lock().await.current().filter(|digest| digest.has(needs))
    }

    /// The workspace is about to close: what is known stays true until it opens again.
    pub(crate) async fn rest(&self) {
        let mut inner = self.inner.lock().await;
        let Some(db) = inner.db.take() else { return };
        self.tail().take();
        // Also when nothing was written: what is told of source categories that fall silent meanwhile is read while there is a database.
        if inner.digest.is_some()
            && let Err(refusal) = self.refresh(&mut inner, &db, &Needs::default()).await
        {
            tracing::warn!(workspace.id = %self.workspace, code = refusal.code(), "what dashboards know is not kept while the workspace is closed");
        }
    }

    async fn refresh(&self, inner: &mut Inner, db: &Db, needs: &Needs) -> Result<Arc<Digest>, Refusal> {
        let (writes, had) = (db.writes(), std::mem::take(&mut inner.bytes));
        let mut digest = inner.digest.take().unwrap_or_default();
        inner.writes = None;
        self.room.take(had, 0);
        Arc::make_mut(&mut digest).refresh(db, needs, self.clock.now_us()).await?;
        let bytes = digest.bytes();
        if self.room.take(0, bytes) {
            *inner = Inner { db: inner.db.take(), writes: Some(writes), digest: Some(Arc::clone(&digest)), bytes, looked: Some(Instant::now()) };
        }
        Ok(digest)
    }
}

impl Inner {
    fn current(&self) -> Option<Arc<Digest>> {
        let is_current = match &self.db {
            None => self.writes.is_some(),
            Some(db) => {
                let known = if self.writes == Some(db.writes()) { CERTAIN } else { FRESH };
                self.writes.is_some() && self.looked.is_some_and(|at| at.elapsed() < known)
            }
        };
        self.digest.clone().filter(|_| is_current)
    }
}
