//! Keeping one workspace's lake in order.

use super::{LakeConfig, retention, store};
use crate::{pipeline, workspaces::Tail};
use bailiwick_api::{PublishedTable, Retention, Storage, StorageTrouble, Tier, TierStorage, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    secrets,
    sql::{Db, Tx},
};
use bailiwick_lake::{FileEntry, Lake, LakeError, Row, next_job};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

/// Files removed at once.
const REMOVALS: i64 = 500;

/// How often what nobody lists is looked for in a bucket, and how old it must be: no write takes so long.
const SWEEP_US: i64 = 24 * 3600 * 1_000_000;

/// How long a file waits for the published table to be without it.
const UNPUBLISHED_US: i64 = 24 * 3600 * 1_000_000;

/// How often what follows events is let go.
const FOLLOW_US: i64 = 3600 * 1_000_000;

/// How long a file that could not be read is not merged, and how long merging rests after any other failure.
const ASIDE_US: i64 = 6 * 3600 * 1_000_000;
const REST_US: i64 = 300 * 1_000_000;

/// What is not merged for a while.
#[derive(Default)]
struct Aside {
    files: HashMap<String, i64>,
    rests_until_us: i64,
}

/// Looks after one lake: the only one who takes files off its list.
pub struct Keeper {
    workspace: WorkspaceId,
    db: Db,
    lake: Lake,
    tail: Arc<Tail>,
    /// One merge or rewrite at a time.
    turn: tokio::sync::Mutex<()>,
    /// The files it reads; they are not let go meanwhile.
    busy: Mutex<Vec<FileEntry>>,
    aside: Mutex<Aside>,
    /// Those who want no merges now.
    paused: AtomicUsize,
    trouble: Mutex<Option<(i64, String)>>,
    swept: AtomicI64,
    followed: AtomicI64,
}

impl Keeper {
    /// Reads the list, and removes what an interrupted write left on a disk. To be called before anything is written.
    pub(crate) async fn open(workspace: WorkspaceId, db: Db, lake: Lake) -> Result<Self, Refusal> {
        let files = pipeline::store::files(&db).await?;
        if !lake.is_remote() {
            lake.remove_unlisted(&files, &store::gone(&db).await?, None).await.map_err(Refusal::internal)?;
        }
        Ok(Self {
            workspace,
            db,
            lake,
            tail: Arc::new(Tail::beside(files)),
            turn: tokio::sync::Mutex::default(),
            busy: Mutex::default(),
            aside: Mutex::default(),
            paused: AtomicUsize::new(0),
            trouble: Mutex::default(),
            swept: AtomicI64::new(0),
            followed: AtomicI64::new(0),
        })
    }

    /// The files and the rows in none of them.
    pub(crate) fn tail(&self) -> &Arc<Tail> {
        &self.tail
    }

    /// Lets go of what is too old, publishes the list, and removes what nothing reads any more. Each is done though another
    /// fails; the first failure is told. To be called by one task.
    pub(crate) async fn tidy(&self, config: &LakeConfig, now_us: i64) -> Result<(), Refusal> {
        let expired = self.expire(now_us).await;
        let published = if config.publish { self.publish(now_us).await } else { Ok(()) };
        let removed = self.vacuum(config, now_us).await;
        let swept = self.sweep(now_us).await;
        expired.and(published).and(removed).and(swept)
    }

    /// Merges files once, if there is something to merge; whether there was.
    pub(crate) async fn compact(&self, config: &LakeConfig, now_us: i64) -> Result<bool, Refusal> {
        let _turn = self.turn.lock().await;
        if self.paused.load(Ordering::Acquire) > 0 {
            return Ok(false);
        }
        let Some(files) = self.mergeable(now_us) else { return Ok(false) };
        let Some(job) = next_job(&files, now_us, config.cold_after_days) else { return Ok(false) };
        let _busy = self.hold(&job.inputs);
        let merged = match self.lake.compact(&job.inputs, job.level).await {
            Ok(merged) => merged,
            Err(error) => {
                self.set_aside(&error, now_us);
                return Err(self.failed(&error));
            }
        };
        let done = self.replace_or_remove(store::COMPACTION, &job.inputs, merged, now_us).await?;
        metrics::counter!("bailiwick_lake_compacted_files").increment(job.inputs.len() as u64);
        tracing::info!(workspace.id = %self.workspace, files = job.inputs.len(), level = ?job.level, done, "lake files merged");
        Ok(done)
    }

    /// Merges no files until the answer is dropped; a merge at work is waited for. What is listed then leaves the list by age or by
    /// [`Keeper::rewrite`] only.
    pub(crate) async fn pause(&self) -> Paused<'_> {
        self.paused.fetch_add(1, Ordering::AcqRel);
        let paused = Paused(&self.paused);
        let _merge_at_work = self.turn.lock().await;
        paused
    }

    /// Writes some listed files anew with their rows changed and their ids kept; see [`Lake::rewrite`]. They take the place of the old ones
    /// by [`Rewritten::list`]. None if one of the files is not listed any more.
    pub(crate) async fn rewrite<F>(&self, inputs: &[FileEntry], change: F) -> Result<Option<Rewritten<'_>>, Refusal>
    where
        F: FnMut(Row) -> Row + Send + 'static,
    {
        let turn = self.turn.lock().await;
        let (files, _) = self.tail.snapshot();
        if inputs.iter().any(|file| !files.contains(file)) {
            return Ok(None);
        }
        let busy = self.hold(inputs);
        let files = self.lake.rewrite(inputs, change).await.map_err(|error| self.failed(&error))?;
        Ok(Some(Rewritten { keeper: self, inputs: inputs.to_vec(), files, _turn: turn, _busy: busy }))
    }

    /// The files there are but for those set aside; none while merging rests.
    fn mergeable(&self, now_us: i64) -> Option<Vec<FileEntry>> {
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        if now_us < aside.rests_until_us {
            return None;
        }
        let (files, _) = self.tail.snapshot();
        aside.files.retain(|path, until_us| now_us < *until_us && files.iter().any(|file| file.path == *path));
        Some(files.iter().filter(|file| !aside.files.contains_key(&file.path)).cloned().collect())
    }

    /// A file that cannot be read is left alone for some hours, so that the others are merged; anything else makes merging rest.
    fn set_aside(&self, error: &LakeError, now_us: i64) {
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            LakeError::File { path, .. } => drop(aside.files.insert(path.clone(), now_us + ASIDE_US)),
            _ => aside.rests_until_us = now_us + REST_US,
        }
    }

    /// Keeps files from being let go until the answer is dropped.
    fn hold(&self, files: &[FileEntry]) -> Busy<'_> {
        files.clone_into(&mut self.busy.lock().unwrap_or_else(PoisonError::into_inner));
        Busy(&self.busy)
    }

    async fn replace_or_remove(&self, work: &str, old: &[FileEntry], new: Vec<FileEntry>, now_us: i64) -> Result<bool, Refusal> {
        let paths: Vec<String> = new.iter().map(|file| file.path.clone()).collect();
        let done = self.replace(work, old, new, now_us).await?;
        if !done {
            self.lake.remove(&paths).await.map_err(|error| self.failed(&error))?;
        }
        Ok(done)
    }

    async fn replace(&self, work: &str, old: &[FileEntry], new: Vec<FileEntry>, now_us: i64) -> Result<bool, Refusal> {
        let tx = self.db.begin().await?;
        self.replace_with(tx, work, old, new, now_us).await
    }

    /// The one way off the list: in the database, with what else the transaction does, then in memory. Both lists are equal but for what
    /// the pipeline adds.
    async fn replace_with(&self, mut tx: Tx, work: &str, old: &[FileEntry], new: Vec<FileEntry>, now_us: i64) -> Result<bool, Refusal> {
        let done = store::replace(&mut tx, work, old, &new, now_us).await?;
        if done {
            tx.commit().await?;
            self.tail.replace(old, new);
        } else {
            tx.rollback().await?;
        }
        Ok(done)
    }

    async fn expire(&self, now_us: i64) -> Result<(), Refusal> {
        let cutoffs = retention::cutoffs(&store::retention(&self.db).await?, now_us);
        let (files, _) = self.tail.snapshot();
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let old: Vec<FileEntry> = cutoffs.expired(&files).into_iter().filter(|file| !busy.contains(file)).cloned().collect();
        if !old.is_empty() {
            self.replace(store::EXPIRY, &old, Vec::new(), now_us).await?;
            metrics::counter!("bailiwick_lake_expired_files").increment(old.len() as u64);
            tracing::info!(workspace.id = %self.workspace, files = old.len(), rows = old.iter().map(|f| f.rows).sum::<u64>(), "events too old to keep let go");
        }
        if now_us - self.followed.load(Ordering::Relaxed) >= FOLLOW_US {
            let rows = retention::follow(&self.db, &cutoffs, now_us).await?;
            self.followed.store(now_us, Ordering::Relaxed);
            tracing::debug!(workspace.id = %self.workspace, rows, "what followed events let go");
        }
        Ok(())
    }

    async fn publish(&self, now_us: i64) -> Result<(), Refusal> {
        let (files, _) = self.tail.snapshot();
        let (mut published, _) = store::published(&self.db, &uuid()).await?;
        let done = self.lake.publish(&mut published, &files, now_us).await.map_err(|error| self.failed(&error))?;
        match done {
            Some(done) => store::set_published(&self.db, &published, &done, now_us).await,
            None => Ok(()),
        }
    }

    async fn vacuum(&self, config: &LakeConfig, now_us: i64) -> Result<(), Refusal> {
        let before_us = now_us - i64::try_from(config.grace.as_micros()).unwrap_or(i64::MAX);
        // A table that cannot be published must not keep for ever what was to go.
        let anyway_us = if config.publish { before_us - UNPUBLISHED_US } else { before_us };
        loop {
            let paths = store::removable(&self.db, before_us, anyway_us, REMOVALS).await?;
            if paths.is_empty() {
                return Ok(());
            }
            self.lake.remove(&paths).await.map_err(|error| self.failed(&error))?;
            store::removed(&self.db, &paths).await?;
            metrics::counter!("bailiwick_lake_removed_files").increment(paths.len() as u64);
            tracing::debug!(workspace.id = %self.workspace, files = paths.len(), "files no list has removed");
        }
    }

    /// Removes what an interrupted write left in a bucket, once a day.
    async fn sweep(&self, now_us: i64) -> Result<(), Refusal> {
        if !self.lake.is_remote() || now_us - self.swept.load(Ordering::Relaxed) < SWEEP_US {
            return Ok(());
        }
        // Read before the store is listed: what is listed meanwhile is too young to go.
        let (files, _) = self.tail.snapshot();
        let gone = store::gone(&self.db).await?;
        self.lake.remove_unlisted(&files, &gone, Some(now_us - SWEEP_US)).await.map_err(|error| self.failed(&error))?;
        self.swept.store(now_us, Ordering::Relaxed);
        Ok(())
    }

    fn failed(&self, error: &LakeError) -> Refusal {
        tracing::warn!(workspace.id = %self.workspace, %error, "lake not kept in order");
        Refusal::internal(error.to_string())
    }

    /// Whether the store stopped working, with the reason, or works again, since this was asked last.
    pub(crate) fn change_of_trouble(&self, now_us: i64) -> Option<Option<String>> {
        let reason = self.lake.trouble();
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if reason.is_some() == trouble.is_some() {
            return None;
        }
        *trouble = reason.clone().map(|reason| (now_us, reason));
        Some(reason)
    }

    /// Whether the store does not work now.
    pub(crate) fn is_in_trouble(&self) -> bool {
        self.lake.trouble().is_some()
    }

    /// How long events are kept.
    pub(crate) async fn retention(&self) -> Result<Retention, Refusal> {
        store::retention(&self.db).await
    }

    /// Sets how long events are kept.
    pub(crate) async fn set_retention(&self, retention: &Retention) -> Result<(), Refusal> {
        retention::check(retention)?;
        store::set_retention(&self.db, retention).await
    }

    /// What the lake holds.
    pub(crate) async fn storage(&self, config: &LakeConfig) -> Result<Storage, Refusal> {
        let (files, _) = self.tail.snapshot();
        let unwritten = self.tail.size();
        let (leaving_files, leaving_bytes) = store::leaving(&self.db).await?;
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Storage {
            store: if self.lake.is_remote() { "s3" } else { "disk" }.to_owned(),
            trouble: trouble.map(|(since, reason)| StorageTrouble { since: from_us(since), reason }),
            tiers: [Tier::Continuous, Tier::Frequent, Tier::Infrequent].into_iter().filter_map(|tier| of_tier(&files, tier)).collect(),
            unwritten_events: unwritten.rows as u64,
            unwritten_bytes: unwritten.bytes as u64,
            leaving_files,
            leaving_bytes,
            damaged_indexes: self.lake.damaged_indexes(),
            last_compaction: store::last(&self.db, store::COMPACTION).await?,
            last_expiry: store::last(&self.db, store::EXPIRY).await?,
            table: if config.publish { Some(self.table(&files).await?) } else { None },
        })
    }

    async fn table(&self, files: &[FileEntry]) -> Result<PublishedTable, Refusal> {
        let (published, time) = store::published(&self.db, &uuid()).await?;
        let listed: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let missing = listed.iter().filter(|path| !published.files.contains_key(**path)).count();
        let extra = published.files.keys().filter(|path| !listed.contains(path.as_str())).count();
        let behind = (missing + extra) as u64;
        Ok(PublishedTable { format: "delta".to_owned(), version: published.version, published: time.map(from_us), behind })
    }
}

/// Merging rests until it is dropped.
#[must_use]
pub(crate) struct Paused<'a>(&'a AtomicUsize);

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Files written anew, which nobody lists yet.
#[must_use]
pub(crate) struct Rewritten<'a> {
    keeper: &'a Keeper,
    inputs: Vec<FileEntry>,
    files: Vec<FileEntry>,
    _turn: tokio::sync::MutexGuard<'a, ()>,
    _busy: Busy<'a>,
}

impl Rewritten<'_> {
    /// Lists them in place of the old ones, in one transaction with what it did before. False if one of the old ones is not listed any
    /// more: then nothing of the transaction is done.
    pub(crate) async fn list(self, tx: Tx, now_us: i64) -> Result<bool, Refusal> {
        let paths: Vec<String> = self.files.iter().map(|file| file.path.clone()).collect();
        let done = self.keeper.replace_with(tx, store::REWRITE, &self.inputs, self.files, now_us).await?;
        if !done {
            self.keeper.lake.remove(&paths).await.map_err(|error| self.keeper.failed(&error))?;
        }
        Ok(done)
    }
}

/// Files that are being read to be replaced; others may let them go once this is dropped.
struct Busy<'a>(&'a Mutex<Vec<FileEntry>>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The files of a tier; those from before there were tiers are kept as `continuous` ones.
fn of_tier(files: &[FileEntry], tier: Tier) -> Option<TierStorage> {
    let named = |file: &&FileEntry| file.tier == tier.as_str() || (tier == Tier::Continuous && file.tier.is_empty());
    let files: Vec<&FileEntry> = files.iter().filter(named).collect();
    let sum = |of: fn(&FileEntry) -> u64| files.iter().map(|file| of(file)).sum();
    Some(TierStorage {
        tier,
        files: files.len() as u64,
        events: sum(|file| file.rows),
        bytes: sum(|file| file.bytes),
        index_bytes: sum(|file| file.index_bytes),
        raw_bytes: sum(|file| file.raw_bytes),
        oldest_event: from_us(files.iter().map(|file| file.min_time).min()?),
        newest_event: from_us(files.iter().map(|file| file.max_time).max()?),
    })
}

/// A random UUID, as Delta wants for a table's id.
fn uuid() -> String {
    let mut bytes = secrets::random_bytes::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
