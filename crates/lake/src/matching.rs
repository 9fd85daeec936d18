//! What a value in a query means for a text: patterns and ranges, without regard to case.
//!
//! One implementation serves columns and JSON fields alike, so a field behaves the same wherever it happens to be stored.

mod json;
mod pattern;
mod range;

pub(crate) use json::JsonField;
pub(crate) use pattern::{Pattern, fold};
pub(crate) use range::Range;

/// A test of one text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    /// There is a value.
    Exists,
    /// The pattern matches.
    Pattern(Pattern),
    /// The value lies between two bounds.
    Range(Range),
}

impl Test {
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exists => true,
            Self::Pattern(pattern) => pattern.matches(text),
            Self::Range(range) => range.contains(text),
        }
    }
}
