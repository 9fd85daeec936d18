//! Spans and buckets. Days and weeks are those of the viewer's calendar, also where a clock is put forward or back; hours are those of the
//! clock on the wall. Instants are microseconds UTC.

use crate::Wrong;
use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// Buckets of one panel.
pub const MAX_BUCKETS: usize = 1_000;
/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds of 24 hours.
pub const DAY: i64 = 86_400 * SECOND;

const MINUTES_OF_A_DAY: u32 = 1_440;
/// The longest span, days.
const MAX_DAYS: u32 = 400;
/// A Monday, from which weeks and groups of days are counted.
const MONDAY: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 5).expect("a date");

/// A width of a bucket, or the length of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Minutes, also those of hours.
    Minutes(u32),
    /// Days of the calendar, also those of weeks.
    Days(u32),
}

impl Span {
    /// Reads `15m`, `4h`, `1d`, `2w`: 1 minute to 400 days.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let number: u32 = number.parse().ok().filter(|number| (1..=1_000_000).contains(number) && text.len() <= 8)?;
        let span = match unit {
            "m" => Self::Minutes(number),
            "h" => Self::Minutes(number.checked_mul(60)?),
            "d" => Self::Days(number),
            "w" => Self::Days(number.checked_mul(7)?),
            _ => return None,
        };
        (span.micros() <= i64::from(MAX_DAYS) * DAY).then_some(span)
    }

    /// The same, or the field that is wrong.
    pub fn of(field: &str, text: &str) -> Result<Self, Wrong> {
        Self::parse(text).ok_or_else(|| Wrong::new(field, "a number with m, h, d or w, such as 15m, 4h, 1d; at most 400d"))
    }

    /// Its length, a day being 24 hours.
    pub fn micros(self) -> i64 {
        match self {
            Self::Minutes(minutes) => i64::from(minutes) * 60 * SECOND,
            Self::Days(days) => i64::from(days) * DAY,
        }
    }
}

/// A time zone by its IANA name.
pub fn zone(name: &str) -> Result<Tz, Wrong> {
    name.trim().parse().map_err(|_| Wrong::new("zone", "no time zone of this name; such as Europe/Berlin, or UTC"))
}

/// An instant for people and programs.
pub fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// Ends of the buckets of a range, ascending: the first is not after `from`, the last not before `to`.
pub fn edges(from: i64, to: i64, slice: Span, zone: Tz) -> Result<Vec<i64>, Wrong> {
    let calendar = Calendar { zone, slice };
    let mut edges = vec![calendar.start(from)];
    let mut last = edges[0];
    while last < to {
        if edges.len() > MAX_BUCKETS {
            return Err(Wrong::new("timeslice", format!("the range has more than {MAX_BUCKETS} of these; choose a wider one")));
        }
        last = calendar.next(last);
        edges.push(last);
    }
    Ok(edges)
}

/// Ends of six equal parts of a range.
pub fn sixths(from: i64, to: i64) -> Vec<i64> {
    let part = |n: i64| i64::try_from(i128::from(from) + i128::from(to - from) * i128::from(n) / 6).unwrap_or(to);
    (0..=6).map(part).collect()
}

struct Calendar {
    zone: Tz,
    slice: Span,
}

impl Calendar {
    /// The start of the bucket an instant is in.
    fn start(&self, at: i64) -> i64 {
        match self.slice {
            Span::Days(days) => self.midnight(group_of(self.local(at).date(), days)),
            Span::Minutes(minutes) if !is_of_a_day(minutes) => self.even(at),
            Span::Minutes(minutes) => {
                let day = self.midnight(self.local(at).date());
                // An hour that comes twice is walked through in the order of time.
                let mut start = self.wall_before(at, minutes).max(day);
                loop {
                    let next = self.next(start);
                    if next > at || next <= start {
                        return start;
                    }
                    start = next;
                }
            }
        }
    }

    /// The end of the bucket that starts here.
    fn next(&self, start: i64) -> i64 {
        match self.slice {
            Span::Days(days) => {
                let first = group_of(self.local(start).date(), days);
                self.midnight(first.checked_add_days(Days::new(u64::from(days))).unwrap_or(first))
            }
            Span::Minutes(minutes) if !is_of_a_day(minutes) => start + self.slice.micros(),
            Span::Minutes(minutes) => self.next_on_the_wall(start, minutes),
        }
    }

    /// Up to an hour a bucket is as long as it says, so that an hour that comes twice is two; longer ones end where the clock says so.
    fn next_on_the_wall(&self, start: i64, minutes: u32) -> i64 {
        let local = self.local(start);
        let nth = (local.hour() * 60 + local.minute()) / minutes + 1;
        let wall = if nth * minutes >= MINUTES_OF_A_DAY {
            self.midnight(local.date().succ_opt().unwrap_or(local.date()))
        } else {
            self.instant_of(local.date().and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(nth * minutes)))
        };
        let even = start + self.slice.micros();
        match wall {
            wall if minutes <= 60 && even < wall => even,
            wall if wall > start => wall,
            _ => even,
        }
    }

    /// The last time before an instant at which the clock showed a multiple of the width, on the same day.
    fn wall_before(&self, at: i64, minutes: u32) -> i64 {
        let local = self.local(at);
        let nth = (local.hour() * 60 + local.minute()) / minutes;
        self.instant_of(local.date().and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(nth * minutes)))
    }

    /// A width that does not divide the day: counted from a Monday's midnight, UTC.
    fn even(&self, at: i64) -> i64 {
        at - (at - 4 * DAY).rem_euclid(self.slice.micros())
    }

    fn local(&self, at: i64) -> NaiveDateTime {
        instant(at).with_timezone(&self.zone).naive_local()
    }

    fn midnight(&self, date: NaiveDate) -> i64 {
        self.instant_of(date.and_time(NaiveTime::MIN))
    }

    /// The first instant at which the clock shows this time, or, where it is skipped, a later one.
    fn instant_of(&self, wall: NaiveDateTime) -> i64 {
        for skipped in 0..=i64::from(2 * MINUTES_OF_A_DAY) {
            match self.zone.from_local_datetime(&(wall + TimeDelta::minutes(skipped))) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.timestamp_micros(),
                LocalResult::None => {}
            }
        }
        wall.and_utc().timestamp_micros()
    }
}

fn is_of_a_day(minutes: u32) -> bool {
    MINUTES_OF_A_DAY.is_multiple_of(minutes)
}

/// The first of so many days that a date is one of.
fn group_of(date: NaiveDate, days: u32) -> NaiveDate {
    let since = i64::from(date.num_days_from_ce() - MONDAY.num_days_from_ce());
    let back = since.rem_euclid(i64::from(days));
    date.checked_sub_days(Days::new(back.unsigned_abs())).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn us(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().unwrap().timestamp_micros()
    }

    fn cut(from: &str, to: &str, slice: &str, zone: &str) -> Vec<i64> {
        edges(us(from), us(to), Span::parse(slice).unwrap(), super::zone(zone).unwrap()).unwrap()
    }

    fn hours(edges: &[i64]) -> Vec<i64> {
        edges.windows(2).map(|pair| (pair[1] - pair[0]) / (3_600 * SECOND)).collect()
    }

    #[test]
    fn spans_are_numbers_with_a_unit() {
        assert_eq!(Span::parse("15m"), Some(Span::Minutes(15)));
        assert_eq!(Span::parse("4h"), Some(Span::Minutes(240)));
        assert_eq!((Span::parse("1d"), Span::parse("2w")), (Some(Span::Days(1)), Some(Span::Days(14))));
        for text in ["", "h", "0h", "1s", "-1h", "1.5h", "401d", "9999999999h", "1 h", "é", "1é"] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_23_and_25_hours_long_where_clocks_change() {
        let spring = cut("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", "1d", "Europe/Berlin");
        assert_eq!(hours(&spring), [24, 23, 24]);
        let autumn = cut("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z", "1d", "Europe/Berlin");
        assert_eq!(hours(&autumn), [24, 25, 24]);
        assert_eq!(hours(&cut("2026-10-19T00:00:00Z", "2026-11-01T00:00:00Z", "1w", "Europe/Berlin")), [169, 168]);
    }

    #[test]
    fn hours_are_those_of_the_clock() {
        let berlin = |from: &str, to: &str, slice: &str| hours(&cut(from, to, slice, "Europe/Berlin"));
        assert_eq!(berlin("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "1h"), vec![1; 23]);
        assert_eq!(berlin("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "1h"), vec![1; 25]);
        assert_eq!(berlin("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "4h"), [3, 4, 4, 4, 4, 4]);
        assert_eq!(berlin("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "4h"), [5, 4, 4, 4, 4, 4]);
        let kolkata = cut("2026-01-01T00:10:00Z", "2026-01-01T02:00:00Z", "1h", "Asia/Kolkata");
        assert_eq!(kolkata[0], us("2025-12-31T23:30:00Z"), "clock-aligned in the zone");
    }

    #[test]
    fn a_day_without_a_midnight_begins_where_the_clock_goes_on() {
        let beirut = cut("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", "1d", "Asia/Beirut");
        assert_eq!(hours(&beirut), [24, 23, 24]);
    }

    #[test]
    fn the_first_bucket_may_begin_before_and_too_many_are_refused_by_name() {
        let edges = cut("2026-01-01T00:20:00Z", "2026-01-01T02:20:00Z", "1h", "UTC");
        assert_eq!((edges.len(), edges[0]), (4, us("2026-01-01T00:00:00Z")));
        let wrong = super::edges(0, 1001 * 60 * SECOND, Span::Minutes(1), Tz::UTC).unwrap_err();
        assert_eq!(wrong.field, "timeslice");
        assert_eq!(super::edges(0, 1000 * 60 * SECOND, Span::Minutes(1), Tz::UTC).unwrap().len(), 1001);
    }

    #[test]
    fn sixths_of_a_day_are_four_hours_and_of_a_week_twenty_eight() {
        assert_eq!(hours(&sixths(0, DAY)), vec![4; 6]);
        assert_eq!(hours(&sixths(0, 7 * DAY)), vec![28; 6]);
    }

    proptest! {
        #[test]
        fn buckets_partition_every_range(
            from in 1_700_000_000_i64..1_800_000_000, minutes in 1_i64..30 * 1_440,
            slice in prop::sample::select(vec!["15m", "1h", "90m", "4h", "5h", "24h", "36h", "1d", "3d", "1w"]),
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Beirut", "America/St_Johns"]),
        ) {
            let (from, to) = (from * SECOND, (from + minutes * 60) * SECOND);
            let Ok(edges) = edges(from, to, Span::parse(slice).unwrap(), super::zone(zone).unwrap()) else { return Ok(()) };
            prop_assert!(edges.windows(2).all(|pair| pair[0] < pair[1]), "{edges:?}");
            prop_assert!(edges[0] <= from && *edges.last().unwrap() >= to);
            prop_assert!(edges.len() < 2 || (edges[1] > from && edges[edges.len() - 2] < to), "no bucket is empty of the range");
            let later = super::edges(edges[1] , to.max(edges[1] + 1), Span::parse(slice).unwrap(), super::zone(zone).unwrap()).unwrap();
            prop_assert_eq!(later[0], edges[1], "a bucket begins where the one before ends, whatever the range");
        }
    }
}
