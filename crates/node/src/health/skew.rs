//! Whether a source's clock is off: its event times beside the times of receipt, flush by flush. Pure; times are microseconds UTC.
//!
//! One odd flush says nothing: a verdict needs three in a row over ten minutes, and so does its end. Late events only speak against a
//! source that is normally live; one that always delivers yesterday's is in order.

use serde::{Deserialize, Serialize};

const MINUTE_US: i64 = 60_000_000;
/// How far ahead of its receipt an event may be.
const AHEAD_US: i64 = 5 * MINUTE_US;
/// How far behind the newest event of a live source may be.
const BEHIND_US: i64 = 24 * 60 * MINUTE_US;
const IN_A_ROW: u8 = 3;
const LASTING_US: i64 = 10 * MINUTE_US;
/// Flushes before a source counts as normally live.
const EVIDENCE: u32 = 12;
const LIVE: f32 = 0.8;

/// What one flush, or one batch, showed of a source's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// How many events.
    pub events: u64,
    /// The latest event time, in microseconds UTC.
    pub newest_event_us: i64,
    /// The earliest event time.
    pub oldest_event_us: i64,
    /// Events whose own time could not be so, such as two days from now; they carry the time of receipt.
    pub rejected_times: u64,
    /// The latest receipt.
    pub received_us: i64,
}

impl Observed {
    /// Sums up events given as (event time, time of receipt, whether the event's own time was rejected). None without events.
    pub fn of(events: impl IntoIterator<Item = (i64, i64, bool)>) -> Option<Self> {
        events.into_iter().fold(None, |sum: Option<Self>, (event, received, rejected)| {
            let one = Self { events: 1, newest_event_us: event, oldest_event_us: event, rejected_times: u64::from(rejected), received_us: received };
            Some(sum.map_or(one, |sum| sum.with(one)))
        })
    }

    fn with(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            newest_event_us: self.newest_event_us.max(other.newest_event_us),
            oldest_event_us: self.oldest_event_us.min(other.oldest_event_us),
            rejected_times: self.rejected_times + other.rejected_times,
            received_us: self.received_us.max(other.received_us),
        }
    }
}

/// How a clock is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Off {
    /// Event times are ahead of their receipt.
    Ahead,
    /// Event times are a day or more behind, of a source that is normally live.
    Behind,
    /// Most event times cannot be.
    Implausible,
}

impl Off {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Ahead => "CLOCK_AHEAD",
            Self::Behind => "CLOCK_BEHIND",
            Self::Implausible => "CLOCK_IMPLAUSIBLE",
        }
    }
}

/// The watch over one source's clock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Skew {
    flushes: u32,
    live: f32,
    /// What the last flushes agreed on, how often, and since when.
    run: Option<(Option<Off>, u8, i64)>,
    verdict: Option<Off>,
}

impl Skew {
    /// Takes a flush in; the verdict when it changed: how the clock is off, or `None` when it is right again.
    pub(crate) fn observe(&mut self, seen: &Observed) -> Option<Option<Off>> {
        if seen.events == 0 {
            return None;
        }
        let lag = seen.received_us.saturating_sub(seen.newest_event_us);
        let found = if seen.rejected_times.saturating_mul(2) > seen.events {
            Some(Off::Implausible)
        } else if lag < -AHEAD_US {
            Some(Off::Ahead)
        } else if lag > BEHIND_US && self.normally_live() {
            Some(Off::Behind)
        } else {
            None
        };
        if found != Some(Off::Behind) {
            let live = if lag <= BEHIND_US { 1.0 } else { 0.0 };
            let weight = if self.flushes < EVIDENCE { 1.0 / (self.flushes as f32 + 1.0) } else { 1.0 / EVIDENCE as f32 };
            self.live += (live - self.live) * weight;
            self.flushes = self.flushes.saturating_add(1);
        }
        let (count, since) = match self.run {
            Some((same, count, since)) if same == found => (count.saturating_add(1), since.min(seen.received_us)),
            _ => (1, seen.received_us),
        };
        self.run = Some((found, count, since));
        let lasts = count >= IN_A_ROW && seen.received_us.saturating_sub(since) >= LASTING_US;
        (lasts && found != self.verdict).then(|| {
            self.verdict = found;
            found
        })
    }

    fn normally_live(&self) -> bool {
        self.flushes >= EVIDENCE && self.live >= LIVE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flush(minute: i64, lag_minutes: i64, rejected: u64) -> Observed {
        let received = minute * MINUTE_US;
        let newest = received - lag_minutes * MINUTE_US;
        Observed { events: 10, newest_event_us: newest, oldest_event_us: newest - MINUTE_US, rejected_times: rejected, received_us: received }
    }

    fn verdicts(flushes: impl IntoIterator<Item = Observed>) -> Vec<Option<Off>> {
        let mut skew = Skew::default();
        flushes.into_iter().filter_map(|f| skew.observe(&f)).collect()
    }

    #[test]
    fn a_clock_is_off_after_three_flushes_and_ten_minutes_and_right_after_as_many() {
        let day = 24 * 60;
        let ahead = (0..20).map(|n| flush(n * 5, if (3..10).contains(&n) { -6 } else { 0 }, 0));
        assert_eq!(verdicts(ahead), [Some(Off::Ahead), None]);
        assert_eq!(verdicts((0..20).map(|n| flush(n * 5, if n % 2 == 0 { -6 } else { 0 }, 0))), [], "now and then is not off");
        assert_eq!(verdicts((0..5).map(|n| flush(n, -6, 0))), [], "five minutes are not ten");
        assert_eq!(verdicts((0..9).map(|n| flush(n * 5, 0, 6))), [Some(Off::Implausible)]);
        let froze = (0..40).map(|n| flush(n * 5, if n < 20 { 1 } else { 2 * day }, 0));
        assert_eq!(verdicts(froze), [Some(Off::Behind)]);
        assert_eq!(verdicts((0..60).map(|n| flush(n * 5, 2 * day, 0))), [], "one that always brings yesterday's is in order");
    }

    #[test]
    fn what_was_observed_sums_up() {
        let sum = Observed::of([(5, 10, false), (7, 9, true), (1, 11, false)]).unwrap();
        assert_eq!(sum, Observed { events: 3, newest_event_us: 7, oldest_event_us: 1, rejected_times: 1, received_us: 11 });
        assert_eq!(Observed::of([]), None);
    }

    proptest! {
        #[test]
        fn verdicts_alternate_with_what_was_found_and_extremes_do_no_harm(
            flushes in prop::collection::vec((any::<i64>(), any::<i64>(), 0_u64..4, 0_u64..4), 0..80),
        ) {
            let mut skew = Skew::default();
            let mut last = None;
            for (newest, received, events, rejected) in flushes {
                let seen = Observed { events, newest_event_us: newest, oldest_event_us: newest, rejected_times: rejected, received_us: received };
                if let Some(verdict) = skew.observe(&seen) {
                    prop_assert_ne!(verdict, last);
                    last = verdict;
                }
                prop_assert!((0.0..=1.0).contains(&skew.live));
            }
        }
    }
}
