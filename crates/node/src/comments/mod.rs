//! Comments on investigations. An internal one is for technicians alone: it is neither shown to nor counted for the workspace's own people.
//! Nobody edits one; only who wrote it takes it back. Closed investigations take comments, too.

pub(crate) mod http;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use crate::access::WorkspaceGrant;
use bailiwick_api::{Author, AuthorKind, NewComment};
use bailiwick_chassis::Refusal;
use sqlx::Row;

const MAX_BODY_CHARS: usize = 10_000;
const MAX_FILES: usize = 20;
/// Comments of one investigation.
const MAX_COMMENTS: i64 = 5_000;

/// A comment as checked.
pub(crate) fn check(new: &NewComment) -> Result<NewComment, Refusal> {
    let refuse = |field: &str, why: String| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {why}")));
    let body = new.body.replace("\r\n", "\n").trim_end().to_owned();
    let strange = |c: char| c.is_control() && c != '\n' && c != '\t';
    if body.trim().is_empty() || body.chars().count() > MAX_BODY_CHARS || body.chars().any(strange) {
        return refuse("body", format!("1 to {MAX_BODY_CHARS} characters"));
    }
    let mut attachments = new.attachments.clone();
    attachments.sort_unstable();
    attachments.dedup();
    if attachments.len() > MAX_FILES {
        return refuse("attachments", format!("at most {MAX_FILES}"));
    }
    Ok(NewComment { body, visibility: new.visibility, attachments })
}

/// Who writes, as others see it.
pub(crate) async fn author(grant: &WorkspaceGrant) -> Result<Author, Refusal> {
    let (db, email) = (grant.workspace().db(), grant.actor().to_owned());
    let row = sqlx::query("select name from technician where email = $1").bind(&email).fetch_optional(db.pool()).await?;
    let name = row.map(|row| row.try_get::<String, _>("name")).transpose()?.filter(|name| !name.is_empty());
    Ok(Author { kind: AuthorKind::User, name: name.unwrap_or_else(|| email.clone()), email })
}
