//! Three letters in a row inside a word: what a search for a part of a word needs.

/// Letters and digits that count.
const LETTERS: usize = 36;
/// All there can be.
pub(super) const GRAMS: usize = LETTERS * LETTERS * LETTERS;
/// Bytes of a set of them.
pub(super) const BYTES: usize = GRAMS.div_ceil(8);

/// Calls for every three letters or digits that stand together in folded text.
pub(crate) fn grams(folded: &str, each: impl FnMut(u16)) {
    grams_of(folded.as_bytes(), each);
}

/// The same of the bytes of a folded text.
pub(super) fn grams_of(folded: &[u8], mut each: impl FnMut(u16)) {
    let (mut run, mut gram) = (0, 0);
    for byte in folded.iter().copied() {
        let letter = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            _ => {
                run = 0;
                continue;
            }
        };
        gram = (gram * LETTERS + usize::from(letter)) % GRAMS;
        run += 1;
        if run >= 3 {
            each(gram as u16);
        }
    }
}

/// Whether a set has it.
pub(super) fn has(set: &[u8], gram: u16) -> bool {
    set.get(usize::from(gram) / 8).is_none_or(|byte| byte >> (gram % 8) & 1 == 1)
}
