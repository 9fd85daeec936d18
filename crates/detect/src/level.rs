//! How serious a rule says a match is, and what that weighs when signals about an entity add up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The five levels of Sigma, ordered from least to most serious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth recording, never worth a look by itself.
    Informational,
    /// Unusual but common enough to be harmless.
    Low,
    /// Should be looked at when it comes with something else.
    Medium,
    /// Should be looked at.
    High,
    /// Opens an investigation at once, unless the policy says otherwise.
    Critical,
}

impl Level {
    /// The severity a signal of this level starts with: 1, 3, 5, 7 or 9.
    #[must_use]
    pub const fn weight(self) -> u32 {
        match self {
            Self::Informational => 1,
            Self::Low => 3,
            Self::Medium => 5,
            Self::High => 7,
            Self::Critical => 9,
        }
    }

    /// The word a Sigma rule uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The level named by `word`, in any case; `None` for a word Sigma does not know.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical].into_iter().find(|level| level.as_str().eq_ignore_ascii_case(word))
    }

    /// A rule that names no level is taken as medium: enough to be seen, not enough to open anything alone.
    pub(crate) fn from_sigma(level: Option<rsigma_parser::Level>) -> Self {
        match level {
            Some(rsigma_parser::Level::Informational) => Self::Informational,
            Some(rsigma_parser::Level::Low) => Self::Low,
            Some(rsigma_parser::Level::Medium) | None => Self::Medium,
            Some(rsigma_parser::Level::High) => Self::High,
            Some(rsigma_parser::Level::Critical) => Self::Critical,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_weigh_odd_numbers_and_keep_their_order() {
        let levels = [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];
        assert_eq!(levels.map(Level::weight), [1, 3, 5, 7, 9]);
        assert!(levels.windows(2).all(|pair| pair[0] < pair[1]));
        for level in levels {
            assert_eq!(Level::parse(&level.as_str().to_uppercase()), Some(level));
        }
        assert_eq!(Level::parse("severe"), None);
    }
}
