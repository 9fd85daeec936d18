//! What a node is asked for a dashboard: one question for all its panels and workspaces. Partial aggregates come back that add up.

use super::{Measure, Outlier, PanelDimension, Rates, VolumeTier};
use crate::{Role, WorkspaceAnswer, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks a node for the panels of a dashboard. Times are microseconds UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskDashboard {
    /// Whose.
    pub workspaces: Vec<AskPanels>,
    /// Which.
    pub panels: Vec<PanelAsk>,
    /// Rates of those that have none of their own, by when they begin; the first holds before its beginning, too.
    pub rates: Vec<RatesFrom>,
    /// Now, as the console sees it: what is unfinished, and what is silent.
    pub now: i64,
}

/// A workspace that is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPanels {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The role granted at the console.
    pub role: Role,
    /// Its own rates; empty: those of everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<RatesFrom>,
}

/// Rates from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RatesFrom {
    /// By time of receipt.
    pub from: i64,
    /// What is paid for a GB.
    pub rates: Rates,
}

/// A panel, as a node has to know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelAsk {
    /// Under what the answer is given.
    pub id: String,
    /// What is counted.
    pub measure: Measure,
    /// By what.
    pub group_by: Vec<PanelDimension>,
    /// Only these tiers; empty: `continuous`, `frequent` and `infrequent` (`cse` is part of them), or all four where `group_by` has the tier.
    pub tiers: Vec<VolumeTier>,
    /// Inclusive.
    pub from: i64,
    /// Exclusive.
    pub to: i64,
    /// Ends of buckets, ascending: bucket `i` is what lies in `[edges[i], edges[i + 1])` and in `[from, to)`. Empty: one bucket, the range.
    pub edges: Vec<i64>,
    /// Rank series by how far they are out, most first; only where `group_by` begins with `org`.
    pub outlier: Option<Outlier>,
    /// Ends of buckets from here on are unfinished: the last one is left out of the ranking.
    pub unfinished: bool,
    /// The most groups, largest first; only where `group_by` begins with `org`, for there a group lies on one node. The others are added up.
    pub top: Option<u32>,
    /// The most rows, of measures that are rows.
    pub rows: u32,
    /// Only what is broken now, of measures of health.
    pub open_now: bool,
}

/// What a node answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DashboardAnswers {
    /// Who answered, with how many groups and rows.
    pub workspaces: Vec<WorkspaceAnswer<u64>>,
    /// The panels, in the order asked.
    pub panels: Vec<PanelPart>,
}

/// A node's part of a panel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PanelPart {
    /// As asked.
    pub id: String,
    /// The groups.
    pub groups: Vec<GroupPart>,
    /// What was cut off by `top`, added up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<RestPart>,
    /// Rows, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowPart>,
    /// There are more rows.
    #[serde(default)]
    pub more: bool,
    /// Why there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A group's numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupPart {
    /// A value for each of `group_by`, in order; the workspace's id for `org`.
    pub key: Vec<Option<String>>,
    /// A number for each bucket, of measures that add up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<f64>,
    /// A sample for each bucket, of measures that are means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Sample>,
}

/// What was cut off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RestPart {
    /// How many groups.
    pub groups: u64,
    /// Their numbers added up, for each bucket.
    pub values: Vec<f64>,
}

/// Durations, so that mean, median and 90th percentile can be told of several nodes' together: the mean exactly; the others exactly while there
/// are at most 1,024 durations on a node, else within 1 %.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sample {
    /// How many.
    pub count: u64,
    /// Their sum, seconds.
    pub sum: f64,
    /// The durations, or the centres of ranges within 1 %; seconds.
    pub centres: Vec<f64>,
    /// How many durations each centre stands for; empty: one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<u64>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowPart {
    /// Whose.
    pub workspace: WorkspaceId,
    /// By what rows are ordered, newest first: a time, then `id`.
    pub time: i64,
    /// Its id, unique in its workspace.
    pub id: String,
    /// Its values, as the measure says.
    pub values: RowValues,
}

/// The values of a row. Times are microseconds UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RowValues {
    /// A resource that had an issue.
    HealthResource(Box<HealthResourceRow>),
    /// An event of health.
    HealthEvent(Box<HealthEventRow>),
    /// A source category that is or was silent.
    SilentCategory(Box<SilentCategoryRow>),
    /// A failed record.
    FailedRecord(Box<FailedRecordRow>),
    /// A signal.
    Signal(Box<DashboardSignal>),
}

/// A resource and tracker that had an issue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HealthResourceRow {
    /// Its name.
    pub resource: String,
    /// Its kind.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// The collector's name, of a source.
    pub collector: Option<String>,
    /// The collector's id.
    pub collector_id: Option<String>,
    /// How bad.
    pub severity: String,
    /// Which tracker.
    pub tracker: String,
    /// What is wrong.
    pub error: String,
    /// The same, for people.
    pub description: String,
    /// Its first event in the range, or when it opened.
    pub first_seen: i64,
    /// Its last event in the range.
    pub last_seen: i64,
    /// Events in the range.
    pub events: u64,
    /// Whether it is broken now.
    pub open: bool,
    /// Since when, where it is open.
    pub since: Option<i64>,
}

/// An event that said something is unhealthy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HealthEventRow {
    /// The resource's name.
    pub resource: String,
    /// Its kind.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// The collector's name, of a source.
    pub collector: Option<String>,
    /// How bad.
    pub severity: String,
    /// Which tracker.
    pub tracker: String,
    /// What is wrong.
    pub error: String,
    /// The same, for people.
    pub description: String,
}

/// A source category of a tier that sent nothing for a day or longer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SilentCategoryRow {
    /// The tier.
    pub tier: String,
    /// The source category.
    pub source_category: String,
    /// Bytes in the day before it fell silent.
    pub bytes_before: u64,
    /// End of the last 5 minutes with data before the silence.
    pub last_seen: i64,
    /// When data came again; none: silent now.
    pub back: Option<i64>,
    /// The usual time between 5 minutes with data, seconds, where known.
    pub cadence_s: Option<u64>,
    /// Who acknowledged it, and when.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged: Option<i64>,
}

/// A failed record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailedRecordRow {
    /// Its source's category.
    pub source_category: Option<String>,
    /// Vendor.
    pub vendor: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// Event id.
    pub event_id: Option<String>,
    /// Parser.
    pub parser: Option<String>,
    /// The reason as a code.
    pub reason_code: Option<String>,
    /// The reason as it was told.
    pub reason: Option<String>,
    /// The raw text, its first 1,000 characters.
    pub raw: String,
}

/// A signal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DashboardSignal {
    /// Its name.
    pub name: String,
    /// The rule's id.
    pub rule: String,
    /// 0 to 10.
    pub severity: i64,
    /// Kind of the entity.
    pub entity_type: String,
    /// The entity.
    pub entity: String,
    /// Tactic of the rule.
    pub attack_stage: Option<String>,
    /// Tags of the rule.
    pub tags: Vec<String>,
    /// Whether it does not count, and why.
    pub suppressed: Option<String>,
    /// Of a prototype.
    pub prototype: bool,
    /// The investigation it belongs to, by its rrn.
    pub investigation: Option<String>,
}
