//! Listing entities, and setting how much they matter.

use super::{
    check,
    store::{self, Wanted},
};
use crate::{
    State,
    access::{AtWorkspace, AtWorkspaceWith, NoQuery, WorkspaceGrant},
    audit,
    detection::load::unknown_kind,
    rules::page_size,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{EntityPage, EntitySetting};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query, QueryParams},
};
use bailiwick_event::EntityKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which entities.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntityFilter {
    /// Of this kind.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Text in the value, any case.
    q: Option<String>,
    /// Entities a page, 1 to 500, 100 unless told.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for EntityFilter {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

fn cursor(text: &str) -> Result<(i64, i64), Refusal> {
    let pair = text.split_once('.').and_then(|(seen, place)| Some((seen.parse().ok()?, place.parse().ok()?)));
    pair.ok_or_else(|| Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: not one this node gave"))
}

async fn page(grant: &WorkspaceGrant, filter: &EntityFilter) -> Result<EntityPage, Refusal> {
    let limit = page_size(filter.limit, 100, 500)?;
    if let Some(kind) = filter.kind.as_deref().filter(|kind| kind.parse::<EntityKind>().is_err()) {
        return Err(Refusal::invalid("INVALID_INPUT", "type", format!("type: {}", unknown_kind(kind))));
    }
    let wanted = Wanted {
        kind: filter.kind.as_deref(),
        text: filter.q.as_deref().map(str::to_lowercase).filter(|text| !text.is_empty()),
        after: filter.cursor.as_deref().map(cursor).transpose()?,
        rows: i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1),
    };
    let mut rows = store::list(grant, &grant.workspace().detection().current(), &wanted).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|((seen, place), _)| format!("{seen}.{place}"));
    Ok(EntityPage { data: rows.into_iter().map(|(_, row)| row).collect(), next })
}

/// The entities signals were made about, last seen first.
#[utoipa::path(get, path = "/api/v1/entities", tag = "detection", params(EntityFilter), responses((status = 200, body = EntityPage)))]
pub(crate) async fn list(grant: WorkspaceGrant, Query(filter): Query<EntityFilter>) -> Result<Json<EntityPage>, Refusal> {
    page(&grant, &filter).await.map(Json)
}

/// The same for somebody who works there.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/entities", tag = "detection",
               params(("workspace" = String, Path), AtWorkspace, EntityFilter), responses((status = 200, body = EntityPage)))]
pub(crate) async fn list_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(_workspace): Path<String>,
    AtWorkspaceWith(filter): AtWorkspaceWith<EntityFilter>,
) -> Result<Json<EntityPage>, Refusal> {
    audit::audited(&state, &grant, "entity.list", "", page(&grant, &filter)).await.map(Json)
}

/// Which page of settings.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingPaging {
    /// Settings a page, 1 to 500, 100 unless told.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for SettingPaging {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// A page of settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingPage {
    /// By type and value.
    data: Vec<EntitySetting>,
    /// Where the next page begins; null at the end.
    next: Option<String>,
}

/// What was set, for one entity or for a pattern.
#[utoipa::path(get, path = "/api/v1/entity-settings", tag = "detection", params(SettingPaging), responses((status = 200, body = SettingPage)))]
pub(crate) async fn settings(grant: WorkspaceGrant, Query(paging): Query<SettingPaging>) -> Result<Json<SettingPage>, Refusal> {
    let limit = page_size(paging.limit, 100, 500)?;
    let after = paging.cursor.as_deref().unwrap_or_default();
    let after = after.split_once(' ').unwrap_or((after, ""));
    let mut data = store::settings(&grant, after, i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)).await?;
    let more = data.len() > limit;
    data.truncate(limit);
    let next = data.last().filter(|_| more).map(|last| format!("{} {}", last.kind, last.value));
    Ok(Json(SettingPage { data, next }))
}

/// Sets how much entities matter, from the next signal on. A setting that says nothing is taken away.
#[utoipa::path(put, path = "/api/v1/entity-settings", tag = "detection", request_body = EntitySetting, responses((status = 200, body = EntitySetting)))]
pub(crate) async fn set(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(setting): Body<EntitySetting>,
) -> Result<Json<EntitySetting>, Refusal> {
    let setting = check(&setting)?;
    let subject = format!("{} {}", setting.kind, setting.value);
    let work = async {
        store::set(&grant, &setting, state.clock().now_us()).await?;
        grant.workspace().reload_detection().await
    };
    audit::audited(&state, &grant, "entity.set", &subject, work).await?;
    Ok(Json(setting))
}
