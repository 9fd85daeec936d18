//! Investigations that people open, fields that are set one by one, and alerts that are moved.

use super::{Assignee, EntityRef, InvestigationRow, NewComment, Signal, assignment};
use crate::{CustomerId, CustomerRef, Disposition, Priority, Responsibility, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An investigation to be opened by a person; its source is USER.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvestigation {
    /// Name, 1 to 200 characters.
    pub title: String,
    /// Where it stands; OPEN unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How urgent; that of the most severe alert unless told, UNSPECIFIED without alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The verdict; UNDECIDED unless told. CLOSED needs another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// Who works it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
    /// Who must work it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsibility: Option<Responsibility>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What it is about; the entity of the most severe alert unless told. Further signals about it join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<EntityRef>,
    /// Ids of signals that belong to it, at most 500; one that belongs to another investigation leaves that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
    /// Ids of events that become its evidence, at most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// Whether the priority follows the most severe alert; true where alerts are given and no priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherit_priority: Option<bool>,
    /// Its first comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<NewComment>,
}

/// The same as the console takes it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomerInvestigation {
    /// Whose it is.
    pub customer: CustomerId,
    /// The investigation.
    #[serde(flatten)]
    pub investigation: NewInvestigation,
}

/// Fields to be set, whatever the version unless one is given. What is so already changes nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFields {
    /// The version the change was made against; 409 with the current row when it is no longer that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// New status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// New priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// New disposition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// New assignee; null takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "assignment")]
    #[schema(value_type = Option<Assignee>)]
    pub assignee: Option<Option<Assignee>>,
}

/// What may go with a status.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SetStatus {
    /// The verdict; CLOSED needs one other than UNDECIDED, here or already set.
    pub disposition: Option<Disposition>,
    /// The version the change was made against; any unless given.
    pub version: Option<i64>,
}

/// Who is to work it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAssignee {
    /// Mail address; null takes the assignee away.
    #[serde(alias = "user_email_address")]
    pub email: Option<String>,
    /// The version the change was made against; any unless given.
    #[serde(default)]
    pub version: Option<i64>,
}

/// Signals that are to belong to an investigation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAlerts {
    /// Ids of signals, 1 to 500. One that belongs to another investigation leaves that.
    pub alerts: Vec<String>,
}

/// One page of an investigation's signals, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertPage {
    /// The signals.
    pub data: Vec<Signal>,
    /// Where the next page begins; null at the end.
    pub next: Option<String>,
}

/// Which investigation takes another in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// RRN of the one that stays, of the same workspace.
    pub into: String,
    /// Version of the one that is merged away; 409 with the current row when it is no longer that.
    pub version: i64,
}

/// Whether cases of a workspace may be exported to files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exports {
    /// The workspace's administrator allowed it.
    pub allowed: bool,
}

/// How a case is written to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CaseFormat {
    /// Everything, for programs.
    #[default]
    Json,
    /// A document for people.
    Pdf,
}

/// An investigation that has something in common with another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RelatedRow {
    /// The investigation.
    pub investigation: InvestigationRow,
    /// What they share, at most 10.
    pub shared: Vec<EntityRef>,
}

/// The same as the console shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Related {
    /// Whose it is.
    pub customer: CustomerRef,
    /// The investigation and what is shared.
    #[serde(flatten)]
    pub related: RelatedRow,
}
