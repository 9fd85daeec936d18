//! What is wrong with a statement, and where.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;

use crate::LakeError;

/// Characters of a message that are told.
const MAX_MESSAGE: usize = 500;

/// Why a statement gave no rows.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// It cannot mean anything here.
    #[error("sql: {message}")]
    Invalid {
        /// What is wrong.
        message: String,
        /// Where in the text, as a byte offset; none if it is about the whole of it.
        position: Option<usize>,
    },
    /// It failed on the rows: a text that is no number, a division by zero.
    #[error("sql: {0}")]
    Failed(String),
    /// The rows could not be read; never given to a caller.
    #[error("rows could not be read: {0}")]
    Unreadable(String),
    /// The lake could not answer it.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

impl SqlError {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), position: None }
    }
}

/// An error of parsing or planning this text.
pub(super) fn planning(error: DataFusionError, text: &str) -> SqlError {
    if let DataFusionError::ResourcesExhausted(_) | DataFusionError::External(_) = error.find_root() {
        return running(error);
    }
    let said = message(&error);
    let position = error
        .diagnostic()
        .and_then(|diagnostic| diagnostic.span)
        .map(|span| (span.start.line, span.start.column))
        .or_else(|| written(&said))
        .and_then(|(line, column)| byte(text, line, column))
        .or_else(|| said.contains("found: EOF").then_some(text.len()))
        .or_else(|| quoted(&said, text));
    let said = said.split(" at Line: ").next().unwrap_or(&said).to_owned();
    SqlError::Invalid { message: shortened(&said), position }
}

/// An error of running.
pub(super) fn running(error: DataFusionError) -> SqlError {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(what) => LakeError::Memory(what.clone()).into(),
        DataFusionError::External(cause) => match cause.downcast_ref::<LakeError>() {
            Some(LakeError::File { path, reason }) => LakeError::file(path, reason.clone()).into(),
            Some(LakeError::Store { path, reason }) => LakeError::Store { path: path.clone(), reason: reason.clone() }.into(),
            _ => SqlError::Unreadable(cause.to_string()),
        },
        DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) | DataFusionError::ExecutionJoin(_) => {
            SqlError::Unreadable(error.to_string())
        }
        DataFusionError::ArrowError(cause, _) => match cause.as_ref() {
            ArrowError::ParquetError(_) | ArrowError::IoError(..) | ArrowError::ExternalError(_) => SqlError::Unreadable(error.to_string()),
            other => SqlError::Failed(shortened(&other.to_string())),
        },
        root => SqlError::Failed(shortened(&message(root))),
    }
}

/// What is said to people: without the name of the engine's part that says it.
fn message(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::SQL(cause, _) => match cause.as_ref() {
            ParserError::ParserError(said) | ParserError::TokenizerError(said) => said.clone(),
            ParserError::RecursionLimitExceeded => "is nested too deeply (recursion limit)".into(),
        },
        DataFusionError::Plan(said) | DataFusionError::Execution(said) | DataFusionError::NotImplemented(said) => said.clone(),
        DataFusionError::SchemaError(cause, _) => cause.to_string(),
        root => root.strip_backtrace(),
    }
}

fn shortened(said: &str) -> String {
    let said = said.trim_end_matches(['.', ' ', '\n']);
    match said.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said.to_owned(),
    }
}

/// The place a message names: `at Line: 1, Column: 8`.
fn written(said: &str) -> Option<(u64, u64)> {
    let (_, place) = said.rsplit_once("Line: ")?;
    let (line, rest) = place.split_once(", Column: ")?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((line.trim().parse().ok()?, column.parse().ok()?)).filter(|place| *place != (0, 0))
}

/// The byte at a line and a character of it, both from 1; the end of the text if it is behind it.
fn byte(text: &str, line: u64, column: u64) -> Option<usize> {
    let (line, column) = (usize::try_from(line).ok()?.checked_sub(1)?, usize::try_from(column).ok()?.checked_sub(1)?);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = &text[start..];
    Some(start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at))
}

/// Where a name the message quotes stands in the text.
fn quoted(said: &str, text: &str) -> Option<usize> {
    let text = text.to_ascii_lowercase();
    let names = said.split(['\'', '"', '`']).skip(1).step_by(2);
    let mut names = names.filter_map(|name| name.rsplit('.').next()).filter(|name| !name.is_empty());
    names.find_map(|name| text.find(&name.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_found() {
        assert_eq!(written("Expected: x, found: y at Line: 12, Column: 8"), Some((12, 8)));
        assert_eq!((byte("ab\nüc", 2, 2), byte("ab", 1, 9), byte("ab", 0, 1)), (Some(5), Some(2), None));
        assert_eq!(quoted("Invalid function 'Read_Parquet'", "select read_parquet('x')"), Some(7));
        assert_eq!(quoted("no name", "select 1"), None);
    }
}
