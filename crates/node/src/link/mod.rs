//! Outbound links: consoles that cannot reach this node are dialled by it. A workspace's administrator agrees to a console by its
//! enrolment code; from then on one task per console keeps one connection, and requests over it are answered by the same router, under the
//! same policies, as those on the listener. Nothing is trusted because it came over a link.

mod dial;
mod enrol;
pub(crate) mod http;
mod store;

use crate::State;
use axum::Router;
use bailiwick_api::{ConsoleId, LinkInfo, LinkTrouble, WorkspaceId};
use bailiwick_chassis::{Refusal, clock::from_us};
use bailiwick_link::{Dialler, PublicKey};
use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How consoles are dialled.
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// A PEM file of certificates that are trusted beside the system's.
    pub ca: Option<PathBuf>,
    /// An HTTP proxy on the way out, `http://proxy:3128`.
    pub proxy: Option<String>,
    /// After a link broke, the first wait before dialling again; it doubles, give or take half.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self { ca: None, proxy: None, first_wait: Duration::from_millis(500), longest_wait: Duration::from_secs(30) }
    }
}

/// What the links of a node share.
pub(crate) struct Links {
    dialler: Dialler,
    config: LinkConfig,
    /// The list of consoles changed.
    changed: Notify,
    standing: Mutex<HashMap<ConsoleId, Standing>>,
}

/// How a link stands.
#[derive(Clone, Debug, Default)]
struct Standing {
    connected_us: Option<i64>,
    trouble: Option<LinkTrouble>,
    next_try_us: Option<i64>,
}

impl Links {
    /// No link yet. The error names the setting that cannot be used.
    pub(crate) fn new(config: &LinkConfig) -> Result<Self, String> {
        let ca = config.ca.as_ref().map(|path| fs::read(path).map_err(|error| format!("link.ca: {}: {error}", path.display()))).transpose()?;
        let dialler = Dialler::new(ca.as_deref(), config.proxy.as_deref())?;
        Ok(Self { dialler, config: config.clone(), changed: Notify::new(), standing: Mutex::default() })
    }

    fn connected(&self, console: &ConsoleId, now_us: i64) {
        self.standing().insert(console.clone(), Standing { connected_us: Some(now_us), ..Standing::default() });
    }

    fn failed(&self, console: &ConsoleId, trouble: LinkTrouble, next_try_us: i64) {
        self.standing().insert(console.clone(), Standing { connected_us: None, trouble: Some(trouble), next_try_us: Some(next_try_us) });
    }

    fn gone(&self, console: &ConsoleId) {
        self.standing().remove(console);
    }

    fn standing(&self) -> MutexGuard<'_, HashMap<ConsoleId, Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the task that keeps one link for each console that some workspace is enrolled with. The router is the task's alone: it holds the
/// state, so the state must not hold it.
pub(crate) fn start(state: &State, router: Router) {
    let owner = state.clone();
    state.tasks().spawn_draining(async move {
        let stop = owner.tasks().stopping();
        let mut running = Running::new();
        loop {
            match store::agreed(owner.db()).await {
                Ok(links) => keep(&owner, &router, &mut running, links, &stop),
                Err(refusal) => tracing::error!(code = refusal.code(), "outbound links not read; tried again soon"),
            }
            tokio::select! {
                () = owner.links().changed.notified() => {}
                () = tokio::time::sleep(owner.links().config.longest_wait) => {}
                () = stop.cancelled() => return,
            }
        }
    });
}

/// Links that are kept: the key each proves itself with, and what ends it.
type Running = HashMap<ConsoleId, (PublicKey, CancellationToken)>;

/// Begins links that are new and ends those that are not wanted any more.
fn keep(state: &State, router: &Router, running: &mut Running, links: Vec<store::ConsoleLink>, stop: &CancellationToken) {
    running.retain(|console, (key, hang_up)| {
        let wanted = links.iter().any(|link| link.console == *console && link.key.public() == *key) && !hang_up.is_cancelled();
        if !wanted {
            hang_up.cancel();
            state.links().gone(console);
        }
        wanted
    });
    for link in links {
        if running.contains_key(&link.console) {
            continue;
        }
        let hang_up = stop.child_token();
        running.insert(link.console.clone(), (link.key.public(), hang_up.clone()));
        let (state, router) = (state.clone(), router.clone());
        state.tasks().clone().spawn_draining(async move {
            dial::keep(&state, &router, &link, &hang_up).await;
            // Whoever reads the list next may begin it anew.
            hang_up.cancel();
        });
    }
}

/// A workspace's enrolment with a console ends: the node hangs up and forgets the console, if no other workspace is enrolled with it.
pub(crate) async fn enrolment_ends(state: &State, workspace: &WorkspaceId, console: &str) -> Result<(), Refusal> {
    if store::forget(state.db(), console, workspace).await? {
        state.links().changed.notify_one();
    }
    Ok(())
}

/// How the links of one workspace stand.
async fn list(state: &State, workspace: &WorkspaceId) -> Result<Vec<LinkInfo>, Refusal> {
    let links = store::of_workspace(state.db(), workspace).await?;
    let standing = state.links().standing();
    let info = |link: store::ConsoleLink| {
        let standing = standing.get(&link.console).cloned().unwrap_or_default();
        LinkInfo {
            console: link.console,
            console_name: link.console_name,
            address: link.address.to_string(),
            fingerprint: link.fingerprint.to_string(),
            connected_time: standing.connected_us.map(from_us),
            last_error: standing.trouble,
            next_try_time: standing.next_try_us.map(from_us),
        }
    };
    Ok(links.into_iter().map(info).collect())
}
