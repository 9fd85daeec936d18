//! The licence of a workspace: how many sources and technicians it may have, how long it may keep events, how much may come a day.
//!
//! One source or technician more is refused, and so is a longer retention. Volume is never refused by the day: it is shown and told, and a
//! throttle follows from the whole.
//!
//! A minute may bring a multiple of the day's average: ten times up to 100 GB a day, eight up to 256, six up to 512, four above; GB is
//! 2^30 bytes. What is over is told to wait (429 with `Retry-After`, or a TCP connection that is not read on); what cannot be told is
//! dropped and counted.

pub(crate) mod http;
pub(crate) mod store;
pub(crate) mod usage;

use crate::{State, access::WorkspaceGrant, audit, workspaces::Workspace};
use bailiwick_api::{Licence, LicenceResource, Retention};
use bailiwick_chassis::Refusal;
use serde_json::json;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A licence of more than this is a slip of the hand: 1 PiB a day, and as many sources, people and days as nobody has.
const MAX_DAILY_BYTES: u64 = 1 << 50;
const MAX_COUNT: u64 = 1_000_000;
const MAX_DAYS: u64 = 3650;
const GB: u64 = 1 << 30;
const MINUTES: u64 = 1440;
const MINUTE_US: i64 = 60_000_000;

/// Sets the licence, unless it is that already. True when it was another.
pub(crate) async fn set(state: &State, grant: &WorkspaceGrant, licence: &Licence) -> Result<bool, Refusal> {
    check(licence)?;
    let (before, set_by) = store::read(grant.workspace().db()).await?;
    if set_by.is_some() && before == *licence {
        return Ok(false);
    }
    audit::audited(state, grant, "licence.set", "", store::set(grant, licence, state.clock().now_us())).await?;
    Ok(true)
}

/// Refuses what cannot be meant, by name.
fn check(licence: &Licence) -> Result<(), Refusal> {
    let fields = [
        ("daily_bytes", licence.daily_bytes, 1, 3 * MAX_DAILY_BYTES),
        ("continuous_daily_bytes", licence.continuous_daily_bytes, 0, MAX_DAILY_BYTES),
        ("frequent_daily_bytes", licence.frequent_daily_bytes, 0, MAX_DAILY_BYTES),
        ("infrequent_daily_bytes", licence.infrequent_daily_bytes, 0, MAX_DAILY_BYTES),
        ("sources", licence.sources, 0, MAX_COUNT),
        ("users", licence.users, 0, MAX_COUNT),
        ("retention_days", licence.retention_days, 1, MAX_DAYS),
    ];
    let wrong = fields.into_iter().find(|(_, number, least, most)| number.is_some_and(|n| !(*least..=*most).contains(&n)));
    match wrong {
        Some((field, _, least, most)) => Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {least} to {most}, or null for no limit"))),
        None => Ok(()),
    }
}

/// The refusal of what is more than is licensed; `current` holds the numbers for programs.
pub(crate) fn exceeded(resource: LicenceResource, limit: u64, used: u64) -> Refusal {
    Refusal::conflict("LICENCE_EXCEEDED", format!("{resource}: {limit} licensed, {used} used"))
        .field(resource.as_str())
        .current(&json!({"resource": resource, "limit": limit, "used": used}))
}

/// Refuses a retention longer than is licensed.
pub(crate) async fn check_retention(workspace: &Workspace, retention: &Retention) -> Result<(), Refusal> {
    let longest = u64::from(retention.continuous_days.max(retention.frequent_days).max(retention.infrequent_days));
    match store::read(workspace.db()).await?.0.retention_days {
        Some(limit) if longest > limit => Err(exceeded(LicenceResource::RetentionDays, limit, longest)),
        _ => Ok(()),
    }
}

/// Bytes a minute may bring under a daily volume.
pub(crate) fn minute_bytes(daily_bytes: u64) -> u64 {
    let multiplier = match daily_bytes {
        ..=107_374_182_400 => 10,
        _ if daily_bytes <= 256 * GB => 8,
        _ if daily_bytes <= 512 * GB => 6,
        _ => 4,
    };
    let bytes = u128::from(daily_bytes) * multiplier / u128::from(MINUTES);
    u64::try_from(bytes).unwrap_or(u64::MAX).max(1)
}

#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    number: i64,
    bytes: u64,
}

/// What a workspace received this minute, and what it may.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    daily_bytes: Mutex<Option<u64>>,
    minute: Mutex<Minute>,
}

impl Throttle {
    /// Sets the daily volume; none is no limit.
    pub(crate) fn set(&self, daily_bytes: Option<u64>) {
        *self.daily_bytes.lock().unwrap_or_else(PoisonError::into_inner) = daily_bytes;
    }

    /// The daily volume.
    pub(crate) fn daily_bytes(&self) -> Option<u64> {
        *self.daily_bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes received in the minute of `now_us`.
    pub(crate) fn this_minute(&self, now_us: i64) -> u64 {
        let minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.number == now_us.div_euclid(MINUTE_US) { minute.bytes } else { 0 }
    }

    /// Takes bytes in, or says how long to wait. One batch always fits an untouched minute, however large it is.
    pub(crate) fn admit(&self, bytes: u64, now_us: i64) -> Result<(), Duration> {
        let limit = self.daily_bytes().map(minute_bytes);
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now_us.div_euclid(MINUTE_US);
        if minute.number != number {
            *minute = Minute { number, bytes: 0 };
        }
        if limit.is_some_and(|limit| minute.bytes > 0 && minute.bytes.saturating_add(bytes) > limit) {
            let left = MINUTE_US - now_us.rem_euclid(MINUTE_US);
            return Err(Duration::from_micros(u64::try_from(left).unwrap_or_default()));
        }
        minute.bytes = minute.bytes.saturating_add(bytes);
        Ok(())
    }

    /// Takes back what was admitted and not written.
    pub(crate) fn undo(&self, bytes: u64) {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        minute.bytes = minute.bytes.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_multiplier_falls_with_the_volume() {
        for (gb, multiplier) in [(1, 10), (100, 10), (101, 8), (256, 8), (257, 6), (512, 6), (513, 4), (4096, 4)] {
            assert_eq!(minute_bytes(gb * GB), gb * GB * multiplier / 1440, "{gb} GB");
        }
    }

    #[test]
    fn a_minute_over_its_limit_waits_for_the_next() {
        let throttle = Throttle::default();
        throttle.set(Some(1440));
        assert_eq!(minute_bytes(1440), 10);
        assert_eq!(throttle.admit(8, 30_000_000), Ok(()));
        assert_eq!(throttle.admit(3, 31_000_000), Err(Duration::from_secs(29)));
        assert_eq!(throttle.admit(2, 31_000_000), Ok(()), "what still fits is taken");
        assert_eq!(throttle.admit(1_000_000, 60_000_000), Ok(()), "one batch larger than a minute is not refused for ever");
        assert_eq!(throttle.admit(1, 61_000_000), Err(Duration::from_secs(59)));
        throttle.set(None);
        assert_eq!(throttle.admit(u64::MAX, 61_000_000), Ok(()));
    }

    proptest! {
        #[test]
        fn no_minute_takes_more_than_its_limit_beyond_the_first_batch(daily in 1_u64..1 << 45, batches in proptest::collection::vec((0_i64..300_000_000, 1_u64..1 << 34), 1..50)) {
            let throttle = Throttle::default();
            throttle.set(Some(daily));
            let mut batches = batches;
            batches.sort_unstable();
            let mut minutes: std::collections::BTreeMap<i64, Vec<u64>> = std::collections::BTreeMap::new();
            for (at, bytes) in batches {
                if throttle.admit(bytes, at).is_ok() {
                    minutes.entry(at / MINUTE_US).or_default().push(bytes);
                }
            }
            for taken in minutes.values() {
                prop_assert!(taken.len() == 1 || taken.iter().sum::<u64>() <= minute_bytes(daily));
            }
        }
    }
}
