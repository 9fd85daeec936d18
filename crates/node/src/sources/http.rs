//! Making sources and keys, and what each source brought so far.

use super::{
    check,
    store::{self, KeyMark},
};
use crate::{
    State,
    access::{NoQuery, WorkspaceGrant, new_key},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{CreatedSource, List, NewSource, Source, SourceId};
use bailiwick_chassis::{Refusal, clock::from_us, extract::Json as Body, secrets};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// Switches a source on or off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourcePatch {
    /// Whether it takes events.
    enabled: bool,
}

/// Every source with its counters.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources", responses((status = 200, body = List<Source>)))]
pub(crate) async fn list(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<Source>>, Refusal> {
    Ok(Json(List { data: shown(&state, &grant).await? }))
}

/// Makes a source; its key is shown once.
#[utoipa::path(post, path = "/api/v1/sources", tag = "sources", request_body = NewSource, responses((status = 201, body = CreatedSource)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(new): Body<NewSource>,
) -> Result<(StatusCode, Json<CreatedSource>), Refusal> {
    let (new, id) = (check(&new)?, SourceId(secrets::random_id("src-")));
    let key = new_key(grant.workspace().id());
    let mark = KeyMark { digest: &key.digest, hint: &key.hint };
    let work = store::add(&grant, &id, &new, mark, state.clock().now_us());
    audit::audited(&state, &grant, "source.add", id.as_str(), work).await?;
    let source = changed(&state, &grant, &id).await?;
    Ok((StatusCode::CREATED, Json(CreatedSource { source, ingest_key: key.key })))
}

/// Gives a source a new key; the old one ends at once.
#[utoipa::path(post, path = "/api/v1/sources/{source}/key", tag = "sources", responses((status = 200, body = CreatedSource)))]
pub(crate) async fn rotate_key(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
) -> Result<Json<CreatedSource>, Refusal> {
    let id = SourceId(id);
    let key = new_key(grant.workspace().id());
    let work = store::set_key(&grant, &id, KeyMark { digest: &key.digest, hint: &key.hint });
    audit::audited(&state, &grant, "source.key", id.as_str(), work).await?;
    Ok(Json(CreatedSource { source: changed(&state, &grant, &id).await?, ingest_key: key.key }))
}

/// Switches a source on or off.
#[utoipa::path(patch, path = "/api/v1/sources/{source}", tag = "sources", request_body = SourcePatch, responses((status = 200, body = Source)))]
pub(crate) async fn update(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
    Body(patch): Body<SourcePatch>,
) -> Result<Json<Source>, Refusal> {
    let id = SourceId(id);
    let verb = if patch.enabled { "source.enable" } else { "source.disable" };
    audit::audited(&state, &grant, verb, id.as_str(), store::set_enabled(&grant, &id, patch.enabled)).await?;
    changed(&state, &grant, &id).await.map(Json)
}

/// Tells ingest and the syslog ports that the table changed, and reads the source back.
async fn changed(state: &State, grant: &WorkspaceGrant, id: &SourceId) -> Result<Source, Refusal> {
    grant.workspace().reload_sources().await?;
    state.syslog().apply(state, grant.workspace()).await;
    let sources = shown(state, grant).await?;
    sources.into_iter().find(|s| s.id == *id).ok_or_else(Refusal::not_found)
}

/// The sources as people see them: with what is on its way, and where the syslog ports really listen.
async fn shown(state: &State, grant: &WorkspaceGrant) -> Result<Vec<Source>, Refusal> {
    let workspace = grant.workspace();
    // Read before the table: an event that is stored in between is shown twice for a moment, never lost.
    let unflushed = workspace.unflushed();
    let mut sources = store::list(grant).await?;
    for source in &mut sources {
        if let Some(more) = unflushed.get(&source.id) {
            source.received += more.received;
            source.stored += more.stored;
            source.dropped += more.dropped;
            source.failed += more.failed;
            source.bytes += more.bytes;
            source.last_seen = source.last_seen.max(more.last_seen.map(from_us));
        }
        match state.syslog().bound(workspace.id(), &source.id) {
            Some(Ok(address)) => source.syslog_tcp = Some(address.to_string()),
            Some(Err(error)) => source.syslog_error = Some(error),
            None => {}
        }
    }
    Ok(sources)
}
