//! Slows down guessing: a few failures per name and minute, then a pause. In memory and bounded.

use crate::Refusal;
use http::StatusCode;
use std::{collections::HashMap, sync::Mutex};

const FAILURES: u32 = 10;
const WINDOW_US: i64 = 60_000_000;
const NAMES: usize = 10_000;

/// Counts failures by name.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<String, (i64, u32)>>,
}

impl Throttle {
    /// Refuses with 429 while the name has failed too often.
    pub fn check(&self, name: &str, now_us: i64) -> Result<(), Refusal> {
        let failures = self.failures.lock().unwrap_or_else(|e| e.into_inner());
        match failures.get(name) {
            Some((since, count)) if *count >= FAILURES && now_us - since < WINDOW_US => {
                let seconds = ((WINDOW_US - (now_us - since)) / 1_000_000).max(1).unsigned_abs();
                let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "THROTTLED");
                Err(refusal.detail(format!("too many failures; try again in {seconds} s")).retry_after(seconds))
            }
            _ => Ok(()),
        }
    }

    /// Notes a failure.
    pub fn failed(&self, name: &str, now_us: i64) {
        let mut failures = self.failures.lock().unwrap_or_else(|e| e.into_inner());
        if failures.len() >= NAMES {
            failures.retain(|_, (since, _)| now_us - *since < WINDOW_US);
        }
        let entry = failures.entry(name.to_owned()).or_insert((now_us, 0));
        *entry = if now_us - entry.0 >= WINDOW_US { (now_us, 1) } else { (entry.0, entry.1 + 1) };
    }

    /// Forgets a name after a success.
    pub fn succeeded(&self, name: &str) {
        self.failures.lock().unwrap_or_else(|e| e.into_inner()).remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_pause_a_name_for_a_minute_and_no_other() {
        let throttle = Throttle::default();
        for _ in 0..FAILURES {
            throttle.check("ana", 0).unwrap();
            throttle.failed("ana", 0);
        }
        assert_eq!(throttle.check("ana", 1).unwrap_err().code(), "THROTTLED");
        throttle.check("bob", 1).unwrap();
        throttle.check("ana", WINDOW_US).unwrap();
    }
}
