//! The tail to files of the lake, with their list, the counters of sources and the cursor `stored` in one transaction.

use super::detect::Detector;
use crate::{
    wal::{self, Logged, Position},
    workspaces::{RECEIPTS_KEPT_US, Tail, TailRow, Unflushed, count, event_ids},
};
use bailiwick_api::{SourceId, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use bailiwick_lake::{FileEntry, Lake, Row};
use sqlx::Row as _;
use std::{collections::HashMap, path::PathBuf, sync::Arc};

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

/// Moves a cursor, in the transaction of what it covers.
pub(super) async fn move_cursor(tx: &mut Tx, name: &str, to: Position) -> Result<(), Refusal> {
    let text = "insert into cursor (name, segment, position) values ($1, $2, $3) \
                on conflict (name) do update set segment = excluded.segment, position = excluded.position";
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

/// Writes a workspace's tail.
pub(super) struct Store {
    workspace: WorkspaceId,
    db: Db,
    lake: Lake,
    tail: Arc<Tail>,
    wal_dir: PathBuf,
    stored: Position,
    receipts: Vec<Receipt>,
}

/// A batch that came under a key, or whose events came under ids.
pub(super) struct Receipt {
    source: SourceId,
    key: Option<String>,
    ids: Vec<String>,
    received: i64,
    accepted: usize,
}

impl Store {
    pub(super) fn new(workspace: WorkspaceId, db: Db, lake: Lake, tail: Arc<Tail>, wal_dir: PathBuf, stored: Position) -> Self {
        Self { workspace, db, lake, tail, wal_dir, stored, receipts: Vec::new() }
    }

    /// Keys of batches that were detected; they are written with their rows.
    pub(super) fn remember(&mut self, receipts: Vec<Receipt>) {
        self.receipts.extend(receipts);
    }

    /// Writes the rows of the tail that were detected; when this returns they are in files, and the log before them is gone.
    pub(super) async fn write(&mut self, detector: &mut Detector, now_us: i64) -> Result<(), Refusal> {
        let rows = self.tail.rows_until(detector.detected());
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        let name = format!("{}-{}", first.row.id, last.row.id);
        let end = last.end;
        let plain: Vec<Arc<Row>> = rows.iter().map(|r| Arc::clone(&r.row)).collect();
        let files = self.lake.write(&name, &plain).await.map_err(Refusal::internal)?;
        let mut tx = self.db.begin().await?;
        for file in &files {
            list(&mut tx, file).await?;
        }
        for (source, counted) in by_source(&rows) {
            add_to_source(&mut tx, &source, &counted).await?;
        }
        self.keep_receipts(&mut tx, now_us).await?;
        detector.prune(&mut tx, now_us).await?;
        // These rows were detected before they are stored, so the log may be forgotten up to here.
        move_cursor(&mut tx, "detected", detector.detected()).await?;
        move_cursor(&mut tx, "stored", end).await?;
        tx.commit().await?;
        self.tail.flushed(rows.len(), files);
        self.receipts.clear();
        self.stored = end;
        self.forget_log().await;
        Ok(())
    }

    async fn keep_receipts(&self, tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
        sqlx::query("delete from receipt where received < $1").bind(now_us - RECEIPTS_KEPT_US).execute(&mut **tx).await?;
        let text = "insert into receipt (source, idempotency_key, received, accepted) values ($1, $2, $3, $4) on conflict do nothing";
        for receipt in &self.receipts {
            event_ids::keep(tx, &receipt.ids, receipt.received).await?;
            let Some(key) = &receipt.key else { continue };
            let accepted = i64::try_from(receipt.accepted).unwrap_or(i64::MAX);
            let query = sqlx::query(text).bind(receipt.source.as_str()).bind(key).bind(receipt.received).bind(accepted);
            query.execute(&mut **tx).await?;
        }
        Ok(())
    }

    async fn forget_log(&self) {
        let (dir, stored) = (self.wal_dir.clone(), self.stored);
        let removed = tokio::task::spawn_blocking(move || wal::remove_before(&dir, stored)).await;
        if let Ok(Err(error)) = removed {
            tracing::warn!(workspace.id = %self.workspace, error = %error, "old log segments not removed");
        }
    }
}

/// The keys of batches and the ids of events that came with one.
pub(super) fn receipts(batches: &[Logged]) -> Vec<Receipt> {
    let keyed = batches.iter().filter_map(|logged| {
        let batch = &logged.batch;
        let (key, ids) = (batch.idempotency_key.clone(), batch.ids().map(str::to_owned).collect::<Vec<_>>());
        (key.is_some() || !ids.is_empty()).then(|| Receipt {
            source: batch.source.clone(),
            key,
            ids,
            received: batch.received,
            accepted: batch.events.len(),
        })
    });
    keyed.collect()
}

async fn list(tx: &mut Tx, file: &FileEntry) -> Result<(), Refusal> {
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

fn by_source(rows: &[TailRow]) -> HashMap<SourceId, Unflushed> {
    let mut sources: HashMap<SourceId, Unflushed> = HashMap::new();
    for row in rows {
        count(sources.entry(SourceId(row.row.source.clone())).or_default(), &row.row);
    }
    sources
}

async fn add_to_source(tx: &mut Tx, source: &SourceId, counted: &Unflushed) -> Result<(), Refusal> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let text = "update source set stored = stored + $1, failed = failed + $2, bytes = bytes + $3, last_seen = $4 where id = $5";
    sqlx::query(text)
        .bind(number(counted.stored))
        .bind(number(counted.failed))
        .bind(number(counted.bytes))
        .bind(counted.last_seen_us)
        .bind(source.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
