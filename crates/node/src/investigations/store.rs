//! Investigations, their signals and their history in a workspace's database. Every change and its history rows are one
//! transaction.

use super::{Changed, alerts, apply};
use crate::{
    access::{Action, WorkspaceGrant},
    technicians,
};
use bailiwick_api::{
    Assignee, Claim, EntityRef, HistoryEntry, InvestigationDetail, InvestigationPatch, InvestigationRow, OpenCounts, Priority, Rrn, Signal,
    Visibility, WorkspaceId,
};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};
use sqlx::{Row, any::AnyRow};

pub(super) const READ: &[Action] = &[Action::ViewInvestigations, Action::EditInvestigations];
const DETAIL_ROWS: i64 = 500;
const VIEWED_EVERY_US: i64 = 60_000_000;

/// The columns every read of an investigation selects.
pub(crate) const COLUMNS: &str = "id, version, title, status, priority, priority_by_hand, disposition, source, responsibility, assignee_email, assignee_name, entity_type, \
                                  entity_value, tags, signal_count, comments, internal_comments, attachments, public_attachments, evidence, throttled, merged_into, claim_email, claim_name, \
                                  claim_until, created, updated, first_alert, latest_alert, closed, last_accessed";

pub(super) const BY_ID: &str = "select id, version, title, status, priority, priority_by_hand, disposition, source, responsibility, assignee_email, assignee_name, \
                     entity_type, entity_value, tags, signal_count, comments, internal_comments, attachments, public_attachments, evidence, throttled, \
                     merged_into, claim_email, claim_name, claim_until, created, updated, first_alert, latest_alert, closed, last_accessed from investigation where id = $1";

/// What turns a row's id into its name everywhere else, and what of it the reader may know.
#[derive(Clone)]
pub(crate) struct Named {
    region: String,
    workspace: WorkspaceId,
    internal: bool,
}

impl Named {
    pub(crate) fn new(region: &str, grant: &WorkspaceGrant) -> Self {
        Self { region: region.to_owned(), workspace: grant.workspace().id().clone(), internal: grant.reads_internal() }
    }

    /// The id within this workspace that a resource name stands for.
    pub(super) fn id_of(&self, rrn: &str) -> Option<String> {
        let rrn: Rrn = rrn.parse().ok()?;
        (rrn.region == self.region && rrn.workspace == self.workspace).then_some(rrn.id)
    }

    /// For a workspace that need not be open.
    pub(crate) fn for_technicians(region: &str, workspace: &WorkspaceId) -> Self {
        Self { region: region.to_owned(), workspace: workspace.clone(), internal: true }
    }

    /// The resource name of an id here; of the empty id, what all names here begin with.
    pub(crate) fn rrn(&self, id: &str) -> String {
        Rrn { region: self.region.clone(), workspace: self.workspace.clone(), id: id.to_owned() }.to_string()
    }

    /// Reads a row of [`COLUMNS`].
    pub(crate) fn row(&self, row: &AnyRow) -> Result<InvestigationRow, Refusal> {
        let text = |name: &str| row.try_get::<String, _>(name);
        let maybe = |name: &str| row.try_get::<Option<String>, _>(name);
        let time = |name: &str| row.try_get::<Option<i64>, _>(name).map(|us| us.map(from_us));
        let count = |name: &str| row.try_get::<i64, _>(name).map(|n| u32::try_from(n).unwrap_or_default());
        let id = text("id")?;
        let entity = maybe("entity_type")?.zip(maybe("entity_value")?);
        let assignee_name = maybe("assignee_name")?.unwrap_or_default();
        Ok(InvestigationRow {
            rrn: self.rrn(&id),
            workspace: self.workspace.clone(),
            version: row.try_get("version")?,
            title: text("title")?,
            status: text("status")?.parse().map_err(Refusal::internal)?,
            priority: priority(row.try_get("priority")?)?,
            disposition: text("disposition")?.parse().map_err(Refusal::internal)?,
            source: text("source")?.parse().map_err(Refusal::internal)?,
            assignee: maybe("assignee_email")?.map(|email| Assignee { email, name: assignee_name }),
            entity: entity.map(|(kind, value)| EntityRef { kind, value }),
            tags: json(&text("tags")?)?,
            signal_count: count("signal_count")?,
            responsibility: maybe("responsibility")?.map(|word| word.parse()).transpose().map_err(Refusal::internal)?,
            comment_count: count("comments")? - if self.internal { 0 } else { count("internal_comments")? },
            attachment_count: count(if self.internal { "attachments" } else { "public_attachments" })?,
            evidence_count: count("evidence")?,
            throttled_count: count("throttled")?,
            priority_inherited: row.try_get::<i64, _>("priority_by_hand")? == 0,
            merged_into: maybe("merged_into")?.map(|id| self.rrn(&id)),
            claim: claim(row)?,
            looking: Vec::new(),
            created_time: from_us(row.try_get("created")?),
            updated_time: from_us(row.try_get("updated")?),
            first_alert_time: time("first_alert")?,
            latest_alert_time: time("latest_alert")?,
            closed_time: time("closed")?,
            last_accessed_time: time("last_accessed")?,
        })
    }
}

/// Who is on it. Whether the time is over is for the reader to see.
fn claim(row: &AnyRow) -> Result<Option<Claim>, Refusal> {
    let (email, name): (Option<String>, Option<String>) = (row.try_get("claim_email")?, row.try_get("claim_name")?);
    let until: Option<i64> = row.try_get("claim_until")?;
    Ok(email.zip(until).map(|(email, until)| Claim { email, name: name.unwrap_or_default(), until: from_us(until) }))
}

/// The row, its first 500 signals by event time, and its latest 500 history entries, oldest first.
pub(crate) async fn detail(grant: &WorkspaceGrant, named: &Named, id: &str) -> Result<InvestigationDetail, Refusal> {
    let db = grant.demand(READ)?.db();
    let row = sqlx::query(BY_ID).bind(id).fetch_optional(db.pool()).await?.ok_or_else(Refusal::not_found)?;
    let signals = sqlx::query(
        "select id, rule, name, level, severity, entity_type, entity_value, created, event_time, event_ids, matched, message, tags, suppressed
         from signal where investigation = $1 order by event_time, id limit $2",
    )
    .bind(id)
    .bind(DETAIL_ROWS)
    .fetch_all(db.pool())
    .await?;
    let history = sqlx::query("select time, actor, field, value_from, value_to from history where investigation = $1 order by id desc limit $2")
        .bind(id)
        .bind(DETAIL_ROWS)
        .fetch_all(db.pool())
        .await?;
    Ok(InvestigationDetail {
        investigation: named.row(&row)?,
        signals: signals.iter().map(signal).collect::<Result<_, _>>()?,
        history: history.iter().rev().map(entry).filter(|entry| shown(named, entry)).collect::<Result<_, _>>()?,
    })
}

/// Whether the reader may know of a change: of what was done about internal comments, technicians alone.
fn shown(named: &Named, entry: &Result<HistoryEntry, Refusal>) -> bool {
    let internal = Some(Visibility::Internal.as_str());
    let about = |entry: &HistoryEntry| entry.field == "comment" && (entry.from.as_deref() == internal || entry.to.as_deref() == internal);
    named.internal || !entry.as_ref().is_ok_and(about)
}

/// Notes that somebody looked at it, at most once a minute.
pub(super) async fn viewed(grant: &WorkspaceGrant, id: &str, now_us: i64) -> Result<(), Refusal> {
    let db = grant.demand(READ)?.db();
    let row = sqlx::query("select last_accessed from investigation where id = $1").bind(id).fetch_optional(db.pool()).await?;
    let last: Option<i64> = row.map(|row| row.try_get("last_accessed")).transpose()?.flatten();
    if last.is_none_or(|last| last < now_us - VIEWED_EVERY_US) {
        let mut tx = db.begin().await?;
        sqlx::query("update investigation set last_accessed = $1 where id = $2").bind(now_us).bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The row within a transaction.
pub(crate) async fn row_in(tx: &mut Tx, named: &Named, id: &str) -> Result<InvestigationRow, Refusal> {
    let row = sqlx::query(BY_ID).bind(id).fetch_optional(&mut **tx).await?.ok_or_else(Refusal::not_found)?;
    named.row(&row)
}

/// The row within a transaction, of one that takes something in: a merged one does not.
pub(crate) async fn unmerged(tx: &mut Tx, named: &Named, id: &str) -> Result<InvestigationRow, Refusal> {
    let row = row_in(tx, named, id).await?;
    match &row.merged_into {
        Some(into) => Err(Refusal::conflict("MERGED", format!("it was merged into {into}; go on there"))),
        None => Ok(row),
    }
}

/// Refuses a change that was made against another version.
pub(super) fn at_version(row: &InvestigationRow, expected: Option<i64>) -> Result<(), Refusal> {
    match expected.filter(|expected| *expected != row.version) {
        None => Ok(()),
        Some(expected) => {
            let detail = format!("version: is {} by now, the change was made against {expected}", row.version);
            Err(Refusal::conflict("VERSION_CONFLICT", detail).field("version").current(row))
        }
    }
}

/// Changes an investigation as a person asked, if it still is at the version the change was made against.
pub(super) async fn update(
    grant: &WorkspaceGrant,
    named: &Named,
    id: &str,
    patch: &InvestigationPatch,
    now_us: i64,
) -> Result<InvestigationRow, Refusal> {
    change(grant, named, id, patch, Some(patch.version), now_us).await
}

/// The same with any version, where none is expected.
pub(super) async fn change(
    grant: &WorkspaceGrant,
    named: &Named,
    id: &str,
    patch: &InvestigationPatch,
    expected: Option<i64>,
    now_us: i64,
) -> Result<InvestigationRow, Refusal> {
    let db = grant.demand(&[Action::EditInvestigations])?.db();
    let assignee = match &patch.assignee {
        Some(Some(asked)) => Some(assignee(grant, &asked.email, now_us).await?),
        _ => None,
    };
    let mut tx = db.begin().await?;
    let before = row_in(&mut tx, named, id).await?;
    at_version(&before, expected)?;
    let mut patch = patch.clone();
    if patch.inherit_priority == Some(true) {
        if patch.priority.is_some() {
            return Err(Refusal::invalid("INVALID_INPUT", "inherit_priority", "inherit_priority: not together with a priority"));
        }
        patch.priority = Some(alerts::inherited(&mut tx, id).await?);
    }
    let changed = apply(&before, &patch, assignee, now_us)?;
    if changed.changes.is_empty() {
        return Ok(before);
    }
    write(&mut tx, id, &changed).await?;
    tell(&mut tx, id, grant.actor(), &changed, now_us).await?;
    tx.commit().await?;
    Ok(changed.row)
}

/// The technician who is assigned: somebody whose role here lets them work it.
pub(super) async fn assignee(grant: &WorkspaceGrant, email: &str, now_us: i64) -> Result<Assignee, Refusal> {
    let email = technicians::fold_email(email);
    let found = technicians::assignable(grant, Some(&email), now_us).await?.pop();
    found.ok_or_else(|| Refusal::invalid("ASSIGNEE_UNKNOWN", "assignee", "assignee: nobody with this address may work investigations here"))
}

pub(super) async fn write(tx: &mut Tx, id: &str, to: &Changed) -> Result<(), Refusal> {
    let row = &to.row;
    sqlx::query(
        "update investigation set version = $1, title = $2, status = $3, priority = $4, priority_by_hand = $5, disposition = $6,
         assignee_email = $7, assignee_name = $8, tags = $9, closed = $10, responsibility = $11, last_accessed = $12,
         merged_into = case when $3 = 'CLOSED' then merged_into else null end where id = $13",
    )
    .bind(row.version)
    .bind(&row.title)
    .bind(row.status.as_str())
    .bind(row.priority as i64)
    .bind(i64::from(!row.priority_inherited))
    .bind(row.disposition.as_str())
    .bind(row.assignee.as_ref().map(|a| a.email.as_str()))
    .bind(row.assignee.as_ref().map(|a| a.name.as_str()))
    .bind(serde_json::to_string(&row.tags).map_err(Refusal::internal)?)
    .bind(row.closed_time.map(|t| t.timestamp_micros()))
    .bind(row.responsibility.map(|word| word.as_str()))
    .bind(row.last_accessed_time.map(|t| t.timestamp_micros()))
    .bind(id)
    .execute(&mut **tx)
    .await?;
    changed(tx, id, row.updated_time.timestamp_micros()).await
}

/// Notes that an investigation changed. Whatever changes one, but for claims, presence and views, ends here; `updated` never goes back.
pub(crate) async fn changed(tx: &mut Tx, id: &str, at_us: i64) -> Result<(), Refusal> {
    sqlx::query("update investigation set updated = max(updated, $1) where id = $2").bind(at_us).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// What follows from its signals: how many there are, and the times of the first and the newest.
pub(crate) async fn recount_signals(tx: &mut Tx, id: &str, at_us: i64) -> Result<(), Refusal> {
    let text = "update investigation set signal_count = (select count(*) from signal where investigation = $1), \
                first_alert = (select min(created) from signal where investigation = $1), \
                latest_alert = (select max(created) from signal where investigation = $1) where id = $1";
    sqlx::query(text).bind(id).execute(&mut **tx).await?;
    changed(tx, id, at_us).await
}

/// How many comments, files and log rows it has.
pub(crate) async fn recount_case(tx: &mut Tx, id: &str, at_us: i64) -> Result<(), Refusal> {
    let text = "update investigation set comments = (select count(*) from comment where investigation = $1), \
                internal_comments = (select count(*) from comment where investigation = $1 and visibility = 'INTERNAL'), \
                attachments = (select count(*) from attachment where investigation = $1 and scan_status <> 'UPLOADING'), \
                public_attachments = (select count(*) from attachment a join comment c on c.id = a.comment \
                                      where a.investigation = $1 and a.scan_status <> 'UPLOADING' and c.visibility = 'PUBLIC'), \
                evidence = (select count(*) from evidence where investigation = $1) where id = $1";
    sqlx::query(text).bind(id).execute(&mut **tx).await?;
    changed(tx, id, at_us).await
}

/// The same after a person did something to it, who thereby looked at it.
pub(crate) async fn worked(tx: &mut Tx, id: &str, now_us: i64) -> Result<(), Refusal> {
    sqlx::query("update investigation set last_accessed = $1 where id = $2").bind(now_us).bind(id).execute(&mut **tx).await?;
    recount_case(tx, id, now_us).await
}

pub(super) async fn tell(tx: &mut Tx, id: &str, actor: &str, changed: &Changed, now_us: i64) -> Result<(), Refusal> {
    for change in &changed.changes {
        note(tx, id, actor, now_us, (change.field, change.from.as_deref(), change.to.as_deref())).await?;
    }
    Ok(())
}

/// One row of the history: which field, and its value before and after.
pub(crate) async fn note(
    tx: &mut Tx,
    id: &str,
    actor: &str,
    at_us: i64,
    (field, from, to): (&str, Option<&str>, Option<&str>),
) -> Result<(), Refusal> {
    sqlx::query("insert into history (investigation, time, actor, field, value_from, value_to) values ($1, $2, $3, $4, $5, $6)")
        .bind(id)
        .bind(at_us)
        .bind(actor)
        .bind(field)
        .bind(from)
        .bind(to)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The events behind one signal of one investigation.
pub(super) async fn signal_events(grant: &WorkspaceGrant, id: &str, signal: &str) -> Result<Vec<String>, Refusal> {
    let row = sqlx::query("select event_ids from signal where id = $1 and investigation = $2")
        .bind(signal)
        .bind(id)
        .fetch_optional(grant.demand(READ)?.db().pool())
        .await?
        .ok_or_else(Refusal::not_found)?;
    json(row.try_get("event_ids")?)
}

/// How many are not closed, by priority.
pub(super) async fn open_counts(grant: &WorkspaceGrant) -> Result<OpenCounts, Refusal> {
    let rows = sqlx::query("select priority, count(*) as n from investigation where status <> 'CLOSED' group by priority")
        .fetch_all(grant.demand(READ)?.db().pool())
        .await?;
    let mut counts = OpenCounts::default();
    for row in &rows {
        let n = u32::try_from(row.try_get::<i64, _>("n")?).unwrap_or(u32::MAX);
        let counted = match priority(row.try_get("priority")?)? {
            Priority::Critical => &mut counts.critical,
            Priority::High => &mut counts.high,
            Priority::Medium => &mut counts.medium,
            Priority::Low => &mut counts.low,
            Priority::Unspecified => &mut counts.unspecified,
        };
        *counted = n;
    }
    Ok(counts)
}

/// The column holds the rank of the word.
fn priority(rank: i64) -> Result<Priority, Refusal> {
    let found = usize::try_from(rank).ok().and_then(|rank| Priority::ALL.get(rank).copied());
    found.ok_or_else(|| Refusal::internal(format!("investigation.priority: {rank} is no rank")))
}

pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(Refusal::internal)
}

pub(crate) fn signal(row: &AnyRow) -> Result<Signal, Refusal> {
    let text = |name: &str| row.try_get::<String, _>(name);
    Ok(Signal {
        id: text("id")?,
        rule_id: text("rule")?,
        name: text("name")?,
        level: text("level")?,
        severity: u32::try_from(row.try_get::<i64, _>("severity")?).unwrap_or_default(),
        entity: EntityRef { kind: text("entity_type")?, value: text("entity_value")? },
        created_time: from_us(row.try_get("created")?),
        event_time: from_us(row.try_get("event_time")?),
        event_ids: json(&text("event_ids")?)?,
        matched: json(&text("matched")?)?,
        message: text("message")?,
        tags: json(&text("tags")?)?,
        suppressed: row.try_get("suppressed")?,
    })
}

fn entry(row: &AnyRow) -> Result<HistoryEntry, Refusal> {
    Ok(HistoryEntry {
        time: from_us(row.try_get("time")?),
        actor: row.try_get("actor")?,
        field: row.try_get("field")?,
        from: row.try_get("value_from")?,
        to: row.try_get("value_to")?,
    })
}
