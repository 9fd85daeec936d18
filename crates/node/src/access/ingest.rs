//! The way in for senders: an ingest key names workspace and source, and only its digest is kept.

use super::open;
use crate::{
    State,
    health::KeyRefused,
    workspaces::{SourceInfo, Workspace},
};
use axum::extract::FromRequestParts;
use bailiwick_api::{SourceId, WorkspaceId};
use bailiwick_chassis::{Refusal, secrets};
use data_encoding::{BASE64, BASE64_NOPAD};
use http::{HeaderMap, StatusCode, header, request::Parts};
use sqlx::Row;
use std::{borrow::Cow, sync::Arc};

/// How every key begins.
const KEY_PREFIX: &str = "bwk_";

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

/// Checks the key `bwk_<workspace>_<secret>` in `Authorization`. Whatever is wrong with a key, the answer is the same.
pub(super) async fn ingest(state: &State, headers: &HeaderMap) -> Result<IngestGrant, Refusal> {
    ingest_key(state, &presented(headers).ok_or_else(wrong)?, headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok())).await
}

/// Checks an ingest key, however it came, and notes who sends with it.
pub(crate) async fn ingest_key(state: &State, key: &str, agent: Option<&str>) -> Result<IngestGrant, Refusal> {
    let id = workspace_of(key).ok_or_else(wrong)?;
    let workspace = opened(state, &id).await?;
    match source_of(&workspace, &secrets::digest(key.as_bytes())).await? {
        Some((source, None)) => {
            workspace.health().heard_agent(&source.id, agent);
            Ok(IngestGrant { workspace, source })
        }
        Some((source, Some(why))) => {
            workspace.health().key_refused(&source.id, why);
            Err(wrong())
        }
        None => Err(wrong()),
    }
}

/// The source a key is or was good for, and why it is no longer.
async fn source_of(workspace: &Workspace, digest: &str) -> Result<Option<(SourceInfo, Option<KeyRefused>)>, Refusal> {
    let text = "select id, key_digest from source where key_digest = $1 or previous_digest = $1 order by key_digest = $1 desc limit 1";
    let Some(row) = sqlx::query(text).bind(digest).fetch_optional(workspace.db().pool()).await? else { return Ok(None) };
    let Some(source) = workspace.source(&SourceId(row.try_get("id")?)) else { return Ok(None) };
    let refused = if source.deleted {
        Some(KeyRefused::Deleted)
    } else if !source.enabled {
        Some(KeyRefused::Disabled)
    } else if row.try_get::<String, _>("key_digest")? != digest {
        Some(KeyRefused::Rotated)
    } else {
        None
    };
    Ok(Some((source, refused)))
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

/// The code of a refused key.
pub(crate) const KEY_UNKNOWN: &str = "KEY_UNKNOWN";

fn wrong() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, KEY_UNKNOWN).detail("ingest key: missing, unknown or switched off")
}

/// Whether a call to a path that senders and browsers share is a sender's: it shows a key and does not ask for a page.
pub(super) fn is_sender(headers: &HeaderMap) -> bool {
    let wants_page = headers.get_all(header::ACCEPT).iter().any(|kinds| kinds.to_str().is_ok_and(|kinds| kinds.contains("text/html")));
    headers.contains_key(header::AUTHORIZATION) && !wants_page
}

/// The key as senders show it: `Bearer <key>`, `Splunk <key>`, `ApiKey <key>`, `ApiKey base64(<id>:<key>)`, or Basic with the key as password.
fn presented(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let (scheme, shown) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let shown = shown.trim();
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if is("bearer") || is("splunk") || (is("apikey") && shown.starts_with(KEY_PREFIX)) {
        return Some(Cow::Borrowed(shown));
    }
    if !is("basic") && !is("apikey") {
        return None;
    }
    let bytes = BASE64.decode(shown.as_bytes()).or_else(|_| BASE64_NOPAD.decode(shown.as_bytes())).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (_name, key) = text.rsplit_once(':')?;
    Some(Cow::Owned(key.to_owned()))
}

/// The workspace a key names. An id has no `_`, a secret may.
fn workspace_of(key: &str) -> Option<WorkspaceId> {
    let (workspace, secret) = key.strip_prefix(KEY_PREFIX)?.split_once('_')?;
    (!secret.is_empty()).then(|| WorkspaceId(workspace.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        presented(&headers).map(Cow::into_owned)
    }

    #[test]
    fn a_key_is_read_as_every_kind_of_sender_shows_it() {
        let key = "bwk_acme_s-e_cret";
        let packed = BASE64.encode(format!("my id:{key}").as_bytes());
        for value in [
            format!("Bearer {key}"),
            format!("bearer  {key} "),
            format!("Splunk {key}"),
            format!("ApiKey {key}"),
            format!("ApiKey {packed}"),
            format!("Basic {packed}"),
        ] {
            assert_eq!(shown(&value).as_deref(), Some(key), "{value}");
        }
        for value in ["Digest x", "Basic", "Basic !!!", "ApiKey bm8tY29sb24=", "", "Bearer"] {
            assert_eq!(shown(value), None, "{value}");
        }
    }

    #[test]
    fn a_browser_is_no_sender() {
        let headers = |pairs: &[(&'static str, &str)]| {
            pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
        };
        assert!(is_sender(&headers(&[("authorization", "ApiKey x"), ("accept", "application/json")])));
        assert!(!is_sender(&headers(&[("accept", "application/json")])));
        assert!(!is_sender(&headers(&[("authorization", "Basic x"), ("accept", "text/html,*/*")])));
    }
}
