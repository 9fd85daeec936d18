//! What can go wrong with a lake, told so that the caller can decide: retry, repair a file, or refuse.

use std::path::Path;

use datafusion::error::DataFusionError;

/// An error of the lake.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The search did not end in its time, waiting for its turn included.
    #[error("deadline: the search did not end in time")]
    Deadline,
    /// A listed file is missing or cannot be read.
    #[error("file {path}: {reason}")]
    File {
        /// The path as listed.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The search needed more memory than the engine may use.
    #[error("memory: the search needs more than the engine may use: {0}")]
    Memory(String),
    /// A parameter is out of its bounds.
    #[error("{field}: {reason}")]
    Invalid {
        /// The parameter.
        field: &'static str,
        /// What it must be.
        reason: String,
    },
    /// The disk refused.
    #[error("{path}: {source}")]
    Io {
        /// The path in question.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The store the lake is in does not answer, or refuses.
    #[error("store: {path}: {reason}")]
    Store {
        /// What was asked for.
        path: String,
        /// The answer, or that there was none.
        reason: String,
    },
    /// The query engine failed in a way no file explains.
    #[error("query engine: {0}")]
    Engine(String),
}

impl LakeError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.display().to_string(), source }
    }

    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { field, reason: reason.into() }
    }

    pub(crate) fn file(path: &str, reason: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), reason: reason.into() }
    }
}

impl From<DataFusionError> for LakeError {
    fn from(error: DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(what) => Self::Memory(what.clone()),
            root => Self::Engine(root.to_string()),
        }
    }
}
