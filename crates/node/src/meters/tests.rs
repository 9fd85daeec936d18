//! Failed records by reason beside the meters: always as many, however they are folded and whatever is replayed.

use super::{Labels, Shifts, Tally, write};
use crate::{
    wal::Position,
    workspaces::{BatchNote, TailRow},
};
use bailiwick_chassis::sql::Db;
use bailiwick_lake::Row;
use sqlx::Row as _;
use std::sync::Arc;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/workspace");
/// 2025-10-09T08:00:00Z.
const HOUR_US: i64 = 1_759_996_800_000_000;

async fn database() -> (tempfile::TempDir, Db) {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::file(&dir.path().join("workspace.db"), &MIGRATIONS, 2).await.unwrap();
    (dir, db)
}

fn failed(id: usize, at: i64, category: &str, reason: &str) -> TailRow {
    let row = Row {
        id: format!("{id:022}"),
        event_time: at,
        receipt_time: at,
        source: "s-1".into(),
        source_category: category.into(),
        tier: "continuous".into(),
        reason_code: Some("PARSER_REJECTED".into()),
        reason: Some(reason.into()),
        ..Row::default()
    };
    let labels = Labels { category: category.into(), tier: "continuous".into(), ..Labels::default() };
    let note = BatchNote {
        end: Position { segment: 1, offset: id as u64 },
        received: at,
        source: "s-1".into(),
        labels,
        events: 1,
        dropped: Vec::new(),
        idempotency_key: None,
        event_ids: Vec::new(),
    };
    TailRow { row: Arc::new(row), note: Arc::new(note), bytes: 10, field_bytes: 0 }
}

async fn store(db: &Db, rows: &[TailRow]) {
    let mut tx = db.begin().await.unwrap();
    write(&mut tx, &Tally::of(rows, rows.iter().map(|row| &row.note))).await.unwrap();
    tx.commit().await.unwrap();
}

async fn replay<'a>(db: &Db, rows: impl IntoIterator<Item = &'a TailRow>) {
    let mut shifts = Shifts::default();
    for TailRow { row, .. } in rows {
        shifts.add(row, &Row { reason_code: None, reason: None, ..Row::clone(row) });
    }
    let mut tx = db.begin().await.unwrap();
    shifts.write(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// By grain and bucket, after it is seen that both tables say the same.
async fn sums(db: &Db) -> Vec<(i64, i64, i64)> {
    let read = async |text: &'static str| -> Vec<(i64, i64, i64)> {
        let rows = sqlx::query(text).fetch_all(db.pool()).await.unwrap();
        rows.iter().map(|row| (row.get("grain"), row.get("bucket"), row.get("n"))).collect()
    };
    let meters = read("select grain, bucket, sum(failed) as n from meter where failed > 0 group by grain, bucket order by grain, bucket").await;
    let reasons = read("select grain, bucket, sum(n) as n from failed_meter group by grain, bucket order by grain, bucket").await;
    assert_eq!(reasons, meters);
    meters
}

async fn reason(db: &Db, grain: i64, reason: &str) -> i64 {
    let text = "select coalesce(sum(n), 0) as n from failed_meter where grain = $1 and reason = $2";
    sqlx::query(text).bind(grain).bind(reason).fetch_one(db.pool()).await.unwrap().get("n")
}

#[tokio::test]
async fn too_many_reasons_fold_and_none_is_lost() {
    let (_dir, db) = database().await;
    // 700 reasons in the first 5 minutes, one of them again in the next.
    let mut rows: Vec<TailRow> = (0..700).map(|n| failed(n, HOUR_US + 1, "web", &format!("no {n:03}"))).collect();
    rows.push(failed(700, HOUR_US + 300_000_000, "web", "no 699"));
    store(&db, &rows).await;
    assert_eq!(sums(&db).await, [(300, HOUR_US, 700), (300, HOUR_US + 300_000_000, 1), (900, HOUR_US, 701), (3600, HOUR_US, 701)]);
    assert_eq!((reason(&db, 300, "no 000").await, reason(&db, 300, "(other)").await), (1, 200));
    assert_eq!((reason(&db, 300, "no 699").await, reason(&db, 3600, "(other)").await), (1, 201), "one bucket has room, the hour has none");
    // What is told apart already goes on being so.
    store(&db, &[failed(701, HOUR_US + 2, "web", "no 000"), failed(702, HOUR_US + 2, "web", "new")]).await;
    assert_eq!((reason(&db, 300, "no 000").await, reason(&db, 300, "(other)").await), (2, 201));
    sums(&db).await;
}

#[tokio::test]
async fn what_is_replayed_leaves_the_reason_it_was_counted_under() {
    let (_dir, db) = database().await;
    let rows: Vec<TailRow> = (0..600).map(|n| failed(n, HOUR_US + 7_000_000 * n as i64, ["web", "dns"][n % 2], &format!("no {}", n % 580))).collect();
    store(&db, &rows).await;
    sums(&db).await;
    assert_eq!(reason(&db, 300, "no 4").await, 2);
    replay(&db, [&rows[4]]).await;
    assert_eq!((reason(&db, 300, "no 4").await, reason(&db, 900, "no 4").await), (1, 1));
    replay(&db, rows.iter().enumerate().filter(|(n, _)| n % 3 == 0 && *n != 4).map(|(_, row)| row)).await;
    let left: i64 = sums(&db).await.iter().filter(|(grain, ..)| *grain == 300).map(|(.., n)| n).sum();
    assert_eq!(left, 600 - 1 - 200);
    replay(&db, rows.iter().enumerate().filter(|(n, _)| n % 3 != 0 && *n != 4).map(|(_, row)| row)).await;
    assert!(sums(&db).await.is_empty());
    let rows: i64 = sqlx::query("select count(*) as n from failed_meter").fetch_one(db.pool()).await.unwrap().get("n");
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn what_was_counted_before_there_were_reasons_can_be_replayed() {
    let (_dir, db) = database().await;
    let rows: Vec<TailRow> = (0..3).map(|n| failed(n, HOUR_US + 1, "web", "no")).collect();
    store(&db, &rows).await;
    // As the migration fills it.
    let mut tx = db.begin().await.unwrap();
    sqlx::query("update failed_meter set vendor = '', product = '', event_id = '', parser = '', reason_code = '', reason = ''")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    replay(&db, &rows[..2]).await;
    assert_eq!(sums(&db).await, [(300, HOUR_US, 1), (900, HOUR_US, 1), (3600, HOUR_US, 1)]);
}
