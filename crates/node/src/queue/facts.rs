//! What stands outside of an investigation's row, as the ids of the investigations it holds for: entities, rules and techniques of signals,
//! comments, evidence. SQL narrows down where it can without passing anything over; Rust decides, so that case is folded alike everywhere.

use super::eval::{entity_kind, text};
use bailiwick_api::{Condition, Field, Op, Operand};
use bailiwick_chassis::{Refusal, sql::Db};
use futures_util::TryStreamExt;
use sqlx::{Any, QueryBuilder, Row};
use std::collections::HashSet;

/// A set for each condition.
pub(crate) async fn sets(db: &Db, conditions: &[&Condition]) -> Result<Vec<HashSet<String>>, Refusal> {
    let mut sets = Vec::with_capacity(conditions.len());
    for one in conditions {
        sets.push(set(db, one).await?);
    }
    Ok(sets)
}

/// Ids of the investigations one condition holds for; of those that have something when it asks for an absence.
async fn set(db: &Db, one: &Condition) -> Result<HashSet<String>, Refusal> {
    let mut query = select(one);
    let mut rows = query.build().fetch(db.pool());
    let mut found = HashSet::new();
    let mut last: Option<(String, bool)> = None;
    while let Some(row) = rows.try_next().await? {
        let value: String = row.try_get("value")?;
        // Values repeat from row to row: each is decided once in a row.
        let holds = match &last {
            Some((known, holds)) if *known == value => *holds,
            _ => decide(one, &value),
        };
        if holds {
            found.insert(row.try_get("id")?);
        }
        last = Some((value, holds));
    }
    Ok(found)
}

pub(super) fn decide(one: &Condition, value: &str) -> bool {
    if matches!(one.operand, Operand::Presence(_)) {
        return one.field != Field::Technique || techniques(value).next().is_some();
    }
    match one.field {
        Field::Technique => text(one, techniques(value)),
        _ => text(one, std::iter::once(value)),
    }
}

/// ATT&CK ids among the tags of a rule, as JSON: `attack.t1110.003` is `t1110.003`.
fn techniques(tags: &str) -> impl Iterator<Item = &str> {
    tags.split('"').filter_map(|tag| tag.strip_prefix("attack.")).filter(|id| {
        let mut bytes = id.bytes();
        matches!(bytes.next(), Some(b't' | b'T')) && bytes.next().is_some_and(|byte| byte.is_ascii_digit())
    })
}

fn select(one: &Condition) -> QueryBuilder<Any> {
    let signals = |column: &str| {
        let mut query = QueryBuilder::new(format!("select investigation as id, {column} as value from signal where investigation is not null"));
        narrow(&mut query, one, column);
        query
    };
    let mut query = match one.field {
        Field::Rule => signals("rule"),
        Field::RuleName => signals("name"),
        Field::Technique => {
            return QueryBuilder::new(
                "select distinct investigation as id, tags as value from signal where investigation is not null order by value",
            );
        }
        Field::Comment => {
            let mut query = QueryBuilder::new("select investigation as id, body as value from comment where 1 = 1");
            narrow(&mut query, one, "body");
            query
        }
        Field::Evidence => {
            // What is contained may stand anywhere in it; what is named is the event.
            let anywhere = one.op == Op::Contains;
            let value = if anywhere { "event || ' ' || coalesce(note, '') || ' ' || body" } else { "event" };
            return QueryBuilder::new(format!("select investigation as id, {value} as value from evidence"));
        }
        _ => {
            let mut query = signals("entity_value");
            query.push(" and entity_type = ").push_bind(entity_kind(one.field).unwrap_or_default());
            query
        }
    };
    query.push(" group by investigation, value order by value");
    query
}

/// Leaves out what cannot match, where the text asked for is ASCII. `k` and `i` stand for any letter: other letters turn into them in lower case.
fn narrow(query: &mut QueryBuilder<Any>, one: &Condition, column: &str) {
    let Operand::Texts(texts) = &one.operand else { return };
    if texts.is_empty() {
        query.push(" and 1 = 0");
        return;
    }
    if !texts.iter().all(|text| text.is_ascii()) || texts.len() > 50 {
        return;
    }
    for (at, text) in texts.iter().enumerate() {
        let mut pattern = String::new();
        for c in text.chars() {
            match c {
                'i' | 'k' => pattern.push('_'),
                '%' | '_' | '\\' => pattern.extend(['\\', c]),
                c => pattern.push(c),
            }
        }
        let pattern = match one.op {
            Op::Contains => format!("%{pattern}%"),
            Op::StartsWith => format!("{pattern}%"),
            _ => pattern,
        };
        query.push(if at == 0 { " and (" } else { " or " }).push(column).push(" like ").push_bind(pattern).push(" escape '\\'");
    }
    query.push(")");
}
