//! Why a person does, or does not, see a customer: the chain of everything that must hold, link by link.

use crate::{AccessLink, CustomerRef, SkipReason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a person does or does not see a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Access {
    /// Which customer; null when the name is not for who asks.
    pub customer: Option<CustomerRef>,
    /// Customers this entry stands for.
    pub count: u32,
    /// Whether the person reaches it.
    pub allowed: bool,
    /// Why not, as a scope says it; null where a scope has no word for it.
    pub reason: Option<SkipReason>,
    /// The first link that is false.
    pub missing: Option<AccessLink>,
    /// Every link, in the order in which they are asked.
    pub links: Vec<AccessStep>,
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccessStep {
    /// Which.
    pub link: AccessLink,
    /// Whether it holds; null when that is not known.
    pub ok: Option<bool>,
    /// What was found.
    pub detail: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}
