//! Rows of `grants`. `revision` moves with each decision, so that what a node confirmed late does not hide a newer decision.

use super::{LIMIT, Which};
use crate::store::word;
use bailiwick_api::{CustomerId, Grant, GrantId, GrantState, NewGrant, NodeId, Role, UserId, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select g.id, g.user_id, u.email, g.customer_id, c.name, g.desired, g.applied, g.state, g.detail, b.email, g.updated ",
            "from grants g join users u on u.id = g.user_id join customers c on c.id = g.customer_id join users b on b.id = g.granted_by ",
            $rest
        )
    };
}

/// Gives a role, or changes it.
pub(super) async fn set(tx: &mut Tx, id: &str, new: &NewGrant, role: Role, by: &UserId, now_us: i64) -> Result<GrantId, Refusal> {
    let text = "insert into grants (id, user_id, customer_id, desired, state, revision, granted_by, updated) \
                values ($1, $2, $3, $4, 'PENDING', 1, $5, $6) on conflict (user_id, customer_id) do update set \
                desired = excluded.desired, state = 'PENDING', detail = null, revision = grants.revision + 1, \
                granted_by = excluded.granted_by, updated = excluded.updated returning id";
    let query = sqlx::query(text).bind(id).bind(new.user.as_str()).bind(new.customer.as_str()).bind(role.as_str());
    let row = query.bind(by.as_str()).bind(now_us).fetch_one(&mut **tx).await?;
    Ok(GrantId(row.try_get(0)?))
}

/// Puts an applied grant back to pending.
pub(super) async fn doubt(db: &Db, user: &UserId, customer: &CustomerId, now_us: i64) -> Result<(), Refusal> {
    let text = "update grants set applied = null, state = 'PENDING', revision = revision + 1, updated = $3 \
                where user_id = $1 and customer_id = $2 and state = 'APPLIED' and desired is not null";
    sqlx::query(text).bind(user.as_str()).bind(customer.as_str()).bind(now_us).execute(db.pool()).await?;
    Ok(())
}

/// Puts every applied grant on a customer back to pending.
pub(super) async fn doubt_all(db: &Db, customer: &CustomerId, now_us: i64) -> Result<(), Refusal> {
    let text = "update grants set applied = null, state = 'PENDING', revision = revision + 1, updated = $2 \
                where customer_id = $1 and state = 'APPLIED' and desired is not null";
    sqlx::query(text).bind(customer.as_str()).bind(now_us).execute(db.pool()).await?;
    Ok(())
}

/// Takes a grant away; nothing when there was none.
pub(super) async fn unset(tx: &mut Tx, new: &NewGrant, by: &UserId, now_us: i64) -> Result<Option<GrantId>, Refusal> {
    let text = "update grants set desired = null, state = 'PENDING', detail = null, revision = revision + 1, granted_by = $3, updated = $4 \
                where user_id = $1 and customer_id = $2 returning id";
    let query = sqlx::query(text).bind(new.user.as_str()).bind(new.customer.as_str()).bind(by.as_str()).bind(now_us);
    let row = query.fetch_optional(&mut **tx).await?;
    row.map(|row| Ok(GrantId(row.try_get(0)?))).transpose()
}

pub(super) async fn one(tx: &mut Tx, id: &GrantId) -> Result<Grant, Refusal> {
    let row = sqlx::query(select!("where g.id = $1")).bind(id.as_str()).fetch_one(&mut **tx).await?;
    read(&row)
}

/// The latest [`LIMIT`] grants, by customer and person.
pub(super) async fn list(db: &Db, which: &Which) -> Result<Vec<Grant>, Refusal> {
    let text = select!(
        "where c.state = 'ACTIVE' and ($1 = '' or g.user_id = $1) and ($2 = '' or g.customer_id = $2) and ($3 = 0 or g.desired is not null) \
         order by g.updated desc limit $4"
    );
    let rows = sqlx::query(text)
        .bind(which.user.as_ref().map_or("", UserId::as_str).to_owned())
        .bind(which.customer.as_ref().map_or("", CustomerId::as_str).to_owned())
        .bind(i64::from(which.standing))
        .bind(LIMIT)
        .fetch_all(db.pool())
        .await?;
    let mut grants = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    grants.sort_by_cached_key(|g| (g.customer_name.to_lowercase(), g.email.to_lowercase()));
    Ok(grants)
}

/// A decision the node does not know yet.
pub(super) struct Pending {
    pub(super) id: GrantId,
    pub(super) revision: i64,
    pub(super) customer: CustomerId,
    pub(super) workspace: WorkspaceId,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) desired: Option<Role>,
    pub(super) by_email: String,
    pub(super) by_name: String,
    pub(super) detail: Option<String>,
}

/// Nodes that wait for decisions.
pub(super) async fn waiting_nodes(db: &Db) -> Result<Vec<NodeId>, Refusal> {
    let text = "select distinct c.node from grants g join customers c on c.id = g.customer_id where g.state = 'PENDING' and c.state = 'ACTIVE'";
    let rows = sqlx::query(text).fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok(NodeId(row.try_get(0)?))).collect()
}

/// Decisions a node waits for, oldest first, at most `limit`.
pub(super) async fn pending(db: &Db, node: &NodeId, limit: i64) -> Result<Vec<Pending>, Refusal> {
    let text = "select g.id, g.revision, g.customer_id, c.workspace, u.email, u.name, g.desired, b.email, b.name, g.detail \
                from grants g join users u on u.id = g.user_id join customers c on c.id = g.customer_id join users b on b.id = g.granted_by \
                where g.state = 'PENDING' and c.state = 'ACTIVE' and c.node = $1 order by g.updated, g.id limit $2";
    let rows = sqlx::query(text).bind(node.as_str()).bind(limit).fetch_all(db.pool()).await?;
    rows.iter().map(read_pending).collect()
}

/// The node confirmed a decision. False when it is no longer the latest.
pub(super) async fn applied(tx: &mut Tx, pending: &Pending, now_us: i64) -> Result<bool, Refusal> {
    let Some(role) = pending.desired else {
        let text = "delete from grants where id = $1 and revision = $2";
        let query = sqlx::query(text).bind(pending.id.as_str()).bind(pending.revision);
        return Ok(query.execute(&mut **tx).await?.rows_affected() == 1);
    };
    let text = "update grants set applied = $3, state = 'APPLIED', detail = null, updated = $4 where id = $1 and revision = $2";
    let query = sqlx::query(text).bind(pending.id.as_str()).bind(pending.revision).bind(role.as_str()).bind(now_us);
    Ok(query.execute(&mut **tx).await?.rows_affected() == 1)
}

/// The customer does not want the person. False when the decision is no longer the latest.
pub(super) async fn refused(tx: &mut Tx, pending: &Pending, detail: &str, now_us: i64) -> Result<bool, Refusal> {
    let text = "update grants set applied = null, state = 'REFUSED', detail = $3, updated = $4 where id = $1 and revision = $2";
    let query = sqlx::query(text).bind(pending.id.as_str()).bind(pending.revision).bind(detail).bind(now_us);
    Ok(query.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Notes why one decision still waits.
pub(super) async fn delayed(db: &Db, pending: &Pending, detail: &str) -> Result<(), Refusal> {
    if pending.detail.as_deref() != Some(detail) {
        let text = "update grants set detail = $3 where id = $1 and revision = $2 and state = 'PENDING'";
        sqlx::query(text).bind(pending.id.as_str()).bind(pending.revision).bind(detail).execute(db.pool()).await?;
    }
    Ok(())
}

/// Notes why all decisions of a node still wait.
pub(super) async fn all_delayed(db: &Db, node: &NodeId, detail: &str) -> Result<(), Refusal> {
    let text = "update grants set detail = $2 where state = 'PENDING' and (detail is null or detail <> $2) \
                and customer_id in (select id from customers where node = $1)";
    sqlx::query(text).bind(node.as_str()).bind(detail).execute(db.pool()).await?;
    Ok(())
}

fn role(row: &AnyRow, column: usize) -> Result<Option<Role>, Refusal> {
    row.try_get::<Option<String>, _>(column)?.map(|text| word(&text)).transpose()
}

fn read(row: &AnyRow) -> Result<Grant, Refusal> {
    let state = match row.try_get::<String, _>(7)?.as_str() {
        "APPLIED" => GrantState::Applied,
        "PENDING" => GrantState::Pending,
        "REFUSED" => GrantState::Refused,
        other => return Err(Refusal::internal(format!("unknown grant state {other}"))),
    };
    Ok(Grant {
        id: GrantId(row.try_get(0)?),
        user: UserId(row.try_get(1)?),
        email: row.try_get(2)?,
        customer: CustomerId(row.try_get(3)?),
        customer_name: row.try_get(4)?,
        desired: role(row, 5)?,
        applied: role(row, 6)?,
        state,
        detail: row.try_get(8)?,
        granted_by: row.try_get(9)?,
        updated_time: from_us(row.try_get(10)?),
    })
}

fn read_pending(row: &AnyRow) -> Result<Pending, Refusal> {
    Ok(Pending {
        id: GrantId(row.try_get(0)?),
        revision: row.try_get(1)?,
        customer: CustomerId(row.try_get(2)?),
        workspace: WorkspaceId(row.try_get(3)?),
        email: row.try_get(4)?,
        name: row.try_get(5)?,
        desired: role(row, 6)?,
        by_email: row.try_get(7)?,
        by_name: row.try_get(8)?,
        detail: row.try_get(9)?,
    })
}
