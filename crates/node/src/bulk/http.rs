//! Looking at a bulk change, making it and undoing it, in several workspaces at once. Each answers, is skipped or fails by itself.

use super::{
    check,
    store::{self, Here, To},
};
use crate::{
    State,
    access::{self, AT_ONCE, Asked, Asserted, Left, NoQuery, WorkspaceGrant},
    answers::{self, Given},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{Ask, AskBulk, AskBulkUndo, BulkAnswers, BulkAsk, BulkOutcome, BulkPart, WorkspaceAnswer};
use bailiwick_chassis::{Refusal, extract::Json as Body};
use futures_util::{StreamExt, stream};
use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    time::Duration,
};

/// How long one workspace may take for its part. What is not done by then is not done at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a bulk change would do. Changes nothing; of one that was made already, what it did.
#[utoipa::path(post, path = "/api/v1/federated/bulk/preview", tag = "investigations", request_body = AskBulk,
               responses((status = 200, body = BulkAnswers)))]
pub(crate) async fn preview(
    With(state): With<State>,
    asserted: Asserted,
    _: NoQuery,
    Body(ask): Body<AskBulk>,
) -> Result<Json<BulkAnswers>, Refusal> {
    check(&ask, false)?;
    let (state, ask, parts) = (&state, &ask, parts(&ask));
    let parts = &parts;
    let look = move |grant: WorkspaceGrant| async move {
        let here = here(state, &grant, ask, parts).await?;
        let work = async { here.look(parts.get(grant.workspace().id().as_str()).and_then(|part| part.items.as_deref())).await };
        audit::audited_each_minute(state, &grant, "investigations.bulk_preview", work).await
    };
    each(state, &asserted, ("investigations.bulk_preview", &asks(ask)), look).await
}

/// Makes a bulk change: each workspace in one transaction, once under its name however often it is asked for.
#[utoipa::path(post, path = "/api/v1/federated/bulk", tag = "investigations", request_body = AskBulk, responses((status = 200, body = BulkAnswers)))]
pub(crate) async fn change(With(state): With<State>, asserted: Asserted, _: NoQuery, Body(ask): Body<AskBulk>) -> Result<Json<BulkAnswers>, Refusal> {
    check(&ask, true)?;
    let (state, ask, parts) = (&state, &ask, parts(&ask));
    let parts = &parts;
    let change = move |grant: WorkspaceGrant| async move {
        let work = async {
            let items = parts.get(grant.workspace().id().as_str()).and_then(|part| part.items.as_deref()).unwrap_or_default();
            here(state, &grant, ask, parts).await?.change(items).await
        };
        noted(state, &grant, ("investigations.bulk", &ask.bulk), work.await).await
    };
    each(state, &asserted, ("investigations.bulk", &asks(ask)), change).await
}

/// Undoes a bulk change of the same person within ten minutes. A row that somebody changed since is left alone, and said to be.
#[utoipa::path(post, path = "/api/v1/federated/bulk/undo", tag = "investigations", request_body = AskBulkUndo,
               responses((status = 200, body = BulkAnswers)))]
pub(crate) async fn undo(
    With(state): With<State>,
    asserted: Asserted,
    _: NoQuery,
    Body(ask): Body<AskBulkUndo>,
) -> Result<Json<BulkAnswers>, Refusal> {
    let (state, ask) = (&state, &ask);
    let undo = move |grant: WorkspaceGrant| async move {
        let work = store::undo(&grant, state.region(), &ask.bulk, state.clock().now_us()).await;
        noted(state, &grant, ("investigations.bulk_undo", &ask.bulk), work).await
    };
    each(state, &asserted, ("investigations.bulk_undo", &ask.workspaces), undo).await
}

fn parts(ask: &AskBulk) -> HashMap<&str, &BulkAsk> {
    ask.workspaces.iter().map(|one| (one.workspace.as_str(), one)).collect()
}

fn asks(ask: &AskBulk) -> Vec<Ask> {
    ask.workspaces.iter().map(|one| Ask { workspace: one.workspace.clone(), role: one.role }).collect()
}

async fn here<'a>(state: &'a State, grant: &'a WorkspaceGrant, ask: &'a AskBulk, parts: &HashMap<&str, &BulkAsk>) -> Result<Here<'a>, Refusal> {
    let now_us = state.clock().now_us();
    let part = parts.get(grant.workspace().id().as_str()).ok_or_else(Refusal::not_found)?;
    Ok(Here { grant, region: state.region(), ask, to: To::find(grant, ask, part, now_us).await?, now_us })
}

/// One line of the workspace's audit for all of it, with how many.
async fn noted(state: &State, grant: &WorkspaceGrant, (verb, bulk): (&str, &str), work: Result<BulkPart, Refusal>) -> Result<BulkPart, Refusal> {
    let changed = |part: &BulkPart| part.items.iter().filter(|item| item.outcome == BulkOutcome::Changed).count();
    let subject = match &work {
        Ok(part) => format!("{bulk}: {} of {}", changed(part), part.items.len()),
        Err(_) => bulk.to_owned(),
    };
    audit::audited(state, grant, verb, &subject, async { work }).await
}

/// Asks each workspace that may be asked.
async fn each<W: Future<Output = Result<BulkPart, Refusal>>>(
    state: &State,
    asserted: &Asserted,
    (kind, asks): (&str, &[Ask]),
    work: impl Fn(WorkspaceGrant) -> W + Copy,
) -> Result<Json<BulkAnswers>, Refusal> {
    let asked = access::federated(state, asserted, asks).await?;
    let workspaces: Vec<_> = stream::iter(asked.into_iter().map(|asked| answer(asked, work))).buffered(AT_ONCE).collect().await;
    record(state, asserted, kind, &workspaces).await?;
    Ok(Json(BulkAnswers { workspaces }))
}

/// Writes down what is about to be answered: of each workspace that answered, how many investigations are named.
async fn record(state: &State, asserted: &Asserted, kind: &str, workspaces: &[WorkspaceAnswer<BulkPart>]) -> Result<(), Refusal> {
    let rows: BTreeMap<_, _> = workspaces.iter().filter_map(|one| Some((&one.workspace, one.answer.as_ref()?.items.len() as u64))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    answers::record(state, &Given { console: asserted.console(), email: &asserted.email(), kind, status: 200, rows }).await
}

async fn answer<W: Future<Output = Result<BulkPart, Refusal>>>(asked: Asked, work: impl FnOnce(WorkspaceGrant) -> W) -> WorkspaceAnswer<BulkPart> {
    let Asked { workspace, grant } = asked;
    let silent = |skipped, error| WorkspaceAnswer { workspace: workspace.clone(), skipped, error, answer: None };
    match grant {
        Err(Left::Skipped(reason)) => silent(Some(reason), None),
        Err(Left::Error(error)) => silent(None, Some(error)),
        Ok(grant) => match tokio::time::timeout(PATIENCE, work(grant)).await {
            Ok(Ok(answer)) => WorkspaceAnswer { workspace, skipped: None, error: None, answer: Some(answer) },
            Ok(Err(refusal)) => silent(None, Some(refusal.problem().detail.unwrap_or_else(|| refusal.code().to_owned()))),
            Err(_) => silent(None, Some(format!("the workspace did not do it within {} s, and left everything as it was", PATIENCE.as_secs()))),
        },
    }
}
