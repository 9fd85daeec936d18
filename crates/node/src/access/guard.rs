//! What each route asks of a caller, enforced before its handler runs.

use super::{
    Action, Asserted, Who, WorkspaceGrant,
    assertion::{self, Presented},
    federated, ingest, open, people, policy,
};
use crate::{
    State,
    answers::{self, Receiver},
    audit,
    ingest::Dialect,
};
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request};
use bailiwick_api::{Purpose, Role, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    extract::{NoParams, QueryParams, parse_query},
    routes::{Answering, Guard},
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Anybody.
    Public,
    /// A session of either kind.
    SignedIn,
    /// The node's operator.
    Operator(Action),
    /// The administrator of a workspace, who selects it.
    Admin(Action),
    /// An assertion that a person works in the workspace the path names.
    Technician(Action),
    /// An assertion that the console manages its technicians in the workspace the path names.
    Console(Action),
    /// An assertion that a person works in the workspaces the body names; each is decided by itself.
    Federated(Action),
    /// An ingest key, which names workspace and source. A refusal is said in the words of the sender's protocol.
    IngestKey(Dialect),
    /// An ingest key when a sender asks; anybody else gets a page. For the paths that Elasticsearch's clients share with browsers.
    IngestKeyOrPage,
}

impl Policy {
    /// The same where there are no pages.
    #[must_use]
    pub fn without_pages(self) -> Self {
        if self == Self::IngestKeyOrPage { Self::IngestKey(Dialect::Elasticsearch) } else { self }
    }
}

impl Guard for State {
    type Policy = Policy;

    async fn admit(&self, policy: Policy, request: Request) -> Result<Request, Refusal> {
        let (mut parts, mut body) = request.into_parts();
        match policy {
            Policy::Public => {}
            Policy::SignedIn => {
                let signed_in = people::signed_in(self, &parts.method, &parts.headers).await?;
                parts.extensions.insert(signed_in);
            }
            Policy::Operator(action) => {
                let signed_in = people::signed_in(self, &parts.method, &parts.headers).await?;
                if !policy::allows(signed_in.who(), action) {
                    return Err(Refusal::forbidden(action.permission()));
                }
                parts.extensions.insert(signed_in);
            }
            Policy::Admin(action) => {
                let signed_in = people::signed_in(self, &parts.method, &parts.headers).await?;
                let grant = people::enter(self, &signed_in, action).await?;
                self.notes().write(grant.workspace()).await;
                parts.extensions.insert(grant);
            }
            Policy::Technician(action) => {
                let (presented, read) = assertion::present(self, Purpose::Work, &parts, body).await?;
                body = read;
                let grant = technician(self, &mut parts, &presented, action).await?;
                let receiver = receiver(&parts, &grant, &presented);
                parts.extensions.insert(receiver);
                parts.extensions.insert(grant);
            }
            Policy::Console(action) => {
                let (presented, read) = assertion::present(self, Purpose::Manage, &parts, body).await?;
                body = read;
                let grant = console(self, &mut parts, &presented, action).await?;
                self.notes().write(grant.workspace()).await;
                parts.extensions.insert(grant);
            }
            Policy::Federated(action) => {
                let (presented, read) = assertion::present(self, Purpose::Work, &parts, body).await?;
                body = read;
                parts.extensions.insert(Asserted::new(Arc::new(presented), action));
            }
            Policy::IngestKey(dialect) => {
                let grant = ingest::ingest(self, &parts.headers).await.map_err(|refusal| dialect.words(refusal, &parts.headers))?;
                parts.extensions.insert(grant);
            }
            Policy::IngestKeyOrPage if ingest::is_sender(&parts.headers) => {
                let dialect = Dialect::Elasticsearch;
                let grant = ingest::ingest(self, &parts.headers).await.map_err(|refusal| dialect.words(refusal, &parts.headers))?;
                parts.extensions.insert(grant);
            }
            Policy::IngestKeyOrPage => {}
        }
        Ok(Request::from_parts(parts, body))
    }

    /// Every answer to a technician's call is recorded for the customer. Federated ones record themselves: they are about many.
    fn answering(&self, _policy: Policy, request: &Request) -> Option<Answering> {
        let receiver = request.extensions().get::<Receiver>().cloned()?;
        let state = self.clone();
        Some(Box::new(move |response| Box::pin(answers::recorded(state, receiver, response))))
    }
}

/// Who gets an answer about one workspace, and what was asked: method and path, without ids.
fn receiver(parts: &Parts, grant: &WorkspaceGrant, presented: &Presented) -> Receiver {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let path = path.strip_prefix("/api/v1/workspaces/{workspace}/").unwrap_or(path);
    let kind = format!("{} {path}", parts.method);
    Receiver { workspace: grant.workspace().id().clone(), console: presented.console().to_owned(), email: presented.email(), kind }
}

/// A person's call on one workspace: genuine by that workspace's enrolment, allowed by its own technicians.
async fn technician(state: &State, parts: &mut Parts, presented: &Presented, action: Action) -> Result<WorkspaceGrant, Refusal> {
    let asked: Asked = parse_query(parts.uri.query().unwrap_or_default())?;
    let (workspace, row) = enrolled(state, parts, presented).await?;
    if row.is_suspended() {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "RELATIONSHIP_SUSPENDED").detail("the console is about to let this customer go"));
    }
    let now_us = state.clock().now_us();
    let Some(role) = row.role(asked.role, now_us) else {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "NO_ROLE").detail("no role at this workspace"));
    };
    row.seen(&workspace, &presented.email(), now_us).await?;
    let decided = WorkspaceGrant::decide(Arc::clone(&workspace), &presented.email(), Who::Technician(role), action);
    if let Err(refusal) = &decided {
        audit::refused(state, &workspace, &presented.email(), action, refusal).await?;
    }
    decided
}

/// A console's own call on one workspace.
async fn console(state: &State, parts: &mut Parts, presented: &Presented, action: Action) -> Result<WorkspaceGrant, Refusal> {
    let (workspace, _) = enrolled(state, parts, presented).await?;
    WorkspaceGrant::decide(workspace, &presented.email(), Who::Console, action)
}

/// The workspace the path names, when the assertion is signed with the key its administrator enrolled.
async fn enrolled(
    state: &State,
    parts: &mut Parts,
    presented: &Presented,
) -> Result<(Arc<crate::workspaces::Workspace>, federated::Standing), Refusal> {
    let unknown = || Refusal::new(StatusCode::UNAUTHORIZED, "NOT_ENROLLED").detail("assertion: console: not enrolled here");
    let id = path_workspace(parts).await?;
    let workspace = match open(state, &id).await {
        Ok(workspace) => workspace,
        Err(refusal) if refusal.status() == StatusCode::NOT_FOUND => return Err(unknown()),
        Err(refusal) => return Err(refusal),
    };
    let standing = federated::standing(&workspace, presented).await?.ok_or_else(unknown)?;
    if !presented.signed_by(&standing.public_key) {
        return Err(unknown());
    }
    presented.spend(state.access(), &standing.public_key, state.clock().now_us())?;
    Ok((workspace, standing))
}

async fn path_workspace(parts: &mut Parts) -> Result<WorkspaceId, Refusal> {
    let params = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| Refusal::not_found())?;
    let found = params.iter().find(|(name, _)| *name == "workspace").map(|(_, value)| WorkspaceId(value.to_owned()));
    found.ok_or_else(|| Refusal::internal("a route under a workspace policy names no workspace"))
}

/// The role a console grants, which every call on a workspace names. Handlers refuse what else is in the query.
#[derive(Deserialize)]
struct Asked {
    role: Role,
}

impl QueryParams for Asked {}

/// The query of a call on one workspace, for its handler: the role, and nothing else.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the guard has read the role; this refuses everything else")]
pub struct AtWorkspace {
    /// The role the console grants the person; the node takes the lower of this and its own technician's.
    role: Role,
}

impl QueryParams for AtWorkspace {}

/// The query of a call on one workspace that takes more than the role.
pub struct AtWorkspaceWith<T>(pub T);

impl<T: QueryParams, S: Send + Sync> FromRequestParts<S> for AtWorkspaceWith<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        // The guard has read the role.
        let others = parts.uri.query().unwrap_or_default().split('&').filter(|pair| pair.split('=').next() != Some("role"));
        parse_query(&others.collect::<Vec<_>>().join("&")).map(Self)
    }
}

/// For handlers that take no parameters: whatever is given is refused by name.
pub struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parse_query::<NoParams>(parts.uri.query().unwrap_or_default()).map(|_| Self)
    }
}
