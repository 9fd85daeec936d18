//! Counters and volumes, to the workspace's administrator and to technicians.

use super::{
    GRAINS,
    store::{self, Span},
};
use crate::{
    State,
    access::{AtWorkspace, AtWorkspaceWith, WorkspaceGrant},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{Dimension, MeterPage, VolumePage};
use bailiwick_chassis::{
    Refusal,
    extract::{Query, QueryParams},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

/// Rows in an answer; more is said by `truncated`.
const ROWS: usize = 20_000;

/// Which buckets.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Buckets {
    /// Earliest bucket; a day before `to` by default.
    from: Option<DateTime<Utc>>,
    /// End, exclusive; now by default.
    to: Option<DateTime<Utc>>,
    /// Seconds in a bucket: 300, 900 or 3600 (default).
    grain: Option<i64>,
    /// One source.
    source: Option<String>,
    /// Volume by this: `sourcecategory` by default.
    #[param(inline)]
    by: Option<Dimension>,
}

impl QueryParams for Buckets {
    const NUMBERS: &'static [&'static str] = &["grain"];
}

impl Buckets {
    fn span(&self, now_us: i64) -> Result<Span, Refusal> {
        let grain = self.grain.unwrap_or(3600);
        if GRAINS.iter().all(|(known, _)| *known != grain) {
            return Err(Refusal::invalid("INVALID_INPUT", "grain", "grain: 300, 900 or 3600 seconds"));
        }
        let to = self.to.map_or(now_us + 1, |to| to.timestamp_micros());
        let from = self.from.map_or(to - 86_400_000_000, |from| from.timestamp_micros());
        if from > to {
            return Err(Refusal::invalid("INVALID_INPUT", "to", "to: is before from"));
        }
        Ok(Span { grain, from, to })
    }
}

async fn meters_of(state: &State, grant: &WorkspaceGrant, asked: &Buckets) -> Result<Json<MeterPage>, Refusal> {
    let span = asked.span(state.clock().now_us())?;
    if asked.by.is_some() {
        return Err(Refusal::invalid("INVALID_INPUT", "by", "by: belongs to volume"));
    }
    let work = store::meters(grant, span, asked.source.as_deref(), limit());
    let mut data = audit::audited_each_minute(state, grant, "meters.view", work).await?;
    let drops = store::drops(grant, span.from, span.to).await?;
    let truncated = data.len() > ROWS;
    data.truncate(ROWS);
    Ok(Json(MeterPage { data, drops, truncated }))
}

async fn volume_of(state: &State, grant: &WorkspaceGrant, asked: &Buckets) -> Result<Json<VolumePage>, Refusal> {
    let span = asked.span(state.clock().now_us())?;
    if asked.source.is_some() {
        return Err(Refusal::invalid("INVALID_INPUT", "source", "source: belongs to meters"));
    }
    let work = store::volume(grant, span, asked.by.unwrap_or(Dimension::SourceCategory), limit());
    let mut data = audit::audited_each_minute(state, grant, "volume.view", work).await?;
    let truncated = data.len() > ROWS;
    data.truncate(ROWS);
    Ok(Json(VolumePage { data, truncated }))
}

fn limit() -> i64 {
    i64::try_from(ROWS + 1).unwrap_or(i64::MAX)
}

/// Events received, stored, failed and dropped, by bucket and source.
#[utoipa::path(get, path = "/api/v1/meters", tag = "volumes", params(Buckets), responses((status = 200, body = MeterPage)))]
pub(crate) async fn meters(With(state): With<State>, grant: WorkspaceGrant, Query(asked): Query<Buckets>) -> Result<Json<MeterPage>, Refusal> {
    meters_of(&state, &grant, &asked).await
}

/// The same, to a technician.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/meters", tag = "volumes", params(("workspace" = String, Path), AtWorkspace, Buckets),
               responses((status = 200, body = MeterPage)))]
pub(crate) async fn meters_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    AtWorkspaceWith(asked): AtWorkspaceWith<Buckets>,
) -> Result<Json<MeterPage>, Refusal> {
    meters_of(&state, &grant, &asked).await
}

/// Bytes and events by bucket, tier and one dimension.
#[utoipa::path(get, path = "/api/v1/volume", tag = "volumes", params(Buckets), responses((status = 200, body = VolumePage)))]
pub(crate) async fn volume(With(state): With<State>, grant: WorkspaceGrant, Query(asked): Query<Buckets>) -> Result<Json<VolumePage>, Refusal> {
    volume_of(&state, &grant, &asked).await
}

/// The same, to a technician.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/volume", tag = "volumes", params(("workspace" = String, Path), AtWorkspace, Buckets),
               responses((status = 200, body = VolumePage)))]
pub(crate) async fn volume_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    AtWorkspaceWith(asked): AtWorkspaceWith<Buckets>,
) -> Result<Json<VolumePage>, Refusal> {
    volume_of(&state, &grant, &asked).await
}
