//! One question to many workspaces of this node. Each answers, is skipped or fails by itself. What is not closed is answered from memory
//! ([`crate::queue`]), the rest out of the databases; rows are merged as they come, so the node holds a page and no more.

use super::{
    page::{self, Found, Wanted},
    store::Named,
};
use crate::{
    State,
    access::{self, AT_ONCE, Asked, Asserted, NoQuery, QueueGrant},
    answers::{self, Given, answer},
    queue::{
        Entry, View,
        eval::{Around, Criteria},
        facts,
        top::{Ranked, Top},
    },
};
use axum::{Json, extract::State as With};
use bailiwick_api::{
    AskInvestigations, AskSummaries, CustomerName, InvestigationAnswers, InvestigationRow, OpenCounts, Priority, RowFilter, Status, SummaryAnswers,
    WorkspaceAnswer, WorkspaceId,
};
use bailiwick_chassis::{Refusal, extract::Json as Body};
use futures_util::{StreamExt, stream};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

const MAX_ROWS: u32 = 500;

/// Investigations of several workspaces, in one order.
#[utoipa::path(post, path = "/api/v1/federated/investigations", tag = "investigations", request_body = AskInvestigations,
               responses((status = 200, body = InvestigationAnswers)))]
pub(crate) async fn investigations(
    With(state): With<State>,
    asserted: Asserted,
    _: NoQuery,
    Body(ask): Body<AskInvestigations>,
) -> Result<Json<InvestigationAnswers>, Refusal> {
    check_limit(ask.limit)?;
    let asked = access::federated_queues(&state, &asserted, &ask.workspaces).await?;
    let (at, question) = (&state, &ask);
    let one = |asked: Asked<QueueGrant>| answer(at, asked, "investigations.list", move |grant| async move { part(at, &grant, question).await });
    let parts: Vec<WorkspaceAnswer<Part>> = stream::iter(asked.into_iter().map(one)).buffered(AT_ONCE).collect().await;
    let mut merged = tokio::task::spawn_blocking(move || merge(parts, &ask)).await.map_err(Refusal::internal)?;
    state.presence().fill(&mut merged.rows, state.clock().now_us());
    record(&state, &asserted, "investigations.list", &merged.workspaces, &merged.rows).await?;
    Ok(Json(merged))
}

/// Open investigations by priority of several workspaces.
#[utoipa::path(post, path = "/api/v1/federated/summaries", tag = "investigations", request_body = AskSummaries,
               responses((status = 200, body = SummaryAnswers)))]
pub(crate) async fn summaries(
    With(state): With<State>,
    asserted: Asserted,
    _: NoQuery,
    Body(ask): Body<AskSummaries>,
) -> Result<Json<SummaryAnswers>, Refusal> {
    let asked = access::federated_queues(&state, &asserted, &ask.workspaces).await?;
    let at = &state;
    let one = |asked: Asked<QueueGrant>| answer(at, asked, "investigations.count", move |grant| async move { open_counts(at, &grant).await });
    let workspaces: Vec<_> = stream::iter(asked.into_iter().map(one)).buffered(AT_ONCE).collect().await;
    record(&state, &asserted, "investigations.count", &workspaces, &[]).await?;
    Ok(Json(SummaryAnswers { workspaces }))
}

pub(super) fn check_limit(limit: u32) -> Result<(), Refusal> {
    if limit == 0 || limit > MAX_ROWS {
        return Err(Refusal::invalid("INVALID_INPUT", "limit", format!("limit: 1 to {MAX_ROWS}")));
    }
    Ok(())
}

/// Writes down what is about to be answered: every workspace that answered, and how many of the rows are its own.
pub(super) async fn record<T>(
    state: &State,
    asserted: &Asserted,
    kind: &str,
    workspaces: &[WorkspaceAnswer<T>],
    rows: &[InvestigationRow],
) -> Result<(), Refusal> {
    let answered = workspaces.iter().filter(|one| one.answer.is_some());
    let mut counted: BTreeMap<&WorkspaceId, u64> = answered.map(|one| (&one.workspace, 0)).collect();
    if counted.is_empty() {
        return Ok(());
    }
    for row in rows {
        if let Some(count) = counted.get_mut(&row.workspace) {
            *count += 1;
        }
    }
    answers::record(state, &Given { console: asserted.console(), email: &asserted.email(), kind, status: 200, rows: counted }).await
}

/// What one workspace brings to a page.
struct Part {
    view: Arc<View>,
    sets: Vec<HashSet<String>>,
    /// Out of the database.
    found: Option<Found>,
}

async fn part(state: &State, grant: &QueueGrant, ask: &AskInvestigations) -> Result<Part, Refusal> {
    let view = grant.view(state).await?;
    let criteria = Criteria::new(&ask.filter);
    let looked_up = criteria.looked_up();
    let from_database = !view.whole || view.closed && wants_closed(&ask.filter);
    if looked_up.is_empty() && !from_database {
        return Ok(Part { view, sets: Vec::new(), found: None });
    }
    let grant = grant.open(state).await?;
    let sets = if looked_up.is_empty() || !view.whole { Vec::new() } else { facts::sets(grant.workspace().db(), &looked_up).await? };
    if !from_database {
        return Ok(Part { view, sets, found: None });
    }
    let named = Named::new(state.region(), &grant);
    let wanted = Wanted {
        filter: &ask.filter,
        sort: ask.sort,
        after: ask.after.as_ref(),
        rows: ask.limit as usize + 1,
        customer: ask.names.get(grant.workspace().id()),
        closed_only: view.whole,
    };
    let found = page::page(&grant, &named, &wanted).await?;
    Ok(Part { view, sets, found: Some(found) })
}

fn wants_closed(filter: &RowFilter) -> bool {
    filter.statuses.as_ref().is_none_or(|words| words.contains(&Status::Closed))
}

/// A row on its way into a page.
struct Candidate<'a> {
    row: Source,
    customer: &'a str,
}

enum Source {
    Memory(Arc<Entry>),
    Database(Box<InvestigationRow>),
}

impl Ranked for Candidate<'_> {
    fn ranked(&self) -> (&InvestigationRow, &str) {
        match &self.row {
            Source::Memory(entry) => (&entry.row, self.customer),
            Source::Database(row) => (row, self.customer),
        }
    }
}

/// One page of all, and each workspace's count.
fn merge(parts: Vec<WorkspaceAnswer<Part>>, ask: &AskInvestigations) -> InvestigationAnswers {
    let (limit, criteria) = (ask.limit as usize, Criteria::new(&ask.filter));
    let mut top = Top::new(ask.sort, ask.after.clone(), limit + 1);
    let mut workspaces = Vec::with_capacity(parts.len());
    for WorkspaceAnswer { workspace, skipped, error, answer } in parts {
        let known: Option<&CustomerName> = ask.names.get(&workspace);
        let customer = known.map_or("", |known| known.name.as_str());
        let count = answer.map(|Part { view, sets, found }| {
            let around = Around { customer: known, sets: &sets };
            let matching = view.rows.iter().filter(|entry| criteria.matches(&entry.id, &entry.row, &around));
            let mut count = 0;
            for entry in matching {
                count += 1;
                top.offer(Candidate { row: Source::Memory(Arc::clone(entry)), customer });
            }
            let Found { rows, count: more } = found.unwrap_or(Found { rows: Vec::new(), count: 0 });
            for row in rows {
                top.offer(Candidate { row: Source::Database(Box::new(row)), customer });
            }
            count + more
        });
        workspaces.push(WorkspaceAnswer { workspace, skipped, error, answer: count });
    }
    let mut rows: Vec<InvestigationRow> = top.finish().into_iter().map(Candidate::into_row).collect();
    let more = rows.len() > limit;
    rows.truncate(limit);
    InvestigationAnswers { workspaces, rows, more }
}

impl Candidate<'_> {
    fn into_row(self) -> InvestigationRow {
        match self.row {
            Source::Memory(entry) => entry.row.clone(),
            Source::Database(row) => *row,
        }
    }
}

async fn open_counts(state: &State, grant: &QueueGrant) -> Result<OpenCounts, Refusal> {
    let view = grant.view(state).await?;
    if !view.whole {
        return super::store::open_counts(&grant.open(state).await?).await;
    }
    let mut counts: HashMap<Priority, u32> = HashMap::new();
    for entry in &view.rows {
        *counts.entry(entry.row.priority).or_default() += 1;
    }
    let of = |priority| counts.get(&priority).copied().unwrap_or_default();
    Ok(OpenCounts {
        critical: of(Priority::Critical),
        high: of(Priority::High),
        medium: of(Priority::Medium),
        low: of(Priority::Low),
        unspecified: of(Priority::Unspecified),
    })
}
