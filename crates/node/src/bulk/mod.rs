//! One change of many investigations, asked by a console for a person. Each workspace does its part in one transaction, with a row of
//! history for each change; it remembers what it did under the name of the change, so that the same asked again is answered and not done
//! again, and how things were, so that it can be undone.

pub(crate) mod http;
mod store;
#[cfg(test)]
mod tests;

use ::http::StatusCode;
use bailiwick_api::{AskBulk, BULK_MAX, BulkOutcome, BulkPartItem, BulkSet, InvestigationPatch, InvestigationRow};
use bailiwick_chassis::Refusal;

/// How long a change can be undone.
const UNDO_US: i64 = 10 * 60 * 1_000_000;
/// How long a change is remembered for those who ask again.
const KEPT_US: i64 = 24 * 3_600 * 1_000_000;
const COMMENT_CHARS: usize = 10_000;
const ID_CHARS: usize = 100;

/// Refuses what cannot be meant.
fn check(ask: &AskBulk, named: bool) -> Result<(), Refusal> {
    let refuse = |field: &str, why: String| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {why}")));
    if ask.cap == 0 || ask.cap > BULK_MAX {
        return refuse("cap", format!("1 to {BULK_MAX}"));
    }
    if ask.bulk.len() > ID_CHARS || (named && ask.bulk.is_empty()) {
        return refuse("bulk", format!("1 to {ID_CHARS} characters"));
    }
    let items = ask.workspaces.iter().filter_map(|one| one.items.as_ref()).map(Vec::len).sum::<usize>();
    if items > BULK_MAX as usize {
        return refuse("workspaces", format!("at most {BULK_MAX} items in all"));
    }
    if named && ask.workspaces.iter().any(|one| one.items.is_none()) {
        return refuse("workspaces", "items: what is changed is named".into());
    }
    if ask.filter.is_none() && ask.workspaces.iter().any(|one| one.items.is_none()) {
        return refuse("filter", "needed where no items are named; nothing means everything".into());
    }
    match &ask.set.comment {
        Some(comment) if comment.body.trim().is_empty() || comment.body.chars().count() > COMMENT_CHARS => {
            refuse("comment", format!("body: 1 to {COMMENT_CHARS} characters"))
        }
        _ => Ok(()),
    }
}

/// What is asked of one row.
fn patch(set: &BulkSet, row: &InvestigationRow) -> InvestigationPatch {
    let tags = (set.tags.is_some() || !set.add_tags.is_empty() || !set.remove_tags.is_empty()).then(|| tags(set, row));
    InvestigationPatch {
        version: row.version,
        status: set.status,
        priority: set.priority,
        disposition: set.disposition,
        assignee: set.assignee.clone(),
        tags,
        responsibility: set.responsibility.map(Some),
        ..InvestigationPatch::default()
    }
}

/// Those there are, or those that replace them, with some added and then some taken away. Case tells no two tags apart.
fn tags(set: &BulkSet, row: &InvestigationRow) -> Vec<String> {
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    let mut tags = set.tags.clone().unwrap_or_else(|| row.tags.clone());
    for add in &set.add_tags {
        if !tags.iter().any(|tag| same(tag, add)) {
            tags.push(add.clone());
        }
    }
    tags.retain(|tag| !set.remove_tags.iter().any(|gone| same(tag, gone)));
    tags
}

/// An item that was changed, or was so already.
fn done(id: &str, outcome: BulkOutcome, version: i64) -> BulkPartItem {
    BulkPartItem { id: id.to_owned(), outcome, code: None, message: None, version: Some(version) }
}

/// An item that was left alone.
fn left(id: &str, outcome: BulkOutcome, code: &str, message: impl Into<String>, version: Option<i64>) -> BulkPartItem {
    BulkPartItem { id: id.to_owned(), outcome, code: Some(code.to_owned()), message: Some(message.into()), version }
}

/// A refusal of one row. What is wrong with the node itself spoils the whole part instead.
fn refused(id: &str, refusal: Refusal, version: Option<i64>) -> Result<BulkPartItem, Refusal> {
    let outcome = match refusal.status() {
        StatusCode::NOT_FOUND => BulkOutcome::NotFound,
        status if status.is_client_error() => BulkOutcome::Refused,
        _ => return Err(refusal),
    };
    let detail = refusal.problem().detail.unwrap_or_default();
    Ok(left(id, outcome, refusal.code(), detail, version))
}
