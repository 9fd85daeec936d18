//! A refusal on its way to becoming a failed record, and the bounded text both kinds of outcome carry.

use chrono::{DateTime, Utc};

use crate::MAX_MESSAGE_BYTES;
use crate::record::{FailedRecord, ReasonCode};

/// Why this event cannot be a record, and what was known of it by then.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) parser: Option<String>,
    pub(crate) vendor: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) event_code: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: ReasonCode,
    pub(crate) reason: String,
    pub(crate) known: Box<Known>,
}

impl Refusal {
    pub(crate) fn new(code: ReasonCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), known: Box::default() }
    }

    pub(crate) fn with(mut self, known: Known) -> Self {
        *self.known = known;
        self
    }

    pub(crate) fn into_failed(self, receipt_time: DateTime<Utc>) -> FailedRecord {
        FailedRecord {
            time: receipt_time,
            reason_code: self.code,
            reason: one_line(&self.reason, MAX_MESSAGE_BYTES),
            parser: self.known.parser,
            vendor: self.known.vendor,
            product: self.known.product,
            event_code: self.known.event_code,
        }
    }
}

/// The text on one line: control characters and runs of blanks become one space; at most `max` bytes.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    if text.len() <= max && is_one_line(text.as_bytes()) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len().min(max));
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = !line.is_empty();
            continue;
        }
        if line.len() + usize::from(gap) + c.len_utf8() > max {
            break;
        }
        if gap {
            line.push(' ');
            gap = false;
        }
        line.push(c);
    }
    line
}

/// Whether there is nothing to change: printable ASCII without blanks at the ends or in a row.
fn is_one_line(text: &[u8]) -> bool {
    text.iter().all(|byte| (b' '..=b'~').contains(byte))
        && text.first() != Some(&b' ')
        && text.last() != Some(&b' ')
        && memchr::memmem::find(text, b"  ").is_none()
}

/// The longest prefix of at most `max` bytes that does not cut a character.
pub(crate) fn prefix(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_has_no_control_characters_and_keeps_the_bound() {
        assert_eq!(one_line("\r\n a\tb\u{0}\u{1b}c  d\n", 100), "a b c d");
        assert_eq!(one_line("a  b", 100), "a b");
        assert_eq!(one_line(" a b ", 100), "a b");
        assert_eq!(one_line("a b~", 100), "a b~");
        assert_eq!(one_line("ääää", 5), "ää");
        assert_eq!(one_line("a b", 2), "a");
    }
}
