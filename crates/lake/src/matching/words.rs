//! Words: what a text is made of, for the matcher and the index alike.
//!
//! A word is a longest run of letters and digits. One more rule serves JSON text, in which `\talice` is a tab and a word: behind
//! a backslash, a word also begins after a letter that would make an escape with it (`\n`, `\u00e9`). Nothing looks further than
//! that, so where a word begins does not depend on what stands before: a part of a text has no words the whole has not.

/// Whether a word can begin at `at`, whatever stands there.
pub(crate) fn starts(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(&before) = at.checked_sub(1).and_then(|last| bytes.get(last)) else { return true };
    if !before.is_ascii() {
        return text.get(..at).and_then(|head| head.chars().next_back()).is_none_or(|c| !c.is_alphanumeric());
    }
    if !before.is_ascii_alphanumeric() {
        return true;
    }
    let run = &bytes[..at];
    let escaped = |letters: usize| run.len().checked_sub(letters + 1).is_some_and(|slash| run[slash] == b'\\' && is_escape(&run[slash + 1..]));
    escaped(1) || escaped(5)
}

/// Whether a word can end at `at`.
pub(crate) fn ends(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        None => true,
        Some(next) if next.is_ascii() => !next.is_ascii_alphanumeric(),
        Some(_) => text.get(at..).and_then(|rest| rest.chars().next()).is_none_or(|c| !c.is_alphanumeric()),
    }
}

/// The words of a text, each with what its beginning may hide behind an escape.
pub(crate) fn each<'a>(text: &'a str, mut word: impl FnMut(&'a str)) {
    places(text, |start, end| word(&text[start..end]));
}

/// Where the words of a text begin and end, as [`each`] gives them.
#[inline]
pub(crate) fn places(text: &str, mut word: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    runs(text, |start, end| {
        word(start, end);
        if start > 0 && bytes[start - 1] == b'\\' {
            for letters in [1, 5] {
                if end - start > letters && is_escape(&bytes[start..start + letters]) {
                    word(start + letters, end);
                }
            }
        }
    });
}

/// Where the longest runs of letters and digits begin and end.
#[inline]
pub(crate) fn runs(text: &str, run: impl FnMut(usize, usize)) {
    if text.is_ascii() { ascii_runs(text.as_bytes(), run) } else { mixed_runs(text, run) }
}

fn mixed_runs(text: &str, mut run: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = letter(text, at);
        if length == 0 {
            at += step(bytes[at]);
            continue;
        }
        let start = at;
        at += length;
        while at < bytes.len() {
            match letter(text, at) {
                0 => break,
                length => at += length,
            }
        }
        run(start, at);
    }
}

/// The same for text that is ASCII, 64 bytes at a time: one bit says what each of them is, and where the bits change a run begins or
/// ends. There is one step for each run and none for each byte, so next to nothing for the processor to guess wrong.
#[inline]
fn ascii_runs(bytes: &[u8], mut run: impl FnMut(usize, usize)) {
    const BLOCK: usize = 64;
    let mut start = None;
    for (block, chunk) in bytes.chunks(BLOCK).enumerate() {
        let letters = match chunk.first_chunk::<BLOCK>() {
            Some(whole) => letters(whole),
            None => {
                let mut whole = [0; BLOCK];
                whole[..chunk.len()].copy_from_slice(chunk);
                letters(&whole)
            }
        };
        let mut changes = letters ^ (letters << 1 | u64::from(start.is_some()));
        while changes != 0 {
            let at = block * BLOCK + changes.trailing_zeros() as usize;
            changes &= changes - 1;
            match start.take() {
                Some(from) => run(from, at),
                None => start = Some(at),
            }
        }
    }
    if let Some(from) = start {
        run(from, bytes.len());
    }
}

/// A bit for each of 64 bytes, the first one lowest: whether it is an ASCII letter or digit.
#[inline]
fn letters(bytes: &[u8; 64]) -> u64 {
    let ones = bytes.map(|byte| u8::from((byte | 0x20).wrapping_sub(b'a') < 26) | u8::from(byte.wrapping_sub(b'0') < 10));
    ones.chunks_exact(8).rev().fold(0, |bits, eight| {
        let eight = eight.first_chunk::<8>().map_or(0, |eight| u64::from_le_bytes(*eight));
        // Eight bytes that are 0 or 1 become the eight bits of the highest byte.
        bits << 8 | eight.wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

/// Whether these letters behind a backslash make an escape of JSON, case aside.
fn is_escape(letters: &[u8]) -> bool {
    match letters {
        [letter] => matches!(letter.to_ascii_lowercase(), b'b' | b'f' | b'n' | b'r' | b't'),
        [b'u' | b'U', digits @ ..] => digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    }
}

/// Bytes of the letter or digit at `at`; none, 0.
#[inline]
fn letter(text: &str, at: usize) -> usize {
    match LETTERS[usize::from(text.as_bytes()[at])] {
        OTHER => beyond_ascii(text, at),
        length => usize::from(length),
    }
}

/// What a byte is by itself: a letter or digit (1), something between words (0), or a part of a character beyond ASCII.
static LETTERS: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() as u8;
        byte += 1;
    }
    table
};
const OTHER: u8 = 2;

fn beyond_ascii(text: &str, at: usize) -> usize {
    text[at..].chars().next().filter(|c| c.is_alphanumeric()).map_or(0, char::len_utf8)
}

/// Bytes of the character that begins with this byte.
fn step(byte: u8) -> usize {
    match byte {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let mut words = Vec::new();
        each(text, |word| words.push(word));
        words
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(words("An account: web-1_a über/Straße 50%"), ["An", "account", "web", "1", "a", "über", "Straße", "50"]);
        assert_eq!(words(r"x\talice C:\New\u00e9bc \u12"), ["x", "talice", "alice", "C", "New", "ew", "u00e9bc", "bc", "u12"]);
        assert_eq!(words(""), [""; 0]);
    }

    proptest! {
        #[test]
        fn runs_of_ascii_are_found_alike_64_bytes_at_a_time(text in r"([a-zA-Z0-9]{0,70}[ -~\x00-\x1f]{0,3}){0,6}") {
            let (mut fast, mut plain) = (Vec::new(), Vec::new());
            ascii_runs(text.as_bytes(), |start, end| fast.push((start, end)));
            mixed_runs(&text, |start, end| plain.push((start, end)));
            prop_assert_eq!(fast, plain);
        }

        #[test]
        fn a_word_begins_and_ends_where_the_matcher_says(text in r"([a-cn\\ u0-9]|\\t|\\u00e9|ü|[^\x00]){0,24}") {
            for word in words(&text) {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                prop_assert!(starts(&text, start) && ends(&text, start + word.len()), "{word}");
            }
            // And the other way round: whatever stands between two such places and has only letters is a word.
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            for (n, from) in places.iter().enumerate() {
                for to in &places[n + 1..] {
                    let part = &text[*from..*to];
                    if part.chars().all(char::is_alphanumeric) && starts(&text, *from) && ends(&text, *to) {
                        prop_assert!(words(&text).contains(&part), "{part:?} in {text:?}");
                    }
                }
            }
        }
    }
}
