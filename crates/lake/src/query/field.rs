//! `field:value` on a column of its own, where statistics and blooms can help, or on a field inside the JSON columns.

use std::ops::Bound;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime};
use datafusion::logical_expr::Expr;
use datafusion::prelude::{col, lit};
use ipnet::IpNet;

use super::condition::Part;
use super::udf;
use crate::column::{self, Column, Kind};
use crate::index::{Need, name, term};
use crate::matching::{JsonField, Pattern, Range, Test, fold, phrase, value};
use crate::search::{instant, text};

/// A value a field cannot be compared with, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) value: String,
    pub(super) message: String,
}

/// The field's value matches the pattern.
pub(super) fn matches(field: &str, pattern: Pattern) -> Result<Part, Refused> {
    let column = column::named(field);
    let network = pattern.as_exact().filter(|text| text.contains('/')).map(|text| (text.parse::<IpNet>(), text.to_owned()));
    let test = match network {
        Some((Ok(network), _)) => Test::Network(network, pattern),
        Some((Err(_), text)) if column.is_some_and(|column| column.kind == Kind::Ip) => {
            return Err(refused(&text, "must be an address or a network such as 10.0.0.0/8"));
        }
        _ => Test::Pattern(pattern),
    };
    let need = match &test {
        Test::Pattern(pattern) => value(pattern),
        _ => Need::Nothing,
    };
    let Some(column) = column else {
        return Ok(Part::new(udf::json(JsonField::new(field, test)), Need::all([Need::Term(name(field)), need])));
    };
    let known = |need: Need| if column.is_indexed() { need } else { Need::Nothing };
    match (column.kind, test) {
        (Kind::Int, test) => number(column, &test),
        (Kind::Time, test) => time(column, &test),
        (Kind::Prose, Test::Pattern(pattern)) => {
            let pattern = pattern.anywhere();
            let need = phrase(&pattern);
            Ok(Part::new(prose(column, Test::Pattern(pattern)), need))
        }
        (Kind::Prose, test) => Ok(Part::new(prose(column, test), Need::Nothing)),
        (Kind::Ip, Test::Pattern(pattern)) => Ok(match pattern.as_exact().map(column::canonical_ip) {
            Some(address) => Part::new(col(column.name).eq(text(&address)), term(&address).map_or(Need::Nothing, Need::Term)),
            None => Part::new(udf::text(column.name, Test::Pattern(pattern)), need),
        }),
        (Kind::Text, Test::Pattern(pattern)) if pattern.as_exact().is_some_and(is_caseless) => {
            let exact = pattern.as_exact().unwrap_or_default();
            Ok(Part::new(col(column.name).eq(text(exact)), known(need)))
        }
        (Kind::Text | Kind::Ip, test) => Ok(Part::new(udf::text(column.name, test), known(need))),
    }
}

/// A test of a column that is searched for words.
fn prose(column: &Column, test: Test) -> Expr {
    if column.name == "message" { udf::message(test) } else { udf::text(column.name, test) }
}

/// The field has a value.
pub(super) fn exists(field: &str) -> Part {
    match column::named(field) {
        // Every row has a message, wherever it is kept.
        Some(column) if column.name == "message" => Part::default(),
        Some(column) => Part::new(col(column.name).is_not_null(), Need::Nothing),
        None => Part::new(udf::json(JsonField::new(field, Test::Exists)), Need::Term(name(field))),
    }
}

/// The field's value lies between two bounds.
pub(super) fn between(field: &str, lower: Bound<String>, upper: Bound<String>) -> Result<Part, Refused> {
    let Some(column) = column::named(field) else {
        let condition = udf::json(JsonField::new(field, Test::Range(Range::new(lower, upper))));
        return Ok(Part::new(condition, Need::Term(name(field))));
    };
    let (from, to) = match column.kind {
        Kind::Prose => return Ok(Part::new(prose(column, Test::Range(Range::new(lower, upper))), Need::Nothing)),
        Kind::Text | Kind::Ip => return Ok(Part::new(udf::text(column.name, Test::Range(Range::new(lower, upper))), Need::Nothing)),
        Kind::Int => {
            let value = |bound: Bound<String>| convert(bound, |text| integer(text).map(lit));
            (at_least(column, value(lower)?), at_most(column, value(upper)?))
        }
        Kind::Time => time_bounds(column, lower, upper)?,
    };
    let condition = [from, to].into_iter().flatten().reduce(Expr::and).unwrap_or_else(|| col(column.name).is_not_null());
    Ok(Part::new(condition, Need::Nothing))
}

/// The text of a test for exactly one value.
fn exact<'a>(test: &'a Test, what: &str) -> Result<&'a str, Refused> {
    match test {
        Test::Pattern(pattern) => pattern.as_exact().ok_or_else(|| refused("", &format!("is {what}; it has no wildcards, but ranges"))),
        _ => Err(refused("/", &format!("is {what}, not an address"))),
    }
}

fn number(column: &Column, test: &Test) -> Result<Part, Refused> {
    let number = integer(exact(test, "a number")?)?;
    let need = term(&number.to_string()).filter(|_| column.is_indexed()).map_or(Need::Nothing, Need::Term);
    Ok(Part::new(col(column.name).eq(lit(number)), need))
}

fn time(column: &Column, test: &Test) -> Result<Part, Refused> {
    let (start, end) = period(exact(test, "a time")?)?;
    Ok(Part::new(col(column.name).gt_eq(instant(start)).and(col(column.name).lt(instant(end))), Need::Nothing))
}

/// A bound that is a date stands for the whole day.
fn time_bounds(column: &Column, lower: Bound<String>, upper: Bound<String>) -> Result<(Option<Expr>, Option<Expr>), Refused> {
    let from = match lower {
        Bound::Included(text) => Some(period(&text)?.0),
        Bound::Excluded(text) => Some(period(&text)?.1),
        Bound::Unbounded => None,
    };
    let to = match upper {
        Bound::Included(text) => Some(period(&text)?.1),
        Bound::Excluded(text) => Some(period(&text)?.0),
        Bound::Unbounded => None,
    };
    let column = || col(column.name);
    Ok((from.map(|from| column().gt_eq(instant(from))), to.map(|to| column().lt(instant(to)))))
}

fn convert(bound: Bound<String>, convert: impl Fn(&str) -> Result<Expr, Refused>) -> Result<Bound<Expr>, Refused> {
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

fn integer(text: &str) -> Result<i64, Refused> {
    text.parse().map_err(|_| refused(text, &format!("must be a whole number, is {text:?}")))
}

/// What a written time covers, in microseconds UTC, the end exclusive: an instant, or the whole of a day.
fn period(text: &str) -> Result<(i64, i64), Refused> {
    let upper = text.to_ascii_uppercase();
    let at = DateTime::parse_from_rfc3339(&upper).map(|time| time.timestamp_micros());
    let at = at.or_else(|_| NaiveDateTime::parse_from_str(&upper, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc().timestamp_micros()));
    if let Ok(at) = at {
        return Ok((at, at.saturating_add(1)));
    }
    let day = NaiveDate::parse_from_str(&upper, "%Y-%m-%d").ok();
    let start = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    day.and_then(|day| Some((start(day), start(day.checked_add_days(Days::new(1))?))))
        .ok_or_else(|| refused(text, &format!("must be a time such as 2026-01-31T12:00:00Z or a day, is {text:?}")))
}

/// Whether no other text is the same but for case.
fn is_caseless(value: &str) -> bool {
    value.is_ascii() && fold(value) == value && !value.bytes().any(|b| b.is_ascii_lowercase())
}

fn refused(value: &str, message: &str) -> Refused {
    Refused { value: value.to_owned(), message: message.to_owned() }
}
