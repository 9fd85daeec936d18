//! How signals add up in a workspace.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The numbers of a workspace. An investigation opens when the score of an entity is above the threshold: one above it is LOW, two or
/// three MEDIUM, more HIGH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DetectionSettings {
    /// How long a signal counts, in days: 1 to 90.
    pub window_days: u32,
    /// A score strictly above this opens an investigation: 1 to 1000.
    pub threshold: u32,
    /// How long a signal silences others of its name on its entity, in hours: 1 to `quiet_cap_hours`.
    pub quiet_hours: u32,
    /// How long repetitions may stretch that, in hours since the first: 24 to 72.
    pub quiet_cap_hours: u32,
    /// Whether a rule of level critical opens an investigation whatever the score.
    pub critical_opens: bool,
    /// Signals about one entity that count within a minute: 1 to 10,000. Those beyond stay signals and are counted where they would have joined.
    pub entity_signals_per_minute: u32,
    /// The same for all entities together: 1 to 100,000.
    pub workspace_signals_per_minute: u32,
    /// Investigations that one rule opens within five minutes: 1 to 10,000.
    pub rule_openings_per_five_minutes: u32,
}

impl Default for DetectionSettings {
    fn default() -> Self {
        Self {
            window_days: 14,
            threshold: 12,
            quiet_hours: 12,
            quiet_cap_hours: 72,
            critical_opens: true,
            entity_signals_per_minute: 20,
            workspace_signals_per_minute: 500,
            rule_openings_per_five_minutes: 50,
        }
    }
}
