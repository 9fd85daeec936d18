//! Parsers of a workspace: those that come with the node, and over them those its administrator uploaded.
//!
//! An uploaded parser is a draft until it is enabled; a new version waits beside the current one until that is enabled. One that keeps
//! going over its limits is set aside by the pipeline: it stays set aside, over restarts too, until somebody enables it anew.

mod current;
pub(crate) mod http;
mod store;
mod trial;

pub(crate) use current::CurrentParsers;

use crate::workspaces::Workspace;
use bailiwick_api::{NewParser, ParserState};
use bailiwick_chassis::Refusal;
use bailiwick_event::{MAX_SOURCE_BYTES, ParserError, Parsers, Uploaded};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Parsers a workspace may upload.
const MAX_PARSERS: i64 = 50;
const MAX_NAME: usize = 64;
const MAX_DESCRIPTION: usize = 1_000;

/// Programs compiled or tried at a time, over all workspaces.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Checks a new parser's words; its program is checked by compiling it.
fn check(new: &NewParser) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if new.name.is_empty() || new.name.len() > MAX_NAME || !new.name.chars().all(plain) {
        let detail = format!("name: 1 to {MAX_NAME} of a-z, 0-9 and -");
        return Err(Refusal::invalid("INVALID_INPUT", "name", detail));
    }
    check_description(&new.description)
}

fn check_description(description: &str) -> Result<(), Refusal> {
    if description.chars().count() > MAX_DESCRIPTION {
        return Err(Refusal::invalid("INVALID_INPUT", "description", format!("description: at most {MAX_DESCRIPTION} characters")));
    }
    Ok(())
}

/// Compiles a program, off the async threads, and forgets it again.
async fn check_source(workspace: &Workspace, name: &str, source: &str) -> Result<(), Refusal> {
    compiled(workspace, name, source).await.map(drop)
}

/// The parsers that come with the node, with one more over them.
async fn compiled(workspace: &Workspace, name: &str, source: &str) -> Result<Arc<Parsers>, Refusal> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err(Refusal::invalid("INVALID_INPUT", "source", format!("source: {} bytes, at most {MAX_SOURCE_BYTES}", source.len())));
    }
    let uploaded = Uploaded { name: name.to_owned(), source: source.to_owned(), set_aside: None };
    let shipped = Arc::clone(workspace.parsers().shipped());
    let _turn = TURNS.acquire().await.map_err(Refusal::internal)?;
    let made = tokio::task::spawn_blocking(move || shipped.with(&[uploaded], None)).await.map_err(Refusal::internal)?;
    made.map_err(|error| refusal(&error))
}

/// A parser that is not accepted, told with its place.
fn refusal(error: &ParserError) -> Refusal {
    let at = error.line.map(|line| format!("line {line}, column {}: ", error.column.unwrap_or(1))).unwrap_or_default();
    let output = if error.field.starts_with('%') { format!("{}: ", error.field) } else { String::new() };
    Refusal::invalid("PARSER_INVALID", "source", format!("source: {at}{output}{}", error.problem))
}

/// What a state means for the pipeline.
const fn is_used(state: ParserState) -> bool {
    matches!(state, ParserState::Enabled | ParserState::SetAside)
}
