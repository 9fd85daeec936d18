//! The lake as a Delta table, for other engines: `_delta_log/` beside the folders of files.
//!
//! The caller's list stays the truth. The log follows it: a publication compares the list with what was published and commits
//! the difference as one version, so a reader sees either all of a merge or nothing of it. A version is created, never
//! replaced; one that was written just before a crash is found again by the next publication and counted as done. Every
//! [`CHECKPOINT_EVERY`] versions a checkpoint holds the whole state, and older versions go.
//!
//! The log is written here and not by the `deltalake` crate: see `docs/decisions/0014-our-own-delta-log.md`.

mod actions;
mod checkpoint;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{FileEntry, Lake, LakeError};
use actions::{Action, Commit};

/// The folder of the log.
const LOG: &str = "_delta_log";

/// Versions between two checkpoints.
pub const CHECKPOINT_EVERY: u64 = 50;

/// Bytes a version of the log may have when it is read back.
const MAX_COMMIT: u64 = 1 << 30;

/// What was published of a lake so far. The caller keeps it, and gives it to the next publication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The table's id, a UUID; made by the caller, once.
    pub id: String,
    /// The last version; none before the first.
    pub version: Option<u64>,
    /// The schema that was published last.
    pub schema: String,
    /// When the schema was first published, milliseconds UTC.
    pub created: i64,
    /// The last version that has a checkpoint.
    pub checkpoint: Option<u64>,
    /// The files of the last version, with when each was added, milliseconds UTC.
    pub files: BTreeMap<String, i64>,
}

/// What a publication did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// Files that are new in the table.
    pub added: Vec<String>,
    /// Files that are no longer in the table.
    pub removed: Vec<String>,
}

impl Lake {
    /// Brings the published table to the list, in one version of the log, and `published` with it; the caller then keeps that.
    /// None if there was nothing to do. `now` is microseconds UTC.
    ///
    /// # Errors
    /// [`LakeError::Io`] or [`LakeError::Store`] if the store refuses, [`LakeError::File`] if somebody else wrote to the log.
    pub async fn publish(&self, published: &mut Published, listed: &[FileEntry], now: i64) -> Result<Option<Publication>, LakeError> {
        let schema = actions::schema()?;
        let (mut done, before) = (Publication::default(), published.version);
        // What a crash kept from being known goes first; then there is one version to write.
        loop {
            let commit = Commit::between(published, listed, &schema, now);
            let Some(commit) = commit else { return Ok((published.version != before).then_some(done)) };
            let version = published.version.map_or(0, |version| version + 1);
            let path = version_path(version);
            let written = self.files.create(&path, commit.to_bytes()?).await?;
            let actions = if written { commit.actions } else { self.found(&path, &published.id).await? };
            apply(published, &mut done, version, actions);
            if version % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1 && written {
                self.checkpoint(published, listed, version).await?;
            }
        }
    }

    /// The actions of a version that is there already: ours from before a crash.
    async fn found(&self, path: &str, id: &str) -> Result<Vec<Action>, LakeError> {
        let bytes = self.files.read(path, MAX_COMMIT).await?.ok_or_else(|| LakeError::file(path, "is there and cannot be read"))?;
        Commit::of_bytes(&bytes, id).ok_or_else(|| LakeError::file(path, "was not written by this lake; the published table has another writer"))
    }
}

fn apply(published: &mut Published, done: &mut Publication, version: u64, actions: Vec<Action>) {
    published.version = Some(version);
    for action in actions {
        match action {
            Action::Add(add) => {
                published.files.insert(add.path.clone(), add.modification_time);
                done.added.push(add.path);
            }
            Action::Remove(remove) => {
                published.files.remove(&remove.path);
                done.removed.push(remove.path);
            }
            Action::MetaData(metadata) => {
                published.schema = metadata.schema_string;
                published.created = metadata.created_time.unwrap_or_default();
            }
            Action::Protocol(_) | Action::CommitInfo(_) => {}
        }
    }
}

fn version_path(version: u64) -> String {
    format!("{LOG}/{version:020}.json")
}
