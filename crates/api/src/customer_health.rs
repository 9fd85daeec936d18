//! How a customer's node is, as the console sees it: the state with its cause, each direction, parts, history, latency, and what to try.

use crate::{Component, CustomerId, CustomerRef, Health, HealthCause, NodeId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a customer is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerHealth {
    /// Whose.
    pub customer: CustomerRef,
    /// Its node.
    pub node: NodeId,
    /// `up` only when a command was answered; `down` after three in a row that were not.
    pub state: Health,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why it is not up, for programs.
    pub cause: Option<HealthCause>,
    /// Why, for people.
    pub detail: Option<String>,
    /// What to try, the likeliest first; empty while it is up.
    pub advice: Vec<String>,
    /// From the console to the node, and from the node to the console.
    pub directions: Vec<LinkDirection>,
    /// The parts of the node for this workspace, from its last sync; empty before.
    pub components: Vec<Component>,
    /// How long the node took to answer, the last 24 hours in buckets of 5 minutes, oldest first. A bucket nobody asked in is not there.
    pub latency: Vec<LatencyBucket>,
    /// Changes of the state, newest first, the last 100 within 90 days.
    pub history: Vec<HealthChange>,
}

/// One direction of the connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkDirection {
    /// Which.
    pub direction: crate::Direction,
    /// Whether it works.
    pub state: Health,
    /// Since when; null when it was not looked at yet.
    pub since: Option<DateTime<Utc>>,
    /// Why it does not, or how it does.
    pub detail: Option<String>,
}

/// Answers of a node within five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LatencyBucket {
    /// When the five minutes begin.
    pub time: DateTime<Utc>,
    /// Commands it answered.
    pub answered: u32,
    /// Commands it did not answer.
    pub missed: u32,
    /// Median of the answers, microseconds; null when there was none.
    pub median_us: Option<u64>,
    /// The slowest, microseconds.
    pub most_us: Option<u64>,
}

/// A change of a customer's health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthChange {
    /// When.
    pub time: DateTime<Utc>,
    /// To what.
    pub state: Health,
    /// Why, for programs.
    pub cause: Option<HealthCause>,
    /// Why, for people.
    pub detail: Option<String>,
}

/// A change that people are told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToldChange {
    /// Whose.
    pub customer: CustomerId,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its node.
    pub node: NodeId,
    /// What was told last.
    pub from: Health,
    /// What is so now.
    pub to: Health,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why, for programs.
    pub cause: Option<HealthCause>,
    /// Why, for people.
    pub detail: Option<String>,
    /// What to try.
    pub advice: Vec<String>,
}
