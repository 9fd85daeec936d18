//! When a source is silent: longer quiet than its own rhythm explains. Pure; times are microseconds UTC.
//!
//! For every hour of the week the longest quiet seen while in it is kept, for this week and the two before: at night a source of an office
//! is quiet for ten hours, at noon for minutes, and a weekly batch is quiet for six days on a Saturday. Quiet is too long when it exceeds
//!
//! ```text
//! max(15 min, patience × 1.5 × longest quiet in this hour of the week, the hour before and the hour after)
//! ```
//!
//! The hours beside it allow for an hour of jitter and for summer time. *Patience* is 1 for a regular source. A gap over what its hours
//! explained raises it, at most to 8, and so does reported quiet that ended by itself; what is above 1 is halved every four weeks. So a
//! source that speaks at random is reported wrongly once in some months, and still missed. Quiet that was reported, or that the node
//! itself slept through, is not learned.
//!
//! A source of less than two weeks, or an hour of the week not seen before, is judged by all its gaps: four times the longest, and at
//! least an hour; 72 hours before it was heard for a day.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// Microseconds of a bucket of receipts.
pub(crate) const BUCKET_US: i64 = 300_000_000;
const HOUR_US: i64 = 12 * BUCKET_US;
const DAY_US: i64 = 24 * HOUR_US;
/// Quiet below this is never reported.
pub(crate) const FLOOR_US: i64 = 15 * 60_000_000;
const HOURS: i64 = 168;
const WEEK_BUCKETS: i64 = HOURS * 12;
/// Weeks kept: this one and the two before.
const WEEKS: usize = 3;
/// From then on the hours of the week count.
const MATURE_US: i64 = 14 * DAY_US;
/// Buckets with events before anything is said.
const EVIDENCE: u32 = 12;
/// Patience of a regular source, and the most there is, in thousandths.
const PATIENT: u32 = 1000;
const MAX_PATIENCE: u32 = 8000;
/// Patience above that of a regular source is halved in this time.
const FORGETS_US: i64 = 28 * DAY_US;
/// From then on gaps are held against what their hours explained.
const CALIBRATES_US: i64 = 8 * DAY_US;
/// How far ahead a due time is looked for.
const HORIZON_HOURS: i64 = 6 * HOURS;
/// A clock that was set back by more starts the rhythm's clock anew.
const CLOCK_BACK_US: i64 = HOUR_US;

/// What is learned of one source: about 1 KiB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rhythm {
    first_us: i64,
    last_us: i64,
    /// Buckets in which something came.
    active: u32,
    /// In thousandths.
    patience: u32,
    /// Which week each column holds.
    weeks: [i64; WEEKS],
    /// The longest quiet by week and hour, in buckets plus one; 0 where none was seen.
    #[serde(with = "packed")]
    longest: Box<[u16]>,
}

impl Rhythm {
    /// A source that was heard for the first time.
    pub(crate) fn begin(at_us: i64) -> Self {
        let mut rhythm = Self {
            first_us: at_us,
            last_us: at_us,
            active: 1,
            patience: PATIENT,
            weeks: [i64::MIN; WEEKS],
            longest: vec![0; WEEKS * HOURS as usize].into_boxed_slice(),
        };
        rhythm.note(at_us.div_euclid(BUCKET_US), 0);
        rhythm
    }

    /// When it was last heard.
    pub(crate) fn last_us(&self) -> i64 {
        self.last_us
    }

    /// Events came. `learn` is false when the quiet before them was reported, or was not the source's doing. True when a new bucket began,
    /// which is when there is something to keep.
    pub(crate) fn heard(&mut self, at_us: i64, learn: bool) -> bool {
        if at_us < self.last_us - CLOCK_BACK_US {
            self.last_us = at_us;
            return true;
        }
        let (before, bucket) = (self.last_us.div_euclid(BUCKET_US), at_us.div_euclid(BUCKET_US));
        if bucket <= before {
            self.last_us = self.last_us.max(at_us);
            return false;
        }
        let halvings = (at_us - self.last_us) as f64 / FORGETS_US as f64;
        self.patience = PATIENT + (f64::from(self.patience - PATIENT) * 0.5_f64.powf(halvings)).ceil() as u32;
        if learn {
            self.learn(before, bucket);
        } else {
            self.note(bucket, 0);
        }
        self.active = self.active.saturating_add(1);
        self.last_us = at_us;
        true
    }

    /// Quiet that was reported ended by itself: perhaps it was no fault, so wait longer next time.
    pub(crate) fn forgive(&mut self) {
        self.patience = (self.patience * 3 / 2).min(MAX_PATIENCE);
    }

    /// When quiet since its last event, or since `from_us` when that is later, becomes too long. None: nothing can be said yet.
    pub(crate) fn due(&self, from_us: i64) -> Option<i64> {
        if self.active < EVIDENCE && !self.mature() {
            return None;
        }
        let quiet_from = self.last_us.max(from_us);
        let first = quiet_from.div_euclid(HOUR_US);
        let in_hour = |hour: i64| {
            let at = (hour * HOUR_US).max(quiet_from + self.allowed(hour));
            (at < (hour + 1) * HOUR_US).then_some(at)
        };
        Some((first..first + HORIZON_HOURS).find_map(in_hour).unwrap_or((first + HORIZON_HOURS) * HOUR_US))
    }

    /// Quiet that is normal in an hour (of the epoch), in microseconds.
    fn allowed(&self, hour: i64) -> i64 {
        match self.explained(hour) {
            Some(explained) if self.mature() => (explained * i64::from(self.patience) / i64::from(PATIENT)).max(FLOOR_US),
            _ if self.last_us - self.first_us < DAY_US => 3 * DAY_US,
            _ => {
                let longest = self.longest.iter().copied().max().unwrap_or(0);
                (4 * quiet_us(longest)).max(HOUR_US)
            }
        }
    }

    fn mature(&self) -> bool {
        self.last_us - self.first_us >= MATURE_US
    }

    /// Quiet that the hour of the week explains, with its neighbours; None when an earlier week did not see that hour.
    fn explained(&self, hour: i64) -> Option<i64> {
        let week = hour.div_euclid(HOURS);
        let column = |of: i64| of.rem_euclid(HOURS) as usize;
        let kept = |index: usize, of: i64| self.longest[index * HOURS as usize + column(of)];
        let recent = |index: usize| (week - WEEKS as i64..=week).contains(&self.weeks[index]);
        let seen = (0..WEEKS).any(|index| recent(index) && self.weeks[index] < week && kept(index, hour) > 0);
        let longest = (0..WEEKS).filter(|index| recent(*index)).flat_map(|index| [hour - 1, hour, hour + 1].map(|of| kept(index, of))).max();
        longest.filter(|_| seen).map(|longest| (quiet_us(longest) * 3 / 2).max(FLOOR_US))
    }

    /// Learns a gap between two buckets with events.
    fn learn(&mut self, before: i64, bucket: i64) {
        let from = (before + 1).max(bucket - WEEKS as i64 * WEEK_BUCKETS);
        if self.last_us - self.first_us >= CALIBRATES_US {
            let beside = |at: i64| Some((at - before) * BUCKET_US * i64::from(PATIENT) / self.explained(at.div_euclid(12))?);
            let worst = (from..=bucket).filter_map(beside).max().unwrap_or(0);
            if worst > i64::from(PATIENT) {
                let enough = u32::try_from(worst * 3 / 2).unwrap_or(MAX_PATIENCE).min(MAX_PATIENCE);
                self.patience = self.patience.max(enough);
            }
        }
        for at in from..=bucket {
            self.note(at, at - before);
        }
    }

    fn note(&mut self, bucket: i64, quiet: i64) {
        let hour = bucket.div_euclid(12);
        let (week, hours) = (hour.div_euclid(HOURS), HOURS as usize);
        let column = week.rem_euclid(WEEKS as i64) as usize;
        if self.weeks[column] != week {
            self.weeks[column] = week;
            self.longest[column * hours..(column + 1) * hours].fill(0);
        }
        let kept = &mut self.longest[column * hours + hour.rem_euclid(HOURS) as usize];
        *kept = (*kept).max(u16::try_from(quiet + 1).unwrap_or(u16::MAX));
    }
}

/// Kept quiet in microseconds.
fn quiet_us(kept: u16) -> i64 {
    i64::from(kept.saturating_sub(1)) * BUCKET_US
}

/// Two bytes a number, as text.
mod packed {
    use super::{BASE64, HOURS, WEEKS};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(numbers: &[u16], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        serializer.serialize_str(&BASE64.encode(&bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[u16]>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64.decode(text.as_bytes()).map_err(D::Error::custom)?;
        let numbers: Box<[u16]> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        if numbers.len() == WEEKS * HOURS as usize { Ok(numbers) } else { Err(D::Error::custom("longest: of another size")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE_US: i64 = 60_000_000;
    /// A Monday, 00:00 UTC.
    const MONDAY_US: i64 = 1_759_708_800 * 1_000_000;

    fn clock(days: i64, hours: i64, minutes: i64) -> i64 {
        MONDAY_US + days * DAY_US + hours * HOUR_US + minutes * MINUTE_US
    }

    /// Lets a source speak; where quiet was too long on the way is given back. Learning follows the product: reported quiet is forgiven.
    fn live(times: impl IntoIterator<Item = i64>) -> (Rhythm, Vec<i64>) {
        let mut times = times.into_iter();
        let mut rhythm = Rhythm::begin(times.next().unwrap());
        let mut reported = Vec::new();
        for at in times {
            let late = rhythm.due(0).filter(|due| *due < at);
            if let Some(due) = late {
                reported.push(due);
                rhythm.forgive();
            }
            rhythm.heard(at, late.is_none());
        }
        (rhythm, reported)
    }

    fn every_minute(days: i64) -> impl Iterator<Item = i64> {
        (0..days * 1440).map(|n| MONDAY_US + n * MINUTE_US)
    }

    fn office(days: i64) -> impl Iterator<Item = i64> {
        (0..days).filter(|day| day % 7 < 5).flat_map(|day| (0..8 * 20).map(move |n| clock(day, 9, n * 3)))
    }

    /// Random, the same each time.
    fn random(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed | 1;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        }
    }

    fn poisson(mean_us: i64, days: i64, seed: u64) -> Vec<i64> {
        let (mut next, mut at, mut times) = (random(seed), MONDAY_US, vec![MONDAY_US]);
        while at < MONDAY_US + days * DAY_US {
            at += (-next().ln() * mean_us as f64) as i64;
            times.push(at);
        }
        times
    }

    #[test]
    fn a_source_of_every_minute_is_missed_within_15_minutes_and_on_its_second_day_within_an_hour() {
        let (rhythm, reported) = live(every_minute(20));
        assert!(reported.is_empty(), "{reported:?}");
        assert_eq!(rhythm.due(0).unwrap() - rhythm.last_us(), FLOOR_US);
        let (young, _) = live(every_minute(2));
        assert_eq!(young.due(0).unwrap() - young.last_us(), HOUR_US);
        let (new, _) = live(every_minute(2).take(300));
        assert_eq!(new.due(0).unwrap() - new.last_us(), 3 * DAY_US);
    }

    #[test]
    fn an_office_is_not_missed_at_night_nor_at_the_weekend_but_in_the_morning() {
        let (rhythm, reported) = live(office(40));
        assert!(reported.is_empty(), "40 days without a fault: {reported:?}");
        let friday_evening = rhythm.last_us();
        assert_eq!((friday_evening - MONDAY_US).div_euclid(DAY_US), 39 - 39 % 7 + 4);
        let due = rhythm.due(0).unwrap();
        let monday = clock(42, 0, 0);
        assert!(due >= monday + 9 * HOUR_US && due <= monday + 11 * HOUR_US + 15 * MINUTE_US, "missed {} h into Monday", (due - monday) / HOUR_US);
        let (noon, _) = live(office(40).filter(|at| *at < clock(38, 11, 30)));
        assert!(noon.due(0).unwrap() - noon.last_us() <= 20 * MINUTE_US, "at noon on a Thursday it is missed at once");
    }

    #[test]
    fn a_weekly_batch_is_missed_within_hours_of_its_time() {
        let batch = (0..8).map(|week| clock(week * 7 + 5, 2, 40 + week * 7 % 30));
        let (rhythm, reported) = live(batch);
        assert!(reported.is_empty(), "{reported:?}");
        let wanted = clock(8 * 7 + 5, 2, 40);
        let late = rhythm.due(0).unwrap() - wanted;
        assert!((0..=4 * HOUR_US).contains(&late), "{} min late", late / MINUTE_US);
    }

    #[test]
    fn a_source_that_speaks_at_random_is_seldom_reported_and_still_missed() {
        for mean in [10, 45, 180] {
            let lives: Vec<_> = (1..=4).map(|seed| live(poisson(mean * MINUTE_US, 120, seed * 7919))).collect();
            let reports: usize = lives.iter().map(|(_, reported)| reported.len()).sum();
            assert!(reports <= 12, "every {mean} min: {reports} false reports in four times 120 days");
            for (rhythm, _) in &lives {
                let late = (rhythm.due(0).unwrap() - rhythm.last_us()) / MINUTE_US;
                assert!(late <= 25 * mean, "every {mean} min: missed after {late} min");
            }
        }
    }

    #[test]
    fn an_outage_is_not_learned_and_the_nodes_own_sleep_is_not_held_against_a_source() {
        let outage = |at: &i64| !(clock(20, 3, 0)..clock(22, 3, 0)).contains(at);
        let (rhythm, reported) = live(every_minute(30).filter(outage));
        assert_eq!(reported, [clock(20, 3, 14)], "one outage, one report");
        assert!(rhythm.due(0).unwrap() - rhythm.last_us() <= 2 * FLOOR_US);
        let mut slept = live(every_minute(20)).0;
        let woke = slept.last_us() + 10 * HOUR_US;
        assert_eq!(slept.due(woke), Some(woke + FLOOR_US));
        slept.heard(woke + MINUTE_US, false);
        assert_eq!(slept.due(0).unwrap() - slept.last_us(), FLOOR_US);
    }

    #[test]
    fn what_is_learned_survives_a_restart() {
        let (rhythm, _) = live(office(40));
        let text = serde_json::to_string(&rhythm).unwrap();
        assert!(text.len() < 2048, "{} bytes", text.len());
        assert_eq!(serde_json::from_str::<Rhythm>(&text).unwrap(), rhythm);
        assert!(serde_json::from_str::<Rhythm>(&text.replace("\"longest\":\"", "\"longest\":\"AAAA")).is_err());
    }

    proptest! {
        #[test]
        fn due_is_after_the_floor_and_a_source_that_speaks_before_it_is_never_reported(
            gaps in prop::collection::vec(1_i64..3 * DAY_US / 1_000_000, 1..300), from in 0_i64..60,
        ) {
            let mut at = MONDAY_US;
            let mut rhythm = Rhythm::begin(at);
            for gap in gaps {
                at += gap * 1_000_000;
                let due = rhythm.due(0);
                prop_assert!(due.is_none_or(|due| due >= rhythm.last_us() + FLOOR_US));
                rhythm.heard(at, due.is_none_or(|due| at <= due));
                prop_assert!((PATIENT..=MAX_PATIENCE).contains(&rhythm.patience));
                prop_assert_eq!(rhythm.last_us(), at);
                let later = rhythm.due(at + from * HOUR_US);
                prop_assert!(later.is_none_or(|later| later >= at + from * HOUR_US + FLOOR_US), "a later start is never held against it");
            }
        }

        #[test]
        fn a_clock_that_jumps_never_panics_nor_stops_the_watch(times in prop::collection::vec(-4_000_000_000_000_000_i64..4_000_000_000_000_000, 1..40)) {
            let mut rhythm = Rhythm::begin(times[0]);
            for at in times {
                rhythm.heard(at, true);
                prop_assert!((rhythm.last_us() - at).abs() <= CLOCK_BACK_US);
                let _at_some_time = rhythm.due(at);
            }
        }
    }
}
