//! Claims: somebody says that they are on an investigation, for 15 minutes at a time, and others ask before they take it over. A claim is no
//! change of the investigation: neither its version nor the time of its last change moves.

pub(crate) mod http;
pub(crate) mod store;

/// How long a claim stands without being renewed.
const LIFE_US: i64 = 15 * 60 * 1_000_000;
