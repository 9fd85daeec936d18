//! One replay, file by file.

use super::{
    Turn,
    store::{self, Progress},
};
use crate::{
    meters::Shifts,
    pipeline::again::{self, Again},
    workspaces::Workspace,
};
use bailiwick_api::ReplayState;
use bailiwick_chassis::{Refusal, clock::SharedClock};
use bailiwick_lake::{FailedRows, FileEntry, LakeError, Row};
use http::StatusCode;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Failed records worked at once; fewer where their text is long.
const PAGE: usize = 1000;
/// How long reading a page may take.
const READ: Duration = Duration::from_secs(60);
/// The code of a file that cannot be read.
const FILE_DAMAGED: &str = "FILE_DAMAGED";
/// How long a mark of an interrupted replay is kept, microseconds.
const MARKS_KEPT_US: i64 = 90 * 86_400_000_000;

/// A replay that was begun.
pub(super) struct Run {
    pub(super) id: String,
    pub(super) rows: FailedRows,
    /// Cancelled by a person, or with the node.
    pub(super) cancel: CancellationToken,
    /// Cancelled with the node alone.
    pub(super) stopping: CancellationToken,
    pub(super) clock: SharedClock,
}

/// What became of the failed records of one file.
#[derive(Default)]
struct Worked {
    seen: u64,
    records: HashSet<String>,
    matched: Vec<String>,
}

impl Run {
    /// Works to the end and notes how it ended.
    pub(super) async fn whole(self, turn: Turn) {
        let workspace = &turn.0;
        let (state, reason) = match self.work(workspace).await {
            Ok(()) if self.stopping.is_cancelled() => (ReplayState::Failed, Some("the node stopped; start it again".to_owned())),
            Ok(()) if self.cancel.is_cancelled() => (ReplayState::Cancelled, None),
            Ok(()) => (ReplayState::Done, None),
            Err(refusal) => {
                tracing::error!(workspace.id = %workspace.id(), replay.id = self.id, code = refusal.code(), "replay failed");
                let problem = refusal.problem();
                (ReplayState::Failed, Some(problem.detail.unwrap_or(problem.code)))
            }
        };
        if let Err(refusal) = store::end(workspace.db(), &self.id, state, reason.as_deref(), self.clock.now_us()).await {
            tracing::error!(workspace.id = %workspace.id(), replay.id = self.id, code = refusal.code(), "the end of a replay not written down");
        }
    }

    async fn work(&self, workspace: &Arc<Workspace>) -> Result<(), Refusal> {
        // What is merged meanwhile would have to be looked at twice.
        let _unmerged = workspace.keeper().pause().await;
        workspace.written_out().await?;
        let (files, _) = workspace.keeper().tail().snapshot();
        let mut files: Vec<FileEntry> = files.iter().filter(|file| self.rows.overlaps(file)).cloned().collect();
        files.sort_by(|a, b| (&a.first_id, &a.path).cmp(&(&b.first_id, &b.path)));
        let mut at = Progress { files_total: files.len() as u64, ..Progress::default() };
        self.note(workspace, &at).await?;
        let mut again = Some(Again::new(Arc::clone(workspace.parsers()), Arc::clone(workspace.detection()), workspace.lookup()));
        let mut unread = None;
        for file in files {
            if self.cancel.is_cancelled() {
                break;
            }
            match self.file(workspace, &mut again, &file, &mut at).await {
                // The others are worked all the same; the first that is damaged is told.
                Err(refusal) if refusal.code() == FILE_DAMAGED => unread = unread.or(Some(refusal)),
                other => other?,
            }
        }
        unread.map_or(Ok(()), Err)
    }

    async fn note(&self, workspace: &Workspace, at: &Progress) -> Result<(), Refusal> {
        let mut tx = workspace.db().begin().await?;
        store::progress(&mut tx, &self.id, at).await?;
        Ok(tx.commit().await?)
    }

    /// Works one file: first all detection, then the file anew with all that became a record.
    async fn file(&self, workspace: &Arc<Workspace>, again: &mut Option<Again>, file: &FileEntry, at: &mut Progress) -> Result<(), Refusal> {
        let Some(worked) = self.detected(workspace, again, file).await? else { return Ok(()) };
        at.files_done += 1;
        at.rows_seen += worked.seen;
        let Some(change) = again.as_ref().filter(|_| !worked.records.is_empty()) else { return self.note(workspace, at).await };
        let shifts = Arc::new(Mutex::new(Shifts::default()));
        let change = change.change(worked.records, Arc::clone(&shifts));
        // None: it was too old to keep, and let go meanwhile.
        let Some(rewritten) = workspace.keeper().rewrite(std::slice::from_ref(file), change).await? else { return self.note(workspace, at).await };
        let shifts = std::mem::take(&mut *shifts.lock().unwrap_or_else(PoisonError::into_inner));
        let now_us = self.clock.now_us();
        let after = Progress { became_records: at.became_records + shifts.rows(), ..*at };
        let mut tx = workspace.db().begin().await?;
        shifts.write(&mut tx).await?;
        again::unmark(&mut tx, &worked.matched, now_us - MARKS_KEPT_US).await?;
        store::progress(&mut tx, &self.id, &after).await?;
        if rewritten.list(tx, now_us).await? {
            *at = after;
        }
        Ok(())
    }

    /// Takes the failed records of a file through the parsers, in the order they came, and detects on what became a record. None if the
    /// node stops meanwhile.
    async fn detected(&self, workspace: &Arc<Workspace>, again: &mut Option<Again>, file: &FileEntry) -> Result<Option<Worked>, Refusal> {
        let (mut worked, mut after) = (Worked::default(), None);
        loop {
            if self.stopping.is_cancelled() {
                return Ok(None);
            }
            let page = self.page(workspace, file, after.as_deref()).await?;
            let Some(last) = page.last() else { return Ok(Some(worked)) };
            after = Some(last.id.clone());
            worked.seen += page.len() as u64;
            let mut worker = again.take().ok_or_else(|| Refusal::internal("a replay lost its parsers"))?;
            let work = tokio::task::spawn_blocking(move || {
                let made = worker.work(&page);
                (worker, made)
            });
            let (worker, (records, matching)) = work.await.map_err(Refusal::internal)?;
            *again = Some(worker);
            worked.records.extend(records);
            worked.matched.extend(matching.ids().map(str::to_owned));
            workspace.redetector().detect(matching).await?;
        }
    }

    /// The next failed records of a file.
    async fn page(&self, workspace: &Workspace, file: &FileEntry, after: Option<&str>) -> Result<Vec<Row>, Refusal> {
        let mut limit = PAGE;
        loop {
            match workspace.lake().failed(file, &self.rows, after, limit, READ).await {
                // Long texts: fewer at once.
                Err(LakeError::Memory(_)) if limit > 1 => limit /= 4,
                Err(LakeError::File { path, reason }) => {
                    tracing::error!(workspace.id = %workspace.id(), path, reason, "a file of the lake cannot be replayed");
                    let detail = format!("{path} cannot be read; what is in the others was worked");
                    return Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, FILE_DAMAGED).detail(detail));
                }
                Err(error) => return Err(Refusal::internal(error).detail("the lake cannot be read")),
                Ok(page) => return Ok(page),
            }
        }
    }
}
