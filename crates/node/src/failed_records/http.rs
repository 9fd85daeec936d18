//! Why events failed, at a glance.

use crate::{
    State,
    access::{Action, AtWorkspace, AtWorkspaceWith, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::FailedSummary;
use bailiwick_chassis::{
    Refusal,
    extract::{Query, QueryParams},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

const READ: &[Action] = &[Action::ManageParsers, Action::ViewHealth];

/// A window on event time, half-open; no end is assumed where none is given.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Window {
    /// Start, included.
    from: Option<DateTime<Utc>>,
    /// End, excluded.
    to: Option<DateTime<Utc>>,
}

impl QueryParams for Window {}

async fn summary_of(grant: &WorkspaceGrant, window: &Window) -> Result<FailedSummary, Refusal> {
    let us = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_micros());
    if let (Some(from), Some(to)) = (window.from, window.to)
        && from > to
    {
        return Err(Refusal::invalid("INVALID_INPUT", "to", "to: is before from"));
    }
    grant.demand(READ)?.failed_summary(us(window.from), us(window.to)).await
}

/// Failed records of a window, counted by reason, parser, vendor, product, event code and source category.
#[utoipa::path(get, path = "/api/v1/failed-records/summary", tag = "failed-records", params(Window), responses((status = 200, body = FailedSummary)))]
pub(crate) async fn summary(grant: WorkspaceGrant, Query(window): Query<Window>) -> Result<Json<FailedSummary>, Refusal> {
    summary_of(&grant, &window).await.map(Json)
}

/// The same, to a technician.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/failed-records/summary", tag = "failed-records",
               params(("workspace" = String, Path), AtWorkspace, Window), responses((status = 200, body = FailedSummary)))]
pub(crate) async fn summary_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(_workspace): Path<String>,
    AtWorkspaceWith(window): AtWorkspaceWith<Window>,
) -> Result<Json<FailedSummary>, Refusal> {
    audit::audited_each_minute(&state, &grant, "failed_records.view", summary_of(&grant, &window)).await.map(Json)
}
