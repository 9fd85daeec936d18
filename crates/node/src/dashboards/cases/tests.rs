//! Numbers worked out by hand, of investigations as their writers write them.

use super::Cases;
use crate::dashboards::asking::{HOUR, MINUTE, T, ask, counted, database, numbers, run};
use bailiwick_api::dashboards::{
    Measure::{self, *},
    PanelAsk,
    PanelDimension::{self, Org, Priority, Status, User},
    Sample,
};
use bailiwick_chassis::sql::Db;
use std::collections::BTreeMap;

fn investigation(id: &str, source: &str, status: &str, created: i64) -> String {
    format!(
        "insert into investigation (id, version, title, status, priority, disposition, source, created, updated, closed) \
         values ('{id}', 1, '{id}', '{status}', 3, 'UNDECIDED', '{source}', {created}, {created}, {})",
        if status == "CLOSED" { created.to_string() } else { "null".into() }
    )
}

fn entry(id: &str, time: i64, actor: &str, field: &str, from: &str, to: &str) -> String {
    format!(
        "insert into history (investigation, time, actor, field, value_from, value_to) values ('{id}', {time}, '{actor}', '{field}', '{from}', '{to}')"
    )
}

/// A change of status, in the row and in its history.
fn moved(id: &str, time: i64, actor: &str, from: &str, to: &str) -> [String; 2] {
    [format!("update investigation set status = '{to}', version = version + 1 where id = '{id}'"), entry(id, time, actor, "status", from, to)]
}

fn signal(id: &str, investigation: &str, event_time: i64) -> String {
    format!(
        "insert into signal (id, rule, name, level, severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched, message, \
         tags, investigation) values ('{id}', 'r', 'r', 'high', 7, 'hostname', 'dc01', '{id}', {event_time}, {event_time}, '[]', '[]', '', '[]', \
         '{investigation}')"
    )
}

async fn read(db: &Db) -> Cases {
    let mut cases = Cases::default();
    cases.refresh(db).await.unwrap();
    cases
}

fn count(cases: &Cases, asked: &PanelAsk) -> BTreeMap<String, Vec<f64>> {
    numbers(&counted(asked, |panel, into| cases.count(panel, into)))
}

/// The number of one measure, nothing told apart.
fn total(cases: &Cases, measure: Measure, from: i64, to: i64) -> f64 {
    count(cases, &ask(measure, &[], from, to)).values().flatten().sum()
}

fn by(cases: &Cases, measure: Measure, dimension: PanelDimension, from: i64, to: i64) -> Vec<(String, f64)> {
    count(cases, &ask(measure, &[dimension], from, to)).into_iter().map(|(key, values)| (key, values[0])).collect()
}

/// Samples by what they are told apart by: how many, and their sum.
fn samples(cases: &Cases, measure: Measure, group_by: &[PanelDimension], from: i64, to: i64) -> Vec<(String, u64, f64)> {
    let part = counted(&ask(measure, group_by, from, to), |panel, into| cases.count(panel, into));
    let told = |sample: &Sample| (sample.count, sample.sum);
    let mut found: Vec<_> = part.groups.iter().map(|group| (group.key.concat_all(), told(&group.samples[0]))).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.into_iter().map(|(key, (count, sum))| (key, count, sum)).collect()
}

trait ConcatAll {
    fn concat_all(&self) -> String;
}

impl ConcatAll for Vec<Option<String>> {
    fn concat_all(&self) -> String {
        self.iter().map(|value| value.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(" ")
    }
}

/// An insight that was changed five times and closed once: opened at `T`, answered after 10 minutes, closed after an hour.
fn worked() -> Vec<String> {
    let mut all = vec![
        investigation("a", "ALERT", "OPEN", T),
        entry("a", T, "correlation", "opened", "", "a"),
        entry("a", T, "correlation", "signal", "", "another"),
        signal("s1", "a", T - 5 * MINUTE),
        signal("s2", "a", T - 2 * MINUTE),
        entry("a", T + 9 * MINUTE, "correlation", "signal", "", "third"),
    ];
    all.extend(moved("a", T + 10 * MINUTE, "ana@mssp.example", "OPEN", "INVESTIGATING"));
    all.push(entry("a", T + 12 * MINUTE, "ana@mssp.example", "assignee", "", "ana@mssp.example"));
    all.push(entry("a", T + 13 * MINUTE, "ana@mssp.example", "tags", "", "vip"));
    all.push(entry("a", T + 15 * MINUTE, "bob@mssp.example", "comment", "", "PUBLIC"));
    all.extend(moved("a", T + HOUR, "bob@mssp.example", "INVESTIGATING", "CLOSED"));
    all.push(entry("a", T + HOUR, "bob@mssp.example", "disposition", "UNDECIDED", "BENIGN"));
    all
}

#[tokio::test]
async fn an_insight_changed_five_times_and_closed_once_counts_once_everywhere() {
    let (_dir, db) = database().await;
    run(&db, &worked()).await;
    let cases = read(&db).await;
    let (from, to) = (T, T + 2 * HOUR);
    let totals = [InsightsCreated, InsightsUpdated, InsightsClosed].map(|measure| total(&cases, measure, from, to));
    assert_eq!(totals, [1.0; 3]);
    assert_eq!(by(&cases, InsightsUpdated, Org, from, to), [("acme-1".to_owned(), 1.0)]);
    assert_eq!(by(&cases, InsightsStatus, Status, from, to), [("CLOSED".to_owned(), 1.0)]);
    assert_eq!(by(&cases, InsightsClosed, User, from, to), [("bob@mssp.example".to_owned(), 1.0)]);
    assert_eq!(by(&cases, InsightsCreated, Priority, from, to), [("HIGH".to_owned(), 1.0)]);
    assert_eq!(samples(&cases, TimeToDetect, &[], from, to), [(String::new(), 1, 300.0)]);
    assert_eq!(samples(&cases, TimeToRespond, &[User], from, to), [("ana@mssp.example".to_owned(), 1, 600.0)]);
    assert_eq!(samples(&cases, TimeToProgress, &[], from, to), [(String::new(), 1, 600.0)]);
    assert_eq!(samples(&cases, TimeToRemediate, &[Org, User], from, to), [("acme-1 bob@mssp.example".to_owned(), 1, 3600.0)]);
    // Before it was closed.
    let early = T + 30 * MINUTE;
    assert_eq!([InsightsUpdated, InsightsClosed].map(|measure| total(&cases, measure, T, early)), [1.0, 0.0]);
    assert_eq!(by(&cases, InsightsStatus, Status, T, early), [("INVESTIGATING".to_owned(), 1.0)]);
    assert!(samples(&cases, TimeToRemediate, &[], T, early).is_empty(), "none is not zero");
    // After it was opened: what ended in the range counts, whenever it began.
    let late = T + HOUR;
    assert_eq!([InsightsCreated, InsightsUpdated, InsightsClosed].map(|measure| total(&cases, measure, late, to)), [0.0, 1.0, 1.0]);
    assert_eq!(samples(&cases, TimeToRemediate, &[], late, to), [(String::new(), 1, 3600.0)]);
    assert!(samples(&cases, TimeToRespond, &[], late, to).is_empty());
    assert_eq!(total(&cases, InsightsClosed, T, late), 0.0, "the end is exclusive");
}

#[tokio::test]
async fn in_each_bucket_it_counts_once_with_the_status_it_had_at_its_end() {
    let (_dir, db) = database().await;
    run(&db, &worked()).await;
    let cases = read(&db).await;
    let edges = vec![T - HOUR, T, T + 11 * MINUTE, T + 30 * MINUTE, T + 2 * HOUR];
    let over = |measure, group_by: &[PanelDimension]| PanelAsk { edges: edges.clone(), ..ask(measure, group_by, T - HOUR, T + 2 * HOUR) };
    assert_eq!(count(&cases, &over(InsightsUpdated, &[])).into_values().next().unwrap(), [0.0, 1.0, 1.0, 1.0]);
    assert_eq!(count(&cases, &over(InsightsClosed, &[])).into_values().next().unwrap(), [0.0, 0.0, 0.0, 1.0]);
    let status = count(&cases, &over(InsightsStatus, &[Status]));
    assert_eq!(status["INVESTIGATING"], [0.0, 1.0, 1.0, 0.0]);
    assert_eq!(status["CLOSED"], [0.0, 0.0, 0.0, 1.0]);
    assert!(!status.contains_key("OPEN"));
}

#[tokio::test]
async fn the_last_closing_counts_and_an_open_one_is_not_remediated() {
    let (_dir, db) = database().await;
    let mut cases = Cases::default();
    let opened = [investigation("a", "ALERT", "OPEN", T), entry("a", T, "correlation", "opened", "", "a")];
    run(&db, &opened).await;
    cases.refresh(&db).await.unwrap();
    run(&db, &moved("a", T + HOUR, "ana@mssp.example", "OPEN", "CLOSED")).await;
    cases.refresh(&db).await.unwrap();
    let (from, to) = (T, T + 10 * HOUR);
    assert_eq!(samples(&cases, TimeToRemediate, &[], from, to), [(String::new(), 1, 3600.0)]);
    run(&db, &moved("a", T + 2 * HOUR, "bob@mssp.example", "CLOSED", "OPEN")).await;
    cases.refresh(&db).await.unwrap();
    assert!(samples(&cases, TimeToRemediate, &[], from, to).is_empty());
    assert_eq!(by(&cases, InsightsClosed, User, from, to), [("ana@mssp.example".to_owned(), 1.0)], "it was closed all the same");
    run(&db, &moved("a", T + 5 * HOUR, "bob@mssp.example", "OPEN", "CLOSED")).await;
    cases.refresh(&db).await.unwrap();
    assert_eq!(samples(&cases, TimeToRemediate, &[User], from, to), [("bob@mssp.example".to_owned(), 1, 18_000.0)]);
    assert!(samples(&cases, TimeToRemediate, &[], T, T + 3 * HOUR).is_empty(), "by the last closing");
    assert_eq!(by(&cases, InsightsClosed, User, from, to), [("bob@mssp.example".to_owned(), 1.0)]);
    assert_eq!(by(&cases, InsightsClosed, User, T, T + 3 * HOUR), [("ana@mssp.example".to_owned(), 1.0)]);
    assert_eq!(samples(&cases, TimeToRespond, &[], from, to), [(String::new(), 1, 3600.0)]);
}

#[tokio::test]
async fn what_nobody_did_is_no_answer_but_a_change() {
    let (_dir, db) = database().await;
    let mut all = vec![
        investigation("a", "ALERT", "OPEN", T),
        entry("a", T, "correlation", "opened", "", "a"),
        entry("a", T + MINUTE, "correlation", "priority", "LOW", "HIGH"),
        entry("a", T + 2 * MINUTE, "scanner", "attachment_infected", "", "x.exe"),
    ];
    all.extend(moved("a", T + 3 * MINUTE, "playbook", "OPEN", "CLOSED"));
    run(&db, &all).await;
    let mut cases = read(&db).await;
    let (from, to) = (T, T + HOUR);
    assert_eq!(total(&cases, InsightsUpdated, from, to), 1.0);
    assert!(samples(&cases, TimeToRespond, &[], from, to).is_empty());
    assert_eq!(by(&cases, InsightsClosed, User, from, to), [("automation".to_owned(), 1.0)]);
    run(&db, &[entry("a", T + 30 * MINUTE, "ana@mssp.example", "comment", "", "PUBLIC")]).await;
    cases.refresh(&db).await.unwrap();
    assert_eq!(samples(&cases, TimeToRespond, &[User], from, to), [("ana@mssp.example".to_owned(), 1, 1800.0)]);
}

#[tokio::test]
async fn what_was_merged_away_is_closed_and_the_survivor_changed() {
    let (_dir, db) = database().await;
    let mut all = Vec::new();
    for (id, at) in [("gone", T), ("stays", T + MINUTE)] {
        all.extend([investigation(id, "ALERT", "OPEN", at), entry(id, at, "correlation", "opened", "", id)]);
    }
    let at = T + 20 * MINUTE;
    all.extend(moved("gone", at, "ana@mssp.example", "OPEN", "CLOSED"));
    all.push(entry("gone", at, "ana@mssp.example", "disposition", "UNDECIDED", "NOT_APPLICABLE"));
    all.push(entry("gone", at, "ana@mssp.example", "merged_into", "", "stays"));
    all.push(entry("stays", at, "ana@mssp.example", "merged", "", "gone"));
    run(&db, &all).await;
    let cases = read(&db).await;
    let totals = [InsightsCreated, InsightsUpdated, InsightsClosed].map(|measure| total(&cases, measure, T, T + HOUR));
    assert_eq!(totals, [2.0, 2.0, 1.0]);
    assert_eq!(samples(&cases, TimeToRespond, &[], T, T + HOUR), [(String::new(), 2, 1200.0 + 1140.0)]);
    assert_eq!(samples(&cases, TimeToRemediate, &[], T, T + HOUR), [(String::new(), 1, 1200.0)]);
}

#[tokio::test]
async fn those_opened_by_hand_count_and_what_they_were_opened_with_is_no_change() {
    let (_dir, db) = database().await;
    let ana = "ana@mssp.example";
    let mut all = vec![investigation("hand", "USER", "CLOSED", T), entry("hand", T, ana, "opened", "", "hand")];
    all.extend(["evidence", "comment", "signal", "priority"].map(|field| entry("hand", T, ana, field, "", "x")));
    all.extend([investigation("hunt", "HUNT", "OPEN", T), entry("hunt", T, ana, "opened", "", "hunt")]);
    all.extend(moved("hunt", T + MINUTE, ana, "OPEN", "CLOSED"));
    run(&db, &all).await;
    let mut cases = read(&db).await;
    let totals = |cases: &Cases| [InsightsCreated, InsightsUpdated, InsightsClosed].map(|measure| total(cases, measure, T, T + HOUR));
    assert_eq!(totals(&cases), [1.0, 0.0, 1.0], "closed at once; others than those of correlation and people are left out");
    assert_eq!(samples(&cases, TimeToRemediate, &[], T, T + HOUR), [(String::new(), 1, 0.0)]);
    assert!(samples(&cases, TimeToDetect, &[], T, T + HOUR).is_empty(), "without signals there is no first record");
    assert!(samples(&cases, TimeToRespond, &[], T, T + HOUR).is_empty(), "opening it is no answer to it");
    run(&db, &moved("hand", T + 10 * MINUTE, ana, "CLOSED", "INVESTIGATING")).await;
    cases.refresh(&db).await.unwrap();
    assert_eq!(totals(&cases), [1.0, 1.0, 1.0]);
    assert_eq!(by(&cases, InsightsStatus, Status, T, T + MINUTE), [("CLOSED".to_owned(), 1.0)]);
    assert!(samples(&cases, TimeToRemediate, &[], T, T + HOUR).is_empty());
    assert_eq!(samples(&cases, TimeToProgress, &[], T, T + HOUR), [(String::new(), 1, 600.0)]);
}

#[tokio::test]
async fn signals_that_come_later_and_rows_that_go_are_noticed() {
    let (_dir, db) = database().await;
    run(&db, &worked()).await;
    let mut cases = read(&db).await;
    // A record of long ago that came late joins, as correlation has it: the row moves.
    run(&db, &[signal("s3", "a", T - HOUR), "update investigation set signal_count = 3 where id = 'a'".into()]).await;
    cases.refresh(&db).await.unwrap();
    assert_eq!(samples(&cases, TimeToDetect, &[], T, T + HOUR), [(String::new(), 1, 3600.0)]);
    // A clock of senders that is ahead makes no negative time.
    run(&db, &[format!("update signal set event_time = {}", T + MINUTE), "update investigation set signal_count = 4 where id = 'a'".into()]).await;
    cases.refresh(&db).await.unwrap();
    assert_eq!(samples(&cases, TimeToDetect, &[], T, T + HOUR), [(String::new(), 1, 0.0)]);
    let before = cases.bytes();
    run(&db, &[investigation("b", "ALERT", "OPEN", T), "delete from investigation where id = 'a'".into()]).await;
    cases.refresh(&db).await.unwrap();
    assert_eq!([InsightsCreated, InsightsUpdated, InsightsClosed].map(|measure| total(&cases, measure, T, T + 2 * HOUR)), [1.0, 0.0, 0.0]);
    assert!(cases.bytes() > 0 && before > 0);
}
