//! Keeping lakes in order: where they are, how long events stay, merging of files, and the table other engines read.
//!
//! ```text
//! pipeline writes files ─► list (SQLite) ─► merged, expired: unlisted, noted in `lake_gone` ─► removed when no search can read them
//!                              └──────────► published as a Delta table (the log follows the list)
//! ```
//!
//! The list is the truth. Each change of it is one transaction, and files that left it are removed only later; so a search, a
//! crash, or a store that is away for a while finds every file its list names.

pub(crate) mod http;
mod keeper;
mod retention;
mod schedule;
mod store;

pub use keeper::Keeper;
pub(crate) use retention::check as check_retention;
pub(crate) use schedule::start;

use crate::workspaces::events::EventFields;
use bailiwick_api::WorkspaceId;
pub use bailiwick_lake::Bucket;
use bailiwick_lake::{Engine, Lake, LakeError, Limits};
use std::{fmt, path::Path, sync::Arc, time::Duration};

/// The least time between taking a file off the list and removing it: longer than any search may run.
pub const LEAST_GRACE: Duration = Duration::from_secs(60);

/// Where lakes are and how they are kept in order.
#[derive(Clone, Debug)]
pub struct LakeConfig {
    /// The bucket all lakes of the node are in; each workspace's own directory when none.
    pub bucket: Option<Bucket>,
    /// How often open workspaces are looked after.
    pub pace: Duration,
    /// Files of days that ended so many days ago are compressed harder; never when none.
    pub cold_after_days: Option<u32>,
    /// How long a file stays after it was taken off the list, for searches and other engines that still read it.
    pub grace: Duration,
    /// Whether lakes are published as Delta tables.
    pub publish: bool,
}

impl Default for LakeConfig {
    fn default() -> Self {
        Self { bucket: None, pace: Duration::from_secs(30), cold_after_days: Some(7), grace: Duration::from_secs(900), publish: true }
    }
}

/// What opens lakes: the engine they share, and where they are.
pub(crate) struct Lakes {
    pub(crate) engine: Engine,
    pub(crate) config: LakeConfig,
    node: String,
}

impl fmt::Debug for Lakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lakes").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Lakes {
    /// The engine for a node. Nothing is asked of a bucket yet: a node starts also while its store is away.
    pub(crate) fn new(config: &LakeConfig, node: &str) -> Result<Self, LakeError> {
        let limits = Limits::default();
        let engine = match &config.bucket {
            Some(bucket) => Engine::on_bucket(limits, bucket)?,
            None => Engine::new(limits)?,
        };
        let engine = engine.deriving(Arc::new(EventFields));
        let config = LakeConfig { grace: config.grace.max(LEAST_GRACE), ..config.clone() };
        Ok(Self { engine, config, node: node.to_owned() })
    }

    /// A workspace's lake. In a bucket its folder is this node's and no other's.
    pub(crate) fn open(&self, workspace: &WorkspaceId, directory: &Path) -> Result<Lake, LakeError> {
        match self.config.bucket {
            Some(_) => Lake::open_in(workspace.as_str(), &self.node, &self.engine),
            None => Lake::open_on(directory, &self.engine),
        }
    }
}
