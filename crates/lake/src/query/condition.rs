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
use crate::matching::{Pattern, Test};

/// Bytes one word or value may have, and stars in it.
const MAX_VALUE: usize = 1024;
const MAX_STARS: usize = 16;

/// Builds a condition of a bounded number of terms.
pub(super) struct Builder {
    max_terms: usize,
    terms: usize,
}

impl Builder {
    pub(super) fn new(max_terms: usize) -> Self {
        Self { max_terms, terms: 0 }
    }

    /// The condition of a tree; none if it is true of every row.
    pub(super) fn build(&mut self, ast: &UserInputAst) -> Result<Option<Expr>, QueryError> {
        match ast {
            UserInputAst::Clause(clauses) => self.clauses(clauses),
            UserInputAst::Leaf(leaf) => self.leaf(leaf),
            UserInputAst::Boost(..) => Err(QueryError::Unsupported("a weight (^) has no meaning here; quote the text".into())),
        }
    }

    fn clauses(&mut self, clauses: &[(Option<Occur>, UserInputAst)]) -> Result<Option<Expr>, QueryError> {
        let mut all = Vec::new();
        let mut any = Vec::new();
        for (occur, ast) in clauses {
            let condition = self.build(ast)?;
            match occur {
                Some(Occur::Should) => any.push(condition),
                Some(Occur::MustNot) => all.push(Some(condition.map_or_else(|| boolean(false), |it| it.is_not_true()))),
                Some(Occur::Must) | None => all.push(condition),
            }
        }
        // One alternative that is always true makes all of them true.
        let any: Option<Vec<Expr>> = any.into_iter().collect();
        all.push(any.and_then(|any| any.into_iter().reduce(Expr::or)));
        Ok(all.into_iter().flatten().reduce(Expr::and))
    }

    fn count(&mut self, terms: usize) -> Result<(), QueryError> {
        self.terms += terms;
        if self.terms > self.max_terms {
            return Err(QueryError::TooLarge(format!("has more than {} terms", self.max_terms)));
        }
        Ok(())
    }

    fn leaf(&mut self, leaf: &UserInputLeaf) -> Result<Option<Expr>, QueryError> {
        self.count(1)?;
        match leaf {
            UserInputLeaf::All => Ok(None),
            UserInputLeaf::Literal(literal) => match &literal.field_name {
                Some(name) => field::matches(name, pattern(literal)?).map(Some),
                None => words(literal).map(Some),
            },
            UserInputLeaf::Exists { field } => Ok(Some(field::exists(field))),
            UserInputLeaf::Range { field: Some(name), lower, upper } => {
                let [lower, upper] = [lower, upper].map(bound);
                field::between(name, lower, upper).map(Some)
            }
            UserInputLeaf::Range { field: None, .. } => {
                Err(QueryError::Unsupported("a range needs a field in front of it, as in source.port:[1 TO 1023]".into()))
            }
            UserInputLeaf::Set { field, elements } => self.set(field.as_deref(), elements),
            UserInputLeaf::Regex { .. } => Err(QueryError::Unsupported("regular expressions are not supported; quote text between slashes".into())),
        }
    }

    fn set(&mut self, name: Option<&str>, elements: &[String]) -> Result<Option<Expr>, QueryError> {
        self.count(elements.len().saturating_sub(1))?;
        let one = |element: &String| {
            check_value(element)?;
            match name {
                Some(name) => field::matches(name, Pattern::exact(element)),
                None => Ok(anywhere(element, &Pattern::within(element))),
            }
        };
        let any = elements.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(any.into_iter().reduce(Expr::or).unwrap_or_else(|| boolean(false))))
    }
}

fn boolean(value: bool) -> Expr {
    lit(ScalarValue::Boolean(Some(value)))
}

fn check(literal: &UserInputLiteral) -> Result<(), QueryError> {
    if literal.slop > 0 {
        return Err(QueryError::Unsupported("words near one another (~) are not supported; quote the text".into()));
    }
    check_value(&literal.phrase)
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
fn pattern(literal: &UserInputLiteral) -> Result<Pattern, QueryError> {
    check(literal)?;
    Ok(match (literal.delimiter, literal.prefix) {
        (Delimiter::None, false) => Pattern::glob(&literal.phrase),
        (Delimiter::None, true) => Pattern::glob(&format!("{}*", literal.phrase)),
        (_, true) => Pattern::prefix(&literal.phrase),
        (_, false) => Pattern::exact(&literal.phrase),
    })
}

/// Words without a field: anywhere in the message or the raw text.
fn words(literal: &UserInputLiteral) -> Result<Expr, QueryError> {
    check(literal)?;
    let text = &literal.phrase;
    let pattern = if literal.delimiter == Delimiter::None { Pattern::glob_within(text) } else { Pattern::within(text) };
    Ok(anywhere(text, &pattern))
}

/// The raw text may be JSON, in which quotes and backslashes are written with a backslash in front.
fn anywhere(text: &str, pattern: &Pattern) -> Expr {
    let plain = |column: &str| udf::text(column, Test::Pattern(pattern.clone()));
    let found = plain("message").or(plain("raw"));
    if !text.contains(['\\', '"']) {
        return found;
    }
    let escaped = text.replace('\\', r"\\").replace('"', "\\\"");
    found.or(udf::text("raw", Test::Pattern(Pattern::within(&escaped))))
}

fn bound(bound: &UserInputBound) -> Bound<String> {
    match bound {
        UserInputBound::Inclusive(text) => Bound::Included(text.clone()),
        UserInputBound::Exclusive(text) => Bound::Excluded(text.clone()),
        UserInputBound::Unbounded => Bound::Unbounded,
    }
}
