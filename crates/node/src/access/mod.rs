//! Who may do what on a node, and the proofs everything else demands.
//!
//! Nothing reaches a customer's data but through a grant, and this folder is the only place that makes one: a
//! [`WorkspaceGrant`] for a person's call, an [`IngestGrant`] for a sender's key. A grant carries the workspace itself, so
//! there is no id to mix up between the check and the use. Four ways lead in:
//!
//! * a session by cookie: the node's operator, or a workspace's administrator ([`people`]);
//! * an assertion of a console, checked against the workspace's own enrolment and its own technicians ([`assertion`]);
//! * an ingest key, or one of the node's own syslog ports ([`ingest`]);
//! * credentials or a single-use link, once, to enrol or to set a password ([`people`]).
//!
//! Each route names its [`Policy`]; what a person may do is one `match` in [`policy`].

mod assertion;
mod federated;
mod guard;
mod ingest;
mod nonces;
pub mod people;
pub mod policy;
mod recent;

pub(crate) use assertion::public_key_of;
pub(crate) use federated::AT_ONCE;
pub use federated::{Asked, Asserted, Left, federated};
pub(crate) use federated::{QueueGrant, federated_queues};
pub use guard::{AtWorkspace, AtWorkspaceWith, NoQuery, Policy};
pub use ingest::IngestGrant;
pub(crate) use ingest::{KEY_UNKNOWN, ingest_key, ingest_source, new_key};
pub use policy::{Action, Who};

use crate::{
    State,
    dashboards::{Digest, Needs},
    queue::{Queue, View},
    workspaces::{Database, Workspace},
};
use axum::extract::FromRequestParts;
use bailiwick_api::{Role, WorkspaceId};
use bailiwick_chassis::{Refusal, clock::SharedClock, throttle::Throttle};
use http::request::Parts;
use std::sync::Arc;

/// The key to [`crate::workspaces::Workspaces::open`]; made here only, so that no other module opens a workspace.
pub struct Opening(());

/// What access remembers while the node runs. All of it is bounded.
pub struct Access {
    started_us: i64,
    nonces: nonces::Nonces,
    throttle: Throttle,
    recent: recent::Recent,
}

impl Access {
    /// Remembers nothing yet; assertions made before now are refused from here on.
    pub fn new(clock: SharedClock) -> Self {
        Self { started_us: clock.now_us(), nonces: nonces::Nonces::default(), throttle: Throttle::default(), recent: recent::Recent::default() }
    }

    /// Counts failed sign-ins by user name.
    pub(crate) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// True once a minute per person, workspace and verb: for calls that a page repeats every few seconds.
    pub(crate) fn due(&self, grant: &WorkspaceGrant, verb: &'static str, now_us: i64) -> bool {
        self.due_at(grant.workspace.id(), &grant.actor, verb, now_us)
    }

    /// The same of a workspace that need not be open.
    pub(crate) fn due_at(&self, workspace: &WorkspaceId, actor: &str, verb: &'static str, now_us: i64) -> bool {
        self.recent.due(workspace, actor, verb, now_us)
    }
}

/// Proof that somebody may do an action in one workspace. It carries the workspace; there is no other way to one.
#[must_use]
#[derive(Clone)]
pub struct WorkspaceGrant {
    workspace: Arc<Workspace>,
    actor: String,
    who: Who,
    action: Action,
}

impl WorkspaceGrant {
    /// Decides, and makes the proof. The one constructor.
    fn decide(workspace: Arc<Workspace>, actor: &str, who: Who, action: Action) -> Result<Self, Refusal> {
        if !policy::allows(who, action) {
            return Err(Refusal::forbidden(action.permission()));
        }
        Ok(Self { workspace, actor: actor.to_owned(), who, action })
    }

    /// The workspace.
    pub fn workspace(&self) -> &Arc<Workspace> {
        &self.workspace
    }

    /// Who acts: a technician's mail address or an administrator's user name.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The technician's effective role; null for the workspace's administrator and for the console itself.
    pub fn role(&self) -> Option<Role> {
        match self.who {
            Who::Technician(role) => Some(role),
            Who::Operator | Who::Admin | Who::Console => None,
        }
    }

    /// Whether what technicians keep among themselves is for them: for technicians alone.
    pub fn reads_internal(&self) -> bool {
        matches!(self.who, Who::Technician(_))
    }

    /// The action it was given for.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The same proof for one more action of the same person, decided anew.
    pub fn also(&self, action: Action) -> Result<Self, Refusal> {
        Self::decide(Arc::clone(&self.workspace), &self.actor, self.who, action)
    }

    /// Refuses when the proof was given for another action: a route under the wrong policy fails instead of leaking.
    pub fn demand(&self, actions: &[Action]) -> Result<&Arc<Workspace>, Refusal> {
        if actions.contains(&self.action) { Ok(&self.workspace) } else { Err(Refusal::forbidden(actions[0].permission())) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for WorkspaceGrant {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Refusal::internal("a handler wants a grant its policy does not give"))
    }
}

/// Opens a workspace by id, before anything is decided. Stays inside this folder.
async fn open(state: &State, id: &WorkspaceId) -> Result<Arc<Workspace>, Refusal> {
    check_id(id)?;
    state.workspaces().open(id, &Opening(())).await
}

/// A workspace's queue as it is now, before anything is decided; the workspace is not opened for it. Stays inside this folder.
async fn glance(state: &State, id: &WorkspaceId) -> Result<(Arc<Queue>, Arc<View>), Refusal> {
    check_id(id)?;
    state.workspaces().glance(id, &Opening(())).await
}

/// What dashboards know of a workspace, before anything is decided; the workspace is not opened for it. Stays inside this folder.
async fn digest(state: &State, id: &WorkspaceId, needs: &Needs) -> Result<Arc<Digest>, Refusal> {
    check_id(id)?;
    state.workspaces().digest(id, needs, &Opening(())).await
}

/// A workspace's database, before anything is decided; the workspace is not opened for it. Stays inside this folder.
async fn database(state: &State, id: &WorkspaceId) -> Result<Database, Refusal> {
    check_id(id)?;
    state.workspaces().database(id, &Opening(())).await
}

fn check_id(id: &WorkspaceId) -> Result<(), Refusal> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if id.as_str().is_empty() || id.as_str().len() > 100 || !id.as_str().bytes().all(plain) {
        return Err(Refusal::not_found());
    }
    Ok(())
}

/// Reads the queues of all workspaces and what dashboards count of them into memory, in the background, so that the first question finds them there.
pub(crate) fn warm(state: &State) {
    let state = state.clone();
    let tasks = state.tasks().clone();
    tasks.spawn(async move {
        let ids = match state.workspaces().ids().await {
            Ok(ids) => ids,
            Err(refusal) => return tracing::warn!(code = refusal.code(), "queues are read when they are asked for"),
        };
        for id in &ids {
            if state.workspaces().queue(id).is_none()
                && let Err(refusal) = glance(&state, id).await
            {
                tracing::warn!(workspace.id = %id, code = refusal.code(), "the queue is read when it is asked for");
            }
        }
        for id in &ids {
            if let Err(refusal) = digest(&state, id, &Needs::default()).await {
                tracing::warn!(workspace.id = %id, code = refusal.code(), "what dashboards count is read when it is asked for");
            }
        }
    });
}

/// The operator's grant on a workspace, for what the operator may do there.
pub(crate) async fn operate(state: &State, signed_in: &people::SignedIn, id: &WorkspaceId, action: Action) -> Result<WorkspaceGrant, Refusal> {
    let workspace = open(state, id).await?;
    WorkspaceGrant::decide(workspace, "operator", signed_in.who(), action)
}

/// Opens a workspace for the node's own work at its start, when nobody has asked yet.
pub(crate) async fn open_for_node(state: &State, id: &WorkspaceId) -> Result<Arc<Workspace>, Refusal> {
    open(state, id).await
}
