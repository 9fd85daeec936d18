//! Audit: verb, customer and count; never content.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One line of the audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Rises by one.
    pub id: i64,
    /// When.
    pub time: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What: `customer.add`, `grant.set`, `investigation.update`, `logs.search`…
    pub verb: String,
    /// On whom, where one customer is meant.
    pub customer: Option<String>,
    /// `ok` or the code of the refusal.
    pub outcome: String,
}
