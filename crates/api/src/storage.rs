//! What a workspace's lake holds, and how long.

use crate::Tier;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many days after their receipt events are kept, by the tier of their source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Of the tier `continuous`: 1 to 3650.
    pub continuous_days: u32,
    /// Of the tier `frequent`: 1 to 3650.
    pub frequent_days: u32,
    /// Of the tier `infrequent`: 1 to 3650.
    pub infrequent_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { continuous_days: 90, frequent_days: 30, infrequent_days: 30 }
    }
}

/// What a lake holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Storage {
    /// Where its files are: `disk` or `s3`.
    pub store: String,
    /// What is wrong with that now; null while it works.
    pub trouble: Option<StorageTrouble>,
    /// Files, by tier.
    pub tiers: Vec<TierStorage>,
    /// Events that are in the log and searchable, but in no file yet.
    pub unwritten_events: u64,
    /// Bytes these have in memory.
    pub unwritten_bytes: u64,
    /// Files that are replaced or too old, and are removed when no search can still read them.
    pub leaving_files: u64,
    /// Bytes these have.
    pub leaving_bytes: u64,
    /// How often an index beside a file could not be used since the workspace was opened, and the whole file was read instead.
    pub damaged_indexes: u64,
    /// The last time files were merged.
    pub last_compaction: Option<LakeWork>,
    /// The last time files were let go as too old.
    pub last_expiry: Option<LakeWork>,
    /// The lake as a Delta table for other engines; null when it is not published.
    pub table: Option<PublishedTable>,
}

/// What is wrong with a store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StorageTrouble {
    /// Since when.
    pub since: DateTime<Utc>,
    /// What was asked for, and the answer.
    pub reason: String,
}

/// The files of one tier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TierStorage {
    /// The tier.
    pub tier: Tier,
    /// Files.
    pub files: u64,
    /// Events in them.
    pub events: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Bytes of their indexes.
    pub index_bytes: u64,
    /// Bytes of the events' raw text.
    pub raw_bytes: u64,
    /// The time of the oldest event.
    pub oldest_event: DateTime<Utc>,
    /// The time of the newest event.
    pub newest_event: DateTime<Utc>,
}

/// What was done with files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LakeWork {
    /// When.
    pub time: DateTime<Utc>,
    /// Files it took.
    pub files_before: u64,
    /// Files it made of them.
    pub files_after: u64,
    /// Bytes it took.
    pub bytes_before: u64,
    /// Bytes it made of them.
    pub bytes_after: u64,
}

/// A lake as published for other engines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PublishedTable {
    /// `delta`.
    pub format: String,
    /// The last version; null before the first.
    pub version: Option<u64>,
    /// When that was published.
    pub published: Option<DateTime<Utc>>,
    /// Files that are listed and not yet published, or the other way round.
    pub behind: u64,
}
