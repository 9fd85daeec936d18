//! Collectors of a workspace: who sends the logs of its sources.

use crate::{CollectorId, CollectorState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Makes a collector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCollector {
    /// Name, unique in the workspace.
    pub name: String,
    /// What it is, in one word of its own: `vector`, `rsyslog`, `winlogbeat`, `cloud`. Lower-case letters, digits, `.`, `_` and `-`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Changes a collector. Fields left out stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectorPatch {
    /// New name, unique in the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New type; a version it told before is forgotten.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is switched on. Off, none of its sources takes events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// A collector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Collector {
    /// Id.
    pub id: CollectorId,
    /// Name.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// How it is, from its sources and its health issues.
    pub state: CollectorState,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The version it told when it last sent, where its `User-Agent` names its type.
    pub version: Option<String>,
    /// When one of its sources was last heard from.
    pub last_seen: Option<DateTime<Utc>>,
    /// How many sources it has.
    pub sources: u32,
    /// Open health issues of it and its sources.
    pub open_issues: u32,
    /// When it was made.
    pub created_time: DateTime<Utc>,
}
