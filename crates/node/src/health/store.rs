//! Health in a workspace's database: issues, the events of their changes, what was learned of sources. Kept for a bounded time and number.

use super::{
    Key,
    machine::{self, Issue, Known},
    watch::{Kept, Learned},
};
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{
    Acknowledgement, CollectorId, HealthDetails, HealthEvent, HealthEventDetails, HealthIssue, HealthResource, HealthSeverity, IssueState,
    ResourceIdentity, ResourceKind, SourceId, Tracker, WorkspaceId,
};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Any, QueryBuilder, Row, any::AnyRow};
use std::collections::{HashMap, VecDeque};

const ACTIONS: &[Action] = &[Action::ViewHealth];
/// How long resolved issues and events are kept, in microseconds.
const KEPT_US: i64 = 30 * 24 * 3600 * 1_000_000;
/// Events kept at most, whatever their age.
const MAX_EVENTS: i64 = 50_000;
/// Resolved issues kept at most.
const MAX_RESOLVED: i64 = 20_000;

/// A change that is to be written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) tracker: Tracker,
    pub(super) resource: HealthResource,
    pub(super) issue: Issue,
    /// The id of the event it makes; an acknowledgement alone makes none.
    pub(super) event: Option<String>,
    pub(super) operator: Option<String>,
}

/// An issue on the wire.
pub(super) fn shown(tracker: Tracker, resource: HealthResource, issue: &Issue) -> HealthIssue {
    let known = issue.known.clone();
    HealthIssue {
        id: issue.id.clone(),
        tracker,
        severity: issue.severity,
        state: if issue.resolved_us.is_some() { IssueState::Resolved } else { IssueState::Open },
        resource,
        details: HealthDetails { error: issue.error.clone(), description: issue.description.clone() },
        opened_time: from_us(issue.opened_us),
        since: from_us(issue.since_us),
        resolved_time: issue.resolved_us.map(from_us),
        acknowledged: known.map(|k| Acknowledgement { by: k.by, time: from_us(k.time_us), note: k.note }),
    }
}

/// What is open.
pub(super) async fn open_issues(db: &Db) -> Result<HashMap<Key, (HealthResource, Issue)>, Refusal> {
    let rows = sqlx::query("select * from health_issue where resolved is null").fetch_all(db.pool()).await?;
    let read = |row: &AnyRow| {
        let (tracker, resource, issue) = issue(row)?;
        Ok(((resource.kind, resource.id.clone(), tracker), (resource, issue)))
    };
    rows.iter().map(read).collect()
}

/// What was learned of sources. What cannot be read any more is learned anew.
pub(super) async fn watched(db: &Db) -> Result<Vec<(SourceId, Kept)>, Refusal> {
    let mut watched = Vec::new();
    for row in sqlx::query("select source, state from source_watch").fetch_all(db.pool()).await? {
        let (source, state): (String, String) = (row.try_get("source")?, row.try_get("state")?);
        match serde_json::from_str(&state) {
            Ok(kept) => watched.push((SourceId(source), kept)),
            Err(error) => tracing::warn!(source.id = %source, error = %error, "a source's rhythm is learned anew"),
        }
    }
    Ok(watched)
}

/// Writes changes and what was learned, in one transaction, and forgets what is too old.
pub(super) async fn write(
    db: &Db,
    changes: &VecDeque<Written>,
    learned: &[Learned],
    seen: &[(CollectorId, i64, Option<String>)],
    now_us: i64,
) -> Result<(), Refusal> {
    if changes.is_empty() && learned.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    for change in changes {
        write_issue(&mut tx, change).await?;
        write_event(&mut tx, change).await?;
    }
    for one in learned {
        let state = serde_json::to_string(&one.kept).map_err(Refusal::internal)?;
        let text = "insert into source_watch (source, state, saved) values ($1, $2, $3) \
                    on conflict (source) do update set state = excluded.state, saved = excluded.saved";
        sqlx::query(text).bind(one.source.as_str()).bind(state).bind(now_us).execute(&mut *tx).await?;
    }
    for (collector, heard, version) in seen {
        let text = "update collector set last_seen = max(coalesce(last_seen, 0), $1), version = coalesce($2, version) where id = $3";
        sqlx::query(text).bind(*heard).bind(version.as_deref()).bind(collector.as_str()).execute(&mut *tx).await?;
    }
    if !changes.is_empty() {
        forget(&mut tx, now_us).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn write_issue(tx: &mut Tx, change: &Written) -> Result<(), Refusal> {
    let (issue, resource, known) = (&change.issue, &change.resource, change.issue.known.as_ref());
    // There is one open issue of a kind. An older one is left only when its end could not be noted for want of room.
    let ended =
        "update health_issue set resolved = $1, since = $1 where kind = $2 and resource = $3 and tracker = $4 and resolved is null and id <> $5";
    let query = sqlx::query(ended).bind(issue.opened_us).bind(resource.kind.as_str()).bind(&resource.id);
    query.bind(change.tracker.as_str()).bind(&issue.id).execute(&mut **tx).await?;
    sqlx::query(
        "insert into health_issue (id, kind, resource, name, collector, collector_name, tracker, severity, error, description, opened, since,
                                   resolved, ack_by, ack_time, ack_note)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (id) do update set severity = excluded.severity, error = excluded.error, description = excluded.description,
                                        since = excluded.since, resolved = excluded.resolved, ack_by = excluded.ack_by,
                                        ack_time = excluded.ack_time, ack_note = excluded.ack_note",
    )
    .bind(&issue.id)
    .bind(resource.kind.as_str())
    .bind(&resource.id)
    .bind(&resource.name)
    .bind(resource.collector.as_ref().map(CollectorId::as_str))
    .bind(resource.collector_name.as_deref())
    .bind(change.tracker.as_str())
    .bind(issue.severity.as_str())
    .bind(&issue.error)
    .bind(&issue.description)
    .bind(issue.opened_us)
    .bind(issue.since_us)
    .bind(issue.resolved_us)
    .bind(known.map(|k| k.by.as_str()))
    .bind(known.map(|k| k.time_us))
    .bind(known.and_then(|k| k.note.as_deref()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn write_event(tx: &mut Tx, change: &Written) -> Result<(), Refusal> {
    let Some(event) = &change.event else { return Ok(()) };
    let (issue, resource) = (&change.issue, &change.resource);
    sqlx::query(
        "insert into health_event (id, issue, time, status, severity, operator, tracker, error, description, kind, resource, name, collector,
                                   collector_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(event)
    .bind(&issue.id)
    .bind(issue.since_us)
    .bind(machine::status(issue).as_str())
    .bind(issue.severity.as_str())
    .bind(change.operator.as_deref())
    .bind(change.tracker.as_str())
    .bind(&issue.error)
    .bind(&issue.description)
    .bind(resource.kind.as_str())
    .bind(&resource.id)
    .bind(&resource.name)
    .bind(resource.collector.as_ref().map(CollectorId::as_str))
    .bind(resource.collector_name.as_deref())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn forget(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    let oldest = now_us - KEPT_US;
    sqlx::query("delete from health_event where time < $1").bind(oldest).execute(&mut **tx).await?;
    let beyond = "delete from health_event where seq <= (select max(seq) from health_event) - $1";
    sqlx::query(beyond).bind(MAX_EVENTS).execute(&mut **tx).await?;
    sqlx::query("delete from health_issue where resolved is not null and since < $1").bind(oldest).execute(&mut **tx).await?;
    let beyond = "delete from health_issue where resolved is not null and id in
                  (select id from health_issue where resolved is not null order by since desc, id limit -1 offset $1)";
    sqlx::query(beyond).bind(MAX_RESOLVED).execute(&mut **tx).await?;
    sqlx::query("delete from source_watch where source not in (select id from source where deleted is null)").execute(&mut **tx).await?;
    Ok(())
}

/// Which issues are asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub(super) severity: Option<HealthSeverity>,
    pub(super) kind: Option<ResourceKind>,
    pub(super) resource: Option<String>,
    pub(super) tracker: Option<Tracker>,
}

impl Filter {
    pub(super) fn matches(&self, issue: &HealthIssue) -> bool {
        self.severity.is_none_or(|severity| severity == issue.severity)
            && self.kind.is_none_or(|kind| kind == issue.resource.kind)
            && self.resource.as_ref().is_none_or(|id| *id == issue.resource.id)
            && self.tracker.is_none_or(|tracker| tracker == issue.tracker)
    }

    fn push(&self, query: &mut QueryBuilder<Any>) {
        if let Some(severity) = self.severity {
            query.push(" and severity = ").push_bind(severity.as_str());
        }
        if let Some(kind) = self.kind {
            query.push(" and kind = ").push_bind(kind.as_str());
        }
        if let Some(resource) = &self.resource {
            query.push(" and resource = ").push_bind(resource.clone());
        }
        if let Some(tracker) = self.tracker {
            query.push(" and tracker = ").push_bind(tracker.as_str());
        }
    }
}

/// Resolved issues, the last resolved first, strictly after a place.
pub(super) async fn resolved(
    grant: &WorkspaceGrant,
    filter: &Filter,
    after: Option<(i64, String)>,
    rows: usize,
) -> Result<Vec<HealthIssue>, Refusal> {
    let db = grant.demand(ACTIONS)?.db();
    let mut query = QueryBuilder::<Any>::new("select * from health_issue where resolved is not null");
    filter.push(&mut query);
    if let Some((since, id)) = after {
        query.push(" and (since < ").push_bind(since).push(" or (since = ").push_bind(since).push(" and id > ").push_bind(id).push("))");
    }
    query.push(" order by since desc, id limit ").push_bind(i64::try_from(rows).unwrap_or(i64::MAX));
    let rows = query.build().fetch_all(db.pool()).await?;
    rows.iter().map(|row| issue(row).map(|(tracker, resource, issue)| shown(tracker, resource, &issue))).collect()
}

/// Events, the last first, strictly before a place, with the place of each.
pub(super) async fn events(
    grant: &WorkspaceGrant,
    filter: &Filter,
    window: (Option<i64>, Option<i64>),
    before: Option<i64>,
    rows: usize,
) -> Result<Vec<(i64, HealthEvent)>, Refusal> {
    let workspace = grant.demand(ACTIONS)?;
    let mut query = QueryBuilder::<Any>::new("select * from health_event where 1 = 1");
    filter.push(&mut query);
    if let Some(from) = window.0 {
        query.push(" and time >= ").push_bind(from);
    }
    if let Some(to) = window.1 {
        query.push(" and time < ").push_bind(to);
    }
    if let Some(before) = before {
        query.push(" and seq < ").push_bind(before);
    }
    query.push(" order by seq desc limit ").push_bind(i64::try_from(rows).unwrap_or(i64::MAX));
    let rows = query.build().fetch_all(workspace.db().pool()).await?;
    rows.iter().map(|row| Ok((row.try_get("seq")?, event(workspace.id(), row)?))).collect()
}

fn resource(row: &AnyRow) -> Result<HealthResource, Refusal> {
    Ok(HealthResource {
        kind: row.try_get::<String, _>("kind")?.parse().map_err(Refusal::internal)?,
        id: row.try_get("resource")?,
        name: row.try_get("name")?,
        collector: row.try_get::<Option<String>, _>("collector")?.map(CollectorId),
        collector_name: row.try_get("collector_name")?,
    })
}

fn issue(row: &AnyRow) -> Result<(Tracker, HealthResource, Issue), Refusal> {
    let (by, time_us): (Option<String>, Option<i64>) = (row.try_get("ack_by")?, row.try_get("ack_time")?);
    let note: Option<String> = row.try_get("ack_note")?;
    let issue = Issue {
        id: row.try_get("id")?,
        severity: row.try_get::<String, _>("severity")?.parse().map_err(Refusal::internal)?,
        error: row.try_get("error")?,
        description: row.try_get("description")?,
        opened_us: row.try_get("opened")?,
        since_us: row.try_get("since")?,
        resolved_us: row.try_get("resolved")?,
        known: by.zip(time_us).map(|(by, time_us)| Known { by, time_us, note }),
    };
    Ok((row.try_get::<String, _>("tracker")?.parse().map_err(Refusal::internal)?, resource(row)?, issue))
}

fn event(workspace: &WorkspaceId, row: &AnyRow) -> Result<HealthEvent, Refusal> {
    let word = |name: &str| row.try_get::<String, _>(name);
    let (tracker, resource) = (word("tracker")?.parse::<Tracker>().map_err(Refusal::internal)?, resource(row)?);
    let status = word("status")?.parse::<bailiwick_api::HealthStatus>().map_err(Refusal::internal)?;
    Ok(HealthEvent {
        event_id: word("id")?,
        event_type: "Health-Change".into(),
        event_name: format!("Tracker{status}"),
        event_time: from_us(row.try_get("time")?),
        event_format_version: "1.0".into(),
        account_id: workspace.clone(),
        operator: row.try_get("operator")?,
        subsystem: subsystem(tracker).into(),
        status,
        severity_level: word("severity")?.parse().map_err(Refusal::internal)?,
        details: HealthEventDetails { tracker_id: tracker, error: word("error")?, description: word("description")? },
        resource_identity: ResourceIdentity {
            id: resource.id,
            name: resource.name,
            kind: resource.kind,
            collector_id: resource.collector,
            collector_name: resource.collector_name,
        },
    })
}

/// The part of the node a tracker belongs to.
fn subsystem(tracker: Tracker) -> &'static str {
    use Tracker::*;
    match tracker {
        CollectorOffline
        | CollectorVersionOld
        | CollectorDiskQueueFull
        | SourceAuthFailed
        | SourceConfigInvalid
        | SourceRateLimited
        | SourceUnreachable
        | SourcePathMissing
        | SourceClockSkew
        | SourceSilent => "Collection",
        IngestBudgetExceeded | IngestThrottled | LimitApproaching => "Ingest",
        RuleFailed | SignalsThrottled => "Detection",
        ParserSetAside => "Normalisation",
        StorageUnavailable => "Storage",
    }
}
