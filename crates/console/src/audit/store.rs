//! Rows of `audit`. A counter row gives out ids without gaps and in the order of commits, on both databases.

use super::{LIMIT, Line};
use bailiwick_api::{AuditCustomer, AuditEntry, AuditModule, CustomerId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::Row;

pub(super) async fn insert(tx: &mut Tx, line: &Line<'_>, now_us: i64) -> Result<(), Refusal> {
    let next = "update audit_counter set last = last + 1 where one = 1 returning last";
    let id: i64 = sqlx::query(next).fetch_one(&mut **tx).await?.try_get(0)?;
    sqlx::query("insert into audit (id, time, actor, verb, customer_id, outcome) values ($1, $2, $3, $4, $5, $6)")
        .bind(id)
        .bind(now_us)
        .bind(line.actor)
        .bind(line.verb)
        .bind(line.customer.map(|id| id.as_str().to_owned()))
        .bind(line.outcome)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Newest first.
pub(super) async fn newest(db: &Db) -> Result<Vec<AuditEntry>, Refusal> {
    let text = "select a.id, a.time, a.actor, a.verb, a.customer_id, a.outcome, \
                coalesce(c.name, (select max(r.name) from removals r where r.customer_id = a.customer_id)) from audit a \
                left join customers c on c.id = a.customer_id order by a.id desc limit $1";
    let rows = sqlx::query(text).bind(LIMIT).fetch_all(db.pool()).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let name: Option<String> = row.try_get(6)?;
        let id: Option<String> = row.try_get(4)?;
        entries.push(AuditEntry {
            id: row.try_get(0)?,
            time: from_us(row.try_get(1)?),
            actor: row.try_get(2)?,
            module: AuditModule::of(&row.try_get::<String, _>(3)?),
            verb: row.try_get(3)?,
            customer: id.map(|id| AuditCustomer { name: name.unwrap_or_else(|| id.clone()), id: CustomerId(id) }),
            subject: String::new(),
            outcome: row.try_get(5)?,
            detail: None,
            previous: String::new(),
            hash: String::new(),
        });
    }
    Ok(entries)
}
