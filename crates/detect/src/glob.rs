//! Names with wildcards: `*` stands for any text, `?` for one character, anything else for itself in any case.

use std::fmt;

/// The longest pattern, in characters.
const MAX_CHARS: usize = 256;

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    text: String,
    folded: Vec<char>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {MAX_CHARS} characters on one line")]
pub struct GlobError;

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the text is empty, too long or holds control characters.
    pub fn new(text: &str) -> Result<Self, GlobError> {
        let text = text.trim();
        let chars = text.chars().count();
        if chars == 0 || chars > MAX_CHARS || text.chars().any(char::is_control) {
            return Err(GlobError);
        }
        Ok(Self { text: text.to_owned(), folded: text.to_lowercase().chars().collect() })
    }

    /// Whether it holds no wildcard, so that it names one thing.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.folded.iter().any(|c| matches!(c, '*' | '?'))
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether all of `text` fits, in any case. Takes at most the product of both lengths.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        let (mut at, mut in_text) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while in_text < text.len() {
            match self.folded.get(at) {
                Some('*') => {
                    star = Some((at, in_text));
                    at += 1;
                }
                Some(c) if *c == '?' || *c == text[in_text] => {
                    at += 1;
                    in_text += 1;
                }
                _ => {
                    let Some((star_at, taken)) = star else { return false };
                    star = Some((star_at, taken + 1));
                    (at, in_text) = (star_at + 1, taken + 1);
                }
            }
        }
        self.folded[at..].iter().all(|c| *c == '*')
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_question_marks_stand_for_text() {
        let fits = |pattern: &str, text: &str| Glob::new(pattern).expect(pattern).matches(text);
        for (pattern, text) in [("*", ""), ("web-*", "WEB-01"), ("*admin*", "x-Admin-y"), ("a?c", "abc"), ("a*b*c", "a-b-b-c"), ("É*", "éa")] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("web-*", "aweb-1"), ("a?c", "ac"), ("a", "ab"), ("a*b", "abc")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
        assert!(Glob::new("").is_err() && Glob::new("a\nb").is_err());
    }

    proptest! {
        /// A pattern made from a text by replacing parts with wildcards fits that text.
        #[test]
        fn a_text_with_parts_left_out_fits(parts in proptest::collection::vec("[a-c]{0,3}", 1..5), fill in "[a-d]{0,4}") {
            let pattern = format!("x{}", parts.join("*"));
            let text = format!("x{}", parts.join(&fill));
            prop_assert!(Glob::new(&pattern).expect("a pattern").matches(&text));
        }
    }
}
