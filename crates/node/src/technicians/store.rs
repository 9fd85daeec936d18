//! Technicians, and the administrator's own row, in a workspace's database.

use crate::{
    access::{Action, WorkspaceGrant},
    licences,
};
use bailiwick_api::{Assignee, LicenceResource, PutTechnician, Role, Technician};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};
use http::StatusCode;
use sqlx::{Row, any::AnyRow};

const SELECT: &str = "select email, name, role, granted_by, granted, revoked, last_seen, expires from technician where email = $1";

/// Writes a technician as the console granted it; refused while the customer's administrator has revoked this person.
pub(super) async fn put(grant: &WorkspaceGrant, email: &str, new: &PutTechnician, now_us: i64) -> Result<Technician, Refusal> {
    let mut tx = grant.demand(&[Action::ManageTechnicians])?.db().begin().await?;
    let before = sqlx::query(SELECT).bind(email).fetch_optional(&mut *tx).await?.as_ref().map(technician).transpose()?;
    if before.as_ref().is_some_and(|t| t.revoked_time.is_some()) {
        let refusal = Refusal::new(StatusCode::FORBIDDEN, "REVOKED_BY_CUSTOMER");
        return Err(refusal.detail("the customer's administrator revoked this person"));
    }
    let known = before.is_some();
    if let Some(before) = before.filter(|t| t.role == new.role && t.name == new.name && t.expires_time == new.expires_time) {
        return Ok(before);
    }
    if !known {
        let row = sqlx::query("select count(*) as n from technician where revoked is null").fetch_one(&mut *tx).await?;
        licences::store::refuse_more(&mut tx, LicenceResource::Users, row.try_get::<i64, _>("n")?.unsigned_abs()).await?;
    }
    let console = sqlx::query("select console_name from enrolment").fetch_one(&mut *tx).await?;
    let console: String = console.try_get("console_name")?;
    let row = sqlx::query(
        "insert into technician (email, name, role, granted_by, granted, expires) values ($1, $2, $3, $4, $5, $6)
         on conflict (email) do update set name = excluded.name, role = excluded.role, granted_by = excluded.granted_by, granted = excluded.granted,
         expires = excluded.expires
         returning email, name, role, granted_by, granted, revoked, last_seen, expires",
    )
    .bind(email)
    .bind(&new.name)
    .bind(new.role.as_str())
    .bind(format!("{} at {console}", grant.actor()))
    .bind(now_us)
    .bind(new.expires_time.map(|at| at.timestamp_micros()))
    .fetch_one(&mut *tx)
    .await?;
    let written = technician(&row)?;
    tx.commit().await?;
    Ok(written)
}

/// Takes a technician away, as the console decided. Gone already is fine; a revocation by the customer stays.
pub(super) async fn remove(grant: &WorkspaceGrant, email: &str) -> Result<(), Refusal> {
    let workspace = grant.demand(&[Action::ManageTechnicians])?;
    let mut tx = workspace.db().begin().await?;
    sqlx::query("delete from technician where email = $1 and revoked is null").bind(email).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// Everybody who has or had a role here, by address.
pub(crate) async fn list(grant: &WorkspaceGrant) -> Result<Vec<Technician>, Refusal> {
    let workspace = grant.demand(&[Action::ReviewAccess, Action::Sync])?;
    let rows = sqlx::query("select email, name, role, granted_by, granted, revoked, last_seen, expires from technician order by email limit 10000")
        .fetch_all(workspace.db().pool())
        .await?;
    rows.iter().map(technician).collect()
}

/// The administrator revokes, or takes it back with `None`.
pub(super) async fn set_revoked(grant: &WorkspaceGrant, email: &str, revoked_us: Option<i64>) -> Result<Technician, Refusal> {
    let mut tx = grant.demand(&[Action::ReviewAccess])?.db().begin().await?;
    if revoked_us.is_none() {
        let others = "select count(*) as n from technician where revoked is null and email <> $1";
        let row = sqlx::query(others).bind(email).fetch_one(&mut *tx).await?;
        licences::store::refuse_more(&mut tx, LicenceResource::Users, row.try_get::<i64, _>("n")?.unsigned_abs()).await?;
    }
    let row = sqlx::query(
        "update technician set revoked = $1 where email = $2 returning email, name, role, granted_by, granted, revoked, last_seen, expires",
    )
    .bind(revoked_us)
    .bind(email)
    .fetch_optional(&mut *tx)
    .await?;
    let written = technician(&row.ok_or_else(Refusal::not_found)?)?;
    tx.commit().await?;
    Ok(written)
}

/// Who may be assigned an investigation: everybody whose role lets them work one. With an address, only that person.
pub(crate) async fn assignable(grant: &WorkspaceGrant, email: Option<&str>, now_us: i64) -> Result<Vec<Assignee>, Refusal> {
    let workspace = grant.demand(&[Action::ViewInvestigations, Action::EditInvestigations])?;
    let text = "select email, name, role from technician where revoked is null and (expires is null or expires > $2) \
                and ($1 is null or email = $1) order by email limit 10000";
    let rows = sqlx::query(text).bind(email).bind(now_us).fetch_all(workspace.db().pool()).await?;
    let mut people = Vec::new();
    for row in &rows {
        if role(row)? >= Role::Analyst {
            people.push(Assignee { email: row.try_get("email")?, name: row.try_get("name")? });
        }
    }
    Ok(people)
}

/// The technician who acts, with the name the console gave; nobody else has one.
pub(crate) async fn me(grant: &WorkspaceGrant) -> Result<Assignee, Refusal> {
    let workspace = grant.demand(&[Action::ViewInvestigations, Action::EditInvestigations])?;
    let row = sqlx::query("select name from technician where email = $1").bind(grant.actor()).fetch_optional(workspace.db().pool()).await?;
    let name = row.map(|row| row.try_get("name")).transpose()?.unwrap_or_default();
    Ok(Assignee { email: grant.actor().to_owned(), name })
}

/// The same in a transaction.
pub(crate) async fn me_in(tx: &mut Tx, grant: &WorkspaceGrant) -> Result<Assignee, Refusal> {
    let row = sqlx::query("select name from technician where email = $1").bind(grant.actor()).fetch_optional(&mut **tx).await?;
    let name = row.map(|row| row.try_get("name")).transpose()?.unwrap_or_default();
    Ok(Assignee { email: grant.actor().to_owned(), name })
}

/// Sets the administrator's password, as hashed.
pub(crate) async fn set_admin_password(grant: &WorkspaceGrant, key: &str, name: &str, hash: &str) -> Result<(), Refusal> {
    let workspace = grant.demand(&[Action::ReviewAccess])?;
    sqlx::query(
        "insert into admin (user_key, user_name, password) values ($1, $2, $3)
         on conflict (user_key) do update set user_name = excluded.user_name, password = excluded.password",
    )
    .bind(key)
    .bind(name)
    .bind(hash)
    .execute(workspace.db().pool())
    .await?;
    Ok(())
}

fn role(row: &AnyRow) -> Result<Role, Refusal> {
    row.try_get::<String, _>("role")?.parse().map_err(Refusal::internal)
}

fn technician(row: &AnyRow) -> Result<Technician, Refusal> {
    Ok(Technician {
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: role(row)?,
        granted_by: row.try_get("granted_by")?,
        granted_time: from_us(row.try_get("granted")?),
        revoked_time: row.try_get::<Option<i64>, _>("revoked")?.map(from_us),
        last_seen: row.try_get::<Option<i64>, _>("last_seen")?.map(from_us),
        expires_time: row.try_get::<Option<i64>, _>("expires")?.map(from_us),
    })
}
