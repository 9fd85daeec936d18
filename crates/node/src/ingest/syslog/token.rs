//! The ingest key in RFC 5424 structured data, `[bailiwick@32473 key="bwk_…"]`: found, and cut from the text, so that no key is ever at
//! rest. Pure, so that it can be fuzzed.

use crate::wal::Event;
use bytes::Bytes;
use memchr::memmem;
use std::{ops::Range, sync::LazyLock};

/// The name of the element (RFC 5424, 6.3.2; the number is the one set aside for documentation).
const ELEMENT: &[u8] = b"bailiwick@32473";
/// The parameter that carries the key.
const PARAMETER: &[u8] = b"key";
/// How every key begins.
const KEY: &[u8] = b"bwk_";
/// The longest key.
const MAX_KEY: usize = 256;

static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(ELEMENT));

/// An event without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed {
    /// The key, when there was one where it belongs.
    pub key: Option<Bytes>,
    /// The event without it.
    pub event: Event,
}

/// Takes the key out of an event. An event without one comes back as it is, uncopied.
pub fn take(event: Event) -> Keyed {
    if FINDER.find(&event.raw).is_none() {
        return Keyed { key: None, event };
    }
    let Some(found) = find(&event.raw) else {
        return Keyed { key: None, event: with(&event, blotted(&event.raw)) };
    };
    let (before, after) = (&event.raw[..found.cut.start], &event.raw[found.cut.end..]);
    let kept = [before, if found.alone { b"-" } else { b"" }, after].concat();
    let key = Some(event.raw.slice(found.key));
    let event = with(&event, if FINDER.find(&kept).is_some() { blotted(&kept) } else { kept });
    Keyed { key, event }
}

/// The event with another text; it is as much too long as it was.
fn with(event: &Event, raw: Vec<u8>) -> Event {
    let over = (event.length as usize).saturating_sub(event.raw.len());
    let length = u32::try_from(raw.len() + over).unwrap_or(u32::MAX);
    Event { raw: raw.into(), length, ..event.clone() }
}

/// The text with every key after the element's name made unreadable: for what is no well-formed structured data.
fn blotted(raw: &[u8]) -> Vec<u8> {
    let mut text = raw.to_vec();
    let mut at = FINDER.find(raw).unwrap_or(0);
    while let Some(found) = memmem::find(&text[at..], KEY) {
        at += found + KEY.len();
        let secret = text[at..].iter_mut().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        secret.for_each(|b| *b = b'*');
    }
    text
}

/// Where the key stands, what to cut, and whether nothing else is in the structured data.
struct Found {
    key: Range<usize>,
    cut: Range<usize>,
    alone: bool,
}

fn find(raw: &[u8]) -> Option<Found> {
    let begin = structured_data(raw)?;
    let (mut at, mut found) = (begin, None);
    while raw.get(at) == Some(&b'[') {
        let (end, key) = element(raw, at)?;
        if found.is_none() {
            found = key.map(|key| (key, at..end));
        }
        at = end;
    }
    let (key, cut) = found?;
    let alone = cut == (begin..at);
    Some(Found { key, cut, alone })
}

/// Where the structured data of an RFC 5424 line begins: after the priority, the version and five words.
fn structured_data(raw: &[u8]) -> Option<usize> {
    let close = raw.iter().take(5).position(|b| *b == b'>')?;
    if raw.first() != Some(&b'<') || !raw.get(close + 1)?.is_ascii_digit() {
        return None;
    }
    let mut at = close + 1;
    for _ in 0..6 {
        at += memchr::memchr(b' ', raw.get(at..)?)? + 1;
    }
    Some(at)
}

/// The element that begins at `at`: where it ends, and where the key stands when it is ours.
fn element(raw: &[u8], at: usize) -> Option<(usize, Option<Range<usize>>)> {
    let name = at + 1..at + 1 + raw[at + 1..].iter().position(|b| matches!(b, b' ' | b']'))?;
    let ours = raw[name.clone()] == *ELEMENT;
    let (mut at, mut key) = (name.end, None);
    loop {
        match raw.get(at)? {
            b']' => return Some((at + 1, key)),
            b' ' => at += 1,
            _ => {
                let parameter = at..at + raw[at..].iter().position(|b| matches!(b, b'=' | b']' | b' '))?;
                if raw.get(parameter.end..parameter.end + 2)? != b"=\"" {
                    return None;
                }
                let value = parameter.end + 2..quoted(raw, parameter.end + 2)?;
                if ours && key.is_none() && raw[parameter] == *PARAMETER && plain(&raw[value.clone()]) {
                    key = Some(value.clone());
                }
                at = value.end + 1;
            }
        }
    }
}

/// Where the quote is that ends a value; a backslash takes the meaning of what follows it.
fn quoted(raw: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match raw.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn plain(key: &[u8]) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken(line: &str) -> (Option<String>, String) {
        let Keyed { key, event } = take(Event::new(Bytes::copy_from_slice(line.as_bytes()), u32::try_from(line.len()).unwrap()));
        assert_eq!(event.length as usize, event.raw.len());
        (key.map(|key| String::from_utf8(key.to_vec()).unwrap()), String::from_utf8(event.raw.to_vec()).unwrap())
    }

    fn line(data: &str) -> String {
        format!("<38>1 2026-11-22T02:00:00Z web-01 sshd 9 - {data} said")
    }

    #[test]
    fn the_key_is_found_and_cut() {
        let key = Some("bwk_ws-1_se-cret_1".to_owned());
        for (data, left) in [
            (r#"[bailiwick@32473 key="bwk_ws-1_se-cret_1"]"#, "-"),
            (r#"[a@1 b="c\]\" d"][bailiwick@32473 key="bwk_ws-1_se-cret_1"]"#, r#"[a@1 b="c\]\" d"]"#),
            (r#"[bailiwick@32473 site="x" key="bwk_ws-1_se-cret_1"][a@1]"#, "[a@1]"),
        ] {
            assert_eq!(taken(&line(data)), (key.clone(), line(left)), "{data}");
        }
    }

    #[test]
    fn what_carries_no_key_stays_as_it_is() {
        for text in ["", "<13>plain", &line("-"), &line(r#"[a@1 key="bwk_x"]"#), "<13>Nov 22 02:00:00 web-01 app: bwk_ws_text"] {
            assert_eq!(taken(text), (None, text.to_owned()));
        }
    }

    #[test]
    fn a_key_where_none_belongs_names_nothing_and_is_not_kept() {
        for data in [
            r#"- [bailiwick@32473 key="bwk_ws_secret"]"#,
            r#"[bailiwick@32473 key="bwk_ws_secret]"#,
            r#"[bailiwick@32473 key=bwk_ws_secret]"#,
            r#"[bailiwick@32473 key="bwk_ws_secret"#,
            r#"[x@1 y="z""bailiwick@32473" bwk_ws_secret bwk_ws_secret"#,
        ] {
            let (key, text) = taken(&line(data));
            assert_eq!(key, None, "{data}");
            assert!(!text.contains("secret") && text.contains("bwk_"), "{text}");
        }
        let twice = line(r#"[bailiwick@32473 key="bwk_ws_one"][bailiwick@32473 key="bwk_ws_two"]"#);
        let (key, text) = taken(&twice);
        assert_eq!(key.as_deref(), Some("bwk_ws_one"));
        assert!(!text.contains("ws_one") && !text.contains("ws_two"), "{text}");
    }

    proptest! {
        #[test]
        fn no_key_survives(before in ".{0,40}", after in ".{0,40}", framed in any::<bool>()) {
            let data = format!(r#"{before}[bailiwick@32473 key="bwk_ws_s3cr3tsauce"]{after}"#);
            let text = if framed { line(&data) } else { data };
            let (_, kept) = taken(&text);
            prop_assert!(!kept.contains("s3cr3tsauce"), "{}", kept);
        }
    }
}
