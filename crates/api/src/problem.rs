//! Errors on the wire: `application/problem+json` (RFC 9457) with a `code` that programs can rely on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// HTTP status, repeated.
    pub status: u16,
    /// Short, for people.
    pub title: String,
    /// Stable, for programs: `NAME_TAKEN`, `AUTH_FAILED`, `UNKNOWN_FIELD`…
    pub code: String,
    /// What exactly, naming the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The field at fault, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where in the text of that field, where that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The current row, when a version check lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub current: Option<serde_json::Value>,
    /// How many there are, when that is more than the caller allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<u64>,
}

/// A place in a text: points at a character, or behind the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    /// Characters before it.
    pub offset: u32,
    /// Its line, from 1.
    pub line: u32,
    /// Its character in that line, from 1.
    pub column: u32,
}

impl Position {
    /// The place before this byte of a text; inside a character, that character's; behind the text, its end.
    pub fn at_byte(text: &str, byte: usize) -> Self {
        let before = &text[..text.floor_char_boundary(byte)];
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let line = before.rsplit('\n').next().unwrap_or(before);
        Self { offset: count(before.chars().count()), line: count(before.matches('\n').count() + 1), column: count(line.chars().count() + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn a_place_is_counted_in_characters_and_lines() {
        let at = |byte| {
            let position = Position::at_byte("über\nß x", byte);
            (position.offset, position.line, position.column)
        };
        assert_eq!((at(0), at(1), at(2)), ((0, 1, 1), (0, 1, 1), (1, 1, 2)));
        assert_eq!((at(6), at(9), at(99)), ((5, 2, 1), (7, 2, 3), (8, 2, 4)));
    }
}
