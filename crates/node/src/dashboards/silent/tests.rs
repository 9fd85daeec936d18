//! Silences worked out by hand.

use super::{BUCKET_US, Category, Gap, Silence, Silent};
use crate::dashboards::{
    asking::{DAY, HOUR, MINUTE, T, ask, database, run, with_panel},
    live::Live,
    volume::Label,
};
use bailiwick_api::dashboards::{Measure::SilentCategoryRows, PanelAsk, RowValues, SilentCategoryRow, VolumeTier};
use bailiwick_chassis::sql::Db;
use proptest::prelude::*;

/// Meters of all grains, as what came at a time makes them.
async fn came(db: &Db, tier: &str, category: &str, cse: i64, times: impl IntoIterator<Item = i64>) {
    let mut all = Vec::new();
    for at in times {
        for grain in [300, 900, 3600] {
            let bucket = at - at.rem_euclid(grain * 1_000_000);
            all.push(format!(
                "insert into meter (grain, bucket, source, name, category, collector, host, tier, cse, received, stored, failed, dropped, bytes, field_bytes, \
                 cse_bytes) values ({grain}, {bucket}, 's-{category}', 'n', '{category}', '', '', '{tier}', {cse}, 2, 1, 1, 0, 1000, 0, {}) \
                 on conflict (grain, bucket, source, name, category, collector, host, tier, cse) do update set bytes = meter.bytes + 1000, \
                 received = meter.received + 2, cse_bytes = meter.cse_bytes + excluded.cse_bytes",
                cse * 1000
            ));
        }
    }
    run(db, &all).await;
}

async fn read(db: &Db, now: i64) -> Silent {
    let mut silent = Silent::default();
    silent.refresh(db, now).await.unwrap();
    silent
}

fn rows_of(silent: &Silent, asked: &PanelAsk, now: i64) -> Vec<SilentCategoryRow> {
    let rows = with_panel(asked, now, |panel| silent.rows(panel, &Live::default(), 100));
    let row = |values: RowValues| if let RowValues::SilentCategory(row) = values { *row } else { panic!("of another kind") };
    rows.into_iter().map(|part| row(part.values)).collect()
}

fn rows(silent: &Silent, (from, to): (i64, i64), now: i64) -> Vec<SilentCategoryRow> {
    rows_of(silent, &ask(SilentCategoryRows, &[], from, to), now)
}

fn names(rows: &[SilentCategoryRow]) -> Vec<&str> {
    rows.iter().map(|row| row.source_category.as_str()).collect()
}

#[tokio::test]
async fn what_was_there_yesterday_and_is_not_today_is_listed_and_what_is_new_today_is_not() {
    let (_dir, db) = database().await;
    let now = T;
    came(&db, "continuous", "yesterday", 0, (0..20).map(|n| T - 47 * HOUR + n * HOUR)).await;
    came(&db, "continuous", "today", 0, [T - 5 * HOUR, T - 4 * HOUR]).await;
    came(&db, "continuous", "always", 0, (0..48).map(|n| T - 48 * HOUR + n * HOUR + 7 * MINUTE)).await;
    let silent = read(&db, now).await;
    let told = rows(&silent, (T - DAY, T), now);
    assert_eq!(names(&told), ["yesterday"]);
    let row = &told[0];
    // The last came at T − 28 h, in the 5 minutes that began then; 20 times in the day before, every hour.
    assert_eq!((row.last_seen, row.back, row.bytes_before, row.cadence_s), (T - 28 * HOUR + 5 * MINUTE, None, 20_000, Some(3600)));
    assert_eq!((row.tier.as_str(), row.acknowledged_by.as_deref()), ("continuous", None));
    // A day and 5 minutes after it fell silent it is, a moment before it is not yet.
    let at = |now: i64| names(&rows(&silent, (now - DAY, now), now)).contains(&"yesterday");
    assert!(!at(T - 4 * HOUR) && at(T - 4 * HOUR + 1));
    // 30 days later it is still missed; then it is gone.
    let later = T + 3 * DAY;
    assert!(names(&rows(&silent, (later - DAY, later), later)).contains(&"yesterday"));
    let gone = T + 31 * DAY;
    assert!(!names(&rows(&silent, (gone - DAY, gone), gone)).contains(&"yesterday"));
}

#[tokio::test]
async fn a_gap_that_ended_is_listed_where_a_whole_day_of_it_is_in_the_range() {
    let (_dir, db) = database().await;
    let (fell, back) = (T - 6 * DAY + 10 * MINUTE, T - 4 * DAY + 20 * MINUTE);
    let hourly = |from: i64, to: i64| (0..).map(move |n| from + n * HOUR).take_while(move |at| *at < to);
    came(&db, "frequent", "gap", 0, hourly(fell - 3 * DAY, fell + 1).chain(hourly(back, T))).await;
    let silent = read(&db, T).await;
    let week = rows(&silent, (T - 7 * DAY, T), T);
    assert_eq!(names(&week), ["gap"]);
    assert_eq!((week[0].last_seen, week[0].back), (fell + 5 * MINUTE, Some(back)));
    assert_eq!(names(&rows(&silent, (T - DAY, T), T)), [""; 0]);
    // 23 hours of it.
    assert_eq!(names(&rows(&silent, (back - 23 * HOUR, T), T)), [""; 0]);
    assert_eq!(names(&rows(&silent, (back - 24 * HOUR, T), T)), ["gap"]);
    // As of then it was silent, and came back later.
    let then = rows(&silent, (T - 6 * DAY, T - 4 * DAY), T);
    assert_eq!((names(&then), then[0].back), (vec!["gap"], Some(back)));
}

#[tokio::test]
async fn what_is_known_is_not_listed_until_it_falls_silent_again() {
    let (_dir, db) = database().await;
    came(&db, "infrequent", "quiet", 0, [T, T + HOUR]).await;
    let mut silent = read(&db, T + 2 * HOUR).await;
    let week = |silent: &Silent, now: i64| rows(silent, (now - 7 * DAY, now), now);
    let now = T + 2 * DAY;
    silent.refresh(&db, now).await.unwrap();
    let last_seen = week(&silent, now)[0].last_seen;
    assert_eq!(last_seen, T + HOUR + 5 * MINUTE);
    let known =
        format!("insert into silence_known (tier, category, last_seen, ack_by, ack_time) values ('infrequent', 'quiet', {last_seen}, 'ana', {now})");
    run(&db, &[known]).await;
    silent.refresh(&db, now).await.unwrap();
    assert!(week(&silent, now).is_empty());
    // It comes back, and falls silent again.
    came(&db, "infrequent", "quiet", 0, [T + 3 * DAY]).await;
    let now = T + 3 * DAY + HOUR;
    silent.refresh(&db, now).await.unwrap();
    assert!(week(&silent, now).is_empty(), "the gap that ended is known");
    let again = week(&silent, T + 5 * DAY);
    assert_eq!((again.len(), again[0].last_seen), (1, T + 3 * DAY + 5 * MINUTE));
}

#[tokio::test]
async fn tiers_are_told_apart_and_cse_stands_for_itself() {
    let (_dir, db) = database().await;
    came(&db, "continuous", "both", 1, [T - 30 * HOUR]).await;
    came(&db, "frequent", "both", 0, [T - HOUR]).await;
    run(&db, &["update meter set stored = 0, failed = 0, bytes = 0 where tier = 'frequent'".into()]).await;
    let silent = read(&db, T).await;
    let of = |tiers: &[VolumeTier]| {
        let asked = PanelAsk { tiers: tiers.to_vec(), ..ask(SilentCategoryRows, &[], T - DAY, T) };
        rows_of(&silent, &asked, T).into_iter().map(|row| row.tier).collect::<Vec<_>>()
    };
    assert_eq!(of(&[]), ["continuous"], "what was only dropped is nothing");
    assert_eq!(of(&[VolumeTier::Frequent]), [""; 0]);
    assert_eq!(of(&[VolumeTier::Cse]), ["cse"]);
}

#[tokio::test]
async fn what_came_a_moment_ago_was_heard_though_it_is_in_no_meter() {
    let (_dir, db) = database().await;
    came(&db, "frequent", "back", 0, [T - 30 * HOUR]).await;
    let silent = read(&db, T).await;
    let asked = ask(SilentCategoryRows, &[], T - 7 * DAY, T);
    assert_eq!(rows_of(&silent, &asked, T)[0].back, None);
    let label = Label { tier: VolumeTier::Frequent, category: Some("back".into()), collector: None, source: None, cse: false };
    let live = Live { volume: vec![(T - 5 * MINUTE, label, [10, 1])], ..Live::default() };
    let told = |from: i64| with_panel(&PanelAsk { from, ..asked.clone() }, T, |panel| silent.rows(panel, &live, 9));
    assert!(matches!(&told(asked.from)[0].values, RowValues::SilentCategory(row) if row.back == Some(T - 5 * MINUTE) && row.bytes_before == 1000));
    assert_eq!(told(T - DAY).len(), 0, "less than a day of it is in the range");
}

#[tokio::test]
async fn what_is_read_bit_by_bit_is_what_is_read_at_once() {
    let (_dir, db) = database().await;
    let mut silent = Silent::default();
    let times = [0, 5, 6, 40, 41, 90, 300, 301, 302, 350].map(|hours| T + hours * HOUR + hours % 7 * 5 * MINUTE);
    for at in times {
        came(&db, "continuous", "bits", 1, [at]).await;
        silent.refresh(&db, at + HOUR).await.unwrap();
    }
    let whole = read(&db, T + 351 * HOUR).await;
    assert_eq!(silent.categories, whole.categories);
    assert_eq!(silent.told.len(), whole.told.len());
    assert_eq!(whole.categories.len(), 2, "the tier and cse");
    assert!(whole.bytes() > 0);
}

#[tokio::test]
async fn long_ago_the_hour_is_all_there_is() {
    let (_dir, db) = database().await;
    let old = T - 60 * DAY;
    came(&db, "continuous", "old", 0, [old, old + 25 * HOUR + 50 * MINUTE, T]).await;
    run(&db, &[format!("delete from meter where grain = 300 and bucket < {}", T - 35 * DAY)]).await;
    let silent = read(&db, T + HOUR).await;
    let gaps = &silent.categories.values().next().unwrap().gaps;
    // From the end of the hour, and to its start: 25 h − 55 min is a day and 5 minutes.
    let first = Gap { last: old + 55 * MINUTE, next: old + 25 * HOUR };
    assert_eq!(gaps[0], first);
    assert_eq!(gaps[1], Gap { last: old + 25 * HOUR + 55 * MINUTE, next: T });
}

proptest! {
    #[test]
    fn a_silence_is_what_walking_over_all_five_minutes_finds(
        steps in prop::collection::btree_set(0_i64..4_000, 1..40), order in any::<u64>(), from in 0_i64..3_000, length in 1_i64..3_000, now in 0_i64..5_000,
    ) {
        let (day, missed) = (288, 30 * 288);
        let mut shuffled: Vec<i64> = steps.iter().copied().collect();
        let len = shuffled.len();
        for at in 0..len {
            shuffled.swap(at, (order.rotate_left(at as u32) % len as u64) as usize);
        }
        let mut category = Category::first_heard(shuffled[0] * BUCKET_US);
        shuffled.iter().for_each(|step| category.heard(step * BUCKET_US));
        // Only a first time that comes later makes a gap before it; sorted is how the tables are read.
        let mut sorted = Category::first_heard(steps.first().unwrap() * BUCKET_US);
        steps.iter().for_each(|step| sorted.heard(step * BUCKET_US));
        if shuffled[0] == *steps.first().unwrap() {
            prop_assert_eq!(&category, &sorted);
        }
        let (to, all) = (from + length, steps.iter().copied().collect::<Vec<_>>());
        let end = to.min(now);
        let next = |last: i64| all.iter().copied().find(|step| *step > last);
        let before = all.iter().copied().rfind(|step| *step < end);
        let expected = match before {
            Some(last) if last + day < end => (last >= from - missed).then_some((last, next(last))),
            _ => all.windows(2).rev().map(|pair| (pair[0], pair[1])).find(|(last, next)| {
                *next < end && next - last > day && next - (last + 1).max(from) >= day
            }).map(|(last, next)| (last, Some(next))),
        };
        let expected = expected.map(|(last, next)| Silence { last: last * BUCKET_US, next: next.map(|at| at * BUCKET_US) });
        prop_assert_eq!(sorted.silence(from * BUCKET_US, to * BUCKET_US, now * BUCKET_US), expected);
    }
}
