//! Matches to rows: nothing twice however often it is worked, limits of one rule, and how fast.

use crate::{
    detection::LiveDetection,
    pipeline::{detect::Detector, normalise::Entry},
    wal::Position,
};
use bailiwick_api::WorkspaceId;
use bailiwick_chassis::sql::Db;
use bailiwick_detect::{Detection, RuleSet, RuleSources, RuleState};
use bailiwick_event::{Entity, EntityKind, Fields, LogSource, Record, RecordType};
use bailiwick_lake::Row;
use sqlx::Row as _;
use std::sync::{Arc, Mutex};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/workspace");
const START_US: i64 = 1_760_000_000_000_000;
const OVER: &str = "title: Over\nid: over\nlevel: low\ncorrelation:\n  type: event_count\n  rules: [rule-0]\n  group-by: [host]\n  timespan: 1h\n  condition: {gte: 3}\n  generate: true\n";

fn rules(count: usize) -> Arc<RuleSet> {
    let detection = |n: usize| {
        let level = ["low", "medium", "high"][n % 3];
        format!("title: Rule {n}\nid: rule-{n}\nlevel: {level}\nlogsource: {{product: p}}\ndetection:\n  s: {{n: {n}}}\n  condition: s\n")
    };
    let mut texts: Vec<String> = (0..count).map(detection).collect();
    texts.push(OVER.to_owned());
    let (nothing, _) = RuleSet::load(&RuleSources::default()).expect("nothing to read");
    let (rules, report) = nothing.beside(vec![("r.yml".to_owned(), texts.join("---\n"))]);
    assert!(report.refused.is_empty(), "{:?}", report.refused);
    Arc::new(rules)
}

fn live(rules: &Arc<RuleSet>, failures: &Arc<Mutex<Vec<String>>>) -> Arc<LiveDetection> {
    let told = Arc::clone(failures);
    let told = move |_: &WorkspaceId, failure: &crate::detection::RuleFailure| {
        told.lock().expect("whole").push(format!("{}: {}", failure.rule_id, failure.reason));
    };
    LiveDetection::new(WorkspaceId("w".to_owned()), Detection::plain(Arc::clone(rules)), Vec::new(), Arc::new(told))
}

/// The entry of the n-th event: rule, host, user and address follow from its number.
fn entry(live: &LiveDetection, n: usize, rules: usize, hosts: usize) -> Entry {
    let (host, user) = (format!("host-{}", n * 7 % hosts), format!("user-{}", n * 13 % hosts));
    let fields = serde_json::json!({"n": n % rules, "host": host, "CommandLine": "powershell.exe -NoProfile -EncodedCommand SQBFAFgA"});
    let entity = |kind, value: &str| Entity { kind, value: value.to_owned(), scores: true };
    let record = Record {
        time: chrono::DateTime::from_timestamp_micros(START_US + n as i64 * 1_000).expect("a time"),
        time_rejected: None,
        record_type: RecordType::Audit,
        vendor: "v".to_owned(),
        product: "p".to_owned(),
        parser: "p".to_owned(),
        event_code: None,
        logsource: LogSource { product: Some("p".to_owned()), category: None, service: None },
        message: "a process was made on a host by somebody, with a command line that says much".to_owned(),
        fields: Fields::from_json(fields.as_object().cloned().expect("an object")),
        ecs: Fields::new(),
        entities: vec![entity(EntityKind::Host, &host), entity(EntityKind::User, &user)],
    };
    let hits = live.evaluate(&record);
    let at = Position { segment: 1, offset: n as u64 };
    let row = Row { id: format!("{:08x}{:08x}{:06x}", at.segment, at.offset, 0), ..Row::default() };
    let end = Position { offset: at.offset + 1, ..at };
    Entry { row: Arc::new(row), record: Box::new(record), hits, end, received: START_US + n as i64 * 1_000 }
}

async fn count(db: &Db, what: &str) -> i64 {
    let text = format!("select count(*) as n from {what}");
    sqlx::query(sqlx::AssertSqlSafe(text)).fetch_one(db.pool()).await.expect("counted").try_get("n").expect("a number")
}

async fn work(detector: &mut Detector, entries: &[Entry]) {
    let prepared = detector.prepare(entries);
    let end = entries.last().expect("entries").end;
    detector.commit(&prepared, end, START_US + 3_600_000_000).await.expect("committed");
}

struct Bench {
    _dir: tempfile::TempDir,
    db: Db,
    live: Arc<LiveDetection>,
    failures: Arc<Mutex<Vec<String>>>,
}

async fn bench(rule_count: usize) -> Bench {
    let dir = tempfile::tempdir().expect("a folder");
    let db = Db::file(&dir.path().join("workspace.db"), &MIGRATIONS, 2).await.expect("opens");
    let failures = Arc::default();
    let live = live(&rules(rule_count), &failures);
    Bench { _dir: dir, db, live, failures }
}

impl Bench {
    async fn detector(&self, detected: Position) -> Detector {
        Detector::load(self.db.clone(), Arc::clone(&self.live), detected).await.expect("loads")
    }
}

/// What is stored, as text: two ways of working the same log must give the same.
async fn stored(db: &Db) -> Vec<String> {
    let mut all = Vec::new();
    for text in [
        "select id || ' ' || severity || ' ' || coalesce(suppressed, '-') || ' ' || coalesce(investigation, '-') as line from signal order by rowid",
        "select id || ' ' || title || ' ' || priority || ' ' || signal_count as line from investigation order by id",
        "select entity_type || entity_value || ' ' || name || ' ' || first || ' ' || last as line from quiet order by 1",
        "select entity_type || entity_value || ' ' || signals as line from entity order by 1",
        "select rule || ' ' || hour || ' ' || hits || ' ' || signals as line from rule_hour order by 1",
        "select investigation || ' ' || field || ' ' || coalesce(value_to, '') as line from history order by id",
    ] {
        for row in sqlx::query(text).fetch_all(db.pool()).await.expect("read") {
            all.push(row.try_get("line").expect("text"));
        }
    }
    all
}

#[tokio::test]
async fn the_same_log_gives_the_same_rows_in_any_groups_and_over_restarts_and_again() {
    let (whole, parts) = (bench(9).await, bench(9).await);
    let entries: Vec<Entry> = (0..600).map(|n| entry(&whole.live, n, 9, 20)).collect();
    work(&mut whole.detector(Position::default()).await, &entries).await;
    let mut detected = Position::default();
    for (at, group) in entries.chunks(37).enumerate() {
        // Every third time the node ends after the signals are written and before the cursor and what moves with it are.
        let lost = at % 3 == 2;
        let saved = ["window_hit", "rule_hour"];
        if lost {
            for table in saved {
                run(&parts.db, format!("create table saved_{table} as select * from {table} order by rowid")).await;
            }
        }
        let mut detector = parts.detector(detected).await;
        work(&mut detector, group).await;
        if lost {
            for table in saved {
                run(&parts.db, format!("delete from {table}")).await;
                run(&parts.db, format!("insert into {table} select * from saved_{table} order by rowid")).await;
                run(&parts.db, format!("drop table saved_{table}")).await;
            }
            work(&mut parts.detector(detected).await, group).await;
        }
        detected = detector.detected();
    }
    let expected = stored(&whole.db).await;
    assert!(count(&whole.db, "investigation").await > 5 && count(&whole.db, "signal where suppressed is null").await > 100);
    assert_eq!(stored(&parts.db).await, expected);
}

async fn run(db: &Db, text: String) {
    sqlx::query(sqlx::AssertSqlSafe(text)).execute(db.pool()).await.expect("done");
}

#[tokio::test]
async fn a_change_by_a_person_is_seen_by_the_next_slice() {
    let bench = bench(9).await;
    let mut detector = bench.detector(Position::default()).await;
    let entries: Vec<Entry> = (0..200).map(|n| entry(&bench.live, n, 9, 1)).collect();
    work(&mut detector, &entries[..100]).await;
    let open = count(&bench.db, "investigation").await;
    assert!(open >= 1);
    sqlx::query("update investigation set status = 'CLOSED'").execute(bench.db.pool()).await.expect("closed");
    sqlx::query("delete from quiet").execute(bench.db.pool()).await.expect("forgotten");
    let history = "insert into history (investigation, time, actor, field) select id, 1, 'ada', 'status' from investigation";
    sqlx::query(history).execute(bench.db.pool()).await.expect("told");
    work(&mut detector, &entries[100..]).await;
    assert!(count(&bench.db, "investigation").await > open, "a closed one takes no more, so another opens");
}

#[tokio::test]
async fn a_rule_that_fires_without_end_is_set_aside_alone_with_a_sample() {
    let bench = bench(2).await;
    // Two signals a match, and ten are left of this hour's.
    let text = "insert into rule_hour (rule, hour, hits, signals) values ('rule-0', $1, 49995, 99990)";
    sqlx::query(text).bind(START_US / 3_600_000_000).execute(bench.db.pool()).await.expect("counted");
    let mut detector = bench.detector(Position::default()).await;
    let entries: Vec<Entry> = (0..10).map(|n| Entry { received: START_US, ..entry(&bench.live, n, 1, 50) }).collect();
    work(&mut detector, &entries).await;
    assert_eq!(*bench.failures.lock().expect("whole"), ["rule-0: more than 100000 signals within an hour"]);
    assert_eq!(count(&bench.db, "signal where rule = 'rule-0'").await, 10);
    let row = sqlx::query("select state, reason, sample from rule_setting where rule = 'rule-0'").fetch_one(bench.db.pool()).await.expect("a row");
    let text = |name: &str| row.try_get::<String, _>(name).expect("text");
    assert!(text("state") == "failed" && text("reason").contains("100000") && text("sample").contains("command line"));
    assert_eq!(bench.live.current().setting("rule-0").state, RuleState::Failed);
    assert!(bench.live.failures().is_empty(), "it is written down");
    let other = Entry { received: START_US, ..entry(&bench.live, 61, 2, 50) };
    work(&mut detector, &[other]).await;
    assert_eq!(count(&bench.db, "signal where rule = 'rule-1'").await, 2, "the other goes on");
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// `cargo nextest run … -E 'test(signals_per_cpu_second)' --run-ignored all --no-capture`
#[tokio::test]
#[ignore = "a measurement"]
async fn signals_per_cpu_second() {
    let bench = bench(300).await;
    let mut detector = bench.detector(Position::default()).await;
    let entries: Vec<Entry> = (0..60_000).map(|n| entry(&bench.live, n, 300, 200)).collect();
    for _ in 0..3 {
        let shift = usize::try_from(count(&bench.db, "signal").await).expect("a count");
        let groups: Vec<&[Entry]> = entries.chunks(20_000).collect();
        let Some(part) = groups.get(shift / 40_000) else { break };
        let before = cpu_seconds().expect("Linux");
        for group in part.chunks(2_000) {
            work(&mut detector, group).await;
        }
        let spent = cpu_seconds().expect("Linux") - before;
        let made = usize::try_from(count(&bench.db, "signal").await).expect("a count") - shift;
        eprintln!("{made} signals in {spent:.2} s of processor time: {:.0} a second", made as f64 / spent);
    }
}

#[tokio::test]
async fn signals_beyond_a_throttle_are_held_back_and_counted_however_the_log_is_cut() {
    let mut told = Vec::new();
    for slice in [60, 7] {
        let bench = bench(60).await;
        // One host, one user, sixty rules within a second: each may have twenty signals that count.
        let entries: Vec<Entry> = (0..60).map(|n| entry(&bench.live, n, 60, 1)).collect();
        let (mut detected, mut took) = (Position::default(), false);
        for group in entries.chunks(slice) {
            // A new detector knows nothing but what is stored.
            let mut detector = bench.detector(detected).await;
            work(&mut detector, group).await;
            detected = detector.detected();
            took |= detector.took_held();
        }
        let counting = count(&bench.db, "signal where suppressed is null and entity_type = 'hostname'").await;
        let held = count(&bench.db, "signal where suppressed like 'throttled: more than 20 %'").await;
        assert!(took && counting == 20 && held == 80, "{counting} count, {held} are held back");
        let text = "select coalesce(sum(throttled), 0) as n from investigation";
        let row = sqlx::query(text).fetch_one(bench.db.pool()).await.expect("read");
        assert_eq!(row.try_get::<i64, _>("n").expect("a number"), held, "they are counted where they would have joined");
        told.push((stored(&bench.db).await, count(&bench.db, "held_back").await));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn what_was_taken_out_is_not_scored_again_and_what_was_merged_away_joins_the_survivor() {
    let bench = bench(9).await;
    let mut detector = bench.detector(Position::default()).await;
    let entries: Vec<Entry> = (0..9).map(|n| entry(&bench.live, n, 9, 1)).collect();
    work(&mut detector, &entries).await;
    assert_eq!(count(&bench.db, "investigation").await, 1);
    // A person takes everything out, and merges the empty case into another about something else.
    for text in [
        "update signal set investigation = null, unlinked = 1 where investigation is not null",
        "insert into investigation (id, version, title, status, priority, disposition, source, entity_type, entity_value, created, updated) \
         values ('survivor', 1, 'survivor', 'OPEN', 1, 'UNDECIDED', 'USER', 'hostname', 'other', 1, 1)",
        "update investigation set status = 'CLOSED', merged_into = 'survivor' where id <> 'survivor'",
        "delete from quiet",
        "insert into history (investigation, time, actor, field) values ('survivor', 1, 'ada', 'merged')",
    ] {
        run(&bench.db, text.to_owned()).await;
    }
    let later: Vec<Entry> = (9..12).map(|n| entry(&bench.live, n, 9, 1)).collect();
    work(&mut detector, &later).await;
    assert_eq!(count(&bench.db, "investigation").await, 2, "no third opens");
    assert_eq!(count(&bench.db, "signal where unlinked = 1 and investigation is not null").await, 0);
    assert!(count(&bench.db, "signal where investigation = 'survivor'").await >= 3);
}
