//! The first value of a field inside a JSON object, read straight from the text up to where it stands.
//!
//! Names mean what they mean in a query: a dotted path is a key with dots in it, a key in an object, or any mixture, at whatever
//! list stands between, without regard to ASCII case.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The text of the first scalar that the field has; none if there is none, or the text is no JSON object.
pub(crate) fn first(json: &str, path: &str) -> Option<String> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_str(json);
    // What is found ends the reading with an error of its own.
    let _ended = Step { rest: Some(path), found: &mut found }.deserialize(&mut reader);
    found
}

/// Looks for `rest` inside a value; for the value itself where nothing is left of the path.
struct Step<'a> {
    rest: Option<&'a str>,
    found: &'a mut Option<String>,
}

impl Step<'_> {
    fn take<E: Error>(self, text: impl FnOnce() -> String) -> Result<(), E> {
        if self.rest.is_some() {
            return Ok(());
        }
        *self.found = Some(text());
        Err(E::custom("found"))
    }
}

impl<'de> DeserializeSeed<'de> for Step<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Step<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match self.rest {
                Some(path) if key.eq_ignore_ascii_case(path) => map.next_value_seed(Step { rest: None, found: self.found })?,
                Some(path) => match after(path, &key) {
                    Some(rest) => map.next_value_seed(Step { rest: Some(rest), found: self.found })?,
                    None => drop(map.next_value::<IgnoredAny>()?),
                },
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Step { rest: self.rest, found: self.found })?.is_some() {}
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.take(|| text.to_owned())
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.take(|| flag.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.take(|| number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.take(|| number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.take(|| number.to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// What is left of a dotted path behind `key`.
fn after<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    let head = path.get(..key.len())?;
    path[key.len()..].strip_prefix('.').filter(|_| head.eq_ignore_ascii_case(key))
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn the_first_value_is_found_flat_nested_and_in_lists() {
        let json = r#"{"a.b":{"c":[null,{"d":"X"},7]},"User":"Alice","e":{"f":null,"g":true,"h":4.5},"deep":[[{"k":"v"}]],"n":-3}"#;
        let found = |path: &str| first(json, path);
        assert_eq!(found("a.b.c").as_deref(), Some("7"), "an object is no value");
        assert_eq!(found("A.B.c.d").as_deref(), Some("X"));
        assert_eq!(found("user").as_deref(), Some("Alice"));
        assert_eq!((found("e.g").as_deref(), found("e.h").as_deref(), found("n").as_deref()), (Some("true"), Some("4.5"), Some("-3")));
        assert_eq!(found("deep.k").as_deref(), Some("v"));
        for none in ["e.f", "e", "c", "Users", "", "a"] {
            assert_eq!(found(none), None, "{none}");
        }
        for broken in ["", "x", "[1]", "7", "{\"b\":"] {
            assert_eq!(first(broken, "a"), None, "{broken}");
        }
    }
}
