//! The tail to files of the lake, with their list, the counters of sources and the cursor `stored` in one transaction.

use crate::{
    health::Observed,
    meters::{self, Tally},
    wal::{self, Position},
    workspaces::{BatchNote, DueRows, RECEIPTS_KEPT_US, Tail, TailRow, event_ids},
};
use bailiwick_api::{SourceId, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use bailiwick_lake::{FileEntry, Lake, Row};
use sqlx::Row as _;
use std::{collections::HashMap, path::PathBuf, sync::Arc};

/// How often old receipts and meters are forgotten, in microseconds.
const PRUNE_US: i64 = 3_600_000_000;

/// Up to where the log was worked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursors {
    /// Signals and investigations are made.
    pub(crate) detected: Position,
    /// Rows are in files.
    pub(crate) stored: Position,
}

/// Reads the cursors.
pub(crate) async fn cursors(db: &Db) -> Result<Cursors, Refusal> {
    let mut cursors = Cursors::default();
    for row in sqlx::query("select name, segment, position from cursor").fetch_all(db.pool()).await? {
        let number = |column| row.try_get::<i64, _>(column).map(|n| u64::try_from(n).unwrap_or_default());
        let position = Position { segment: number("segment")?, offset: number("position")? };
        match row.try_get::<String, _>("name")?.as_str() {
            "detected" => cursors.detected = position,
            _ => cursors.stored = position,
        }
    }
    Ok(cursors)
}

/// Moves a cursor on, in the transaction of what it covers; never back.
pub(super) async fn move_cursor(tx: &mut Tx, name: &str, to: Position) -> Result<(), Refusal> {
    let text = "insert into cursor (name, segment, position) values ($1, $2, $3) \
                on conflict (name) do update set segment = excluded.segment, position = excluded.position \
                where (cursor.segment, cursor.position) < (excluded.segment, excluded.position)";
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    sqlx::query(text).bind(name).bind(number(to.segment)).bind(number(to.offset)).execute(&mut **tx).await?;
    Ok(())
}

/// The files of a lake.
pub(crate) async fn files(db: &Db) -> Result<Vec<FileEntry>, Refusal> {
    let rows = sqlx::query("select * from lake_file order by min_time, path");
    let mut files = Vec::new();
    for row in rows.fetch_all(db.pool()).await? {
        let count = |column| row.try_get::<i64, _>(column).map(|n| u64::try_from(n).unwrap_or_default());
        files.push(FileEntry {
            path: row.try_get("path")?,
            rows: count("rows")?,
            bytes: count("bytes")?,
            raw_bytes: count("raw_bytes")?,
            min_time: row.try_get("min_time")?,
            max_time: row.try_get("max_time")?,
            first_id: row.try_get("first_id")?,
            last_id: row.try_get("last_id")?,
            tier: row.try_get("tier")?,
            max_receipt: row.try_get("max_receipt")?,
            index_bytes: count("index_bytes")?,
        });
    }
    Ok(files)
}

/// What a write of the tail did.
#[derive(Debug, Default)]
pub(super) struct Wrote {
    /// Bytes of memory that are free again.
    pub(super) freed: usize,
    /// What it showed of each source's event times.
    pub(super) seen: Vec<(SourceId, Observed)>,
}

/// Event times beside receipt, by source.
fn seen(rows: &[TailRow]) -> Vec<(SourceId, Observed)> {
    let mut sources: HashMap<&str, Vec<(i64, i64, bool)>> = HashMap::new();
    for TailRow { row, .. } in rows {
        let rejected = row.ecs.contains_key("event.time_rejected");
        sources.entry(&row.source).or_default().push((row.event_time, row.receipt_time, rejected));
    }
    sources.into_iter().filter_map(|(source, times)| Some((SourceId::from(source), Observed::of(times)?))).collect()
}

/// Writes a workspace's tail.
pub(super) struct Store {
    workspace: WorkspaceId,
    db: Db,
    lake: Lake,
    tail: Arc<Tail>,
    wal_dir: PathBuf,
    stored: Position,
    pruned: i64,
}

impl Store {
    pub(super) fn new(workspace: WorkspaceId, db: Db, lake: Lake, tail: Arc<Tail>, wal_dir: PathBuf, stored: Position) -> Self {
        Self { workspace, db, lake, tail, wal_dir, stored, pruned: 0 }
    }

    /// Writes the rows of the tail that were detected; when this returns they are in files, and the log before them is gone.
    pub(super) async fn write(&mut self, detected: Position, now_us: i64) -> Result<Wrote, Refusal> {
        let due = self.tail.until(detected);
        let Some(last) = due.batches.last() else { return Ok(Wrote::default()) };
        let end = last.end;
        let files = self.write_files(&due).await?;
        let mut tx = self.db.begin().await?;
        for file in &files {
            list(&mut tx, file).await?;
        }
        meters::write(&mut tx, &Tally::of(&due.rows, &due.batches)).await?;
        keep_receipts(&mut tx, &due.batches).await?;
        let prune = now_us - self.pruned > PRUNE_US;
        if prune {
            sqlx::query("delete from receipt where received < $1").bind(now_us - RECEIPTS_KEPT_US).execute(&mut *tx).await?;
            meters::prune(&mut tx, now_us).await?;
        }
        // These rows were detected before they are stored, so the log may be forgotten up to here.
        move_cursor(&mut tx, "detected", end).await?;
        move_cursor(&mut tx, "stored", end).await?;
        tx.commit().await?;
        let wrote = Wrote { seen: seen(&due.rows), freed: self.tail.flushed(&due, files) };
        self.stored = end;
        self.pruned = if prune { now_us } else { self.pruned };
        self.forget_log().await;
        Ok(wrote)
    }

    async fn write_files(&self, due: &DueRows) -> Result<Vec<FileEntry>, Refusal> {
        let (Some(first), Some(last)) = (due.rows.first(), due.rows.last()) else { return Ok(Vec::new()) };
        let name = format!("{}-{}", first.row.id, last.row.id);
        let rows: Vec<Arc<Row>> = due.rows.iter().map(|r| Arc::clone(&r.row)).collect();
        self.lake.write(&name, &rows).await.map_err(Refusal::internal)
    }

    async fn forget_log(&self) {
        let (dir, stored) = (self.wal_dir.clone(), self.stored);
        let removed = tokio::task::spawn_blocking(move || wal::remove_before(&dir, stored)).await;
        if let Ok(Err(error)) = removed {
            tracing::warn!(workspace.id = %self.workspace, error = %error, "old log segments not removed");
        }
    }
}

async fn keep_receipts(tx: &mut Tx, batches: &[Arc<BatchNote>]) -> Result<(), Refusal> {
    let text = "insert into receipt (source, idempotency_key, received, accepted) values ($1, $2, $3, $4) on conflict do nothing";
    for batch in batches {
        event_ids::keep(tx, &batch.event_ids, batch.received).await?;
        let Some(key) = &batch.idempotency_key else { continue };
        let accepted = i64::try_from(batch.events).unwrap_or(i64::MAX);
        sqlx::query(text).bind(batch.source.as_str()).bind(key).bind(batch.received).bind(accepted).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Puts a file on the list.
pub(crate) async fn list(tx: &mut Tx, file: &FileEntry) -> Result<(), Refusal> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let text = "insert into lake_file (path, rows, bytes, raw_bytes, min_time, max_time, first_id, last_id, tier, max_receipt, index_bytes) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    sqlx::query(text)
        .bind(&file.path)
        .bind(number(file.rows))
        .bind(number(file.bytes))
        .bind(number(file.raw_bytes))
        .bind(file.min_time)
        .bind(file.max_time)
        .bind(&file.first_id)
        .bind(&file.last_id)
        .bind(&file.tier)
        .bind(file.max_receipt)
        .bind(number(file.index_bytes))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
