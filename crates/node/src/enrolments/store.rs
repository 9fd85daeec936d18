//! Enrolments in a workspace's own database.

use crate::{
    access::{Action, WorkspaceGrant},
    audit,
    workspaces::Workspace,
};
use bailiwick_api::{ConsoleId, EnrolmentInfo};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};
use sqlx::Row;

/// The name of another console that is enrolled.
pub(super) async fn other(grant: &WorkspaceGrant, console: &str) -> Result<Option<String>, Refusal> {
    let workspace = grant.demand(&[Action::ReviewAccess])?;
    let row = sqlx::query("select console_name from enrolment where console <> $1").bind(console).fetch_optional(workspace.db().pool()).await?;
    row.map(|row| Ok(row.try_get("console_name")?)).transpose()
}

/// Enrols a console, or replaces its key; `anew` forgets the technicians it wrote before. Refused while another console is enrolled.
pub(crate) async fn put(grant: &WorkspaceGrant, console: &ConsoleId, name: &str, public_key: &str, anew: bool, now_us: i64) -> Result<(), Refusal> {
    let mut tx = grant.demand(&[Action::ReviewAccess])?.db().begin().await?;
    refuse_other_in(&mut tx, console).await?;
    sqlx::query(
        "insert into enrolment (console, console_name, public_key, enrolled, enrolled_by) values ($1, $2, $3, $4, $5)
         on conflict (console) do update set console_name = excluded.console_name, public_key = excluded.public_key,
         enrolled = excluded.enrolled, enrolled_by = excluded.enrolled_by, suspended = null",
    )
    .bind(console.as_str())
    .bind(name.trim())
    .bind(public_key)
    .bind(now_us)
    .bind(grant.actor())
    .execute(&mut *tx)
    .await?;
    if anew {
        forget_technicians(&mut tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Refuses while another console is enrolled.
pub(crate) async fn refuse_other(grant: &WorkspaceGrant, console: &ConsoleId) -> Result<(), Refusal> {
    let mut tx = grant.demand(&[Action::ReviewAccess])?.db().begin().await?;
    refuse_other_in(&mut tx, console).await
}

async fn refuse_other_in(tx: &mut Tx, console: &ConsoleId) -> Result<(), Refusal> {
    let other = sqlx::query("select console_name from enrolment where console <> $1").bind(console.as_str()).fetch_optional(&mut **tx).await?;
    if other.is_some() {
        return Err(Refusal::conflict(
            "ALREADY_INTEGRATED_ELSEWHERE",
            "this workspace is enrolled with another console; its administrator can end that",
        ));
    }
    Ok(())
}

/// Who is enrolled.
pub(super) async fn list(grant: &WorkspaceGrant) -> Result<Vec<EnrolmentInfo>, Refusal> {
    let workspace = grant.demand(&[Action::ReviewAccess])?;
    let rows =
        sqlx::query("select console, console_name, enrolled, enrolled_by from enrolment order by enrolled").fetch_all(workspace.db().pool()).await?;
    let info = |row: &sqlx::any::AnyRow| {
        Ok(EnrolmentInfo {
            console: ConsoleId(row.try_get("console")?),
            console_name: row.try_get("console_name")?,
            enrolled_time: from_us(row.try_get("enrolled")?),
            enrolled_by: row.try_get("enrolled_by")?,
        })
    };
    rows.iter().map(info).collect()
}

/// Ends an enrolment. Its technicians go with it; whom the administrator revoked stays revoked.
pub(super) async fn end(grant: &WorkspaceGrant, console: &str) -> Result<(), Refusal> {
    let mut tx = grant.demand(&[Action::ReviewAccess])?.db().begin().await?;
    let ended = sqlx::query("delete from enrolment where console = $1").bind(console).execute(&mut *tx).await?;
    if ended.rows_affected() == 0 {
        return Err(Refusal::not_found());
    }
    forget_technicians(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Ends the enrolment of the console that asks: there is one at a time, and its key signed the call.
pub(super) async fn end_own(grant: &WorkspaceGrant) -> Result<(), Refusal> {
    let mut tx = grant.demand(&[Action::ManageEnrolment])?.db().begin().await?;
    sqlx::query("delete from enrolment").execute(&mut *tx).await?;
    forget_technicians(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Suspends the enrolment of the console that asks from now on, or resumes it.
pub(super) async fn suspend(grant: &WorkspaceGrant, since_us: Option<i64>) -> Result<(), Refusal> {
    let workspace = grant.demand(&[Action::ManageEnrolment])?;
    let mut tx = workspace.db().begin().await?;
    sqlx::query("update enrolment set suspended = $1").bind(since_us).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// Takes every technician's role; whom the administrator revoked stays revoked.
async fn forget_technicians(tx: &mut Tx) -> Result<(), Refusal> {
    sqlx::query("delete from technician where revoked is null").execute(&mut **tx).await?;
    Ok(())
}
/// Ends an enrolment because its console said so; for the node's own work, which holds no grant. Gone already is fine.
pub(crate) async fn end_by_console(workspace: &Workspace, console: &str, now_us: i64) -> Result<(), Refusal> {
    let mut tx = workspace.db().begin().await?;
    if sqlx::query("delete from enrolment where console = $1").bind(console).execute(&mut *tx).await?.rows_affected() > 0 {
        forget_technicians(&mut tx).await?;
        audit::by_node(&mut tx, now_us, "enrolment.ended_by_console", console).await?;
    }
    Ok(tx.commit().await?)
}
