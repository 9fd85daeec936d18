//! Custom insights: a workspace's own reasons to open an investigation, whatever the score.

use crate::Priority;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the order of the signals matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomOrder {
    /// As they come.
    #[default]
    Any,
    /// In the order of the list.
    Exact,
}

/// The priority of what it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomPriority {
    /// Always this one.
    Constant(Priority),
    /// By the highest severity among its signals: the highest threshold that is reached decides.
    Dynamic {
        /// At most 5, each of its own severity.
        thresholds: Vec<SeverityStep>,
        /// When none is reached.
        #[serde(rename = "default")]
        otherwise: Priority,
    },
}

/// From this severity on, this priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityStep {
    /// The lowest severity.
    pub severity: u32,
    /// The priority.
    pub priority: Priority,
}

/// When it opens one, and how urgent that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomInsightBody {
    /// Rule ids, or names of signals (`*` and `?` stand for other text), 1 to 20: each must have a signal on the entity.
    pub rules: Vec<String>,
    /// Whether their order matters.
    #[serde(default)]
    pub order: CustomOrder,
    /// How urgent it is.
    pub priority: CustomPriority,
}

/// Makes a custom insight, or replaces one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomInsight {
    /// Name, unique in the workspace; what its investigations are called.
    pub name: String,
    /// When, and how urgent.
    pub when: CustomInsightBody,
    /// Whether it is in force.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// One custom insight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomInsight {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// When, and how urgent.
    pub when: CustomInsightBody,
    /// Whether it is in force.
    pub enabled: bool,
    /// Who made or changed it.
    pub created_by: String,
    /// When.
    pub created_time: DateTime<Utc>,
}
