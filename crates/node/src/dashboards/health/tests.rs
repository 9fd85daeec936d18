//! Numbers worked out by hand, of issues and events as the state machine writes them.

use super::Health;
use crate::dashboards::asking::{DAY, HOUR, MINUTE, T, ask, counted, database, numbers, run, with_panel};
use bailiwick_api::dashboards::{
    HealthResourceRow,
    Measure::{self, *},
    PanelAsk,
    PanelDimension::{self, Error, Org, ResourceType, Severity, Tracker},
    RowValues,
};
use bailiwick_chassis::sql::Db;
use std::collections::BTreeMap;

/// An issue as it is now.
struct Issue<'a> {
    id: &'a str,
    resource: &'a str,
    tracker: &'a str,
    error: &'a str,
    opened: i64,
    since: i64,
    resolved: Option<i64>,
}

impl Issue<'_> {
    fn sql(&self) -> String {
        let Self { id, resource, tracker, error, opened, since, resolved } = self;
        let resolved = resolved.map_or("null".into(), |at| at.to_string());
        format!(
            "insert into health_issue (id, kind, resource, name, collector, collector_name, tracker, severity, error, description, opened, since, resolved) \
             values ('{id}', 'source', '{resource}', 'Firewall {resource}', 'c-1', 'Edge', '{tracker}', 'Error', '{error}', 'it does not work', {opened}, \
             {since}, {resolved}) on conflict (id) do update set error = excluded.error, since = excluded.since, resolved = excluded.resolved"
        )
    }

    fn event(&self, time: i64, status: &str, error: &str) -> String {
        let Self { id, resource, tracker, .. } = self;
        format!(
            "insert into health_event (id, issue, time, status, severity, tracker, error, description, kind, resource, name, collector, collector_name) \
             values ('e-{id}-{time}', '{id}', {time}, '{status}', 'Error', '{tracker}', '{error}', 'it does not work', 'source', '{resource}', \
             'Firewall {resource}', 'c-1', 'Edge')"
        )
    }
}

/// `old` broke two days ago and still is broken; `mended` was mended before the range; `twice` broke in the range, broke otherwise, and was mended.
async fn scene(db: &Db) {
    let old =
        Issue { id: "old", resource: "s-1", tracker: "source.silent", error: "SILENT", opened: T - 2 * DAY, since: T - 2 * DAY, resolved: None };
    let mended = Issue { id: "mended", resource: "s-2", resolved: Some(T - HOUR), since: T - HOUR, ..old };
    let twice = Issue {
        id: "twice",
        resource: "s-3",
        tracker: "source.unreachable",
        error: "B",
        opened: T + HOUR,
        since: T + 3 * HOUR,
        resolved: Some(T + 3 * HOUR),
    };
    run(
        db,
        &[
            old.event(T - 2 * DAY, "UnHealthy", "SILENT"),
            old.sql(),
            mended.event(T - 2 * DAY, "UnHealthy", "SILENT"),
            mended.event(T - HOUR, "Healthy", "SILENT"),
            mended.sql(),
            twice.event(T + HOUR, "UnHealthy", "A"),
            twice.event(T + 2 * HOUR, "UnHealthy", "B"),
            twice.event(T + 3 * HOUR, "Healthy", "B"),
            twice.sql(),
        ],
    )
    .await;
}

async fn read(db: &Db) -> Health {
    let mut health = Health::default();
    health.refresh(db).await.unwrap();
    health
}

fn count(health: &Health, asked: &PanelAsk) -> BTreeMap<String, Vec<f64>> {
    numbers(&counted(asked, |panel, into| health.count(panel, into)))
}

fn by(health: &Health, measure: Measure, group_by: &[PanelDimension], (from, to): (i64, i64)) -> Vec<(String, f64)> {
    count(health, &ask(measure, group_by, from, to)).into_iter().map(|(key, values)| (key, values[0])).collect()
}

fn rows(health: &Health, asked: &PanelAsk) -> Vec<HealthResourceRow> {
    let rows = with_panel(asked, i64::MAX, |panel| health.rows(panel, asked.rows as usize));
    let row = |values: RowValues| if let RowValues::HealthResource(row) = values { *row } else { panic!("of another kind") };
    rows.into_iter().map(|part| row(part.values)).collect()
}

#[tokio::test]
async fn what_broke_before_the_range_and_is_broken_counts_and_what_was_mended_before_does_not() {
    let (_dir, db) = database().await;
    scene(&db).await;
    let health = read(&db).await;
    let range = (T, T + DAY);
    assert_eq!(by(&health, HealthOrgs, &[], range), [(String::new(), 1.0)]);
    assert_eq!(by(&health, HealthResources, &[], range), [(String::new(), 2.0)], "s-1 and s-3");
    assert_eq!(by(&health, HealthResources, &[Tracker], range), [("source.silent".to_owned(), 1.0), ("source.unreachable".to_owned(), 1.0)]);
    assert_eq!(by(&health, HealthEvents, &[], range), [(String::new(), 2.0)], "what was mended is no event of this");
    let errors = [("source.unreachable A".to_owned(), 1.0), ("source.unreachable B".to_owned(), 1.0)];
    assert_eq!(by(&health, HealthEvents, &[Tracker, Error], range), errors);
    assert_eq!(by(&health, HealthEvents, &[Org, Severity, ResourceType], range), [("acme-1 Error source".to_owned(), 2.0)]);
    // Nothing was said in this hour, and something was broken.
    let quiet = (T, T + 30 * MINUTE);
    assert_eq!(by(&health, HealthResources, &[], quiet), [(String::new(), 1.0)]);
    assert_eq!(by(&health, HealthEvents, &[], quiet), []);
    // Long ago nothing was.
    assert_eq!(by(&health, HealthOrgs, &[], (T - 9 * DAY, T - 8 * DAY)), []);
    let now = PanelAsk { open_now: true, ..ask(HealthResources, &[], range.0, range.1) };
    assert_eq!(count(&health, &now)[""], [1.0]);
    assert_eq!(count(&health, &PanelAsk { open_now: true, ..ask(HealthEvents, &[], range.0, range.1) }).len(), 0);
}

#[tokio::test]
async fn in_each_bucket_counts_what_was_open_at_some_instant_of_it() {
    let (_dir, db) = database().await;
    scene(&db).await;
    let health = read(&db).await;
    let edges: Vec<i64> = (-3..=5).map(|hour| T + hour * HOUR).collect();
    let asked = |measure| PanelAsk { edges: edges.clone(), ..ask(measure, &[], T - 150 * MINUTE, T + 4 * HOUR) };
    // s-1 throughout; s-2 until an hour before T; s-3 from one to three hours after. The last hour is not asked for.
    assert_eq!(count(&health, &asked(HealthResources))[""], [2.0, 2.0, 2.0, 1.0, 2.0, 2.0, 2.0, 0.0]);
    assert_eq!(count(&health, &asked(HealthOrgs))[""], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    assert_eq!(count(&health, &asked(HealthEvents))[""], [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
}

#[tokio::test]
async fn rows_tell_first_and_last_time_and_whether_it_is_broken_now() {
    let (_dir, db) = database().await;
    scene(&db).await;
    let mut health = read(&db).await;
    let asked = ask(HealthResourceRows, &[], T, T + DAY);
    let told = rows(&health, &asked);
    assert_eq!(told.len(), 2);
    let (new, old) = (&told[0], &told[1]);
    assert_eq!((new.resource.as_str(), new.error.as_str(), new.events, new.open, new.since), ("Firewall s-3", "B", 2, false, None));
    assert_eq!((new.first_seen, new.last_seen), (T + HOUR, T + 2 * HOUR));
    assert_eq!((new.collector.as_deref(), new.collector_id.as_deref(), new.resource_type.as_str()), (Some("Edge"), Some("c-1"), "source"));
    assert_eq!((old.resource_id.as_str(), old.events, old.open, old.since), ("s-1", 0, true, Some(T - 2 * DAY)));
    assert_eq!((old.first_seen, old.last_seen), (T - 2 * DAY, T - 2 * DAY));
    let events = ask(HealthEventRows, &[], T, T + DAY);
    let times: Vec<i64> = with_panel(&events, i64::MAX, |panel| health.rows(panel, 10)).iter().map(|row| row.time).collect();
    assert_eq!(times, [T + 2 * HOUR, T + HOUR], "newest first");
    assert_eq!(rows(&health, &PanelAsk { rows: 1, ..asked.clone() })[0].resource, "Firewall s-3");
    // It is mended.
    let old = Issue {
        id: "old",
        resource: "s-1",
        tracker: "source.silent",
        error: "SILENT",
        opened: T - 2 * DAY,
        since: T + 4 * HOUR,
        resolved: Some(T + 4 * HOUR),
    };
    run(&db, &[old.event(T + 4 * HOUR, "Healthy", "SILENT"), old.sql()]).await;
    health.refresh(&db).await.unwrap();
    assert!(rows(&health, &asked).iter().all(|row| !row.open));
    assert_eq!(by(&health, HealthResources, &[], (T + 5 * HOUR, T + DAY)), []);
}

#[tokio::test]
async fn what_the_workspace_forgets_is_forgotten() {
    let (_dir, db) = database().await;
    scene(&db).await;
    let mut health = read(&db).await;
    let full = health.bytes();
    let new =
        Issue { id: "new", resource: "s-9", tracker: "source.silent", error: "SILENT", opened: T + 9 * DAY, since: T + 9 * DAY, resolved: None };
    let forgotten = [
        format!("delete from health_event where time < {}", T + 2 * DAY),
        "delete from health_issue where resolved is not null".to_owned(),
        new.event(T + 9 * DAY, "UnHealthy", "SILENT"),
        new.sql(),
    ];
    run(&db, &forgotten).await;
    health.refresh(&db).await.unwrap();
    assert_eq!(by(&health, HealthEvents, &[], (T - 30 * DAY, T + 30 * DAY)), [(String::new(), 1.0)]);
    assert_eq!(by(&health, HealthResources, &[], (T - 30 * DAY, T + 30 * DAY)), [(String::new(), 2.0)], "s-1 and s-9");
    assert!(health.bytes() < full);
}
