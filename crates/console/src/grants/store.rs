//! Rows of `grants`. `revision` moves with each decision, so that what a node confirmed late does not hide a newer decision.

use super::{Decisions, LIMIT, Which, Whose};
use crate::store::word;
use bailiwick_api::{CustomerId, Grant, GrantCounts, GrantId, GrantState, NewGrant, NodeId, Role, UserId, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};
use std::collections::HashMap;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select g.id, g.user_id, u.email, g.customer_id, c.name, g.desired, g.applied, g.state, g.detail, b.email, g.updated, g.ends ",
            "from grants g join users u on u.id = g.user_id join customers c on c.id = g.customer_id join users b on b.id = g.granted_by ",
            $rest
        )
    };
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

/// A person has another name: what the nodes have is written there once more.
pub(super) async fn renamed(tx: &mut Tx, user: &UserId, now_us: i64) -> Result<(), Refusal> {
    let text = "update grants set state = 'PENDING', revision = revision + 1, updated = $2 \
                where user_id = $1 and state = 'APPLIED' and desired is not null";
    sqlx::query(text).bind(user.as_str()).bind(now_us).execute(&mut **tx).await?;
    Ok(())
}

/// The grant of a person on a customer with the delegations it follows from. Where nothing is left, and nothing was at the node, it says so.
pub(super) async fn one(tx: &mut Tx, new: &NewGrant, email: &str, now_us: i64) -> Result<Grant, Refusal> {
    let query = sqlx::query(select!("where g.user_id = $1 and g.customer_id = $2")).bind(new.user.as_str()).bind(new.customer.as_str());
    let row = query.fetch_optional(&mut **tx).await?;
    let mut grant = match row {
        Some(row) => read(&row)?,
        None => nothing_left(tx, new, email, now_us).await?,
    };
    let decisions = Decisions::read(tx, Whose::Both(&new.user, &new.customer)).await?;
    super::explain(&mut grant, &decisions, now_us);
    Ok(grant)
}

/// A grant that there is none.
async fn nothing_left(tx: &mut Tx, new: &NewGrant, email: &str, now_us: i64) -> Result<Grant, Refusal> {
    let row = sqlx::query("select name from customers where id = $1").bind(new.customer.as_str()).fetch_one(&mut **tx).await?;
    Ok(Grant {
        id: GrantId(String::new()),
        user: new.user.clone(),
        email: email.to_owned(),
        customer: new.customer.clone(),
        customer_name: row.try_get(0)?,
        desired: None,
        applied: None,
        state: GrantState::Applied,
        detail: Some("there is no grant".into()),
        expires_time: None,
        reason: None,
        via: Vec::new(),
        granted_by: String::new(),
        updated_time: from_us(now_us),
    })
}

/// On how many customers each person has a role, by how far it has come.
pub(super) async fn counts(db: &Db, only: Option<&UserId>, now_us: i64) -> Result<HashMap<UserId, GrantCounts>, Refusal> {
    let text = "select g.user_id, g.state, count(*) from grants g join customers c on c.id = g.customer_id where c.state = 'ACTIVE' \
                and g.desired is not null and (g.ends is null or g.ends > $2) and ($1 = '' or g.user_id = $1) group by g.user_id, g.state";
    let query = sqlx::query(text).bind(only.map_or("", UserId::as_str).to_owned()).bind(now_us);
    let mut counts: HashMap<UserId, GrantCounts> = HashMap::new();
    for row in query.fetch_all(db.pool()).await? {
        let of = counts.entry(UserId(row.try_get(0)?)).or_default();
        let count = u32::try_from(row.try_get::<i64, _>(2)?).unwrap_or(u32::MAX);
        of.granted += count;
        match state(&row.try_get::<String, _>(1)?)? {
            GrantState::Applied => of.applied += count,
            GrantState::Pending => of.pending += count,
            GrantState::Refused => of.refused += count,
        }
    }
    Ok(counts)
}

/// Mail addresses of everybody else who has a role on a customer.
pub(super) async fn others(db: &Db, pending: &Pending) -> Result<Vec<String>, Refusal> {
    let text = "select u.email from grants g join users u on u.id = g.user_id where g.customer_id = $1 and g.desired is not null and g.id <> $2";
    let rows = sqlx::query(text).bind(pending.customer.as_str()).bind(pending.id.as_str()).fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The latest [`LIMIT`] grants, by customer and person.
pub(super) async fn list(db: &Db, which: &Which, now_us: i64) -> Result<Vec<Grant>, Refusal> {
    let text = select!(
        "where c.state = 'ACTIVE' and ($1 = '' or g.user_id = $1) and ($2 = '' or g.customer_id = $2) \
         and ($3 = 0 or (g.desired is not null and (g.ends is null or g.ends > $5))) order by g.updated desc limit $4"
    );
    let rows = sqlx::query(text)
        .bind(which.user.as_ref().map_or("", UserId::as_str).to_owned())
        .bind(which.customer.as_ref().map_or("", CustomerId::as_str).to_owned())
        .bind(i64::from(which.standing))
        .bind(LIMIT)
        .bind(now_us)
        .fetch_all(db.pool())
        .await?;
    let mut grants = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    grants.sort_by_cached_key(|g| (g.customer_name.to_lowercase(), g.email.to_lowercase()));
    Ok(grants)
}

/// What somebody holds on a customer, as far as it has come.
pub(super) struct Standing {
    pub(super) user: UserId,
    pub(super) email: String,
    pub(super) role: Option<Role>,
    pub(super) applied: bool,
}

/// Everybody's on one customer. By a sync at work, for no person.
pub(super) async fn on(db: &Db, customer: &CustomerId) -> Result<Vec<Standing>, Refusal> {
    let text = "select g.user_id, u.email, g.desired, g.state from grants g join users u on u.id = g.user_id where g.customer_id = $1 order by g.id";
    let rows = sqlx::query(text).bind(customer.as_str()).fetch_all(db.pool()).await?;
    let standing = |row: &AnyRow| {
        let applied = row.try_get::<String, _>(3)? == "APPLIED";
        Ok(Standing { user: UserId(row.try_get(0)?), email: row.try_get(1)?, role: role(row, 2)?, applied })
    };
    rows.iter().map(standing).collect()
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
    pub(super) ends_us: Option<i64>,
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
    let text = "select g.id, g.revision, g.customer_id, c.workspace, u.email, u.name, g.desired, b.email, b.name, g.detail, g.ends \
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

/// How far a grant has come, as it is stored.
pub(crate) fn state(text: &str) -> Result<GrantState, Refusal> {
    match text {
        "APPLIED" => Ok(GrantState::Applied),
        "PENDING" => Ok(GrantState::Pending),
        "REFUSED" => Ok(GrantState::Refused),
        other => Err(Refusal::internal(format!("unknown grant state {other}"))),
    }
}

/// A row; the delegations it follows from are added to it by whoever lists.
fn read(row: &AnyRow) -> Result<Grant, Refusal> {
    Ok(Grant {
        id: GrantId(row.try_get(0)?),
        user: UserId(row.try_get(1)?),
        email: row.try_get(2)?,
        customer: CustomerId(row.try_get(3)?),
        customer_name: row.try_get(4)?,
        desired: role(row, 5)?,
        applied: role(row, 6)?,
        state: state(&row.try_get::<String, _>(7)?)?,
        detail: row.try_get(8)?,
        expires_time: row.try_get::<Option<i64>, _>(11)?.map(from_us),
        reason: None,
        via: Vec::new(),
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
        ends_us: row.try_get(10)?,
    })
}
