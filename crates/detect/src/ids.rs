//! Ids that come out the same when the same log is read again.
//!
//! A replay after a crash must change nothing, so no id here is random or counted: each is a hash of what it names.
//! Parts are hashed with their lengths, so that no two different lists of parts run together.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

/// Length of a signal id, in characters (100 bits).
pub const SIGNAL_ID_LEN: usize = 20;
/// Length of an investigation id, in characters (60 bits).
pub const INVESTIGATION_ID_LEN: usize = 12;

/// The id of the signal that `rule_id` makes about one entity of the event `event_id`.
#[must_use]
pub fn signal_id(event_id: &str, rule_id: &str, entity_kind: &str, entity_value: &str) -> String {
    hashed("signal", &[event_id, rule_id, entity_kind, entity_value], SIGNAL_ID_LEN)
}

/// The id of one match: what the signals of the same event and rule, about different entities, share.
#[must_use]
pub fn match_id(event_id: &str, rule_id: &str) -> String {
    hashed("match", &[event_id, rule_id], SIGNAL_ID_LEN)
}

/// The id of the investigation that the signal `signal_id` opens.
#[must_use]
pub fn investigation_id(signal_id: &str) -> String {
    hashed("investigation", &[signal_id], INVESTIGATION_ID_LEN)
}

/// The id of a rule that carries none.
pub(crate) fn rule_id(path: &str, title: &str) -> String {
    hashed("rule", &[path, title], SIGNAL_ID_LEN)
}

fn hashed(kind: &str, parts: &[&str], length: usize) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(&kind).chain(parts) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = BASE32_NOPAD.encode(&hash.finalize()).to_lowercase();
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_short_and_do_not_run_together() {
        let id = signal_id("e1", "r1", "hostname", "web01");
        assert_eq!(id, signal_id("e1", "r1", "hostname", "web01"));
        assert_eq!(id.len(), SIGNAL_ID_LEN);
        assert_ne!(signal_id("a", "bc", "k", "v"), signal_id("ab", "c", "k", "v"));
        assert_ne!(match_id("e1", "r1"), match_id("e1", "r2"));
        assert_eq!(investigation_id(&id).len(), INVESTIGATION_ID_LEN);
    }

    /// Ids are written to disk by every version: a change of this value would split what belongs together.
    #[test]
    fn ids_never_change_between_versions() {
        insta::assert_snapshot!(
            [signal_id("e", "r", "k", "v"), match_id("e", "r"), investigation_id("s"), rule_id("p", "t")].join(" "),
            @"uhmwdkivanflr5ii2e4k man2aak5edvy266qurav nmhviywqi5dt dsc6uairwi62iq52jzz2"
        );
    }
}
