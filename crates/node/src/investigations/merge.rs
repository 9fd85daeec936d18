//! Two investigations become one: the survivor takes signals, comments, files and log rows; the other is closed and names it. What correlation
//! later finds about the entity of the one that was merged away joins the survivor.

use super::{
    alerts,
    store::{self, Named},
};
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{Disposition, InvestigationRow, Merge, Status};
use bailiwick_chassis::{Refusal, sql::Tx};

/// Merges one investigation into another of the same workspace; gives the one that stays.
pub(super) async fn merge(grant: &WorkspaceGrant, named: &Named, id: &str, merge: &Merge, now_us: i64) -> Result<InvestigationRow, Refusal> {
    let into = named.id_of(&merge.into).ok_or_else(|| unknown("into: no investigation of this workspace"))?;
    let mut tx = grant.demand(&[Action::EditInvestigations])?.db().begin().await?;
    let gone = store::unmerged(&mut tx, named, id).await?;
    store::at_version(&gone, Some(merge.version))?;
    if into == id {
        return Err(unknown("into: an investigation cannot be merged into itself"));
    }
    let stays = store::row_in(&mut tx, named, &into).await.map_err(|refusal| match refusal.code() {
        "NOT_FOUND" => unknown("into: no investigation of this workspace"),
        _ => refusal,
    })?;
    if stays.merged_into.is_some() {
        return Err(Refusal::conflict("MERGED", "into: was itself merged into another").field("into"));
    }
    let by = (grant.actor(), now_us);
    move_all(&mut tx, id, &into).await?;
    close(&mut tx, &gone, id, &into, by).await?;
    let (gone_rrn, stays_rrn) = (named.rrn(id), named.rrn(&into));
    store::note(&mut tx, id, by.0, now_us, ("merged_into", None, Some(&stays_rrn))).await?;
    store::note(&mut tx, &into, by.0, now_us, ("merged", None, Some(&gone_rrn))).await?;
    for one in [id, into.as_str()] {
        alerts::settle(&mut tx, named, one, by).await?;
    }
    let row = store::row_in(&mut tx, named, &into).await?;
    tx.commit().await?;
    Ok(row)
}

fn unknown(detail: &str) -> Refusal {
    Refusal::invalid("INVALID_INPUT", "into", detail)
}

async fn move_all(tx: &mut Tx, from: &str, into: &str) -> Result<(), Refusal> {
    for text in [
        "update signal set investigation = $1 where investigation = $2",
        "update comment set investigation = $1 where investigation = $2",
        "update attachment set investigation = $1 where investigation = $2 and scan_status <> 'UPLOADING'",
        "update or ignore evidence set investigation = $1 where investigation = $2",
        "update investigation set throttled = throttled + (select throttled from investigation where id = $2) where id = $1",
        // What was merged into the one that goes is in the survivor now.
        "update investigation set merged_into = $1 where merged_into = $2",
    ] {
        sqlx::query(text).bind(into).bind(from).execute(&mut **tx).await?;
    }
    sqlx::query("delete from evidence where investigation = $1").bind(from).execute(&mut **tx).await?;
    sqlx::query("update investigation set throttled = 0 where id = $1").bind(from).execute(&mut **tx).await?;
    Ok(())
}

/// The one that goes is closed; without a verdict of its own it gets the one that says so.
async fn close(tx: &mut Tx, gone: &InvestigationRow, id: &str, into: &str, (actor, now_us): (&str, i64)) -> Result<(), Refusal> {
    let disposition = if gone.disposition == Disposition::Undecided { Disposition::NotApplicable } else { gone.disposition };
    // Its priority stays as it was, whatever left it.
    let text = "update investigation set status = 'CLOSED', disposition = $1, closed = coalesce(closed, $2), merged_into = $3, priority_by_hand = 1, \
                version = version + 1 where id = $4";
    sqlx::query(text).bind(disposition.as_str()).bind(now_us).bind(into).bind(id).execute(&mut **tx).await?;
    if gone.status != Status::Closed {
        store::note(tx, id, actor, now_us, ("status", Some(gone.status.as_str()), Some("CLOSED"))).await?;
    }
    if gone.disposition != disposition {
        store::note(tx, id, actor, now_us, ("disposition", Some(gone.disposition.as_str()), Some(disposition.as_str()))).await?;
    }
    Ok(())
}
