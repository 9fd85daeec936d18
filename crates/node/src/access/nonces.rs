//! Each assertion is good for one call. Which nonces were used is remembered per signing key for as long as an assertion
//! lives, and never forgotten early: when the memory is full, calls wait.

use bailiwick_chassis::Refusal;
use http::StatusCode;
use std::{collections::HashMap, sync::Mutex};

/// Nonces remembered for one key: more calls than a console makes of one node within an assertion's life.
const PER_KEY: usize = 50_000;
/// Keys remembered at once.
const KEYS: usize = 10_000;

/// Nonces used, by the public key that signed them.
#[derive(Default)]
pub(super) struct Nonces(Mutex<HashMap<String, HashMap<String, i64>>>);

impl Nonces {
    /// Uses a nonce up until `until_us`. Call it after the signature was verified, so that nobody else can fill the memory.
    pub(super) fn spend(&self, key: &str, nonce: &str, until_us: i64, now_us: i64) -> Result<(), Refusal> {
        self.spend_within(key, nonce, until_us, now_us, PER_KEY)
    }

    fn spend_within(&self, key: &str, nonce: &str, until_us: i64, now_us: i64, at_most: usize) -> Result<(), Refusal> {
        let mut keys = self.0.lock().unwrap_or_else(|e| e.into_inner());
        if keys.len() >= KEYS && !keys.contains_key(key) {
            keys.retain(|_, used| used.values().any(|until| *until >= now_us));
            if keys.len() >= KEYS {
                return Err(full());
            }
        }
        let used = keys.entry(key.to_owned()).or_default();
        if used.get(nonce).is_some_and(|until| *until >= now_us) {
            return Err(Refusal::unauthenticated("assertion: nonce: was used already"));
        }
        if used.len() >= at_most {
            used.retain(|_, until| *until >= now_us);
            if used.len() >= at_most {
                return Err(full());
            }
        }
        used.insert(nonce.to_owned(), until_us);
        Ok(())
    }
}

fn full() -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "BUSY").detail("too many calls in one minute; try again").retry_after(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_once_per_key_and_a_full_memory_refuses() {
        let nonces = Nonces::default();
        nonces.spend_within("k", "a", 10, 0, 2).unwrap();
        assert_eq!(nonces.spend_within("k", "a", 10, 1, 2).unwrap_err().status(), StatusCode::UNAUTHORIZED);
        nonces.spend_within("other", "a", 10, 1, 2).unwrap();
        nonces.spend_within("k", "b", 20, 1, 2).unwrap();
        assert_eq!(nonces.spend_within("k", "c", 20, 5, 2).unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
        nonces.spend_within("k", "c", 20, 11, 2).unwrap();
        assert!(nonces.spend_within("k", "b", 20, 11, 2).is_err(), "room was made by forgetting a nonce that still counts");
    }
}
