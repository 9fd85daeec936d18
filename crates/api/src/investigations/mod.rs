//! Investigations: the case an analyst works, its signals, the rule behind each, and its history.

mod attachments;
mod bulk;
mod comments;
mod create;
mod evidence;
mod export;
mod feed;
mod filter;
mod order;
mod search;
mod together;

pub use attachments::*;
pub use bulk::*;
pub use comments::*;
pub use create::*;
pub use evidence::*;
pub use export::*;
pub use feed::*;
pub use filter::*;
pub use order::*;
pub use search::*;
pub use together::*;

use crate::{CustomerRef, Disposition, Origin, Priority, Responsibility, Status, WorkspaceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who works an investigation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignee {
    /// Mail address, the login.
    pub email: String,
    /// Display name.
    #[serde(default)]
    pub name: String,
}

/// What an investigation or a signal is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct EntityRef {
    /// `hostname`, `username`, `ip`…
    #[serde(rename = "type")]
    pub kind: String,
    /// Normalised value.
    pub value: String,
}

/// One investigation as its node holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvestigationRow {
    /// Global name; routes every call about it.
    pub rrn: String,
    /// Workspace that owns it.
    pub workspace: WorkspaceId,
    /// Moves with each change of a field a person can edit.
    pub version: i64,
    /// Name.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// The verdict.
    pub disposition: Disposition,
    /// How it came into being.
    pub source: Origin,
    /// Who works it.
    pub assignee: Option<Assignee>,
    /// What it is about.
    pub entity: Option<EntityRef>,
    /// Who must work it, where that was said.
    #[serde(default)]
    pub responsibility: Option<Responsibility>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Signals attached.
    pub signal_count: u32,
    /// Comments that the reader may see.
    #[serde(default)]
    pub comment_count: u32,
    /// Files attached.
    #[serde(default)]
    pub attachment_count: u32,
    /// Log rows that somebody added.
    #[serde(default)]
    pub evidence_count: u32,
    /// Signals that would have joined it and were held back by a throttle.
    #[serde(default)]
    pub throttled_count: u32,
    /// Its priority follows that of its most severe signal; false once a person has set it.
    #[serde(default)]
    pub priority_inherited: bool,
    /// The investigation it was merged into.
    #[serde(default)]
    pub merged_into: Option<String>,
    /// Who said that they are on it, until when.
    #[serde(default)]
    pub claim: Option<Claim>,
    /// Who looks at it now, at most 10.
    #[serde(default)]
    pub looking: Vec<Assignee>,
    /// When it was opened.
    pub created_time: DateTime<Utc>,
    /// Last change of any kind.
    pub updated_time: DateTime<Utc>,
    /// Creation time of its first signal.
    pub first_alert_time: Option<DateTime<Utc>>,
    /// Creation time of its newest signal.
    pub latest_alert_time: Option<DateTime<Utc>>,
    /// When it was closed, while it is.
    pub closed_time: Option<DateTime<Utc>>,
    /// When it was last looked at or changed by a person.
    #[serde(default)]
    pub last_accessed_time: Option<DateTime<Utc>>,
}

/// Somebody is on it: others see that, and ask before they take it over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// Mail address.
    pub email: String,
    /// Display name.
    pub name: String,
    /// When it ends by itself.
    pub until: DateTime<Utc>,
}

/// One investigation as the console shows it: the node's row and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Investigation {
    /// Whose it is.
    pub customer: CustomerRef,
    /// The node's row.
    #[serde(flatten)]
    pub row: InvestigationRow,
}

/// A rule matched a record, or a window of them, about an entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Signal {
    /// Deterministic: from the event, the rule and the entity.
    pub id: String,
    /// The rule behind it.
    pub rule_id: String,
    /// The rule's title.
    pub name: String,
    /// Sigma level.
    pub level: String,
    /// What it adds to the score: 1, 3, 5, 7, 9.
    pub severity: u32,
    /// Whom it is about.
    pub entity: EntityRef,
    /// When it was made: receipt time of the event that completed it.
    pub created_time: DateTime<Utc>,
    /// When the event happened, as the event says.
    pub event_time: DateTime<Utc>,
    /// Events behind it, newest last, at most 50.
    pub event_ids: Vec<String>,
    /// The fields that matched.
    pub matched: Vec<MatchedField>,
    /// One line about the event.
    pub message: String,
    /// ATT&CK tags of the rule.
    pub tags: Vec<String>,
    /// Why it does not score, when it does not.
    pub suppressed: Option<String>,
}

/// One field of an event that a rule matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MatchedField {
    /// Field name.
    pub field: String,
    /// Its value.
    pub value: String,
}

/// The rule behind a signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleInfo {
    /// Sigma id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Sigma level.
    pub level: String,
    /// What it looks for.
    pub description: String,
    /// ATT&CK tags.
    pub tags: Vec<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Known harmless causes.
    pub false_positives: Vec<String>,
    /// Where to read more.
    pub references: Vec<String>,
    /// The rule's YAML text.
    pub source: String,
}

/// One change of an investigation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistoryEntry {
    /// When.
    pub time: DateTime<Utc>,
    /// Who: a mail address, a workspace admin's name, or `correlation`.
    pub actor: String,
    /// `opened`, `status`, `priority`, `disposition`, `assignee`, `title`, `tags`, `signal`…
    pub field: String,
    /// Value before.
    pub from: Option<String>,
    /// Value after.
    pub to: Option<String>,
}

/// An investigation with its signals and history, as its node answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvestigationDetail {
    /// The row.
    pub investigation: InvestigationRow,
    /// Its signals, oldest event first, at most 500; `signal_count` tells how many there are.
    pub signals: Vec<Signal>,
    /// Its history, oldest first, at most 500.
    pub history: Vec<HistoryEntry>,
}

/// The same as the console answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerInvestigation {
    /// Row and customer.
    pub investigation: Investigation,
    /// Its signals, oldest event first.
    pub signals: Vec<Signal>,
    /// Its history, oldest first.
    pub history: Vec<HistoryEntry>,
    /// What this person may do with it.
    pub may_edit: bool,
}

/// A change by a person. Fields left out stay as they are.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvestigationPatch {
    /// The version the change was made against; 409 with the current row when it is no longer that.
    pub version: i64,
    /// New title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// New status; CLOSED needs a disposition other than UNDECIDED, here or already set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// New priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// New disposition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// New assignee; `{"email": null}` or null takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "assignment")]
    #[schema(value_type = Option<Assignee>)]
    pub assignee: Option<Option<Assignee>>,
    /// New tags, replacing the old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Who must work it; null takes that away.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<Responsibility>)]
    pub responsibility: Option<Option<Responsibility>>,
    /// Whether the priority follows the most severe signal; not together with a priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherit_priority: Option<bool>,
}

/// What is there, be it null, differs from what was left out.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// "Left out" and "null" differ for an assignee.
mod assignment {
    use super::Assignee;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wire {
        email: Option<String>,
        #[serde(default)]
        name: Option<String>,
    }

    pub(in crate::investigations) fn serialize<S: Serializer>(value: &Option<Option<Assignee>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(serializer)
    }

    pub(in crate::investigations) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Assignee>>, D::Error> {
        use serde::de::Error;
        use serde_json::Value;

        let wire = match Value::deserialize(deserializer)? {
            Value::Null => None,
            Value::String(email) => Some(Wire { email: Some(email), name: None }),
            told @ Value::Object(_) => Some(serde_json::from_value::<Wire>(told).map_err(|e| D::Error::custom(format!("assignee: {e}")))?),
            _ => return Err(D::Error::custom("assignee: a mail address, an object with `email`, or null")),
        };
        Ok(Some(wire.and_then(|w| w.email.map(|email| Assignee { email, name: w.name.unwrap_or_default() }))))
    }
}

/// Open (not closed) investigations of one customer by priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenCounts {
    /// Critical.
    pub critical: u32,
    /// High.
    pub high: u32,
    /// Medium.
    pub medium: u32,
    /// Low.
    pub low: u32,
    /// Not judged.
    pub unspecified: u32,
}
