//! Groups of customers: delegated together, so that a customer that joins or leaves one is granted or let go with it.

use crate::{CustomerId, CustomerRef, GroupId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group as named inside other answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupRef {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
}

/// A group of customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// How many customers are in it.
    pub customer_count: u32,
    /// How many delegations name it.
    pub delegation_count: u32,
    /// When it was made.
    pub created_time: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
}

/// A group with its customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupDetail {
    /// The group.
    #[serde(flatten)]
    pub group: Group,
    /// Who is in it, by name.
    pub customers: Vec<CustomerRef>,
}

/// Makes a group.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Unique, whatever the case. 1 to 100 characters.
    pub name: String,
    /// Who is in it: at most 5000, or nobody yet.
    #[serde(default)]
    pub customers: Vec<CustomerId>,
}

/// What of a group is to be changed; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupPatch {
    /// Unique, whatever the case. 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Everybody who is in it from now on: at most 5000, or nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customers: Option<Vec<CustomerId>>,
}
