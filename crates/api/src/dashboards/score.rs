//! How a customer stands, in one number that says what it is made of.

use crate::CustomerRef;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A customer's health score: 0 to 100, the sum of its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HealthScore {
    /// Whose.
    pub customer: CustomerRef,
    /// The sum of the parts' points, rounded.
    pub score: u32,
    /// What it is made of, in the same order always.
    pub parts: Vec<ScorePart>,
    /// When it was asked of the node.
    pub time: DateTime<Utc>,
}

/// A part of a health score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScorePart {
    /// Which.
    pub part: ScoreWord,
    /// Its points, 0 to `most`.
    pub points: f64,
    /// The most points it can have.
    pub most: f64,
    /// The number it goes by; null where there is none to go by.
    pub number: Option<f64>,
    /// Why it has these points, in a sentence.
    pub reason: String,
}

super::words::snake_words!(
    /// The parts of a health score.
    ScoreWord {
        /// Issues of collectors and sources that are open now.
        Collection = "collection",
        /// Bytes of the last day against the mean of the seven before.
        IngestDrift = "ingest_drift",
        /// Failed records of the last day against all events received in it.
        FailedRecords = "failed_records",
        /// Investigations that are open longer than their priority allows.
        OverdueInvestigations = "overdue_investigations",
        /// Days until the licence pool ends.
        LicenceRunway = "licence_runway",
    }
);
