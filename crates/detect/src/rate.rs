//! How often rules fire, and when that is too often.
//!
//! A rule that fires without end buries everything else and fills the disk. Above either limit the rule alone is set aside; the limits
//! are per workspace and per rule, so that nobody's noise silences anybody else's rules.

use std::collections::HashMap;

const HOUR_US: i64 = 3_600 * 1_000_000;
const HOURS: usize = 24;

/// The most signals one rule may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Within one hour of the clock.
    pub per_hour: u32,
    /// Within the last 24 hours of the clock.
    pub per_day: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { per_hour: 100_000, per_day: 1_000_000 }
    }
}

/// Signals of the last 24 hours, by rule. Rules that never fire take no room.
#[derive(Debug, Default)]
pub struct Rates {
    limit: RateLimit,
    rules: HashMap<String, Day>,
}

#[derive(Debug, Default)]
struct Day {
    newest_hour: i64,
    counts: [u32; HOURS],
}

impl Rates {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        Self { limit, rules: HashMap::new() }
    }

    /// Counts signals that a rule makes at `time_us`. `Err` says why, in words for people, once the rule makes too many; then nothing
    /// was counted.
    ///
    /// # Errors
    /// When the hour or the day would hold more than the limit.
    pub fn count(&mut self, rule_id: &str, time_us: i64, signals: u32) -> Result<(), String> {
        if !self.rules.contains_key(rule_id) {
            self.rules.insert(rule_id.to_owned(), Day::default());
        }
        let Some(day) = self.rules.get_mut(rule_id) else { return Ok(()) };
        let at = day.place(time_us.div_euclid(HOUR_US));
        let hour = day.counts[at].saturating_add(signals);
        if hour > self.limit.per_hour {
            return Err(format!("more than {} signals within an hour", self.limit.per_hour));
        }
        let total: u64 = day.counts.iter().map(|count| u64::from(*count)).sum();
        if total + u64::from(signals) > u64::from(self.limit.per_day) {
            return Err(format!("more than {} signals within 24 hours", self.limit.per_day));
        }
        day.counts[at] = hour;
        Ok(())
    }

    /// Takes back what was counted before a restart.
    pub fn restore(&mut self, rule_id: &str, time_us: i64, signals: u32) {
        let day = self.rules.entry(rule_id.to_owned()).or_default();
        let at = day.place(time_us.div_euclid(HOUR_US));
        day.counts[at] = day.counts[at].saturating_add(signals);
    }

    /// Forgets a rule, so that it starts anew.
    pub fn forget(&mut self, rule_id: &str) {
        self.rules.remove(rule_id);
    }
}

impl Day {
    /// The place of an hour. Later hours push the oldest out; an hour that is already out counts with the newest.
    fn place(&mut self, hour: i64) -> usize {
        let ahead = hour.saturating_sub(self.newest_hour);
        if ahead > 0 {
            let steps = usize::try_from(ahead).unwrap_or(HOURS).min(HOURS);
            for step in 0..steps {
                let gone = hour - i64::try_from(step).unwrap_or_default();
                self.counts[slot(gone)] = 0;
            }
            self.newest_hour = hour;
        }
        let old = self.newest_hour.saturating_sub(hour) >= i64::try_from(HOURS).unwrap_or(i64::MAX);
        slot(if old { self.newest_hour } else { hour })
    }
}

fn slot(hour: i64) -> usize {
    usize::try_from(hour.rem_euclid(i64::try_from(HOURS).unwrap_or(1))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_hour_and_a_day_have_their_limits_and_each_rule_its_own() {
        let mut rates = Rates::new(RateLimit { per_hour: 10, per_day: 25 });
        assert!(rates.count("a", 0, 10).is_ok());
        assert!(rates.count("a", HOUR_US - 1, 1).expect_err("the hour is full").contains("within an hour"));
        assert!(rates.count("b", 0, 1).is_ok(), "another rule");
        assert!(rates.count("a", HOUR_US, 10).is_ok(), "the next hour");
        assert!(rates.count("a", 2 * HOUR_US, 6).expect_err("the day is full").contains("24 hours"));
        assert!(rates.count("a", 24 * HOUR_US, 6).is_ok(), "the first hour is out");
        rates.forget("a");
        assert!(rates.count("a", 24 * HOUR_US, 10).is_ok());
    }

    proptest! {
        /// However signals come, no clock hour ever holds more than its limit, nor any 24 of them together.
        #[test]
        fn no_hour_and_no_day_holds_more(steps in proptest::collection::vec((0i64..5, 1u32..4), 1..200)) {
            let mut rates = Rates::new(RateLimit { per_hour: 7, per_day: 40 });
            let (mut hour, mut taken) = (1_000_i64, Vec::new());
            for (ahead, signals) in steps {
                hour += ahead / 2;
                if rates.count("r", hour * HOUR_US, signals).is_ok() {
                    taken.push((hour, signals));
                }
            }
            for (hour, _) in &taken {
                let sum = |from: i64| taken.iter().filter(|(at, _)| (from..=*hour).contains(at)).map(|(_, n)| n).sum::<u32>();
                prop_assert!(sum(*hour) <= 7 && sum(*hour - 23) <= 40);
            }
        }
    }
}
