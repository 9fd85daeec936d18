//! Case-insensitive patterns with `*` (any run of characters) and `?` (any one character).
//!
//! A pattern is cut at its stars; each piece is looked for left to right, which needs no backtracking: time is linear in the
//! text for ordinary patterns, and a query bounds how long a pattern can be.

/// The one folding of case used everywhere: character by character, so that positions stay comparable.
pub(crate) fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

fn fold_char(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
    /// The first piece must be at the start of the text.
    from_start: bool,
    /// The last piece must be at the end of the text.
    to_end: bool,
    ascii: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Piece {
    Plain(String),
    /// `None` is any one character.
    Holes(Vec<Option<char>>),
}

impl Pattern {
    /// Exactly this text.
    pub(crate) fn exact(text: &str) -> Self {
        Self::build(vec![Piece::Plain(fold(text))], true, true)
    }

    /// This text at the start.
    pub(crate) fn prefix(text: &str) -> Self {
        Self::build(vec![Piece::Plain(fold(text))], true, false)
    }

    /// This text anywhere.
    pub(crate) fn within(text: &str) -> Self {
        Self::build(vec![Piece::Plain(fold(text))], false, false)
    }

    /// A whole value with `*` and `?` in it; `\*` and `\?` are the characters themselves.
    pub(crate) fn glob(text: &str) -> Self {
        Self::from_glob(text, true)
    }

    /// A word with `*` and `?` in it, anywhere.
    pub(crate) fn glob_within(text: &str) -> Self {
        Self::from_glob(text, false)
    }

    fn from_glob(text: &str, whole: bool) -> Self {
        let mut pieces: Vec<Vec<Option<char>>> = vec![Vec::new()];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let element = match c {
                '*' => {
                    pieces.push(Vec::new());
                    continue;
                }
                '?' => None,
                '\\' => Some(chars.next_if(|next| matches!(next, '*' | '?')).unwrap_or('\\')),
                _ => Some(fold_char(c)),
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(element);
            }
        }
        let from_start = whole && pieces.first().is_some_and(|piece| !piece.is_empty() || pieces.len() == 1);
        let to_end = whole && pieces.last().is_some_and(|piece| !piece.is_empty() || pieces.len() == 1);
        let mut pieces: Vec<Piece> = pieces.into_iter().filter(|piece| !piece.is_empty()).map(Piece::from_elements).collect();
        if pieces.is_empty() && from_start {
            pieces.push(Piece::Plain(String::new()));
        }
        Self::build(pieces, from_start, to_end)
    }

    fn build(pieces: Vec<Piece>, from_start: bool, to_end: bool) -> Self {
        let ascii = pieces.iter().all(Piece::is_ascii);
        Self { pieces, from_start, to_end, ascii }
    }

    /// The same pattern anywhere in a text.
    pub(crate) fn anywhere(self) -> Self {
        Self { from_start: false, to_end: false, ..self }
    }

    /// The folded text of a pattern that is one exact text.
    pub(crate) fn as_exact(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Plain(text)] if self.from_start && self.to_end => Some(text),
            _ => None,
        }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        // An ASCII pattern is compared byte by byte without regard to ASCII case, so the text can stay as it is.
        if self.ascii { self.matches_folded(text) } else { self.matches_folded(&fold(text)) }
    }

    fn matches_folded(&self, text: &str) -> bool {
        let mut pieces = self.pieces.as_slice();
        let mut at = 0;
        if let ([first, rest @ ..], true) = (pieces, self.from_start) {
            match first.ends(text, 0) {
                Some(end) if rest.is_empty() && self.to_end => return end == text.len(),
                Some(end) => at = end,
                None => return false,
            }
            pieces = rest;
        }
        if let ([rest @ .., last], true) = (pieces, self.to_end) {
            let Some(at) = rest.iter().try_fold(at, |at, piece| piece.find(text, at)) else { return false };
            return last.is_suffix(text, at);
        }
        pieces.iter().try_fold(at, |at, piece| piece.find(text, at)).is_some()
    }
}

impl Piece {
    fn from_elements(elements: Vec<Option<char>>) -> Self {
        elements.iter().copied().collect::<Option<String>>().map_or(Self::Holes(elements), Self::Plain)
    }

    fn is_ascii(&self) -> bool {
        match self {
            Self::Plain(text) => text.is_ascii(),
            Self::Holes(elements) => elements.iter().flatten().all(char::is_ascii),
        }
    }

    /// Where the piece ends if it stands at `at`.
    fn ends(&self, text: &str, at: usize) -> Option<usize> {
        match self {
            Self::Plain(needle) => {
                let end = at + needle.len();
                text.as_bytes().get(at..end).filter(|found| found.eq_ignore_ascii_case(needle.as_bytes())).map(|_| end)
            }
            Self::Holes(elements) => {
                let mut chars = text.get(at..)?.char_indices();
                for element in elements {
                    let (_, c) = chars.next()?;
                    if element.is_some_and(|wanted| wanted != fold_ascii(c)) {
                        return None;
                    }
                }
                Some(chars.next().map_or(text.len(), |(offset, _)| at + offset))
            }
        }
    }

    /// The end of the first occurrence at or after `at`.
    fn find(&self, text: &str, at: usize) -> Option<usize> {
        match self {
            Self::Plain(needle) => find(text.as_bytes(), at, needle.as_bytes()),
            Self::Holes(_) => text.get(at..)?.char_indices().find_map(|(offset, _)| self.ends(text, at + offset)),
        }
    }

    /// Whether the text ends with the piece, which must not begin before `at`.
    fn is_suffix(&self, text: &str, at: usize) -> bool {
        let start = match self {
            Self::Plain(needle) => text.len().checked_sub(needle.len()),
            Self::Holes(elements) => text.char_indices().rev().nth(elements.len() - 1).map(|(offset, _)| offset),
        };
        start.is_some_and(|start| start >= at && self.ends(text, start) == Some(text.len()))
    }
}

fn fold_ascii(c: char) -> char {
    c.to_ascii_lowercase()
}

/// The end of the first occurrence of `needle` (folded) at or after `at`, ASCII case aside.
pub(super) fn find(text: &[u8], at: usize, needle: &[u8]) -> Option<usize> {
    let Some((&first, rest)) = needle.split_first() else { return Some(at) };
    let last = text.len().checked_sub(needle.len())?;
    let mut from = at;
    while from <= last {
        let found = memchr::memchr2(first, first.to_ascii_uppercase(), text.get(from..=last)?)? + from;
        let end = found + needle.len();
        if text[found + 1..end].eq_ignore_ascii_case(rest) {
            return Some(end);
        }
        from = found + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_values_and_parts() {
        assert!(Pattern::exact("WEB-1").matches("web-1"));
        assert!(!Pattern::exact("web").matches("web-1"));
        assert!(Pattern::prefix("web").matches("WEB-1"));
        assert!(Pattern::within("EB").matches("web-1"));
        assert!(Pattern::exact("").matches("") && !Pattern::exact("").matches("a"));
        assert!(Pattern::within("über").matches("die ÜBERSICHT"));
        assert!(Pattern::within("sicht").matches("die ÜBERSICHT"));
    }

    #[test]
    fn stars_and_holes() {
        for (pattern, text, expected) in [
            ("web-*", "WEB-17", true),
            ("web-*", "a web-17", false),
            ("*17", "web-17", true),
            ("*1*7", "web-17", true),
            ("w?b-*7", "web-17", true),
            ("w?b", "wb", false),
            ("?eb-1?", "web-17", true),
            ("*?7", "7", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("ab*ba", "aba", false),
            ("*", "", true),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
            (r"a\*b", "a*b", true),
            (r"a\*b", "axb", false),
            (r"c:\w*", r"C:\Windows", true),
            ("gr?n*", "GRÜNER", true),
            ("*ü?e", "xÜze", true),
        ] {
            assert_eq!(Pattern::glob(pattern).matches(text), expected, "{pattern} on {text}");
        }
        assert!(Pattern::glob_within("f*d").matches("it Failed: 3"));
        assert!(!Pattern::glob_within("f*d").matches("d f"));
    }

    #[test]
    fn a_needle_is_found_at_every_place() {
        for at in 0..20 {
            let text = format!("{}NeedLe{}", "n".repeat(at), "e".repeat(20 - at));
            assert_eq!(find(text.as_bytes(), 0, b"needle"), Some(at + 6));
        }
        assert_eq!(find(b"needl", 0, b"needle"), None);
    }
}
