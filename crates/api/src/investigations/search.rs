//! A tree of conditions over the fields of an investigation: AND, OR, NOT, and what a field is compared with.
//!
//! `{"and": […]}`, `{"or": […]}`, `{"not": {…}}`, `{"field": …, "op": …, "value": …}`. It is checked while it is read, and an error names
//! the place: `where.and[1].field`.

use crate::{Disposition, Origin, Priority, Responsibility, Status};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::str::FromStr;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::AdditionalProperties},
};

/// How deep a tree may be.
pub const MAX_DEPTH: usize = 8;
/// Conditions a tree may have.
pub const MAX_LEAVES: usize = 100;
/// Values one condition may be compared with.
pub const MAX_VALUES: usize = 1_000;
/// Characters of one value.
pub const MAX_VALUE_CHARS: usize = 500;

/// What the values of a field are.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text, compared in lower case.
    Text,
    /// A word of the vocabulary, compared as text.
    Word(fn(&str) -> Result<&'static str, String>),
    /// A priority, ordered by rank.
    Rank,
    /// A time.
    Time,
    /// A count.
    Number,
}

fn word<W: FromStr<Err = String>>(text: &str, written: fn(W) -> &'static str) -> Result<&'static str, String> {
    text.parse().map(written)
}

macro_rules! fields {
    ($($variant:ident = $name:literal $(| $alias:literal)* : $kind:expr),+ $(,)?) => {
        /// A field that can be asked about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each is the field of its name")]
        pub enum Field { $($variant),+ }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The field as written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What its values are.
            pub fn kind(self) -> Kind {
                match self { $(Self::$variant => $kind),+ }
            }
        }

        impl FromStr for Field {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                $(if text.eq_ignore_ascii_case($name) $(|| text.eq_ignore_ascii_case($alias))* { return Ok(Self::$variant); })+
                let known: Vec<_> = Self::ALL.iter().map(|field| field.as_str()).collect();
                Err(format!("`{}` is not one of {}", shown(text), known.join(", ")))
            }
        }
    };
}

fields! {
    Rrn = "rrn" | "id": Kind::Text,
    Title = "title": Kind::Text,
    Status = "status": Kind::Word(|text| word::<Status>(text, |word| word.as_str())),
    Priority = "priority": Kind::Rank,
    Disposition = "disposition": Kind::Word(|text| word::<Disposition>(text, |word| word.as_str())),
    Source = "source": Kind::Word(|text| word::<Origin>(text, |word| word.as_str())),
    Responsibility = "responsibility": Kind::Word(|text| word::<Responsibility>(text, |word| word.as_str())),
    Assignee = "assignee" | "assignee_id" | "assignee.email": Kind::Text,
    Tag = "tag" | "tags": Kind::Text,
    Customer = "customer" | "organization_id": Kind::Text,
    Region = "region": Kind::Text,
    Entity = "entity": Kind::Text,
    EntityType = "entity_type": Kind::Text,
    Hostname = "hostname" | "actor_asset_hostname": Kind::Text,
    Username = "username" | "actor_user_name": Kind::Text,
    Ip = "ip": Kind::Text,
    Rule = "rule" | "alert_rule_rrn": Kind::Text,
    RuleName = "rule_name": Kind::Text,
    Technique = "technique" | "alert_mitre_t_codes": Kind::Text,
    Comment = "comment": Kind::Text,
    Evidence = "evidence": Kind::Text,
    CreatedTime = "created_time": Kind::Time,
    UpdatedTime = "updated_time": Kind::Time,
    FirstAlertTime = "first_alert_time": Kind::Time,
    LatestAlertTime = "latest_alert_time" | "alerts_most_recent_created_time" | "alerts_most_recent_detection_created_time": Kind::Time,
    ClosedTime = "closed_time": Kind::Time,
    LastAccessedTime = "last_accessed_time" | "last_accessed": Kind::Time,
    SignalCount = "signal_count": Kind::Number,
    CommentCount = "comment_count": Kind::Number,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Is this.
    Equals,
    /// Holds this text.
    Contains,
    /// Begins with this text.
    StartsWith,
    /// Is one of these.
    In,
    /// Has a value; with `false`, has none.
    Exists,
    /// Is greater, or later.
    Gt,
    /// The same or greater.
    Gte,
    /// Is less, or earlier.
    Lt,
    /// The same or less.
    Lte,
}

impl Op {
    /// Every one.
    pub const ALL: &'static [Self] =
        &[Self::Equals, Self::Contains, Self::StartsWith, Self::In, Self::Exists, Self::Gt, Self::Gte, Self::Lt, Self::Lte];

    /// As written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::In => "in",
            Self::Exists => "exists",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
        }
    }

    fn suits(self, kind: Kind) -> bool {
        match self {
            Self::Equals | Self::In | Self::Exists => true,
            Self::Contains | Self::StartsWith => matches!(kind, Kind::Text | Kind::Word(_)),
            Self::Gt | Self::Gte | Self::Lt | Self::Lte => matches!(kind, Kind::Rank | Kind::Time | Kind::Number),
        }
    }
}

impl FromStr for Op {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known: Vec<_> = Self::ALL.iter().map(|op| op.as_str()).collect();
        let found = Self::ALL.iter().find(|op| text.eq_ignore_ascii_case(op.as_str())).copied();
        found.ok_or_else(|| format!("`{}` is not one of {}", shown(text), known.join(", ")))
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Whether there is a value.
    Presence(bool),
    /// Texts in lower case.
    Texts(Vec<String>),
    /// Counts, ranks, or times in µs.
    Numbers(Vec<i64>),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Which field.
    pub field: Field,
    /// How.
    pub op: Op,
    /// With what, as compared.
    pub operand: Operand,
    value: Value,
}

/// A tree of conditions.
#[derive(Clone, Debug, PartialEq)]
pub enum Where {
    /// All of them.
    And(Vec<Where>),
    /// Any of them.
    Or(Vec<Where>),
    /// Not this.
    Not(Box<Where>),
    /// A field and what it is compared with.
    Is(Condition),
}

/// What is wrong with a tree, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct WhereError {
    /// The place: `where.and[1].op`.
    pub place: String,
    /// A name that is not known.
    pub unknown: bool,
    /// Why.
    pub why: String,
}

impl Where {
    /// Reads a tree.
    pub fn read(value: &Value) -> Result<Self, WhereError> {
        let mut leaves = 0;
        read(value, "where", 1, &mut leaves)
    }

    /// Every condition in it.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::conditions).collect(),
            Self::Not(part) => part.conditions(),
            Self::Is(condition) => vec![condition],
        }
    }

    /// The tree as it is written.
    pub fn to_value(&self) -> Value {
        let all = |parts: &[Self]| parts.iter().map(Self::to_value).collect::<Vec<_>>();
        match self {
            Self::And(parts) => json!({"and": all(parts)}),
            Self::Or(parts) => json!({"or": all(parts)}),
            Self::Not(part) => json!({"not": part.to_value()}),
            Self::Is(one) => json!({"field": one.field.as_str(), "op": one.op.as_str(), "value": one.value}),
        }
    }
}

fn wrong(place: &str, why: impl Into<String>) -> WhereError {
    WhereError { place: place.to_owned(), unknown: false, why: why.into() }
}

fn unknown(place: &str, why: impl Into<String>) -> WhereError {
    WhereError { place: place.to_owned(), unknown: true, why: why.into() }
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

fn read(value: &Value, place: &str, depth: usize, leaves: &mut usize) -> Result<Where, WhereError> {
    let map = value.as_object().ok_or_else(|| wrong(place, "expected an object with `and`, `or`, `not` or `field`"))?;
    if depth > MAX_DEPTH {
        return Err(wrong(place, format!("deeper than {MAX_DEPTH}")));
    }
    if map.contains_key("field") {
        *leaves += 1;
        if *leaves > MAX_LEAVES {
            return Err(wrong("where", format!("more than {MAX_LEAVES} conditions")));
        }
        return condition(map, place).map(Where::Is);
    }
    let mut entries = map.iter();
    let (Some((name, inner)), None) = (entries.next(), entries.next()) else {
        return Err(wrong(place, "expected one of `and`, `or`, `not`, or `field` with `op` and `value`"));
    };
    let place = format!("{place}.{}", shown(name));
    match name.to_ascii_lowercase().as_str() {
        "and" => several(inner, &place, depth, leaves).map(Where::And),
        "or" => several(inner, &place, depth, leaves).map(Where::Or),
        "not" => read(inner, &place, depth + 1, leaves).map(|part| Where::Not(Box::new(part))),
        _ => Err(unknown(&place, format!("`{}` is not one of and, or, not, field", shown(name)))),
    }
}

fn several(value: &Value, place: &str, depth: usize, leaves: &mut usize) -> Result<Vec<Where>, WhereError> {
    let parts = value.as_array().filter(|parts| !parts.is_empty()).ok_or_else(|| wrong(place, "expected a list that is not empty"))?;
    parts.iter().enumerate().map(|(at, part)| read(part, &format!("{place}[{at}]"), depth + 1, leaves)).collect()
}

fn condition(map: &Map<String, Value>, place: &str) -> Result<Condition, WhereError> {
    if let Some(other) = map.keys().find(|key| !matches!(key.as_str(), "field" | "op" | "operator" | "value")) {
        return Err(unknown(&format!("{place}.{}", shown(other)), "expected field, op and value"));
    }
    let text = |key: &str| map.get(key).map(|value| value.as_str().ok_or_else(|| wrong(&format!("{place}.{key}"), "expected text"))).transpose();
    let field = text("field")?.unwrap_or_default();
    let field = field.parse::<Field>().map_err(|why| unknown(&format!("{place}.field"), why))?;
    let op = match (text("op")?, text("operator")?) {
        (Some(_), Some(_)) => return Err(wrong(&format!("{place}.op"), "given twice, as op and as operator")),
        (Some(op), None) | (None, Some(op)) => op.parse::<Op>().map_err(|why| unknown(&format!("{place}.op"), why))?,
        (None, None) => Op::Equals,
    };
    if !op.suits(field.kind()) {
        return Err(wrong(&format!("{place}.op"), format!("`{}` does not go with {}", op.as_str(), field.as_str())));
    }
    let value = map.get("value").cloned().unwrap_or(if op == Op::Exists { Value::Bool(true) } else { Value::Null });
    let operand = operand(field, op, &value).map_err(|why| wrong(&format!("{place}.value"), why))?;
    Ok(Condition { field, op, operand, value })
}

fn operand(field: Field, op: Op, value: &Value) -> Result<Operand, String> {
    if op == Op::Exists {
        return value.as_bool().map(Operand::Presence).ok_or_else(|| "expected true or false".into());
    }
    let values: Vec<&Value> = match (op, value) {
        (Op::In, Value::Array(values)) => values.iter().collect(),
        (Op::In, _) => return Err("expected a list".into()),
        (_, value) => vec![value],
    };
    if values.len() > MAX_VALUES {
        return Err(format!("more than {MAX_VALUES}"));
    }
    let whole = matches!(op, Op::Equals | Op::In);
    match field.kind() {
        Kind::Text => values.into_iter().map(lower).collect::<Result<_, _>>().map(Operand::Texts),
        Kind::Word(read) if whole => {
            let read = |value: &Value| lower(value).and_then(|text| read(&text)).map(str::to_lowercase);
            values.into_iter().map(read).collect::<Result<_, _>>().map(Operand::Texts)
        }
        Kind::Word(_) => values.into_iter().map(lower).collect::<Result<_, _>>().map(Operand::Texts),
        Kind::Rank => {
            let rank = |value: &Value| lower(value).and_then(|text| text.parse::<Priority>()).map(|word| word as i64);
            values.into_iter().map(rank).collect::<Result<_, _>>().map(Operand::Numbers)
        }
        Kind::Time => values.into_iter().map(time).collect::<Result<_, _>>().map(Operand::Numbers),
        Kind::Number => {
            let number = |value: &Value| value.as_i64().ok_or_else(|| "expected a whole number".to_owned());
            values.into_iter().map(number).collect::<Result<_, _>>().map(Operand::Numbers)
        }
    }
}

fn lower(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("expected text")?;
    if text.is_empty() || text.chars().count() > MAX_VALUE_CHARS {
        return Err(format!("expected 1 to {MAX_VALUE_CHARS} characters"));
    }
    Ok(text.to_lowercase())
}

fn time(value: &Value) -> Result<i64, String> {
    let time = value.as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok());
    time.map(|time| time.timestamp_micros()).ok_or_else(|| "expected a time: 2026-01-31T12:00:00Z".into())
}

impl Serialize for Where {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Where {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Where {
    fn schema() -> RefOr<Schema> {
        let names = |names: Vec<&str>| names.join(", ");
        let about = format!(
            "A tree of conditions: {{\"and\": […]}}, {{\"or\": […]}}, {{\"not\": {{…}}}}, {{\"field\": …, \"op\": …, \"value\": …}}; at most {MAX_DEPTH} deep, \
             {MAX_LEAVES} conditions. `op` is equals unless given: {}. Text is compared in any case; `in` takes a list, `exists` true or false; gt, gte, lt \
             and lte go with times, counts and priorities. Fields: {}.",
            names(Op::ALL.iter().map(|op| op.as_str()).collect()),
            names(Field::ALL.iter().map(|field| field.as_str()).collect())
        );
        let example =
            json!({"and": [{"field": "priority", "op": "gte", "value": "HIGH"}, {"not": {"field": "tag", "op": "in", "value": ["noise", "test"]}}]});
        ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(true))).description(Some(about)).examples([example]).into()
    }
}

impl ToSchema for Where {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(value: Value) -> WhereError {
        Where::read(&value).unwrap_err()
    }

    #[test]
    fn a_tree_is_read_with_names_of_others_in_any_case_and_written_in_ours() {
        let tree = json!({"AND": [
            {"field": "actor_asset_hostname", "operator": "CONTAINS", "value": "SRV"},
            {"or": [{"field": "status", "value": "new"}, {"field": "priority", "op": "gte", "value": "high"}]},
            {"not": {"field": "closed_time", "op": "exists"}},
            {"field": "created_time", "op": "lt", "value": "2026-01-01T00:00:00Z"},
        ]});
        let read = Where::read(&tree).unwrap();
        let fields: Vec<_> = read.conditions().iter().map(|one| (one.field.as_str(), one.op.as_str(), one.operand.clone())).collect();
        assert_eq!(
            fields,
            [
                ("hostname", "contains", Operand::Texts(vec!["srv".into()])),
                ("status", "equals", Operand::Texts(vec!["open".into()])),
                ("priority", "gte", Operand::Numbers(vec![3])),
                ("closed_time", "exists", Operand::Presence(true)),
                ("created_time", "lt", Operand::Numbers(vec![1_767_225_600_000_000])),
            ]
        );
        assert_eq!(Where::read(&read.to_value()).unwrap(), read);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let one =
            |field: &str, op: &str, value: Value| json!({"and": [{"field": "title", "value": "x"}, {"field": field, "op": op, "value": value}]});
        for (tree, place, is_unknown) in [
            (one("colour", "equals", json!("x")), "where.and[1].field", true),
            (one("title", "like", json!("x")), "where.and[1].op", true),
            (one("title", "gt", json!("x")), "where.and[1].op", false),
            (one("status", "equals", json!("opne")), "where.and[1].value", false),
            (one("signal_count", "gt", json!("5")), "where.and[1].value", false),
            (one("created_time", "gt", json!("yesterday")), "where.and[1].value", false),
            (one("title", "in", json!("x")), "where.and[1].value", false),
            (json!({"nand": []}), "where.nand", true),
            (json!({"and": []}), "where.and", false),
            (json!({"field": "title", "value": "x", "case": true}), "where.case", true),
            (json!({}), "where", false),
            (json!("x"), "where", false),
        ] {
            let error = refused(tree.clone());
            assert_eq!((error.place.as_str(), error.unknown), (place, is_unknown), "{tree} {error}");
        }
    }

    #[test]
    fn a_tree_is_bounded() {
        let leaf = json!({"field": "title", "value": "x"});
        let deep = |n: usize| (0..n).fold(leaf.clone(), |inner, _| json!({"not": inner}));
        assert!(Where::read(&deep(MAX_DEPTH - 1)).is_ok());
        assert!(refused(deep(MAX_DEPTH)).why.contains("deeper"));
        assert!(Where::read(&json!({"or": vec![leaf.clone(); MAX_LEAVES]})).is_ok());
        assert!(refused(json!({"or": vec![leaf.clone(); MAX_LEAVES + 1]})).why.contains("more than"));
        assert!(Where::read(&json!({"field": "title", "value": "x".repeat(MAX_VALUE_CHARS + 1)})).is_err());
    }
}
