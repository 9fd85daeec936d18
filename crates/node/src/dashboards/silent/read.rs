//! From the meters into memory: gaps at first, by the hour and then finer; later what came since.

use super::{BUCKET_US, Category, DAY_US, Gap, HOUR_US, MISSED_US, Name, Silent, Told};
use bailiwick_api::dashboards::VolumeTier;
use bailiwick_chassis::{Refusal, sql::Db};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};
use std::sync::Arc;

/// How late 5 minutes may be written, and still be seen.
const LATE_US: i64 = HOUR_US;
/// How long before the newest 5 minutes others are kept; a little less, for they go while this is read.
const FINE_US: i64 = 34 * DAY_US;
/// What was heard since is not silent for a while.
const QUIET_US: i64 = 2 * BUCKET_US;
/// 5 minutes with data in a day that make a rhythm.
const RHYTHM: usize = 3;
/// A row of a meter that holds data; what was only dropped is none.
const DATA: &str = "(bytes > 0 or stored + failed > 0)";

impl Silent {
    /// Everything, when nothing is known.
    pub(super) async fn read_all(&mut self, db: &Db) -> Result<(), Refusal> {
        for (tier, only) in [("tier", ""), ("'cse'", "and cse = 1")] {
            let text = format!(
                "select tier, category, before, bucket, last from \
                 (select tier, category, bucket, lag(bucket) over by_time as before, max(bucket) over (partition by tier, category) as last from \
                   (select distinct {tier} as tier, category, bucket from meter where grain = 3600 and {DATA} {only}) \
                  window by_time as (partition by tier, category order by bucket)) \
                 where before is null or bucket - before >= $1 order by tier, category, bucket"
            );
            let mut rows = sqlx::query(AssertSqlSafe(text)).bind(DAY_US).fetch(db.pool());
            while let Some(row) = rows.try_next().await? {
                let name: Name = (Arc::from(row.try_get::<&str, _>("tier")?), Arc::from(row.try_get::<&str, _>("category")?));
                let category = self.categories.entry(name).or_default();
                category.last = row.try_get("last")?;
                if let Some(last) = row.try_get::<Option<i64>, _>("before")? {
                    category.gaps.push(Gap { last, next: row.try_get("bucket")? });
                }
                self.newest = self.newest.max(Some(category.last));
            }
        }
        self.refine(db).await
    }

    /// Hours become 5 minutes, where those are kept.
    async fn refine(&mut self, db: &Db) -> Result<(), Refusal> {
        let fine = self.newest.unwrap_or_default() - FINE_US;
        for (name, category) in &mut self.categories {
            let mut gaps = Vec::new();
            for gap in &category.gaps {
                let last = ends(db, name, gap.last, fine).await?.1;
                let next = ends(db, name, gap.next, fine).await?.0;
                if next - last > DAY_US {
                    gaps.push(Gap { last, next });
                }
            }
            let last = ends(db, name, category.last, fine).await?.1;
            *category = Category { last, gaps };
        }
        self.newest = self.categories.values().map(|category| category.last).max();
        Ok(())
    }

    /// What came since.
    pub(super) async fn read_since(&mut self, db: &Db, newest: i64) -> Result<(), Refusal> {
        let text = format!(
            "select bucket, tier, category, max(cse) as cse from meter where grain = 300 and bucket >= $1 and {DATA} \
             group by bucket, tier, category order by bucket"
        );
        let mut rows = sqlx::query(AssertSqlSafe(text)).bind(newest - LATE_US).fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            let (bucket, category): (i64, &str) = (row.try_get("bucket")?, row.try_get("category")?);
            self.heard(row.try_get("tier")?, category, bucket);
            if row.try_get::<i64, _>("cse")? == 1 {
                self.heard(VolumeTier::Cse.as_str(), category, bucket);
            }
        }
        Ok(())
    }

    /// What somebody said they know.
    pub(super) async fn read_known(&mut self, db: &Db) -> Result<(), Refusal> {
        self.known.clear();
        for row in sqlx::query("select tier, category, last_seen from silence_known").fetch_all(db.pool()).await? {
            let name: Name = (Arc::from(row.try_get::<&str, _>("tier")?), Arc::from(row.try_get::<&str, _>("category")?));
            self.known.insert(name, row.try_get("last_seen")?);
        }
        Ok(())
    }

    /// What is told of each silence, and of what may become one: of what was not heard for some minutes.
    pub(super) async fn read_told(&mut self, db: &Db, now: i64) -> Result<(), Refusal> {
        let mut told = std::mem::take(&mut self.told);
        for (name, category) in &self.categories {
            let quiet = (category.last + QUIET_US <= now).then_some(category.last);
            let lasts: Vec<i64> = category.gaps.iter().map(|gap| gap.last).chain(quiet).collect();
            for last in lasts {
                let key = (name.clone(), last);
                let known = match told.remove(&key) {
                    Some(known) => known,
                    None => of_silence(db, name, last).await?,
                };
                self.told.insert(key, known);
            }
        }
        Ok(())
    }
}

/// The rows of a tier and category, as SQL; the tier is bound as `$1`, the category as `$2`.
fn of(name: &Name) -> String {
    if &*name.0 == VolumeTier::Cse.as_str() {
        format!("$1 = 'cse' and cse = 1 and category = $2 and {DATA}")
    } else {
        format!("tier = $1 and category = $2 and {DATA}")
    }
}

/// The first and the last 5 minutes with data of an hour; where those are not kept, so that gaps on either side are as short as can be.
async fn ends(db: &Db, name: &Name, hour: i64, fine: i64) -> Result<(i64, i64), Refusal> {
    let coarse = (hour, hour + HOUR_US - BUCKET_US);
    if hour < fine {
        return Ok(coarse);
    }
    let text =
        format!("select min(bucket) as first, max(bucket) as last from meter where grain = 300 and bucket >= $3 and bucket < $4 and {}", of(name));
    let query = sqlx::query(AssertSqlSafe(text)).bind(&*name.0).bind(&*name.1).bind(hour).bind(hour + HOUR_US);
    let row = query.fetch_one(db.pool()).await?;
    let ends = row.try_get::<Option<i64>, _>("first")?.zip(row.try_get("last")?);
    Ok(ends.unwrap_or(coarse))
}

/// Bytes of the day before a silence, and how often data came.
async fn of_silence(db: &Db, name: &Name, last: i64) -> Result<Told, Refusal> {
    let mut day = bytes(db, name, BUCKET_US, (last - DAY_US, last)).await?;
    let cadence_s;
    if day.len() >= RHYTHM {
        cadence_s = usual(&day);
    } else {
        let hours = bytes(db, name, HOUR_US, (last - MISSED_US, last)).await?;
        cadence_s = usual(&hours);
        if day.is_empty() {
            day = hours.into_iter().filter(|(at, _)| *at > last - DAY_US).collect();
        }
    }
    let bytes = day.iter().map(|(_, bytes)| u64::try_from(*bytes).unwrap_or_default()).sum();
    Ok(Told { bytes, cadence_s })
}

/// Bytes by buckets of a width that begin after a time, and not after another, oldest first.
async fn bytes(db: &Db, name: &Name, width: i64, (after, last): (i64, i64)) -> Result<Vec<(i64, i64)>, Refusal> {
    let bytes = if &*name.0 == VolumeTier::Cse.as_str() { "cse_bytes" } else { "bytes" };
    let text = format!(
        "select bucket, sum({bytes}) as bytes from meter where grain = $3 and bucket > $4 and bucket <= $5 and {} group by bucket order by bucket",
        of(name)
    );
    let query = sqlx::query(AssertSqlSafe(text)).bind(&*name.0).bind(&*name.1).bind(width / 1_000_000).bind(after).bind(last);
    let rows = query.fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok((row.try_get("bucket")?, row.try_get("bytes")?))).collect()
}

/// The median time between buckets with data, seconds.
fn usual(buckets: &[(i64, i64)]) -> Option<u64> {
    let mut between: Vec<i64> = buckets.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    between.sort_unstable();
    let middle = between.len() / 2;
    let median = match between.len() {
        0 => return None,
        odd if odd % 2 == 1 => between[middle],
        _ => (between[middle - 1] + between[middle]) / 2,
    };
    u64::try_from(median / 1_000_000).ok()
}
