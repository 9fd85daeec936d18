//! Collectors: who sends the logs of one or more sources. What a collector is like follows from its sources and its health.

pub(crate) mod http;
mod store;

use bailiwick_api::CollectorState;
use bailiwick_chassis::Refusal;
use std::cmp::Ordering;

/// Collectors a workspace may have.
const MAX_COLLECTORS: u64 = 1000;
/// Characters of a type.
const TYPE_CHARS: usize = 32;
/// Characters of a version.
const VERSION_CHARS: usize = 40;
/// A collector that was heard from within this time, in microseconds, is collecting.
const LATELY_US: i64 = 15 * 60_000_000;

/// What a collector's state follows from.
#[derive(Clone, Copy, Debug, Default)]
struct Signs {
    enabled: bool,
    /// `collector.offline` is open.
    offline: bool,
    /// It or one of its sources has an open issue of severity Error.
    error: bool,
    last_seen_us: Option<i64>,
    now_us: i64,
}

fn state(signs: Signs) -> CollectorState {
    if !signs.enabled {
        CollectorState::Disabled
    } else if signs.offline {
        CollectorState::Offline
    } else if signs.error {
        CollectorState::Error
    } else if signs.last_seen_us.is_some_and(|at| signs.now_us - at < LATELY_US) {
        CollectorState::Collecting
    } else {
        CollectorState::Idle
    }
}

/// A type: one plain word, lower case.
fn check_type(kind: &str) -> Result<String, Refusal> {
    let kind = kind.trim().to_lowercase();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if kind.is_empty() || kind.len() > TYPE_CHARS || !kind.chars().all(plain) {
        let detail = format!("type: 1 to {TYPE_CHARS} of letters, digits, `.`, `_` and `-`");
        return Err(Refusal::invalid("INVALID_INPUT", "type", detail));
    }
    Ok(kind)
}

/// The version in a `User-Agent`, where one of its products is named like the collector's type: `Elastic-Winlogbeat/8.11.1 (windows)` tells
/// 8.11.1 of a `winlogbeat`. What a proxy or a script sends tells nothing.
pub(crate) fn version_in(user_agent: &str, kind: &str) -> Option<String> {
    let product = user_agent.split_whitespace().find_map(|word| {
        let (name, version) = word.split_once('/')?;
        name.to_lowercase().contains(kind).then_some(version)
    })?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let version = product.trim_start_matches('v').trim_end_matches([';', ',', ')']);
    let said = version.starts_with(|c: char| c.is_ascii_digit()) && version.len() <= VERSION_CHARS && version.chars().all(plain);
    said.then(|| version.to_owned())
}

/// Compares versions by their leading numbers; what follows a `-` or `+` does not count.
pub(crate) fn version_order(a: &str, b: &str) -> Ordering {
    let numbers = |version: &str| -> Vec<u64> {
        let core = version.split(['-', '+']).next().unwrap_or_default();
        let mut numbers: Vec<u64> = core.split('.').map_while(|part| part.parse().ok()).collect();
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        numbers
    };
    numbers(a).cmp(&numbers(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_only_by_an_agent_of_the_type() {
        for (agent, kind, version) in [
            ("Vector/0.38.0 (x86_64-unknown-linux-gnu)", "vector", Some("0.38.0")),
            ("Elastic-Winlogbeat/8.11.1 (windows; amd64)", "winlogbeat", Some("8.11.1")),
            ("proxy/1.0 vector/v0.39.1-nightly", "vector", Some("0.39.1-nightly")),
            ("curl/8.5.0", "vector", None),
            ("vector", "vector", None),
            ("vector/latest", "vector", None),
            ("vector/1<script>", "vector", None),
        ] {
            assert_eq!(version_in(agent, kind).as_deref(), version, "{agent}");
        }
    }

    #[test]
    fn versions_compare_as_numbers() {
        for (a, b, order) in [
            ("0.9", "0.10", Ordering::Less),
            ("1.2.0", "1.2", Ordering::Equal),
            ("2", "1.99.99", Ordering::Greater),
            ("1.2.3-rc1", "1.2.3+build", Ordering::Equal),
            ("8.11.1", "8.11.1.5", Ordering::Less),
        ] {
            assert_eq!(version_order(a, b), order, "{a} {b}");
            assert_eq!(version_order(b, a), order.reverse(), "{b} {a}");
        }
    }

    #[test]
    fn the_state_follows_from_the_worst_sign() {
        let now_us = 10 * LATELY_US;
        let well = Signs { enabled: true, last_seen_us: Some(now_us - 1), now_us, ..Signs::default() };
        assert_eq!(state(well), CollectorState::Collecting);
        assert_eq!(state(Signs { last_seen_us: Some(now_us - LATELY_US), ..well }), CollectorState::Idle);
        assert_eq!(state(Signs { last_seen_us: None, ..well }), CollectorState::Idle);
        assert_eq!(state(Signs { error: true, ..well }), CollectorState::Error);
        assert_eq!(state(Signs { error: true, offline: true, ..well }), CollectorState::Offline);
        assert_eq!(state(Signs { enabled: false, error: true, offline: true, ..well }), CollectorState::Disabled);
    }
}
