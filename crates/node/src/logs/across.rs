//! One search of the logs of several workspaces, told as it goes. What comes in has right of way: of all such searches a node works few
//! workspaces at a time and of one workspace one search, and whoever waits is told so. A reader who goes away ends it.

use super::check_query;
use crate::{
    State,
    access::{self, Action, Asked, Asserted, Left, NoQuery, WorkspaceGrant},
    answers::{self, Given},
    audit,
};
use axum::{
    body::Body,
    extract::State as With,
    response::{IntoResponse, Response},
};
use bailiwick_api::{AskLogs, EventRow, LogSearch, LogSearchState, WorkspaceId, WorkspaceLogLine};
use bailiwick_chassis::{Refusal, extract::Json as Read};
use futures_util::{StreamExt, stream};
use http::header;
use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit, mpsc},
    time::{Instant, timeout_at},
};

/// How long all of it may take.
const TIME: Duration = Duration::from_secs(55);
/// Rows of one workspace.
const MAX_LIMIT: u32 = 1_000;
/// Rows told together first, so that the first are there soon; more later.
const FIRST: u32 = 25;
/// Workspaces that wait for their turn or work, of one question.
const AT_ONCE: usize = 32;
/// Lines that wait for a slow reader.
const LINES: usize = 32;
/// Letters of what was searched for that the workspace's own audit keeps.
const TOLD: usize = 200;

/// The turns of searches over many workspaces.
pub(crate) struct Turns {
    node: Semaphore,
    workspaces: Mutex<HashMap<WorkspaceId, Weak<Semaphore>>>,
}

impl Default for Turns {
    /// Half of the cores for all such searches of the node, at least one.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { node: Semaphore::new((cores / 2).max(1)), workspaces: Mutex::default() }
    }
}

impl Turns {
    fn of(&self, workspace: &WorkspaceId) -> Arc<Semaphore> {
        let mut workspaces = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = workspaces.get(workspace).and_then(Weak::upgrade) {
            return turn;
        }
        workspaces.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Semaphore::new(1));
        workspaces.insert(workspace.clone(), Arc::downgrade(&turn));
        turn
    }
}

/// What was told, for the record of what consoles were told. A stream is recorded when it is over, however it ended: with what left.
struct Counted {
    state: State,
    console: String,
    email: String,
    rows: Mutex<BTreeMap<WorkspaceId, u64>>,
}

impl Counted {
    fn count(&self, line: &WorkspaceLogLine) {
        if line.skipped.is_none() {
            let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
            *rows.entry(line.workspace.clone()).or_default() += line.rows.len() as u64;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let rows = std::mem::take(&mut *self.rows.lock().unwrap_or_else(PoisonError::into_inner));
        let (state, console, email) = (self.state.clone(), std::mem::take(&mut self.console), std::mem::take(&mut self.email));
        if rows.is_empty() {
            return;
        }
        self.state.tasks().spawn_draining(async move {
            let rows = rows.iter().map(|(workspace, count)| (workspace, *count)).collect();
            if let Err(refusal) = answers::record(&state, &Given { console: &console, email: &email, kind: "logs.search", status: 200, rows }).await {
                tracing::error!(code = refusal.code(), "what a search told was not recorded");
            }
        });
    }
}

/// Searches the logs of several workspaces. The answer is one JSON object a line: how far a workspace is, with the rows found since.
#[utoipa::path(post, path = "/api/v1/federated/logs/search", tag = "logs", request_body = AskLogs,
               responses((status = 200, body = WorkspaceLogLine, content_type = "application/x-ndjson")))]
pub(crate) async fn search(With(state): With<State>, asserted: Asserted, _: NoQuery, Read(ask): Read<AskLogs>) -> Result<Response, Refusal> {
    super::check_number("limit", Some(ask.limit), MAX_LIMIT)?;
    check_query(&ask.query, ask.from, ask.to)?;
    crate::workspaces::check_search(&ask.query)?;
    let asked = access::federated(&state, &asserted, &ask.workspaces).await?;
    let counted = Counted { state: state.clone(), console: asserted.console().to_owned(), email: asserted.email(), rows: Mutex::default() };
    let (tell, told) = mpsc::channel::<WorkspaceLogLine>(LINES);
    let work = async move {
        let (state, ask, tell, ends) = (&state, &ask, &tell, Instant::now() + TIME);
        stream::iter(asked).for_each_concurrent(AT_ONCE, |asked| one(state, ask, asked, tell, ends)).await;
    };
    let lines = stream::unfold(told, |mut told| async move { told.recv().await.map(|line| (line, told)) });
    let lines = lines.map(move |line| {
        counted.count(&line);
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        Some(Ok::<_, Infallible>(text))
    });
    // One stream drives the work and tells of it: when it is dropped, both are over.
    let both = stream::select(lines, stream::once(work).map(|()| None)).filter_map(|line| async move { line });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(both)).into_response())
}

/// One workspace, from waiting to its end.
async fn one(state: &State, ask: &AskLogs, asked: Asked, tell: &mpsc::Sender<WorkspaceLogLine>, ends: Instant) {
    let Asked { workspace, grant } = asked;
    let line = |state| WorkspaceLogLine { workspace: workspace.clone(), state, rows: Vec::new(), more: false, skipped: None, error: None };
    let last = match grant {
        Err(Left::Skipped(reason)) => WorkspaceLogLine { skipped: Some(reason), ..line(LogSearchState::Skipped) },
        Err(Left::Error(error)) => WorkspaceLogLine { error: Some(error), ..line(LogSearchState::Failed) },
        Ok(grant) => {
            let subject: String = ask.query.chars().take(TOLD).collect();
            let work = async {
                match searched(state, &grant, (ask, &subject), tell).await {
                    Ok(more) => Ok(more),
                    Err(refusal) => audit::audited(state, &grant, "logs.search", &subject, async { Err(refusal) }).await,
                }
            };
            match timeout_at(ends, work).await {
                Ok(Ok(more)) => WorkspaceLogLine { more, ..line(LogSearchState::Done) },
                Ok(Err(refusal)) => {
                    let error = refusal.problem().detail.unwrap_or_else(|| refusal.code().to_owned());
                    WorkspaceLogLine { error: Some(error), ..line(LogSearchState::Failed) }
                }
                Err(_) => {
                    let error = format!("the search did not come to its end within {} s", TIME.as_secs());
                    WorkspaceLogLine { error: Some(error), ..line(LogSearchState::Failed) }
                }
            }
        }
    };
    let _nobody_reads = tell.send(last).await;
}

/// Takes a turn and searches, page by page; whether more rows match than were asked for.
async fn searched(
    state: &State,
    grant: &WorkspaceGrant,
    (ask, subject): (&AskLogs, &str),
    tell: &mpsc::Sender<WorkspaceLogLine>,
) -> Result<bool, Refusal> {
    let workspace = grant.demand(&[Action::SearchLogs])?;
    let say = async |state, rows: Vec<EventRow>| {
        let line = WorkspaceLogLine { workspace: workspace.id().clone(), state, rows, more: false, skipped: None, error: None };
        tell.send(line).await.map_err(|_| Refusal::internal("nobody reads what a search finds"))
    };
    let own = state.turns().of(workspace.id());
    let turns = (own.try_acquire(), state.turns().node.try_acquire());
    let _turns: (SemaphorePermit<'_>, SemaphorePermit<'_>) = match turns {
        (Ok(own), Ok(node)) => (own, node),
        taken => {
            drop(taken);
            say(LogSearchState::Waiting, Vec::new()).await?;
            (own.acquire().await.map_err(Refusal::internal)?, state.turns().node.acquire().await.map_err(Refusal::internal)?)
        }
    };
    // Before anything is told: whoever reads the first rows and goes away has searched.
    audit::audited(state, grant, "logs.search", subject, async { Ok(()) }).await?;
    say(LogSearchState::Searching, Vec::new()).await?;
    let (mut left, mut cursor, mut size) = (ask.limit, None, FIRST);
    while left > 0 {
        let search = LogSearch { query: ask.query.clone(), from: ask.from, to: ask.to, limit: Some(size.min(left)), cursor };
        let page = workspace.search(&search).await?;
        left = left.saturating_sub(u32::try_from(page.data.len()).unwrap_or(u32::MAX));
        if !page.data.is_empty() {
            say(LogSearchState::Searching, page.data).await?;
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(false),
        }
        size = 200;
    }
    Ok(true)
}
