//! Customers: what the console registers, and the form that adds one.

use crate::{CustomerId, Health, NodeId, OpenCounts, SkipReason, WorkspaceId};
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
    /// How the node is reached.
    pub server: String,
    /// Port.
    pub port: u16,
    /// Scheme.
    pub scheme: Scheme,
    /// Whether the node answers.
    pub health: Health,
    /// Since when.
    pub health_since: Option<DateTime<Utc>>,
    /// Why it does not, when it does not.
    pub health_detail: Option<String>,
    /// Open investigations, live from the node; null when this person may not see them or the node did not answer.
    pub open: Option<OpenCounts>,
    /// This person's role on it.
    pub role: Option<crate::Role>,
    /// How its last sync went; null when that is not for this person.
    #[serde(default)]
    pub sync: Option<crate::SyncSummary>,
    /// When it was added.
    pub created_time: DateTime<Utc>,
}

/// Why a person does or does not see a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Access {
    /// Which customer; null when the name is not for this person.
    pub customer: Option<crate::CustomerRef>,
    /// Customers this entry stands for.
    pub count: u32,
    /// Whether the person reaches it.
    pub allowed: bool,
    /// Why not.
    pub reason: Option<SkipReason>,
}
