//! Which lines are wanted, and which of them may be shown.

use super::store;
use crate::{Refusal, sql::Db};
use bailiwick_api::AuditModule;
use chrono::{DateTime, Utc};

/// Lines of a page when none are asked for.
const LIMIT: u32 = 200;
/// Lines a page may have.
const MAX_LIMIT: u32 = 500;
/// Characters a word to look for may have.
const MAX_CHARS: usize = 320;

/// Whose lines may be shown. There is no way to say everybody's but to say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Every line there is.
    Everybody,
    /// Lines on these.
    Only(Vec<String>),
    /// Lines on nobody: what the server's owner does for itself.
    Nobody,
}

/// What a person looks for; criteria are ANDed, words are compared as they are written in the lines.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// Who.
    pub actor: Option<String>,
    /// Part of the product.
    pub module: Option<AuditModule>,
    /// What.
    pub verb: Option<String>,
    /// On whom or what.
    pub subject: Option<String>,
    /// `ok`, a code, or `refused` for everything but `ok`.
    pub outcome: Option<String>,
    /// Start, included.
    pub from: Option<DateTime<Utc>>,
    /// End, excluded.
    pub to: Option<DateTime<Utc>>,
}

/// One condition's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
}

/// Conditions on lines, checked, with whose may be shown among them.
#[derive(Clone, Debug)]
pub struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    /// Checks what a person looks for; a word that cannot be meant is refused by name.
    pub async fn new(db: &Db, whom: &Whom, wanted: &Criteria) -> Result<Self, Refusal> {
        let mut filter = Self { conditions: vec!["1 = 1".to_owned()], values: Vec::new() };
        match whom {
            Whom::Everybody => {}
            Whom::Only(ids) => filter.one_of("a.customer_id", ids),
            Whom::Nobody => filter.conditions.push("a.customer_id is null".to_owned()),
        }
        for (field, text) in [("actor", &wanted.actor), ("verb", &wanted.verb), ("subject", &wanted.subject), ("outcome", &wanted.outcome)] {
            let Some(text) = text else { continue };
            if !(1..=MAX_CHARS).contains(&text.chars().count()) {
                return Err(Refusal::invalid("INVALID_INPUT", field, format!("query: {field}: 1 to {MAX_CHARS} characters")));
            }
            match (field, text.as_str()) {
                ("outcome", "refused") => filter.compare("a.outcome <> ", Value::Text("ok".to_owned())),
                _ => filter.compare(&format!("a.{field} = "), Value::Text(text.clone())),
            }
        }
        if let Some(module) = wanted.module {
            let verbs = store::verbs(db).await?;
            filter.one_of("a.verb", &verbs.into_iter().filter(|verb| AuditModule::of(verb) == module).collect::<Vec<_>>());
        }
        if wanted.from.zip(wanted.to).is_some_and(|(from, to)| from >= to) {
            return Err(Refusal::invalid("INVALID_INPUT", "to", "query: to: not after from"));
        }
        for (condition, time) in [("a.time >= ", wanted.from), ("a.time < ", wanted.to)] {
            if let Some(time) = time {
                filter.compare(condition, Value::Number(time.timestamp_micros()));
            }
        }
        Ok(filter)
    }

    pub(super) fn compare(&mut self, condition: &str, value: Value) {
        self.values.push(value);
        self.conditions.push(format!("{condition}${}", self.values.len()));
    }

    /// None of no words is wanted: an empty list matches nothing.
    fn one_of(&mut self, column: &str, words: &[String]) {
        if words.is_empty() {
            return self.conditions.push("1 = 0".to_owned());
        }
        let first = self.values.len() + 1;
        let places: Vec<_> = (first..first + words.len()).map(|place| format!("${place}")).collect();
        self.values.extend(words.iter().cloned().map(Value::Text));
        self.conditions.push(format!("{column} in ({})", places.join(", ")));
    }

    pub(super) fn parts(&self) -> (String, &[Value]) {
        (self.conditions.join(" and "), &self.values)
    }
}

/// How many lines a page may have of those asked for.
pub fn limit(asked: Option<u32>) -> Result<u32, Refusal> {
    let limit = asked.unwrap_or(LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(Refusal::invalid("INVALID_INPUT", "limit", format!("query: limit: 1 to {MAX_LIMIT}")))
}
