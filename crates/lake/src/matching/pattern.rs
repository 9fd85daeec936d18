//! Case-insensitive patterns with `*` (any run of characters) and `?` (any one character).
//!
//! A pattern is for a whole value, or for words anywhere in a text: then it begins and ends where words do, unless a star says
//! otherwise. A pattern is cut at its stars; each piece is looked for left to right, which needs no backtracking: time is linear in the
//! text for ordinary patterns, and a query bounds how long a pattern can be.

use super::words;

/// The one folding of case used everywhere: character by character, so that positions stay comparable.
pub(crate) fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

/// Folds a text into a buffer.
pub(crate) fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(text.chars().map(fold_char));
    }
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
    /// Of a pattern for words: the first piece must begin, the last must end, where a word does.
    word_start: bool,
    word_end: bool,
    ascii: bool,
}

/// What stands between two stars.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Piece {
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

    /// This text as words: it stands anywhere, but a letter or digit at either end of it is not in the middle of a word.
    pub(crate) fn words(text: &str) -> Self {
        Self::build(vec![Piece::Plain(fold(text))], false, false).between_words(true, true)
    }

    /// A whole value with `*` and `?` in it; `\*` and `\?` are the characters themselves.
    pub(crate) fn glob(text: &str) -> Self {
        Self::from_glob(text, true)
    }

    /// A word with `*` and `?` in it: a star at an end of it stands for the rest of a word, or more.
    pub(crate) fn word_glob(text: &str) -> Self {
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
        let open = [pieces.first(), pieces.last()].map(|end| end.is_some_and(Vec::is_empty));
        let from_start = whole && pieces.first().is_some_and(|piece| !piece.is_empty() || pieces.len() == 1);
        let to_end = whole && pieces.last().is_some_and(|piece| !piece.is_empty() || pieces.len() == 1);
        let mut pieces: Vec<Piece> = pieces.into_iter().filter(|piece| !piece.is_empty()).map(Piece::from_elements).collect();
        if pieces.is_empty() && from_start {
            pieces.push(Piece::Plain(String::new()));
        }
        let pattern = Self::build(pieces, from_start, to_end);
        if whole { pattern } else { pattern.between_words(!open[0], !open[1]) }
    }

    /// Words begin and end only beside letters and digits: other characters stand for themselves.
    fn between_words(mut self, start: bool, end: bool) -> Self {
        self.word_start = start && self.pieces.first().and_then(Piece::first).is_some_and(char::is_alphanumeric);
        self.word_end = end && self.pieces.last().and_then(Piece::last).is_some_and(char::is_alphanumeric);
        self
    }

    fn build(pieces: Vec<Piece>, from_start: bool, to_end: bool) -> Self {
        let ascii = pieces.iter().all(Piece::is_ascii);
        Self { pieces, from_start, to_end, word_start: false, word_end: false, ascii }
    }

    /// The same pattern for words anywhere in a text.
    pub(crate) fn anywhere(self) -> Self {
        let (start, end) = (self.from_start, self.to_end);
        Self { from_start: false, to_end: false, ..self }.between_words(start, end)
    }

    /// The pieces in their order, each with whether it begins and whether it ends where a word does.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (&Piece, bool, bool)> {
        let last = self.pieces.len().saturating_sub(1);
        let (start, end) = (self.from_start || self.word_start, self.to_end || self.word_end);
        self.pieces.iter().enumerate().map(move |(at, piece)| (piece, start && at == 0, end && at == last))
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
        } else if let ([first, rest @ ..], true) = (pieces, self.word_start) {
            match first.find_word(text, 0, true, rest.is_empty() && self.word_end) {
                Some(_) if rest.is_empty() && !self.to_end => return true,
                Some(end) => at = end,
                None => return false,
            }
            pieces = rest;
        }
        let Some((last, rest)) = pieces.split_last() else { return true };
        let Some(at) = rest.iter().try_fold(at, |at, piece| piece.find(text, at).map(|(_, end)| end)) else { return false };
        if self.to_end { last.is_suffix(text, at) } else { last.find_word(text, at, false, self.word_end).is_some() }
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

    /// The first occurrence at or after `at`.
    fn find(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        match self {
            Self::Plain(needle) => find(text.as_bytes(), at, needle.as_bytes()).map(|end| (end - needle.len(), end)),
            Self::Holes(_) => {
                let mut places = text.get(at..)?.char_indices().map(|(offset, _)| at + offset);
                places.find_map(|start| self.ends(text, start).map(|end| (start, end)))
            }
        }
    }

    /// The end of the first occurrence at or after `at` that begins and ends where words do, as far as that is asked.
    fn find_word(&self, text: &str, mut at: usize, start: bool, end: bool) -> Option<usize> {
        loop {
            let (from, to) = self.find(text, at)?;
            if (!start || words::starts(text, from)) && (!end || words::ends(text, to)) {
                return Some(to);
            }
            at = from + text.get(from..)?.chars().next()?.len_utf8();
        }
    }

    fn first(&self) -> Option<char> {
        match self {
            Self::Plain(text) => text.chars().next(),
            Self::Holes(elements) => elements.first().copied().flatten(),
        }
    }

    fn last(&self) -> Option<char> {
        match self {
            Self::Plain(text) => text.chars().next_back(),
            Self::Holes(elements) => elements.last().copied().flatten(),
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
        assert!(Pattern::exact("").matches("") && !Pattern::exact("").matches("a"));
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
    }

    #[test]
    fn words_are_whole_unless_a_star_says_otherwise() {
        for (pattern, text, expected) in [
            ("error", "an ERROR.", true),
            ("error", "errors", false),
            ("error", "myerror_code my_error-code", true),
            ("error", "myerror errors", false),
            ("error*", "errors", true),
            ("*error", "myerror", true),
            ("*rro*", "myerrors", true),
            ("web-1", "(WEB-1)", true),
            ("web-1", "web-10 xweb-1", false),
            ("f*d", "it Failed: 3", true),
            ("f*d", "d f", false),
            ("f*d", "if Failed?", true),
            ("f*d", "ifx fails", false),
            ("proc?ss", "a process", true),
            ("proc?ss", "a processor", false),
            ("über", "die ÜBERSICHT", false),
            ("über*", "die ÜBERSICHT", true),
            ("alice", r"User:xtALICE", false),
            ("alice", r"User:\t\tALICE", true),
            ("50%", "is 50%.", true),
            ("%", "50%5", true),
        ] {
            assert_eq!(Pattern::word_glob(pattern).matches(text), expected, "{pattern} on {text}");
        }
        assert!(Pattern::words("account was").matches("An ACCOUNT was x") && !Pattern::words("account was").matches("account wasp"));
        assert!(Pattern::exact("account was").anywhere().matches("an account was") && !Pattern::exact("unt").anywhere().matches("account"));
        assert!(Pattern::prefix("acc").anywhere().matches("an account"));
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
