//! Rules as a workspace runs them: their state, what they found and what they cost; its own rules; trying one.

use crate::{MatchedField, RuleInfo, RuleState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One rule of a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleRow {
    /// Sigma id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Sigma level.
    pub level: String,
    /// What a signal of it weighs here.
    pub severity: u32,
    /// What it weighs unless the workspace says otherwise.
    pub own_severity: u32,
    /// What it may do here.
    pub state: RuleState,
    /// Why it was set aside.
    pub reason: Option<String>,
    /// The last record it matched when it was set aside, in one line.
    pub sample: Option<String>,
    /// When it was set aside.
    pub failed_time: Option<DateTime<Utc>>,
    /// How long one of its signals silences others on its entity, in minutes; as the workspace's settings say when null.
    pub quiet_minutes: Option<u32>,
    /// Product it is written for.
    pub product: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// ATT&CK tags.
    pub tags: Vec<String>,
    /// Whether it watches other rules over time.
    pub correlation: bool,
    /// Whether it is the workspace's own.
    pub custom: bool,
    /// Events it matched, since ever.
    pub hits: u64,
    /// Signals it made, since ever.
    pub signals: u64,
    /// The last hour it matched in.
    pub last_hit_time: Option<DateTime<Utc>>,
    /// Processor time it spent since the workspace was opened, in microseconds: its share of the time of its group of rules.
    pub spent_us: u64,
}

/// A page of rules by title.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulePage {
    /// The rules.
    pub data: Vec<RuleRow>,
    /// Where the next page begins; null at the end.
    pub next: Option<String>,
}

/// One rule with its text.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleDetail {
    /// As it runs here.
    pub rule: RuleRow,
    /// What it says.
    pub info: RuleInfo,
}

/// A change to a rule. What is left out stays; null goes back to what the rule says itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulePatch {
    /// `active`, `disabled` or `prototype`. A rule that was set aside is active again, and starts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<RuleState>,
    /// What its signals weigh, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "given")]
    #[schema(value_type = Option<u32>)]
    pub severity: Option<Option<u32>>,
    /// How long one of its signals silences others, in minutes, 1 to 4320; at least the window of a correlation.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "given")]
    #[schema(value_type = Option<u32>)]
    pub quiet_minutes: Option<Option<u32>>,
}

/// "Left out" and "null" differ.
mod given {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Option<Option<u32>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u32>>, D::Error> {
        Option::<u32>::deserialize(deserializer).map(Some)
    }
}

/// A rule of the workspace's own.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// One Sigma rule, detection or correlation, at most 64 KiB.
    pub yaml: String,
    /// What it may do from the start: `active`, `disabled` or `prototype`.
    #[serde(default)]
    pub state: Option<RuleState>,
}

/// Tries rules on events, changing nothing.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleTest {
    /// Sigma rules, at most 64 KiB; a correlation needs those it names, here or among the workspace's.
    pub yaml: String,
    /// Events in order, at most 50: texts as received, or JSON objects.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<serde_json::Value>,
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleTestResult {
    /// One for each event, in order.
    pub events: Vec<TriedEvent>,
    /// Remarks about the rules that do not stop them.
    pub warnings: Vec<String>,
}

/// What the rules said of one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TriedEvent {
    /// The rules that match.
    pub matches: Vec<TriedMatch>,
    /// Why no record could be made of it.
    pub failed: Option<String>,
    /// The parser that took it.
    pub parser: Option<String>,
    /// The logsource rules are chosen by: product, category, service.
    pub logsource: Option<[Option<String>; 3]>,
}

/// One rule that matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TriedMatch {
    /// The rule.
    pub rule_id: String,
    /// Its title.
    pub title: String,
    /// What decided it; for a correlation its group and count.
    pub matched: Vec<MatchedField>,
}
