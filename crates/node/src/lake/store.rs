//! The list of files and what goes with it, in a workspace's database.

use crate::{console_settings, pipeline::store::list};
use bailiwick_api::{LakeWork, Retention, Tier};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use bailiwick_lake::{FileEntry, Publication, Published};
use sqlx::Row;
use std::collections::BTreeMap;

/// What was done last, by its name in the table.
pub(super) const COMPACTION: &str = "compaction";
pub(super) const EXPIRY: &str = "expiry";
pub(super) const REWRITE: &str = "rewrite";

/// How long events are kept: as the administrator set it, else as the console did for every customer, else as usual.
pub(super) async fn retention(db: &Db) -> Result<Retention, Refusal> {
    let mut retention: Retention = console_settings::read(db, console_settings::RETENTION).await?.unwrap_or_default();
    for row in sqlx::query("select tier, days from retention").fetch_all(db.pool()).await? {
        let days = u32::try_from(row.try_get::<i64, _>("days")?).map_err(Refusal::internal)?;
        match row.try_get::<String, _>("tier")?.parse().map_err(Refusal::internal)? {
            Tier::Continuous => retention.continuous_days = days,
            Tier::Frequent => retention.frequent_days = days,
            Tier::Infrequent => retention.infrequent_days = days,
        }
    }
    Ok(retention)
}

pub(super) async fn set_retention(db: &Db, retention: &Retention) -> Result<(), Refusal> {
    let mut tx = db.begin().await?;
    let days =
        [(Tier::Continuous, retention.continuous_days), (Tier::Frequent, retention.frequent_days), (Tier::Infrequent, retention.infrequent_days)];
    for (tier, days) in days {
        sqlx::query("insert into retention (tier, days) values ($1, $2) on conflict (tier) do update set days = excluded.days")
            .bind(tier.as_str())
            .bind(i64::from(days))
            .execute(&mut *tx)
            .await?;
    }
    Ok(tx.commit().await?)
}

/// Takes files off the list and puts others on it; false if one of `old` is not listed any more: then the transaction must end undone.
pub(super) async fn replace(tx: &mut Tx, work: &str, old: &[FileEntry], new: &[FileEntry], now_us: i64) -> Result<bool, Refusal> {
    for file in old {
        let done = sqlx::query("delete from lake_file where path = $1").bind(&file.path).execute(&mut **tx).await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query("insert into lake_gone (path, bytes, gone) values ($1, $2, $3)")
            .bind(&file.path)
            .bind(number(file.bytes + file.index_bytes))
            .bind(now_us)
            .execute(&mut **tx)
            .await?;
    }
    for file in new {
        list(tx, file).await?;
    }
    note(tx, work, old, new, now_us).await?;
    Ok(true)
}

async fn note(tx: &mut Tx, work: &str, old: &[FileEntry], new: &[FileEntry], now_us: i64) -> Result<(), Refusal> {
    let bytes = |files: &[FileEntry]| number(files.iter().map(|file| file.bytes + file.index_bytes).sum());
    let text = "insert into lake_work (name, time, files_before, files_after, bytes_before, bytes_after) values ($1, $2, $3, $4, $5, $6) \
                on conflict (name) do update set time = excluded.time, files_before = excluded.files_before, files_after = excluded.files_after, \
                bytes_before = excluded.bytes_before, bytes_after = excluded.bytes_after";
    sqlx::query(text)
        .bind(work)
        .bind(now_us)
        .bind(number(old.len() as u64))
        .bind(number(new.len() as u64))
        .bind(bytes(old))
        .bind(bytes(new))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What was done last under a name.
pub(super) async fn last(db: &Db, work: &str) -> Result<Option<LakeWork>, Refusal> {
    let text = "select time, files_before, files_after, bytes_before, bytes_after from lake_work where name = $1";
    let Some(row) = sqlx::query(text).bind(work).fetch_optional(db.pool()).await? else { return Ok(None) };
    let count = |name: &str| row.try_get::<i64, _>(name).map(|n| u64::try_from(n).unwrap_or_default());
    Ok(Some(LakeWork {
        time: from_us(row.try_get("time")?),
        files_before: count("files_before")?,
        files_after: count("files_after")?,
        bytes_before: count("bytes_before")?,
        bytes_after: count("bytes_after")?,
    }))
}

/// Paths of files that left the list, all of them.
pub(super) async fn gone(db: &Db) -> Result<Vec<String>, Refusal> {
    let rows = sqlx::query("select path from lake_gone order by path").fetch_all(db.pool()).await?;
    Ok(rows.iter().map(|row| row.try_get("path")).collect::<Result<_, _>>()?)
}

/// How many files left the list and are still there, and their bytes.
pub(super) async fn leaving(db: &Db) -> Result<(u64, u64), Refusal> {
    let row = sqlx::query("select count(*) as files, coalesce(sum(bytes), 0) as bytes from lake_gone").fetch_one(db.pool()).await?;
    let count = |name: &str| row.try_get::<i64, _>(name).map(|n| u64::try_from(n).unwrap_or_default());
    Ok((count("files")?, count("bytes")?))
}

/// Files that left the list before a time and are not in the published table any more, or left it before another time, the
/// first so many.
pub(super) async fn removable(db: &Db, before_us: i64, anyway_us: i64, limit: i64) -> Result<Vec<String>, Refusal> {
    let text = "select path from lake_gone where gone < $1 \
                and (gone < $2 or not exists (select 1 from lake_table_file t where t.path = lake_gone.path)) order by gone, path limit $3";
    let rows = sqlx::query(text).bind(before_us).bind(anyway_us).bind(limit).fetch_all(db.pool()).await?;
    Ok(rows.iter().map(|row| row.try_get("path")).collect::<Result<_, _>>()?)
}

/// Forgets files that were removed.
pub(super) async fn removed(db: &Db, paths: &[String]) -> Result<(), Refusal> {
    let mut tx = db.begin().await?;
    for path in paths {
        sqlx::query("delete from lake_gone where path = $1").bind(path).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// What was published so far, and when; a new table under `id` if nothing was.
pub(super) async fn published(db: &Db, id: &str) -> Result<(Published, Option<i64>), Refusal> {
    sqlx::query("insert into lake_table (id, schema, created_ms) select $1, '', 0 where not exists (select 1 from lake_table)")
        .bind(id)
        .execute(db.pool())
        .await?;
    let row = sqlx::query("select id, version, schema, created_ms, checkpoint, published from lake_table").fetch_one(db.pool()).await?;
    let version = |name: &str| row.try_get::<Option<i64>, _>(name).map(|n| n.and_then(|n| u64::try_from(n).ok()));
    let mut files = BTreeMap::new();
    for row in sqlx::query("select path, added_ms from lake_table_file").fetch_all(db.pool()).await? {
        files.insert(row.try_get("path")?, row.try_get("added_ms")?);
    }
    let published = Published {
        id: row.try_get("id")?,
        version: version("version")?,
        schema: row.try_get("schema")?,
        created: row.try_get("created_ms")?,
        checkpoint: version("checkpoint")?,
        files,
    };
    Ok((published, row.try_get("published")?))
}

/// Notes a publication.
pub(super) async fn set_published(db: &Db, published: &Published, done: &Publication, now_us: i64) -> Result<(), Refusal> {
    let mut tx = db.begin().await?;
    for path in done.added.iter().chain(&done.removed) {
        match published.files.get(path) {
            Some(added) => {
                let text =
                    "insert into lake_table_file (path, added_ms) values ($1, $2) on conflict (path) do update set added_ms = excluded.added_ms";
                sqlx::query(text).bind(path).bind(*added).execute(&mut *tx).await?
            }
            None => sqlx::query("delete from lake_table_file where path = $1").bind(path).execute(&mut *tx).await?,
        };
    }
    sqlx::query("update lake_table set version = $1, schema = $2, created_ms = $3, checkpoint = $4, published = $5 where id = $6")
        .bind(published.version.map(number))
        .bind(&published.schema)
        .bind(published.created)
        .bind(published.checkpoint.map(number))
        .bind(now_us)
        .bind(&published.id)
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Deletes signals of no investigation from before a time, the first so many; how many went.
pub(super) async fn forget_signals(db: &Db, before_us: i64, limit: i64) -> Result<u64, Refusal> {
    let text = "delete from signal where id in (select id from signal where investigation is null and created < $1 limit $2)";
    Ok(sqlx::query(text).bind(before_us).bind(limit).execute(db.pool()).await?.rows_affected())
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
