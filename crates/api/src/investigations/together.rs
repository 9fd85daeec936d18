//! How people keep out of each other's way: who is on an investigation, and who looks at it.

use super::Assignee;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Says that one is on it, for 15 minutes from now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TakeClaim {
    /// Also when somebody else is on it.
    pub take: bool,
}

/// Who looks at an investigation now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Looking {
    /// At most 10, who came first first; the one who asks is among them.
    pub looking: Vec<Assignee>,
}
