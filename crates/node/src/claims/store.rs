//! Claims in a workspace's database: three columns of the investigation.

use super::LIFE_US;
use crate::{
    access::{Action, WorkspaceGrant},
    investigations, technicians,
};
use bailiwick_api::InvestigationRow;
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};

const READ: &[Action] = &[Action::ViewInvestigations, Action::EditInvestigations];
const WRITE: &[Action] = &[Action::EditInvestigations];

/// Refuses when there is no such investigation.
pub(crate) async fn demand_one(grant: &WorkspaceGrant, id: &str) -> Result<(), Refusal> {
    let db = grant.demand(READ)?.db();
    let row = sqlx::query("select id from investigation where id = $1").bind(id).fetch_optional(db.pool()).await?;
    row.map(drop).ok_or_else(Refusal::not_found)
}

/// Puts the person on it, or keeps them on it; 409 with the row while somebody else is, unless it is to be taken over.
pub(super) async fn claim(grant: &WorkspaceGrant, region: &str, id: &str, take: bool, now_us: i64) -> Result<InvestigationRow, Refusal> {
    let me = technicians::me(grant).await?;
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    let before = investigations::row_in(&mut tx, grant, region, id).await?;
    let other = before.claim.as_ref().filter(|claim| claim.email != me.email && claim.until > from_us(now_us));
    if let Some(other) = other
        && !take
    {
        let name = if other.name.is_empty() { &other.email } else { &other.name };
        let detail = format!("{name} is on it until {}", other.until.format("%H:%M:%S UTC"));
        return Err(Refusal::conflict("CLAIMED", detail).field("claim").current(&before));
    }
    set(&mut tx, id, Some((&me.email, &me.name, now_us + LIFE_US))).await?;
    let row = investigations::row_in(&mut tx, grant, region, id).await?;
    tx.commit().await?;
    Ok(row)
}

/// Takes the person off it; who is not on it changes nothing.
pub(super) async fn release(grant: &WorkspaceGrant, region: &str, id: &str) -> Result<InvestigationRow, Refusal> {
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    let before = investigations::row_in(&mut tx, grant, region, id).await?;
    if before.claim.as_ref().is_none_or(|claim| claim.email != grant.actor()) {
        return Ok(before);
    }
    set(&mut tx, id, None).await?;
    let row = investigations::row_in(&mut tx, grant, region, id).await?;
    tx.commit().await?;
    Ok(row)
}

async fn set(tx: &mut Tx, id: &str, claim: Option<(&str, &str, i64)>) -> Result<(), Refusal> {
    sqlx::query("update investigation set claim_email = $2, claim_name = $3, claim_until = $4 where id = $1")
        .bind(id)
        .bind(claim.map(|(email, _, _)| email))
        .bind(claim.map(|(_, name, _)| name))
        .bind(claim.map(|(_, _, until)| until))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
