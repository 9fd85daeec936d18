//! Rows of `removals`. What a row tells of a customer is registration; it stays when the customer is gone.

use super::LIMIT;
use crate::store::word;
use bailiwick_api::{CustomerId, NodeId, Removal, RemovalId, RemovalKind, RemovalState, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

/// Removals looked at in one pass.
const BATCH: i64 = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, customer_id, name, region, node, workspace, how, state, reason, requested_by, requested, due, closed, detail from removals ",
            $rest
        )
    };
}

pub(super) async fn insert(tx: &mut Tx, removal: &Removal, was_primary: bool) -> Result<(), Refusal> {
    let text = "insert into removals (id, customer_id, name, region, node, workspace, was_primary, how, state, reason, requested_by, \
                requested, due, detail) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let due = removal.undo_until.unwrap_or(removal.requested_time).timestamp_micros();
    sqlx::query(text)
        .bind(removal.id.as_str())
        .bind(removal.customer.as_str())
        .bind(&removal.name)
        .bind(&removal.region)
        .bind(removal.node.as_str())
        .bind(removal.workspace.as_str())
        .bind(i64::from(was_primary))
        .bind(removal.how.as_str())
        .bind(removal.state.as_str())
        .bind(removal.reason.clone())
        .bind(&removal.requested_by)
        .bind(removal.requested_time.timestamp_micros())
        .bind(due)
        .bind(removal.detail.clone())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Adds what a customer that moved left behind.
pub(crate) async fn insert_moved(tx: &mut Tx, removal: &Removal) -> Result<(), Refusal> {
    insert(tx, removal, false).await
}

pub(super) async fn get(db: &Db, id: &RemovalId) -> Result<Option<Removal>, Refusal> {
    let row = sqlx::query(select!("where id = $1")).bind(id.as_str()).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// The removal of a customer that can be undone.
pub(super) async fn suspended(db: &Db, customer: &CustomerId) -> Result<Option<Removal>, Refusal> {
    let query = sqlx::query(select!("where customer_id = $1 and state = 'SUSPENDED'")).bind(customer.as_str());
    query.fetch_optional(db.pool()).await?.as_ref().map(read).transpose()
}

pub(super) async fn was_primary(tx: &mut Tx, id: &RemovalId) -> Result<bool, Refusal> {
    let row = sqlx::query("select was_primary from removals where id = $1").bind(id.as_str()).fetch_one(&mut **tx).await?;
    Ok(row.try_get::<i64, _>(0)? == 1)
}

/// Removals that wait for nothing but their node.
pub(super) async fn due(db: &Db, now_us: i64) -> Result<Vec<Removal>, Refusal> {
    let text = select!("where state = 'PENDING' or (state = 'SUSPENDED' and due <= $1) order by requested, id limit $2");
    let rows = sqlx::query(text).bind(now_us).bind(BATCH).fetch_all(db.pool()).await?;
    rows.iter().map(read).collect()
}

/// Ends the time in which a removal can be undone.
pub(super) async fn hasten(db: &Db, id: &RemovalId, now_us: i64) -> Result<(), Refusal> {
    let text = "update removals set due = $2 where id = $1 and state = 'SUSPENDED' and due > $2";
    sqlx::query(text).bind(id.as_str()).bind(now_us).execute(db.pool()).await?;
    Ok(())
}

/// Open removals of a workspace.
pub(super) async fn open_at(tx: &mut Tx, region: &str, workspace: &WorkspaceId) -> Result<Vec<Removal>, Refusal> {
    let text = select!("where region = $1 and workspace = $2 and state in ('SUSPENDED', 'PENDING')");
    let rows = sqlx::query(text).bind(region).bind(workspace.as_str()).fetch_all(&mut **tx).await?;
    rows.iter().map(read).collect()
}

/// Whether a node is still to be told of a customer that is gone.
pub(crate) async fn waits_for(tx: &mut Tx, node: &NodeId) -> Result<bool, Refusal> {
    let text = "select id from removals where node = $1 and state in ('SUSPENDED', 'PENDING') limit 1";
    Ok(sqlx::query(text).bind(node.as_str()).fetch_optional(&mut **tx).await?.is_some())
}

/// The latest [`LIMIT`], newest first.
pub(super) async fn list(db: &Db) -> Result<Vec<Removal>, Refusal> {
    let rows = sqlx::query(select!("order by requested desc, id limit $1")).bind(LIMIT).fetch_all(db.pool()).await?;
    rows.iter().map(read).collect()
}

/// Ends an open removal; false when somebody was faster.
pub(super) async fn close(tx: &mut Tx, id: &RemovalId, state: RemovalState, now_us: i64) -> Result<bool, Refusal> {
    let text = "update removals set state = $2, closed = $3, detail = null where id = $1 and state in ('SUSPENDED', 'PENDING')";
    let query = sqlx::query(text).bind(id.as_str()).bind(state.as_str()).bind(now_us);
    Ok(query.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Takes the open removal of a customer away, for another one to stand in its place.
pub(super) async fn drop_open(tx: &mut Tx, customer: &CustomerId) -> Result<(), Refusal> {
    let text = "delete from removals where customer_id = $1 and state = 'SUSPENDED'";
    sqlx::query(text).bind(customer.as_str()).execute(&mut **tx).await?;
    Ok(())
}

/// Notes what a removal waits for.
pub(super) async fn note(db: &Db, id: &RemovalId, detail: &str) -> Result<(), Refusal> {
    let text = "update removals set detail = $2 where id = $1 and coalesce(detail, '') <> $2";
    sqlx::query(text).bind(id.as_str()).bind(detail).execute(db.pool()).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Removal, Refusal> {
    let state: RemovalState = word(&row.try_get::<String, _>(7)?)?;
    let how: RemovalKind = word(&row.try_get::<String, _>(6)?)?;
    let due: i64 = row.try_get(11)?;
    Ok(Removal {
        id: RemovalId(row.try_get(0)?),
        customer: CustomerId(row.try_get(1)?),
        name: row.try_get(2)?,
        region: row.try_get(3)?,
        node: NodeId(row.try_get(4)?),
        workspace: WorkspaceId(row.try_get(5)?),
        how,
        state,
        reason: row.try_get(8)?,
        requested_by: row.try_get(9)?,
        requested_time: from_us(row.try_get(10)?),
        undo_until: (state == RemovalState::Suspended).then(|| from_us(due)),
        closed_time: row.try_get::<Option<i64>, _>(12)?.map(from_us),
        detail: row.try_get(13)?,
    })
}
