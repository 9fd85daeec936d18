//! One workspace of a question to many: it answers, is skipped or fails by itself, in bounded time, and that the person asked is noted.

use crate::{
    State,
    access::{Asked, Left, QueueGrant},
};
use bailiwick_api::WorkspaceAnswer;
use bailiwick_chassis::Refusal;
use std::{future::Future, time::Duration};

/// How long one workspace may take; the console waits for the node no longer than three seconds.
pub(crate) const PATIENCE: Duration = Duration::from_millis(2_500);

/// Asks one workspace, if it may be asked, and not for too long; that the person asked is noted.
pub(crate) async fn answer<T, W: Future<Output = Result<T, Refusal>>>(
    state: &State,
    asked: Asked<QueueGrant>,
    verb: &'static str,
    work: impl FnOnce(QueueGrant) -> W,
) -> WorkspaceAnswer<T> {
    let Asked { workspace, grant } = asked;
    let silent = |skipped, error| WorkspaceAnswer { workspace: workspace.clone(), skipped, error, answer: None };
    let grant = match grant {
        Err(Left::Skipped(reason)) => return silent(Some(reason), None),
        Err(Left::Error(error)) => return silent(None, Some(error)),
        Ok(grant) => grant,
    };
    let (id, actor) = (grant.workspace().clone(), grant.actor().to_owned());
    let outcome = tokio::time::timeout(PATIENCE, work(grant)).await;
    let now_us = state.clock().now_us();
    let code = match &outcome {
        Ok(Ok(_)) => "ok",
        Ok(Err(refusal)) => refusal.code(),
        Err(_) => "TIMEOUT",
    };
    let due = code != "ok" || state.access().due_at(&id, &actor, verb, now_us);
    state.notes().note(&id, &actor, due.then_some((verb, code)), now_us);
    match outcome {
        Ok(Ok(answer)) => WorkspaceAnswer { workspace, skipped: None, error: None, answer: Some(answer) },
        Ok(Err(refusal)) => silent(None, Some(refusal.problem().detail.unwrap_or_else(|| refusal.code().to_owned()))),
        Err(_) => silent(None, Some(format!("the workspace did not answer within {} ms", PATIENCE.as_millis()))),
    }
}
