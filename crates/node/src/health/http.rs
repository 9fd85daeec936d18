//! Reading health, saying that an issue is known, and what collectors tell of themselves.

use super::{
    Finding, Resource,
    store::{self, Filter},
};
use crate::{
    State,
    access::{Action, AtWorkspace, AtWorkspaceWith, IngestGrant, NoQuery, WorkspaceGrant},
    audit, paging,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{Acknowledge, HealthEvent, HealthIssue, HealthReport, HealthSeverity, HealthStatus, IssueState, Paged, ResourceKind, Tracker};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query, QueryParams},
};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;
use std::cmp::Reverse;
use utoipa::IntoParams;

/// Characters of a description and of a note.
const TEXT_CHARS: usize = 500;
/// Characters of an error code.
const ERROR_CHARS: usize = 64;

/// Which issues.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichIssues {
    /// `open` (unless told otherwise) or `resolved`.
    state: Option<IssueState>,
    /// `Warning` or `Error`.
    severity: Option<HealthSeverity>,
    /// The kind of resource.
    kind: Option<ResourceKind>,
    /// The id of a resource.
    resource: Option<String>,
    /// What is watched.
    tracker: Option<Tracker>,
    /// Rows of a page, 1 to 1000; 200 unless told.
    limit: Option<u32>,
    /// Where a page before ended.
    cursor: Option<String>,
}

impl QueryParams for WhichIssues {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// Which events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichEvents {
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Before.
    to: Option<DateTime<Utc>>,
    /// `Warning` or `Error`.
    severity: Option<HealthSeverity>,
    /// The kind of resource.
    kind: Option<ResourceKind>,
    /// The id of a resource.
    resource: Option<String>,
    /// What is watched.
    tracker: Option<Tracker>,
    /// Rows of a page, 1 to 1000; 200 unless told.
    limit: Option<u32>,
    /// Where a page before ended.
    cursor: Option<String>,
}

impl QueryParams for WhichEvents {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// What is unhealthy, the last change first.
#[utoipa::path(get, path = "/api/v1/health/issues", tag = "health", params(WhichIssues), responses((status = 200, body = Paged<HealthIssue>)))]
pub(crate) async fn issues(grant: WorkspaceGrant, Query(which): Query<WhichIssues>) -> Result<Json<Paged<HealthIssue>>, Refusal> {
    list_issues(&grant, which).await.map(Json)
}

/// What is unhealthy, the last change first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/health/issues", tag = "health", params(("workspace" = String, Path), AtWorkspace, WhichIssues),
               responses((status = 200, body = Paged<HealthIssue>)))]
pub(crate) async fn issues_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    AtWorkspaceWith(which): AtWorkspaceWith<WhichIssues>,
) -> Result<Json<Paged<HealthIssue>>, Refusal> {
    audit::audited_each_minute(&state, &grant, "health.issues", list_issues(&grant, which)).await.map(Json)
}

/// Changes of health, the last first.
#[utoipa::path(get, path = "/api/v1/health/events", tag = "health", params(WhichEvents), responses((status = 200, body = Paged<HealthEvent>)))]
pub(crate) async fn events(grant: WorkspaceGrant, Query(which): Query<WhichEvents>) -> Result<Json<Paged<HealthEvent>>, Refusal> {
    list_events(&grant, which).await.map(Json)
}

/// Changes of health, the last first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/health/events", tag = "health", params(("workspace" = String, Path), AtWorkspace, WhichEvents),
               responses((status = 200, body = Paged<HealthEvent>)))]
pub(crate) async fn events_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    AtWorkspaceWith(which): AtWorkspaceWith<WhichEvents>,
) -> Result<Json<Paged<HealthEvent>>, Refusal> {
    audit::audited_each_minute(&state, &grant, "health.events", list_events(&grant, which)).await.map(Json)
}

/// Says that an open issue is known. `source.silent` and `collector.offline` end by it.
#[utoipa::path(post, path = "/api/v1/health/issues/{id}/acknowledge", tag = "health", params(("id" = String, Path)), request_body = Acknowledge,
               responses((status = 200, body = HealthIssue)))]
pub(crate) async fn acknowledge(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(id): Path<String>,
    _: NoQuery,
    Body(body): Body<Acknowledge>,
) -> Result<Json<HealthIssue>, Refusal> {
    let work = async {
        let note = body.note.as_deref().map(|note| text("note", note)).transpose()?.filter(|note| !note.is_empty());
        grant.demand(&[Action::ManageSources])?.health().acknowledge(&id, grant.actor(), note)
    };
    audit::audited(&state, &grant, "health.acknowledge", &id, work).await.map(Json)
}

/// What a collector tells of itself or of the source whose ingest key it uses. At most 20 a minute for each source.
#[utoipa::path(post, path = "/api/v1/health/report", tag = "health", request_body = HealthReport, responses((status = 204)))]
pub(crate) async fn report(grant: IngestGrant, _: NoQuery, Body(report): Body<HealthReport>) -> Result<StatusCode, Refusal> {
    let (workspace, source) = (grant.workspace(), grant.source());
    workspace.health().may_tell(&source.id)?;
    let (resource, severity) = told_of(&grant, report.tracker)?;
    let finding = match report.status {
        HealthStatus::Healthy => Finding::Healthy,
        HealthStatus::UnHealthy => {
            let error = code(report.error.as_deref().unwrap_or("REPORTED"))?;
            let description = text("description", report.description.as_deref().unwrap_or("told by the collector"))?;
            Finding::Unhealthy { severity, error, description }
        }
    };
    workspace.health().report(&resource, report.tracker, &finding);
    Ok(StatusCode::NO_CONTENT)
}

/// What a collector may tell of, and how bad that is.
fn told_of(grant: &IngestGrant, tracker: Tracker) -> Result<(Resource, HealthSeverity), Refusal> {
    use Tracker::*;
    let source = || Resource::Source(grant.source().id.clone());
    match tracker {
        SourceAuthFailed | SourceConfigInvalid | SourcePathMissing | SourceUnreachable => Ok((source(), HealthSeverity::Error)),
        SourceRateLimited => Ok((source(), HealthSeverity::Warning)),
        CollectorDiskQueueFull => match &grant.source().collector {
            Some(collector) => Ok((Resource::Collector(collector.clone()), HealthSeverity::Error)),
            None => Err(Refusal::invalid("NO_COLLECTOR", "tracker", "tracker: this source has no collector")),
        },
        other => Err(Refusal::invalid("INVALID_INPUT", "tracker", format!("tracker: {other} is found by the node, not told by a collector"))),
    }
}

async fn list_issues(grant: &WorkspaceGrant, which: WhichIssues) -> Result<Paged<HealthIssue>, Refusal> {
    let (rows, after) = (paging::rows(which.limit)?, paging::after::<(i64, String)>(which.cursor.as_deref())?);
    let filter = Filter { severity: which.severity, kind: which.kind, resource: which.resource, tracker: which.tracker };
    let workspace = grant.demand(&[Action::ViewHealth])?;
    let place = |issue: &HealthIssue| (issue.since.timestamp_micros(), issue.id.clone());
    let found = match which.state.unwrap_or(IssueState::Open) {
        IssueState::Open => {
            let mut open = workspace.health().open_issues();
            open.retain(|issue| filter.matches(issue));
            open.sort_by_cached_key(|issue| (Reverse(issue.since), issue.id.clone()));
            let beyond = |issue: &HealthIssue| after.as_ref().is_none_or(|(since, id)| (Reverse(place(issue).0), &issue.id) > (Reverse(*since), id));
            open.into_iter().filter(beyond).take(rows + 1).collect()
        }
        IssueState::Resolved => {
            settled(grant).await;
            store::resolved(grant, &filter, after, rows + 1).await?
        }
    };
    paging::page(found, rows, place)
}

async fn list_events(grant: &WorkspaceGrant, which: WhichEvents) -> Result<Paged<HealthEvent>, Refusal> {
    let (rows, before) = (paging::rows(which.limit)?, paging::after::<i64>(which.cursor.as_deref())?);
    let filter = Filter { severity: which.severity, kind: which.kind, resource: which.resource, tracker: which.tracker };
    settled(grant).await;
    let us = |time: Option<DateTime<Utc>>| time.map(|t| t.timestamp_micros());
    let found = store::events(grant, &filter, (us(which.from), us(which.to)), before, rows + 1).await?;
    let page = paging::page(found, rows, |(seq, _)| *seq)?;
    Ok(Paged { data: page.data.into_iter().map(|(_, event)| event).collect(), next: page.next })
}

/// Writes down what changed, so that it is read back. When that fails what was written before is still worth reading.
async fn settled(grant: &WorkspaceGrant) {
    if let Err(refusal) = grant.workspace().health().write_out().await {
        tracing::warn!(code = refusal.code(), "health is read without its last changes");
    }
}

fn text(field: &str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS || text.chars().any(char::is_control) {
        let detail = format!("{field}: at most {TEXT_CHARS} characters, none of them a control character");
        return Err(Refusal::invalid("INVALID_INPUT", field, detail));
    }
    Ok(text.to_owned())
}

fn code(error: &str) -> Result<String, Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if error.is_empty() || error.len() > ERROR_CHARS || !error.chars().all(plain) {
        let detail = format!("error: 1 to {ERROR_CHARS} of letters, digits, `.`, `_` and `-`");
        return Err(Refusal::invalid("INVALID_INPUT", "error", detail));
    }
    Ok(error.to_owned())
}
