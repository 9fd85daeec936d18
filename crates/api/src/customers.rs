//! Customers: what the console registers, and the form that adds one.

use crate::{
    CustomerId, Health, ImportResult, LinkKind, NodeId, OpenCounts, PreflightCheck, PreflightResult, RemovalId, RemovalKind, RemovalState,
    WorkspaceId,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the console reaches a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Plain; accepted for loopback addresses only.
    Http,
    /// TLS.
    Https,
}

/// Credentials of the workspace's own administrator: used once to enrol, never stored.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// User name; selects the workspace.
    pub user: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The form that adds a customer.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    /// Unique, whatever the case. 1 to 100 characters.
    pub name: String,
    /// A valid mail address.
    pub mail: String,
    /// Host name or address of the node.
    pub server: String,
    /// Port of the node.
    pub port: u16,
    /// How to reach it.
    pub scheme: Scheme,
    /// The workspace's administrator.
    pub admin: Credentials,
    /// The MSSP's own row; at most one.
    #[serde(default)]
    pub primary: bool,
    /// SHA-256 of the node's certificate, hex with or without colons: accepts one that no authority vouches for, such as a self-signed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// A registered customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// Its mail address.
    pub mail: String,
    /// Region of its node.
    pub region: String,
    /// The MSSP's own row, pinned first.
    pub primary: bool,
    /// Its node.
    pub node: NodeId,
    /// Its workspace there.
    pub workspace: WorkspaceId,
    /// Who opens the connection.
    pub link: LinkKind,
    /// Since when the node is connected, over an outbound link that stands.
    pub connected_time: Option<DateTime<Utc>>,
    /// How the node is reached; empty and 0 where it dials the console.
    pub server: String,
    /// Port.
    pub port: u16,
    /// Scheme.
    pub scheme: Scheme,
    /// SHA-256 of the node's certificate, where it is accepted by that and by no authority; lower-case hex.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// How its node is.
    pub health: Health,
    /// Since when.
    pub health_since: Option<DateTime<Utc>>,
    /// Why it is not up, for programs.
    #[serde(default)]
    pub health_cause: Option<crate::HealthCause>,
    /// Why, for people.
    pub health_detail: Option<String>,
    /// Open investigations, live from the node; null when this person may not see them or the node did not answer.
    pub open: Option<OpenCounts>,
    /// This person's role on it.
    pub role: Option<crate::Role>,
    /// Why deleting it failed last; from then on it may be force-deleted.
    pub delete_failed: Option<String>,
    /// How its last sync went; null when that is not for this person.
    #[serde(default)]
    pub sync: Option<crate::SyncSummary>,
    /// The groups it is in, by name; none where that is not for this person.
    #[serde(default)]
    pub groups: Vec<crate::GroupRef>,
    /// When it was added.
    pub created_time: DateTime<Utc>,
}

/// What of a customer is to be changed; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerPatch {
    /// Unique, whatever the case. 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A valid mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// The MSSP's own row; at most one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// Host name or address of the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Port of the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// How to reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// SHA-256 of the node's certificate at its new address, where no authority vouches for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The workspace's administrator: needed when server, port or scheme change, and of no use otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<Credentials>,
}

/// Lets a customer go.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteCustomer {
    /// The own password of who asks.
    pub password: String,
    /// At once, with no time to undo it.
    #[serde(default)]
    pub now: bool,
}

/// Lets a customer go whose node does not answer.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForceDelete {
    /// Why: 1 to 500 characters.
    pub reason: String,
    /// The own password of who asks.
    pub password: String,
}

/// A customer on its way out, or what is left of one that is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Removal {
    /// Its id.
    pub id: RemovalId,
    /// The customer.
    pub customer: CustomerId,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its node.
    pub node: NodeId,
    /// Its workspace there.
    pub workspace: WorkspaceId,
    /// How it was asked for.
    pub how: RemovalKind,
    /// How far it is.
    pub state: RemovalState,
    /// Why, where a reason was asked.
    pub reason: Option<String>,
    /// Mail address of who asked.
    pub requested_by: String,
    /// When.
    pub requested_time: DateTime<Utc>,
    /// Until when it can be undone.
    pub undo_until: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_time: Option<DateTime<Utc>>,
    /// What it still waits for.
    pub detail: Option<String>,
}

/// What the console holds of a customer, to be kept before it is deleted. No password, no key, nothing from its logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Registration {
    /// The customer.
    pub customer: Customer,
    /// Who was granted what on it.
    pub grants: Vec<crate::Grant>,
    /// When this was written.
    pub exported_time: DateTime<Utc>,
}

/// Everything that is looked at before a customer is added or moved, in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Preflight {
    /// Whether saving would work.
    pub ok: bool,
    /// Each step; those behind a failure are skipped.
    pub steps: Vec<PreflightStep>,
    /// The certificate the node shows, where it speaks TLS.
    pub certificate: Option<Certificate>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PreflightStep {
    /// Which.
    pub check: PreflightCheck,
    /// How it ended.
    pub result: PreflightResult,
    /// The code of a failure or a warning, as saving would give it.
    pub code: Option<String>,
    /// The field at fault.
    pub field: Option<String>,
    /// What was found.
    pub detail: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// A server's certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Certificate {
    /// SHA-256 of the certificate, lower-case hex.
    pub fingerprint: String,
    /// Whether an authority this console trusts vouches for it, for this name, today. Others are accepted by their fingerprint only.
    pub trusted: bool,
}

/// What became of a file of customers: the last object of the answer, after one for each line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// Lines that became a customer.
    pub added: u32,
    /// Lines whose customer was there already.
    pub unchanged: u32,
    /// Lines that were refused.
    pub failed: u32,
}

/// One line of a file of customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportLine {
    /// Its number in the file; the first line holds the names of the columns.
    pub line: u32,
    /// The customer's name as it was read.
    pub name: String,
    /// What became of it.
    pub result: ImportResult,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// The code of a failure.
    pub code: Option<String>,
    /// The field at fault.
    pub field: Option<String>,
    /// What was found.
    pub detail: Option<String>,
}
