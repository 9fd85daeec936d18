//! Rows of `health`, one per customer, with `health_change`; of `node_directions` and `node_latency`, by node.

use super::verdict::Verdict;
use crate::{access::Seen, links::store::read_kind, store::word};
use bailiwick_api::{CustomerId, Direction, Health, HealthCause, HealthChange, LatencyBucket, LinkDirection, LinkKind, NodeId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

/// Changes of one customer that are kept, and for how long.
const CHANGES: i64 = 500;
const CHANGES_KEPT_US: i64 = 90 * 24 * 3_600_000_000;
/// Changes an answer holds.
const SHOWN: i64 = 100;

/// How a customer is, as it is written down.
#[derive(Clone, Debug)]
pub(super) struct HealthRow {
    pub(super) customer: CustomerId,
    pub(super) now: Verdict,
    pub(super) since_us: i64,
    /// What the last sync found to be wrong.
    pub(super) parts: Option<Verdict>,
}

/// How the node of a customer is reached.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) node: NodeId,
    pub(super) kind: LinkKind,
}

/// Five minutes of a node's answers. `bucket` is when they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) bucket: i64,
    pub(super) answered: u32,
    pub(super) missed: u32,
    pub(super) median_us: Option<u64>,
    pub(super) most_us: Option<u64>,
}

impl Bucket {
    pub(super) fn shown(&self) -> LatencyBucket {
        let Self { bucket, answered, missed, median_us, most_us } = *self;
        LatencyBucket { time: from_us(bucket), answered, missed, median_us, most_us }
    }
}

/// Begins a customer's row and history.
pub(crate) async fn begin(tx: &mut Tx, customer: &CustomerId, health: Health, now_us: i64) -> Result<(), Refusal> {
    let text = "insert into health (customer_id, state, since) values ($1, $2, $3)";
    sqlx::query(text).bind(customer.as_str()).bind(health.as_str()).bind(now_us).execute(&mut **tx).await?;
    let begun = Verdict { state: health, cause: None, detail: None };
    add_change(tx, customer, &begun, now_us).await
}

/// The customers of a node. By the look at nodes, for no person.
pub(super) async fn of_node(db: &Db, node: &NodeId) -> Result<Vec<HealthRow>, Refusal> {
    let text =
        "select h.customer_id, h.state, h.cause, h.detail, h.since, h.parts from health h join customers c on c.id = h.customer_id where c.node = $1";
    sqlx::query(text).bind(node.as_str()).fetch_all(db.pool()).await?.iter().map(read).collect()
}

/// One customer, for a person who may see it.
pub(super) async fn of_customer(db: &Db, seen: &Seen) -> Result<Option<(HealthRow, Reached)>, Refusal> {
    let text = "select h.customer_id, h.state, h.cause, h.detail, h.since, h.parts, c.node, n.kind from health h \
                join customers c on c.id = h.customer_id join node_links n on n.node = c.node where h.customer_id = $1";
    let row = sqlx::query(text).bind(seen.customer().id.as_str()).fetch_optional(db.pool()).await?;
    row.map(|row| Ok((read(&row)?, Reached { node: NodeId(row.try_get(6)?), kind: read_kind(&row.try_get::<String, _>(7)?)? }))).transpose()
}

/// Notes what a sync found; the row as it is else, when that is news.
pub(super) async fn tell_parts(db: &Db, customer: &CustomerId, parts: Option<&Verdict>) -> Result<Option<HealthRow>, Refusal> {
    let value = parts.map(serde_json::to_string).transpose().map_err(Refusal::internal)?;
    let text = "update health set parts = $2 where customer_id = $1 and coalesce(parts, '') <> coalesce($2, '') \
                returning customer_id, state, cause, detail, since, parts";
    let row = sqlx::query(text).bind(customer.as_str()).bind(value).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// Writes how a customer is, if that is news, with a line in its history when state or cause changed. True when the state changed.
pub(super) async fn change(db: &Db, row: &HealthRow, wanted: &Verdict, now_us: i64) -> Result<bool, Refusal> {
    if row.now == *wanted {
        return Ok(false);
    }
    let turned = row.now.state != wanted.state;
    let mut tx = db.begin().await?;
    let text = "update health set state = $3, cause = $4, detail = $5, since = case when state = $3 then since else $6 end \
                where customer_id = $1 and state = $2";
    let query = sqlx::query(text).bind(row.customer.as_str()).bind(row.now.state.as_str()).bind(wanted.state.as_str());
    let query = query.bind(wanted.cause.map(|cause| cause.as_str().to_owned())).bind(wanted.detail.clone()).bind(now_us);
    if query.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(false);
    }
    if turned || row.now.cause != wanted.cause {
        add_change(&mut tx, &row.customer, wanted, now_us).await?;
    }
    tx.commit().await?;
    Ok(turned)
}

async fn add_change(tx: &mut Tx, customer: &CustomerId, verdict: &Verdict, now_us: i64) -> Result<(), Refusal> {
    let text =
        "insert into health_change (customer_id, time, state, cause, detail) values ($1, $2, $3, $4, $5) on conflict (customer_id, time) do nothing";
    let query = sqlx::query(text).bind(customer.as_str()).bind(now_us).bind(verdict.state.as_str());
    query.bind(verdict.cause.map(|cause| cause.as_str().to_owned())).bind(verdict.detail.clone()).execute(&mut **tx).await?;
    let text = "delete from health_change where customer_id = $1 and (time < $2 or time < \
                (select min(time) from (select time from health_change where customer_id = $1 order by time desc limit $3) kept))";
    sqlx::query(text).bind(customer.as_str()).bind(now_us - CHANGES_KEPT_US).bind(CHANGES).execute(&mut **tx).await?;
    Ok(())
}

/// Newest first.
pub(super) async fn history(db: &Db, seen: &Seen) -> Result<Vec<HealthChange>, Refusal> {
    let text = "select time, state, cause, detail from health_change where customer_id = $1 order by time desc limit $2";
    let rows = sqlx::query(text).bind(seen.customer().id.as_str()).bind(SHOWN).fetch_all(db.pool()).await?;
    let change = |row: &AnyRow| {
        let state = word(&row.try_get::<String, _>(1)?)?;
        Ok(HealthChange { time: from_us(row.try_get(0)?), state, cause: cause(row, 2)?, detail: row.try_get(3)? })
    };
    rows.iter().map(change).collect()
}

/// Writes how one direction is, if that is news.
pub(super) async fn set_direction(
    db: &Db,
    node: &NodeId,
    direction: Direction,
    state: Health,
    detail: Option<&str>,
    now_us: i64,
) -> Result<(), Refusal> {
    let known = "select node from node_directions where node = $1 and direction = $2 and state = $3 and coalesce(detail, '') = coalesce($4, '')";
    let query = sqlx::query(known).bind(node.as_str()).bind(direction.as_str()).bind(state.as_str()).bind(detail.map(str::to_owned));
    if query.fetch_optional(db.pool()).await?.is_some() {
        return Ok(());
    }
    let text = "insert into node_directions (node, direction, state, since, detail) \
                select node, $2, $3, $4, $5 from node_links where node = $1 on conflict (node, direction) do update set \
                since = case when node_directions.state = excluded.state then node_directions.since else excluded.since end, \
                state = excluded.state, detail = excluded.detail";
    let query = sqlx::query(text).bind(node.as_str()).bind(direction.as_str()).bind(state.as_str()).bind(now_us);
    query.bind(detail.map(str::to_owned)).execute(db.pool()).await?;
    Ok(())
}

/// Both directions, one that was never looked at as unknown.
pub(super) async fn directions(db: &Db, node: &NodeId) -> Result<Vec<LinkDirection>, Refusal> {
    let rows =
        sqlx::query("select direction, state, since, detail from node_directions where node = $1").bind(node.as_str()).fetch_all(db.pool()).await?;
    let read = |row: &AnyRow| -> Result<LinkDirection, Refusal> {
        let (direction, state) = (word(&row.try_get::<String, _>(0)?)?, word(&row.try_get::<String, _>(1)?)?);
        Ok(LinkDirection { direction, state, since: Some(from_us(row.try_get(2)?)), detail: row.try_get(3)? })
    };
    let known = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let one = |direction: &Direction| {
        let unknown = LinkDirection { direction: *direction, state: Health::Unknown, since: None, detail: None };
        known.iter().find(|known| known.direction == *direction).cloned().unwrap_or(unknown)
    };
    Ok(Direction::ALL.iter().map(one).collect())
}

/// Keeps five minutes that ended, and drops what is older than `since_us`.
pub(super) async fn keep_bucket(db: &Db, node: &NodeId, bucket: &Bucket, since_us: i64) -> Result<(), Refusal> {
    let text = "insert into node_latency (node, bucket, answered, missed, median_us, most_us) \
                select node, $2, $3, $4, $5, $6 from node_links where node = $1 on conflict (node, bucket) do update set \
                answered = node_latency.answered + excluded.answered, missed = node_latency.missed + excluded.missed, \
                median_us = coalesce(excluded.median_us, node_latency.median_us), most_us = coalesce(excluded.most_us, node_latency.most_us)";
    let number = |number: Option<u64>| number.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let query = sqlx::query(text).bind(node.as_str()).bind(bucket.bucket).bind(i64::from(bucket.answered)).bind(i64::from(bucket.missed));
    query.bind(number(bucket.median_us)).bind(number(bucket.most_us)).execute(db.pool()).await?;
    let text = "delete from node_latency where node = $1 and bucket < $2";
    sqlx::query(text).bind(node.as_str()).bind(since_us).execute(db.pool()).await?;
    Ok(())
}

/// Oldest first.
pub(super) async fn latency(db: &Db, node: &NodeId, since_us: i64) -> Result<Vec<Bucket>, Refusal> {
    let text = "select bucket, answered, missed, median_us, most_us from node_latency where node = $1 and bucket >= $2 order by bucket";
    let rows = sqlx::query(text).bind(node.as_str()).bind(since_us).fetch_all(db.pool()).await?;
    let count = |row: &AnyRow, column: usize| Ok::<_, Refusal>(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(u32::MAX));
    let time = |row: &AnyRow, column: usize| Ok::<_, Refusal>(row.try_get::<Option<i64>, _>(column)?.and_then(|us| u64::try_from(us).ok()));
    let bucket = |row: &AnyRow| {
        Ok(Bucket { bucket: row.try_get(0)?, answered: count(row, 1)?, missed: count(row, 2)?, median_us: time(row, 3)?, most_us: time(row, 4)? })
    };
    rows.iter().map(bucket).collect()
}

/// Whether the database answers.
pub(super) async fn database_answers(db: &Db) -> Result<(), Refusal> {
    sqlx::query("select 1").execute(db.pool()).await?;
    Ok(())
}

fn cause(row: &AnyRow, column: usize) -> Result<Option<HealthCause>, Refusal> {
    row.try_get::<Option<String>, _>(column)?.map(|text| word(&text)).transpose()
}

fn read(row: &AnyRow) -> Result<HealthRow, Refusal> {
    let parts: Option<String> = row.try_get(5)?;
    Ok(HealthRow {
        customer: CustomerId(row.try_get(0)?),
        now: Verdict { state: word(&row.try_get::<String, _>(1)?)?, cause: cause(row, 2)?, detail: row.try_get(3)? },
        since_us: row.try_get(4)?,
        parts: parts.map(|text| serde_json::from_str(&text).map_err(Refusal::internal)).transpose()?,
    })
}
