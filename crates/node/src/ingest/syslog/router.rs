//! Ingest keys to sources for the shared listener: looked up once, and forgotten as soon as the workspace's sources are read again.

use super::outlet::Outlet;
use crate::{State, access};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// How long what was learned of a key holds. A workspace stays open as long.
const KEPT: Duration = Duration::from_secs(30);
/// Keys known, and wrong keys remembered.
const KEYS: usize = 16_384;
/// Keys looked up at a time.
const LOOKUPS: usize = 16;
/// How long a lookup may take; the workspace may have to be opened for it.
const LOOKUP: Duration = Duration::from_secs(30);

/// What is known of keys.
#[derive(Debug)]
pub(super) struct Router {
    keys: Mutex<HashMap<Box<[u8]>, Known>>,
    wrong: Mutex<HashMap<Box<[u8]>, Instant>>,
    lookups: Semaphore,
}

/// Whose a key is cannot be said now; the workspace's database or the node's does not answer.
#[derive(Debug)]
pub(super) struct NotNow;

struct Known {
    outlet: Arc<Outlet>,
    version: u64,
    until: Instant,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Default for Router {
    fn default() -> Self {
        Self { keys: Mutex::default(), wrong: Mutex::default(), lookups: Semaphore::new(LOOKUPS) }
    }
}

impl Router {
    /// What is known of a key without asking anybody: a source, that it is wrong, or nothing.
    pub(super) fn known(&self, key: &[u8]) -> Option<Option<Arc<Outlet>>> {
        let now = Instant::now();
        let keys = lock(&self.keys);
        if let Some(known) = keys.get(key).filter(|known| known.until > now && known.outlet.sources_version() == known.version) {
            return Some(Some(Arc::clone(&known.outlet)));
        }
        drop(keys);
        lock(&self.wrong).get(key).filter(|until| **until > now).map(|_| None)
    }

    /// The source of a key; none when it is wrong.
    pub(super) async fn source(&self, state: &State, key: &[u8]) -> Result<Option<Arc<Outlet>>, NotNow> {
        if let Some(known) = self.known(key) {
            return Ok(known);
        }
        let _turn = self.lookups.acquire().await.map_err(|_| NotNow)?;
        if let Some(known) = self.known(key) {
            return Ok(known);
        }
        let Ok(text) = std::str::from_utf8(key) else { return Ok(None) };
        tokio::time::timeout(LOOKUP, self.look_up(state, text)).await.unwrap_or_else(|_| {
            tracing::warn!("syslog key not looked up in time");
            Err(NotNow)
        })
    }

    async fn look_up(&self, state: &State, key: &str) -> Result<Option<Arc<Outlet>>, NotNow> {
        let first = match access::ingest_key(state, key, None).await {
            Ok(grant) => grant,
            Err(refusal) => {
                if refusal.status() == http::StatusCode::UNAUTHORIZED {
                    remember(&self.wrong, key.as_bytes(), Instant::now() + KEPT, |until| *until);
                    return Ok(None);
                }
                tracing::warn!(code = refusal.code(), "syslog key not looked up");
                return Err(NotNow);
            }
        };
        // Asked again under a version read before: a key that was changed in between is not remembered as good.
        let version = first.workspace().sources_version();
        let grant = access::ingest_key(state, key, None).await.map_err(|_| NotNow)?;
        let outlet = Arc::new(Outlet::new(state, grant));
        let known = Known { outlet: Arc::clone(&outlet), version, until: Instant::now() + KEPT };
        remember(&self.keys, key.as_bytes(), known, |known| known.until);
        Ok(Some(outlet))
    }

    /// Forgets what is too old, so that idle workspaces can close.
    pub(super) fn sweep(&self) {
        let now = Instant::now();
        lock(&self.keys).retain(|_, known| known.until > now);
        lock(&self.wrong).retain(|_, until| *until > now);
    }
}

/// Adds an entry; when there are too many, those that are too old go, and if that is not enough, all.
fn remember<T>(entries: &Mutex<HashMap<Box<[u8]>, T>>, key: &[u8], value: T, until: impl Fn(&T) -> Instant) {
    let (mut entries, now) = (lock(entries), Instant::now());
    if entries.len() >= KEYS {
        entries.retain(|_, value| until(value) > now);
    }
    if entries.len() >= KEYS {
        entries.clear();
    }
    entries.insert(key.into(), value);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
