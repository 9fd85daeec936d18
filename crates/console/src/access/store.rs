//! What a person holds on each customer, read from the tables of customers and grants.

use super::explain::{Known, KnownGrant};
use crate::{grants, store::word};
use bailiwick_api::{CustomerId, CustomerRef, NodeId, Role, Rrn, UserId, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::{Row, any::AnyRow};

macro_rules! standing {
    ($filter:literal) => {
        concat!(
            "select c.id, c.name, c.region, c.node, c.workspace, g.desired, g.applied, g.ends from customers c ",
            "left join grants g on g.customer_id = c.id and g.user_id = $1 where c.state = 'ACTIVE' ",
            $filter
        )
    };
}

/// A customer and the role a person was granted on it, if any, and while it stands.
pub(super) struct Standing {
    pub(super) customer: CustomerRef,
    pub(super) node: NodeId,
    pub(super) workspace: WorkspaceId,
    pub(super) role: Option<Role>,
    /// The node confirmed a role.
    pub(super) confirmed: bool,
}

/// Every customer.
pub(super) async fn standings(db: &Db, user: &UserId, now_us: i64) -> Result<Vec<Standing>, Refusal> {
    let rows = sqlx::query(standing!("")).bind(user.as_str()).fetch_all(db.pool()).await?;
    rows.iter().map(|row| read(row, now_us)).collect()
}

/// One customer.
pub(super) async fn standing(db: &Db, user: &UserId, id: &CustomerId, now_us: i64) -> Result<Option<Standing>, Refusal> {
    let query = sqlx::query(standing!("and c.id = $2")).bind(user.as_str()).bind(id.as_str());
    query.fetch_optional(db.pool()).await?.as_ref().map(|row| read(row, now_us)).transpose()
}

/// The customer an investigation belongs to.
pub(super) async fn standing_at(db: &Db, user: &UserId, rrn: &Rrn, now_us: i64) -> Result<Option<Standing>, Refusal> {
    let query = sqlx::query(standing!("and c.region = $2 and c.workspace = $3"));
    let query = query.bind(user.as_str()).bind(&rrn.region).bind(rrn.workspace.as_str());
    query.fetch_optional(db.pool()).await?.as_ref().map(|row| read(row, now_us)).transpose()
}

fn read(row: &AnyRow, now_us: i64) -> Result<Standing, Refusal> {
    let id = CustomerId(row.try_get(0)?);
    let ended = row.try_get::<Option<i64>, _>(7)?.is_some_and(|at| at <= now_us);
    let role = row.try_get::<Option<String>, _>(5)?.filter(|_| !ended);
    Ok(Standing {
        customer: CustomerRef { id, name: row.try_get(1)?, region: row.try_get(2)? },
        node: NodeId(row.try_get(3)?),
        workspace: WorkspaceId(row.try_get(4)?),
        role: role.map(|text| word(&text)).transpose()?,
        confirmed: row.try_get::<Option<String>, _>(6)?.is_some(),
    })
}

/// What is known of a person and every customer, or one; one on its way out only when it is asked for.
pub(super) async fn known(db: &Db, user: &UserId, only: Option<&CustomerId>) -> Result<Vec<Known>, Refusal> {
    let text = "select c.id, c.name, c.region, c.state, g.desired, g.applied, g.state, g.detail, g.updated, h.state, h.since, h.detail \
                from customers c left join grants g on g.customer_id = c.id and g.user_id = $1 left join health h on h.customer_id = c.id \
                where c.id = $2 or ($2 = '' and c.state = 'ACTIVE')";
    let query = sqlx::query(text).bind(user.as_str()).bind(only.map_or("", CustomerId::as_str).to_owned());
    query.fetch_all(db.pool()).await?.iter().map(read_known).collect()
}

fn read_known(row: &AnyRow) -> Result<Known, Refusal> {
    let role = |column: usize| row.try_get::<Option<String>, _>(column)?.map(|text| word(&text)).transpose();
    let grant = match row.try_get::<Option<String>, _>(6)? {
        None => None,
        Some(state) => Some(KnownGrant {
            desired: role(4)?,
            applied: role(5)?,
            state: grants::state_of(&state)?,
            detail: row.try_get(7)?,
            updated_us: row.try_get(8)?,
        }),
    };
    let health = match row.try_get::<Option<String>, _>(9)? {
        None => None,
        Some(state) => Some((word(&state)?, row.try_get(10)?, row.try_get(11)?)),
    };
    Ok(Known {
        customer: CustomerRef { id: CustomerId(row.try_get(0)?), name: row.try_get(1)?, region: row.try_get(2)? },
        active: row.try_get::<String, _>(3)? == "ACTIVE",
        grant,
        health,
    })
}
