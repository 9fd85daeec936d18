//! What a text must have, as far as the index tells, for a pattern to match it.

use super::pattern::{Pattern, Piece};
use super::words;
use crate::index::{Need, grams, term};

/// Of a pattern for words in a text.
pub(crate) fn phrase(pattern: &Pattern) -> Need {
    Need::all(pattern.pieces().flat_map(|(piece, start, end)| fragments(piece, start, end)))
}

/// Of a pattern for a whole value.
pub(crate) fn value(pattern: &Pattern) -> Need {
    match pattern.as_exact().and_then(term) {
        Some(hash) => Need::Term(hash),
        None => phrase(pattern),
    }
}

/// The words of a piece that are whole, and letters of those that may be parts of longer ones.
fn fragments(piece: &Piece, start: bool, end: bool) -> Vec<Need> {
    let mut needs = Vec::new();
    match piece {
        Piece::Plain(text) => fragment(text, start, end, &mut needs),
        Piece::Holes(elements) => {
            let parts: Vec<&[Option<char>]> = elements.split(Option::is_none).collect();
            let last = parts.len().saturating_sub(1);
            for (at, part) in parts.into_iter().enumerate() {
                let text: String = part.iter().flatten().collect();
                fragment(&text, start && at == 0, end && at == last, &mut needs);
            }
        }
    }
    needs
}

fn fragment(text: &str, start: bool, end: bool, needs: &mut Vec<Need>) {
    words::runs(text, |from, to| {
        let word = &text[from..to];
        let whole = (from > 0 || start) && (to < text.len() || end);
        match term(word).filter(|_| whole) {
            Some(hash) => needs.push(Need::Term(hash)),
            None => grams(word, |gram| needs.push(Need::Gram(gram))),
        }
    });
}
