//! Rows that are not in memory: failed records out of the lake, signals out of the database. What is in memory says which workspaces can have any of
//! the newest ones, and since when, so that only those are asked.

use super::{
    answer::{Newest, Part, Prepared},
    signals,
};
use crate::{
    State,
    access::{AT_ONCE, Action, QueueGrant},
    investigations::Named,
};
use bailiwick_api::{
    WorkspaceId,
    dashboards::{FailedRecordRow, Measure, PanelAsk, PanelPart, RowPart, RowValues, SignalRow},
};
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_lake::Row as Event;
use futures_util::{StreamExt, stream};
use sqlx::{Row, any::AnyRow};
use std::{sync::Arc, time::Instant};

/// Characters of the raw text of a failed record that are told.
const RAW: usize = 1_000;

/// Whether the rows of a measure are looked for here.
pub(super) fn are_here(measure: Measure) -> bool {
    matches!(measure, Measure::FailedRecordRows | Measure::SignalRows)
}

/// Who can have some of the newest rows of a panel.
struct Plan {
    /// Nothing older is among them.
    from: i64,
    /// By number.
    members: Vec<usize>,
}

fn plan(panel: &Prepared, parts: &[Part], now: i64) -> Plan {
    let mut stretches = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let asked = panel.of(&part.workspace, &part.rates, now);
        let (found, cuts) = match panel.ask.measure {
            Measure::SignalRows => {
                let signals = &part.digest.signals;
                // They count for nothing, for only some of a step may be in the range.
                let cuts = signals.any(&panel.spans.cuts).map(|cut| (signals::begin(cut), 0)).collect();
                (signals.newest(&asked), cuts)
            }
            _ => (part.digest.failed.newest(&asked), Vec::new()),
        };
        stretches.extend(found.into_iter().chain(cuts).map(|(begin, number)| (begin, number, at)));
    }
    stretches.sort_unstable_by(|a, b| b.cmp(a));
    let (wanted, mut rows, mut from) = (u64::from(panel.ask.rows) + 1, 0, panel.ask.from);
    for (begin, number, _) in &stretches {
        rows += number;
        if rows >= wanted {
            from = from.max(*begin);
            break;
        }
    }
    let mut members: Vec<usize> = stretches.iter().filter(|(begin, ..)| *begin >= from || rows < wanted).map(|(.., at)| *at).collect();
    members.sort_unstable();
    members.dedup();
    Plan { from, members }
}

/// The rows of a panel.
pub(super) async fn find(
    state: &State,
    panels: &Arc<Vec<Prepared>>,
    which: usize,
    parts: &Arc<Vec<Part>>,
    grants: &[QueueGrant],
    (now, until): (i64, Instant),
) -> Result<PanelPart, Refusal> {
    let (all, of) = (Arc::clone(panels), Arc::clone(parts));
    let mut plan = tokio::task::spawn_blocking(move || plan(&all[which], &of, now)).await.map_err(Refusal::internal)?;
    let ask = &panels[which].ask;
    if ask.measure == Measure::FailedRecordRows {
        // What is in no file yet is counted in no meter.
        plan.members.extend(parts.iter().enumerate().filter(|(_, part)| part.unwritten.any_failed()).map(|(at, _)| at));
        plan.members.sort_unstable();
        plan.members.dedup();
    }
    let from = plan.from;
    let one = |at: usize| async move { tokio::time::timeout_at(until.into(), one(state, &grants[at], ask, from)).await.map_err(|_| late())? };
    let mut found = stream::iter(plan.members.into_iter().map(one)).buffer_unordered(AT_ONCE);
    let mut newest = Newest::new(ask.rows as usize);
    while let Some(rows) = found.next().await {
        newest.extend(rows?);
    }
    Ok(newest.told(ask))
}

fn late() -> Refusal {
    Refusal::new(http::StatusCode::GATEWAY_TIMEOUT, "TIMEOUT").detail("the rows were not found in time: narrow org_name or take a shorter range")
}

async fn one(state: &State, grant: &QueueGrant, ask: &PanelAsk, from: i64) -> Result<Vec<RowPart>, Refusal> {
    let limit = ask.rows as usize + 1;
    if ask.measure == Measure::SignalRows {
        let named = Named::for_technicians(state.region(), grant.workspace());
        let database = grant.database(state).await?;
        let rows = signal_rows(database.db(), &named, grant.workspace(), (from, ask.to), limit).await;
        database.close().await;
        return rows;
    }
    let grant = grant.open(state).await?;
    // Raw text is what a search of logs shows.
    let raw = grant.also(Action::SearchLogs).is_ok();
    let events = grant.demand(&[Action::ViewInvestigations])?.failed_records(from, ask.to, limit).await?;
    Ok(events.into_iter().map(|event| failed_row(grant.workspace().id(), event, raw)).collect())
}

fn failed_row(workspace: &WorkspaceId, event: Event, raw: bool) -> RowPart {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let row = FailedRecordRow {
        source_category: some(event.source_category),
        vendor: event.vendor,
        product: event.product,
        event_id: event.event_code,
        parser: event.parser,
        reason_code: event.reason_code,
        reason: event.reason,
        raw: if raw { event.raw.chars().take(RAW).collect() } else { String::new() },
    };
    RowPart { workspace: workspace.clone(), time: event.event_time, id: event.id, values: RowValues::FailedRecord(Box::new(row)) }
}

async fn signal_rows(db: &Db, named: &Named, workspace: &WorkspaceId, (from, to): (i64, i64), limit: usize) -> Result<Vec<RowPart>, Refusal> {
    let text = "select id, rule, name, severity, entity_type, entity_value, event_time, tags, suppressed, prototype, investigation from signal \
                where event_time >= $1 and event_time < $2 order by event_time desc, id desc limit $3";
    let query = sqlx::query(text).bind(from).bind(to).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = query.fetch_all(db.pool()).await?;
    rows.iter().map(|row| signal_row(row, named, workspace)).collect()
}

fn signal_row(row: &AnyRow, named: &Named, workspace: &WorkspaceId) -> Result<RowPart, Refusal> {
    let text = |name: &str| row.try_get::<String, _>(name);
    let tags: Vec<String> = serde_json::from_str(&text("tags")?).map_err(Refusal::internal)?;
    let signal = SignalRow {
        name: text("name")?,
        rule: text("rule")?,
        severity: row.try_get("severity")?,
        entity_type: text("entity_type")?,
        entity: text("entity_value")?,
        attack_stage: tags.iter().find_map(|tag| tactic(tag)),
        tags,
        suppressed: row.try_get("suppressed")?,
        prototype: row.try_get::<i64, _>("prototype")? != 0,
        investigation: row.try_get::<Option<String>, _>("investigation")?.map(|id| named.rrn(&id)),
    };
    Ok(RowPart { workspace: workspace.clone(), time: row.try_get("event_time")?, id: text("id")?, values: RowValues::Signal(Box::new(signal)) })
}

/// The tactic a tag such as `attack.credential-access` names; techniques, groups and software have numbers.
fn tactic(tag: &str) -> Option<String> {
    let name = tag.strip_prefix("attack.")?;
    let numbered = name.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (!numbered).then(|| name.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::tactic;

    #[test]
    fn a_tactic_is_told_from_a_technique() {
        assert_eq!(tactic("attack.credential_access").as_deref(), Some("credential-access"));
        assert_eq!(tactic("attack.execution").as_deref(), Some("execution"));
        assert_eq!((tactic("attack.t1110.003"), tactic("attack.g0016"), tactic("attack.s0154"), tactic("cve.2021.1")), (None, None, None, None));
    }
}
