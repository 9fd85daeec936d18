//! Investigations of one workspace: what a person may change, and what follows from a change. The rules stand here, without
//! SQL or HTTP; correlation opens investigations in the pipeline and keeps to the same columns.

pub(crate) mod alerts;
pub(crate) mod case_http;
pub(crate) mod changes;
mod create;
pub(crate) mod federated;
pub(crate) mod http;
mod in_bulk;
mod merge;
mod page;
mod related;
pub(crate) mod store;

pub(crate) use in_bulk::row_in;
pub(crate) use store::{COLUMNS, Named, signal};

use bailiwick_api::{Assignee, Disposition, InvestigationPatch, InvestigationRow, Status};
use bailiwick_chassis::{Refusal, clock::from_us};

const TITLE_CHARS: usize = 200;
const MAX_TAGS: usize = 20;
const TAG_CHARS: usize = 64;

/// One field that a person changed, as the history tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    field: &'static str,
    from: Option<String>,
    to: Option<String>,
}

/// A row after a person's change, and what changed. Without changes nothing is written and the version stays.
#[derive(Debug)]
pub(crate) struct Changed {
    row: InvestigationRow,
    changes: Vec<Change>,
}

/// Applies a person's change to a row. `assignee` is the technician the patch names, as the workspace knows that person.
pub(crate) fn apply(row: &InvestigationRow, patch: &InvestigationPatch, assignee: Option<Assignee>, now_us: i64) -> Result<Changed, Refusal> {
    let mut after = row.clone();
    if let Some(title) = &patch.title {
        after.title = check_title(title)?;
    }
    if let Some(tags) = &patch.tags {
        after.tags = check_tags(tags)?;
    }
    after.status = patch.status.unwrap_or(row.status);
    after.priority = patch.priority.unwrap_or(row.priority);
    after.disposition = patch.disposition.unwrap_or(row.disposition);
    if patch.assignee.is_some() {
        after.assignee = assignee;
    }
    if let Some(responsibility) = patch.responsibility {
        after.responsibility = responsibility;
    }
    // Whoever sets another priority takes it into their own hands, unless they say otherwise.
    after.priority_inherited = patch.inherit_priority.unwrap_or(row.priority_inherited && after.priority == row.priority);
    let changes = changes(row, &after);
    if changes.is_empty() {
        return Ok(Changed { row: row.clone(), changes });
    }
    if after.status == Status::Closed && after.disposition == Disposition::Undecided {
        let detail = "disposition: closing needs one other than UNDECIDED";
        return Err(Refusal::invalid("DISPOSITION_REQUIRED", "disposition", detail));
    }
    let now = from_us(now_us);
    after.updated_time = now;
    after.last_accessed_time = Some(now);
    after.version = row.version + 1;
    if row.status == Status::Closed && after.status != Status::Closed {
        after.merged_into = None;
    }
    after.closed_time = match (row.status, after.status) {
        (Status::Closed, Status::Closed) => row.closed_time,
        (_, Status::Closed) => Some(now),
        _ => None,
    };
    Ok(Changed { row: after, changes })
}

fn changes(before: &InvestigationRow, after: &InvestigationRow) -> Vec<Change> {
    let mail = |row: &InvestigationRow| row.assignee.as_ref().map(|a| a.email.clone());
    let word = |row: &InvestigationRow| row.responsibility.map(|r| r.to_string());
    // A priority set by hand says by itself that it is inherited no more.
    let inherited = |row: &InvestigationRow| (before.priority == after.priority).then(|| row.priority_inherited.to_string());
    let fields = [
        ("title", Some(before.title.clone()), Some(after.title.clone())),
        ("status", Some(before.status.to_string()), Some(after.status.to_string())),
        ("priority", Some(before.priority.to_string()), Some(after.priority.to_string())),
        ("disposition", Some(before.disposition.to_string()), Some(after.disposition.to_string())),
        ("assignee", mail(before), mail(after)),
        ("tags", Some(before.tags.join(", ")), Some(after.tags.join(", "))),
        ("responsibility", word(before), word(after)),
        ("inherit_priority", inherited(before), inherited(after)),
    ];
    let changed = fields.into_iter().filter(|(_, from, to)| from != to);
    changed.map(|(field, from, to)| Change { field, from: present(from), to: present(to) }).collect()
}

fn present(text: Option<String>) -> Option<String> {
    text.filter(|t| !t.is_empty())
}

fn check_title(title: &str) -> Result<String, Refusal> {
    let title = title.trim();
    let chars = title.chars().count();
    if chars == 0 || chars > TITLE_CHARS || title.chars().any(char::is_control) {
        return Err(Refusal::invalid("INVALID_INPUT", "title", format!("title: 1 to {TITLE_CHARS} characters on one line")));
    }
    Ok(title.to_owned())
}

fn check_tags(tags: &[String]) -> Result<Vec<String>, Refusal> {
    let mut checked: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        let chars = tag.chars().count();
        if chars == 0 || chars > TAG_CHARS || tag.contains(',') || tag.chars().any(char::is_control) {
            let detail = format!("tags: each 1 to {TAG_CHARS} characters, without commas");
            return Err(Refusal::invalid("INVALID_INPUT", "tags", detail));
        }
        if !checked.iter().any(|t| t == tag) {
            checked.push(tag.to_owned());
        }
    }
    if checked.len() > MAX_TAGS {
        return Err(Refusal::invalid("INVALID_INPUT", "tags", format!("tags: at most {MAX_TAGS}")));
    }
    Ok(checked)
}

#[cfg(test)]
mod tests;
