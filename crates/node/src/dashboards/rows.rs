//! Rows that are not in memory: failed records out of the lake, signals out of the database. What is in memory says which workspaces can have any of
//! the newest ones, and since when, so that only those are asked.

use super::{
    answer::{Newest, Part, Prepared},
    signals::{self, RecentSignal},
};
use crate::{
    State,
    access::{AT_ONCE, Action, QueueGrant},
    investigations::Named,
};
use bailiwick_api::{
    WorkspaceId,
    dashboards::{FailedRecordRow, Measure, PanelAsk, PanelPart, RowPart, RowValues},
};
use bailiwick_chassis::Refusal;
use bailiwick_lake::Row as Event;
use futures_util::{StreamExt, stream};
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
        let found = match panel.ask.measure {
            Measure::SignalRows => part.digest.signals.times(&asked),
            _ => part.digest.failed.times(&asked),
        };
        stretches.extend(found.into_iter().map(|(begin, number)| (begin, number, at)));
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
    let one =
        |at: usize| async move { tokio::time::timeout_at(until.into(), one(state, &grants[at], &parts[at], ask, from)).await.map_err(|_| late())? };
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

async fn one(state: &State, grant: &QueueGrant, part: &Part, ask: &PanelAsk, from: i64) -> Result<Vec<RowPart>, Refusal> {
    let limit = ask.rows as usize + 1;
    if ask.measure == Measure::SignalRows {
        let named = Named::for_technicians(state.region(), grant.workspace());
        if let Some(recent) = part.digest.signals.recent(from, ask.to) {
            return Ok(recent.cloned().map(|signal| signal_row(signal, &named, grant.workspace())).collect());
        }
        let database = grant.database(state).await?;
        let mut connection = database.db().pool().acquire().await?;
        let signals = signals::newest(&mut connection, (from, ask.to), limit).await;
        drop(connection);
        database.close().await;
        return Ok(signals?.into_iter().map(|signal| signal_row(signal, &named, grant.workspace())).collect());
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

fn signal_row(signal: RecentSignal, named: &Named, workspace: &WorkspaceId) -> RowPart {
    let RecentSignal { id, time, mut row } = signal;
    row.investigation = row.investigation.map(|id| named.rrn(&id));
    RowPart { workspace: workspace.clone(), time, id, values: RowValues::Signal(Box::new(row)) }
}
