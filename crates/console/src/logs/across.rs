//! One search of many customers' logs, told as rows arrive: each node is asked once, each customer tells how far it is, and the last line says
//! who was asked and who answered. A reader who goes away ends the search at every node. Rows pass through; a few lines wait for a slow
//! reader and no more.

use super::{DEFAULT_LIMIT, MAX_LIMIT, check};
use crate::{
    State,
    access::{self, Action, Actor},
    audit::{self, Line},
    federation::{Failure, Heard, Member, NodeAsk, Plan, Seat, scope},
    investigations::params::limit,
};
use ::http::header;
use axum::{
    body::Body,
    extract::State as With,
    response::{IntoResponse, Response},
};
use bailiwick_api::{
    AskLogs, CustomerEvent, LogLine, LogProgress, LogSearchAcross, LogSearchState, Problem, Scope, Skipped, WorkspaceId, WorkspaceLogLine,
};
use bailiwick_chassis::{Refusal, extract::Json};
use bailiwick_client::ClientError;
use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, FuturesUnordered},
};
use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

/// How long a search may take in all.
const TIME: Duration = Duration::from_secs(60);
/// How long the first news of any node is waited for before the answer begins: a query that cannot be read is refused instead.
const FIRST: Duration = Duration::from_secs(3);
/// Rows of one answer.
const MAX_ROWS: u64 = 20_000;
/// Customers one may name.
const MAX_CUSTOMERS: usize = 5_000;
/// Lines of nodes that wait for a slow reader.
const LINES: usize = 64;

/// Searches the logs of many customers. The answer is one JSON object a line, as soon as there is something to tell: `{"rows": […]}` of one
/// customer, newest first, `{"progress": {…}}`, and at the end `{"scope": {…}}`. Each customer tells at most `limit` rows and whether it has
/// more; an answer has at most 20,000 rows, and customers that were not through by then are in the scope as failed. Closing the connection
/// ends the search everywhere. Each customer's own audit says who searched for what.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT, UNKNOWN_CUSTOMER, QUERY_INVALID (400), FORBIDDEN (403), TOO_MANY_STREAMS (429).
#[utoipa::path(post, path = "/api/v1/logs/search", operation_id = "search_logs_across", tag = "logs", request_body = LogSearchAcross, responses((status = 200, body = LogLine, content_type = "application/x-ndjson"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn search(With(state): With<State>, actor: Actor, Json(ask): Json<LogSearchAcross>) -> Result<Response, Refusal> {
    let begun = begin(&state, &actor, ask).await;
    let across = match begun {
        Ok(across) => across,
        Err(refusal) => {
            audit::record(&state, Line { actor: actor.email(), verb: "logs.search", customer: None, outcome: refusal.code() }).await?;
            return Err(refusal);
        }
    };
    let lines = stream::unfold(across, |mut across| async move { across.next().await.map(|line| (Ok::<_, Infallible>(line), across)) });
    // A layer that compresses looks once more after the end.
    let lines = lines.fuse();
    let head = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((head, Body::from_stream(lines)).into_response())
}

async fn begin(state: &State, actor: &Actor, ask: LogSearchAcross) -> Result<Across, Refusal> {
    check(&ask.query, ask.from, ask.to)?;
    let rows = limit(ask.limit.map(i64::from), DEFAULT_LIMIT, MAX_LIMIT)?;
    if ask.customers.as_ref().is_some_and(|customers| customers.len() > MAX_CUSTOMERS) {
        return Err(Refusal::invalid("INVALID_INPUT", "customers", format!("customers: at most {MAX_CUSTOMERS}")));
    }
    let reach = access::reach_many(state, actor, Action::SearchLogs, ask.customers.as_deref()).await?;
    let seat = state.federation.seats().take(actor.user())?;
    note(state, actor, &reach).await?;
    let plan = Plan::new(&reach, state.clock.now());
    let question = Question { query: ask.query, from: ask.from, to: ask.to, limit: rows };
    let mut across = Across::new(state.clone(), plan, &question, seat);
    across.first().await?;
    Ok(across)
}

/// A line of the audit for each customer that is asked; never what is searched for.
async fn note(state: &State, actor: &Actor, reach: &access::Reach) -> Result<(), Refusal> {
    let (mut tx, now_us) = (state.db.begin().await?, state.clock.now_us());
    for grant in &reach.grants {
        let line = Line { actor: actor.email(), verb: "logs.search", customer: Some(&grant.customer().id), outcome: audit::OK };
        audit::record_in(&mut tx, line.about("across customers"), now_us).await?;
    }
    if reach.grants.is_empty() {
        audit::record_in(&mut tx, Line { actor: actor.email(), verb: "logs.search", customer: None, outcome: audit::OK }, now_us).await?;
    }
    Ok(tx.commit().await?)
}

#[derive(Clone)]
struct Question {
    query: String,
    from: Option<chrono::DateTime<chrono::Utc>>,
    to: Option<chrono::DateTime<chrono::Utc>>,
    limit: u32,
}

/// News of one node.
enum News {
    Line(usize, WorkspaceLogLine),
    /// It is through, or it failed, or it refused.
    Over(usize, Result<(), Failure>),
    Refused(Box<Problem>),
}

/// How one customer's search stands.
struct Slot {
    member: Member,
    node: usize,
    rows: u64,
    heard: Option<Heard>,
}

/// A search under way. Dropping it ends it everywhere.
struct Across {
    skipped: Vec<Skipped>,
    slots: HashMap<WorkspaceId, Slot>,
    work: FuturesUnordered<BoxFuture<'static, ()>>,
    news: mpsc::Receiver<News>,
    out: VecDeque<LogLine>,
    rows: u64,
    ends: Instant,
    over: bool,
    _seat: Seat,
}

impl Across {
    fn new(state: State, plan: Plan, question: &Question, seat: Seat) -> Self {
        let (tell, news) = mpsc::channel(LINES);
        let (mut slots, work) = (HashMap::new(), FuturesUnordered::new());
        for (node, ask) in plan.nodes.into_iter().enumerate() {
            for member in &ask.members {
                slots.insert(member.workspace.clone(), Slot { member: member.clone(), node, rows: 0, heard: None });
            }
            work.push(ask_node(state.clone(), node, ask, question.clone(), tell.clone()).boxed());
        }
        let ends = Instant::now() + TIME;
        Self { skipped: plan.skipped, slots, work, news, out: VecDeque::new(), rows: 0, ends, over: false, _seat: seat }
    }

    /// Waits for the first news; a query that no node can read is refused before the answer begins.
    async fn first(&mut self) -> Result<(), Refusal> {
        self.out.push_back(self.progress(None));
        match timeout(FIRST, self.turn()).await {
            Ok(Some(News::Refused(problem))) => Err(Refusal::from(*problem)),
            Ok(Some(news)) => {
                self.take(news);
                Ok(())
            }
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// The next line as text; none behind the last.
    async fn next(&mut self) -> Option<Vec<u8>> {
        while self.out.is_empty() && !self.over {
            match timeout_at(self.ends, self.turn()).await {
                Ok(Some(news)) if self.rows < MAX_ROWS => self.take(news),
                _ => self.end(),
            }
        }
        let line = self.out.pop_front()?;
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        Some(text)
    }

    /// The next news; drives the questions to the nodes meanwhile. None when all is told.
    async fn turn(&mut self) -> Option<News> {
        loop {
            tokio::select! {
                news = self.news.recv() => return news,
                Some(()) = self.work.next() => {}
            }
        }
    }

    fn take(&mut self, news: News) {
        match news {
            News::Line(node, line) => self.line(node, line),
            News::Over(node, outcome) => self.node_over(node, outcome.err().unwrap_or_else(Failure::version)),
            // Another node has read it: whoever refuses it runs another version.
            News::Refused(_) => {}
        }
    }

    fn line(&mut self, node: usize, line: WorkspaceLogLine) {
        let Some(slot) = self.slots.get_mut(&line.workspace).filter(|slot| slot.node == node && slot.heard.is_none()) else {
            metrics::counter!("bailiwick_console_rows_refused_total").increment(line.rows.len() as u64);
            return;
        };
        let customer = slot.member.customer.clone();
        if !line.rows.is_empty() {
            slot.rows += line.rows.len() as u64;
            self.rows += line.rows.len() as u64;
            let rows = line.rows.into_iter().map(|row| CustomerEvent { customer: customer.clone(), row }).collect();
            self.out.push_back(LogLine::Rows(rows));
        }
        slot.heard = match line.state {
            LogSearchState::Waiting | LogSearchState::Searching => None,
            LogSearchState::Done => Some(Heard::Answered),
            LogSearchState::Failed => Some(Heard::Failed(line.error.unwrap_or_default().chars().take(200).collect())),
            LogSearchState::Skipped => line.skipped.map(Heard::Skipped),
        };
        let told = (line.workspace, line.state, line.more);
        let progress = self.progress(Some(told));
        self.out.push_back(progress);
    }

    /// Whoever of a node's customers said nothing to the end has failed.
    fn node_over(&mut self, node: usize, failure: Failure) {
        let mut silent: Vec<WorkspaceId> = Vec::new();
        for (workspace, slot) in self.slots.iter_mut().filter(|(_, slot)| slot.node == node && slot.heard.is_none()) {
            slot.heard = Some(Heard::Lost(failure.clone()));
            silent.push(workspace.clone());
        }
        for workspace in silent {
            let progress = self.progress(Some((workspace, LogSearchState::Failed, false)));
            self.out.push_back(progress);
        }
    }

    fn progress(&self, of: Option<(WorkspaceId, LogSearchState, bool)>) -> LogLine {
        let count = |some: &dyn Fn(&Slot) -> bool| u32::try_from(self.slots.values().filter(|slot| some(slot)).count()).unwrap_or(u32::MAX);
        let slot = of.as_ref().and_then(|(workspace, ..)| self.slots.get(workspace));
        LogLine::Progress(LogProgress {
            asked: count(&|_| true),
            answered: count(&|slot| slot.heard.is_some()),
            rows: self.rows,
            customer: slot.map(|slot| slot.member.customer.clone()),
            state: of.as_ref().map(|(_, state, _)| *state),
            customer_rows: slot.map_or(0, |slot| slot.rows),
            more: of.is_some_and(|(_, _, more)| more),
        })
    }

    /// Ends every question and tells the scope.
    fn end(&mut self) {
        let full = self.rows >= MAX_ROWS;
        self.work.clear();
        self.over = true;
        let mut told = Scope { skipped: self.skipped.clone(), ..Scope::default() };
        let mut slots: Vec<&Slot> = self.slots.values().collect();
        slots.sort_by_cached_key(|slot| (slot.member.customer.name.to_lowercase(), slot.member.customer.id.clone()));
        for slot in slots {
            let heard = slot.heard.clone().unwrap_or_else(|| Heard::Lost(if full { Failure::full(MAX_ROWS) } else { Failure::timeout() }));
            scope::count(&mut told, &slot.member.customer, heard);
        }
        told.complete = told.failed.is_empty() && told.skipped.is_empty();
        self.out.push_back(LogLine::Scope(told));
    }
}

/// Asks one node and passes on what it says, as fast as it is read.
async fn ask_node(state: State, node: usize, ask: NodeAsk, question: Question, tell: mpsc::Sender<News>) {
    let outcome = match talk(&state, node, &ask, question, &tell).await {
        Err(ClientError::Refused(problem)) if problem.status == 400 => {
            let _nobody_reads = tell.send(News::Refused(problem)).await;
            Err(Failure::version())
        }
        other => other.map_err(|error| Failure::from(&error)),
    };
    let _nobody_reads = tell.send(News::Over(node, outcome)).await;
}

async fn talk(state: &State, node: usize, ask: &NodeAsk, question: Question, tell: &mpsc::Sender<News>) -> Result<(), ClientError> {
    let unlinked = |refusal: Refusal| ClientError::Unreachable(refusal.code().to_owned());
    let client = state.links.client(&ask.node).await.map_err(unlinked)?;
    let Question { query, from, to, limit } = question;
    let ask_logs = AskLogs { workspaces: ask.workspaces(), query, from, to, limit };
    let mut lines = client.search_logs_across(&ask.caller, &ask_logs, state.federation.pace().deadline * 2).await?;
    while let Some(line) = lines.next::<WorkspaceLogLine>().await? {
        if tell.send(News::Line(node, line)).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}
