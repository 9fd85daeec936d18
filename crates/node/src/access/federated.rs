//! A person's standing at a workspace, and one question to many workspaces: each decides for itself, none spoils the rest.
//!
//! Standings are read from memory ([`crate::queue`]), which follows every write of the tables they come from.

use super::{Action, Who, WorkspaceGrant, assertion::Presented, open};
use crate::{
    State,
    dashboards::{Digest, Needs},
    queue::{Access, Queue, View},
    workspaces::{Database, Workspace},
};
use axum::extract::FromRequestParts;
use bailiwick_api::{Ask, Role, SkipReason, WorkspaceId};
use bailiwick_chassis::Refusal;
use futures_util::{StreamExt, stream};
use http::{StatusCode, request::Parts};
use sqlx::Row;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Workspaces one question may name.
const MAX_WORKSPACES: usize = 2_000;
/// Workspaces looked at together.
pub(crate) const AT_ONCE: usize = 16;

/// An assertion that fits its call; each workspace still has to say whether it is genuine.
#[derive(Clone)]
pub struct Asserted {
    presented: Arc<Presented>,
    action: Action,
}

impl Asserted {
    pub(super) fn new(presented: Arc<Presented>, action: Action) -> Self {
        Self { presented, action }
    }

    /// The console that asks.
    pub(crate) fn console(&self) -> &str {
        self.presented.console()
    }

    /// The person, by mail address.
    pub(crate) fn email(&self) -> String {
        self.presented.email()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asserted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Refusal::internal("a handler wants an assertion its policy does not give"))
    }
}

/// One workspace of a question, and whether the person may ask it.
pub struct Asked<G = WorkspaceGrant> {
    /// Which workspace.
    pub workspace: WorkspaceId,
    /// The proof, or why there is none.
    pub grant: Result<G, Left>,
}

/// Why a workspace is left out of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// It may not be asked.
    Skipped(SkipReason),
    /// It could not be read.
    Error(String),
}

/// Proof that a person may do an action in one workspace, which need not be open.
#[must_use]
#[derive(Clone)]
pub(crate) struct QueueGrant {
    workspace: WorkspaceId,
    actor: String,
    role: Role,
    action: Action,
    queue: Arc<Queue>,
}

impl QueueGrant {
    /// Which workspace.
    pub(crate) fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }

    /// The person, by mail address.
    pub(crate) fn actor(&self) -> &str {
        &self.actor
    }

    /// Its investigations as they are now, to those who may view them.
    pub(crate) async fn view(&self, state: &State) -> Result<Arc<View>, Refusal> {
        if self.action != Action::ViewInvestigations {
            return Err(Refusal::forbidden(Action::ViewInvestigations.permission()));
        }
        current(state, &self.workspace, Some(&self.queue)).await.map(|(_, view)| view)
    }

    /// What dashboards count, where it is in memory and current; to those who may view investigations and health.
    pub(crate) async fn known_digest(&self, state: &State, needs: &Needs) -> Result<Option<Arc<Digest>>, Refusal> {
        self.counts()?;
        Ok(state.workspaces().known_digest(&self.workspace, needs).await)
    }

    /// The same, read from the workspace's database where it has to be.
    pub(crate) async fn digest(&self, state: &State, needs: &Needs) -> Result<Arc<Digest>, Refusal> {
        self.counts()?;
        super::digest(state, &self.workspace, needs).await
    }

    /// The workspace's database, to count and list what dashboards tell; the workspace is not opened for it.
    pub(crate) async fn database(&self, state: &State) -> Result<Database, Refusal> {
        self.counts()?;
        super::database(state, &self.workspace).await
    }

    fn counts(&self) -> Result<(), Refusal> {
        let allowed = |action: Action| super::policy::allows(Who::Technician(self.role), action);
        let may = self.action == Action::ViewInvestigations && allowed(Action::ViewInvestigations) && allowed(Action::ViewHealth);
        if may { Ok(()) } else { Err(Refusal::forbidden(Action::ViewInvestigations.permission())) }
    }

    /// The same proof with the workspace open.
    pub(crate) async fn open(&self, state: &State) -> Result<WorkspaceGrant, Refusal> {
        WorkspaceGrant::decide(open(state, &self.workspace).await?, &self.actor, Who::Technician(self.role), self.action)
    }
}

/// Decides a question workspace by workspace, in the order given, and opens those that may be asked.
pub async fn federated(state: &State, asserted: &Asserted, asks: &[Ask]) -> Result<Vec<Asked>, Refusal> {
    let asked = federated_queues(state, asserted, asks).await?;
    let opened = |Asked { workspace, grant }: Asked<QueueGrant>| async move {
        let grant = match grant {
            Ok(grant) => grant.open(state).await.map_err(|_| broken()),
            Err(left) => Err(left),
        };
        Asked { workspace, grant }
    };
    Ok(stream::iter(asked.into_iter().map(opened)).buffered(AT_ONCE).collect().await)
}

/// Decides a question workspace by workspace, in the order given. A workspace that does not exist is answered like one
/// that is not enrolled. Refuses the whole call only when the assertion was used before or the list itself is wrong.
pub(crate) async fn federated_queues(state: &State, asserted: &Asserted, asks: &[Ask]) -> Result<Vec<Asked<QueueGrant>>, Refusal> {
    check_list(asks)?;
    let presented = &asserted.presented;
    let found: Vec<Found> = stream::iter(asks.iter().cloned().map(|ask| find(state, ask))).buffered(AT_ONCE).collect().await;
    let mut genuine: HashMap<&str, bool> = HashMap::new();
    for key in found.iter().filter_map(|found| found.key(presented.console())) {
        genuine.entry(key).or_insert_with(|| presented.signed_by(key));
    }
    let now_us = state.clock().now_us();
    for (key, _) in genuine.iter().filter(|(_, genuine)| **genuine) {
        presented.spend(state.access(), key, now_us)?;
    }
    let genuine: HashSet<String> = genuine.into_iter().filter(|(_, genuine)| *genuine).map(|(key, _)| key.to_owned()).collect();
    Ok(found.into_iter().map(|found| decide(found, &genuine, asserted, now_us)).collect())
}

fn check_list(asks: &[Ask]) -> Result<(), Refusal> {
    if asks.len() > MAX_WORKSPACES {
        let detail = format!("workspaces: at most {MAX_WORKSPACES}");
        return Err(Refusal::invalid("INVALID_INPUT", "workspaces", detail));
    }
    let mut seen = HashSet::new();
    match asks.iter().find(|ask| !seen.insert(&ask.workspace)) {
        Some(twice) => Err(Refusal::invalid("INVALID_INPUT", "workspaces", format!("workspaces: {} is named twice", twice.workspace))),
        None => Ok(()),
    }
}

struct Found {
    ask: Ask,
    at: Result<(Arc<Queue>, Arc<Access>), Left>,
}

impl Found {
    fn key(&self, console: &str) -> Option<&str> {
        self.at.as_ref().ok().and_then(|(_, access)| access.enrolments.get(console)).map(|enrolled| enrolled.public_key.as_str())
    }
}

async fn find(state: &State, ask: Ask) -> Found {
    let known = state.workspaces().queue(&ask.workspace);
    let at = match current(state, &ask.workspace, known.as_ref()).await {
        Ok((queue, view)) => Ok((queue, Arc::clone(&view.access))),
        Err(refusal) if refusal.status() == StatusCode::NOT_FOUND => Err(Left::Skipped(SkipReason::RelationshipRevoked)),
        Err(_) => Err(broken()),
    };
    Found { at, ask }
}

/// A workspace's queue as it is now; the workspace is opened when memory is not certain.
async fn current(state: &State, workspace: &WorkspaceId, known: Option<&Arc<Queue>>) -> Result<(Arc<Queue>, Arc<View>), Refusal> {
    if let Some(queue) = known
        && let Ok(Some(view)) = queue.view().await
    {
        return Ok((Arc::clone(queue), view));
    }
    super::glance(state, workspace).await
}

fn decide(found: Found, genuine: &HashSet<String>, asserted: &Asserted, now_us: i64) -> Asked<QueueGrant> {
    let Found { ask, at } = found;
    let workspace = ask.workspace.clone();
    let grant = at.and_then(|(queue, access)| {
        let email = asserted.presented.email();
        let standing = Standing::of(&access, asserted.presented.console(), &email);
        let standing = standing.filter(|standing| genuine.contains(&standing.public_key) && !standing.suspended);
        let standing = standing.ok_or(Left::Skipped(SkipReason::RelationshipRevoked))?;
        let role = standing.role(ask.role, now_us).ok_or(Left::Skipped(SkipReason::NoRole))?;
        if !super::policy::allows(Who::Technician(role), asserted.action) {
            return Err(Left::Skipped(SkipReason::NoRole));
        }
        Ok(QueueGrant { workspace: ask.workspace, actor: email, role, action: asserted.action, queue })
    });
    Asked { workspace, grant }
}

fn broken() -> Left {
    Left::Error("the workspace cannot be read; the node's log says why".into())
}

/// How a console and a person stand at a workspace.
pub(super) struct Standing {
    /// The key the console was enrolled with.
    pub(super) public_key: String,
    role: Option<Role>,
    revoked: bool,
    suspended: bool,
    expires: Option<i64>,
    last_seen: Option<i64>,
}

impl Standing {
    /// Out of memory; when the person was here last is not known there.
    fn of(access: &Access, console: &str, email: &str) -> Option<Self> {
        let enrolled = access.enrolments.get(console)?;
        let known = access.technicians.get(email);
        Some(Self {
            public_key: enrolled.public_key.clone(),
            role: known.map(|known| known.role),
            revoked: known.is_some_and(|known| known.revoked),
            suspended: enrolled.suspended,
            expires: known.and_then(|known| known.expires),
            last_seen: None,
        })
    }

    /// Whether the console said that it is about to let the customer go.
    pub(super) fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// The lower of the role asked with and the technician's own; none without a technician, with a revoked one, or when the role has ended.
    pub(super) fn role(&self, asked: Role, now_us: i64) -> Option<Role> {
        let ended = self.expires.is_some_and(|at| at <= now_us);
        self.role.filter(|_| !self.revoked && !ended).map(|own| own.min(asked))
    }

    /// Notes that the person was here, at most once a minute.
    pub(super) async fn seen(&self, workspace: &Workspace, email: &str, now_us: i64) -> Result<(), Refusal> {
        if self.last_seen.is_some_and(|at| now_us - at < super::recent::MINUTE_US) {
            return Ok(());
        }
        sqlx::query("update technician set last_seen = $1 where email = $2").bind(now_us).bind(email).execute(workspace.db().pool()).await?;
        Ok(())
    }
}

/// Reads how the console and the person of an assertion stand at a workspace; none when the console is not enrolled.
pub(super) async fn standing(workspace: &Workspace, presented: &Presented) -> Result<Option<Standing>, Refusal> {
    let row = sqlx::query(
        "select e.public_key, e.suspended, t.role, t.revoked, t.expires, t.last_seen from enrolment e left join technician t on t.email = $1 where e.console = $2",
    )
    .bind(presented.email())
    .bind(presented.console())
    .fetch_optional(workspace.db().pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let role: Option<String> = row.try_get("role")?;
    Ok(Some(Standing {
        public_key: row.try_get("public_key")?,
        role: role.map(|word| word.parse()).transpose().map_err(Refusal::internal)?,
        revoked: row.try_get::<Option<i64>, _>("revoked")?.is_some(),
        suspended: row.try_get::<Option<i64>, _>("suspended")?.is_some(),
        expires: row.try_get("expires")?,
        last_seen: row.try_get("last_seen")?,
    }))
}
