//! What is looked up: a word or a whole value of a field, as one number. A word and a value that are the same text are the same
//! term, wherever they stand: a value is hardly ever looked for in the wrong field, and saying the field each time would double
//! the index.

use xxhash_rust::xxh3::xxh3_64;

/// The longest text that is a term; of longer ones, the words are.
pub(super) const MAX_TERM: usize = 128;

/// The term of a folded word or value; none if it is not indexed: a single character is everywhere, and the parts of a written
/// time are different in every row and better asked for as a time.
pub(crate) fn term(folded: &str) -> Option<u64> {
    term_of(folded.as_bytes())
}

/// The same of the bytes of a text.
pub(super) fn term_of(bytes: &[u8]) -> Option<u64> {
    let indexed = (2..=MAX_TERM).contains(&bytes.len()) && !is_fraction(bytes) && !is_time(bytes);
    indexed.then(|| xxh3_64(bytes))
}

/// The term that stands for a field of this name, at whatever depth.
pub(crate) fn name(field: &str) -> u64 {
    let leaf = field.rsplit('.').next().unwrap_or(field);
    // Nearly all are short: no text is made for those. The mark keeps names apart from words.
    let mut short = [b':'; 64];
    match short.get_mut(1..=leaf.len()) {
        Some(buffer) => {
            buffer.copy_from_slice(leaf.as_bytes());
            buffer.make_ascii_lowercase();
            xxh3_64(&short[..=leaf.len()])
        }
        None => xxh3_64(format!(":{}", leaf.to_ascii_lowercase()).as_bytes()),
    }
}

/// `123456z`: the fraction of a second.
fn is_fraction(bytes: &[u8]) -> bool {
    matches!(bytes, [digits @ .., b'z'] if digits.len() <= 9 && digits.iter().all(u8::is_ascii_digit))
}

/// `2026-01-31T12:00:00` and what may follow.
fn is_time(bytes: &[u8]) -> bool {
    let at = |places: &[usize], mark: u8| places.iter().all(|place| bytes.get(*place) == Some(&mark));
    bytes.len() >= 19 && at(&[4, 7], b'-') && at(&[13, 16], b':') && bytes[..4].iter().all(u8::is_ascii_digit)
}
