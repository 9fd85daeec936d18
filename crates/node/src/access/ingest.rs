//! The way in for senders: an ingest key names workspace and source, and only its digest is kept.

use super::open;
use crate::{
    State,
    workspaces::{SourceInfo, Workspace},
};
use axum::extract::FromRequestParts;
use bailiwick_api::{SourceId, WorkspaceId};
use bailiwick_chassis::{Refusal, secrets};
use http::{HeaderMap, StatusCode, header, request::Parts};
use sqlx::Row;
use std::sync::Arc;

/// Proof that a sender may write events of one source.
#[must_use]
#[derive(Clone)]
pub struct IngestGrant {
    workspace: Arc<Workspace>,
    source: SourceInfo,
}

impl IngestGrant {
    /// The workspace.
    pub fn workspace(&self) -> &Arc<Workspace> {
        &self.workspace
    }

    /// The source.
    pub fn source(&self) -> &SourceInfo {
        &self.source
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IngestGrant {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.remove().ok_or_else(|| Refusal::internal("a handler wants an ingest key its route does not ask for"))
    }
}

/// Checks `Authorization: Bearer bwk_<workspace>_<secret>`. Whatever is wrong with a key, the answer is the same.
pub(super) async fn ingest(state: &State, headers: &HeaderMap) -> Result<IngestGrant, Refusal> {
    ingest_key(state, bearer(headers).ok_or_else(wrong)?).await
}

/// Checks an ingest key, however it came.
pub(crate) async fn ingest_key(state: &State, key: &str) -> Result<IngestGrant, Refusal> {
    let id = workspace_of(key).ok_or_else(wrong)?;
    let workspace = opened(state, &id).await?;
    let row = sqlx::query("select id from source where key_digest = $1 and enabled = 1")
        .bind(secrets::digest(key))
        .fetch_optional(workspace.db().pool())
        .await?
        .ok_or_else(wrong)?;
    let source = workspace.source(&SourceId(row.try_get("id")?)).filter(|s| s.enabled).ok_or_else(wrong)?;
    Ok(IngestGrant { workspace, source })
}

/// A grant for one of the node's own syslog ports, which is known by its address and carries no key.
pub(crate) async fn ingest_source(state: &State, workspace: &WorkspaceId, source: &SourceId) -> Result<IngestGrant, Refusal> {
    let workspace = opened(state, workspace).await?;
    let source = workspace.source(source).filter(|s| s.enabled).ok_or_else(wrong)?;
    Ok(IngestGrant { workspace, source })
}

/// Makes a new ingest key of a workspace. The digest is what is kept, the hint what is shown afterwards.
pub(crate) fn new_key(workspace: &WorkspaceId) -> NewKey {
    let secret = secrets::secret();
    let hint = format!("bwk_{workspace}_{}", secret.get(..4).unwrap_or_default());
    let key = format!("bwk_{workspace}_{secret}");
    NewKey { digest: secrets::digest(&key), hint, key }
}

/// A key just made.
pub(crate) struct NewKey {
    /// Shown once.
    pub(crate) key: String,
    /// Stored.
    pub(crate) digest: String,
    /// Its beginning, for people.
    pub(crate) hint: String,
}

async fn opened(state: &State, id: &WorkspaceId) -> Result<Arc<Workspace>, Refusal> {
    open(state, id).await.map_err(|refusal| if refusal.status() == StatusCode::NOT_FOUND { wrong() } else { refusal })
}

fn wrong() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "KEY_UNKNOWN").detail("ingest key: missing, unknown or switched off")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// The workspace a key names. An id has no `_`, a secret may.
fn workspace_of(key: &str) -> Option<WorkspaceId> {
    let (workspace, secret) = key.strip_prefix("bwk_")?.split_once('_')?;
    (!secret.is_empty()).then(|| WorkspaceId(workspace.to_owned()))
}
