//! Flat, sorted fields: what rules look up and what the lake stores.
//!
//! An event is parsed from JSON straight into this shape: one sorted vector costs less than a tree of maps, and a rule that
//! probes a field does a binary search over it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Number};

/// The value of one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Str(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Null,
    /// An array or an object that stays nested.
    Json(serde_json::Value),
}

impl Value {
    /// The text of a string field, `None` for every other type.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The integer of an integer field, `None` for every other type.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// A scalar as text (`4625` and `"4625"` both give `4625`), `None` for null and for nested values.
    pub fn to_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Str(text) => Some(Cow::Borrowed(text)),
            Self::Int(number) => Some(Cow::Owned(number.to_string())),
            Self::Float(number) => Some(Cow::Owned(number.to_string())),
            Self::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
            Self::Null | Self::Json(_) => None,
        }
    }

    /// This value as JSON. A float JSON cannot write (infinite, not a number) becomes null.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Str(text) => serde_json::Value::String(text.clone()),
            Self::Int(number) => (*number).into(),
            Self::Float(number) => Number::from_f64(*number).map_or(serde_json::Value::Null, serde_json::Value::Number),
            Self::Bool(flag) => (*flag).into(),
            Self::Null => serde_json::Value::Null,
            Self::Json(nested) => nested.clone(),
        }
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Bool(flag),
            serde_json::Value::Number(number) => number.as_i64().map_or_else(|| Self::Float(number.as_f64().unwrap_or(0.0)), Self::Int),
            serde_json::Value::String(text) => Self::Str(text),
            nested => Self::Json(nested),
        }
    }
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Str(text) => Self::String(text),
            Value::Json(nested) => nested,
            scalar => scalar.to_json(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Str(text) => serializer.serialize_str(text),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Null => serializer.serialize_unit(),
            Self::Json(nested) => nested.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Str(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Str(text))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Json(serde_json::Value::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
            object.insert(name, value);
        }
        Ok(Value::Json(serde_json::Value::Object(object)))
    }
}

/// Flat fields sorted by name, each name once. Serialises as a JSON object.
#[derive(Clone, Default, PartialEq)]
pub struct Fields(Vec<Entry>);

#[derive(Clone, PartialEq)]
struct Entry {
    /// The first eight bytes of the name: they decide most comparisons.
    prefix: u64,
    name: Box<str>,
    value: Value,
}

impl Entry {
    fn new(name: Box<str>, value: Value) -> Self {
        Self { prefix: prefix(&name), name, value }
    }

    fn order(&self, prefix: u64, name: &str) -> Ordering {
        self.prefix.cmp(&prefix).then_with(|| (*self.name).cmp(name))
    }
}

/// The first eight bytes as a number that compares as they do.
fn prefix(name: &str) -> u64 {
    let bytes = name.as_bytes();
    match bytes.first_chunk::<8>() {
        Some(first) => u64::from_be_bytes(*first),
        None => bytes.iter().enumerate().fold(0, |sum, (at, byte)| sum | u64::from(*byte) << (56 - 8 * at)),
    }
}

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Fields from pairs in any order; of a repeated name the last value stays, as JSON objects have it.
    pub fn from_pairs(pairs: Vec<(Box<str>, Value)>) -> Self {
        Self::from_entries(pairs.into_iter().map(|(name, value)| Entry::new(name, value)).collect())
    }

    fn from_entries(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.order(b.prefix, &b.name));
        entries.dedup_by(|later, kept| {
            let same = later.name == kept.name;
            if same {
                std::mem::swap(&mut later.value, &mut kept.value);
            }
            same
        });
        Self(entries)
    }

    /// Fields from a JSON object: scalars become scalars, arrays and objects stay nested under their name.
    pub fn from_json(object: Map<String, serde_json::Value>) -> Self {
        Self::from_pairs(object.into_iter().map(|(name, value)| (name.into_boxed_str(), value.into())).collect())
    }

    /// The fields as a JSON object.
    pub fn to_json(&self) -> Map<String, serde_json::Value> {
        self.iter().map(|(name, value)| (name.to_owned(), value.to_json())).collect()
    }

    /// The fields as the text of a JSON object.
    pub fn to_json_text(&self) -> String {
        serde_json::to_string(self).expect("names are text, and every value can be written")
    }

    /// The field of exactly this name (names are case-sensitive).
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name).ok().map(|at| &self.0[at].value)
    }

    /// The text of a string field.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Whether a field of this name is present, null included.
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Adds a field or replaces it; gives the value it replaced.
    pub fn insert(&mut self, name: impl Into<Box<str>>, value: impl Into<Value>) -> Option<Value> {
        let name = name.into();
        match self.position(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].value, value.into())),
            Err(at) => {
                self.0.insert(at, Entry::new(name, value.into()));
                None
            }
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.position(name).ok().map(|at| self.0.remove(at).value)
    }

    /// All fields in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|entry| (entry.name.as_ref(), &entry.value))
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields by value, in the order of their names.
    pub fn into_pairs(self) -> impl ExactSizeIterator<Item = (Box<str>, Value)> {
        self.0.into_iter().map(|entry| (entry.name, entry.value))
    }

    /// Finds each of the names in one pass over both lists; `found` gets the place in `names` and the value.
    pub(crate) fn join<'a>(&'a self, names: &[SortedName], mut found: impl FnMut(usize, &'a Value)) {
        let mut left = self.0.iter().peekable();
        for (place, wanted) in names.iter().enumerate() {
            while left.next_if(|entry| entry.order(wanted.prefix, &wanted.name) == Ordering::Less).is_some() {}
            match left.peek() {
                Some(entry) if entry.order(wanted.prefix, &wanted.name) == Ordering::Equal => found(place, &entry.value),
                Some(_) => {}
                None => return,
            }
        }
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        let prefix = prefix(name);
        self.0.binary_search_by(|entry| entry.order(prefix, name))
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// A name to be looked up with others at once, by [`Fields::join`]; sorts as fields do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SortedName {
    prefix: u64,
    name: Box<str>,
}

impl SortedName {
    pub(crate) fn new(name: &str) -> Self {
        Self { prefix: prefix(name), name: name.into() }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut entries = Vec::with_capacity(32);
        while let Some((name, value)) = map.next_entry::<Box<str>, Value>()? {
            entries.push(Entry::new(name, value));
        }
        Ok(Fields::from_entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        serde_json::from_str(json).expect("valid JSON")
    }

    #[test]
    fn a_field_is_found_by_its_exact_name_only() {
        let f = fields(r#"{"b":1,"a":"x","B":null}"#);
        assert_eq!(f.get("a"), Some(&Value::Str("x".into())));
        assert_eq!(f.get("b"), Some(&Value::Int(1)));
        assert_eq!(f.get("B"), Some(&Value::Null));
        assert_eq!(f.get("A"), None);
        assert_eq!(f.iter().map(|(n, _)| n).collect::<Vec<_>>(), ["B", "a", "b"]);
    }

    #[test]
    fn of_a_repeated_name_the_last_value_stays() {
        assert_eq!(fields(r#"{"a":1,"b":2,"a":3,"a":4}"#).to_json(), serde_json::json!({"a":4,"b":2}).as_object().cloned().expect("object"));
    }

    #[test]
    fn numbers_stay_numbers_and_nested_values_stay_nested() {
        let f = fields(r#"{"big":18446744073709551615,"neg":-3,"f":1.5,"o":{"x":[1,{}]},"t":true}"#);
        assert_eq!(f.get("big"), Some(&Value::Float(18_446_744_073_709_551_615.0)));
        assert_eq!(f.get("neg"), Some(&Value::Int(-3)));
        assert_eq!(f.get("o"), Some(&Value::Json(serde_json::json!({"x":[1,{}]}))));
        let again: Fields = serde_json::from_str(&serde_json::to_string(&f).expect("serialises")).expect("an object");
        assert_eq!(again, f);
    }

    #[test]
    fn insert_keeps_the_order_and_gives_what_it_replaced() {
        let mut f = Fields::new();
        assert_eq!(f.insert("m", 1_i64), None);
        assert_eq!(f.insert("a", "x"), None);
        assert_eq!(f.insert("m", true), Some(Value::Int(1)));
        assert_eq!(f.iter().map(|(n, _)| n).collect::<Vec<_>>(), ["a", "m"]);
        assert_eq!(f.remove("a"), Some(Value::Str("x".into())));
        assert_eq!(f.len(), 1);
    }

    proptest::proptest! {
        /// Names that share their first bytes, are shorter than a prefix or hold a zero byte are found as in a map.
        #[test]
        fn fields_are_a_sorted_map(pairs in proptest::collection::vec(("[ab\u{0}\u{e9}]{0,12}", 0..100_i64), 0..40)) {
            let map: std::collections::BTreeMap<String, i64> = pairs.iter().cloned().collect();
            let f = Fields::from_pairs(pairs.iter().map(|(name, value)| (name.as_str().into(), Value::Int(*value))).collect());
            let seen: Vec<(String, Option<i64>)> = f.iter().map(|(name, value)| (name.to_owned(), value.as_i64())).collect();
            proptest::prop_assert_eq!(seen, map.iter().map(|(name, value)| (name.clone(), Some(*value))).collect::<Vec<_>>());
            let mut names: Vec<SortedName> = map.keys().map(|name| SortedName::new(name)).collect();
            names.push(SortedName::new("b\u{0}no"));
            names.sort();
            names.dedup();
            let mut joined = 0;
            f.join(&names, |at, value| {
                assert_eq!(map.get(&*names[at].name).copied(), value.as_i64());
                joined += 1;
            });
            proptest::prop_assert_eq!(joined, map.len());
            for name in map.keys() {
                proptest::prop_assert_eq!(f.get(name).and_then(Value::as_i64), map.get(name).copied());
            }
        }
    }
}
