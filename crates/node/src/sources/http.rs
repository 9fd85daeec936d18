//! Making and changing sources and keys, and what each source brought so far.

use super::{
    MAX_SOURCES, check, patched, ports,
    store::{self, KeyMark},
};
use crate::{
    State,
    access::{NoQuery, WorkspaceGrant, new_key},
    audit,
    health::Resource,
    paging,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{CreatedSource, NewSource, Paged, ResourceKind, Source, SourceId, SourcePatch, Tracker};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    extract::{Json as Body, Query, QueryParams},
    secrets,
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Which {
    /// Those there are.
    #[default]
    Active,
    /// Those that were deleted.
    Deleted,
}

/// Which page of them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichSources {
    /// `active` (unless told otherwise) or `deleted`.
    #[serde(default)]
    #[param(inline)]
    state: Option<Which>,
    /// Rows of a page, 1 to 1000; 200 unless told.
    limit: Option<u32>,
    /// Where a page before ended.
    cursor: Option<String>,
}

impl QueryParams for WhichSources {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// Sources by name, with their counters.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources", params(WhichSources), responses((status = 200, body = Paged<Source>)))]
pub(crate) async fn list(With(state): With<State>, grant: WorkspaceGrant, Query(which): Query<WhichSources>) -> Result<Json<Paged<Source>>, Refusal> {
    let (rows, after) = (paging::rows(which.limit)?, paging::after::<(String, String)>(which.cursor.as_deref())?);
    let deleted = which.state.unwrap_or_default() == Which::Deleted;
    let shown = shown(&state, &grant, store::list(&grant, deleted, after.as_ref(), rows + 1)).await?;
    paging::page(shown, rows, |source| (source.name.to_lowercase(), source.id.to_string())).map(Json)
}

/// One source, also a deleted one.
#[utoipa::path(get, path = "/api/v1/sources/{source}", tag = "sources", params(("source" = String, Path)), responses((status = 200, body = Source)))]
pub(crate) async fn get(With(state): With<State>, grant: WorkspaceGrant, Path(id): Path<String>, _: NoQuery) -> Result<Json<Source>, Refusal> {
    one(&state, &grant, &SourceId(id)).await.map(Json)
}

/// Makes a source; its key is shown once. One more than licensed: LICENCE_EXCEEDED (409).
#[utoipa::path(post, path = "/api/v1/sources", tag = "sources", request_body = NewSource, responses((status = 201, body = CreatedSource)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(new): Body<NewSource>,
) -> Result<(StatusCode, Json<CreatedSource>), Refusal> {
    let (new, id) = (check(&new, |name| grant.workspace().has_parser(name))?, SourceId(secrets::random_id("src-")));
    let key = new_key(grant.workspace().id());
    let mark = KeyMark { digest: &key.digest, hint: &key.hint };
    let work = store::add(&grant, &id, &new, mark, state.clock().now_us());
    let count = audit::audited(&state, &grant, "source.add", id.as_str(), work).await?;
    grant.workspace().health().usage(&Resource::Limit("sources"), Tracker::LimitApproaching, count, MAX_SOURCES);
    let source = changed(&state, &grant, &id).await?;
    Ok((StatusCode::CREATED, Json(CreatedSource { source, ingest_key: key.key })))
}

/// Gives a source a new key; the old one ends at once.
#[utoipa::path(post, path = "/api/v1/sources/{source}/key", tag = "sources", params(("source" = String, Path)),
               responses((status = 200, body = CreatedSource)))]
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

/// Changes a source, or switches it on or off. Fields left out stay as they are.
#[utoipa::path(patch, path = "/api/v1/sources/{source}", tag = "sources", params(("source" = String, Path)), request_body = SourcePatch,
               responses((status = 200, body = Source)))]
pub(crate) async fn update(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
    Body(patch): Body<SourcePatch>,
) -> Result<Json<Source>, Refusal> {
    let id = SourceId(id);
    let verb = match &patch {
        SourcePatch { enabled: Some(true), .. } => "source.enable",
        SourcePatch { enabled: Some(false), .. } => "source.disable",
        _ => "source.update",
    };
    let work = store::update(&grant, &id, |source| {
        // A parser that was taken away meanwhile is no reason to refuse another change.
        let to = check(&patched(source, &patch), |name| patch.parser.is_none() || grant.workspace().has_parser(name))?;
        Ok((to, patch.enabled.unwrap_or(source.enabled)))
    });
    audit::audited(&state, &grant, verb, id.as_str(), work).await?;
    changed(&state, &grant, &id).await.map(Json)
}

/// Deletes a source. Its events stay searchable and its counters stay; its key and ports end, and its name is free.
#[utoipa::path(delete, path = "/api/v1/sources/{source}", tag = "sources", params(("source" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove(With(state): With<State>, grant: WorkspaceGrant, Path(id): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    let id = SourceId(id);
    let work = store::remove(&grant, &id, state.clock().now_us());
    let left = audit::audited(&state, &grant, "source.delete", id.as_str(), work).await?;
    grant.workspace().health().usage(&Resource::Limit("sources"), Tracker::LimitApproaching, left, MAX_SOURCES);
    super::apply(&state, grant.workspace()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells ingest and the syslog ports that the table changed, and reads the source back.
async fn changed(state: &State, grant: &WorkspaceGrant, id: &SourceId) -> Result<Source, Refusal> {
    super::apply(state, grant.workspace()).await?;
    one(state, grant, id).await
}

async fn one(state: &State, grant: &WorkspaceGrant, id: &SourceId) -> Result<Source, Refusal> {
    let read = async { store::get(grant, id).await.map(|source| vec![source]) };
    shown(state, grant, read).await?.pop().ok_or_else(Refusal::not_found)
}

/// Sources as people see them: with what is on its way, where the syslog ports really listen, and what is wrong.
async fn shown(state: &State, grant: &WorkspaceGrant, read: impl Future<Output = Result<Vec<Source>, Refusal>>) -> Result<Vec<Source>, Refusal> {
    let workspace = grant.workspace();
    // Read before the table: an event that is stored in between is shown twice for a moment, never lost.
    let unflushed = workspace.unflushed();
    let mut sources = read.await?;
    let issues = workspace.health().counts();
    for source in &mut sources {
        if let Some(more) = unflushed.get(&source.id) {
            source.received += more.received;
            source.stored += more.stored;
            source.dropped += more.dropped;
            source.failed += more.failed;
            source.bytes += more.bytes;
            source.last_seen = source.last_seen.max(more.last_seen.map(from_us));
        }
        let mut errors = Vec::new();
        for (field, bound) in ports(state, workspace, &source.id) {
            let place = match field {
                "syslog_udp" => &mut source.syslog_udp,
                "syslog_tls" => &mut source.syslog_tls,
                _ => &mut source.syslog_tcp,
            };
            match bound {
                Ok(address) => *place = Some(address.to_string()),
                Err(error) => errors.push(error),
            }
        }
        source.syslog_error = Some(errors.join("; ")).filter(|text| !text.is_empty());
        if let Some((count, worst)) = issues.get(&(ResourceKind::Source, source.id.to_string())) {
            (source.open_issues, source.worst_issue) = (*count, Some(*worst));
        }
    }
    Ok(sources)
}
