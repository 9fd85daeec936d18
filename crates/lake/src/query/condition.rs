//! From the grammar's tree to a condition.
//!
//! The grammar says of each clause whether it must, should or must not be; what it says nothing of stands side by side and
//! must be. Of the clauses that should, one must be. A negation takes what is not true, so a row without the field is not lost.

use std::ops::Bound;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::prelude::lit;
use tantivy_query_grammar::{Delimiter, Occur, UserInputAst, UserInputBound, UserInputLeaf, UserInputLiteral};

use super::{QueryError, field, udf};
use crate::index::Need;
use crate::matching::{Pattern, phrase};

/// Bytes one word or value may have, and stars in it.
const MAX_VALUE: usize = 1024;
const MAX_STARS: usize = 16;

/// A condition on rows, and what the index can know of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
    /// None if it is true of every row.
    pub(super) condition: Option<Expr>,
    pub(super) need: Need,
}

impl Part {
    pub(super) fn new(condition: Expr, need: Need) -> Self {
        Self { condition: Some(condition), need }
    }

    /// One of several; none of none.
    fn one(parts: Vec<Self>) -> Self {
        let need = Need::one(parts.iter().map(|part| part.need.clone()));
        // One alternative that is always true makes all of them true.
        let any: Option<Vec<Expr>> = parts.into_iter().map(|part| part.condition).collect();
        match any {
            Some(any) => Self::new(any.into_iter().reduce(Expr::or).unwrap_or_else(|| boolean(false)), need),
            None => Self::default(),
        }
    }

    fn all(parts: Vec<Self>) -> Self {
        let need = Need::all(parts.iter().map(|part| part.need.clone()));
        Self { condition: parts.into_iter().filter_map(|part| part.condition).reduce(Expr::and), need }
    }

    /// What it is not true of; the index knows nothing of that.
    fn not(self) -> Self {
        Self::new(self.condition.map_or_else(|| boolean(false), Expr::is_not_true), Need::Nothing)
    }
}

/// Builds a condition of a bounded number of terms.
pub(super) struct Builder<'a> {
    query: &'a str,
    max_terms: usize,
    terms: usize,
}

impl<'a> Builder<'a> {
    /// A builder for the tree of this query.
    pub(super) fn new(query: &'a str, max_terms: usize) -> Self {
        Self { query, max_terms, terms: 0 }
    }

    /// The condition of a tree.
    pub(super) fn build(&mut self, ast: &UserInputAst) -> Result<Part, QueryError> {
        match ast {
            UserInputAst::Clause(clauses) => self.clauses(clauses),
            UserInputAst::Leaf(leaf) => self.leaf(leaf),
            UserInputAst::Boost(..) => Err(self.unsupported("^", "a weight (^) has no meaning here; quote the text")),
        }
    }

    fn clauses(&mut self, clauses: &[(Option<Occur>, UserInputAst)]) -> Result<Part, QueryError> {
        let mut all = Vec::new();
        let mut any = Vec::new();
        for (occur, ast) in clauses {
            let part = self.build(ast)?;
            match occur {
                Some(Occur::Should) => any.push(part),
                Some(Occur::MustNot) => all.push(part.not()),
                Some(Occur::Must) | None => all.push(part),
            }
        }
        if !any.is_empty() {
            all.push(Part::one(any));
        }
        Ok(Part::all(all))
    }

    fn count(&mut self, terms: usize) -> Result<(), QueryError> {
        self.terms += terms;
        if self.terms > self.max_terms {
            return Err(QueryError::TooLarge(format!("has more than {} terms", self.max_terms)));
        }
        Ok(())
    }

    fn leaf(&mut self, leaf: &UserInputLeaf) -> Result<Part, QueryError> {
        self.count(1)?;
        match leaf {
            UserInputLeaf::All => Ok(Part::default()),
            UserInputLeaf::Literal(literal) => {
                self.check(literal)?;
                match &literal.field_name {
                    Some(name) => field::matches(name, pattern(literal)).map_err(|refused| self.refused(name, &literal.phrase, refused)),
                    None => Ok(words(literal)),
                }
            }
            UserInputLeaf::Exists { field } => Ok(field::exists(field)),
            UserInputLeaf::Range { field: Some(name), lower, upper } => {
                let [lower, upper] = [lower, upper].map(bound);
                field::between(name, lower, upper).map_err(|refused| self.refused(name, &refused.value.clone(), refused))
            }
            UserInputLeaf::Range { field: None, .. } => {
                let mark = if self.query.contains('[') { "[" } else { "{" };
                Err(self.unsupported(mark, "a range needs a field in front of it, as in source.port:[1 TO 1023]"))
            }
            UserInputLeaf::Set { field, elements } => self.set(field.as_deref(), elements),
            UserInputLeaf::Regex { .. } => Err(self.unsupported("/", "regular expressions are not supported; quote text between slashes")),
        }
    }

    fn set(&mut self, name: Option<&str>, elements: &[String]) -> Result<Part, QueryError> {
        self.count(elements.len().saturating_sub(1))?;
        let one = |element: &String| {
            check_value(element)?;
            match name {
                Some(name) => field::matches(name, Pattern::exact(element)).map_err(|refused| self.refused(name, element, refused)),
                None => Ok(anywhere(element, Pattern::words)),
            }
        };
        elements.iter().map(one).collect::<Result<Vec<_>, _>>().map(Part::one)
    }

    fn check(&self, literal: &UserInputLiteral) -> Result<(), QueryError> {
        if literal.slop > 0 {
            return Err(self.unsupported("~", "words near one another (~) are not supported; quote the text"));
        }
        check_value(&literal.phrase)
    }

    fn unsupported(&self, mark: &str, message: &str) -> QueryError {
        QueryError::Unsupported { position: self.query.find(mark).unwrap_or(0), message: message.to_owned() }
    }

    fn refused(&self, field: &str, value: &str, refused: field::Refused) -> QueryError {
        QueryError::Field { field: field.to_owned(), position: position(self.query, field, value), message: refused.message }
    }
}

/// Where a value of a field stands in the query: the tree does not say. Of several places, the one nearest behind the field.
fn position(query: &str, field: &str, value: &str) -> usize {
    let behind = query.match_indices(field).filter_map(|(at, _)| {
        let start = at + field.len();
        let colon = query[start..].find(|c: char| !c.is_whitespace()).filter(|offset| query[start + offset..].starts_with(':'))?;
        let start = start + colon + 1;
        query[start..].find(value).map(|offset| (offset, start + offset))
    });
    behind.min().map_or_else(|| query.find(field).unwrap_or(0), |(_, position)| position)
}

fn boolean(value: bool) -> Expr {
    lit(ScalarValue::Boolean(Some(value)))
}

fn check_value(text: &str) -> Result<(), QueryError> {
    let stars = text.bytes().filter(|b| *b == b'*').count();
    if text.len() > MAX_VALUE {
        return Err(QueryError::TooLarge(format!("has a value of {} bytes, {MAX_VALUE} are allowed", text.len())));
    }
    if stars > MAX_STARS {
        return Err(QueryError::TooLarge(format!("has {stars} stars in one value, {MAX_STARS} are allowed")));
    }
    Ok(())
}

/// A value to compare a whole field with.
fn pattern(literal: &UserInputLiteral) -> Pattern {
    match (literal.delimiter, literal.prefix) {
        (Delimiter::None, false) => Pattern::glob(&literal.phrase),
        (Delimiter::None, true) => Pattern::glob(&format!("{}*", literal.phrase)),
        (_, true) => Pattern::prefix(&literal.phrase),
        (_, false) => Pattern::exact(&literal.phrase),
    }
}

/// Words without a field: in the message or in the raw text.
fn words(literal: &UserInputLiteral) -> Part {
    let text = &literal.phrase;
    match (literal.delimiter, literal.prefix) {
        (Delimiter::None, false) => anywhere(text, Pattern::word_glob),
        (Delimiter::None, true) => anywhere(text, |text| Pattern::word_glob(&format!("{text}*"))),
        (_, true) => anywhere(text, |text| Pattern::prefix(text).anywhere()),
        (_, false) => anywhere(text, Pattern::words),
    }
}

/// The raw text may be JSON, in which quotes and backslashes are written with a backslash in front: the words in it are the same.
fn anywhere(text: &str, pattern: impl Fn(&str) -> Pattern) -> Part {
    let escaped = text.contains(['\\', '"']).then(|| pattern(&text.replace('\\', r"\\").replace('"', "\\\"")));
    let pattern = pattern(text);
    let need = phrase(&pattern);
    Part::new(udf::words(pattern, escaped), need)
}

fn bound(bound: &UserInputBound) -> Bound<String> {
    match bound {
        UserInputBound::Inclusive(text) => Bound::Included(text.clone()),
        UserInputBound::Exclusive(text) => Bound::Excluded(text.clone()),
        UserInputBound::Unbounded => Bound::Unbounded,
    }
}
