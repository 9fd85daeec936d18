//! What was noted within the last minute, so that a page that refreshes itself does not fill the audit.

use bailiwick_api::WorkspaceId;
use std::{collections::HashMap, sync::Mutex};

pub(super) const MINUTE_US: i64 = 60_000_000;
const ENTRIES: usize = 100_000;

/// When somebody last did something somewhere.
#[derive(Default)]
pub(super) struct Recent(Mutex<HashMap<(WorkspaceId, String, &'static str), i64>>);

impl Recent {
    /// True when this was not noted within a minute; notes it. With a full memory it is always due: more is noted, not less.
    pub(super) fn due(&self, workspace: &WorkspaceId, actor: &str, verb: &'static str, now_us: i64) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(|e| e.into_inner());
        let key = (workspace.clone(), actor.to_owned(), verb);
        if seen.get(&key).is_some_and(|at| now_us - at < MINUTE_US) {
            return false;
        }
        if seen.len() >= ENTRIES {
            seen.retain(|_, at| now_us - *at < MINUTE_US);
        }
        if seen.len() < ENTRIES {
            seen.insert(key, now_us);
        }
        true
    }
}
