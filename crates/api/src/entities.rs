//! Entities: what signals are about, and how much they matter.

use crate::EntityRef;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One entity that signals were made about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EntityRow {
    /// What it is.
    pub entity: EntityRef,
    /// Its first signal.
    pub first_seen: DateTime<Utc>,
    /// Its last signal.
    pub last_seen: DateTime<Utc>,
    /// Signals made about it, suppressed ones included.
    pub signals: u64,
    /// How the severity of its signals is changed, such as `severity+3`.
    pub criticality: Option<String>,
    /// Whether its signals are suppressed.
    pub suppressed: bool,
}

/// A page of entities, last seen first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EntityPage {
    /// The entities.
    pub data: Vec<EntityRow>,
    /// Where the next page begins; null at the end.
    pub next: Option<String>,
}

/// How much entities matter: one, or all whose value fits a pattern. What neither changes severities nor suppresses is no setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntitySetting {
    /// `hostname`, `username`, `ip`…
    #[serde(rename = "type")]
    pub kind: String,
    /// The value; `*` and `?` stand for other text.
    pub value: String,
    /// `severity` followed by `+`, `-`, `*` or `/` and a number.
    #[serde(default)]
    pub criticality: Option<String>,
    /// Whether their signals are stored as suppressed.
    #[serde(default)]
    pub suppressed: bool,
    /// For people.
    #[serde(default)]
    pub notes: String,
}
