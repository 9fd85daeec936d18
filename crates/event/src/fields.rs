//! Flat, sorted fields: what rules look up and what the lake stores.
//!
//! An event is parsed from JSON straight into this shape. All text of an event, names and values, lies in one buffer, and one sorted
//! vector says what is where: a record of thirty fields costs two allocations instead of sixty, and a rule that probes a field does a
//! binary search over the first eight bytes of its name.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde_json::{Map, Value as Json};

use crate::dictionary::{DICTIONARY, Field};
use crate::value::{Value, ValueRef};

/// A piece of the text of [`Fields`], in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, Debug)]
enum Name {
    /// A place in the dictionary.
    Known(u16),
    Own(Span),
}

#[derive(Clone, Debug)]
pub(crate) enum Slot {
    Str(Span),
    Int(i64),
    Float(f64),
    Bool(bool),
    Null,
    Json(Box<Json>),
}

#[derive(Clone, Debug)]
struct Entry {
    /// The first eight bytes of the name: they decide most comparisons.
    prefix: u64,
    name: Name,
    value: Slot,
}

/// Flat fields sorted by name, each name once. Serialises as a JSON object.
#[derive(Clone, Default)]
pub struct Fields {
    text: String,
    entries: Vec<Entry>,
}

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// No fields yet, with room for this many and their text in bytes.
    pub(crate) fn with_capacity(fields: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), entries: Vec::with_capacity(fields) }
    }

    /// Fields from pairs in any order; of a repeated name the last value stays, as JSON objects have it.
    pub fn from_pairs(pairs: Vec<(Box<str>, Value)>) -> Self {
        let mut fields = Self::with_capacity(pairs.len(), pairs.iter().map(|(name, value)| name.len() + value.as_str().map_or(0, str::len)).sum());
        for (name, value) in pairs {
            fields.push(&name, value);
        }
        fields.settle();
        fields
    }

    /// Fields from a JSON object: scalars become scalars, arrays and objects stay nested under their name.
    pub fn from_json(object: Map<String, Json>) -> Self {
        let mut fields = Self::with_capacity(object.len(), 0);
        for (name, value) in object {
            fields.push(&name, value);
        }
        fields.settle();
        fields
    }

    /// The fields as a JSON object.
    pub fn to_json(&self) -> Map<String, Json> {
        self.iter().map(|(name, value)| (name.to_owned(), value.to_json())).collect()
    }

    /// The fields as the text of a JSON object.
    pub fn to_json_text(&self) -> String {
        // Quotes, separators and a few escapes beside the text itself.
        let mut out = Vec::with_capacity(self.text.len() + self.text.len() / 16 + self.entries.len() * 24 + 2);
        out.push(b'{');
        for (name, value) in self.iter() {
            if out.len() > 1 {
                out.push(b',');
            }
            write_text(&mut out, name);
            out.push(b':');
            match value {
                ValueRef::Str(text) => write_text(&mut out, text),
                other => serde_json::to_writer(&mut out, &other).expect("every value can be written"),
            }
        }
        out.push(b'}');
        String::from_utf8(out).expect("JSON is text")
    }

    /// The field of exactly this name (names are case-sensitive).
    pub fn get(&self, name: &str) -> Option<ValueRef<'_>> {
        self.position(name).ok().map(|at| self.value(&self.entries[at].value))
    }

    /// The text of a string field.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(ValueRef::as_str)
    }

    /// Whether a field of this name is present, null included.
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Adds a field or replaces it.
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        let slot = self.slot(value.into());
        match self.position(name) {
            Ok(at) => self.entries[at].value = slot,
            Err(at) => {
                let entry = Entry { prefix: prefix(name), name: self.name_of(name), value: slot };
                self.entries.insert(at, entry);
            }
        }
    }

    /// Adds the fields whose names are not here yet, in one pass.
    pub(crate) fn add_absent<'a>(&mut self, more: impl Iterator<Item = (&'a str, ValueRef<'a>)>) {
        let here = self.entries.len();
        for (name, value) in more {
            if self.place(here, name).is_err() {
                self.push(name, value.to_value());
            }
        }
        self.settle();
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let entry = self.position(name).ok().map(|at| self.entries.remove(at))?;
        Some(match entry.value {
            Slot::Json(nested) => Value::Json(*nested),
            other => self.value(&other).to_value(),
        })
    }

    /// All fields in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, ValueRef<'_>)> {
        self.entries.iter().map(|entry| (self.name(entry), self.value(&entry.value)))
    }

    /// All fields in the order of their names; names of the dictionary are not copied.
    pub fn iter_named(&self) -> impl ExactSizeIterator<Item = (Cow<'static, str>, ValueRef<'_>)> {
        self.entries.iter().map(|entry| {
            let name = match entry.name {
                Name::Known(at) => Cow::Borrowed(DICTIONARY[usize::from(at)].name),
                Name::Own(_) => Cow::Owned(self.name(entry).to_owned()),
            };
            (name, self.value(&entry.value))
        })
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The fields by value, in the order of their names.
    pub fn into_pairs(self) -> Vec<(Box<str>, Value)> {
        self.iter().map(|(name, value)| (name.into(), value.to_value())).collect()
    }

    /// The fields that are in the dictionary, with their place there.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&'static Field, ValueRef<'_>)> {
        self.entries.iter().filter_map(|entry| match entry.name {
            Name::Known(at) => Some((&DICTIONARY[usize::from(at)], self.value(&entry.value))),
            Name::Own(_) => None,
        })
    }

    /// Adds a field at the end; [`Fields::settle`] must follow before anything is read.
    pub(crate) fn push(&mut self, name: &str, value: impl Into<Value>) {
        let value = self.slot(value.into());
        let entry = Entry { prefix: prefix(name), name: self.name_of(name), value };
        self.entries.push(entry);
    }

    /// Adds a field whose name and value are in the buffer already; [`Fields::settle`] must follow.
    pub(crate) fn push_read(&mut self, name: Span, value: Slot) {
        let name = Name::Own(name);
        self.entries.push(Entry { prefix: prefix(name_in(&self.text, name)), name, value });
    }

    /// Adds a text at the end; [`Fields::settle`] must follow.
    pub(crate) fn push_str(&mut self, name: &str, value: &str) {
        let value = Slot::Str(self.span(value));
        let entry = Entry { prefix: prefix(name), name: self.name_of(name), value };
        self.entries.push(entry);
    }

    /// Adds a field of the dictionary at the end; [`Fields::settle`] must follow.
    pub(crate) fn push_known(&mut self, at: u16, value: Known<'_>) {
        let value = self.known_slot(value);
        self.entries.push(Entry { prefix: prefix(DICTIONARY[usize::from(at)].name), name: Name::Known(at), value });
    }

    /// Adds a field of the dictionary or replaces it.
    pub(crate) fn insert_known(&mut self, at: u16, value: Known<'_>) {
        let value = self.known_slot(value);
        let name = DICTIONARY[usize::from(at)].name;
        match self.position(name) {
            Ok(found) => self.entries[found].value = value,
            Err(place) => self.entries.insert(place, Entry { prefix: prefix(name), name: Name::Known(at), value }),
        }
    }

    fn known_slot(&mut self, value: Known<'_>) -> Slot {
        let start = self.text.len();
        match value {
            Known::Int(number) => Slot::Int(number),
            Known::Text(text) => Slot::Str(self.span(text)),
            Known::Lower(text) if text.is_ascii() => {
                let span = self.span(text);
                if let Some(tail) = self.text.get_mut(start..) {
                    tail.make_ascii_lowercase();
                }
                Slot::Str(span)
            }
            Known::Lower(text) => Slot::Str(self.span(&text.to_lowercase())),
        }
    }

    /// The text that was pushed last for a field of the dictionary, before [`Fields::settle`].
    pub(crate) fn pushed(&self, at: u16) -> Option<&str> {
        let entry = self.entries.iter().rev().find(|entry| matches!(entry.name, Name::Known(known) if known == at))?;
        self.value(&entry.value).as_str()
    }

    /// Puts the fields in order; of a repeated name the one pushed last stays.
    pub(crate) fn settle(&mut self) {
        let Self { text, entries } = self;
        let order = |a: &Entry, b: &Entry| a.prefix.cmp(&b.prefix).then_with(|| name_in(text, a.name).cmp(name_in(text, b.name)));
        if entries.is_sorted_by(|a, b| order(a, b) == Ordering::Less) {
            return;
        }
        entries.sort_by(order);
        entries.dedup_by(|later, kept| {
            let same = order(later, kept) == Ordering::Equal;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
    }

    /// Finds each of the sorted names in one pass over both lists; `found` gets the place in `names` and the value.
    pub(crate) fn join<'a>(&'a self, names: &[SortedName], mut found: impl FnMut(usize, ValueRef<'a>)) {
        let mut at = 0;
        for (place, wanted) in names.iter().enumerate() {
            let order = |entry: &Entry| entry.prefix.cmp(&wanted.prefix).then_with(|| self.name(entry).cmp(&wanted.name));
            while self.entries.get(at).is_some_and(|entry| order(entry) == Ordering::Less) {
                at += 1;
            }
            let Some(entry) = self.entries.get(at) else { return };
            if order(entry) == Ordering::Equal {
                found(place, self.value(&entry.value));
            }
        }
    }

    fn name_of(&mut self, name: &str) -> Name {
        Name::Own(self.span(name))
    }

    fn slot(&mut self, value: Value) -> Slot {
        match value {
            Value::Str(text) => Slot::Str(self.span(&text)),
            Value::Int(number) => Slot::Int(number),
            Value::Float(number) => Slot::Float(number),
            Value::Bool(flag) => Slot::Bool(flag),
            Value::Null => Slot::Null,
            Value::Json(nested) => Slot::Json(Box::new(nested)),
        }
    }

    /// Adds a text to the buffer.
    pub(crate) fn span(&mut self, text: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(text);
        let place = |at: usize| u32::try_from(at).expect("the fields of one event are far smaller than 4 GiB");
        Span { start: place(start), end: place(self.text.len()) }
    }

    fn name(&self, entry: &Entry) -> &str {
        name_in(&self.text, entry.name)
    }

    fn value<'a>(&'a self, slot: &'a Slot) -> ValueRef<'a> {
        match slot {
            Slot::Str(span) => ValueRef::Str(&self.text[span.start as usize..span.end as usize]),
            Slot::Int(number) => ValueRef::Int(*number),
            Slot::Float(number) => ValueRef::Float(*number),
            Slot::Bool(flag) => ValueRef::Bool(*flag),
            Slot::Null => ValueRef::Null,
            Slot::Json(nested) => ValueRef::Json(nested),
        }
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.place(self.entries.len(), name)
    }

    /// The place of a name among the first `count` entries.
    fn place(&self, count: usize, name: &str) -> Result<usize, usize> {
        let wanted = prefix(name);
        self.entries[..count].binary_search_by(|entry| entry.prefix.cmp(&wanted).then_with(|| self.name(entry).cmp(name)))
    }
}

/// A text as JSON has it. Most texts need no escapes, and to look at all bytes for that is faster than to decide at each of them.
fn write_text(out: &mut Vec<u8>, text: &str) {
    let escapes = text.bytes().fold(false, |escapes, byte| escapes | (byte < b' ') | (byte == b'"') | (byte == b'\\'));
    if escapes {
        serde_json::to_writer(out, text).expect("text can be written");
    } else {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}

fn name_in(text: &str, name: Name) -> &str {
    match name {
        Name::Known(at) => DICTIONARY[usize::from(at)].name,
        Name::Own(span) => &text[span.start as usize..span.end as usize],
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

/// A value on its way into a field of the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known<'a> {
    Int(i64),
    Text(&'a str),
    /// To be written in lower case.
    Lower(&'a str),
}

/// A name to be looked up with others at once, by [`Fields::join`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SortedName {
    prefix: u64,
    name: Box<str>,
}

impl SortedName {
    pub(crate) fn new(name: &str) -> Self {
        Self { prefix: prefix(name), name: name.into() }
    }

    #[cfg(test)]
    fn as_str(&self) -> &str {
        &self.name
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
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
        assert_eq!(f.get("a"), Some(ValueRef::Str("x")));
        assert_eq!(f.get("b"), Some(ValueRef::Int(1)));
        assert_eq!(f.get("B"), Some(ValueRef::Null));
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
        assert_eq!(f.get("big"), Some(ValueRef::Float(18_446_744_073_709_551_615.0)));
        assert_eq!(f.get("neg"), Some(ValueRef::Int(-3)));
        assert_eq!(f.get("o"), Some(ValueRef::Json(&serde_json::json!({"x":[1,{}]}))));
        let again: Fields = serde_json::from_str(&serde_json::to_string(&f).expect("serialises")).expect("an object");
        assert_eq!(again, f);
    }

    #[test]
    fn insert_keeps_the_order_and_replaces() {
        let mut f = Fields::new();
        f.insert("m", 1_i64);
        f.insert("a", "x");
        f.insert("m", true);
        assert_eq!(f.iter().map(|(n, _)| n).collect::<Vec<_>>(), ["a", "m"]);
        assert_eq!(f.get("m"), Some(ValueRef::Bool(true)));
        assert_eq!(f.remove("a"), Some(Value::Str("x".into())));
        assert_eq!(f.len(), 1);
    }

    #[test]
    fn what_is_here_wins_over_what_is_added() {
        let mut f = fields(r#"{"b":1}"#);
        f.add_absent(fields(r#"{"a":2,"b":3,"c":"z"}"#).iter());
        assert_eq!(serde_json::to_string(&f).expect("serialises"), r#"{"a":2,"b":1,"c":"z"}"#);
    }

    proptest::proptest! {
        #[test]
        fn the_text_is_what_the_serialiser_writes(pairs in proptest::collection::btree_map(".{0,6}", ".{0,20}|[a\"\\\\]{0,4}", 0..6), number in proptest::prelude::any::<f64>()) {
            let mut pairs: Vec<(Box<str>, Value)> = pairs.into_iter().map(|(name, text)| (name.into(), text.as_str().into())).collect();
            pairs.push(("number".into(), Value::Float(number)));
            pairs.push(("null".into(), Value::Null));
            let fields = Fields::from_pairs(pairs);
            proptest::prop_assert_eq!(fields.to_json_text(), serde_json::to_string(&fields).expect("serialises"));
        }

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
                assert_eq!(map.get(names[at].as_str()).copied(), value.as_i64());
                joined += 1;
            });
            proptest::prop_assert_eq!(joined, map.len());
            for name in map.keys() {
                proptest::prop_assert_eq!(f.get(name).and_then(ValueRef::as_i64), map.get(name).copied());
            }
        }
    }
}
