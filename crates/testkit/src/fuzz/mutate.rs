//! Inputs made of seeds: changed, cut, repeated and mixed.

use super::MAX_INPUT;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// Inputs remembered beside the seeds, so that changes add up.
const KEPT: usize = 64;
/// Bytes that parsers look for, and numbers at the edge of their kinds.
const TOKENS: [&[u8]; 26] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\n",
    b"\r\n",
    b"\0",
    b" ",
    b"<",
    b">",
    b"=",
    b"|",
    b"*",
    b"(",
    b")",
    b"-1",
    b"18446744073709551616",
    b"1e999",
    b"\xff\xfe",
    b"\xf0\x9f\x94\xa5",
    b"\\u0000",
    b"null",
];

/// Makes inputs without end; the same for the same number and seeds.
pub(super) struct Mutator {
    dice: StdRng,
    seeds: Vec<Vec<u8>>,
    kept: Vec<Vec<u8>>,
}

impl Mutator {
    pub(super) fn new(number: u64, seeds: &[Vec<u8>]) -> Self {
        Self { dice: StdRng::seed_from_u64(number), seeds: seeds.to_vec(), kept: Vec::new() }
    }

    /// Remembers some of what was tried, to be changed further.
    pub(super) fn keep(&mut self, input: Vec<u8>) {
        if self.kept.len() < KEPT {
            self.kept.push(input);
        } else if self.dice.random_ratio(1, 8) {
            let at = self.dice.random_range(0..KEPT);
            self.kept[at] = input;
        }
    }

    pub(super) fn next(&mut self) -> Vec<u8> {
        let mut input = self.pick();
        for _ in 0..self.dice.random_range(1..=4) {
            self.change(&mut input);
        }
        input.truncate(MAX_INPUT);
        input
    }

    /// A seed most of the time, or what was made of one before.
    fn pick(&mut self) -> Vec<u8> {
        let from = if self.kept.is_empty() || self.dice.random_ratio(2, 3) { &self.seeds } else { &self.kept };
        from[self.dice.random_range(0..from.len())].clone()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let (from, to) = self.part(input.len());
        match self.dice.random_range(0..8) {
            0 => drop(input.drain(from..to)),
            1 => input.truncate(from),
            2 if from < to => input[from] = self.dice.random(),
            3 if from < to => input[from] ^= 1 << self.dice.random_range(0..8),
            4 => {
                let times = 1 << self.dice.random_range(0..10);
                let part: Vec<u8> = input[from..to].iter().copied().take(MAX_INPUT / times).collect();
                input.splice(from..from, part.repeat(times));
            }
            5 => {
                let other = self.pick();
                let (start, end) = self.part(other.len());
                input.splice(from..to, other[start..end].iter().copied());
            }
            _ => {
                let token = TOKENS[self.dice.random_range(0..TOKENS.len())];
                input.splice(from..from, token.iter().copied());
            }
        }
    }

    /// A part of something so long, short ones more often.
    fn part(&mut self, length: usize) -> (usize, usize) {
        let from = self.dice.random_range(0..=length);
        let most = (length - from).min(1 << self.dice.random_range(0..12));
        (from, from + self.dice.random_range(0..=most))
    }
}
