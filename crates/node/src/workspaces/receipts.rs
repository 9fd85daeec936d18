//! Which batches were already taken: a sender may retry under the same `Idempotency-Key` and nothing is doubled.
//!
//! Kept for a day. The table holds what was stored; what is still in the log is read from there at the opening.

use bailiwick_api::SourceId;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How long a key is remembered, in microseconds.
pub(crate) const KEPT_US: i64 = 24 * 3600 * 1_000_000;
/// Keys remembered at most; the oldest go first.
const KEYS: usize = 200_000;

/// What to do with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Take it.
    New,
    /// It is here: so many events were accepted.
    Duplicate(u64),
    /// The same key is being written just now.
    InFlight,
}

#[derive(Clone, Copy, Debug)]
enum Receipt {
    InFlight,
    Done { received: i64, accepted: u64 },
}

/// The keys of one workspace.
#[derive(Debug, Default)]
pub(crate) struct Receipts(Mutex<HashMap<(SourceId, String), Receipt>>);

impl Receipts {
    /// Whether a batch with this key is new; if so, nobody else may write it until [`Receipts::settle`].
    pub(crate) fn admit(&self, source: &SourceId, key: &str) -> Admission {
        match self.lock().entry((source.clone(), key.to_owned())) {
            std::collections::hash_map::Entry::Occupied(entry) => match *entry.get() {
                Receipt::InFlight => Admission::InFlight,
                Receipt::Done { accepted, .. } => Admission::Duplicate(accepted),
            },
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(Receipt::InFlight);
                Admission::New
            }
        }
    }

    /// The batch was written, or (`None`) was not.
    pub(crate) fn settle(&self, source: &SourceId, key: &str, accepted: Option<(i64, u64)>) {
        let mut receipts = self.lock();
        let name = (source.clone(), key.to_owned());
        match accepted {
            Some((received, accepted)) => {
                receipts.insert(name, Receipt::Done { received, accepted });
                forget(&mut receipts, received);
            }
            None => {
                receipts.remove(&name);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(SourceId, String), Receipt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget(receipts: &mut HashMap<(SourceId, String), Receipt>, now: i64) {
    if receipts.len() <= KEYS {
        return;
    }
    let mut ages: Vec<i64> = receipts.values().filter_map(|r| if let Receipt::Done { received, .. } = r { Some(*received) } else { None }).collect();
    ages.sort_unstable();
    let oldest_half = ages.get(ages.len() / 2).copied().unwrap_or(now);
    receipts.retain(|_, receipt| !matches!(receipt, Receipt::Done { received, .. } if *received < oldest_half.max(now - KEPT_US)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_once_and_a_failed_write_may_be_tried_again() {
        let (receipts, source) = (Receipts::default(), SourceId::from("s"));
        assert_eq!(receipts.admit(&source, "k"), Admission::New);
        assert_eq!(receipts.admit(&source, "k"), Admission::InFlight);
        receipts.settle(&source, "k", None);
        assert_eq!(receipts.admit(&source, "k"), Admission::New);
        receipts.settle(&source, "k", Some((1, 7)));
        assert_eq!(receipts.admit(&source, "k"), Admission::Duplicate(7));
        assert_eq!(receipts.admit(&SourceId::from("other"), "k"), Admission::New);
    }
}
