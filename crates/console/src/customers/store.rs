//! Rows of `customers` with the link and the health of their node.

use super::name_key;
use crate::{
    links::store::{read_kind, read_port, read_scheme},
    store::word,
};
use bailiwick_api::{Customer, CustomerId, CustomerRef, NodeId, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use http::StatusCode;
use sqlx::{Row, any::AnyRow};
use std::collections::HashSet;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select c.id, c.name, c.mail, c.region, c.is_primary, c.node, c.workspace, n.server, n.port, n.scheme, ",
            "h.state, h.since, h.detail, c.created, c.delete_failed, n.kind, h.cause, n.fingerprint ",
            "from customers c join node_links n on n.node = c.node join health h on h.customer_id = c.id ",
            $rest
        )
    };
}

pub(super) async fn all(db: &Db) -> Result<Vec<Customer>, Refusal> {
    sqlx::query(select!("where c.state = 'ACTIVE'")).fetch_all(db.pool()).await?.iter().map(read).collect()
}

/// One customer that is not on its way out, whoever asks: for the rules of this crate, not for an answer.
pub async fn find(db: &Db, id: &CustomerId) -> Result<Option<Customer>, Refusal> {
    let row = sqlx::query(select!("where c.id = $1 and c.state = 'ACTIVE'")).bind(id.as_str()).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64, Refusal> {
    Ok(sqlx::query("select count(*) from customers").fetch_one(&mut **tx).await?.try_get(0)?)
}

pub(super) async fn has_primary(db: &Db) -> Result<bool, Refusal> {
    Ok(sqlx::query("select id from customers where is_primary = 1").fetch_optional(db.pool()).await?.is_some())
}

/// The MSSP's own row.
pub(crate) async fn primary(db: &Db) -> Result<Option<CustomerId>, Refusal> {
    let row = sqlx::query("select id from customers where is_primary = 1 and state = 'ACTIVE'").fetch_optional(db.pool()).await?;
    row.map(|row| Ok(CustomerId(row.try_get(0)?))).transpose()
}

/// The customer of this name.
pub(super) async fn named(db: &Db, name: &str) -> Result<Option<Customer>, Refusal> {
    let row = sqlx::query(select!("where c.name_key = $1 and c.state = 'ACTIVE'")).bind(name_key(name)).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// The customer that holds a workspace of a region, and on which node; one on its way out holds nothing.
pub(super) async fn holder(db: &Db, region: &str, workspace: &WorkspaceId) -> Result<Option<(CustomerRef, NodeId)>, Refusal> {
    let text = "select id, name, region, node from customers where region = $1 and workspace = $2 and state = 'ACTIVE'";
    let row = sqlx::query(text).bind(region).bind(workspace.as_str()).fetch_optional(db.pool()).await?;
    row.map(|row| {
        let customer = CustomerRef { id: CustomerId(row.try_get(0)?), name: row.try_get(1)?, region: row.try_get(2)? };
        Ok((customer, NodeId(row.try_get(3)?)))
    })
    .transpose()
}

pub(super) async fn insert(tx: &mut Tx, customer: &Customer, by: &str) -> Result<(), Refusal> {
    let text = "insert into customers (id, name, name_key, mail, region, node, workspace, is_primary, created, created_by) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let done = sqlx::query(text)
        .bind(customer.id.as_str())
        .bind(&customer.name)
        .bind(name_key(&customer.name))
        .bind(&customer.mail)
        .bind(&customer.region)
        .bind(customer.node.as_str())
        .bind(customer.workspace.as_str())
        .bind(i64::from(customer.primary))
        .bind(customer.created_time.timestamp_micros())
        .bind(by)
        .execute(&mut **tx)
        .await;
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(taken(&error)),
        other => Ok(other.map(drop)?),
    }
}

/// Writes what was edited.
pub(super) async fn update(tx: &mut Tx, customer: &Customer) -> Result<(), Refusal> {
    let text = "update customers set name = $2, name_key = $3, mail = $4, is_primary = $5, region = $6, node = $7, workspace = $8 \
                where id = $1 and state = 'ACTIVE'";
    let done = sqlx::query(text)
        .bind(customer.id.as_str())
        .bind(&customer.name)
        .bind(name_key(&customer.name))
        .bind(&customer.mail)
        .bind(i64::from(customer.primary))
        .bind(&customer.region)
        .bind(customer.node.as_str())
        .bind(customer.workspace.as_str())
        .execute(&mut **tx)
        .await;
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(taken(&error)),
        Err(error) => Err(error.into()),
        Ok(done) if done.rows_affected() == 0 => Err(Refusal::not_found()),
        Ok(_) => Ok(()),
    }
}

/// Takes a customer out of every list; its name is free from now on. False when it was out already.
pub(crate) async fn set_leaving(tx: &mut Tx, id: &CustomerId) -> Result<bool, Refusal> {
    let text = "update customers set state = 'LEAVING', name_key = $2, is_primary = 0 where id = $1 and state = 'ACTIVE'";
    let query = sqlx::query(text).bind(id.as_str()).bind(format!("(leaving) {id}"));
    Ok(query.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Puts a customer back. The MSSP's own row is that again unless another one is by now.
pub(crate) async fn set_back(tx: &mut Tx, id: &CustomerId, name: &str, primary: bool) -> Result<(), Refusal> {
    let other = sqlx::query("select id from customers where is_primary = 1").fetch_optional(&mut **tx).await?.is_some();
    let text = "update customers set state = 'ACTIVE', name_key = $2, is_primary = $3, delete_failed = null where id = $1 and state = 'LEAVING'";
    let query = sqlx::query(text).bind(id.as_str()).bind(name_key(name)).bind(i64::from(primary && !other));
    match query.execute(&mut **tx).await {
        Err(error) if Db::is_unique_violation(&error) => Err(taken(&error)),
        other => Ok(other.map(drop)?),
    }
}

/// Notes why deleting failed.
pub(crate) async fn note_delete_failed(tx: &mut Tx, id: &CustomerId, code: &str) -> Result<(), Refusal> {
    sqlx::query("update customers set delete_failed = $2 where id = $1").bind(id.as_str()).bind(code).execute(&mut **tx).await?;
    Ok(())
}

/// A node answers again: deleting may work now, and is not forced before it failed anew. By the look at nodes, for no person.
pub(crate) async fn forget_delete_failed(db: &Db, node: &NodeId) -> Result<(), Refusal> {
    let text = "update customers set delete_failed = null where node = $1 and state = 'ACTIVE' and delete_failed is not null";
    sqlx::query(text).bind(node.as_str()).execute(db.pool()).await?;
    Ok(())
}

/// Takes a customer's row away, with everything that hangs on it.
pub(crate) async fn drop_row(tx: &mut Tx, id: &CustomerId) -> Result<(), Refusal> {
    for text in ["delete from grants where customer_id = $1", "delete from health where customer_id = $1", "delete from customers where id = $1"] {
        sqlx::query(text).bind(id.as_str()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// The first of these ids that no customer has.
pub(crate) async fn unknown_of(tx: &mut Tx, ids: &[&CustomerId]) -> Result<Option<CustomerId>, Refusal> {
    if ids.is_empty() {
        return Ok(None);
    }
    let rows = sqlx::query("select id from customers where state = 'ACTIVE'").fetch_all(&mut **tx).await?;
    let known = rows.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<String>, _>>()?;
    Ok(ids.iter().find(|id| !known.contains(id.as_str())).map(|id| (*id).clone()))
}

/// Whether a node has a customer, one on its way out included.
pub(crate) async fn node_has_any(tx: &mut Tx, node: &NodeId) -> Result<bool, Refusal> {
    Ok(sqlx::query("select id from customers where node = $1 limit 1").bind(node.as_str()).fetch_optional(&mut **tx).await?.is_some())
}

/// Which rule a row broke that somebody else's row, made at the same moment, had not broken when it was looked up.
fn taken(error: &sqlx::Error) -> Refusal {
    let text = error.to_string();
    if text.contains("is_primary") {
        primary_taken()
    } else if text.contains("workspace") {
        Refusal::new(StatusCode::CONFLICT, "ALREADY_ENROLLED").field("admin.user").detail("admin.user: this workspace is a customer already")
    } else {
        name_taken()
    }
}

pub(super) fn name_taken() -> Refusal {
    Refusal::conflict("NAME_TAKEN", "name: another customer has this name").field("name")
}

pub(super) fn primary_taken() -> Refusal {
    Refusal::conflict("PRIMARY_TAKEN", "primary: another customer is the MSSP's own").field("primary")
}

fn read(row: &AnyRow) -> Result<Customer, Refusal> {
    Ok(Customer {
        id: CustomerId(row.try_get(0)?),
        name: row.try_get(1)?,
        mail: row.try_get(2)?,
        region: row.try_get(3)?,
        primary: row.try_get::<i64, _>(4)? == 1,
        node: NodeId(row.try_get(5)?),
        workspace: WorkspaceId(row.try_get(6)?),
        link: read_kind(&row.try_get::<String, _>(15)?)?,
        connected_time: None,
        server: row.try_get(7)?,
        port: read_port(row.try_get(8)?)?,
        scheme: read_scheme(&row.try_get::<String, _>(9)?)?,
        fingerprint: row.try_get(17)?,
        health: word(&row.try_get::<String, _>(10)?)?,
        health_since: Some(from_us(row.try_get(11)?)),
        health_cause: row.try_get::<Option<String>, _>(16)?.map(|text| word(&text)).transpose()?,
        health_detail: row.try_get(12)?,
        open: None,
        role: None,
        delete_failed: row.try_get(14)?,
        sync: None,
        groups: Vec::new(),
        created_time: from_us(row.try_get(13)?),
    })
}
