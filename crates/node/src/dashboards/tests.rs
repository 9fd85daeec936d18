//! What is counted out of memory beside plain sums over single things; and that memory stays right while a workspace closes and opens, and while
//! there is too little of it.

use super::{
    Digests,
    answer::{Part, Prepared, evaluate, needs},
    live::Unwritten,
    signals::{Within, within},
};
use crate::{
    meters::{self, Labels, SignalTally, Tally},
    wal::Position,
    workspaces::{BatchNote, Tail, TailRow},
};
use bailiwick_api::{
    WorkspaceId,
    dashboards::{Measure, PanelAsk, PanelDimension, PanelPart, Rates, RatesFrom, VolumeTier},
};
use bailiwick_chassis::{Clock, sql::Db};
use bailiwick_lake::Row;
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/workspace");
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const GB: u32 = 1 << 30;
/// 2025-10-09T08:00:00Z, and 53 minutes and 20 seconds later.
const EIGHT: i64 = 1_759_996_800_000_000;
const NOW: i64 = 1_760_000_000_000_000;

struct At(AtomicI64);

impl Clock for At {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

struct Scene {
    _dir: tempfile::TempDir,
    db: Db,
    digests: Digests,
    id: WorkspaceId,
}

/// Something that came: when, category, tier, fed to detection, bytes, and the reason where it failed.
type Came<'a> = (i64, &'a str, &'a str, bool, u32, Option<&'a str>);

fn tail_row(place: u64, (at, category, tier, cse, bytes, reason): Came<'_>) -> TailRow {
    let labels = Labels { name: format!("{category}-1"), category: category.into(), tier: tier.into(), cse, ..Labels::default() };
    let note = BatchNote {
        end: Position { segment: 1, offset: place },
        received: at,
        source: category.into(),
        labels,
        events: 1,
        dropped: Vec::new(),
        idempotency_key: None,
        event_ids: Vec::new(),
    };
    let row = Row {
        receipt_time: at,
        source_category: category.into(),
        reason_code: reason.map(|_| "PARSER_REJECTED".into()),
        reason: reason.map(str::to_owned),
        ..Row::default()
    };
    TailRow { row: Arc::new(row), note: Arc::new(note), bytes, field_bytes: 0 }
}

impl Scene {
    async fn start(limit: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::file(&dir.path().join("workspace.db"), &MIGRATIONS, 3).await.unwrap();
        let digests = Digests::new(limit, Arc::new(At(AtomicI64::new(NOW))));
        let scene = Self { _dir: dir, db, digests, id: "acme-1".into() };
        scene.open().await;
        scene
    }

    async fn open(&self) {
        self.digests.attach(&self.id, &self.db, None).await;
    }

    async fn close(&self) {
        self.digests.get(&self.id).unwrap().rest().await;
    }

    async fn came(&self, all: &[Came<'_>]) {
        let rows: Vec<TailRow> = all.iter().map(|came| tail_row(1, *came)).collect();
        let mut tx = self.db.begin().await.unwrap();
        meters::write(&mut tx, &Tally::of(&rows, [])).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn signals(&self, all: &[(i64, &str)]) {
        let mut tally = SignalTally::default();
        let mut tx = self.db.begin().await.unwrap();
        for (n, (at, state)) in all.iter().enumerate() {
            tally.add(*at, *state == "prototype", *state == "suppressed");
            let text = "insert into signal (id, rule, name, level, severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched, \
                        message, tags, suppressed, prototype) values ($1, 'r', 'n', 'low', 3, 'hostname', 'h', 'm', 1, $2, '[]', '[]', '', '[]', $3, $4)";
            let query = sqlx::query(text).bind(format!("s-{n}")).bind(*at).bind((*state == "suppressed").then_some("why"));
            query.bind(i64::from(*state == "prototype")).execute(&mut *tx).await.unwrap();
        }
        tally.write(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn ask_with(&self, asks: &[PanelAsk], rates: &[RatesFrom], unwritten: Unwritten) -> Vec<PanelPart> {
        let panels: Vec<Prepared> = asks.iter().map(|ask| Prepared::new(ask.clone(), NOW)).collect();
        let needs = Arc::new(needs(&panels, rates, NOW)).stored(unwritten.stored);
        let digest = self.digests.get(&self.id).unwrap().view(&needs).await.unwrap().expect("open, or all of it in memory");
        let cuts = panels.iter().flat_map(|panel| digest.signals.any(&panel.spans.cuts)).map(|cut| (cut.from, cut.to)).collect();
        let within: Within = within(&self.db, cuts).await.unwrap();
        let parts = [Part { workspace: self.id.clone(), rates: rates.to_vec(), digest, within, unwritten }];
        evaluate(&panels, &parts, NOW).0
    }

    async fn ask(&self, asks: &[PanelAsk]) -> Vec<PanelPart> {
        self.ask_with(asks, &[RatesFrom { from: 0, rates: Rates::default() }], Unwritten::default()).await
    }

    async fn total(&self, ask: PanelAsk) -> f64 {
        let told = self.ask(&[ask]).await.remove(0);
        assert_eq!(told.error, None);
        told.groups.iter().flat_map(|group| &group.values).sum()
    }
}

fn panel(measure: Measure, group_by: &[PanelDimension], from: i64, to: i64) -> PanelAsk {
    PanelAsk {
        id: measure.as_str().into(),
        measure,
        group_by: group_by.to_vec(),
        tiers: Vec::new(),
        from,
        to,
        edges: Vec::new(),
        outlier: None,
        unfinished: false,
        top: None,
        rows: 0,
        open_now: false,
    }
}

/// Groups as text and numbers, in order of the text.
fn groups(part: &PanelPart) -> BTreeMap<String, Vec<f64>> {
    assert_eq!(part.error, None);
    let key = |key: &[Option<String>]| key.iter().map(|value| value.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(" ");
    part.groups.iter().map(|group| (key(&group.key), group.values.clone())).collect()
}

fn said(all: &[(&str, &[f64])]) -> BTreeMap<String, Vec<f64>> {
    all.iter().map(|(key, values)| ((*key).to_owned(), values.to_vec())).collect()
}

/// Yesterday 08:07 and 08:56, an hour before eight, and ten past eight.
const DAY_OF: [Came<'static>; 4] = [
    (EIGHT - DAY + 7 * MINUTE, "a", "continuous", true, 1_000, None),
    (EIGHT - DAY + 56 * MINUTE, "a", "continuous", true, 500, Some("no")),
    (EIGHT - HOUR, "a", "continuous", true, GB, None),
    (EIGHT + 10 * MINUTE, "b", "frequent", false, 300, None),
];

#[tokio::test]
async fn a_day_that_ends_now_counts_by_tier_and_costs_what_its_rates_say() {
    let scene = Scene::start(1 << 30).await;
    scene.came(&DAY_OF).await;
    let gb = f64::from(GB);
    let (from, to) = (NOW - DAY, NOW);
    let by = |measure, group_by: &[PanelDimension]| panel(measure, group_by, from, to);
    let only_cse = PanelAsk { tiers: vec![VolumeTier::Cse], ..by(Measure::Events, &[]) };
    let asks = [
        by(Measure::Bytes, &[PanelDimension::Org]),
        by(Measure::Bytes, &[PanelDimension::Tier]),
        only_cse,
        by(Measure::Bytes, &[PanelDimension::SourceCategory]),
    ];
    let told = scene.ask(&asks).await;
    assert_eq!(groups(&told[0]), said(&[("acme-1", &[gb + 800.0])]), "in total cse stands apart");
    assert_eq!(groups(&told[1]), said(&[("continuous", &[gb + 500.0]), ("cse", &[gb + 500.0]), ("frequent", &[300.0])]));
    assert_eq!(groups(&told[2]), said(&[("", &[2.0])]));
    assert_eq!(groups(&told[3]), said(&[("a", &[gb + 500.0]), ("b", &[300.0])]));
    let rates = |from, continuous| RatesFrom { from, rates: Rates { continuous, ..Rates::default() } };
    let cards = [rates(EIGHT - 30 * DAY, 20.0), rates(EIGHT - HOUR, 10.0)];
    let credits = scene.ask_with(&[by(Measure::Credits, &[PanelDimension::Tier])], &cards, Unwritten::default()).await;
    let told = &groups(&credits[0]);
    assert!((told["continuous"][0] - (500.0 / gb * 20.0 + 10.0)).abs() < 1e-12, "{told:?}");
    assert!((told["cse"][0] - (gb + 500.0) / gb * 25.0).abs() < 1e-12);
    let later = [rates(EIGHT + DAY, 3.0)];
    let credits =
        scene.ask_with(&[PanelAsk { tiers: vec![VolumeTier::Continuous], ..by(Measure::Credits, &[]) }], &later, Unwritten::default()).await;
    assert!((credits[0].groups[0].values[0] - (gb + 500.0) / gb * 3.0).abs() < 1e-12, "the first card holds before its beginning");
}

#[tokio::test]
async fn buckets_of_a_zone_half_an_hour_off_end_at_the_half_hour() {
    let scene = Scene::start(1 << 30).await;
    let at = |minutes: i64, bytes| (EIGHT + minutes * MINUTE, "a", "continuous", false, bytes, None);
    scene.came(&[at(-91, 1), at(-90, 2), at(-60, 4), at(-31, 8), at(-30, 16), at(29, 32), at(30, 64)]).await;
    let edges = [-90, -30, 30].map(|minutes| EIGHT + minutes * MINUTE).to_vec();
    let ask = PanelAsk { edges, ..panel(Measure::Bytes, &[], EIGHT - DAY, NOW) };
    let told = scene.ask(&[ask]).await;
    assert_eq!(told[0].groups[0].values, [14.0, 48.0]);
}

#[tokio::test]
async fn failed_records_are_told_apart_by_all_that_is_known() {
    let scene = Scene::start(1 << 30).await;
    scene.came(&DAY_OF).await;
    scene.came(&[(EIGHT, "b", "frequent", false, 1, Some("no")), (EIGHT, "b", "frequent", false, 1, Some("never"))]).await;
    let by = [PanelDimension::Org, PanelDimension::SourceCategory, PanelDimension::Vendor, PanelDimension::ReasonCode, PanelDimension::Reason];
    let told = scene.ask(&[panel(Measure::FailedRecords, &by, NOW - DAY, NOW), panel(Measure::FailedRecords, &[], EIGHT, NOW)]).await;
    let one: &[f64] = &[1.0];
    let all = [("acme-1 a - PARSER_REJECTED no", one), ("acme-1 b - PARSER_REJECTED never", one), ("acme-1 b - PARSER_REJECTED no", one)];
    assert_eq!(groups(&told[0]), said(&all));
    assert_eq!(told[1].groups[0].values, [2.0]);
}

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 11).unwrap() % limit
    }
}

#[tokio::test]
async fn any_range_and_any_buckets_are_counted_as_plain_sums_count_them() {
    let (scene, mut chance) = (Scene::start(1 << 30).await, Chance(7));
    let facts: Vec<(i64, u32)> = (0..1_500).map(|n| (NOW - chance.below(30 * DAY), n)).collect();
    let came: Vec<Came<'_>> = facts.iter().map(|(at, n)| (*at, ["a", "b", "c"][*n as usize % 3], "continuous", false, 1 + n, None)).collect();
    scene.came(&came).await;
    let signals: Vec<(i64, &str)> = (0..1_500).map(|n| (NOW - chance.below(30 * DAY), ["active", "suppressed", "prototype"][n % 3])).collect();
    scene.signals(&signals).await;
    for _ in 0..60 {
        let (a, b) = (NOW - chance.below(32 * DAY), NOW - chance.below(32 * DAY));
        let grid = [1, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR][usize::try_from(chance.below(5)).unwrap()];
        let (from, to) = (a.min(b) / grid * grid, a.max(b) / grid * grid);
        let width = 1 + chance.below(3 * DAY) / grid * grid;
        let edges: Vec<i64> = (0..=20).map(|n| from - width / 2 + n * width).collect();
        let ask = |measure| PanelAsk { edges: edges.clone(), ..panel(measure, &[], from, to) };
        let told = scene.ask(&[ask(Measure::Bytes), ask(Measure::Signals)]).await;
        let plain = |things: Vec<(i64, f64)>| {
            let sum = |begin: i64, end: i64| {
                let inside = things.iter().filter(|(at, _)| (begin.max(from)..end.min(to)).contains(at));
                inside.map(|(_, number)| number).sum::<f64>()
            };
            edges.windows(2).map(|pair| sum(pair[0], pair[1])).collect::<Vec<_>>()
        };
        let volume = plain(facts.iter().map(|(at, n)| (at - at.rem_euclid(5 * MINUTE), f64::from(1 + n))).collect());
        let exact = plain(signals.iter().map(|(at, _)| (*at, 1.0)).collect());
        let row = |part: &PanelPart| part.groups.first().map_or(vec![0.0; 20], |group| group.values.clone());
        assert_eq!((row(&told[0]), row(&told[1])), (volume, exact), "{from} to {to} by {width}");
    }
    let told = scene.ask(&[panel(Measure::Signals, &[PanelDimension::State], NOW - 31 * DAY, NOW + 1)]).await;
    assert_eq!(groups(&told[0]), said(&[("active", &[500.0]), ("prototype", &[500.0]), ("suppressed", &[500.0])]));
}

#[tokio::test]
async fn what_is_older_than_its_grain_counts_where_the_next_one_begins() {
    let scene = Scene::start(1 << 30).await;
    let (forty, year) = (EIGHT - 40 * DAY, EIGHT - 365 * DAY);
    scene.came(&[(forty + 20 * MINUTE, "a", "continuous", false, 1, None), (year + 20 * MINUTE, "a", "continuous", false, 2, None)]).await;
    let from = async |from: i64| scene.total(panel(Measure::Bytes, &[], from, from + DAY)).await;
    assert_eq!((from(forty + 15 * MINUTE).await, from(forty + 20 * MINUTE).await), (1.0, 0.0), "by 15 minutes");
    assert_eq!((from(year).await, from(year + 5 * MINUTE).await), (2.0, 0.0), "by hours");
}

#[tokio::test]
async fn memory_follows_what_is_written_whenever_it_happened() {
    let scene = Scene::start(1 << 30).await;
    let all = || panel(Measure::Events, &[], NOW - 300 * DAY, NOW + 300 * DAY);
    scene.came(&DAY_OF).await;
    assert_eq!(scene.total(all()).await, 4.0);
    // Late, early, in a known bucket, and of a category that was not there.
    scene.came(&[DAY_OF[0], (NOW - 200 * DAY, "a", "continuous", false, 1, None), (NOW + 3 * DAY, "new", "infrequent", false, 1, None)]).await;
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(scene.total(all()).await, 7.0);
    let unaligned = panel(Measure::Events, &[], NOW - 200 * DAY - 7 * MINUTE, NOW + 300 * DAY);
    assert_eq!(scene.total(unaligned).await, 6.0, "an old hour counts where it begins");
}

#[tokio::test]
async fn a_digest_outlives_the_closing_and_sees_what_came_before_it() {
    let scene = Scene::start(1 << 30).await;
    scene.came(&DAY_OF).await;
    let all = || panel(Measure::Events, &[], NOW - 2 * DAY, NOW);
    assert_eq!(scene.total(all()).await, 4.0);
    scene.came(&DAY_OF[..1]).await;
    scene.close().await;
    assert_eq!(scene.total(all()).await, 5.0, "the last thing before it closed is in it");
    let held = scene.digests.get(&scene.id).unwrap();
    let far = needs(&[Prepared::new(panel(Measure::Bytes, &[], NOW - 400 * DAY, NOW), NOW)], &[], NOW);
    assert!(held.view(&far).await.unwrap().is_none(), "what is not in memory needs its database");
    scene.came(&DAY_OF[..2]).await;
    scene.open().await;
    assert_eq!(scene.total(all()).await, 7.0);
    // A node that starts anew.
    let again = Scene { digests: Digests::new(1 << 30, Arc::new(At(AtomicI64::new(NOW)))), ..scene };
    again.open().await;
    assert_eq!(again.total(all()).await, 7.0);
}

#[tokio::test]
async fn with_too_little_memory_numbers_are_right_and_nothing_is_kept() {
    let scene = Scene::start(100).await;
    scene.came(&DAY_OF).await;
    let all = || panel(Measure::Events, &[], NOW - 2 * DAY, NOW);
    assert_eq!(scene.total(all()).await, 4.0);
    assert!(scene.digests.get(&scene.id).unwrap().known(&super::Needs::default()).await.is_none());
    scene.came(&DAY_OF).await;
    assert_eq!(scene.total(all()).await, 8.0, "and it is read anew for each question");
    scene.close().await;
    assert!(scene.digests.get(&scene.id).unwrap().view(&super::Needs::default()).await.unwrap().is_none());
    assert_eq!(scene.digests.room.used.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn rows_in_no_file_are_counted_once_before_and_after_they_are_written() {
    let scene = Scene::start(1 << 30).await;
    let tail = Tail::beside(Vec::new());
    let rows: Vec<TailRow> = DAY_OF.iter().zip(1..).map(|(came, place)| tail_row(place, *came)).collect();
    tail.push(rows.clone(), rows.iter().map(|row| Arc::clone(&row.note)));
    let asks = [
        panel(Measure::Events, &[], NOW - 2 * DAY, NOW),
        panel(Measure::FailedRecords, &[], NOW - 2 * DAY, NOW),
        panel(Measure::Bytes, &[PanelDimension::Tier], NOW - DAY, NOW),
    ];
    let rates = [RatesFrom { from: 0, rates: Rates::default() }];
    let count = async |unwritten| {
        let told = scene.ask_with(&asks, &rates, unwritten).await;
        (told[0].groups[0].values[0], told[1].groups[0].values[0], groups(&told[2])["cse"][0])
    };
    let said = (4.0, 1.0, f64::from(GB) + 500.0);
    assert_eq!(count(Unwritten::of(&tail)).await, said);
    // The first two are written: the digest is a moment old, and has to notice.
    let due = tail.until(Position { segment: 1, offset: 2 });
    let before = Unwritten::of(&tail);
    let mut tx = scene.db.begin().await.unwrap();
    meters::write(&mut tx, &Tally::of(&due.rows, [])).await.unwrap();
    sqlx::query("insert into cursor (name, segment, position) values ('stored', 1, 2)").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(before).await, said, "written, and not yet out of memory");
    tail.flushed(&due, Vec::new());
    assert_eq!(count(Unwritten::of(&tail)).await, said);
}

#[tokio::test]
async fn the_newest_signals_are_in_memory_and_it_is_known_since_when_all_are() {
    let scene = Scene::start(1 << 30).await;
    let signals: Vec<(i64, &str)> = (0..40).map(|n| (EIGHT - n / 2 * MINUTE, "active")).collect();
    scene.signals(&signals).await;
    let digest = scene.digests.get(&scene.id).unwrap().view(&super::Needs::default()).await.unwrap().unwrap();
    // The 33rd newest and the 34th are of one moment, so 32 are known.
    let times = |from, to| digest.signals.recent(from, to).map(|all| all.map(|signal| signal.time).collect::<Vec<_>>());
    assert_eq!(times(EIGHT - 15 * MINUTE, EIGHT + 1).map(|all| all.len()), Some(32));
    assert_eq!(times(EIGHT - MINUTE, EIGHT), Some(vec![EIGHT - MINUTE; 2]));
    assert_eq!(times(EIGHT - 16 * MINUTE, EIGHT), None);
}

/// Facts of a workspace with five source categories over 90 days, by the hour.
async fn ninety_days(scene: &Scene) {
    let mut tx = scene.db.begin().await.unwrap();
    let text = "with recursive hour(at) as (select $1 union all select at + 3600000000 from hour where at < $2) \
                insert into meter (grain, bucket, source, name, category, collector, host, tier, cse, received, stored, failed, dropped, bytes, field_bytes, cse_bytes) \
                select 3600, at, c, c, c, '', '', 'continuous', 1, 9, 9, 0, 0, at % 1000003, 1, at % 1000003 from hour \
                cross join (select 'a' as c union all select 'b' union all select 'c' union all select 'd' union all select 'e')";
    sqlx::query(text).bind(EIGHT - 90 * DAY).bind(EIGHT).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn two_thousand_workspaces_are_counted_within_a_question() {
    let scene = Scene::start(1 << 30).await;
    ninety_days(&scene).await;
    let days: Vec<i64> = (0..=90).map(|day| EIGHT - day * DAY).rev().collect();
    let (from, to) = (days[0], EIGHT);
    let mut asks = Vec::new();
    for tier in [None, Some(VolumeTier::Continuous), Some(VolumeTier::Cse), Some(VolumeTier::Frequent), Some(VolumeTier::Infrequent)] {
        let one = PanelAsk { tiers: tier.into_iter().collect(), top: Some(10), ..panel(Measure::Bytes, &[PanelDimension::Org], from, to) };
        let trend = PanelAsk { edges: days.clone(), ..one.clone() };
        asks.extend([one, PanelAsk { outlier: Some(bailiwick_api::dashboards::Outlier::default()), ..trend.clone() }, trend]);
    }
    let panels: Vec<Prepared> = asks.into_iter().map(|ask| Prepared::new(ask, NOW)).collect();
    let digest = scene.digests.get(&scene.id).unwrap().view(&needs(&panels, &[], NOW)).await.unwrap().unwrap();
    assert!(digest.bytes() < 600_000, "{} bytes a workspace", digest.bytes());
    // Copies, so that they are not all of one place in memory; fewer, for a test.
    let copies: Vec<_> = (0..100).map(|_| Arc::new(super::Digest::clone(&digest))).collect();
    let one = |n: usize| {
        let (digest, unwritten) = (Arc::clone(&copies[n % copies.len()]), Unwritten::default());
        Part { workspace: format!("w-{n}").as_str().into(), rates: Vec::new(), digest, within: Within::new(), unwritten }
    };
    let parts: Vec<Part> = (0..2_000).map(one).collect();
    let begun = std::time::Instant::now();
    let (told, _) = evaluate(&panels, &parts, NOW);
    let took = begun.elapsed();
    eprintln!("15 panels of 2,000 workspaces: {took:?}, {} bytes each", digest.bytes());
    assert_eq!((told[0].groups.len(), told[0].rest.as_ref().map(|rest| rest.groups)), (10, Some(1_990)));
    assert!(told[1].groups.iter().all(|group| group.values.iter().sum::<f64>() == told[0].groups[0].values[0]));
    assert!(took < Duration::from_secs(5), "{took:?}");
}
