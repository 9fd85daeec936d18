//! People with a password on this node: the operator and the workspaces' administrators. Sessions, sign-in, single-use links.

use super::{Action, Who, WorkspaceGrant, open};
use crate::{State, audit, workspaces::Workspace};
use axum::extract::FromRequestParts;
use bailiwick_api::{Credentials, NodeMe, WorkspaceId};
use bailiwick_chassis::{
    Refusal, passwords,
    sessions::{self, Session},
};
use http::{HeaderMap, Method, StatusCode, request::Parts};
use sqlx::Row;
use std::sync::Arc;

/// The cookie of a node's session.
pub const COOKIE: &str = "bailiwick_node";

/// A user name as it is compared: trimmed, lower case, of bounded length.
pub(crate) fn fold_user(user: &str) -> String {
    user.trim().chars().take(200).collect::<String>().to_lowercase()
}

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The node's operator.
    Operator { key: String },
    /// A workspace's administrator.
    Admin { workspace: WorkspaceId, key: String },
}

impl Subject {
    /// The subject as a session stores it.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Operator { key } => format!("operator:{key}"),
            Self::Admin { workspace, key } => format!("admin:{workspace}:{key}"),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "operator" => Some(Self::Operator { key: rest.to_owned() }),
            "admin" => {
                let (workspace, key) = rest.split_once(':')?;
                Some(Self::Admin { workspace: WorkspaceId(workspace.to_owned()), key: key.to_owned() })
            }
            _ => None,
        }
    }
}

/// Somebody with a session.
#[derive(Clone)]
pub struct SignedIn {
    subject: Subject,
    csrf: String,
}

impl SignedIn {
    pub(crate) fn new(subject: Subject, session: Session) -> Self {
        Self { subject, csrf: session.csrf }
    }

    /// Who it is, as a session stores it.
    pub(crate) fn subject(&self) -> &Subject {
        &self.subject
    }

    pub(super) fn who(&self) -> Who {
        match self.subject {
            Subject::Operator { .. } => Who::Operator,
            Subject::Admin { .. } => Who::Admin,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Refusal::internal("a handler wants a session its policy does not give"))
    }
}

/// Finds the session of a call.
pub(super) async fn signed_in(state: &State, method: &Method, headers: &HeaderMap) -> Result<SignedIn, Refusal> {
    let session = sessions::find(state.db(), COOKIE, method, headers, state.clock().now_us()).await?;
    let subject = Subject::from_text(&session.subject).ok_or_else(|| Refusal::unauthenticated("the session has ended; sign in again"))?;
    Ok(SignedIn::new(subject, session))
}

/// Lets an administrator into the workspace of the session.
pub(super) async fn enter(state: &State, signed_in: &SignedIn, action: Action) -> Result<WorkspaceGrant, Refusal> {
    let Subject::Admin { workspace, key } = &signed_in.subject else {
        return Err(Refusal::forbidden(action.permission()));
    };
    let workspace = open(state, workspace).await?;
    let name = admin_of(&workspace, key).await?.map(|admin| admin.name);
    let name = name.ok_or_else(|| Refusal::unauthenticated("the session has ended; sign in again"))?;
    WorkspaceGrant::decide(workspace, &name, Who::Admin, action)
}

/// Who is signed in, for a page.
pub(crate) async fn me(state: &State, signed_in: &SignedIn) -> Result<NodeMe, Refusal> {
    let ended = || Refusal::unauthenticated("the session has ended; sign in again");
    let me = |user, kind: &str| NodeMe {
        user,
        kind: kind.to_owned(),
        workspace: None,
        workspace_name: None,
        region: state.region().to_owned(),
        csrf: signed_in.csrf.clone(),
    };
    match &signed_in.subject {
        Subject::Operator { key } => {
            let operator = operator_of(state, key).await?.ok_or_else(ended)?;
            Ok(me(operator.name, "operator"))
        }
        Subject::Admin { workspace, key } => {
            let workspace = open(state, workspace).await?;
            let admin = admin_of(&workspace, key).await?.ok_or_else(ended)?;
            let of = (Some(workspace.id().clone()), Some(workspace.name().to_owned()));
            Ok(NodeMe { workspace: of.0, workspace_name: of.1, ..me(admin.name, "admin") })
        }
    }
}

/// Checks a user name and a password, slowly and alike for every name. A wrong pair is a 401, too many a 429.
pub(crate) async fn verify(state: &State, user: &str, password: &str) -> Result<Subject, Refusal> {
    let (key, now_us) = (fold_user(user), state.clock().now_us());
    let throttle = state.access().throttle();
    throttle.check(&key, now_us)?;
    // Counted before the slow part, so that parallel guesses are counted, too.
    throttle.failed(&key, now_us);
    let found = find(state, &key).await?;
    let hash = found.as_ref().and_then(|(_, person)| person.password.as_deref());
    if !passwords::verify(password, hash).await? {
        if let Some((subject, person)) = found {
            note_failure(state, subject, person.name);
        }
        return Err(Refusal::unauthenticated("user name or password is wrong"));
    }
    throttle.succeeded(&key);
    found.map(|(subject, _)| subject).ok_or_else(|| Refusal::unauthenticated("user name or password is wrong"))
}

/// Writes down in a workspace's own audit that its administrator signed in or out. The operator has no workspace.
pub(crate) async fn note_session(state: &State, subject: &Subject, verb: &str) -> Result<(), Refusal> {
    let Subject::Admin { workspace, key } = subject else { return Ok(()) };
    let admin = admin_of(&open(state, workspace).await?, key).await?;
    let name = admin.map_or_else(|| key.clone(), |admin| admin.name);
    note(state, subject, &name, verb, "ok").await
}

/// Written down beside the answer, so that a name somebody has takes no longer than one nobody has.
fn note_failure(state: &State, subject: Subject, name: String) {
    let own = state.clone();
    state.tasks().spawn(async move {
        if let Err(refusal) = note(&own, &subject, &name, "session.begin", "AUTH_FAILED").await {
            tracing::error!(code = refusal.code(), "a failed sign-in was not written down");
        }
    });
}

async fn note(state: &State, subject: &Subject, name: &str, verb: &str, outcome: &str) -> Result<(), Refusal> {
    let Subject::Admin { workspace, .. } = subject else { return Ok(()) };
    audit::session(state, &*open(state, workspace).await?, name, verb, outcome).await
}

/// The grant of an administrator who gives the credentials to enrol; they are not kept.
pub(crate) async fn by_credentials(state: &State, credentials: &Credentials) -> Result<WorkspaceGrant, Refusal> {
    match verify(state, &credentials.user, &credentials.password).await? {
        Subject::Operator { .. } => {
            let refusal = Refusal::new(StatusCode::FORBIDDEN, "NOT_ADMIN").field("admin");
            Err(refusal.detail("admin: these are the node operator's credentials; the workspace's own administrator is needed"))
        }
        Subject::Admin { workspace, key } => {
            let workspace = open(state, &workspace).await?;
            let admin = admin_of(&workspace, &key).await?;
            let name = admin.map_or(key, |admin| admin.name);
            WorkspaceGrant::decide(workspace, &name, Who::Admin, Action::ReviewAccess)
        }
    }
}

/// The grant of an administrator who opened a valid single-use link.
pub(crate) async fn by_link(state: &State, workspace: &WorkspaceId, user: &str) -> Result<WorkspaceGrant, Refusal> {
    WorkspaceGrant::decide(open(state, workspace).await?, user, Who::Admin, Action::ReviewAccess)
}

struct Person {
    name: String,
    password: Option<String>,
}

async fn find(state: &State, key: &str) -> Result<Option<(Subject, Person)>, Refusal> {
    if let Some(operator) = operator_of(state, key).await? {
        return Ok(Some((Subject::Operator { key: key.to_owned() }, operator)));
    }
    let row = sqlx::query("select id from workspace where admin_key = $1").bind(key).fetch_optional(state.db().pool()).await?;
    let Some(row) = row else { return Ok(None) };
    let workspace = WorkspaceId(row.try_get("id")?);
    let admin = admin_of(&open(state, &workspace).await?, key).await?;
    Ok(admin.map(|admin| (Subject::Admin { workspace, key: key.to_owned() }, admin)))
}

async fn operator_of(state: &State, key: &str) -> Result<Option<Person>, Refusal> {
    let row = sqlx::query("select user_name, password from operator where user_key = $1").bind(key).fetch_optional(state.db().pool()).await?;
    row.map(|row| Ok(Person { name: row.try_get("user_name")?, password: Some(row.try_get("password")?) })).transpose()
}

async fn admin_of(workspace: &Arc<Workspace>, key: &str) -> Result<Option<Person>, Refusal> {
    let row = sqlx::query("select user_name, password from admin where user_key = $1").bind(key).fetch_optional(workspace.db().pool()).await?;
    row.map(|row| Ok(Person { name: row.try_get("user_name")?, password: row.try_get("password")? })).transpose()
}
