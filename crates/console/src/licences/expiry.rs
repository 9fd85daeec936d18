//! The end of a licence: what it means, and when it is told that it comes near.

use super::store::{self, PoolRow};
use crate::{
    State,
    audit::{self, Line},
    notifications,
};
use bailiwick_api::PoolState;
use bailiwick_chassis::Refusal;

const DAY_US: i64 = 86_400_000_000;
/// Days before the end at which it is told.
const WARNINGS: [u32; 5] = [1, 7, 16, 30, 60];
/// Days after the end that are told apart from later ones.
const GRACE_DAYS: i64 = 14;
/// Who tells.
const CONSOLE: &str = "console";

/// Whole days until the end, rounded down; negative afterwards.
pub(super) fn days_left(ends_us: i64, now_us: i64) -> i64 {
    (ends_us - now_us).div_euclid(DAY_US)
}

/// The narrowest warning the end is within; 0 once it has come.
pub(super) fn warning(ends_us: i64, now_us: i64) -> Option<u32> {
    if ends_us <= now_us {
        return Some(0);
    }
    WARNINGS.into_iter().find(|days| ends_us - now_us <= i64::from(*days) * DAY_US)
}

/// What the end means now.
pub(super) fn state(pool: &PoolRow, now_us: i64) -> PoolState {
    match (pool.set_us, pool.expires_us) {
        (None, _) => PoolState::None,
        (_, Some(ends)) if now_us >= ends + GRACE_DAYS * DAY_US => PoolState::Expired,
        (_, Some(ends)) if now_us >= ends => PoolState::Grace,
        _ => PoolState::Valid,
    }
}

/// Writes a line in the audit when the end has come nearer than a warning, once for each.
pub(crate) async fn warn(state: &State) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let Some(ends_us) = store::pool(&state.db).await?.expires_us else { return Ok(()) };
    let Some(days) = warning(ends_us, now_us) else { return Ok(()) };
    if store::is_warned(&state.db, ends_us, days).await? {
        return Ok(());
    }
    let mut tx = state.db.begin().await?;
    if store::warned(&mut tx, ends_us, days).await? {
        let outcome = if days == 0 { "EXPIRED".to_owned() } else { format!("EXPIRES_WITHIN_{days}_DAYS") };
        let line = Line { actor: CONSOLE, verb: "licence.expiry", customer: None, outcome: &outcome };
        notifications::licence_ends(state, &mut tx, days, now_us).await?;
        audit::record_in(&mut tx, line, now_us).await?;
        tracing::warn!(days, "the licence ends soon or has ended");
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_come_at_sixty_thirty_sixteen_seven_and_one_days_and_at_the_end() {
        let ends = 1_000 * DAY_US;
        let before = |days: f64| ends - (days * DAY_US as f64) as i64;
        let table = [
            (90.0, None),
            (60.1, None),
            (60.0, Some(60)),
            (30.5, Some(60)),
            (30.0, Some(30)),
            (16.0, Some(16)),
            (7.0, Some(7)),
            (1.5, Some(7)),
            (1.0, Some(1)),
            (0.1, Some(1)),
            (0.0, Some(0)),
            (-20.0, Some(0)),
        ];
        for (days, expected) in table {
            assert_eq!(warning(ends, before(days)), expected, "{days}");
        }
        assert_eq!([2.5, 1.0, 0.5, -0.5].map(|days| days_left(ends, before(days))), [2, 1, 0, -1]);
    }

    #[test]
    fn the_end_is_followed_by_fourteen_days_of_grace() {
        let pool = |expires_us| PoolRow { set_us: Some(0), expires_us, ..PoolRow::default() };
        let ends = 100 * DAY_US;
        for (now, expected) in [
            (ends - 1, PoolState::Valid),
            (ends, PoolState::Grace),
            (ends + 14 * DAY_US - 1, PoolState::Grace),
            (ends + 14 * DAY_US, PoolState::Expired),
        ] {
            assert_eq!(state(&pool(Some(ends)), now), expected, "{now}");
        }
        assert_eq!(state(&pool(None), i64::MAX), PoolState::Valid);
        assert_eq!(state(&PoolRow::default(), 0), PoolState::None);
    }
}
