//! Letting files go: which are too old, and removing what is not listed any more.
//!
//! A file leaves in two steps. First the caller takes it off the list; then, when no search can still hold an older list, its
//! bytes are removed. A crash between the two leaves a file nobody lists, which [`Lake::remove_unlisted`] collects.

use std::collections::HashSet;

use crate::store::{self, PARQUET};
use crate::{FileEntry, Lake, LakeError};

/// The folders of files of rows.
const DAYS: &str = "day=";

/// Until when rows are kept, by their receipt: whatever was received before goes. Microseconds UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoffs {
    /// Of the tier `continuous`, and of files from before there were tiers.
    pub continuous: i64,
    /// Of the tier `frequent`.
    pub frequent: i64,
    /// Of the tier `infrequent`.
    pub infrequent: i64,
}

impl Cutoffs {
    /// The files of which every row is too old.
    pub fn expired<'a>(&self, files: &'a [FileEntry]) -> Vec<&'a FileEntry> {
        files.iter().filter(|file| received(file) < self.of(&file.tier)).collect()
    }

    fn of(&self, tier: &str) -> i64 {
        match tier {
            "frequent" => self.frequent,
            "infrequent" => self.infrequent,
            _ => self.continuous,
        }
    }
}

/// When the last row of a file was received, as far as is known: files from before that was kept go by their events' time.
pub fn received(file: &FileEntry) -> i64 {
    if file.max_receipt == 0 { file.max_time } else { file.max_receipt }
}

impl Lake {
    /// Removes files that are not listed any more, with their indexes. One that is not there is no error.
    ///
    /// # Errors
    /// [`LakeError::Io`] or [`LakeError::Store`] if the store refuses; then some may be gone.
    pub async fn remove(&self, paths: &[String]) -> Result<(), LakeError> {
        let all: Vec<String> = paths.iter().flat_map(|path| [path.clone(), store::index_path(path)]).collect();
        self.files.remove(&all).await
    }

    /// Removes every file of rows, and whatever else a crash left beside one, that is neither listed nor among the `kept` paths,
    /// and gives their paths in order.
    ///
    /// With `before`, only what was last written before that time (microseconds UTC, by the store's clock) goes, so that it can
    /// be called while files are being written; without, nothing may be being written.
    ///
    /// # Errors
    /// [`LakeError::Io`] or [`LakeError::Store`] if the store refuses.
    pub async fn remove_unlisted(&self, listed: &[FileEntry], kept: &[String], before: Option<i64>) -> Result<Vec<String>, LakeError> {
        let paths = listed.iter().map(|file| &file.path).chain(kept);
        let known: HashSet<String> = paths.flat_map(|path| [path.clone(), store::index_path(path)]).collect();
        let found = self.files.list(DAYS).await?;
        let unlisted = found.into_iter().filter(|file| !known.contains(&file.path) && before.is_none_or(|time| file.modified < time));
        let unlisted: Vec<String> = unlisted.map(|file| file.path).collect();
        self.files.remove(&unlisted).await?;
        if !unlisted.is_empty() {
            let files = unlisted.iter().filter(|path| path.ends_with(PARQUET)).count();
            tracing::info!(files, paths = unlisted.len(), "removed what no list has");
        }
        Ok(unlisted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(tier: &str, max_receipt: i64, max_time: i64) -> FileEntry {
        FileEntry {
            path: format!("day=2026-01-01/{tier}{max_receipt}{PARQUET}"),
            rows: 1,
            bytes: 1,
            raw_bytes: 1,
            min_time: 0,
            max_time,
            first_id: String::new(),
            last_id: String::new(),
            tier: tier.into(),
            max_receipt,
            index_bytes: 0,
        }
    }

    #[test]
    fn each_tier_goes_by_its_own_time_and_files_without_one_by_their_events() {
        let cutoffs = Cutoffs { continuous: 10, frequent: 100, infrequent: 1000 };
        let kept = [file("continuous", 10, 0), file("frequent", 100, 0), file("infrequent", 1000, 0), file("", 0, 10), file("", 11, 0)];
        let gone = [file("continuous", 9, 99), file("frequent", 99, 0), file("infrequent", 999, 0), file("", 0, 9), file("", 9, 11)];
        assert!(cutoffs.expired(&kept).is_empty());
        assert_eq!(cutoffs.expired(&gone), gone.iter().collect::<Vec<_>>());
    }
}
