//! A field inside a JSON object, read straight from the text: nothing is built for the fields that are not asked for.
//!
//! `EventData.TargetUserName` is found as a key with dots in it, as a key in an object, and as any mixture, at whatever list
//! stands between; names are compared without regard to ASCII case. A list has a value if one of its items has.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Test, pattern};

/// A test of the field of one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct JsonField {
    path: String,
    /// The last part of the name in lower case, as it must stand in the text; none if it could be written in several ways.
    hint: Option<String>,
    test: Test,
}

impl JsonField {
    pub(crate) fn new(path: &str, test: Test) -> Self {
        let leaf = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase();
        let plain = leaf.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'/'));
        Self { path: path.to_owned(), hint: plain.then_some(leaf), test }
    }

    /// Whether the object has the field with a value that passes. Text that is no JSON object has no fields.
    pub(crate) fn matches(&self, json: &str) -> bool {
        if self.hint.as_ref().is_some_and(|hint| pattern::find(json.as_bytes(), 0, hint.as_bytes()).is_none()) {
            return false;
        }
        let mut reader = serde_json::Deserializer::from_str(json);
        Inside { path: &self.path, test: &self.test }.deserialize(&mut reader).unwrap_or(false)
    }
}

/// Looks for `path` inside a value; gives whether it is there and passes.
#[derive(Clone, Copy)]
struct Inside<'a> {
    path: &'a str,
    test: &'a Test,
}

impl<'de> DeserializeSeed<'de> for Inside<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Inside<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            found |= if key.eq_ignore_ascii_case(self.path) {
                map.next_value_seed(Passes(self.test))?
            } else if let Some(path) = after(self.path, &key) {
                map.next_value_seed(Inside { path, test: self.test })?
            } else {
                map.next_value::<IgnoredAny>()?;
                false
            };
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        any(&mut seq, self)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}

/// What is left of a dotted path behind `key`.
fn after<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    let head = path.get(..key.len())?;
    path[key.len()..].strip_prefix('.').filter(|_| head.eq_ignore_ascii_case(key))
}

/// Tests a value: a scalar by its text, a list by its items, an object only for being there.
#[derive(Clone, Copy)]
struct Passes<'a>(&'a Test);

impl<'de> DeserializeSeed<'de> for Passes<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Passes<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        Ok(self.0.matches(text))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<bool, E> {
        Ok(self.0.matches(if flag { "true" } else { "false" }))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<bool, E> {
        Ok(self.0.matches(&number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<bool, E> {
        Ok(self.0.matches(&number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<bool, E> {
        Ok(self.0.matches(&number.to_string()))
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        any(&mut seq, self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(*self.0 == Test::Exists)
    }
}

fn any<'de, A: SeqAccess<'de>, S: DeserializeSeed<'de, Value = bool> + Copy>(seq: &mut A, seed: S) -> Result<bool, A::Error> {
    let mut found = false;
    while let Some(item) = seq.next_element_seed(seed)? {
        found |= item;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;
    use super::*;

    fn has(json: &str, path: &str, value: &str) -> bool {
        JsonField::new(path, Test::Pattern(Pattern::glob(value))).matches(json)
    }

    #[test]
    fn a_field_is_found_flat_nested_and_in_lists() {
        let json = r#"{"a.b":{"c":[1,{"d":"X"}]},"User":"Alice","e":{"f":null,"g":true,"h":4.5},"q\"t":"z","deep":[[{"k":"v"}]]}"#;
        assert!(has(json, "a.b.c", "1"));
        assert!(has(json, "a.b.c.d", "x"));
        assert!(has(json, "user", "ALI*"));
        assert!(has(json, "e.g", "true") && has(json, "e.h", "4.5"));
        assert!(has(json, "q\"t", "z") && has(json, "deep.k", "v"));
        assert!(!has(json, "e.f", "*") && !has(json, "c", "1") && !has(json, "a", "*") && !has(json, "Users", "Alice"));
        assert!(JsonField::new("e", Test::Exists).matches(json));
        assert!(!JsonField::new("e.f", Test::Exists).matches(json));
        assert!(!has(r#"{"a":1,"b""#, "a", "1") && !has("a", "a", "a") && !has("", "a", "*") && !has("[1]", "a", "1"));
    }
}
