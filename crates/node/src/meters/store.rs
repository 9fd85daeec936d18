//! Meters in the workspace's database.

use super::{Counts, GRAINS, Key, Tally, bucket, failed};
use crate::{
    access::{Action, WorkspaceGrant},
    dashboards,
};
use bailiwick_api::{Dimension, DropCount, Meter, SourceId, Volume};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};
use sqlx::{Row, any::AnyRow};

const ACTIONS: &[Action] = &[Action::ViewHealth];
const DAY_US: i64 = 86_400_000_000;
/// Days the causes of drops are kept.
const DROP_DAYS: i64 = 100;
/// Days it is known which hours were written; what is older cannot be in memory alone.
const MARK_DAYS: i64 = 1100;

/// Adds what was counted, in the transaction that stores it.
pub(crate) async fn write(tx: &mut Tx, tally: &Tally) -> Result<(), Refusal> {
    for (key, counts) in &tally.meters {
        for (grain, _) in GRAINS {
            add(tx, grain, key, counts).await?;
        }
    }
    for ((bucket, source, cause), (events, bytes)) in &tally.drops {
        let text = "insert into meter_drop (bucket, source, cause, events, bytes) values ($1, $2, $3, $4, $5) \
                    on conflict (bucket, source, cause) do update set events = meter_drop.events + excluded.events, bytes = meter_drop.bytes + excluded.bytes";
        let query = sqlx::query(text).bind(*bucket).bind(source.as_str()).bind(cause.as_str()).bind(number(*events)).bind(number(*bytes));
        query.execute(&mut **tx).await?;
    }
    for (source, counts) in tally.by_source() {
        add_to_source(tx, source, &counts).await?;
    }
    for (at, kinds) in &tally.failed {
        failed::add(tx, *at, kinds).await?;
    }
    dashboards::mark(tx, "volume", tally.meters.keys().map(|key| key.bucket)).await?;
    dashboards::mark(tx, "failed", tally.failed.keys().copied()).await
}

async fn add(tx: &mut Tx, grain: i64, key: &Key, counts: &Counts) -> Result<(), Refusal> {
    let text = "insert into meter (grain, bucket, source, name, category, collector, host, tier, cse, received, stored, failed, dropped, bytes, \
                field_bytes, cse_bytes) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
                on conflict (grain, bucket, source, name, category, collector, host, tier, cse) do update set \
                received = meter.received + excluded.received, stored = meter.stored + excluded.stored, failed = meter.failed + excluded.failed, \
                dropped = meter.dropped + excluded.dropped, bytes = meter.bytes + excluded.bytes, \
                field_bytes = meter.field_bytes + excluded.field_bytes, cse_bytes = meter.cse_bytes + excluded.cse_bytes";
    let labels = &key.labels;
    let query = sqlx::query(text).bind(grain).bind(bucket(key.bucket, grain)).bind(key.source.as_str());
    let query = query.bind(&labels.name).bind(&labels.category).bind(&labels.collector).bind(&labels.host).bind(&labels.tier);
    let query = query.bind(i64::from(labels.cse));
    let query = query.bind(number(counts.received)).bind(number(counts.stored)).bind(number(counts.failed)).bind(number(counts.dropped));
    let cse_bytes = if labels.cse { counts.bytes } else { 0 };
    query.bind(number(counts.bytes)).bind(number(counts.field_bytes)).bind(number(cse_bytes)).execute(&mut **tx).await?;
    Ok(())
}

async fn add_to_source(tx: &mut Tx, source: &SourceId, counts: &Counts) -> Result<(), Refusal> {
    let text = "update source set received = received + $1, stored = stored + $2, failed = failed + $3, dropped = dropped + $4, bytes = bytes + $5, \
                last_seen = coalesce($6, last_seen) where id = $7";
    let query = sqlx::query(text).bind(number(counts.received)).bind(number(counts.stored)).bind(number(counts.failed));
    let query = query.bind(number(counts.dropped)).bind(number(counts.bytes)).bind(counts.last_seen).bind(source.as_str());
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Forgets what is older than its grain is kept.
pub(crate) async fn prune(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    for (grain, days) in GRAINS {
        for text in [
            "delete from meter where grain = $1 and bucket < $2",
            "delete from failed_meter where grain = $1 and bucket < $2",
            "delete from signal_meter where grain = $1 and bucket < $2",
        ] {
            sqlx::query(text).bind(grain).bind(now_us - days * DAY_US).execute(&mut **tx).await?;
        }
    }
    sqlx::query("delete from dashboard_mark where hour < $1").bind(now_us - MARK_DAYS * DAY_US).execute(&mut **tx).await?;
    sqlx::query("delete from meter_drop where bucket < $1").bind(now_us - DROP_DAYS * DAY_US).execute(&mut **tx).await?;
    Ok(())
}

/// A stretch of time in buckets of one grain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) grain: i64,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// Counters by bucket and source, oldest first; one more than `limit` says there are more.
pub(super) async fn meters(grant: &WorkspaceGrant, span: Span, source: Option<&str>, limit: i64) -> Result<Vec<Meter>, Refusal> {
    let text = "select bucket, source, max(name) as name, sum(received) as received, sum(stored) as stored, sum(failed) as failed, \
                sum(dropped) as dropped, sum(bytes) as bytes from meter where grain = $1 and bucket >= $2 and bucket < $3 and ($4 = '' or source = $4) \
                group by bucket, source order by bucket, source limit $5";
    let query = sqlx::query(text).bind(span.grain).bind(span.from).bind(span.to).bind(source.unwrap_or_default()).bind(limit);
    let rows = query.fetch_all(grant.demand(ACTIONS)?.db().pool()).await?;
    rows.iter().map(meter).collect()
}

fn meter(row: &AnyRow) -> Result<Meter, Refusal> {
    Ok(Meter {
        bucket: from_us(row.try_get("bucket")?),
        source: SourceId(row.try_get("source")?),
        name: row.try_get("name")?,
        received: count(row, "received")?,
        stored: count(row, "stored")?,
        failed: count(row, "failed")?,
        dropped: count(row, "dropped")?,
        bytes: count(row, "bytes")?,
    })
}

/// Dropped events by source and cause.
pub(super) async fn drops(grant: &WorkspaceGrant, from: i64, to: i64) -> Result<Vec<DropCount>, Refusal> {
    let text = "select source, cause, sum(events) as events, sum(bytes) as bytes from meter_drop where bucket >= $1 and bucket < $2 \
                group by source, cause order by source, cause limit 5000";
    let rows = sqlx::query(text).bind(from).bind(to).fetch_all(grant.demand(ACTIONS)?.db().pool()).await?;
    let drop = |row: &AnyRow| {
        let cause = row.try_get::<String, _>("cause")?.parse().map_err(Refusal::internal)?;
        Ok(DropCount { source: SourceId(row.try_get("source")?), cause, events: count(row, "events")?, bytes: count(row, "bytes")? })
    };
    rows.iter().map(drop).collect()
}

/// Volume by bucket, tier and one dimension, oldest first. What is also fed to detection stands once more under the tier `cse`.
pub(super) async fn volume(grant: &WorkspaceGrant, span: Span, dimension: Dimension, limit: i64) -> Result<Vec<Volume>, Refusal> {
    let value = match dimension {
        Dimension::Collector => "collector",
        Dimension::Source => "source",
        Dimension::SourceName => "name",
        Dimension::SourceCategory => "category",
        Dimension::SourceHost => "host",
    };
    // The column's name is one of the five above; SQL cannot bind it.
    let text = format!(
        "select bucket, tier, {value} as value, sum(bytes) as bytes, sum(field_bytes) as field_bytes, sum(stored + failed) as events from meter \
         where grain = $1 and bucket >= $2 and bucket < $3 group by bucket, tier, {value} \
         union all select bucket, 'cse' as tier, {value} as value, sum(cse_bytes) as bytes, sum(field_bytes) as field_bytes, \
         sum(stored + failed) as events from meter where grain = $1 and bucket >= $2 and bucket < $3 and cse = 1 group by bucket, {value} \
         order by bucket, tier, value limit $4"
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(span.grain).bind(span.from).bind(span.to).bind(limit);
    let rows = query.fetch_all(grant.demand(ACTIONS)?.db().pool()).await?;
    let volume = |row: &AnyRow| {
        Ok(Volume {
            bucket: from_us(row.try_get("bucket")?),
            tier: row.try_get("tier")?,
            value: row.try_get("value")?,
            bytes: count(row, "bytes")?,
            field_bytes: count(row, "field_bytes")?,
            events: count(row, "events")?,
        })
    };
    rows.iter().map(volume).collect()
}

fn count(row: &AnyRow, column: &str) -> Result<u64, Refusal> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or_default())
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
