//! Grants: a person's role on a customer. What was decided and what the node confirmed are kept apart.

use crate::{CustomerId, GrantId, Role, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Gives a person a role on a customer, or changes it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// Who.
    pub user: UserId,
    /// On whom.
    pub customer: CustomerId,
    /// Role at the workspace; null takes the grant away. To be said either way.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    pub role: Option<Role>,
}

/// How far a grant has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GrantState {
    /// The node has it.
    Applied,
    /// The node gets it when it answers.
    Pending,
    /// The customer's administrator revoked it at the workspace.
    Refused,
}

/// A grant as both sides know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who.
    pub user: UserId,
    /// Who, by mail address.
    pub email: String,
    /// On whom.
    pub customer: CustomerId,
    /// On whom, by name.
    pub customer_name: String,
    /// Role decided at the console; null while a removal is under way.
    pub desired: Option<Role>,
    /// Role the node confirmed.
    pub applied: Option<Role>,
    /// How far it has come.
    pub state: GrantState,
    /// Why it is not applied, when it is not.
    pub detail: Option<String>,
    /// Who granted it.
    pub granted_by: String,
    /// When it last changed.
    pub updated_time: DateTime<Utc>,
}
