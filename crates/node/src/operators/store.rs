//! Operators and the names of workspaces, in the node's own database.

use bailiwick_api::{WorkspaceId, WorkspaceInfo};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::Row;

pub(super) async fn has_operator(db: &Db) -> Result<bool, Refusal> {
    Ok(sqlx::query("select user_key from operator limit 1").fetch_optional(db.pool()).await?.is_some())
}

/// Adds the first operator; refused when there is one already, or when an administrator has that name.
pub(super) async fn add_operator(tx: &mut Tx, key: &str, name: &str, password: &str, now_us: i64) -> Result<(), Refusal> {
    if sqlx::query("select user_key from operator limit 1").fetch_optional(&mut **tx).await?.is_some() {
        return Err(Refusal::conflict("OPERATOR_EXISTS", "this node has an operator already"));
    }
    if sqlx::query("select id from workspace where admin_key = $1").bind(key).fetch_optional(&mut **tx).await?.is_some() {
        return Err(Refusal::conflict("NAME_TAKEN", "name: a workspace's administrator has this name").field("name"));
    }
    sqlx::query("insert into operator (user_key, user_name, password, created) values ($1, $2, $3, $4)")
        .bind(key)
        .bind(name)
        .bind(password)
        .bind(now_us)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn add_workspace(db: &Db, info: &WorkspaceInfo, admin_key: &str) -> Result<(), Refusal> {
    let taken = || Refusal::conflict("ADMIN_TAKEN", "admin: somebody on this node has this user name").field("admin");
    let mut tx = db.begin().await?;
    if sqlx::query("select user_key from operator where user_key = $1").bind(admin_key).fetch_optional(&mut *tx).await?.is_some() {
        return Err(taken());
    }
    let added = sqlx::query("insert into workspace (id, name, admin_key, admin_name, created) values ($1, $2, $3, $4, $5)")
        .bind(info.id.as_str())
        .bind(&info.name)
        .bind(admin_key)
        .bind(&info.admin)
        .bind(info.created_time.timestamp_micros())
        .execute(&mut *tx)
        .await;
    match added {
        Err(error) if Db::is_unique_violation(&error) => Err(taken()),
        other => {
            other?;
            Ok(tx.commit().await?)
        }
    }
}

/// User name and folded name of a workspace's administrator.
pub(super) async fn admin_of(db: &Db, workspace: &WorkspaceId) -> Result<Option<(String, String)>, Refusal> {
    let row = sqlx::query("select admin_key, admin_name from workspace where id = $1").bind(workspace.as_str()).fetch_optional(db.pool()).await?;
    row.map(|row| Ok((row.try_get("admin_key")?, row.try_get("admin_name")?))).transpose()
}

/// Every workspace, oldest first.
pub(super) async fn workspaces(db: &Db) -> Result<Vec<WorkspaceInfo>, Refusal> {
    let rows = sqlx::query("select id, name, admin_name, created from workspace order by created, id").fetch_all(db.pool()).await?;
    let info = |row: &sqlx::any::AnyRow| {
        Ok(WorkspaceInfo {
            id: WorkspaceId(row.try_get("id")?),
            name: row.try_get("name")?,
            admin: row.try_get("admin_name")?,
            created_time: from_us(row.try_get("created")?),
        })
    };
    rows.iter().map(info).collect()
}
