//! Log rows that somebody added to an investigation. A row is kept as it was then, so that it is still there when the lake has let it go.

pub(crate) mod http;
pub(crate) mod store;

use crate::access::WorkspaceGrant;
use bailiwick_api::{EventRow, NewEvidence};
use bailiwick_chassis::Refusal;
use std::collections::BTreeSet;

/// Rows that may be added at once.
const MAX_ADDED: usize = 200;
/// Rows of one investigation.
const MAX_ROWS: i64 = 2_000;
const MAX_NOTE_CHARS: usize = 2_000;
const MAX_ID_CHARS: usize = 100;

/// The ids of the rows that are to be added, each once.
pub(crate) fn check(new: &NewEvidence) -> Result<Vec<String>, Refusal> {
    let refuse = |field: &str, why: String| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {why}")));
    let ids: BTreeSet<&String> = new.events.iter().collect();
    if ids.is_empty() || ids.len() > MAX_ADDED || ids.iter().any(|id| id.is_empty() || id.chars().count() > MAX_ID_CHARS) {
        return refuse("events", format!("1 to {MAX_ADDED} ids of events"));
    }
    if new.note.as_ref().is_some_and(|note| note.chars().count() > MAX_NOTE_CHARS) {
        return refuse("note", format!("at most {MAX_NOTE_CHARS} characters"));
    }
    Ok(ids.into_iter().cloned().collect())
}

/// The rows themselves; all must be there.
pub(crate) async fn rows(grant: &WorkspaceGrant, ids: &[String]) -> Result<Vec<EventRow>, Refusal> {
    let rows = grant.workspace().events(ids).await?;
    match ids.iter().find(|id| !rows.iter().any(|row| row.id == **id)) {
        None => Ok(rows),
        Some(gone) => Err(Refusal::invalid("EVENT_UNKNOWN", "events", format!("events: no event {gone} in this workspace, or it is kept no more"))),
    }
}
