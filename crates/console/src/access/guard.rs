//! The guard before every handler: who is it, and may a person of that role do this at all.

use super::{Action, permits};
use crate::{
    State,
    audit::{self, Line},
    users,
};
use axum::extract::{FromRequestParts, Request};
use bailiwick_api::{Role, UserId};
use bailiwick_chassis::{Refusal, routes::Guard, sessions};
use bailiwick_client::Caller;
use chrono::{DateTime, Utc};
use http::request::Parts;

/// Name of the session's cookie. Cookies do not know ports: nodes on the same host use another name.
pub const COOKIE: &str = "bailiwick_console";

/// A person who is signed in. Only the guard makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub(super) user: UserId,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) may_save_dashboards: bool,
}

impl Actor {
    /// Id.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Mail address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Role at the console.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether they may save dashboards.
    pub fn may_save_dashboards(&self) -> bool {
        self.may(Action::SaveDashboards)
    }

    /// Whether their role, or what an administrator allowed them, permits an action at the console.
    fn may(&self, action: Action) -> bool {
        permits(self.role, action) || (action == Action::SaveDashboards && self.may_save_dashboards)
    }

    /// The person as a node is told.
    pub fn caller(&self, now: DateTime<Utc>) -> Caller {
        Caller { email: self.email.clone(), name: self.name.clone(), now_seconds: now.timestamp() }
    }
}

/// Who may call a route. What may be done to one customer is decided by its grant on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever's role at the console permits it.
    May(Action),
    /// Whoever is signed in; the grant the handler must get decides, so that what is not theirs is 404 and not 403.
    Granted(Action),
}

impl Guard for State {
    type Policy = Policy;

    async fn admit(&self, policy: Policy, mut request: Request) -> Result<Request, Refusal> {
        if policy == Policy::Public {
            return Ok(request);
        }
        let session = sessions::find(&self.db, COOKIE, request.method(), request.headers(), self.clock.now_us()).await?;
        let user = users::active(&self.db, &UserId(session.subject.clone())).await?;
        let user = user.ok_or_else(|| Refusal::unauthenticated("the session has ended; sign in again"))?;
        if users::is_news(&user, self.clock.now_us()) {
            let (state, id) = (self.clone(), user.id.clone());
            self.tasks.spawn(async move { users::note_seen(&state, &id).await });
        }
        let may_save_dashboards = user.may_save_dashboards;
        let actor = Actor { user: user.id, email: user.email, name: user.name, role: user.role, may_save_dashboards };
        if let Policy::May(action) = policy
            && !actor.may(action)
        {
            let refusal = Refusal::forbidden(action.as_str());
            // Who may not look is told so; who tried to change something is also written down.
            if !request.method().is_safe() {
                let line = Line { actor: actor.email(), verb: "access.refuse", customer: None, outcome: refusal.code() };
                audit::record(self, line.about(action.as_str())).await?;
            }
            return Err(refusal);
        }
        request.extensions_mut().insert(actor);
        request.extensions_mut().insert(session);
        Ok(request)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Refusal::internal("a handler asks who it is on a public route"))
    }
}
