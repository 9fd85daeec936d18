//! The numbers a workspace may turn: window, threshold, quiet periods; and the priority a sum of severities earns.

use std::fmt;

use serde::{Deserialize, Serialize};

const HOUR_US: i64 = 3_600 * 1_000_000;

/// How signals add up in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// How long a signal counts after it was made, in days.
    pub window_days: u32,
    /// A score strictly above this opens an investigation.
    pub threshold: u32,
    /// How long a signal silences others of its name on its entity, in hours.
    pub quiet_hours: u32,
    /// How long a quiet period may be extended by repetitions, in hours since its first signal.
    pub quiet_cap_hours: u32,
    /// Whether a rule of level critical opens an investigation whatever the score.
    pub critical_opens: bool,
    /// How many signals about one entity count within a minute; those beyond are held back.
    pub entity_signals_per_minute: u32,
    /// The same for all entities of a workspace together.
    pub workspace_signals_per_minute: u32,
    /// How many investigations one rule opens within five minutes.
    pub rule_openings_per_five_minutes: u32,
}

impl Default for Policy {
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

impl Policy {
    /// The length of the window, in microseconds.
    #[must_use]
    pub fn window_us(&self) -> i64 {
        i64::from(self.window_days) * 24 * HOUR_US
    }

    pub(crate) fn quiet_us(&self) -> i64 {
        i64::from(self.quiet_hours) * HOUR_US
    }

    pub(crate) fn quiet_cap_us(&self) -> i64 {
        i64::from(self.quiet_cap_hours) * HOUR_US
    }

    /// The priority of an investigation whose distinct signals sum up to `sum`: up to one above the threshold low, up to
    /// three medium, above that high; critical when a signal of level critical is among them.
    #[must_use]
    pub fn priority(&self, sum: u32, critical: bool) -> Priority {
        if critical {
            return Priority::Critical;
        }
        match sum.saturating_sub(self.threshold) {
            0 | 1 => Priority::Low,
            2 | 3 => Priority::Medium,
            _ => Priority::High,
        }
    }
}

/// How soon an investigation should be looked at, ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Priority {
    /// Nobody and nothing has said.
    #[default]
    Unspecified,
    /// When there is time.
    Low,
    /// Today.
    Medium,
    /// Soon.
    High,
    /// Now.
    Critical,
}

impl Priority {
    /// The word on the wire and on screen.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "UNSPECIFIED",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }

    /// The priority of this exact word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Unspecified, Self::Low, Self::Medium, Self::High, Self::Critical].into_iter().find(|p| p.as_str() == word)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
