//! Saying that a silence is known.

use super::VolumeTier;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Says that it is known that a source category of a tier fell silent. It is listed again when it falls silent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeSilence {
    /// The tier.
    pub tier: VolumeTier,
    /// The source category.
    pub source_category: String,
    /// Which silence: the end of the last 5 minutes with data before it, as it is listed.
    pub last_seen: DateTime<Utc>,
    /// Up to 500 characters for others to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
