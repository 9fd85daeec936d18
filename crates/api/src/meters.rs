//! Meters and volumes of a workspace.

use crate::{DropCause, SourceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Counters of one source in one bucket. `received = stored + failed + dropped`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Meter {
    /// Start of the bucket, by receipt.
    pub bucket: DateTime<Utc>,
    /// The source.
    pub source: SourceId,
    /// Its name then.
    pub name: String,
    /// Events received.
    pub received: u64,
    /// Of these, records.
    pub stored: u64,
    /// Of these, failed records.
    pub failed: u64,
    /// Of these, dropped.
    pub dropped: u64,
    /// Bytes kept, as received and decompressed.
    pub bytes: u64,
}

/// Why events of a source were dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DropCount {
    /// The source.
    pub source: SourceId,
    /// Why.
    pub cause: DropCause,
    /// How many events.
    pub events: u64,
    /// Their bytes, where known.
    pub bytes: u64,
}

/// Counters by bucket and source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeterPage {
    /// Oldest first.
    pub data: Vec<Meter>,
    /// What was dropped in the same time, by cause.
    pub drops: Vec<DropCount>,
    /// There is more than was given: ask for less time or a coarser grain.
    pub truncated: bool,
}

/// What came in one bucket, of one tier, under one value of the dimension asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Volume {
    /// Start of the bucket, by receipt.
    pub bucket: DateTime<Utc>,
    /// `continuous`, `frequent`, `infrequent`; `cse` for what of these is also fed to detection, and stands twice.
    pub tier: String,
    /// The collector, source, name, category or host; empty when there is none.
    pub value: String,
    /// Bytes as received and decompressed.
    pub bytes: u64,
    /// Bytes of the fields extracted.
    pub field_bytes: u64,
    /// Events.
    pub events: u64,
}

/// Volumes by bucket, tier and one dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VolumePage {
    /// Oldest first.
    pub data: Vec<Volume>,
    /// There is more than was given: ask for less time or a coarser grain.
    pub truncated: bool,
}
