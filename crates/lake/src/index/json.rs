//! The names and values in JSON text, as they are written and at whatever depth. Nothing is read that was noted before: of most values
//! it is enough to know where they begin and end.

use std::borrow::Cow;

use memchr::memchr2;

/// A piece of JSON that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// The name of a member.
    Name(Quoted<'a>),
    /// A text.
    Text(Quoted<'a>),
    /// A number, `true` or `false`; or `null`.
    Other(&'a str),
}

/// What stands between two quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quoted<'a> {
    pub(super) text: &'a str,
    /// Whether it has escapes.
    pub(super) escaped: bool,
    whole: &'a str,
}

impl<'a> Quoted<'a> {
    /// The text itself; none if it is no JSON.
    pub(super) fn read(&self) -> Option<Cow<'a, str>> {
        if self.escaped { serde_json::from_str::<String>(self.whole).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(self.text)) }
    }
}

/// The tokens of a JSON text, in their order; of text that is not JSON, some tokens.
pub(super) fn tokens(json: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = json.as_bytes();
        loop {
            match *bytes.get(at)? {
                b'"' => {
                    let quoted = quoted(json, at)?;
                    at += quoted.whole.len();
                    let rest = &bytes[at..];
                    let colon = rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                    return Some(if colon { Token::Name(quoted) } else { Token::Text(quoted) });
                }
                byte if byte.is_ascii_alphanumeric() || byte == b'-' => {
                    let rest = &bytes[at..];
                    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                    let length = rest.iter().position(|byte| !inside(byte)).unwrap_or(rest.len());
                    at += length;
                    return json.get(at - length..at).map(Token::Other);
                }
                _ => at += 1,
            }
        }
    })
}

/// What is quoted from `at` on; none if the quote does not end.
fn quoted(json: &str, at: usize) -> Option<Quoted<'_>> {
    let bytes = json.as_bytes();
    let (mut end, mut escaped) = (at + 1, false);
    loop {
        end += memchr2(b'"', b'\\', bytes.get(end..)?)?;
        if bytes[end] == b'"' {
            break;
        }
        escaped = true;
        end += 2;
    }
    Some(Quoted { text: json.get(at + 1..end)?, escaped, whole: json.get(at..=end)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Names and values as the JSON reader finds them.
    fn leaves(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                found.push(format!("name {name}"));
                leaves(value, found);
            }),
            Value::String(text) => found.push(format!("text {text}")),
            other => found.push(format!("other {other}")),
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
            r#"[a:,{}\[\]"\\]{0,8}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let members = prop::collection::btree_map(r#".{0,4}|[a:"\\]{0,4}"#, inner.clone(), 0..6);
            prop_oneof![prop::collection::vec(inner, 0..6).prop_map(Value::from), members.prop_map(|members| members.into_iter().collect())]
        })
    }

    proptest! {
        #[test]
        fn every_name_and_value_is_found(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.expect("JSON");
            let found: Vec<String> = tokens(&text)
                .map(|token| match token {
                    Token::Name(name) => format!("name {}", name.read().expect("a name")),
                    Token::Text(text) => format!("text {}", text.read().expect("a text")),
                    Token::Other(other) => format!("other {}", serde_json::from_str::<Value>(other).expect("a value")),
                })
                .collect();
            let mut expected = Vec::new();
            // Read again: a number may lose its last digit on its way through text.
            leaves(&serde_json::from_str(&text).expect("JSON"), &mut expected);
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn whatever_is_no_json_ends(text in r#"["\\{}:,a1. -]{0,40}"#) {
            prop_assert!(tokens(&text).count() <= text.len());
        }
    }
}
