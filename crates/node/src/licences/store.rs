//! The licence of a workspace in its database, and what is used of it.

use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{Licence, LicenceResource};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

const SELECT: &str = "select daily_bytes, continuous_daily_bytes, frequent_daily_bytes, infrequent_daily_bytes, sources, users, retention_days, set_by \
                      from licence where one = 1";

/// The licence as it was last set, and by whom.
pub(crate) async fn read(db: &Db) -> Result<(Licence, Option<String>), Refusal> {
    let Some(row) = sqlx::query(SELECT).fetch_optional(db.pool()).await? else {
        return Ok((Licence::default(), None));
    };
    Ok((licence(&row)?, Some(row.try_get("set_by")?)))
}

/// The licence as a transaction sees it, to be held against what it is about to add.
pub(crate) async fn read_in(tx: &mut Tx) -> Result<Licence, Refusal> {
    sqlx::query(SELECT).fetch_optional(&mut **tx).await?.as_ref().map_or_else(|| Ok(Licence::default()), licence)
}

fn licence(row: &AnyRow) -> Result<Licence, Refusal> {
    let number = |name: &str| row.try_get::<Option<i64>, _>(name).map(|n| n.and_then(|n| u64::try_from(n).ok()));
    Ok(Licence {
        daily_bytes: number("daily_bytes")?,
        continuous_daily_bytes: number("continuous_daily_bytes")?,
        frequent_daily_bytes: number("frequent_daily_bytes")?,
        infrequent_daily_bytes: number("infrequent_daily_bytes")?,
        sources: number("sources")?,
        users: number("users")?,
        retention_days: number("retention_days")?,
    })
}

/// Sets the licence; from now on the throttle follows it.
pub(super) async fn set(grant: &WorkspaceGrant, licence: &Licence, now_us: i64) -> Result<(), Refusal> {
    let workspace = grant.demand(&[Action::ManageLicence])?;
    let text = "insert into licence (one, daily_bytes, continuous_daily_bytes, frequent_daily_bytes, infrequent_daily_bytes, sources, users, \
                retention_days, set_by, changed) values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9) \
                on conflict (one) do update set daily_bytes = excluded.daily_bytes, continuous_daily_bytes = excluded.continuous_daily_bytes, \
                frequent_daily_bytes = excluded.frequent_daily_bytes, infrequent_daily_bytes = excluded.infrequent_daily_bytes, \
                sources = excluded.sources, users = excluded.users, retention_days = excluded.retention_days, set_by = excluded.set_by, \
                changed = excluded.changed";
    let number = |n: Option<u64>| n.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    sqlx::query(text)
        .bind(number(licence.daily_bytes))
        .bind(number(licence.continuous_daily_bytes))
        .bind(number(licence.frequent_daily_bytes))
        .bind(number(licence.infrequent_daily_bytes))
        .bind(number(licence.sources))
        .bind(number(licence.users))
        .bind(number(licence.retention_days))
        .bind(grant.actor())
        .bind(now_us)
        .execute(workspace.db().pool())
        .await?;
    workspace.throttle().set(licence.daily_bytes);
    Ok(())
}

/// Bytes of the files by tier: between two instants, by the meters of one grain.
pub(super) async fn bytes_by_tier(grant: &WorkspaceGrant, grain: i64, from_us: i64, to_us: i64) -> Result<Vec<(String, u64)>, Refusal> {
    let workspace = grant.demand(&[Action::ViewHealth, Action::ManageLicence])?;
    let text = "select tier, coalesce(sum(bytes), 0) as bytes from meter where grain = $1 and bucket >= $2 and bucket < $3 group by tier";
    let rows = sqlx::query(text).bind(grain).bind(from_us).bind(to_us).fetch_all(workspace.db().pool()).await?;
    rows.iter().map(|row| Ok((row.try_get("tier")?, u64::try_from(row.try_get::<i64, _>("bytes")?).unwrap_or_default()))).collect()
}

/// The start of the first bucket since an instant that has anything in it, microseconds UTC.
pub(super) async fn first_bucket(grant: &WorkspaceGrant, grain: i64, from_us: i64) -> Result<Option<i64>, Refusal> {
    let workspace = grant.demand(&[Action::ViewHealth, Action::ManageLicence])?;
    let text = "select min(bucket) as first from meter where grain = $1 and bucket >= $2";
    let row = sqlx::query(text).bind(grain).bind(from_us).fetch_one(workspace.db().pool()).await?;
    Ok(row.try_get("first")?)
}

/// How many sources and technicians there are.
pub(super) async fn heads(grant: &WorkspaceGrant) -> Result<(u64, u64), Refusal> {
    let workspace = grant.demand(&[Action::ViewHealth, Action::ManageLicence])?;
    let text = "select (select count(*) from source where deleted is null) as sources, \
                (select count(*) from technician where revoked is null) as users";
    let row = sqlx::query(text).fetch_one(workspace.db().pool()).await?;
    let count = |name: &str| row.try_get::<i64, _>(name).map(|n| u64::try_from(n).unwrap_or_default());
    Ok((count("sources")?, count("users")?))
}

/// Refuses one more of a resource than is licensed.
pub(crate) async fn refuse_more(tx: &mut Tx, resource: LicenceResource, used: u64) -> Result<(), Refusal> {
    let limit = read_in(tx).await?.resources().get(resource);
    match limit {
        Some(limit) if used >= limit => Err(super::exceeded(resource, limit, used)),
        _ => Ok(()),
    }
}
