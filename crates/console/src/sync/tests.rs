//! The state machine of a sync: what every run leaves, whatever came before.

use super::{
    machine::{Outcome, Reason, Standing, View},
    store::never,
};
use bailiwick_api::{SyncModuleName, SyncState};
use proptest::prelude::*;
use std::time::Duration;

const INTERVAL: Duration = Duration::from_secs(300);
const SECOND: i64 = 1_000_000;

fn at(seconds: i64) -> View {
    View { now_us: seconds * SECOND, interval: INTERVAL }
}

fn failed(code: &str) -> Outcome {
    Outcome::Failed(Reason::new(code, "why"))
}

fn taken(failed: &[SyncModuleName]) -> Outcome {
    let reason = (!failed.is_empty()).then(|| Reason::new("LICENCE_EXCEEDED", "the node refused"));
    Outcome::Taken { items: 7, failed: failed.to_vec(), reason }
}

#[test]
fn failures_wait_twice_as_long_each_time_up_to_two_intervals_and_one_success_forgets_them() {
    let mut standing = never(0);
    for (n, seconds) in [30, 60, 120, 240, 480, 600, 600].into_iter().enumerate() {
        standing = standing.finish(failed("NODE_DOWN"), at(1_000), 0.5);
        assert_eq!(((standing.due - 1_000 * SECOND) / SECOND, standing.consecutive as usize), (seconds, n + 1));
    }
    let shown = standing.clone().shown(at(1_001));
    assert_eq!((shown.state, shown.code.as_deref(), shown.failed.len()), (SyncState::Failed, Some("NODE_DOWN"), SyncModuleName::ALL.len()));
    assert_eq!(shown.since.map(|at| at.timestamp()), Some(1_000));
    let well = standing.finish(taken(&[]), at(2_000), 0.5);
    assert_eq!((well.state, well.consecutive, well.since, well.code.clone()), (SyncState::Ok, 0, None, None));
    assert_eq!((well.due - 2_000 * SECOND) / SECOND, 300);
}

#[test]
fn a_failure_keeps_what_was_last_taken_and_since_when_it_fails() {
    let well = never(0).finish(taken(&[]), at(100), 0.0);
    let once = well.finish(failed("TIMEOUT"), at(400), 0.0);
    let twice = once.finish(failed("NODE_DOWN"), at(500), 0.0);
    assert_eq!((twice.last_success, twice.since, twice.items), (Some(100 * SECOND), Some(400 * SECOND), 7));
}

#[test]
fn a_part_that_fails_is_named_and_the_rest_counts() {
    let partial = never(0).finish(taken(&[SyncModuleName::Settings]), at(100), 0.0);
    let shown = partial.shown(at(101));
    assert_eq!((shown.state, shown.failed, shown.consecutive), (SyncState::Partial, vec![SyncModuleName::Settings], 0));
    assert!(shown.code.is_some() && shown.last_success.is_some());
}

#[test]
fn what_was_good_is_stale_after_three_intervals_and_what_failed_stays_failed() {
    let (well, ill) = (never(0).finish(taken(&[]), at(0), 0.0), never(0).finish(failed("X"), at(0), 0.0));
    assert_eq!(well.clone().shown(at(900)).state, SyncState::Ok);
    assert_eq!(well.shown(at(901)).state, SyncState::Stale);
    assert_eq!(ill.shown(at(10_000)).state, SyncState::Failed);
    assert_eq!(never(0).shown(at(10_000)).state, SyncState::Never);
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(failed("NODE_DOWN")),
        proptest::sample::subsequence(SyncModuleName::ALL.to_vec(), 0..=SyncModuleName::ALL.len()).prop_map(|modules| taken(&modules)),
    ]
}

proptest! {
    #[test]
    fn every_run_is_followed_by_another_that_is_neither_now_nor_far(runs in prop::collection::vec((outcomes(), 0.0_f64..=1.0, 1_i64..10_000), 1..40)) {
        let (mut standing, mut now): (Standing, i64) = (never(0), 0);
        for (outcome, chance, passed) in runs {
            now += passed;
            let before = standing.clone();
            let all_failed = matches!(outcome, Outcome::Failed(_));
            standing = standing.finish(outcome, at(now), chance);
            let wait = standing.due - now * SECOND;
            prop_assert!((27 * SECOND..=660 * SECOND).contains(&wait), "{wait}");
            prop_assert_eq!(standing.consecutive, if all_failed { before.consecutive + 1 } else { 0 });
            prop_assert_eq!(standing.since.is_some(), all_failed);
            prop_assert_eq!(standing.last_success, if all_failed { before.last_success } else { Some(now * SECOND) });
            prop_assert_eq!(standing.state == SyncState::Ok, standing.failed.is_empty());
            prop_assert_eq!(standing.finished, Some(now * SECOND));
        }
    }
}
