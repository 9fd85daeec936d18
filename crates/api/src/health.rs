//! Health of a workspace's collectors, sources, rules and parsers: what is wrong now, every change of it, and what collectors tell.

use crate::{CollectorId, HealthSeverity, HealthStatus, IssueState, ResourceKind, Tracker, WorkspaceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a health issue is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct HealthResource {
    /// Its kind.
    pub kind: ResourceKind,
    /// Its id.
    pub id: String,
    /// Its name when the issue opened.
    pub name: String,
    /// The collector of a source.
    pub collector: Option<CollectorId>,
    /// That collector's name.
    pub collector_name: Option<String>,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthDetails {
    /// A code for programs, such as `PORT_NOT_BOUND`.
    pub error: String,
    /// A sentence for people.
    pub description: String,
}

/// Somebody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Acknowledgement {
    /// Who.
    pub by: String,
    /// When.
    pub time: DateTime<Utc>,
    /// What they wrote.
    pub note: Option<String>,
}

/// One (resource, tracker) that is or was unhealthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthIssue {
    /// Id.
    pub id: String,
    /// What is watched.
    pub tracker: Tracker,
    /// How bad.
    pub severity: HealthSeverity,
    /// Whether it lasts.
    pub state: IssueState,
    /// About what.
    pub resource: HealthResource,
    /// Why, as told last.
    pub details: HealthDetails,
    /// When it opened.
    pub opened_time: DateTime<Utc>,
    /// Its last change: opened, another severity or error, resolved.
    pub since: DateTime<Utc>,
    /// When it ended.
    pub resolved_time: Option<DateTime<Utc>>,
    /// Whether somebody knows.
    pub acknowledged: Option<Acknowledgement>,
}

/// Says that an open issue is known. `source.silent` and `collector.offline` end by it, until data came and stopped again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    /// Up to 500 characters for others to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One change of health, in the form dashboards of collector health are written against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthEvent {
    /// Id.
    pub event_id: String,
    /// Always `Health-Change`.
    pub event_type: String,
    /// `TrackerUnHealthy` or `TrackerHealthy`.
    pub event_name: String,
    /// When.
    pub event_time: DateTime<Utc>,
    /// Layout of this object.
    pub event_format_version: String,
    /// The workspace.
    pub account_id: WorkspaceId,
    /// Who did it; absent when the node found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Which part of the node is concerned: `Collection`, `Ingest`, `Normalisation`, `Detection`, `Storage`.
    pub subsystem: String,
    /// Whether it works.
    pub status: HealthStatus,
    /// How bad it is, or was.
    pub severity_level: HealthSeverity,
    /// Why.
    pub details: HealthEventDetails,
    /// About what.
    pub resource_identity: ResourceIdentity,
}

/// Why a health event was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthEventDetails {
    /// What is watched.
    pub tracker_id: Tracker,
    /// A code for programs.
    pub error: String,
    /// A sentence for people.
    pub description: String,
}

/// What a health event is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceIdentity {
    /// Its id.
    pub id: String,
    /// Its name then.
    pub name: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ResourceKind,
    /// The collector of a source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collector_id: Option<CollectorId>,
    /// That collector's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collector_name: Option<String>,
}

/// What a collector tells of itself or of one of its sources, with that source's ingest key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthReport {
    /// One of `source.auth_failed`, `source.config_invalid`, `source.path_missing`, `source.rate_limited`, `source.unreachable`,
    /// `collector.disk_queue_full`.
    pub tracker: Tracker,
    /// Whether it works.
    pub status: HealthStatus,
    /// A code for programs: 1 to 64 of letters, digits, `.`, `_` and `-`. `REPORTED` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Up to 500 characters for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
