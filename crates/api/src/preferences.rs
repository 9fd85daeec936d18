//! What a person set for themselves at the console.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words::words!(
    /// How close together rows stand.
    Density {
        /// Room to read.
        Comfortable = "COMFORTABLE",
        /// More rows on a screen.
        Compact = "COMPACT",
    }
);

crate::words::words!(
    /// Why views over many customers cannot be switched on.
    WhyNotMany {
        /// No customer is linked to this console.
        NoLinkedCustomer = "NO_LINKED_CUSTOMER",
        /// There is a pool of licences, and no linked customer was given any of it.
        NoLicensedCustomer = "NO_LICENSED_CUSTOMER",
    }
);

/// A person's preferences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preferences {
    /// Views over many customers are shown. Off, each customer alone can still be worked; on unless switched off.
    pub multi_customer: bool,
    /// How close together rows stand.
    pub density: Density,
    /// Single keys are shortcuts; on unless switched off.
    pub single_keys: bool,
    /// Whether `multi_customer` can be switched on: there is a linked customer with a licence, where licences are given out.
    pub multi_customer_available: bool,
    /// Why not; null when it can.
    pub reason: Option<WhyNotMany>,
}

/// Changes preferences. Fields left out stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesPatch {
    /// Whether views over many customers are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_customer: Option<bool>,
    /// How close together rows stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density: Option<Density>,
    /// Whether single keys are shortcuts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_keys: Option<bool>,
}
