//! The parsers a workspace uses now, shared by its pipeline and its API.

use super::{is_used, store};
use crate::{
    health::{Finding, Health, Resource},
    workspaces::Shared,
};
use bailiwick_api::Tracker;
use bailiwick_chassis::{Refusal, secrets, sql::Db};
use bailiwick_event::{Parsers, SetAside, Uploaded};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The error of a parser that went over its limits.
const PARSER_SET_ASIDE: &str = "PARSER_SET_ASIDE";
/// The error of a parser that a newer node does not take any more.
const PARSER_INVALID: &str = "PARSER_INVALID";

/// The parsers of one workspace. Every change has a new version, so that who holds compiled state knows to renew it.
pub(crate) struct CurrentParsers {
    db: Db,
    shared: Arc<Shared>,
    health: Arc<Health>,
    now: RwLock<Now>,
    version: AtomicU64,
    reloading: tokio::sync::Mutex<()>,
}

struct Now {
    parsers: Arc<Parsers>,
    /// The names of all that were uploaded, in use or not.
    uploaded: HashSet<String>,
    /// Over the names and programs of all in use.
    digest: String,
}

impl CurrentParsers {
    /// Compiles what the workspace has enabled. One that does not compile any more is set aside, and the others are used.
    pub(crate) async fn open(db: Db, shared: &Arc<Shared>, health: &Arc<Health>) -> Result<Arc<Self>, Refusal> {
        let now = RwLock::new(Now { parsers: Arc::clone(&shared.parsers), uploaded: HashSet::new(), digest: String::new() });
        let (shared, health) = (Arc::clone(shared), Arc::clone(health));
        let current = Arc::new(Self { db, shared, health, now, version: AtomicU64::new(0), reloading: tokio::sync::Mutex::default() });
        current.reload().await?;
        Ok(current)
    }

    /// The version of what [`CurrentParsers::get`] gives.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The parsers in use.
    pub(crate) fn get(&self) -> Arc<Parsers> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner).parsers)
    }

    /// SHA-256 over the names and programs of the parsers in use, base64url.
    pub(crate) fn digest(&self) -> String {
        self.now.read().unwrap_or_else(PoisonError::into_inner).digest.clone()
    }

    /// The parsers that come with the node.
    pub(crate) fn shipped(&self) -> &Arc<Parsers> {
        &self.shared.parsers
    }

    /// Whether there is a parser of this name, in use or not.
    pub(crate) fn knows(&self, name: &str) -> bool {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        now.uploaded.contains(name) || self.shared.parsers.names().any(|known| known == name)
    }

    /// Tells of parsers that the pipeline does not run any more. Called off the async threads; never waits.
    pub(crate) fn tell(self: &Arc<Self>, aside: Vec<SetAside>) {
        for SetAside { parser, why, sample } in aside {
            tracing::warn!(parser = %parser, why, "parser set aside: it goes over its limits");
            self.health.report(&Resource::Parser(parser.clone()), Tracker::ParserSetAside, &Finding::error(PARSER_SET_ASIDE, &why));
            let (db, clock) = (self.db.clone(), Arc::clone(&self.shared.clock));
            // What cannot be written is told again after the next start: the parser goes over its limits again.
            self.shared.tasks.spawn_draining(async move {
                if let Err(refusal) = store::set_aside(&db, &parser, &why, &sample, clock.now_us()).await {
                    tracing::error!(parser = %parser, code = refusal.code(), "set aside and not written down");
                }
            });
        }
    }

    /// It was enabled anew, switched off or deleted: whatever was wrong is over.
    pub(super) fn forgiven(&self, parser: &str) {
        self.health.report(&Resource::Parser(parser.to_owned()), Tracker::ParserSetAside, &Finding::Healthy);
    }

    /// Reads the table again after it changed.
    pub(crate) async fn reload(&self) -> Result<(), Refusal> {
        let _turn = self.reloading.lock().await;
        let rows = store::all(&self.db).await?;
        let names = rows.iter().map(|row| row.name.clone()).collect();
        let used = rows.into_iter().filter(|row| is_used(row.state));
        let uploaded: Vec<Uploaded> = used.map(|row| Uploaded { name: row.name, source: row.source, set_aside: row.why }).collect();
        let texts: HashMap<String, String> = uploaded.iter().map(|one| (one.name.clone(), one.source.clone())).collect();
        let parsers = self.compile(uploaded).await?;
        let digest = digest(&parsers, &texts);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Now { parsers, uploaded: names, digest };
        self.version.fetch_add(1, Ordering::Release);
        Ok(())
    }

    async fn compile(&self, mut uploaded: Vec<Uploaded>) -> Result<Arc<Parsers>, Refusal> {
        loop {
            let (shipped, before, list) = (Arc::clone(&self.shared.parsers), self.get(), uploaded.clone());
            let made = tokio::task::spawn_blocking(move || shipped.with(&list, Some(&before))).await.map_err(Refusal::internal)?;
            let error = match made {
                Ok(parsers) => return Ok(parsers),
                Err(error) => error,
            };
            let Some(refused) = uploaded.iter_mut().find(|parser| parser.name == error.parser && parser.set_aside.is_none()) else {
                return Err(Refusal::internal(error));
            };
            let why = format!("it does not compile any more: {}", error.problem);
            store::set_aside(&self.db, &refused.name, &why, "", self.shared.clock.now_us()).await?;
            self.health.report(&Resource::Parser(refused.name.clone()), Tracker::ParserSetAside, &Finding::error(PARSER_INVALID, &why));
            refused.set_aside = Some(why);
        }
    }
}

/// Each name and program with its length, so that no two lists read alike.
fn digest(parsers: &Parsers, uploaded: &HashMap<String, String>) -> String {
    let mut all = Vec::new();
    for name in parsers.names() {
        let program = uploaded.get(name).map(String::as_str).or_else(|| Parsers::source(name)).unwrap_or_default();
        for text in [name, program] {
            all.extend_from_slice(&(text.len() as u64).to_be_bytes());
            all.extend_from_slice(text.as_bytes());
        }
    }
    secrets::digest(all)
}
