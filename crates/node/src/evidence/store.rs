//! Evidence in a workspace's database.

use super::MAX_ROWS;
use crate::{
    access::{Action, WorkspaceGrant},
    investigations::store::{self as cases, Named},
    paging,
};
use bailiwick_api::{EventRow, Evidence, EvidenceAdded, Paged};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};
use sqlx::{Row, any::AnyRow};

const READ: &[Action] = &[Action::ViewInvestigations, Action::EditInvestigations];
const WRITE: &[Action] = &[Action::EditInvestigations];

/// A page of rows by the order of their adding.
pub(crate) async fn page(grant: &WorkspaceGrant, investigation: &str, limit: usize, cursor: Option<&str>) -> Result<Paged<Evidence>, Refusal> {
    let db = grant.demand(READ)?.db();
    let (added, after): (i64, String) = paging::after(cursor)?.unwrap_or((i64::MIN, String::new()));
    let known = sqlx::query("select 1 as one from investigation where id = $1").bind(investigation).fetch_optional(db.pool()).await?;
    known.ok_or_else(Refusal::not_found)?;
    let text = "select body, note, added, added_by from evidence where investigation = $1 and (added > $2 or (added = $2 and event > $3)) \
                order by added, event limit $4";
    let rows =
        sqlx::query(text).bind(investigation).bind(added).bind(after).bind(i64::try_from(limit + 1).unwrap_or(i64::MAX)).fetch_all(db.pool()).await?;
    let rows = rows.iter().map(evidence).collect::<Result<Vec<_>, _>>()?;
    paging::page(rows, limit, |row| (row.added_time.timestamp_micros(), row.event.id.clone()))
}

/// Adds rows.
pub(super) async fn add_to(
    grant: &WorkspaceGrant,
    named: &Named,
    investigation: &str,
    (rows, note): (&[EventRow], Option<&str>),
    now_us: i64,
) -> Result<EvidenceAdded, Refusal> {
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    cases::unmerged(&mut tx, named, investigation).await?;
    let added = add(&mut tx, investigation, rows, note, (grant.actor(), now_us)).await?;
    if added.added > 0 {
        cases::worked(&mut tx, investigation, now_us).await?;
    }
    tx.commit().await?;
    Ok(added)
}

/// The same within a transaction; the caller counts.
pub(crate) async fn add(
    tx: &mut Tx,
    investigation: &str,
    rows: &[EventRow],
    note: Option<&str>,
    (actor, now_us): (&str, i64),
) -> Result<EvidenceAdded, Refusal> {
    let mut done = EvidenceAdded { added: 0, already: 0 };
    for row in rows {
        let body = serde_json::to_string(row).map_err(Refusal::internal)?;
        let text = "insert into evidence (investigation, event, body, note, added, added_by) values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
        let written = sqlx::query(text).bind(investigation).bind(&row.id).bind(body).bind(note).bind(now_us).bind(actor).execute(&mut **tx).await?;
        if written.rows_affected() == 0 {
            done.already += 1;
            continue;
        }
        done.added += 1;
        cases::note(tx, investigation, actor, now_us, ("evidence", None, Some(&row.id))).await?;
    }
    let row = sqlx::query("select count(*) as n from evidence where investigation = $1").bind(investigation).fetch_one(&mut **tx).await?;
    if row.try_get::<i64, _>("n")? > MAX_ROWS {
        return Err(Refusal::conflict("TOO_MUCH_EVIDENCE", format!("an investigation has at most {MAX_ROWS} log rows")));
    }
    Ok(done)
}

/// Takes a row out.
pub(super) async fn remove(grant: &WorkspaceGrant, investigation: &str, event: &str, now_us: i64) -> Result<(), Refusal> {
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    let text = "delete from evidence where investigation = $1 and event = $2";
    if sqlx::query(text).bind(investigation).bind(event).execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Refusal::not_found());
    }
    cases::note(&mut tx, investigation, grant.actor(), now_us, ("evidence", Some(event), None)).await?;
    cases::worked(&mut tx, investigation, now_us).await?;
    Ok(tx.commit().await?)
}

fn evidence(row: &AnyRow) -> Result<Evidence, Refusal> {
    Ok(Evidence {
        event: cases::json(&row.try_get::<String, _>("body")?)?,
        note: row.try_get("note")?,
        added_time: from_us(row.try_get("added")?),
        added_by: row.try_get("added_by")?,
    })
}
