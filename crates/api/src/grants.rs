//! Delegations and grants: what administrators decide about a person, and the role on each customer that follows from it.

use crate::{CustomerId, CustomerRef, DelegationId, GrantId, GroupId, GroupRef, Role, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Delegates a customer to a person with a role, or takes that delegation back. Short for a delegation that names this customer and never ends.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// Who.
    pub user: UserId,
    /// On whom.
    pub customer: CustomerId,
    /// Role at the workspace; null takes the delegation back. To be said either way.
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

/// A person's role on a customer, as both sides know it: what follows from the delegations that reach the customer.
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
    /// Role decided at the console, never more than the person's own there; null while a removal is under way.
    pub desired: Option<Role>,
    /// Role the node confirmed.
    pub applied: Option<Role>,
    /// How far it has come.
    pub state: GrantState,
    /// Why it is not applied, when it is not.
    pub detail: Option<String>,
    /// Until when the role stands; null for ever.
    pub expires_time: Option<DateTime<Utc>>,
    /// Why, as the delegation says that makes it.
    pub reason: Option<String>,
    /// The delegations that reach the customer, the deciding one first. One that denies or has expired is among them.
    pub via: Vec<Via>,
    /// Who granted it.
    pub granted_by: String,
    /// When it last changed.
    pub updated_time: DateTime<Utc>,
}

/// A delegation as part of a grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Via {
    /// Its id.
    pub id: DelegationId,
    /// Whether it names every customer.
    pub all: bool,
    /// The group it names; null when it names the customer itself, or all.
    pub group: Option<GroupRef>,
    /// The role it gives; null when it denies.
    pub role: Option<Role>,
    /// Whether it denies.
    pub deny: bool,
    /// When it ends, or ended; null never.
    pub expires_time: Option<DateTime<Utc>>,
    /// Why.
    pub reason: Option<String>,
    /// Who decided it, by mail address.
    pub by: String,
}

/// An administrator's decision about a person: a customer, a group of customers or all of them, future ones included, with a role or denied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// Who.
    pub user: UserId,
    /// Who, by mail address.
    pub email: String,
    /// The customer it names.
    pub customer: Option<CustomerRef>,
    /// The group it names.
    pub group: Option<GroupRef>,
    /// Whether it names all customers, future ones included.
    pub all: bool,
    /// The role it gives; null when it denies.
    pub role: Option<Role>,
    /// Whether it denies: that wins over every role.
    pub deny: bool,
    /// When it ends, or ended; null never.
    pub expires_time: Option<DateTime<Utc>>,
    /// Whether that is over.
    pub expired: bool,
    /// Why.
    pub reason: Option<String>,
    /// Who decided it, by mail address.
    pub by: String,
    /// When.
    pub created_time: DateTime<Utc>,
}

/// Delegates: every one of these people times every one of these customers and groups, or all customers. What a person was delegated before
/// of the same customer, group, or all, is replaced. Either `role` or `deny` is to be said.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDelegations {
    /// Who: 1 to 100.
    pub users: Vec<UserId>,
    /// Customers: 1 to 2000. An empty list is refused, it does not mean all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<Vec<CustomerId>>,
    /// Groups of customers: 1 to 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupId>>,
    /// Every customer, future ones included.
    #[serde(default)]
    pub all: bool,
    /// The role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Denies instead.
    #[serde(default)]
    pub deny: bool,
    /// When it ends; never unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_time: Option<DateTime<Utc>>,
    /// Why: 1 to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
