//! The body of Splunk's HTTP event collector: JSON objects one after the other, each an envelope with one event.
//!
//! Pure: bytes in, events out. As in Splunk, the first envelope that cannot be read ends the body: what stood before it is taken, and the
//! answer says which one it was.

use super::{MAX_EVENTS, cut, hints_json};
use crate::wal::Event;
use bailiwick_event::{Hints, MAX_EVENT_BYTES};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use std::borrow::Cow;

/// Bytes a word of the envelope may have.
const MAX_WORD: usize = 8 << 10;

/// Why an envelope cannot be taken. The numbers and texts are Splunk's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing in the body.
    NoData,
    /// Not JSON, or not an envelope.
    InvalidFormat,
    /// No `event`.
    EventMissing,
    /// An `event` that is an empty string.
    EventBlank,
    /// `fields` that are not one flat object.
    Fields,
    /// More events than a body may hold.
    TooMany,
}

impl Flaw {
    /// Splunk's code.
    pub const fn code(self) -> u8 {
        match self {
            Self::NoData => 5,
            Self::InvalidFormat => 6,
            Self::EventMissing => 12,
            Self::EventBlank => 13,
            Self::Fields => 15,
            Self::TooMany => 27,
        }
    }

    /// Splunk's text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoData => "No data",
            Self::InvalidFormat => "Invalid data format",
            Self::EventMissing => "Event field is required",
            Self::EventBlank => "Event field cannot be blank",
            Self::Fields => "Error in handling indexed fields",
            Self::TooMany => "Request entity too large",
        }
    }
}

/// What a body holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The events, up to the first that cannot be taken.
    pub events: Vec<Event>,
    /// Every event says when it happened, so that two equal ones are the same one.
    pub timed: bool,
    /// Which envelope ended the body, from 0, and why.
    pub bad: Option<(usize, Flaw)>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    time: Option<&'a RawValue>,
    #[serde(borrow, default)]
    host: Option<&'a RawValue>,
    #[serde(borrow, default)]
    source: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sourcetype: Option<&'a RawValue>,
    #[serde(borrow, default)]
    index: Option<&'a RawValue>,
    #[serde(borrow, default)]
    fields: Option<&'a RawValue>,
}

/// What is said of an event beside it: by its envelope, or by the query of a raw body for all its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// When, as the sender writes it.
    pub time: Option<String>,
    /// On which host.
    pub host: Option<String>,
    /// `source`.
    pub source: Option<String>,
    /// `sourcetype`.
    pub sourcetype: Option<String>,
    /// `index`.
    pub index: Option<String>,
}

impl Said {
    /// As it travels with the event; `fields` are the indexed fields of the envelope.
    pub fn hints(self, mut fields: Map<String, Value>) -> Option<Bytes> {
        for (name, value) in [("source", self.source), ("sourcetype", self.sourcetype), ("index", self.index)] {
            if let Some(value) = value {
                fields.entry(name).or_insert(Value::String(value));
            }
        }
        hints_json(&Hints { time: self.time, host: self.host, fields })
    }
}

/// Reads the body of `/services/collector/event`.
pub fn parse(body: &Bytes) -> Parsed {
    let mut parsed = Parsed { timed: true, ..Parsed::default() };
    let valid = std::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len);
    let text = std::str::from_utf8(&body[..valid]).unwrap_or_default();
    for envelope in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let number = parsed.events.len();
        let read = envelope.map_err(|_| Flaw::InvalidFormat).and_then(|envelope| {
            // Without the check an array would be read as the fields of an envelope in their order.
            let object = envelope.get().starts_with('{').then_some(envelope.get()).ok_or(Flaw::InvalidFormat)?;
            let envelope: Envelope<'_> = serde_json::from_str(object).map_err(|_| Flaw::InvalidFormat)?;
            if number == MAX_EVENTS {
                return Err(Flaw::TooMany);
            }
            parsed.timed &= envelope.time.is_some();
            event(body, &envelope)
        });
        match read {
            Ok(event) => parsed.events.push(event),
            Err(flaw) => {
                parsed.bad = Some((number, flaw));
                return parsed;
            }
        }
    }
    if valid < body.len() {
        parsed.bad = Some((parsed.events.len(), Flaw::InvalidFormat));
    } else if parsed.events.is_empty() {
        parsed.bad = Some((0, Flaw::NoData));
    }
    parsed
}

fn event(body: &Bytes, envelope: &Envelope<'_>) -> Result<Event, Flaw> {
    let raw = raw(body, envelope.event.ok_or(Flaw::EventMissing)?)?;
    let word = |value: Option<&RawValue>| value.map(text_of).transpose();
    let said = Said {
        time: word(envelope.time)?,
        host: word(envelope.host)?,
        source: word(envelope.source)?,
        sourcetype: word(envelope.sourcetype)?,
        index: word(envelope.index)?,
    };
    let fields = envelope.fields.map(flat).transpose()?.unwrap_or_default();
    Ok(Event { hints: said.hints(fields), ..cut(raw) })
}

/// A string as it is, anything else as its JSON text, which is a slice of the body.
fn raw(body: &Bytes, event: &RawValue) -> Result<Bytes, Flaw> {
    if !event.get().starts_with('"') {
        return Ok(body.slice_ref(event.get().as_bytes()));
    }
    let text: Text<'_> = serde_json::from_str(event.get()).map_err(|_| Flaw::InvalidFormat)?;
    if text.0.trim().is_empty() {
        return Err(Flaw::EventBlank);
    }
    Ok(match text.0 {
        Cow::Borrowed(text) => body.slice_ref(text.as_bytes()),
        Cow::Owned(text) => Bytes::from(text),
    })
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A word of the envelope: a string, or a number as it is written.
fn text_of(value: &RawValue) -> Result<String, Flaw> {
    if value.get().len() > MAX_WORD {
        return Err(Flaw::InvalidFormat);
    }
    match value.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(value.get()).map_err(|_| Flaw::InvalidFormat),
        Some(b'{' | b'[') | None => Err(Flaw::InvalidFormat),
        Some(_) => Ok(value.get().to_owned()),
    }
}

fn flat(fields: &RawValue) -> Result<Map<String, Value>, Flaw> {
    if fields.get().len() > MAX_EVENT_BYTES {
        return Err(Flaw::Fields);
    }
    let fields: Map<String, Value> = serde_json::from_str(fields.get()).map_err(|_| Flaw::Fields)?;
    let nested = |value: &Value| match value {
        Value::Object(_) => true,
        Value::Array(values) => values.iter().any(|value| value.is_object() || value.is_array()),
        _ => false,
    };
    if fields.values().any(nested) { Err(Flaw::Fields) } else { Ok(fields) }
}

/// Whether a word names a channel: a GUID, as Splunk's clients make one.
pub fn is_channel(word: &str) -> bool {
    let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    word.len() == 36 && word.bytes().enumerate().all(|(at, byte)| if dash(at) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(body: &str) -> Parsed {
        parse(&Bytes::copy_from_slice(body.as_bytes()))
    }

    fn shown(event: &Event) -> (String, Value) {
        let hints = event.hints.as_deref().map_or(Value::Null, |hints| serde_json::from_slice(hints).unwrap());
        (String::from_utf8(event.raw.to_vec()).unwrap(), hints)
    }

    #[test]
    fn envelopes_one_after_the_other_become_events_with_what_they_say() {
        let body = "{\"event\":{\"a\": [1, 2]},\"time\":1433188255.253,\"host\":\"web\\u002d1\",\"fields\":{\"club\":\"glee\",\"n\":[1,2]}}{\"event\":\"a \\\"line\\\"\"}\n \
                    {\"event\":\"plain\",\"time\":\"1433188256\",\"sourcetype\":\"st\",\"source\":\"s\",\"index\":\"main\"}{\"event\":42}";
        let parsed = parsed(body);
        assert_eq!((parsed.bad, parsed.timed), (None, false));
        let all: Vec<_> = parsed.events.iter().map(shown).collect();
        insta::assert_json_snapshot!(all, @r#"
        [
          [
            "{\"a\": [1, 2]}",
            {
              "fields": {
                "club": "glee",
                "n": [
                  1,
                  2
                ]
              },
              "host": "web-1",
              "time": "1433188255.253"
            }
          ],
          [
            "a \"line\"",
            null
          ],
          [
            "plain",
            {
              "fields": {
                "index": "main",
                "source": "s",
                "sourcetype": "st"
              },
              "time": "1433188256"
            }
          ],
          [
            "42",
            null
          ]
        ]
        "#);
    }

    #[test]
    fn the_first_bad_envelope_is_numbered_and_what_stood_before_it_is_kept() {
        let good = "{\"event\":\"one\",\"time\":1}{\"event\":\"two\",\"time\":2}";
        for (bad, flaw) in [
            ("{\"evnt\":1}", Flaw::EventMissing),
            ("{\"event\":null}", Flaw::EventMissing),
            ("{\"event\":\" \"}", Flaw::EventBlank),
            ("{\"event\":1,\"fields\":{\"a\":{\"b\":1}}}", Flaw::Fields),
            ("{\"event\":1,\"fields\":[]}", Flaw::Fields),
            ("{\"event\":1,\"host\":{}}", Flaw::InvalidFormat),
            ("{\"event\":", Flaw::InvalidFormat),
            ("words", Flaw::InvalidFormat),
            ("[{\"event\":1}]", Flaw::InvalidFormat),
        ] {
            let parsed = parsed(&format!("{good}{bad}"));
            assert_eq!((parsed.events.len(), parsed.bad), (2, Some((2, flaw))), "{bad}");
        }
        let cut = parse(&Bytes::from([good.as_bytes(), b"{\"event\":\"\xff\"}"].concat()));
        assert_eq!((cut.events.len(), cut.bad), (2, Some((2, Flaw::InvalidFormat))));
        assert_eq!(parsed(" \n").bad, Some((0, Flaw::NoData)));
        assert!(parsed(good).timed);
    }

    #[test]
    fn a_channel_is_a_guid() {
        assert!(is_channel("FE0ECFAD-13D5-401B-847D-77833BD77131"));
        for word in ["", "FE0ECFAD13D5401B847D77833BD77131", "GE0ECFAD-13D5-401B-847D-77833BD77131", "FE0ECFAD-13D5-401B-847D-77833BD771311"] {
            assert!(!is_channel(word), "{word}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _maybe = parse(&Bytes::from(noise));
        }

        #[test]
        fn what_a_client_writes_is_read_back(lines in proptest::collection::vec("[^ \\s]\\PC{0,40}", 1..20), gap in "[ \n]{0,3}") {
            let body: String = lines.iter().map(|line| format!("{}{gap}", serde_json::json!({"event": line, "host": line}))).collect();
            let parsed = parse(&Bytes::from(body));
            prop_assert_eq!(parsed.bad, None);
            let back: Vec<(String, Value)> = parsed.events.iter().map(shown).collect();
            let wanted: Vec<(String, Value)> = lines.iter().map(|line| (line.clone(), serde_json::json!({"host": line}))).collect();
            prop_assert_eq!(back, wanted);
        }
    }
}
