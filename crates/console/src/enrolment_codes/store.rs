//! Rows of `enrolment_codes`.

use crate::customers::{Registration, name_key};
use bailiwick_api::{CustomerId, EnrolmentCodeInfo};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use bailiwick_link::{EnrolmentCode, PublicKey};
use sqlx::{Row, any::AnyRow};

/// A code that ended is remembered so long, so that a late user hears why.
const REMEMBERED_US: i64 = 24 * 3600 * 1_000_000;

/// A code as it is kept.
pub(super) struct Code {
    pub(super) id: String,
    pub(super) key: PublicKey,
    pub(super) registration: Registration,
    pub(super) created_by: String,
    pub(super) expires: i64,
    pub(super) stage: Stage,
}

/// What became of a code.
pub(super) enum Stage {
    Open,
    Used(Option<CustomerId>),
    Withdrawn,
}

pub(super) async fn insert(
    tx: &mut Tx,
    code: &EnrolmentCode,
    registration: &Registration,
    by: &str,
    now_us: i64,
    expires: i64,
) -> Result<(), Refusal> {
    let text = "insert into enrolment_codes (id, public_key, name, name_key, mail, is_primary, created, created_by, expires, state) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open')";
    let done = sqlx::query(text)
        .bind(&code.id)
        .bind(code.key.public().to_string())
        .bind(&registration.name)
        .bind(name_key(&registration.name))
        .bind(&registration.mail)
        .bind(i64::from(registration.primary))
        .bind(now_us)
        .bind(by)
        .bind(expires)
        .execute(&mut **tx)
        .await;
    match done {
        Err(error) if Db::is_unique_violation(&error) => {
            Err(Refusal::conflict("NAME_TAKEN", "name: an open enrolment code is for this name; withdraw that one first").field("name"))
        }
        other => Ok(other.map(drop)?),
    }
}

/// Drops codes that nobody can use any more: open ones at once, so that their name is free, ended ones after a day.
pub(super) async fn purge(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    sqlx::query("update enrolment_codes set state = 'ended' where state = 'open' and expires <= $1").bind(now_us).execute(&mut **tx).await?;
    sqlx::query("delete from enrolment_codes where expires <= $1").bind(now_us - REMEMBERED_US).execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn count_open(tx: &mut Tx, now_us: i64) -> Result<i64, Refusal> {
    let row = sqlx::query("select count(*) from enrolment_codes where state = 'open' and expires > $1").bind(now_us).fetch_one(&mut **tx).await?;
    Ok(row.try_get(0)?)
}

/// Open codes, oldest first.
pub(super) async fn open(db: &Db, now_us: i64, limit: i64) -> Result<Vec<EnrolmentCodeInfo>, Refusal> {
    let text = "select id, name, mail, is_primary, created_by, created, expires from enrolment_codes \
                where state = 'open' and expires > $1 order by created, id limit $2";
    let rows = sqlx::query(text).bind(now_us).bind(limit).fetch_all(db.pool()).await?;
    let info = |row: &AnyRow| {
        Ok(EnrolmentCodeInfo {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            mail: row.try_get(2)?,
            primary: row.try_get::<i64, _>(3)? == 1,
            created_by: row.try_get(4)?,
            created_time: from_us(row.try_get(5)?),
            expires_time: from_us(row.try_get(6)?),
        })
    };
    rows.iter().map(info).collect()
}

pub(super) async fn find(db: &Db, id: &str) -> Result<Option<Code>, Refusal> {
    let text = "select id, public_key, name, mail, is_primary, created_by, expires, state, customer_id from enrolment_codes where id = $1";
    let row = sqlx::query(text).bind(id).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<Code, Refusal> {
    let stage = match row.try_get::<String, _>(7)?.as_str() {
        "used" => Stage::Used(row.try_get::<Option<String>, _>(8)?.map(CustomerId)),
        "withdrawn" => Stage::Withdrawn,
        _ => Stage::Open,
    };
    Ok(Code {
        id: row.try_get(0)?,
        key: row.try_get::<String, _>(1)?.parse().map_err(Refusal::internal)?,
        registration: Registration { name: row.try_get(2)?, mail: row.try_get(3)?, primary: row.try_get::<i64, _>(4)? == 1 },
        created_by: row.try_get(5)?,
        expires: row.try_get(6)?,
        stage,
    })
}

/// Uses an open code up. False when somebody was faster.
pub(super) async fn spend(tx: &mut Tx, id: &str, now_us: i64) -> Result<bool, Refusal> {
    let text = "update enrolment_codes set state = 'used' where id = $1 and state = 'open' and expires > $2";
    Ok(sqlx::query(text).bind(id).bind(now_us).execute(&mut **tx).await?.rows_affected() == 1)
}

/// Notes whom a used code made.
pub(super) async fn spent_for(tx: &mut Tx, id: &str, customer: &CustomerId) -> Result<(), Refusal> {
    sqlx::query("update enrolment_codes set customer_id = $2 where id = $1").bind(id).bind(customer.as_str()).execute(&mut **tx).await?;
    Ok(())
}

/// Withdraws an open code. False when there is none.
pub(super) async fn withdraw(tx: &mut Tx, id: &str, now_us: i64) -> Result<bool, Refusal> {
    let text = "update enrolment_codes set state = 'withdrawn' where id = $1 and state = 'open' and expires > $2";
    Ok(sqlx::query(text).bind(id).bind(now_us).execute(&mut **tx).await?.rows_affected() == 1)
}
