//! Making, changing and listing collectors.

use super::{MAX_COLLECTORS, Signs, check_type, state as state_of, store};
use crate::{
    State,
    access::{NoQuery, WorkspaceGrant},
    audit,
    health::Resource,
    operators::plain_name,
    paging,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{Collector, CollectorId, CollectorPatch, HealthSeverity, NewCollector, Paged, ResourceKind, SourceId, Tracker};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    extract::{Json as Body, Query, QueryParams},
    secrets,
};
use http::StatusCode;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichCollectors {
    /// Rows of a page, 1 to 1000; 200 unless told.
    limit: Option<u32>,
    /// Where a page before ended.
    cursor: Option<String>,
}

impl QueryParams for WhichCollectors {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// Collectors by name.
#[utoipa::path(get, path = "/api/v1/collectors", tag = "sources", params(WhichCollectors), responses((status = 200, body = Paged<Collector>)))]
pub(crate) async fn list(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(which): Query<WhichCollectors>,
) -> Result<Json<Paged<Collector>>, Refusal> {
    let (rows, after) = (paging::rows(which.limit)?, paging::after::<String>(which.cursor.as_deref())?);
    let stored = store::list(&grant, after.as_deref(), rows + 1).await?;
    let view = View::of(&state, &grant);
    let shown = stored.into_iter().map(|one| view.show(one)).collect();
    paging::page(shown, rows, |collector: &Collector| collector.name.to_lowercase()).map(Json)
}

/// One collector.
#[utoipa::path(get, path = "/api/v1/collectors/{collector}", tag = "sources", params(("collector" = String, Path)),
               responses((status = 200, body = Collector)))]
pub(crate) async fn get(With(state): With<State>, grant: WorkspaceGrant, Path(id): Path<String>, _: NoQuery) -> Result<Json<Collector>, Refusal> {
    let stored = store::get(&grant, &CollectorId(id)).await?;
    Ok(Json(View::of(&state, &grant).show(stored)))
}

/// Makes a collector.
#[utoipa::path(post, path = "/api/v1/collectors", tag = "sources", request_body = NewCollector, responses((status = 201, body = Collector)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(new): Body<NewCollector>,
) -> Result<(StatusCode, Json<Collector>), Refusal> {
    let (name, kind, id) = (plain_name("name", &new.name)?, check_type(&new.kind)?, CollectorId(secrets::random_id("col-")));
    let work = store::add(&grant, &id, &name, &kind, state.clock().now_us());
    let count = audit::audited(&state, &grant, "collector.add", id.as_str(), work).await?;
    grant.workspace().health().usage(&Resource::Limit("collectors"), Tracker::LimitApproaching, count, MAX_COLLECTORS);
    changed(&state, &grant, &id).await.map(|collector| (StatusCode::CREATED, Json(collector)))
}

/// Renames a collector, or switches it on or off: off, none of its sources takes events.
#[utoipa::path(patch, path = "/api/v1/collectors/{collector}", tag = "sources", params(("collector" = String, Path)),
               request_body = CollectorPatch, responses((status = 200, body = Collector)))]
pub(crate) async fn update(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
    Body(patch): Body<CollectorPatch>,
) -> Result<Json<Collector>, Refusal> {
    let id = CollectorId(id);
    let work = async {
        let mut to = store::get(&grant, &id).await?;
        if let Some(name) = &patch.name {
            to.name = plain_name("name", name)?;
        }
        if let Some(kind) = &patch.kind {
            let kind = check_type(kind)?;
            to.version = to.version.filter(|_| kind == to.kind);
            to.kind = kind;
        }
        to.enabled = patch.enabled.unwrap_or(to.enabled);
        store::update(&grant, &to).await
    };
    audit::audited(&state, &grant, "collector.update", id.as_str(), work).await?;
    changed(&state, &grant, &id).await.map(Json)
}

/// Takes a collector away that has no sources.
#[utoipa::path(delete, path = "/api/v1/collectors/{collector}", tag = "sources", params(("collector" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove(With(state): With<State>, grant: WorkspaceGrant, Path(id): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    let id = CollectorId(id);
    let left = audit::audited(&state, &grant, "collector.delete", id.as_str(), store::remove(&grant, &id)).await?;
    grant.workspace().health().usage(&Resource::Limit("collectors"), Tracker::LimitApproaching, left, MAX_COLLECTORS);
    grant.workspace().reload_sources().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells ingest and the syslog ports that the table changed, and reads the collector back.
async fn changed(state: &State, grant: &WorkspaceGrant, id: &CollectorId) -> Result<Collector, Refusal> {
    crate::sources::apply(state, grant.workspace()).await?;
    let stored = store::get(grant, id).await?;
    Ok(View::of(state, grant).show(stored))
}

/// What is known beside the table.
struct View {
    now_us: i64,
    /// Of each collector: its sources, when one was last heard, and their open issues.
    sources: HashMap<CollectorId, Vec<SourceId>>,
    heard: HashMap<SourceId, i64>,
    versions: HashMap<CollectorId, String>,
    issues: HashMap<(ResourceKind, String), (u32, HealthSeverity)>,
    offline: Vec<CollectorId>,
}

impl View {
    fn of(state: &State, grant: &WorkspaceGrant) -> Self {
        let (workspace, mut sources) = (grant.workspace(), HashMap::<CollectorId, Vec<SourceId>>::new());
        let mut heard = HashMap::new();
        for source in workspace.sources().into_iter().filter(|source| !source.deleted) {
            heard.extend(workspace.health().heard_us(&source.id).map(|at| (source.id.clone(), at)));
            if let Some(collector) = source.collector {
                sources.entry(collector).or_default().push(source.id);
            }
        }
        let is_offline = |id: &&CollectorId| workspace.health().is_open(&Resource::Collector((*id).clone()), Tracker::CollectorOffline);
        let offline = sources.keys().filter(is_offline).cloned().collect();
        Self { now_us: state.clock().now_us(), heard, issues: workspace.health().counts(), offline, versions: workspace.health().versions(), sources }
    }

    fn show(&self, stored: store::Stored) -> Collector {
        let id = stored.id.clone();
        let sources = self.sources.get(&id).map_or(&[][..], Vec::as_slice);
        let own = self.issues.get(&(ResourceKind::Collector, stored.id.to_string()));
        let of_sources = sources.iter().filter_map(|id| self.issues.get(&(ResourceKind::Source, id.to_string())));
        let issues: Vec<_> = own.into_iter().chain(of_sources).collect();
        let last_seen_us = sources.iter().filter_map(|id| self.heard.get(id)).copied().max().max(stored.last_seen_us);
        let signs = Signs {
            enabled: stored.enabled,
            offline: self.offline.contains(&stored.id),
            error: issues.iter().any(|(_, worst)| *worst == HealthSeverity::Error),
            last_seen_us,
            now_us: self.now_us,
        };
        Collector {
            state: state_of(signs),
            id: stored.id,
            name: stored.name,
            kind: stored.kind,
            enabled: stored.enabled,
            version: self.versions.get(&id).cloned().or(stored.version),
            last_seen: last_seen_us.map(from_us),
            sources: u32::try_from(sources.len()).unwrap_or(u32::MAX),
            open_issues: issues.iter().map(|(count, _)| count).sum(),
            created_time: from_us(stored.created_us),
        }
    }
}
