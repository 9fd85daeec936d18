//! The search bar: what a person types, as a condition on rows.
//!
//! Words and `"phrases"` are looked for in the message and the raw text: `error` finds the word, not `errors` nor `myerror`;
//! `error*`, `*error` and `*error*` find those. `field:value` compares a whole value, `*` and `?` stand for any characters;
//! `field:*` asks that there is a value; `field:[a TO b]`, `field:{a TO b}`, `field:>=a` are ranges; `field:10.0.0.0/8` is a
//! network; `field: IN [a b]` and `field:(a OR b)` are several values. What stands side by side must all be there; `AND`, `OR`,
//! `NOT`, `-` and parentheses say otherwise. Case never matters. A field is a column by its ECS name, dotted or underscored, or
//! else any normalised or original field of the event by its (dotted) name. Inside quotes a backslash is itself, save before a
//! quote or another backslash, so a Windows path can be pasted. `docs/guides/search.md` tells it to people.

mod condition;
mod field;
mod text;
mod udf;

pub(crate) use udf::deriving;

use datafusion::logical_expr::Expr;
use tantivy_query_grammar::{UserInputAst, parse_query, parse_query_lenient};

use crate::index::Need;

/// Bytes a query may have.
const MAX_BYTES: usize = 4096;

/// Parentheses and `NOT` inside one another.
const MAX_DEPTH: usize = 32;

/// Words, phrases and fields a query may have.
const MAX_TERMS: usize = 64;

/// Why a query cannot be run; positions are byte offsets into the query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It does not parse.
    #[error("query: {message} at position {position}")]
    Syntax {
        /// Where.
        position: usize,
        /// What is wrong there.
        message: String,
    },
    /// It is too long, too deep or has too many terms.
    #[error("query: {0}")]
    TooLarge(String),
    /// It parses and means something that is not supported.
    #[error("query: {message} at position {position}")]
    Unsupported {
        /// Where.
        position: usize,
        /// What is not supported.
        message: String,
    },
    /// A field cannot be compared with that value.
    #[error("{field}: {message} at position {position}")]
    Field {
        /// The field as typed.
        field: String,
        /// Where the value stands.
        position: usize,
        /// What is wrong with the value.
        message: String,
    },
}

impl QueryError {
    /// Where in the query it is, as a byte offset; none if it is about the whole of it.
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::Syntax { position, .. } | Self::Unsupported { position, .. } | Self::Field { position, .. } => Some(*position),
            Self::TooLarge(_) => None,
        }
    }
}

/// A parsed query. Made by [`Query::parse`]; the default matches every row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    part: condition::Part,
}

impl Query {
    /// Parses what was typed into the search bar. Nothing, or `*`, matches every row.
    ///
    /// # Errors
    /// [`QueryError`], which says where or about which field.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.len() > MAX_BYTES {
            return Err(QueryError::TooLarge(format!("has {} bytes, {MAX_BYTES} are allowed", text.len())));
        }
        let prepared = text::prepare(text, MAX_DEPTH)?;
        let ast = parse_query(&prepared.text).map_err(|_| syntax(&prepared))?;
        condition::Builder::new(text, MAX_TERMS).build(&ast).map(|part| Self { part })
    }

    /// The condition on rows; none if every row matches.
    pub(crate) fn condition(&self) -> Option<&Expr> {
        self.part.condition.as_ref()
    }

    /// What the index can know of matching rows.
    pub(crate) fn need(&self) -> &Need {
        &self.part.need
    }
}

/// The strict parser tells nothing; the lenient one tells where it had to guess.
fn syntax(prepared: &text::Prepared) -> QueryError {
    let (_, errors): (UserInputAst, _) = parse_query_lenient(&prepared.text);
    let first = errors.into_iter().min_by_key(|error| error.pos);
    let (position, message) = first.map_or((0, "cannot be read".to_owned()), |error| (error.pos, error.message));
    QueryError::Syntax { position: prepared.original(position), message }
}

#[cfg(test)]
mod tests;
