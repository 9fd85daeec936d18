//! What a person holds on each customer, read from the tables of customers and grants.

use crate::store::word;
use bailiwick_api::{CustomerId, CustomerRef, NodeId, Role, Rrn, UserId, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::{Row, any::AnyRow};

macro_rules! standing {
    ($filter:literal) => {
        concat!(
            "select c.id, c.name, c.region, c.node, c.workspace, g.desired, g.applied from customers c ",
            "left join grants g on g.customer_id = c.id and g.user_id = $1 where c.state = 'ACTIVE' ",
            $filter
        )
    };
}

/// A customer and the role a person was granted on it, if any.
pub(super) struct Standing {
    pub(super) customer: CustomerRef,
    pub(super) node: NodeId,
    pub(super) workspace: WorkspaceId,
    pub(super) role: Option<Role>,
    /// The node confirmed a role.
    pub(super) confirmed: bool,
}

/// Every customer.
pub(super) async fn standings(db: &Db, user: &UserId) -> Result<Vec<Standing>, Refusal> {
    let rows = sqlx::query(standing!("")).bind(user.as_str()).fetch_all(db.pool()).await?;
    rows.iter().map(read).collect()
}

/// One customer.
pub(super) async fn standing(db: &Db, user: &UserId, id: &CustomerId) -> Result<Option<Standing>, Refusal> {
    let query = sqlx::query(standing!("and c.id = $2")).bind(user.as_str()).bind(id.as_str());
    query.fetch_optional(db.pool()).await?.as_ref().map(read).transpose()
}

/// The customer an investigation belongs to.
pub(super) async fn standing_at(db: &Db, user: &UserId, rrn: &Rrn) -> Result<Option<Standing>, Refusal> {
    let query = sqlx::query(standing!("and c.region = $2 and c.workspace = $3"));
    let query = query.bind(user.as_str()).bind(&rrn.region).bind(rrn.workspace.as_str());
    query.fetch_optional(db.pool()).await?.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<Standing, Refusal> {
    let id = CustomerId(row.try_get(0)?);
    let role = row.try_get::<Option<String>, _>(5)?;
    Ok(Standing {
        customer: CustomerRef { id, name: row.try_get(1)?, region: row.try_get(2)? },
        node: NodeId(row.try_get(3)?),
        workspace: WorkspaceId(row.try_get(4)?),
        role: role.map(|text| word(&text)).transpose()?,
        confirmed: row.try_get::<Option<String>, _>(6)?.is_some(),
    })
}
