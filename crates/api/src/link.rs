//! What console and node say to each other: about, enrolment, technicians and federated questions.
//!
//! Every call after enrolment carries `Authorization: Bailiwick <assertion>`: a PASETO v4.public token signed with the key the
//! enrolment named, holding [`Assertion`]; bound to method, path and body digest, good for one minute and for one use.

use crate::{ConsoleId, Credentials, InvestigationRow, NodeId, OpenCounts, Role, RowFilter, SkipReason, Sort, SortKey, WorkspaceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a node says of itself to anybody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct About {
    /// Always `bailiwick-node`.
    pub product: String,
    /// Version.
    pub version: String,
    /// Id.
    pub node: NodeId,
    /// Region.
    pub region: String,
}

/// Enrols a workspace with a console. The credentials are checked and forgotten.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnrolment {
    /// The workspace's administrator.
    pub admin: Credentials,
    /// The console.
    pub console: ConsoleId,
    /// Its name, for the customer's eyes.
    pub console_name: String,
    /// Ed25519 public key, base64url, that will sign this console's assertions to this node.
    pub public_key: String,
    /// The console let this workspace go before and could not say so: technicians it wrote then are forgotten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anew: bool,
}

/// A workspace is enrolled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Enrolment {
    /// The node.
    pub node: NodeId,
    /// Its region.
    pub region: String,
    /// Its version.
    pub version: String,
    /// The workspace the credentials selected.
    pub workspace: WorkspaceId,
    /// Its name.
    pub workspace_name: String,
}

/// Asks whether credentials could enrol their workspace. They are checked and forgotten.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckEnrolment {
    /// The workspace's administrator.
    pub admin: Credentials,
    /// The console.
    pub console: ConsoleId,
    /// Where the console is called, to try the way back.
    pub console_url: String,
}

/// What an enrolment would find.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EnrolmentCheck {
    /// The node.
    pub node: NodeId,
    /// Its region.
    pub region: String,
    /// Its version.
    pub version: String,
    /// The workspace the credentials select.
    pub workspace: WorkspaceId,
    /// Its name.
    pub workspace_name: String,
    /// Name of another console that is enrolled there already.
    pub enrolled_with: Option<String>,
    /// Whether the console can be called from the node.
    pub way_back: WayBack,
}

/// Whether a console can be called from a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WayBack {
    /// It answered.
    pub open: bool,
    /// Why it did not.
    pub detail: Option<String>,
}

/// Suspends the enrolment of the console that asks, or resumes it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendEnrolment {
    /// Whether it is suspended from now on.
    pub suspended: bool,
}

/// What the console asserts about one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// The console.
    pub console: ConsoleId,
    /// The only node it is good for.
    pub node: NodeId,
    /// Mail address of the person who acts.
    pub email: String,
    /// Name of the person.
    pub name: String,
    /// What the call is for.
    pub purpose: Purpose,
    /// Method of the call.
    pub method: String,
    /// Path and query of the call.
    pub path: String,
    /// SHA-256 of the body, base64url.
    pub body_sha256: String,
    /// Used once.
    pub nonce: String,
    /// Made at, seconds since the epoch.
    pub issued: i64,
}

/// What a call is for: one cannot stand in for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A person works; the node checks the technician's role, workspace by workspace.
    Work,
    /// The console manages its technicians at a workspace.
    Manage,
}

/// A person with a role at a workspace on behalf of the MSSP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Technician {
    /// Mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Who granted it, at which console.
    pub granted_by: String,
    /// When.
    pub granted_time: DateTime<Utc>,
    /// When the customer's administrator revoked it, if so.
    pub revoked_time: Option<DateTime<Utc>>,
    /// Last call by this person.
    pub last_seen: Option<DateTime<Utc>>,
    /// When the role ends by itself; null never.
    #[serde(default)]
    pub expires_time: Option<DateTime<Utc>>,
}

/// Writes a technician.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutTechnician {
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// When the role ends by itself, whether the console says so again or not; never unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_time: Option<DateTime<Utc>>,
}

/// One workspace in a federated question, with the role the console grants the person there.
/// The node takes the lower of that and its own technician's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The role granted at the console.
    pub role: Role,
}

/// Asks a node for investigations of several workspaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskInvestigations {
    /// Which workspaces. None means none.
    pub workspaces: Vec<Ask>,
    /// Which rows.
    pub filter: RowFilter,
    /// Order.
    pub sort: Sort,
    /// At most so many rows, 1 to 500.
    pub limit: u32,
    /// Rows strictly after this one in that order.
    pub after: Option<SortKey>,
    /// What the console calls the customers, where filter or order go by that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<WorkspaceId, CustomerName>,
}

/// What a console calls the customer of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerName {
    /// Its id there.
    pub id: String,
    /// Its name there.
    pub name: String,
}

/// A node's answer about one workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceAnswer<T> {
    /// Which workspace.
    pub workspace: WorkspaceId,
    /// Why it was not asked, when it was not.
    pub skipped: Option<SkipReason>,
    /// What went wrong in this workspace alone, when something did.
    pub error: Option<String>,
    /// The answer.
    pub answer: Option<T>,
}

/// A node's investigations: every workspace is named, the rows are merged in the asked order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvestigationAnswers {
    /// Each workspace asked; the answer is the number of its rows that match.
    pub workspaces: Vec<WorkspaceAnswer<u64>>,
    /// At most `limit` rows.
    pub rows: Vec<InvestigationRow>,
    /// Whether more rows follow.
    pub more: bool,
}

/// Asks a node for open investigations by priority of several workspaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskSummaries {
    /// Which workspaces. None means none.
    pub workspaces: Vec<Ask>,
}

/// A node's summaries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SummaryAnswers {
    /// Each workspace asked.
    pub workspaces: Vec<WorkspaceAnswer<OpenCounts>>,
}

/// Makes a workspace; the operator's call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkspace {
    /// Name of the customer, as the node operator knows it.
    pub name: String,
    /// User name of its administrator, unique on the node.
    pub admin: String,
}

/// A workspace as the operator sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceInfo {
    /// Id.
    pub id: WorkspaceId,
    /// Name.
    pub name: String,
    /// Its administrator's user name.
    pub admin: String,
    /// When it was made.
    pub created_time: DateTime<Utc>,
}

/// A workspace just made, with the single-use link for its administrator.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedWorkspace {
    /// The workspace.
    pub workspace: WorkspaceInfo,
    /// The link.
    pub link: crate::Link,
}

/// Who enrolled a workspace, for its administrator's eyes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EnrolmentInfo {
    /// The console.
    pub console: ConsoleId,
    /// Its name.
    pub console_name: String,
    /// When.
    pub enrolled_time: DateTime<Utc>,
    /// Who gave the credentials.
    pub enrolled_by: String,
}
