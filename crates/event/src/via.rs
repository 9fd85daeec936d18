//! How a row of a parser's table makes a value: the column `as` of `fields.tsv`.
//!
//! | as | gives |
//! |---|---|
//! | `-` | the value as it is |
//! | `=text` | that text, whatever the event says |
//! | `one-of:3=network,*=other` | the word beside the value; `*` for every other value; the empty word before `=` for none at all |
//! | `starts:0x801=failure` | the word beside the start of the value |
//! | `hash:MD5` | the value of `MD5` in `SHA1=…,MD5=…` |
//! | `common-name` | the name in `CN=name,OU=…`, escapes kept |
//! | `base-name:process.executable` | what follows the last backslash in a dictionary field filled before |
//! | `context:User,UserId` | the value of the first line `User = …` of a PowerShell context |
//! | `without-context:User` | the value as it is, where the PowerShell context has no such line |

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::dictionary;
use crate::fields::Fields;
use crate::mapping::Made;
use crate::value::ValueRef;

/// Words and what stands for them.
type Words = Vec<(Box<str>, Box<str>)>;

/// One way to make a value.
#[derive(Clone, Debug)]
pub(crate) enum Via {
    As,
    Text(Box<str>),
    OneOf(Words),
    Starts(Words),
    Hash(Box<str>),
    CommonName,
    /// A place in the dictionary.
    BaseName(u16),
    Context(Vec<Box<str>>),
    WithoutContext(Vec<Box<str>>),
}

impl Via {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let unknown = || format!("{text:?} is no way to make a value");
        if let Some(text) = text.strip_prefix('=') {
            return Ok(Self::Text(text.into()));
        }
        let (way, rest) = text.split_once(':').unwrap_or((text, ""));
        let words = || -> Vec<Box<str>> { rest.split(',').map(Into::into).collect() };
        let pairs = || -> Result<Words, String> {
            rest.split(',').map(|pair| pair.split_once('=').map(|(a, b)| (a.into(), b.into())).ok_or_else(unknown)).collect()
        };
        Ok(match way {
            "-" => Self::As,
            "one-of" => Self::OneOf(pairs()?),
            "starts" => Self::Starts(pairs()?),
            "hash" => Self::Hash(rest.into()),
            "common-name" => Self::CommonName,
            "base-name" => Self::BaseName(dictionary::place(rest).ok_or_else(|| format!("{rest:?} is not in the field dictionary"))?),
            "context" => Self::Context(words()),
            "without-context" => Self::WithoutContext(words()),
            _ => return Err(unknown()),
        })
    }

    /// The value made of the picked one, of the whole event, or of what was filled before.
    pub(crate) fn apply<'a>(&'a self, picked: Option<ValueRef<'a>>, fields: &'a Fields, ecs: &Fields) -> Option<Made<'a>> {
        let text = || picked.and_then(ValueRef::to_text);
        let found = |text: &'a str| Ok(ValueRef::Str(text));
        match self {
            Self::As => picked.map(Ok),
            Self::Text(text) => Some(found(text)),
            Self::OneOf(words) => {
                let text = text().unwrap_or_default();
                words.iter().find(|(from, _)| **from == *text || &**from == "*").map(|(_, to)| found(to))
            }
            Self::Starts(words) => {
                let text = text()?;
                words.iter().find(|(from, _)| text.starts_with(&**from)).map(|(_, to)| found(to))
            }
            Self::Hash(name) => {
                let pairs = picked?.as_str()?.split(',').filter_map(|pair| pair.split_once('='));
                pairs.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == &**name).map(|(_, value)| found(value))
            }
            Self::CommonName => common_name(picked?.as_str()?).map(found),
            Self::BaseName(of) => ecs.pushed(*of).map(|path| Err(Cow::Owned(path.rsplit('\\').next().unwrap_or(path).to_owned()))),
            Self::Context(names) => line(context(fields)?, names).map(found),
            Self::WithoutContext(names) => picked.filter(|_| context(fields).and_then(|text| line(text, names)).is_none()).map(Ok),
        }
    }
}

/// The name in `CN=name,OU=…`; a comma after a backslash belongs to it.
fn common_name(text: &str) -> Option<&str> {
    let name = text.get(..3).filter(|start| start.eq_ignore_ascii_case("cn=")).map(|_| &text[3..])?;
    let mut escaped = false;
    let end = name.find(|c: char| {
        let ends = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(&name[..end.unwrap_or(name.len())]).filter(|name| !name.is_empty())
}

/// What PowerShell says of the command's surroundings: `ContextInfo`, the second of the classic channel's `Data`, or the message.
fn context(fields: &Fields) -> Option<&str> {
    let present = |name: &str| fields.get(name).filter(|value| !matches!(value, ValueRef::Null | ValueRef::Bool(false)));
    let info = present("ContextInfo");
    match info.or_else(|| present("Data")) {
        Some(ValueRef::Json(Json::Array(items))) => match items.get(1) {
            Some(Json::String(text)) => Some(text),
            _ if info.is_none() => fields.get_str("Message"),
            _ => None,
        },
        Some(other) => other.as_str(),
        None => fields.get_str("Message"),
    }
}

/// The value of the first line `name = value` that has one.
fn line<'a>(text: &'a str, names: &[Box<str>]) -> Option<&'a str> {
    let pairs = text.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.trim(), value.trim()));
    pairs.into_iter().find(|(name, value)| !value.is_empty() && names.iter().any(|wanted| **wanted == **name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn makes(via: &str, event: &str, expected: Option<&str>) {
        let via = Via::parse(via).expect("a way");
        let fields: Fields = serde_json::from_str(event).expect("fields");
        let ecs = Fields::new();
        let made = via.apply(fields.get("v"), &fields, &ecs).map(|made| match made {
            Ok(value) => value.to_text().expect("a scalar").into_owned(),
            Err(text) => text.into_owned(),
        });
        assert_eq!(made.as_deref(), expected, "{event}");
    }

    #[test]
    fn values_are_made_as_the_table_says() {
        makes("=x", "{}", Some("x"));
        makes("one-of:0=ok,=ok,*=bad", "{}", Some("ok"));
        makes("one-of:0=ok,=ok,*=bad", r#"{"v":0}"#, Some("ok"));
        makes("one-of:0=ok,=ok,*=bad", r#"{"v":"1"}"#, Some("bad"));
        makes("one-of:true=yes", r#"{"v":true}"#, Some("yes"));
        makes("one-of:true=yes", "{}", None);
        makes("starts:0x801=failure,0x802=success", r#"{"v":"0x8020000000000000"}"#, Some("success"));
        makes("hash:MD5", r#"{"v":"SHA1=A, MD5=B ,X"}"#, Some("B"));
        makes("hash:SHA256", r#"{"v":"SHA1=A"}"#, None);
        makes("common-name", r#"{"v":"cn=a\\,b,OU=c"}"#, Some("a\\,b"));
        makes("common-name", r#"{"v":"CN=,OU=c"}"#, None);
        makes("common-name", r#"{"v":"ä"}"#, None);
    }

    #[test]
    fn a_context_is_read_line_by_line() {
        let event = r#"{"ContextInfo":"  Command Name = \r\n  Host Application = a=b -c \r\n  User = CORP\\x\r\n","v":"d"}"#;
        makes("context:User,UserId", event, Some("CORP\\x"));
        makes("context:HostApplication,Host Application", event, Some("a=b -c"));
        makes("context:Command Name", event, None);
        makes("without-context:User", event, None);
        makes("without-context:Who", event, Some("d"));
        makes("context:UserId", r#"{"Data":["x","UserId=y"]}"#, Some("y"));
        makes("context:UserId", r#"{"Data":["x"],"Message":"UserId=z"}"#, Some("z"));
        makes("context:UserId", "{}", None);
    }
}
