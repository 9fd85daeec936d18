//! Rows of `audit` and its counter.

use super::{
    chain,
    filter::{Filter, Value},
};
use crate::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use bailiwick_api::{AUDIT_BEGINNING, AuditEntry, AuditModule, Paged};
use data_encoding::BASE64URL_NOPAD;
use sqlx::{Any, AssertSqlSafe, Row, any::AnyRow, query::Query};

/// Each line with the hash of the one before it.
macro_rules! lines {
    ($rest:literal) => {
        concat!(
            "select a.id, a.time, a.actor, a.verb, a.customer_id, a.subject, a.outcome, a.detail, a.hash, p.hash as previous \
             from audit a left join audit p on p.id = a.id - 1 where ",
            $rest
        )
    };
}

/// What is written down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line<'a> {
    /// When, microseconds.
    pub time_us: i64,
    /// Who.
    pub actor: &'a str,
    /// What.
    pub verb: &'a str,
    /// On whom, as an id.
    pub on: Option<&'a str>,
    /// Whom or what it was done to.
    pub subject: &'a str,
    /// How it ended.
    pub outcome: &'a str,
    /// The reason a person gave.
    pub detail: Option<&'a str>,
}

/// The newest line there is.
pub(super) struct Head {
    pub(super) last: i64,
    pub(super) hash: String,
}

/// Adds a line in a transaction. Comes last before the commit: it holds the counter until then.
pub async fn append(tx: &mut Tx, line: &Line<'_>) -> Result<(), Refusal> {
    let next = "update audit_counter set last = last + 1 where one = 1 returning last, head";
    let counter = sqlx::query(next).fetch_one(&mut **tx).await?;
    let id: i64 = counter.try_get(0)?;
    let head: Option<String> = counter.try_get(1)?;
    let beginning = (id == 1).then(|| AUDIT_BEGINNING.to_owned());
    let previous = head.or(beginning).ok_or_else(|| Refusal::internal("the audit was not sealed at the start"))?;
    let entry = AuditEntry {
        id,
        time: from_us(line.time_us),
        actor: line.actor.to_owned(),
        verb: line.verb.to_owned(),
        module: AuditModule::of(line.verb),
        subject: line.subject.to_owned(),
        outcome: line.outcome.to_owned(),
        detail: line.detail.map(str::to_owned),
        previous,
        hash: String::new(),
        ..AuditEntry::on(line.on)
    };
    let hash = chain::hash(&entry);
    let text = "insert into audit (id, time, actor, verb, customer_id, subject, outcome, detail, hash) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    sqlx::query(text)
        .bind(id)
        .bind(line.time_us)
        .bind(line.actor)
        .bind(line.verb)
        .bind(line.on.map(str::to_owned))
        .bind(line.subject)
        .bind(line.outcome)
        .bind(line.detail.map(str::to_owned))
        .bind(&hash)
        .execute(&mut **tx)
        .await?;
    sqlx::query("update audit_counter set head = $1 where one = 1").bind(&hash).execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn head(db: &Db) -> Result<Head, Refusal> {
    let row = sqlx::query("select last, head from audit_counter where one = 1").fetch_one(db.pool()).await?;
    let hash: Option<String> = row.try_get(1)?;
    Ok(Head { last: row.try_get(0)?, hash: hash.unwrap_or_else(|| AUDIT_BEGINNING.to_owned()) })
}

/// One line.
pub(super) async fn line(db: &Db, id: i64) -> Result<Option<AuditEntry>, Refusal> {
    let row = sqlx::query(lines!("a.id = $1")).bind(id).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// The lines behind `after` up to `until`, oldest first.
pub(super) async fn run(db: &Db, after: i64, until: i64, rows: i64) -> Result<Vec<AuditEntry>, Refusal> {
    let query = sqlx::query(lines!("a.id > $1 and a.id <= $2 order by a.id limit $3"));
    let rows = query.bind(after).bind(until).bind(rows).fetch_all(db.pool()).await?;
    rows.iter().map(read).collect()
}

/// The lines behind `after` up to `until` that are wanted, oldest first.
pub(super) async fn wanted(db: &Db, filter: &Filter, after: i64, until: i64, rows: u32) -> Result<Vec<AuditEntry>, Refusal> {
    let mut filter = filter.clone();
    filter.compare("a.id > ", Value::Number(after));
    filter.compare("a.id <= ", Value::Number(until));
    select(db, &filter, "a.id", rows).await
}

/// A page of the lines that are wanted, newest first. `limit` is one that [`super::limit`] gave.
pub async fn page(db: &Db, filter: &Filter, limit: u32, cursor: Option<&str>) -> Result<Paged<AuditEntry>, Refusal> {
    let mut filter = filter.clone();
    if let Some(cursor) = cursor {
        filter.compare("a.id < ", Value::Number(before(cursor)?));
    }
    let mut data = select(db, &filter, "a.id desc", limit + 1).await?;
    let more = data.len() > limit as usize;
    data.truncate(limit as usize);
    let next = data.last().filter(|_| more).map(|entry| BASE64URL_NOPAD.encode(entry.id.to_string().as_bytes()));
    Ok(Paged { data, next })
}

fn before(cursor: &str) -> Result<i64, Refusal> {
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok();
    let id = bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
    id.ok_or_else(|| Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: not one that was given for this list"))
}

async fn select(db: &Db, filter: &Filter, order: &str, rows: u32) -> Result<Vec<AuditEntry>, Refusal> {
    let (conditions, values) = filter.parts();
    let text = format!("{}{conditions} order by {order} limit ${}", lines!(""), values.len() + 1);
    let query = values.iter().fold(sqlx::query(AssertSqlSafe(text)), bind);
    let rows = query.bind(i64::from(rows)).fetch_all(db.pool()).await?;
    rows.iter().map(read).collect()
}

fn bind<'q>(query: Query<'q, Any, sqlx::any::AnyArguments>, value: &'q Value) -> Query<'q, Any, sqlx::any::AnyArguments> {
    match value {
        Value::Text(text) => query.bind(text.clone()),
        Value::Number(number) => query.bind(*number),
    }
}

/// Every verb that was ever written, each found by one step in the index.
pub(super) async fn verbs(db: &Db) -> Result<Vec<String>, Refusal> {
    let text = "with recursive known (verb) as (select min(verb) from audit union all \
                select (select min(a.verb) from audit a where a.verb > known.verb) from known where known.verb is not null) \
                select verb from known where verb is not null";
    let rows = sqlx::query(text).fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

pub(super) fn read(row: &AnyRow) -> Result<AuditEntry, Refusal> {
    let verb: String = row.try_get("verb")?;
    let on: Option<String> = row.try_get("customer_id")?;
    Ok(AuditEntry {
        id: row.try_get("id")?,
        time: from_us(row.try_get("time")?),
        actor: row.try_get("actor")?,
        module: AuditModule::of(&verb),
        verb,
        subject: row.try_get("subject")?,
        outcome: row.try_get("outcome")?,
        detail: row.try_get("detail")?,
        previous: row.try_get::<Option<String>, _>("previous")?.unwrap_or_else(|| AUDIT_BEGINNING.to_owned()),
        hash: row.try_get::<Option<String>, _>("hash")?.unwrap_or_default(),
        ..AuditEntry::on(on.as_deref())
    })
}
