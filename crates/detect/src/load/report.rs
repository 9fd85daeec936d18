//! What came of loading: how many rules, and every one that was refused with the reason.

use std::io;
use std::path::PathBuf;

use serde::Serialize;

/// A document or file that did not become a rule. One bad rule never stops the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The path inside its pack, directory or archive.
    pub path: String,
    /// The rule's title, when it could be read.
    pub title: Option<String>,
    /// Why, for people.
    pub reason: String,
}

/// What came of loading.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoadReport {
    /// Files read.
    pub files: usize,
    /// Detection rules that run.
    pub loaded: usize,
    /// Correlation rules that run.
    pub correlations: usize,
    /// Filters that narrow other rules.
    pub filters: usize,
    /// Processing pipelines that rewrite rules.
    pub pipelines: usize,
    /// What does not run, and why.
    pub refused: Vec<Refused>,
    /// What runs although a part of it was ignored (an unknown `status`, for one), and why.
    pub warnings: Vec<Refused>,
}

/// A source that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file or folder is missing or unreadable, or the archive is damaged.
    #[error("rule source {path}: {error}")]
    Read {
        /// The source.
        path: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// The file is neither a rule nor an archive we read.
    #[error("rule source {path}: not a directory, a .yml file or an archive (.tar, .tar.gz, .tgz, .tar.zst, .zip)")]
    UnknownKind {
        /// The source.
        path: PathBuf,
    },
    /// The source holds more than we are ready to hold.
    #[error("rule source {path}: {what}")]
    TooLarge {
        /// The source.
        path: PathBuf,
        /// Which bound.
        what: String,
    },
    /// A processing pipeline that cannot run. Rules without their mapping would match the wrong fields, so this stops the load.
    #[error("pipeline {path}: {reason}")]
    Pipeline {
        /// The file, inside its source.
        path: String,
        /// Why, for people.
        reason: String,
    },
}
