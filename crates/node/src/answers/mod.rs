//! The record of every answer this node gave a console, in the node's own database: one durable row a request, written before the answer leaves.
//! What it says is who, when, what kind and how many rows; never content. A workspace's administrator reads what concerns it.
//!
//! Answers alike within a minute stand in one row that counts them, so that a page that refreshes itself does not fill the disk.

mod counting;
pub(crate) mod http;
pub(crate) mod notes;
mod one;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use counting::{Receiver, recorded};
pub(crate) use notes::Notes;
pub(crate) use one::{PATIENCE, answer};
pub(crate) use store::prune;

use crate::State;
use bailiwick_api::WorkspaceId;
use bailiwick_chassis::Refusal;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

/// Answers alike this close together stand in one row.
const TOGETHER_US: i64 = 60_000_000;
/// How long records are kept: 13 months.
const KEPT_US: i64 = 400 * 86_400 * 1_000_000;
/// Latest rows remembered to count on.
const REMEMBERED: usize = 10_000;

/// An answer about to be given.
pub(crate) struct Given<'a> {
    /// The console.
    pub(crate) console: &'a str,
    /// The person, by mail address.
    pub(crate) email: &'a str,
    /// What was asked.
    pub(crate) kind: &'a str,
    /// Status of the answer.
    pub(crate) status: u16,
    /// Rows by workspace, of every workspace that is in the answer.
    pub(crate) rows: BTreeMap<&'a WorkspaceId, u64>,
}

/// What was recorded last.
#[derive(Default)]
pub(crate) struct Answers {
    latest: Mutex<HashMap<[u8; 32], (i64, i64)>>,
    scopes: Mutex<HashMap<[u8; 32], i64>>,
    /// One at a time, so that alike ones find each other.
    turn: tokio::sync::Mutex<()>,
}

impl Answers {
    /// The row to count on, and when it began.
    fn latest(&self, digest: &[u8; 32], now_us: i64) -> Option<i64> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.get(digest).filter(|(_, began)| (0..TOGETHER_US).contains(&(now_us - began))).map(|(id, _)| *id)
    }

    fn remember(&self, digest: [u8; 32], id: i64, now_us: i64) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() >= REMEMBERED {
            latest.retain(|_, (_, began)| now_us - *began < TOGETHER_US);
            if latest.len() >= REMEMBERED {
                latest.clear();
            }
        }
        latest.insert(digest, (id, now_us));
    }
}

/// Writes down an answer; one that cannot be written down is not given.
pub(crate) async fn record(state: &State, given: &Given<'_>) -> Result<(), Refusal> {
    store::write(state.db(), state.answers(), given, state.clock().now_us()).await
}
