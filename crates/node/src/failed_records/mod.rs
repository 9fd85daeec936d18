//! Failed records: what was received and could not become a record. They are counted here and worked through again; they are listed as
//! every event is, by a log search for `record_type:FailedRecord`.
//!
//! A replay goes through the files of the lake, oldest first. Of each it takes the failed records of its filter through the parsers as they
//! are now; what becomes a record is detected on first, then the file is written anew, and in one transaction the new file is listed, the
//! meters follow and the replay's counters move. The event keeps its id and its time of receipt, so a replay that stopped anywhere can be
//! started again: nothing is there twice.

pub(crate) mod http;
mod run;
mod store;

use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{Replay, ReplayFilter};
use bailiwick_chassis::{Refusal, clock::SharedClock, secrets, sql::Db, tasks::Tasks};
use bailiwick_event::ReasonCode;
use bailiwick_lake::FailedRows;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

const MANAGE: &[Action] = &[Action::ManageParsers];
/// The longest text a filter may hold.
const MAX_TEXT: usize = 128;

/// The replay at work in a workspace, if one is.
#[derive(Default)]
pub(crate) struct Replays(Mutex<Option<Running>>);

struct Running {
    id: String,
    cancel: CancellationToken,
}

impl Replays {
    /// None is at work after a start: one that was did not come to its end.
    pub(crate) async fn open(db: &Db, now_us: i64) -> Result<Self, Refusal> {
        store::end_interrupted(db, now_us).await?;
        Ok(Self::default())
    }

    /// Whether this one is told to stop; false if it is not at work.
    fn cancel(&self, id: &str) -> bool {
        let running = self.lock();
        let this = running.as_ref().filter(|running| running.id == id);
        this.inspect(|running| running.cancel.cancel()).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a replay, which goes on by itself.
async fn start(grant: &WorkspaceGrant, filter: &ReplayFilter, clock: &SharedClock, tasks: &Tasks) -> Result<Replay, Refusal> {
    let workspace = grant.demand(MANAGE)?;
    let rows = check(filter)?;
    if let Some(source) = &filter.source
        && workspace.source(source).is_none()
    {
        return Err(Refusal::invalid("INVALID_INPUT", "source", "source: there is no source of this id"));
    }
    let (id, cancel) = (secrets::random_id("rp-"), tasks.stopping().child_token());
    {
        let mut running = workspace.replays().lock();
        if let Some(other) = running.as_ref() {
            let detail = format!("{} is at work; one replay at a time", other.id);
            return Err(Refusal::conflict("REPLAY_RUNNING", detail));
        }
        *running = Some(Running { id: id.clone(), cancel: cancel.clone() });
    }
    let turn = Turn(Arc::clone(workspace));
    let run = run::Run { id: id.clone(), rows, cancel, stopping: tasks.stopping(), clock: Arc::clone(clock) };
    let (tell, told) = oneshot::channel();
    let (by, filter) = (grant.clone(), filter.clone());
    // Owned by the node: whoever asked may hang up, and what is written down as begun must be worked.
    tasks.spawn_draining(async move {
        let added = store::add(&by, &run.id, &filter, run.clock.now_us()).await;
        let begun = added.is_ok();
        let _asker_gone = tell.send(added);
        if begun {
            run.whole(turn).await;
        }
    });
    told.await.map_err(Refusal::internal)??;
    store::find(grant, &id).await
}

/// The right to be the one at work; given back when it is dropped.
struct Turn(Arc<crate::workspaces::Workspace>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.replays().lock().take();
    }
}

fn check(filter: &ReplayFilter) -> Result<FailedRows, Refusal> {
    let invalid = |field: &str, why: &str| Refusal::invalid("INVALID_INPUT", field, format!("{field}: {why}"));
    if let Some(code) = &filter.reason_code {
        let code: ReasonCode = code.parse().map_err(|_| invalid("reason_code", "there is no such reason"))?;
        if !is_replayable(code) {
            return Err(invalid("reason_code", "the events are not kept whole; send them again"));
        }
    }
    for (field, text) in [("parser", filter.parser.as_deref()), ("source", filter.source.as_ref().map(bailiwick_api::SourceId::as_str))] {
        if text.is_some_and(|text| text.is_empty() || text.len() > MAX_TEXT) {
            return Err(invalid(field, &format!("1 to {MAX_TEXT} bytes")));
        }
    }
    if let (Some(from), Some(to)) = (filter.from, filter.to)
        && from > to
    {
        return Err(invalid("to", "is before from"));
    }
    Ok(FailedRows {
        reason_code: filter.reason_code.clone(),
        parser: filter.parser.clone(),
        source: filter.source.as_ref().map(ToString::to_string),
        from: filter.from.map(|time| time.timestamp_micros()),
        to: filter.to.map(|time| time.timestamp_micros()),
    })
}

/// Whether what is kept of such an event is all of it. A cut text, or one whose bytes were not text, is not what was sent.
pub(crate) fn is_replayable(code: ReasonCode) -> bool {
    !matches!(code, ReasonCode::TooLong | ReasonCode::NotText)
}
