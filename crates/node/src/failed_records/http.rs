//! Why events failed, at a glance, and working them again.

use super::{MANAGE, start, store};
use crate::{
    State,
    access::{Action, AtWorkspace, AtWorkspaceWith, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{FailedSummary, List, Replay, ReplayFilter, ReplayState};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query, QueryParams},
};
use chrono::{DateTime, Utc};
use http::StatusCode;
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

/// Takes failed records through the parsers as they are now; what can become a record does. It goes on by itself.
#[utoipa::path(post, path = "/api/v1/failed-records/replay", tag = "failed-records", request_body = ReplayFilter,
               responses((status = 202, body = Replay)))]
pub(crate) async fn replay(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(filter): Body<ReplayFilter>,
) -> Result<(StatusCode, Json<Replay>), Refusal> {
    let work = start(&grant, &filter, state.clock(), state.tasks());
    let replay = audit::audited(&state, &grant, "failed_records.replay", "", work).await?;
    Ok((StatusCode::ACCEPTED, Json(replay)))
}

/// Replays, newest first: the last 100.
#[utoipa::path(get, path = "/api/v1/failed-records/replay", tag = "failed-records", responses((status = 200, body = List<Replay>)))]
pub(crate) async fn replays(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<Replay>>, Refusal> {
    Ok(Json(List { data: store::list(&grant).await? }))
}

/// Stops a replay after the file it is at. What has become a record stays one.
#[utoipa::path(delete, path = "/api/v1/failed-records/replay/{replay}", tag = "failed-records", params(("replay" = String, Path)),
               responses((status = 204)))]
pub(crate) async fn cancel(With(state): With<State>, grant: WorkspaceGrant, Path(id): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    let work = async {
        let replay = store::find(&grant, &id).await?;
        if replay.state != ReplayState::Running || !grant.demand(MANAGE)?.replays().cancel(&id) {
            return Err(Refusal::conflict("NOT_RUNNING", "this replay has ended"));
        }
        Ok(())
    };
    audit::audited(&state, &grant, "failed_records.cancel", &id, work).await?;
    Ok(StatusCode::NO_CONTENT)
}
