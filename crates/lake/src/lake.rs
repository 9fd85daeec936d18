//! A lake: what one can do with a directory, or a folder of a bucket, of events.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::encode::Encoded;
use crate::query::deriving;
use crate::read::{self, Filter, Found, Opener};
use crate::run::{Prune, Runner, Want};
use crate::search;
use crate::store::{self, Files};
use crate::{Cursor, Engine, FileEntry, LakeError, Limits, MAX_IDS, Page, Row, Search, decode, write};

/// The events under one directory, or in one folder of a bucket. Cheap to clone.
///
/// Every search is given the files that count (`files`, the caller's list) and the rows that are in none of them yet (`tail`).
/// The two must not overlap. A search shows a row that is in both once; a count counts it twice.
#[derive(Clone, Debug)]
pub struct Lake {
    pub(crate) files: Files,
    pub(crate) engine: Engine,
}

impl Lake {
    /// Opens the lake in a directory, which is made if it is not there, with an engine of its own.
    ///
    /// # Errors
    /// [`LakeError::Io`] if the directory cannot be made, [`LakeError::Engine`] if the query engine does not start.
    pub fn open(root: PathBuf, limits: Limits) -> Result<Self, LakeError> {
        Self::open_on(&root, &Engine::new(limits)?)
    }

    /// Opens the lake in a directory, which is made if it is not there, on an engine shared with other lakes.
    ///
    /// # Errors
    /// [`LakeError::Io`] if the directory cannot be made.
    pub fn open_on(root: &Path, engine: &Engine) -> Result<Self, LakeError> {
        Ok(Self { files: Files::in_directory(root)?, engine: engine.clone() })
    }

    /// Opens the lake in a folder of the engine's bucket. Nothing is asked of the store before the first use, so a lake opens
    /// also while its store is away. `owner` stays the same for all of the lake's life: the folder becomes the owner's with
    /// the first write, and another's is refused, so that no two nodes take each other's files for left-overs.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a folder that is not letters, digits, `-` and `_`, or an engine without a bucket.
    pub fn open_in(folder: &str, owner: &str, engine: &Engine) -> Result<Self, LakeError> {
        let remote = engine.remote.clone().ok_or_else(|| LakeError::invalid("engine", "must be one on a bucket"))?;
        Ok(Self { files: Files::in_bucket(remote, folder, owner)?, engine: engine.clone() })
    }

    /// Whether the files are in a bucket.
    pub fn is_remote(&self) -> bool {
        self.files.is_remote()
    }

    /// Why the last write or removal of files failed; none if it did not. A search does not change it.
    pub fn trouble(&self) -> Option<String> {
        self.files.trouble()
    }

    /// How often an index of this lake could not be used since it was opened, and its file was read as a whole instead.
    pub fn damaged_indexes(&self) -> u64 {
        self.files.damaged_indexes()
    }

    /// Writes the rows to a few files called after `name`: one for each UTC day they were received on, tier, and whether their
    /// `event_time` is more than a day from their receipt; and gives the files in the order of
    /// their days. They are on disk when this returns: a power cut takes nothing of them. The same rows under the same name
    /// give the same files, so a write cut off by a crash is simply done again. No rows, no files.
    ///
    /// The files count only once the caller lists them. `name` is 1 to 128 of `A-Z a-z 0-9 - _ .`; it must be new, or be that
    /// of a write that is being repeated.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a bad name or a time outside the years 1 to 9999, [`LakeError::Io`] if the disk refuses,
    /// [`LakeError::Store`] if the bucket does.
    pub async fn write(&self, name: &str, rows: &[Arc<Row>]) -> Result<Vec<FileEntry>, LakeError> {
        let (name, rows) = (name.to_owned(), rows.to_vec());
        let encoded = blocking(move || write::encode(&name, &rows)).await?;
        let mut files = Vec::with_capacity(encoded.len());
        for (path, encoded) in encoded {
            files.push(self.place(path, encoded).await?);
        }
        tracing::debug!(files = files.len(), rows = files.iter().map(|file| file.rows).sum::<u64>(), "lake files written");
        Ok(files)
    }

    /// One page of the matching rows, newest first. Following `next` gives every row that was there at the start exactly once,
    /// whatever is added or moved from the tail into files meanwhile. A page can have fewer rows than its limit and still have
    /// a next one: rows of much raw text fill a page by their bytes.
    ///
    /// # Errors
    /// [`LakeError::Deadline`], [`LakeError::Memory`], [`LakeError::Invalid`] for a limit out of bounds, [`LakeError::File`]
    /// for a listed file that is missing or damaged.
    pub async fn search(&self, files: &[FileEntry], tail: &[Arc<Row>], search: &Search) -> Result<Page, LakeError> {
        search.check()?;
        self.runner().within(search.deadline, self.page(files, tail, search)).await
    }

    /// The number of matching rows, whatever the search's limit and cursor.
    ///
    /// # Errors
    /// As [`Lake::search`].
    pub async fn count(&self, files: &[FileEntry], tail: &[Arc<Row>], search: &Search) -> Result<u64, LakeError> {
        let files: Vec<&FileEntry> = files.iter().filter(|file| search.overlaps(file.min_time, file.max_time, false)).collect();
        let tail = tail.iter().filter(|row| search.admits(row.event_time, false)).cloned().collect();
        let want = Want::Count { condition: search.condition(false) };
        let runner = self.runner();
        let batches = runner.within(search.deadline, runner.run(&want, &Prune::of(search, false), &files, tail)).await?;
        let mut total = 0;
        for batch in &batches {
            total += decode::integers(batch, Want::COUNT)?.iter().flatten().sum::<i64>();
        }
        u64::try_from(total).map_err(|_| LakeError::Engine(format!("counted {total} rows")))
    }

    /// The rows of these ids, in the order of the ids; an id that is not there is left out. At most [`MAX_IDS`].
    ///
    /// # Errors
    /// As [`Lake::search`], and [`LakeError::Invalid`] for too many ids.
    pub async fn get(&self, files: &[FileEntry], tail: &[Arc<Row>], ids: &[String]) -> Result<Vec<Row>, LakeError> {
        if ids.len() > MAX_IDS {
            return Err(LakeError::invalid("ids", format!("must be at most {MAX_IDS}, are {}", ids.len())));
        }
        let files: Vec<&FileEntry> = files.iter().filter(|file| ids.iter().any(|id| search::holds(file, id))).collect();
        let want = Want::Rows { condition: search::ids_condition(ids) };
        let runner = self.runner();
        let wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
        let fetch = fetch(&runner, &want, &Prune::NOTHING, &files, tail, &wanted);
        let mut found = runner.within(self.engine.limits.get_deadline, fetch).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// Puts an encoded file and its index in their place.
    pub(crate) async fn place(&self, path: String, encoded: Encoded) -> Result<FileEntry, LakeError> {
        let entry = encoded.entry(path);
        // The index first: a file that is there has its index.
        if !encoded.index.is_empty() {
            self.files.put(&store::index_path(&entry.path), encoded.index).await?;
        }
        self.files.put(&entry.path, encoded.parquet).await?;
        Ok(entry)
    }

    pub(crate) fn runner(&self) -> Runner<'_> {
        Runner { files: &self.files, engine: &self.engine, partitions: self.engine.limits.partitions }
    }

    async fn page(&self, files: &[FileEntry], tail: &[Arc<Row>], search: &Search) -> Result<Page, LakeError> {
        let candidates = files.iter().filter(|file| search.overlaps(file.min_time, file.max_time, true));
        let candidates: Vec<Arc<FileEntry>> = candidates.cloned().map(Arc::new).collect();
        let young = tail.iter().filter(|row| search.admits(row.event_time, true)).cloned().collect();
        let condition = search.condition(true).map(|condition| deriving(condition, &self.engine.derive)).transpose()?;
        let filter = Filter::new(condition, &self.engine)?;
        let opener = Opener::new(&self.files, &self.engine)?;
        let mut found = read::newest(&opener, &candidates, young, &filter, &Prune::of(search, true), search.limit + 1).await?;
        let cut = self.cut(&mut found, search.limit);
        let next = found.last().filter(|_| cut).map(|key| Cursor { event_time: key.event_time, id: key.id.clone() });
        Ok(Page { rows: read::rows(&opener, &candidates, &found).await?, next })
    }

    /// Cuts a page to its limits, and tells whether anything was cut off.
    fn cut(&self, found: &mut Vec<Found>, limit: usize) -> bool {
        let mut bytes = 0_u64;
        let fitting = found.iter().take(limit).take_while(|key| {
            let fits = bytes == 0 || bytes + key.raw_bytes <= self.engine.limits.page_bytes;
            bytes += key.raw_bytes.max(1);
            fits
        });
        let fitting = fitting.count();
        let cut = fitting < found.len();
        found.truncate(fitting);
        cut
    }
}

/// Fetches rows by id, those of the tail without going through a plan.
async fn fetch(
    runner: &Runner<'_>,
    want: &Want,
    prune: &Prune,
    files: &[&FileEntry],
    tail: &[Arc<Row>],
    ids: &[&str],
) -> Result<HashMap<String, Row>, LakeError> {
    let ids: HashSet<&str> = ids.iter().copied().collect();
    let young = tail.iter().filter(|row| ids.contains(row.id.as_str()));
    let mut found: HashMap<String, Row> = young.map(|row| (row.id.clone(), Row::clone(row))).collect();
    if found.len() < ids.len() && !files.is_empty() {
        for batch in &runner.run(want, prune, files, Vec::new()).await? {
            found.extend(decode::rows(batch, runner.engine.derive.as_ref())?.into_iter().map(|row| (row.id.clone(), row)));
        }
    }
    Ok(found)
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, LakeError> + Send + 'static) -> Result<T, LakeError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| LakeError::Engine(error.to_string()))?
}
