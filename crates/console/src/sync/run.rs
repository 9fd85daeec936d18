//! One sync of one customer: the question, the one call, and what became of it. Runs in the background, for no person: it reads and
//! writes what is the customer's without a grant, and what it keeps is shown to those who may see the customer.

use super::{
    machine::{Outcome, Reason},
    settings,
    store::{self, Job},
    take, view,
};
use crate::{State, federation::Failure, health, licences};
use bailiwick_api::{AskSync, LinkKind, SyncAnswer};
use bailiwick_chassis::{Refusal, secrets::random_bytes};
use bailiwick_client::{Caller, ClientError};
use std::time::Duration;

/// Who calls where nobody in particular decided anything.
const CONSOLE: &str = "console";
/// A sync may take as long as so many changes.
const CHANGES: u32 = 3;

/// How long the call of a sync may take.
pub(super) fn longest(state: &State) -> Duration {
    state.pace.change_deadline * CHANGES
}

/// Runs a sync that was claimed at `started_us`, and notes how it ended.
pub(super) async fn run(state: &State, job: Job, started_us: i64) {
    let ended = match call(state, &job).await {
        Ok((answer, licence)) => take::take(state, &job, &answer, licence.as_ref()).await,
        Err(Stopped::Unheard(reason)) => Ok((Outcome::Failed(reason.clone()), take::nothing(&reason))),
        Err(Stopped::Ours(refusal)) => Err(refusal),
    };
    let (outcome, modules) = ended.unwrap_or_else(|refusal| {
        let reason = Reason::new(refusal.code(), "the console could not do its part; its log says why");
        (Outcome::Failed(reason.clone()), take::nothing(&reason))
    });
    if let Outcome::Failed(reason) = &outcome {
        tracing::debug!(customer = %job.customer, code = reason.code, "sync failed");
        if let Err(refusal) = licences::delayed(state, &job.customer, &reason.detail).await {
            tracing::warn!(code = refusal.code(), "that a licence waits was not noted");
        }
    }
    let [chance] = random_bytes::<1>();
    if let Err(refusal) = health::found(state, &job.node, &job.customer, wrong(&outcome, &modules)).await {
        tracing::warn!(code = refusal.code(), "what a sync found was not noted");
    }
    let finished = store::finish(&state.db, &job, started_us, view(state), f64::from(chance) / 255.0, outcome, &modules).await;
    if let Err(refusal) = finished {
        tracing::error!(customer = %job.customer, code = refusal.code(), "the end of a sync was not noted; it begins anew in a while");
    }
}

/// What is wrong with a customer by its sync: that it failed, or the parts of the node that do not work.
fn wrong(outcome: &Outcome, modules: &[take::Taken]) -> Option<health::Verdict> {
    match outcome {
        Outcome::Failed(reason) => Some(health::of_failed_sync(&reason.code, &reason.detail)),
        Outcome::Taken { .. } => health::of_components(&take::components_of(modules)),
    }
}

/// Why there is no answer to take.
enum Stopped {
    /// The node did not give one.
    Unheard(Reason),
    /// The question could not be made.
    Ours(Refusal),
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Ours(refusal)
    }
}

async fn call(state: &State, job: &Job) -> Result<(SyncAnswer, Option<licences::Told>), Stopped> {
    let licence = licences::to_tell(state, &job.customer).await?;
    let now = state.clock.now();
    let (email, name) = match &licence {
        Some(told) => (told.by_email.clone(), told.by_name.clone()),
        None => (CONSOLE.to_owned(), state.name.clone()),
    };
    let caller = Caller { email, name, now_seconds: now.timestamp() };
    let console_url = (job.link == LinkKind::Direct).then(|| state.public_url.to_string());
    let licensed = licence.as_ref().map(|told| told.resources.licence());
    let ask = AskSync { now, settings: settings::read(&state.db).await?, licence: licensed, console_url };
    let client = state.links.client(&job.node).await?;
    let answer = match client.sync(&caller, &job.workspace, &ask, longest(state)).await {
        // A node of the version before does not know where the console is; the rest it takes.
        Err(error) if error.code() == Some("UNKNOWN_FIELD") && ask.console_url.is_some() => {
            client.sync(&caller, &job.workspace, &AskSync { console_url: None, ..ask }, longest(state)).await
        }
        answer => answer,
    };
    if let Ok(SyncAnswer { way_back: Some(way_back), .. }) = &answer {
        health::found_way_back(state, &job.node, way_back).await?;
    }
    answer.map(|answer| (answer, licence)).map_err(|error| Stopped::Unheard(explain(&error)))
}

/// Why a node did not answer, in fixed words: what it wrote in its refusal is its own and not kept.
fn explain(error: &ClientError) -> Reason {
    match error.problem().map(|problem| problem.status) {
        Some(401) => Reason::new("NOT_ENROLLED", "the workspace does not accept this console: its enrolment ended, or a clock is wrong"),
        Some(404 | 405) => Reason::new("VERSION", "the node knows no sync; it runs an older version"),
        _ => {
            let failure = Failure::from(error);
            Reason::new(failure.code.as_str(), failure.message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_api::Problem;

    #[test]
    fn every_way_to_fail_has_its_code_and_fixed_words() {
        let refused = |status, code: &str| {
            let problem = Problem {
                status,
                title: "t".into(),
                code: code.into(),
                detail: Some("theirs".into()),
                field: None,
                position: None,
                current: None,
                matched: None,
            };
            ClientError::Refused(Box::new(problem))
        };
        for (error, code) in [
            (ClientError::Unreachable("10.0.0.1".into()), "NODE_DOWN"),
            (ClientError::Timeout(5), "TIMEOUT"),
            (refused(401, "AUTH_FAILED"), "NOT_ENROLLED"),
            (refused(404, "NOT_FOUND"), "VERSION"),
            (refused(400, "UNKNOWN_FIELD"), "VERSION"),
            (refused(500, "INTERNAL"), "NODE_DOWN"),
        ] {
            let reason = explain(&error);
            assert_eq!(reason.code, code, "{error}");
            assert!(!reason.detail.contains("10.0.0.1") && !reason.detail.contains("theirs"), "{}", reason.detail);
        }
    }
}
