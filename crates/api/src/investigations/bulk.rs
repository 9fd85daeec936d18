//! One change of many investigations: what a person asks of the console, and what the console asks of the nodes.

use super::{Assignee, InvestigationFilter, RowFilter, assignment, comments::Visibility};
use crate::{Ask, CustomerName, CustomerRef, Disposition, Priority, Responsibility, Role, Scope, Status, WorkspaceAnswer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Rows one bulk change may have.
pub const BULK_MAX: u32 = 5_000;

crate::words::words!(
    /// What became of one investigation in a bulk change.
    BulkOutcome {
        /// It is as asked now, or would be.
        Changed = "CHANGED",
        /// It was so already.
        Unchanged = "UNCHANGED",
        /// It has changed since; it was left alone.
        Conflict = "CONFLICT",
        /// The person may see it, and not change it.
        Forbidden = "FORBIDDEN",
        /// There is no such investigation, or not for this person.
        NotFound = "NOT_FOUND",
        /// Its node does not take this change.
        Refused = "REFUSED",
        /// Its node did not answer. Whether it was changed is not known; the same call again with the same key finds out.
        Failed = "FAILED",
    }
);

/// An investigation as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkTarget {
    /// Which.
    pub rrn: String,
    /// Left alone when it is at another version by now; whatever version it is at when none is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Which investigations: exactly one of the fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BulkSelect {
    /// These, at whatever version they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rrns: Option<Vec<String>>,
    /// These, at the versions they were seen at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<BulkTarget>>,
    /// Everything that matches, whatever the page: no `limit` and no `cursor`; the order does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<InvestigationFilter>,
    /// Everything that is not closed and that the person may change. Only `true` means something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<bool>,
}

/// A comment on each of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkComment {
    /// 1 to 10,000 characters.
    pub body: String,
    /// Who reads it; technicians alone unless told.
    #[serde(default = "internal")]
    pub visibility: Visibility,
}

fn internal() -> Visibility {
    Visibility::Internal
}

/// What is to be set. Fields left out stay as they are; at least one is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BulkSet {
    /// New status; CLOSED needs a disposition here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// New priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// New disposition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// New assignee; `{"email": null}` or null takes it away.
    #[serde(skip_serializing_if = "Option::is_none", with = "assignment")]
    #[schema(value_type = Option<Assignee>)]
    pub assignee: Option<Option<Assignee>>,
    /// Who must work them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsibility: Option<Responsibility>,
    /// New tags, replacing the old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Tags to add.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add_tags: Vec<String>,
    /// Tags to take away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove_tags: Vec<String>,
    /// A comment to add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<BulkComment>,
}

/// Asks for a bulk change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// Which investigations.
    pub select: BulkSelect,
    /// What to set.
    pub set: BulkSet,
    /// At most so many, 1 to 5,000: when more match, nothing is changed.
    pub cap: u32,
    /// Says what would be, and changes nothing.
    #[serde(default)]
    pub preview: bool,
}

/// What became of one investigation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkItem {
    /// Which.
    pub rrn: String,
    /// Whose; null when it is nobody's this person may know.
    pub customer: Option<CustomerRef>,
    /// What became of it.
    pub outcome: BulkOutcome,
    /// Why, for programs: the code that a change of it alone would have been refused with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The version it is at, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// How many of one customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkCount {
    /// Whose.
    pub customer: CustomerRef,
    /// Investigations that match.
    pub count: u64,
    /// Of them, changed, or to be changed.
    pub changed: u64,
}

/// What a bulk change came to, or would come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkResult {
    /// Names it for undo; null for a preview.
    pub id: Option<String>,
    /// Nothing was changed.
    pub preview: bool,
    /// Investigations that were found. A lower bound while `scope` names somebody failed.
    pub matched: u64,
    /// How many of each customer, by name.
    pub customers: Vec<BulkCount>,
    /// Changed, or to be changed.
    pub changed: u64,
    /// So already.
    pub unchanged: u64,
    /// Everything else: conflicts, refusals, and what did not answer.
    pub failed: u64,
    /// Each investigation, by customer.
    pub items: Vec<BulkItem>,
    /// Until when it can be undone; null when there is nothing to undo.
    pub undo_until: Option<DateTime<Utc>>,
    /// Who was asked and who answered.
    pub scope: Scope,
}

/// One investigation of a workspace, by its id there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkId {
    /// Id within the workspace.
    pub id: String,
    /// Left alone when it is at another version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// One workspace in a bulk change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkAsk {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The role granted at the console.
    pub role: Role,
    /// Which investigations; null for those that the filter finds, which only a look at it may ask for.
    #[serde(default)]
    pub items: Option<Vec<BulkId>>,
    /// Whether the person to be assigned may work on this customer, as the console knows it.
    #[serde(default)]
    pub assignable: bool,
}

/// Asks a node what a bulk change would do, or to do it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBulk {
    /// Names the change: the same again is the same change. Empty where it is only looked at.
    pub bulk: String,
    /// Tells another change under the same name.
    pub digest: String,
    /// Which workspaces, and what in them.
    pub workspaces: Vec<BulkAsk>,
    /// What to look for where no items are told.
    #[serde(default)]
    pub filter: Option<RowFilter>,
    /// What to set.
    pub set: BulkSet,
    /// No more are told of one workspace than this and one more, 1 to 5,000.
    pub cap: u32,
    /// What the console calls the customers, where the filter goes by that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<WorkspaceId, CustomerName>,
}

/// Asks a node to undo a bulk change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBulkUndo {
    /// Which change.
    pub bulk: String,
    /// In which workspaces.
    pub workspaces: Vec<Ask>,
}

/// What became of one investigation of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkPartItem {
    /// Id within the workspace.
    pub id: String,
    /// What became of it, or would.
    pub outcome: BulkOutcome,
    /// Why, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The version it is at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// What a bulk change did in one workspace, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkPart {
    /// It was done before: this is what came of it then.
    pub done: bool,
    /// Investigations that were found, all of them.
    pub matched: u64,
    /// Each of them; none where there are more than asked for.
    pub items: Vec<BulkPartItem>,
}

/// A node's answer to any of these questions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkAnswers {
    /// Each workspace asked.
    pub workspaces: Vec<WorkspaceAnswer<BulkPart>>,
}
