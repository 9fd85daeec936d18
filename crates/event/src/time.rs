//! The time an event says it happened, read in the notations logs use and checked against when it was received.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::outcome::prefix;

/// No event happened before 1990: such a time is a dead clock, not news.
const EARLIEST: DateTime<Utc> = match DateTime::from_timestamp(631_152_000, 0) {
    Some(time) => time,
    None => panic!("1990-01-01 is a time"),
};
/// How far a sender's clock may run ahead; a day also covers senders that write local time without a zone.
const AHEAD: TimeDelta = TimeDelta::hours(24);
/// The longest time text kept as `time_rejected`.
const MAX_TEXT: usize = 64;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An event's time: its own where plausible, else the receipt time with the text that was rejected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EventTime {
    pub(crate) time: DateTime<Utc>,
    pub(crate) rejected: Option<String>,
}

/// Judges an event's own time text. No text at all is no lie: the receipt time stands, nothing is rejected.
pub(crate) fn judge(text: Option<&str>, receipt: DateTime<Utc>) -> EventTime {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return EventTime { time: receipt, rejected: None };
    };
    match parse(text, receipt) {
        Some(time) if plausible(time, receipt) => EventTime { time, rejected: None },
        _ => EventTime { time: receipt, rejected: Some(prefix(text, MAX_TEXT).to_owned()) },
    }
}

fn plausible(time: DateTime<Utc>, receipt: DateTime<Utc>) -> bool {
    time >= EARLIEST && time.signed_duration_since(receipt) <= AHEAD
}

/// Reads RFC 3339, the same with a blank or without a zone (then UTC), `02/Jan/2006:15:04:05 -0700`, the BSD syslog time
/// with or without a year, and Unix time in seconds, milli-, micro- or nanoseconds.
fn parse(text: &str, receipt: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    match text.as_bytes().first()? {
        b'A'..=b'Z' => bsd(text, receipt),
        b'0'..=b'9' | b'-' => unix(text).or_else(|| calendar(text)),
        _ => None,
    }
}

fn calendar(text: &str) -> Option<DateTime<Utc>> {
    for zoned in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %z", "%d/%b/%Y:%H:%M:%S %z"] {
        if let Ok(time) = DateTime::parse_from_str(text, zoned) {
            return Some(time.to_utc());
        }
    }
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix(" UTC")).unwrap_or(text);
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y/%m/%d %H:%M:%S%.f", "%d/%b/%Y:%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| time.and_utc())
}

/// Unix time; the magnitude tells the unit (seconds reach 10^11 in the year 5138).
fn unix(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(number) = text.parse::<i64>() {
        return match number.unsigned_abs() {
            0..100_000_000_000 => DateTime::from_timestamp(number, 0),
            100_000_000_000..100_000_000_000_000 => DateTime::from_timestamp_millis(number),
            100_000_000_000_000..100_000_000_000_000_000 => DateTime::from_timestamp_micros(number),
            _ => Some(DateTime::from_timestamp_nanos(number)),
        };
    }
    if !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'e' | b'E' | b'+')) {
        return None;
    }
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.abs() < 1e14)?;
    let micros = if seconds.abs() < 1e11 { seconds * 1e6 } else { seconds * 1e3 };
    DateTime::from_timestamp_micros(micros.round() as i64)
}

/// `Mar  2 00:33:27[.123]`, `Mar 2 2026 00:33:27`. Without a year it is the latest one that is not ahead of the receipt.
fn bsd(text: &str, receipt: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut words = text.split_ascii_whitespace();
    let month = MONTHS.iter().position(|name| Some(name) == words.clone().next().as_ref())? as u32 + 1;
    let day = words.nth(1)?.parse().ok()?;
    let third = words.next()?;
    let (year, clock) = match words.next() {
        Some(fourth) => (Some(third.parse::<i32>().ok()?), fourth),
        None => (None, third),
    };
    let clock = NaiveTime::parse_from_str(clock.trim_end_matches(':'), "%H:%M:%S%.f").ok()?;
    let at = |year| NaiveDate::from_ymd_opt(year, month, day).map(|date| date.and_time(clock).and_utc());
    if let Some(year) = year {
        return at(year);
    }
    let limit = receipt.checked_add_days(Days::new(1))?;
    // Nine years back always contain a 29 February, also around 1900 and 2100.
    (0..=9).filter_map(|back| at(limit.year() - back)).find(|time| *time <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    #[track_caller]
    fn reads(text: &str, receipt: &str, expected: &str) {
        assert_eq!(judge(Some(text), at(receipt)), EventTime { time: at(expected), rejected: None }, "{text}");
    }

    #[test]
    fn the_notations_logs_use() {
        let receipt = "2026-03-02T01:00:00Z";
        for text in [
            "2026-03-02T00:33:27.5Z",
            "2026-03-02 00:33:27.500",
            "2026-03-02T00:33:27.500",
            "2026-03-02T01:33:27.5+01:00",
            "2026-03-02T01:33:27.5+0100",
            "1772411607500",
            "1772411607.5",
            "1772411607500000",
            "1772411607500000000",
        ] {
            reads(text, receipt, "2026-03-02T00:33:27.5Z");
        }
        reads("02/Mar/2026:01:33:27 +0100", receipt, "2026-03-02T00:33:27Z");
        reads("Mar  2 2026 00:33:27", receipt, "2026-03-02T00:33:27Z");
    }

    #[test]
    fn a_missing_year_is_the_latest_not_ahead_of_the_receipt() {
        reads("Dec 31 23:59:59", "2026-01-01T00:00:05Z", "2025-12-31T23:59:59Z");
        reads("Jan  1 00:00:02", "2025-12-31T23:59:58Z", "2026-01-01T00:00:02Z");
        reads("Feb 29 12:00:00", "2026-03-01T00:00:00Z", "2024-02-29T12:00:00Z");
        reads("Mar 02 10:00:00", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z");
    }

    #[test]
    fn what_cannot_be_right_is_rejected_and_kept_as_text() {
        let receipt = at("2026-03-02T00:00:00Z");
        for text in ["1980-01-01T00:00:00Z", "2026-03-04T00:00:00Z", "9999-99-99T00:00:00Z", "Feb 30 25:61:61", "soon", "-1", "1e300", "٣"] {
            assert_eq!(judge(Some(text), receipt), EventTime { time: receipt, rejected: Some(text.to_owned()) });
        }
        assert_eq!(judge(Some(" "), receipt), EventTime { time: receipt, rejected: None });
        assert_eq!(judge(None, receipt), EventTime { time: receipt, rejected: None });
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let rejected = judge(Some(&"ä".repeat(100)), at("2026-03-02T00:00:00Z")).rejected.expect("rejected");
        assert_eq!(rejected, "ä".repeat(32));
    }
}
