//! What a block of rows said already: the rows of a block repeat most of their words, values and names of fields, and what was noted
//! once need not be hashed and noted again. A text counts as said only if it is the very same text, so nothing is ever missed; what
//! is forgotten meanwhile, because something else took its place, is noted once more, which changes nothing.

use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// Bytes of one number.
const HALF: usize = 16;
/// The longest word that is remembered.
pub(super) const MAX_PACKED: usize = 2 * HALF;
/// Words that are remembered at a time, by their length, powers of two.
const SHORT: usize = 1 << 13;
const LONG: usize = 1 << 11;
/// The longest text that is remembered.
const MAX_TEXT: usize = 256;
/// A number whose product with another spreads that one's bits to the highest places.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Folded words of up to [`MAX_PACKED`] bytes of ASCII, each as two numbers, the second one 0 for most.
#[derive(Debug)]
pub(super) struct Words {
    short: Vec<u128>,
    long: Vec<[u128; 2]>,
}

impl Default for Words {
    fn default() -> Self {
        Self { short: vec![0; SHORT], long: vec![[0; 2]; LONG] }
    }
}

impl Words {
    /// Calls with a word's folded text unless it was said; now it is. The word is of 1 to [`MAX_PACKED`] ASCII letters and digits and
    /// begins at `start`.
    #[inline]
    pub(super) fn once(&mut self, bytes: &[u8], start: usize, length: usize, new: impl FnOnce(&[u8])) {
        if length <= HALF {
            let word = packed(bytes, start, length);
            let slot = &mut self.short[place(mixed(word), SHORT)];
            if *slot != word {
                *slot = word;
                new(&word.to_le_bytes()[..length]);
            }
            return;
        }
        let word = [packed(bytes, start, HALF), packed(bytes, start + HALF, length - HALF)];
        let slot = &mut self.long[place(mixed(word[0]) ^ mixed(word[1]).rotate_left(7), LONG)];
        if *slot != word {
            *slot = word;
            let mut text = [0; MAX_PACKED];
            let (first, second) = text.split_at_mut(HALF);
            first.copy_from_slice(&word[0].to_le_bytes());
            second.copy_from_slice(&word[1].to_le_bytes());
            new(&text[..length]);
        }
    }

    pub(super) fn forget(&mut self) {
        self.short.fill(0);
        self.long.fill([0; 2]);
    }
}

/// 1 to [`HALF`] ASCII letters and digits that begin at `start`, folded and as one number: no others have it.
#[inline]
fn packed(bytes: &[u8], start: usize, length: usize) -> u128 {
    let rest = &bytes[start..];
    let whole = match rest.first_chunk::<HALF>() {
        Some(whole) => *whole,
        None => {
            let mut whole = [0; HALF];
            whole[..rest.len()].copy_from_slice(rest);
            whole
        }
    };
    // In ASCII, this bit makes a capital letter a small one, and digits have it.
    (u128::from_le_bytes(whole) | u128::from_le_bytes([0x20; HALF])) & (u128::MAX >> (8 * (HALF - length)))
}

#[inline]
fn mixed(word: u128) -> u64 {
    (word as u64 ^ ((word >> 64) as u64).rotate_left(32)).wrapping_mul(SPREAD)
}

/// A place in a table of so many, by the highest bits.
#[inline]
fn place(mixed: u64, count: usize) -> usize {
    (mixed >> (u64::BITS - count.trailing_zeros())) as usize
}

/// A number that follows from the ends of a text and its length: for tables that compare the text itself, where a hash of all of it
/// would cost more than it saves.
pub(crate) fn by_ends(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), 0),
    };
    (first ^ last.rotate_left(29) ^ bytes.len() as u64).wrapping_mul(SPREAD)
}

/// Texts as they are.
#[derive(Debug)]
pub(super) struct Texts(Vec<String>);

impl Texts {
    /// Remembers so many texts at a time, a power of two.
    pub(super) fn new(count: usize) -> Self {
        Self(vec![String::new(); count])
    }

    /// Whether this text was said; now it is, unless it is too long to be remembered. Nothing is the empty text.
    pub(super) fn says(&mut self, text: &str) -> bool {
        if text.len() > MAX_TEXT {
            return false;
        }
        let at = place(by_ends(text), self.0.len());
        let slot = &mut self.0[at];
        if slot == text {
            return true;
        }
        slot.clear();
        slot.push_str(text);
        false
    }

    pub(super) fn forget(&mut self) {
        self.0.iter_mut().for_each(String::clear);
    }
}

/// For keys that are hashes already.
pub(crate) type Hashed = BuildHasherDefault<Same>;

/// Gives a hash as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_packed_word_is_its_folded_text(before in "[ -~]{0,3}", word in "[a-zA-Z0-9]{1,32}", after in "[ -~]{0,40}") {
            let text = format!("{before}{word}{after}");
            let (mut words, mut new) = (Words::default(), Vec::new());
            for _ in 0..2 {
                words.once(text.as_bytes(), before.len(), word.len(), |folded| new.push(folded.to_vec()));
            }
            prop_assert_eq!(new, [word.to_ascii_lowercase().into_bytes()]);
        }

        #[test]
        fn only_what_was_said_counts_as_said(texts in proptest::collection::vec("[ab]{1,6}|[ab]{14,18}|c{14,30}[ab]{0,2}", 1..200)) {
            let (mut words, mut values) = (Words::default(), Texts::new(4));
            let mut before = std::collections::HashSet::new();
            for text in &texts {
                let mut new = false;
                words.once(text.as_bytes(), 0, text.len(), |_| new = true);
                prop_assert!(new || before.contains(text));
                prop_assert!(!values.says(text) || before.contains(text));
                prop_assert!(values.says(text));
                before.insert(text);
            }
        }
    }
}
