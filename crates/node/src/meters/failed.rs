//! Failed records by what is known of them, beside the meters: in every bucket of every grain as many as the meters have.

use super::{GRAINS, bucket};
use bailiwick_chassis::{Refusal, sql::Tx};
use bailiwick_lake::Row;
use sqlx::Row as _;
use std::collections::BTreeMap;

/// Kinds of failed records that a bucket tells apart; what is beyond has only its category and code.
const MOST: i64 = 500;
/// What stands for the reasons of those.
const OTHER: &str = "(other)";
/// The longest text of a reason, and of anything else, in bytes.
const REASON: usize = 300;
const TEXT: usize = 128;

/// What is known of a failed record; an empty text is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    category: String,
    vendor: String,
    product: String,
    event_id: String,
    parser: String,
    reason_code: String,
    reason: String,
}

impl Kind {
    pub(super) fn of(row: &Row) -> Self {
        let text = |text: &Option<String>| bounded(text.as_deref().unwrap_or_default(), TEXT);
        Self {
            category: row.source_category.clone(),
            vendor: text(&row.vendor),
            product: text(&row.product),
            event_id: text(&row.event_code),
            parser: text(&row.parser),
            reason_code: text(&row.reason_code),
            reason: bounded(row.reason.as_deref().unwrap_or_default(), REASON),
        }
    }

    /// Under what it stands where too many are told apart.
    fn folded(&self) -> Self {
        Self { category: self.category.clone(), reason_code: self.reason_code.clone(), reason: OTHER.to_owned(), ..Self::default() }
    }

    /// Source category, vendor, product, event id, parser, code and reason.
    pub(crate) fn texts(&self) -> [&str; 7] {
        [&self.category, &self.vendor, &self.product, &self.event_id, &self.parser, &self.reason_code, &self.reason]
    }
}

fn bounded(text: &str, bytes: usize) -> String {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// How many of each kind there are.
pub(super) type Kinds = BTreeMap<Kind, i64>;

/// Adds failed records of one bucket of 5 minutes, in every grain.
pub(super) async fn add(tx: &mut Tx, at: i64, kinds: &Kinds) -> Result<(), Refusal> {
    for (grain, _) in GRAINS {
        let at = bucket(at, grain);
        let row =
            sqlx::query("select count(*) as n from failed_meter where grain = $1 and bucket = $2").bind(grain).bind(at).fetch_one(&mut **tx).await?;
        let mut told: i64 = row.try_get("n")?;
        for (kind, n) in kinds {
            if change(tx, (grain, at), kind, *n).await? {
                continue;
            }
            let kind = if told < MOST { kind.clone() } else { kind.folded() };
            told += 1;
            put(tx, (grain, at), &kind, *n).await?;
        }
    }
    Ok(())
}

/// Takes failed records out of a bucket of one grain, `n` in all: each from its kind, else from where it may have been counted.
pub(super) async fn take(tx: &mut Tx, of: (i64, i64), kinds: &Kinds, mut n: i64) -> Result<(), Refusal> {
    let mut missing: Vec<(&Kind, i64)> = Vec::new();
    for (kind, wanted) in kinds {
        let wanted = (*wanted).min(n);
        let mut left = wanted - lower(tx, of, kind, wanted).await?;
        left -= lower(tx, of, &kind.folded(), left).await?;
        n -= wanted;
        if left > 0 {
            missing.push((kind, left));
        }
    }
    for (kind, mut left) in missing {
        let text = "select vendor, product, event_id, parser, reason_code, reason, source_category from failed_meter \
                    where grain = $1 and bucket = $2 order by case when source_category = $3 then 0 else 1 end, n desc, reason";
        let rows = sqlx::query(text).bind(of.0).bind(of.1).bind(&kind.category).fetch_all(&mut **tx).await?;
        for row in rows {
            if left == 0 {
                break;
            }
            let other = Kind {
                category: row.try_get("source_category")?,
                vendor: row.try_get("vendor")?,
                product: row.try_get("product")?,
                event_id: row.try_get("event_id")?,
                parser: row.try_get("parser")?,
                reason_code: row.try_get("reason_code")?,
                reason: row.try_get("reason")?,
            };
            left -= lower(tx, of, &other, left).await?;
        }
    }
    Ok(())
}

/// The part of a statement that finds one kind in a bucket, from the third parameter on.
const IS: &str = "grain = $1 and bucket = $2 and source_category = $3 and vendor = $4 and product = $5 and event_id = $6 and parser = $7 \
                  and reason_code = $8 and reason = $9";

type Bound<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn of_kind<'q>(text: &'q str, of: (i64, i64), kind: &'q Kind) -> Bound<'q> {
    kind.texts().into_iter().fold(sqlx::query(sqlx::AssertSqlSafe(text)).bind(of.0).bind(of.1), |query, text| query.bind(text))
}

/// Adds to a kind that is there; false when it is not.
async fn change(tx: &mut Tx, of: (i64, i64), kind: &Kind, n: i64) -> Result<bool, Refusal> {
    let text = format!("update failed_meter set n = n + $10 where {IS}");
    Ok(of_kind(&text, of, kind).bind(n).execute(&mut **tx).await?.rows_affected() > 0)
}

async fn put(tx: &mut Tx, of: (i64, i64), kind: &Kind, n: i64) -> Result<(), Refusal> {
    let text = "insert into failed_meter (grain, bucket, source_category, vendor, product, event_id, parser, reason_code, reason, n) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                on conflict (grain, bucket, source_category, vendor, product, event_id, parser, reason_code, reason) do update set n = failed_meter.n + excluded.n";
    of_kind(text, of, kind).bind(n).execute(&mut **tx).await?;
    Ok(())
}

/// Takes up to `n` away from a kind; gives how many.
async fn lower(tx: &mut Tx, of: (i64, i64), kind: &Kind, n: i64) -> Result<i64, Refusal> {
    if n <= 0 {
        return Ok(0);
    }
    let text = format!("select n from failed_meter where {IS}");
    let Some(row) = of_kind(&text, of, kind).fetch_optional(&mut **tx).await? else { return Ok(0) };
    let there: i64 = row.try_get("n")?;
    if there <= n {
        let text = format!("delete from failed_meter where {IS}");
        of_kind(&text, of, kind).execute(&mut **tx).await?;
        return Ok(there);
    }
    change(tx, of, kind, -n).await?;
    Ok(n)
}
