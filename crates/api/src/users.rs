//! People who sign in, at the console and at a node, and single-use links.

use crate::{Role, UserId, UserState, WorkspaceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! secret_debug {
    ($name:ident, $shown:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field(stringify!($shown), &self.$shown).finish_non_exhaustive()
            }
        }
    };
}

/// Signs in to the console.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Mail address.
    pub email: String,
    /// Password.
    pub password: String,
}
secret_debug!(SignIn, email);

/// Signs in to a node.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeSignIn {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
}
secret_debug!(NodeSignIn, user);

/// Who is signed in to the console. Unsafe calls by cookie carry `csrf` in `X-CSRF-Token`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// Id.
    pub id: UserId,
    /// Mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Role at the console.
    pub role: Role,
    /// Whether they may save dashboards.
    #[serde(default)]
    pub may_save_dashboards: bool,
    /// Token for unsafe calls.
    pub csrf: String,
}

/// Who is signed in to a node.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NodeMe {
    /// User name.
    pub user: String,
    /// `operator` or `admin`.
    pub kind: String,
    /// The admin's workspace.
    pub workspace: Option<WorkspaceId>,
    /// Its name.
    pub workspace_name: Option<String>,
    /// Region of the node.
    pub region: String,
    /// Token for unsafe calls.
    pub csrf: String,
}

/// Opens a single-use link: sets the password of the person it was made for.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseLink {
    /// The token in the link.
    pub token: String,
    /// Mail address (console) or user name (node); needed for the first administrator or operator only.
    #[serde(default)]
    pub name: Option<String>,
    /// At least 12 characters.
    pub password: String,
}
secret_debug!(UseLink, name);

/// A single-use link, shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// Where to open it.
    pub link: String,
    /// The token alone.
    pub token: String,
    /// When it ends.
    pub expires_time: DateTime<Utc>,
}
secret_debug!(Link, expires_time);

/// Makes a person at the console.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Mail address, unique whatever the case.
    pub email: String,
    /// Name.
    pub name: String,
    /// Role at the console.
    pub role: Role,
    /// Whether they may save dashboards; administrators always may.
    #[serde(default)]
    pub may_save_dashboards: bool,
}

/// A person at the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Role at the console.
    pub role: Role,
    /// Whether they were allowed to save dashboards; administrators always may.
    #[serde(default)]
    pub may_save_dashboards: bool,
    /// Whether they can sign in.
    pub state: UserState,
    /// Their last call, to the minute.
    pub last_seen_time: Option<DateTime<Utc>>,
    /// On how many customers they have a role.
    pub customers: GrantCounts,
    /// When they were made.
    pub created_time: DateTime<Utc>,
}

/// A person's grants by how far they have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GrantCounts {
    /// Customers on which they have a role at the console.
    pub granted: u32,
    /// Of these, those whose node has it.
    pub applied: u32,
    /// Those whose node gets it when it answers.
    pub pending: u32,
    /// Those whose administrator revoked it.
    pub refused: u32,
}

/// What of a person is to be changed; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserPatch {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Role at the console. Nobody changes their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether they may save dashboards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_save_dashboards: Option<bool>,
    /// Whether they are kept from signing in. Their sessions end and their roles at the nodes go; enabling them brings the roles back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// A person just made, with the link that sets the password.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedUser {
    /// The person.
    pub user: User,
    /// The link.
    pub link: Link,
}
