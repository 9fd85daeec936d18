//! Where a message stands in its raw text, so that it need not be kept twice.

use std::borrow::Cow;

use memchr::memmem;

use crate::Row;
use crate::matching::words;

/// The shortest message that is looked for: a shorter one may as well be kept.
const MIN_BYTES: usize = 4;
/// Bytes a text is looked for by, and how often.
const HEAD: usize = 12;
const TRIES: usize = 16;

/// A message's place in its raw text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Bytes of the raw text after it.
    pub(crate) end: usize,
    /// Bytes it is longer there, because it is written as JSON does; 0 if it stands there as it is.
    pub(crate) escapes: usize,
}

/// Where the message stands in the raw text, in a way that its words are words of the raw text.
pub(crate) fn place(row: &Row) -> Option<Place> {
    let message = row.message.as_str();
    if message.len() < MIN_BYTES {
        return None;
    }
    find(&row.raw, message, 0).or_else(|| {
        if !message.bytes().any(|b| b < b' ' || matches!(b, b'"' | b'\\')) {
            return None;
        }
        let written = serde_json::to_string(message).ok()?;
        let written = written.get(1..written.len() - 1)?;
        find(&row.raw, written, written.len() - message.len())
    })
}

fn find(raw: &str, text: &str, escapes: usize) -> Option<Place> {
    let start = part(raw, text)?;
    let end = start + text.len();
    (words::starts(raw, start) && words::ends(raw, end)).then(|| Place { end: raw.len() - end, escapes })
}

/// Where a text stands in a longer one, looked for by its first bytes: to prepare for a long needle costs more than to look for it.
/// After some places where only they stand, it counts as not there.
pub(crate) fn part(text: &str, part: &str) -> Option<usize> {
    let head = part.as_bytes().get(..HEAD).unwrap_or(part.as_bytes());
    let mut places = memmem::find_iter(text.as_bytes(), head).take(TRIES);
    places.find(|at| text.as_bytes()[*at..].starts_with(part.as_bytes()))
}

/// The message at a place; none if the raw text has no such place.
pub(crate) fn read<'a>(raw: &'a str, bytes: usize, place: Place) -> Option<Cow<'a, str>> {
    let end = raw.len().checked_sub(place.end)?;
    let text = raw.get(end.checked_sub(bytes.checked_add(place.escapes)?)?..end)?;
    match place.escapes {
        0 => Some(Cow::Borrowed(text)),
        _ => serde_json::from_str::<String>(&format!("\"{text}\"")).ok().map(Cow::Owned),
    }
}
