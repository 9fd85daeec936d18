//! One question of a console: all panels of a dashboard, over many workspaces.

use super::{
    Digest, Needs,
    answer::{self, Dataset, Part, Prepared, dataset, is_rows},
    rows,
    signals::{self, Within},
};
use crate::{
    State,
    access::{self, AT_ONCE, Asked, Asserted, NoQuery, QueueGrant},
    answers::{self, Given, PATIENCE, answer as ask_one},
};
use axum::{Json, extract::State as With};
use bailiwick_api::{
    Ask, WorkspaceAnswer,
    dashboards::{AskDashboard, DashboardAnswers, Measure, PanelAsk, PanelDimension, PanelPart, RatesFrom},
};
use bailiwick_chassis::{Refusal, extract::Json as Body};
use futures_util::{StreamExt, stream};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Instant,
};
use tokio::sync::oneshot;

const KIND: &str = "dashboards.query";
/// Panels of a question; those that are compared with an earlier time count twice.
const MAX_PANELS: usize = 200;
/// Ends of buckets of a panel.
const MAX_EDGES: usize = 20_000;
/// Rows of a panel.
const MAX_ROWS: u32 = 5_000;
/// Rates of a customer.
const MAX_RATES: usize = 1_000;

/// The panels of a dashboard over several workspaces, as aggregates that add up.
#[utoipa::path(post, path = "/api/v1/federated/dashboards", tag = "dashboards", request_body = AskDashboard,
               responses((status = 200, body = DashboardAnswers)))]
pub(crate) async fn query(
    With(state): With<State>,
    asserted: Asserted,
    _: NoQuery,
    Body(ask): Body<AskDashboard>,
) -> Result<Json<DashboardAnswers>, Refusal> {
    check(&ask)?;
    let until = Instant::now() + PATIENCE;
    let AskDashboard { workspaces, panels, rates, now } = ask;
    let asks: Vec<Ask> = workspaces.iter().map(|one| Ask { workspace: one.workspace.clone(), role: one.role }).collect();
    let asked = access::federated_queues(&state, &asserted, &asks).await?;
    let panels: Arc<Vec<Prepared>> = Arc::new(panels.into_iter().map(|panel| Prepared::new(panel, now)).collect());
    let own = workspaces.into_iter().map(|one| if one.rates.is_empty() { rates.clone() } else { one.rates });
    let (at, of) = (&state, &panels);
    let common = Arc::new(answer::needs(&panels, &[], now));
    let usual = &common;
    let one = |(asked, rates): (Asked<QueueGrant>, Vec<RatesFrom>)| {
        ask_one(at, asked, KIND, move |grant| async move { part(at, grant, of, usual, rates, now).await })
    };
    let found: Vec<WorkspaceAnswer<(Part, QueueGrant)>> = stream::iter(asked.into_iter().zip(own).map(one)).buffered(AT_ONCE).collect().await;
    let (mut told, mut parts, mut grants, mut places) = (Vec::with_capacity(found.len()), Vec::new(), Vec::new(), Vec::new());
    for WorkspaceAnswer { workspace, skipped, error, answer } in found {
        if let Some((part, grant)) = answer {
            places.push(told.len());
            parts.push(part);
            grants.push(grant);
        }
        told.push(WorkspaceAnswer { workspace, skipped, error, answer: None });
    }
    let parts = Arc::new(parts);
    let (all, of) = (Arc::clone(&panels), Arc::clone(&parts));
    let work = tokio::task::spawn_blocking(move || answer::evaluate(&all, &of, now));
    let (mut answered, mut counts) = work.await.map_err(Refusal::internal)?;
    find_rows(&state, &panels, &parts, &grants, (now, until), &mut answered, &mut counts).await;
    for (place, count) in places.into_iter().zip(counts) {
        told[place].answer = Some(count);
    }
    record(&state, &asserted, &told).await?;
    Ok(Json(DashboardAnswers { workspaces: told, panels: answered }))
}

/// Puts rows into the panels whose rows are not in memory.
async fn find_rows(
    state: &State,
    panels: &Arc<Vec<Prepared>>,
    parts: &Arc<Vec<Part>>,
    grants: &[QueueGrant],
    when: (i64, Instant),
    answered: &mut [PanelPart],
    counts: &mut [u64],
) {
    let places: HashMap<_, _> = parts.iter().enumerate().map(|(at, part)| (&part.workspace, at)).collect();
    for (which, panel) in panels.iter().enumerate().filter(|(_, panel)| rows::are_here(panel.ask.measure)) {
        match rows::find(state, panels, which, parts, grants, when).await {
            Ok(part) => {
                part.rows.iter().filter_map(|row| places.get(&row.workspace)).for_each(|at| counts[*at] += 1);
                answered[which] = part;
            }
            // Some of the newest rows are not the newest rows.
            Err(refusal) => answered[which].error = Some(refusal.problem().detail.unwrap_or_else(|| panel.ask.id.clone())),
        }
    }
}

/// Writes down what is about to be answered.
async fn record(state: &State, asserted: &Asserted, told: &[WorkspaceAnswer<u64>]) -> Result<(), Refusal> {
    let rows: BTreeMap<_, _> = told.iter().filter_map(|one| Some((&one.workspace, one.answer?))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    answers::record(state, &Given { console: asserted.console(), email: &asserted.email(), kind: KIND, status: 200, rows }).await
}

async fn part(
    state: &State,
    grant: QueueGrant,
    panels: &[Prepared],
    usual: &Arc<Needs>,
    rates: Vec<RatesFrom>,
    now: i64,
) -> Result<(Part, QueueGrant), Refusal> {
    let credits = rates.len() > 1 && panels.iter().any(|panel| panel.ask.measure == Measure::Credits);
    let needs = if credits { Arc::new(answer::needs(panels, &rates, now)) } else { Arc::clone(usual) };
    let unwritten = state.workspaces().digests().unwritten(grant.workspace());
    let digest = digest(state, &grant, needs.stored(unwritten.stored)).await?;
    let within = within(state, &grant, panels, &digest).await?;
    Ok((Part { workspace: grant.workspace().clone(), rates, digest, within, unwritten }, grant))
}

/// The digest of a workspace. It is made to the end though the question may not wait for it: the next one finds it.
async fn digest(state: &State, grant: &QueueGrant, needs: Arc<Needs>) -> Result<Arc<Digest>, Refusal> {
    if let Some(digest) = grant.known_digest(state, &needs).await? {
        return Ok(digest);
    }
    let (tell, told) = oneshot::channel();
    let (at, grant) = (state.clone(), grant.clone());
    state.tasks().spawn(async move {
        let _asker_gone = tell.send(grant.digest(&at, &needs).await);
    });
    told.await.map_err(Refusal::internal)?
}

/// Signals of stretches that end within 5 minutes.
async fn within(state: &State, grant: &QueueGrant, panels: &[Prepared], digest: &Digest) -> Result<Within, Refusal> {
    let cuts = counted_within(panels, digest);
    if cuts.is_empty() {
        return Ok(Within::new());
    }
    let database = grant.database(state).await?;
    let found = signals::within(database.db(), cuts).await;
    database.close().await;
    found
}

fn counted_within(panels: &[Prepared], digest: &Digest) -> BTreeSet<(i64, i64)> {
    let counted = panels.iter().filter(|panel| panel.ask.measure == Measure::Signals);
    counted.flat_map(|panel| digest.signals.any(&panel.spans.cuts)).map(|cut| (cut.from, cut.to)).collect()
}

fn check(ask: &AskDashboard) -> Result<(), Refusal> {
    if ask.panels.len() > MAX_PANELS {
        return Err(invalid("panels", format!("panels: at most {MAX_PANELS}")));
    }
    let all = ask.workspaces.iter().map(|one| &one.rates).chain([&ask.rates]);
    for rates in all {
        check_rates(rates)?;
    }
    ask.panels.iter().try_for_each(check_panel)
}

fn invalid(field: &'static str, detail: String) -> Refusal {
    Refusal::invalid("INVALID_INPUT", field, detail)
}

fn check_rates(rates: &[RatesFrom]) -> Result<(), Refusal> {
    let ordered = rates.windows(2).all(|pair| pair[0].from < pair[1].from);
    let all = rates.iter().flat_map(|one| [one.rates.continuous, one.rates.frequent, one.rates.infrequent, one.rates.cse]);
    let numbers = all.into_iter().all(|rate| rate.is_finite() && rate >= 0.0);
    if rates.len() > MAX_RATES || !ordered || !numbers {
        return Err(invalid("rates", format!("rates: at most {MAX_RATES}, none below 0, each beginning after the one before")));
    }
    Ok(())
}

fn check_panel(panel: &PanelAsk) -> Result<(), Refusal> {
    let wrong = |why: String| Err(invalid("panels", format!("panels: {}: {why}", panel.id)));
    if panel.from > panel.to {
        return wrong("to is before from".into());
    }
    if panel.edges.len() > MAX_EDGES || panel.edges.len() == 1 || panel.edges.windows(2).any(|pair| pair[0] >= pair[1]) {
        return wrong(format!("edges: none, or 2 to {MAX_EDGES}, ascending"));
    }
    if panel.rows > MAX_ROWS {
        return wrong(format!("rows: at most {MAX_ROWS}"));
    }
    if is_rows(panel.measure) {
        return Ok(());
    }
    if let Some(dimension) = panel.group_by.iter().find(|dimension| !knows(panel.measure, **dimension)) {
        return wrong(format!("{} is not told apart by {}", panel.measure.as_str(), dimension.as_str()));
    }
    if (panel.top.is_some() || panel.outlier.is_some()) && panel.group_by.first() != Some(&PanelDimension::Org) {
        return wrong("top and outlier belong to groups by org".into());
    }
    if panel.outlier.is_some_and(|by| !(2..=1_000).contains(&by.window) || !(1..=100).contains(&by.consecutive) || by.threshold.is_nan()) {
        return wrong("outlier: window 2 to 1,000, consecutive 1 to 100".into());
    }
    Ok(())
}

/// Whether a measure can be told apart by a dimension.
fn knows(measure: Measure, dimension: PanelDimension) -> bool {
    use PanelDimension::{
        Collector, Error, EventId, Org, Parser, Priority, Product, Reason, ReasonCode, ResourceType, Severity, Source, SourceCategory, State, Status,
        Tier, Tracker, User, Vendor,
    };
    dimension == Org
        || match dataset(measure) {
            Dataset::Volume | Dataset::Silent => matches!(dimension, Tier | SourceCategory | Collector | Source),
            Dataset::Failed => matches!(dimension, SourceCategory | Reason | ReasonCode | Vendor | Product | EventId | Parser),
            Dataset::Signals => dimension == State,
            Dataset::Health => matches!(dimension, Tracker | Error | Severity | ResourceType),
            Dataset::Cases => matches!(dimension, Status | User | Priority),
        }
}
