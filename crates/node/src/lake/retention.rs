//! How long events are kept, and what goes with them.

use super::store;
use bailiwick_api::Retention;
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_lake::Cutoffs;
use futures_util::future::BoxFuture;

const DAY_US: i64 = 24 * 3600 * 1_000_000;

/// Days events may be kept.
const DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

/// Signals add up over 14 days; none goes before that is long over, however short events are kept.
const SIGNALS_AT_LEAST_US: i64 = 30 * DAY_US;

/// Rows deleted at once, so that nobody waits long for the database.
const AT_ONCE: i64 = 5_000;

/// Something that is kept as long as events are. It is told until when the longest kept tier goes and what time it is, in
/// microseconds, and says how many rows it deleted; it is asked again at once while it deleted any, so it deletes a bounded
/// number at a time.
type Follower = for<'a> fn(&'a Db, i64, i64) -> BoxFuture<'a, Result<u64, Refusal>>;

/// What follows events. Whoever owns a table that should not outlive them adds a line.
const FOLLOWERS: &[Follower] = &[signals];

fn signals(db: &Db, longest_us: i64, now_us: i64) -> BoxFuture<'_, Result<u64, Refusal>> {
    Box::pin(store::forget_signals(db, longest_us.min(now_us - SIGNALS_AT_LEAST_US), AT_ONCE))
}

/// Lets go of what followed events that are gone now.
pub(super) async fn follow(db: &Db, cutoffs: &Cutoffs, now_us: i64) -> Result<u64, Refusal> {
    let longest_us = cutoffs.continuous.min(cutoffs.frequent).min(cutoffs.infrequent);
    let mut deleted = 0;
    for follower in FOLLOWERS {
        loop {
            let now = follower(db, longest_us, now_us).await?;
            deleted += now;
            if now == 0 {
                break;
            }
        }
    }
    Ok(deleted)
}

/// Until when each tier goes.
pub(super) fn cutoffs(retention: &Retention, now_us: i64) -> Cutoffs {
    let before = |days: u32| now_us - i64::from(days) * DAY_US;
    Cutoffs {
        continuous: before(retention.continuous_days),
        frequent: before(retention.frequent_days),
        infrequent: before(retention.infrequent_days),
    }
}

/// Refuses what cannot be meant, by name.
pub(crate) fn check(retention: &Retention) -> Result<(), Refusal> {
    let days =
        [("continuous_days", retention.continuous_days), ("frequent_days", retention.frequent_days), ("infrequent_days", retention.infrequent_days)];
    match days.into_iter().find(|(_, days)| !DAYS.contains(days)) {
        Some((name, _)) => Err(Refusal::invalid("INVALID_INPUT", name, format!("{name}: {} to {} days", DAYS.start(), DAYS.end()))),
        None => Ok(()),
    }
}
