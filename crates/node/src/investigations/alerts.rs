//! Which signals belong to an investigation, as people decide it: linked, moved, taken out. A signal belongs to at most one. One that was
//! taken out stays out: correlation leaves it alone.

use super::store::{self, Named};
use crate::{
    access::{Action, WorkspaceGrant},
    paging,
};
use bailiwick_api::{AlertPage, InvestigationRow, Origin, Priority};
use bailiwick_chassis::{Refusal, sql::Tx};
use sqlx::{Any, QueryBuilder, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Signals that may be linked at once.
pub(super) const MAX_LINKED: usize = 500;
const MAX_ID_CHARS: usize = 100;

/// One signal as linking needs it.
struct Found {
    id: String,
    name: String,
    investigation: Option<String>,
}

/// A page of its signals, newest first.
pub(super) async fn page(grant: &WorkspaceGrant, id: &str, limit: usize, cursor: Option<&str>) -> Result<AlertPage, Refusal> {
    let db = grant.demand(store::READ)?.db();
    let after: Option<(i64, i64)> = paging::after(cursor)?;
    sqlx::query("select 1 as one from investigation where id = $1").bind(id).fetch_optional(db.pool()).await?.ok_or_else(Refusal::not_found)?;
    let mut query = QueryBuilder::<Any>::new(
        "select rowid as place, id, rule, name, level, severity, entity_type, entity_value, created, event_time, event_ids, matched, message, tags, \
         suppressed from signal where investigation = ",
    );
    query.push_bind(id);
    if let Some((created, place)) = after {
        query.push(" and (created < ").push_bind(created).push(" or (created = ").push_bind(created);
        query.push(" and rowid < ").push_bind(place).push("))");
    }
    query.push(" order by created desc, rowid desc limit ").push_bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
    let rows = query.build().fetch_all(db.pool()).await?;
    let read = |row: &sqlx::any::AnyRow| Ok::<_, Refusal>((store::signal(row)?, row.try_get::<i64, _>("place")?));
    let data = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let page = paging::page(data, limit, |(signal, place)| (signal.created_time.timestamp_micros(), *place))?;
    Ok(AlertPage { data: page.data.into_iter().map(|(signal, _)| signal).collect(), next: page.next })
}

/// Makes signals part of an investigation; one of another investigation leaves that.
pub(super) async fn link(grant: &WorkspaceGrant, named: &Named, id: &str, alerts: &[String], now_us: i64) -> Result<InvestigationRow, Refusal> {
    let mut tx = grant.demand(&[Action::EditInvestigations])?.db().begin().await?;
    store::unmerged(&mut tx, named, id).await?;
    take(&mut tx, named, id, alerts, (grant.actor(), now_us)).await?;
    let row = store::row_in(&mut tx, named, id).await?;
    tx.commit().await?;
    Ok(row)
}

/// The same within a transaction.
pub(super) async fn take(tx: &mut Tx, named: &Named, id: &str, alerts: &[String], by: (&str, i64)) -> Result<(), Refusal> {
    let (actor, now_us) = by;
    let found = find(tx, &checked(alerts)?).await?;
    let mut left: BTreeSet<String> = BTreeSet::new();
    let mut came = false;
    for signal in found {
        if signal.investigation.as_deref() == Some(id) {
            continue;
        }
        let text = "update signal set investigation = $1, unlinked = 0 where id = $2";
        sqlx::query(text).bind(id).bind(&signal.id).execute(&mut **tx).await?;
        store::note(tx, id, actor, now_us, ("signal", None, Some(&signal.name))).await?;
        if let Some(former) = signal.investigation {
            store::note(tx, &former, actor, now_us, ("signal", Some(&signal.name), None)).await?;
            left.insert(former);
        }
        came = true;
    }
    if came {
        settle(tx, named, id, by).await?;
    }
    for former in left {
        settle(tx, named, &former, by).await?;
    }
    Ok(())
}

/// Takes a signal out; correlation does not join it again.
pub(super) async fn unlink(grant: &WorkspaceGrant, named: &Named, id: &str, alert: &str, now_us: i64) -> Result<InvestigationRow, Refusal> {
    let mut tx = grant.demand(&[Action::EditInvestigations])?.db().begin().await?;
    store::row_in(&mut tx, named, id).await?;
    let text = "update signal set investigation = null, unlinked = 1 where investigation = $1 and id = $2 returning name";
    let row = sqlx::query(text).bind(id).bind(alert).fetch_optional(&mut *tx).await?.ok_or_else(Refusal::not_found)?;
    let name: String = row.try_get("name")?;
    store::note(&mut tx, id, grant.actor(), now_us, ("signal", Some(&name), None)).await?;
    settle(&mut tx, named, id, (grant.actor(), now_us)).await?;
    let row = store::row_in(&mut tx, named, id).await?;
    tx.commit().await?;
    Ok(row)
}

/// What follows when signals came or left by hand: counts, times, and the priority where it is inherited.
pub(super) async fn settle(tx: &mut Tx, named: &Named, id: &str, (actor, now_us): (&str, i64)) -> Result<(), Refusal> {
    store::recount_signals(tx, id, now_us).await?;
    store::worked(tx, id, now_us).await?;
    let row = store::row_in(tx, named, id).await?;
    if !row.priority_inherited {
        return Ok(());
    }
    let priority = inherited(tx, id, &row).await?;
    if priority != row.priority {
        let text = "update investigation set priority = $1, version = version + 1 where id = $2";
        sqlx::query(text).bind(priority as i64).bind(id).execute(&mut **tx).await?;
        store::note(tx, id, actor, now_us, ("priority", Some(row.priority.as_str()), Some(priority.as_str()))).await?;
    }
    Ok(())
}

/// The priority that its signals give it: that of the most severe; of one that correlation opened, never less than it has.
pub(super) async fn inherited(tx: &mut Tx, id: &str, row: &InvestigationRow) -> Result<Priority, Refusal> {
    let levels = sqlx::query("select distinct level from signal where investigation = $1").bind(id).fetch_all(&mut **tx).await?;
    let mut highest = Priority::Unspecified;
    for level in &levels {
        highest = highest.max(of_level(&level.try_get::<String, _>("level")?));
    }
    Ok(if row.source == Origin::Alert { highest.max(row.priority) } else { highest })
}

/// The priority of a Sigma level.
fn of_level(level: &str) -> Priority {
    match level {
        "critical" => Priority::Critical,
        "high" => Priority::High,
        "medium" => Priority::Medium,
        _ => Priority::Low,
    }
}

/// The entity of the most severe of these signals; of equals the oldest.
pub(super) async fn main_entity(tx: &mut Tx, investigation: &str) -> Result<Option<(String, String)>, Refusal> {
    let text = "select entity_type, entity_value from signal where investigation = $1 order by severity desc, created, id limit 1";
    let row = sqlx::query(text).bind(investigation).fetch_optional(&mut **tx).await?;
    row.map(|row| Ok((row.try_get("entity_type")?, row.try_get("entity_value")?))).transpose()
}

fn checked(alerts: &[String]) -> Result<BTreeSet<&str>, Refusal> {
    let ids: BTreeSet<&str> = alerts.iter().map(String::as_str).collect();
    let plain = |id: &&str| !id.is_empty() && id.chars().count() <= MAX_ID_CHARS;
    if ids.is_empty() || ids.len() > MAX_LINKED || !ids.iter().all(plain) {
        return Err(Refusal::invalid("INVALID_INPUT", "alerts", format!("alerts: 1 to {MAX_LINKED} ids of signals")));
    }
    Ok(ids)
}

/// Signals by id; all must be there. Suppressed ones have no index of their own and are looked for only where something is missing.
async fn find(tx: &mut Tx, ids: &BTreeSet<&str>) -> Result<Vec<Found>, Refusal> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for condition in ["suppressed is null", "suppressed is not null"] {
        let missing: Vec<&str> = ids.iter().copied().filter(|id| !found.contains_key(*id)).collect();
        if missing.is_empty() {
            break;
        }
        let mut query = QueryBuilder::<Any>::new(format!("select id, name, investigation from signal where {condition} and id in ("));
        let mut list = query.separated(", ");
        for id in missing {
            list.push_bind(id.to_owned());
        }
        list.push_unseparated(")");
        for row in query.build().fetch_all(&mut **tx).await? {
            let signal = Found { id: row.try_get("id")?, name: row.try_get("name")?, investigation: row.try_get("investigation")? };
            found.insert(signal.id.clone(), signal);
        }
    }
    if let Some(unknown) = ids.iter().find(|id| !found.contains_key(**id)) {
        return Err(Refusal::invalid("ALERT_UNKNOWN", "alerts", format!("alerts: no signal {unknown} in this workspace")));
    }
    Ok(found.into_values().collect())
}
