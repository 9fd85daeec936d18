//! What a value in a query means for a text: patterns and ranges, without regard to case.
//!
//! One implementation serves columns and JSON fields alike, so a field behaves the same wherever it happens to be stored.

mod json;
mod need;
mod pattern;
mod range;
pub(crate) mod words;

pub(crate) use json::JsonField;
pub(crate) use need::{phrase, value};
pub(crate) use pattern::{Pattern, fold, fold_into};
pub(crate) use range::Range;

use std::net::IpAddr;

use ipnet::IpNet;

/// A test of one text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    /// There is a value.
    Exists,
    /// The pattern matches.
    Pattern(Pattern),
    /// The value lies between two bounds.
    Range(Range),
    /// The value is an address in the network, or the network itself as it was written.
    Network(IpNet, Pattern),
}

impl Test {
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exists => true,
            Self::Pattern(pattern) => pattern.matches(text),
            Self::Range(range) => range.contains(text),
            Self::Network(network, written) => text.parse::<IpAddr>().is_ok_and(|address| network.contains(&address)) || written.matches(text),
        }
    }
}
