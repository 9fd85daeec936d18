//! One question to many workspaces of this node. Each answers, is skipped or fails by itself; rows are merged as they come,
//! so the node holds a page and no more.

use super::{
    page::{self, Wanted},
    store::{self, Named},
};
use crate::{
    State,
    access::{self, AT_ONCE, Asked, Asserted, Left, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{AskInvestigations, AskSummaries, InvestigationAnswers, InvestigationRow, SummaryAnswers, WorkspaceAnswer};
use bailiwick_chassis::{Refusal, extract::Json as Body};
use futures_util::{StreamExt, stream};
use std::{future::Future, time::Duration};

/// How long one workspace may take; the console waits for the node no longer than three seconds.
const PATIENCE: Duration = Duration::from_millis(2_500);
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
    if ask.limit == 0 || ask.limit > MAX_ROWS {
        return Err(Refusal::invalid("INVALID_INPUT", "limit", format!("limit: 1 to {MAX_ROWS}")));
    }
    let asked = access::federated(&state, &asserted, &ask.workspaces).await?;
    let limit = ask.limit as usize;
    let (state, ask) = (&state, &ask);
    let one = |asked: Asked| answer(asked, move |grant| async move { rows(state, &grant, ask, limit).await });
    let mut answers = std::pin::pin!(stream::iter(asked.into_iter().map(one)).buffered(AT_ONCE));
    let (mut workspaces, mut merged) = (Vec::new(), Vec::new());
    while let Some(WorkspaceAnswer { workspace, skipped, error, answer }) = answers.next().await {
        let (count, rows) = answer.map_or((None, Vec::new()), |(count, rows)| (Some(count), rows));
        workspaces.push(WorkspaceAnswer { workspace, skipped, error, answer: count });
        merge(&mut merged, rows, ask, limit + 1);
    }
    let more = merged.len() > limit;
    merged.truncate(limit);
    state.presence().fill(&mut merged, state.clock().now_us());
    Ok(Json(InvestigationAnswers { workspaces, rows: merged, more }))
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
    let asked = access::federated(&state, &asserted, &ask.workspaces).await?;
    let state = &state;
    let counts = move |grant: WorkspaceGrant| async move {
        audit::audited_each_minute(state, &grant, "investigations.count", store::open_counts(&grant)).await
    };
    let workspaces = stream::iter(asked.into_iter().map(|asked| answer(asked, counts))).buffered(AT_ONCE).collect().await;
    Ok(Json(SummaryAnswers { workspaces }))
}

/// One workspace's count and its first rows, one more than a page to tell whether more follow.
async fn rows(state: &State, grant: &WorkspaceGrant, ask: &AskInvestigations, limit: usize) -> Result<(u64, Vec<InvestigationRow>), Refusal> {
    let named = Named::new(state.region(), grant);
    let wanted = Wanted { filter: &ask.filter, sort: ask.sort, after: ask.after.as_ref(), rows: limit + 1 };
    let work = async { Ok((page::count(grant, &ask.filter).await?, page::page(grant, &named, &wanted).await?)) };
    audit::audited_each_minute(state, grant, "investigations.list", work).await
}

/// Asks one workspace, if it may be asked, and not for too long.
async fn answer<T, W: Future<Output = Result<T, Refusal>>>(asked: Asked, work: impl FnOnce(WorkspaceGrant) -> W) -> WorkspaceAnswer<T> {
    let Asked { workspace, grant } = asked;
    let silent = |skipped, error| WorkspaceAnswer { workspace: workspace.clone(), skipped, error, answer: None };
    match grant {
        Err(Left::Skipped(reason)) => silent(Some(reason), None),
        Err(Left::Error(error)) => silent(None, Some(error)),
        Ok(grant) => match tokio::time::timeout(PATIENCE, work(grant)).await {
            Ok(Ok(answer)) => WorkspaceAnswer { workspace, skipped: None, error: None, answer: Some(answer) },
            Ok(Err(refusal)) => silent(None, Some(refusal.problem().detail.unwrap_or_else(|| refusal.code().to_owned()))),
            Err(_) => silent(None, Some(format!("the workspace did not answer within {} ms", PATIENCE.as_millis()))),
        },
    }
}

/// Keeps the first `keep` rows of both in the asked order.
fn merge(merged: &mut Vec<InvestigationRow>, rows: Vec<InvestigationRow>, ask: &AskInvestigations, keep: usize) {
    if rows.is_empty() {
        return;
    }
    merged.extend(rows);
    merged.sort_by(|a, b| ask.sort.compare(&ask.sort.key(a), &ask.sort.key(b)));
    merged.truncate(keep);
}
