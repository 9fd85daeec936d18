//! Where a message stands in its raw text, so that it need not be kept twice.

use std::borrow::Cow;

use memchr::memmem;

use crate::Row;
use crate::matching::words;

/// The shortest message that is looked for: a shorter one may as well be kept.
const MIN_BYTES: usize = 4;

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
    if row.message.len() < MIN_BYTES {
        return None;
    }
    find(&row.raw, &row.message, 0).or_else(|| {
        let written = serde_json::to_string(&row.message).ok()?;
        let written = written.get(1..written.len() - 1).filter(|written| written.len() > row.message.len())?;
        find(&row.raw, written, written.len() - row.message.len())
    })
}

fn find(raw: &str, text: &str, escapes: usize) -> Option<Place> {
    let start = memmem::find(raw.as_bytes(), text.as_bytes())?;
    let end = start + text.len();
    (words::starts(raw, start) && words::ends(raw, end)).then(|| Place { end: raw.len() - end, escapes })
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
