//! Failed records that became records: what was counted as failed is counted as stored, in the buckets of their receipt.

use super::{
    GRAIN, GRAINS, bucket,
    failed::{self, Kind, Kinds},
};
use crate::dashboards;
use bailiwick_chassis::{Refusal, sql::Tx};
use bailiwick_lake::Row;
use sqlx::Row as _;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Start of the 5 minutes, microseconds.
    bucket: i64,
    source: String,
    category: String,
    tier: String,
}

/// How many failed records of one bucket became records.
#[derive(Clone, Debug, Default)]
struct Shift {
    rows: i64,
    /// Bytes of fields extracted now, less those before.
    field_bytes: i64,
    /// What was known of them.
    kinds: Kinds,
}

/// Failed records that became records, ready to be written.
#[derive(Debug, Default)]
pub(crate) struct Shifts(BTreeMap<Key, Shift>);

impl Shifts {
    /// Adds one.
    pub(crate) fn add(&mut self, before: &Row, after: &Row) {
        let key = Key {
            bucket: bucket(before.receipt_time, GRAIN),
            source: before.source.clone(),
            category: before.source_category.clone(),
            tier: before.tier.clone(),
        };
        let shift = self.0.entry(key).or_default();
        let bytes = |row: &Row| i64::try_from(row.fields.len()).unwrap_or(i64::MAX);
        shift.rows += 1;
        shift.field_bytes += bytes(after) - bytes(before);
        *shift.kinds.entry(Kind::of(before)).or_default() += 1;
    }

    /// How many records there are.
    pub(crate) fn rows(&self) -> u64 {
        self.0.values().map(|shift| shift.rows.unsigned_abs()).sum()
    }

    /// Writes them, in the transaction that puts the records into the lake. What is too old to be counted any more is left out.
    pub(crate) async fn write(&self, tx: &mut Tx) -> Result<(), Refusal> {
        let mut sources: BTreeMap<&str, i64> = BTreeMap::new();
        for (key, shift) in &self.0 {
            for (grain, _) in GRAINS {
                let shifted = in_bucket(tx, grain, key, shift).await?;
                failed::take(tx, (grain, bucket(key.bucket, grain)), &shift.kinds, shifted).await?;
            }
            *sources.entry(&key.source).or_default() += shift.rows;
        }
        for (source, rows) in sources {
            let text = "update source set stored = stored + $1, failed = failed - $2 where id = $3";
            sqlx::query(text).bind(rows).bind(rows).bind(source).execute(&mut **tx).await?;
        }
        for dataset in ["failed", "volume"] {
            dashboards::mark(tx, dataset, self.0.keys().map(|key| key.bucket)).await?;
        }
        Ok(())
    }
}

/// Shifts within the rows of a bucket. A source that was renamed within it has several; the lake does not say which name a row came
/// under, so those that have most failed records give first. Gives how many there were to shift.
async fn in_bucket(tx: &mut Tx, grain: i64, key: &Key, shift: &Shift) -> Result<i64, Refusal> {
    let text = "select name, collector, host, cse, failed from meter \
                where grain = $1 and bucket = $2 and source = $3 and category = $4 and tier = $5 and failed > 0 order by failed desc, name";
    let at = bucket(key.bucket, grain);
    let query = sqlx::query(text).bind(grain).bind(at).bind(&key.source).bind(&key.category).bind(&key.tier);
    let (mut left, mut bytes) = (shift.rows, shift.field_bytes);
    for row in query.fetch_all(&mut **tx).await? {
        let rows = left.min(row.try_get("failed")?);
        let text = "update meter set stored = stored + $1, failed = failed - $2, field_bytes = field_bytes + $3 \
                    where grain = $4 and bucket = $5 and source = $6 and category = $7 and tier = $8 \
                    and name = $9 and collector = $10 and host = $11 and cse = $12";
        let update = sqlx::query(text).bind(rows).bind(rows).bind(bytes).bind(grain).bind(at);
        let update = update.bind(&key.source).bind(&key.category).bind(&key.tier);
        let update = update.bind(row.try_get::<String, _>("name")?).bind(row.try_get::<String, _>("collector")?);
        update.bind(row.try_get::<String, _>("host")?).bind(row.try_get::<i64, _>("cse")?).execute(&mut **tx).await?;
        (left, bytes) = (left - rows, 0);
        if left == 0 {
            break;
        }
    }
    Ok(shift.rows - left)
}
