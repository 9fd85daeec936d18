//! `field:value` on a column of its own, where statistics and blooms can help, or on a field inside the JSON columns.

use std::ops::Bound;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime};
use datafusion::logical_expr::Expr;
use datafusion::prelude::{col, lit};

use super::{QueryError, udf};
use crate::column::{self, Column, Kind};
use crate::matching::{JsonField, Pattern, Range, Test, fold};
use crate::search::{instant, text};

/// The field's value matches the pattern.
pub(super) fn matches(field: &str, pattern: Pattern) -> Result<Expr, QueryError> {
    let Some(column) = column::named(field) else {
        return Ok(udf::json(JsonField::new(field, Test::Pattern(pattern))));
    };
    match column.kind {
        Kind::Int => number(field, column, &pattern),
        Kind::Time => time(field, column, &pattern),
        Kind::Ip => Ok(match pattern.as_exact() {
            Some(value) => col(column.name).eq(text(&column::canonical_ip(value))),
            None => udf::text(column.name, Test::Pattern(pattern)),
        }),
        Kind::Prose => Ok(udf::text(column.name, Test::Pattern(pattern.anywhere()))),
        Kind::Text => Ok(match (pattern.as_exact(), column.lower) {
            (Some(value), Some(lower)) => col(lower).eq(text(value)),
            (Some(value), None) if is_caseless(value) => col(column.name).eq(text(value)),
            _ => udf::text(column.name, Test::Pattern(pattern)),
        }),
    }
}

/// The field has a value.
pub(super) fn exists(field: &str) -> Expr {
    match column::named(field) {
        Some(column) => col(column.name).is_not_null(),
        None => udf::json(JsonField::new(field, Test::Exists)),
    }
}

/// The field's value lies between two bounds.
pub(super) fn between(field: &str, lower: Bound<String>, upper: Bound<String>) -> Result<Expr, QueryError> {
    let Some(column) = column::named(field) else {
        return Ok(udf::json(JsonField::new(field, Test::Range(Range::new(lower, upper)))));
    };
    let (from, to) = match column.kind {
        Kind::Text | Kind::Prose | Kind::Ip => return Ok(udf::text(column.name, Test::Range(Range::new(lower, upper)))),
        Kind::Int => {
            let value = |bound: Bound<String>| convert(bound, |text| integer(field, text).map(lit));
            (at_least(column, value(lower)?), at_most(column, value(upper)?))
        }
        Kind::Time => time_bounds(field, column, lower, upper)?,
    };
    Ok([from, to].into_iter().flatten().reduce(Expr::and).unwrap_or_else(|| col(column.name).is_not_null()))
}

fn number(field: &str, column: &Column, pattern: &Pattern) -> Result<Expr, QueryError> {
    let value = pattern.as_exact().ok_or_else(|| refused(field, "is a number; it has no wildcards, but ranges"))?;
    Ok(col(column.name).eq(lit(integer(field, value)?)))
}

fn time(field: &str, column: &Column, pattern: &Pattern) -> Result<Expr, QueryError> {
    let value = pattern.as_exact().ok_or_else(|| refused(field, "is a time; it has no wildcards, but ranges"))?;
    let (start, end) = period(field, value)?;
    Ok(col(column.name).gt_eq(instant(start)).and(col(column.name).lt(instant(end))))
}

/// A bound that is a date stands for the whole day.
fn time_bounds(field: &str, column: &Column, lower: Bound<String>, upper: Bound<String>) -> Result<(Option<Expr>, Option<Expr>), QueryError> {
    let from = match lower {
        Bound::Included(text) => Some(period(field, &text)?.0),
        Bound::Excluded(text) => Some(period(field, &text)?.1),
        Bound::Unbounded => None,
    };
    let to = match upper {
        Bound::Included(text) => Some(period(field, &text)?.1),
        Bound::Excluded(text) => Some(period(field, &text)?.0),
        Bound::Unbounded => None,
    };
    let column = || col(column.name);
    Ok((from.map(|from| column().gt_eq(instant(from))), to.map(|to| column().lt(instant(to)))))
}

fn convert(bound: Bound<String>, convert: impl Fn(&str) -> Result<Expr, QueryError>) -> Result<Bound<Expr>, QueryError> {
    Ok(match bound {
        Bound::Included(text) => Bound::Included(convert(&text)?),
        Bound::Excluded(text) => Bound::Excluded(convert(&text)?),
        Bound::Unbounded => Bound::Unbounded,
    })
}

fn at_least(column: &Column, bound: Bound<Expr>) -> Option<Expr> {
    match bound {
        Bound::Included(value) => Some(col(column.name).gt_eq(value)),
        Bound::Excluded(value) => Some(col(column.name).gt(value)),
        Bound::Unbounded => None,
    }
}

fn at_most(column: &Column, bound: Bound<Expr>) -> Option<Expr> {
    match bound {
        Bound::Included(value) => Some(col(column.name).lt_eq(value)),
        Bound::Excluded(value) => Some(col(column.name).lt(value)),
        Bound::Unbounded => None,
    }
}

fn integer(field: &str, text: &str) -> Result<i64, QueryError> {
    text.parse().map_err(|_| refused(field, &format!("must be a whole number, is {text:?}")))
}

/// What a written time covers, in microseconds UTC, the end exclusive: an instant, or the whole of a day.
fn period(field: &str, text: &str) -> Result<(i64, i64), QueryError> {
    let upper = text.to_ascii_uppercase();
    let at = DateTime::parse_from_rfc3339(&upper).map(|time| time.timestamp_micros());
    let at = at.or_else(|_| NaiveDateTime::parse_from_str(&upper, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc().timestamp_micros()));
    if let Ok(at) = at {
        return Ok((at, at.saturating_add(1)));
    }
    let day = NaiveDate::parse_from_str(&upper, "%Y-%m-%d").ok();
    let start = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    day.and_then(|day| Some((start(day), start(day.checked_add_days(Days::new(1))?))))
        .ok_or_else(|| refused(field, &format!("must be a time such as 2026-01-31T12:00:00Z or a day, is {text:?}")))
}

/// Whether no other text is the same but for case.
fn is_caseless(value: &str) -> bool {
    value.is_ascii() && fold(value) == value && !value.bytes().any(|b| b.is_ascii_lowercase())
}

fn refused(field: &str, message: &str) -> QueryError {
    QueryError::Field { field: field.to_owned(), message: message.to_owned() }
}
