//! Listing signals.

use super::store::{self, Wanted};
use crate::{
    State,
    access::{AtWorkspace, AtWorkspaceWith, WorkspaceGrant},
    audit,
    rules::page_size,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::SignalPage;
use bailiwick_chassis::{
    Refusal,
    extract::{Query, QueryParams},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which signals. Times are those of their making.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalFilter {
    /// Of this rule.
    rule: Option<String>,
    /// About an entity of this kind.
    entity_type: Option<String>,
    /// About the entity with this value.
    entity: Option<String>,
    /// Suppressed or not: `true` or `false`.
    suppressed: Option<String>,
    /// Of a rule on trial or not: `true` or `false`.
    prototype: Option<String>,
    /// Start, included.
    from: Option<DateTime<Utc>>,
    /// End, excluded.
    to: Option<DateTime<Utc>>,
    /// Signals a page, 1 to 500, 100 unless told.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for SignalFilter {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

fn cursor(text: &str) -> Option<(i64, i64)> {
    let (created, row) = text.split_once('.')?;
    Some((created.parse().ok()?, row.parse().ok()?))
}

fn truth(field: &str, text: Option<&str>) -> Result<Option<bool>, Refusal> {
    let wrong = || Refusal::invalid("INVALID_INPUT", field, format!("query: {field}: true or false"));
    text.map(|text| text.parse().map_err(|_| wrong())).transpose()
}

async fn page(grant: &WorkspaceGrant, filter: &SignalFilter) -> Result<SignalPage, Refusal> {
    let limit = page_size(filter.limit, 100, 500)?;
    let invalid = || Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: not one this node gave");
    let wanted = Wanted {
        rule: filter.rule.as_deref(),
        entity_type: filter.entity_type.as_deref(),
        entity: filter.entity.as_deref(),
        suppressed: truth("suppressed", filter.suppressed.as_deref())?,
        prototype: truth("prototype", filter.prototype.as_deref())?,
        from: filter.from.map(|time| time.timestamp_micros()),
        to: filter.to.map(|time| time.timestamp_micros()),
        after: filter.cursor.as_deref().map(|text| cursor(text).ok_or_else(invalid)).transpose()?,
        rows: i64::try_from(limit).unwrap_or(i64::MAX),
    };
    let (data, next) = store::page(grant, &wanted).await?;
    Ok(SignalPage { data, next: next.map(|(created, row)| format!("{created}.{row}")) })
}

/// Signals of the workspace, newest first.
#[utoipa::path(get, path = "/api/v1/signals", tag = "detection", params(SignalFilter), responses((status = 200, body = SignalPage)))]
pub(crate) async fn list(grant: WorkspaceGrant, Query(filter): Query<SignalFilter>) -> Result<Json<SignalPage>, Refusal> {
    page(&grant, &filter).await.map(Json)
}

/// The same for somebody who works there.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/signals", tag = "detection",
               params(("workspace" = String, Path), AtWorkspace, SignalFilter), responses((status = 200, body = SignalPage)))]
pub(crate) async fn list_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(_workspace): Path<String>,
    AtWorkspaceWith(filter): AtWorkspaceWith<SignalFilter>,
) -> Result<Json<SignalPage>, Refusal> {
    audit::audited(&state, &grant, "signal.list", "", page(&grant, &filter)).await.map(Json)
}
