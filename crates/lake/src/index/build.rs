//! Building an index, a row at a time in the order of the file.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;

use serde_json::Value;

use super::json::{self, Token};
use super::seen::{Hashed, MAX_PACKED, Texts, Words};
use super::term::{MAX_TERM, name, term, term_of};
use super::{BLOCK_ROWS, Index, MAGIC, Mask, SEGMENT_BLOCKS, grams, terms};
use crate::Row;
use crate::column::{self, Kind};
use crate::encode;
use crate::matching::{fold_into, words};

/// Terms of the block at hand that are looked up without the map.
const SEEN: usize = 1 << 12;
/// Values and names of fields that are remembered.
const VALUES: usize = 1 << 11;
const NAMES: usize = 1 << 9;
/// A value of so many bytes is looked for in the raw text before its words are noted.
const LONG: usize = 1 << 10;

/// Builds an index.
#[derive(Debug)]
pub(crate) struct Builder {
    rows: u64,
    /// Of the blocks of the segment at hand, the last one growing.
    times: Vec<(i64, i64)>,
    in_block: u32,
    marks: Marks,
    ends: Vec<u32>,
    segments: Vec<u8>,
    scratch: String,
    number: String,
}

/// What a segment has, and what its rows said already.
#[derive(Debug)]
struct Marks {
    terms: Terms,
    words: Words,
    values: Texts,
    names: Texts,
    /// Values as they are written in JSON, those with escapes.
    escaped: Texts,
}

/// What a segment has.
#[derive(Debug)]
struct Terms {
    block: Mask,
    terms: HashMap<u64, Mask, Hashed>,
    grams: Vec<u8>,
    /// Terms of this block, by their lowest bits.
    seen: Vec<u64>,
}

impl Default for Builder {
    fn default() -> Self {
        let terms = Terms { block: 1, terms: HashMap::default(), grams: vec![0; grams::BYTES], seen: vec![0; SEEN] };
        let marks = Marks { terms, words: Words::default(), values: Texts::new(VALUES), names: Texts::new(NAMES), escaped: Texts::new(NAMES) };
        Self { rows: 0, times: Vec::new(), in_block: 0, marks, ends: Vec::new(), segments: Vec::new(), scratch: String::new(), number: String::new() }
    }
}

impl Builder {
    /// Adds the next row; `plain` says that its message stands in the raw text as it is.
    pub(crate) fn add(&mut self, row: &Row, plain: bool) {
        self.begin_row(row.event_time);
        let Self { marks, scratch, number, .. } = self;
        marks.text(&row.raw, scratch);
        if !plain {
            marks.text(&row.message, scratch);
        }
        let mut leaf = Leaf { marks, scratch, number, raw: &row.raw };
        let optional = [&row.event_code, &row.reason_code, &row.vendor, &row.product, &row.parser];
        let always = [&row.record_type, &row.source, &row.source_category];
        let named = optional.into_iter().filter_map(Option::as_deref).chain(always.into_iter().map(String::as_str));
        named.for_each(|text| leaf.text(text));
        for (field, value) in &row.ecs {
            leaf.name(field);
            leaf.value(value);
            match column::of_ecs(field).map(|column| column.kind) {
                Some(Kind::Int) => encode::scalar_integer(value).into_iter().for_each(|number| leaf.number(number)),
                Some(Kind::Ip) => encode::scalar_text(value).into_iter().for_each(|text| leaf.text(&column::canonical_ip(&text))),
                _ => {}
            }
        }
        leaf.json(&row.fields);
    }

    fn begin_row(&mut self, time: i64) {
        if self.in_block == BLOCK_ROWS || self.times.is_empty() {
            if self.times.len() == SEGMENT_BLOCKS as usize {
                self.end_segment();
            }
            self.marks.begin_block(1 << self.times.len());
            self.times.push((time, time));
            self.in_block = 0;
        }
        if let Some((min, max)) = self.times.last_mut() {
            (*min, *max) = ((*min).min(time), (*max).max(time));
        }
        self.rows += 1;
        self.in_block += 1;
    }

    fn end_segment(&mut self) {
        for (min, max) in self.times.drain(..) {
            self.segments.extend(min.to_le_bytes());
            self.segments.extend(max.to_le_bytes());
        }
        let Terms { terms, grams, .. } = &mut self.marks.terms;
        self.segments.extend(&*grams);
        grams.fill(0);
        terms::write(terms.drain(), SEGMENT_BLOCKS, &mut self.segments);
        self.ends.push(self.segments.len() as u32);
    }

    /// The bytes of the index.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if !self.times.is_empty() {
            self.end_segment();
        }
        let mut out = Vec::with_capacity(self.segments.len() + self.ends.len() * 4 + 40);
        out.extend(MAGIC);
        out.extend(BLOCK_ROWS.to_le_bytes());
        out.extend(SEGMENT_BLOCKS.to_le_bytes());
        out.extend(self.rows.to_le_bytes());
        out.extend((self.ends.len() as u32).to_le_bytes());
        self.ends.iter().for_each(|end| out.extend(end.to_le_bytes()));
        out.extend(&self.segments);
        Index::seal(out)
    }
}

impl Terms {
    /// Notes a term; whether it is new in this block.
    fn note(&mut self, hash: u64) -> bool {
        let place = hash as usize % SEEN;
        if self.seen[place] == hash {
            return false;
        }
        self.seen[place] = hash;
        let mask = self.terms.entry(hash).or_default();
        let new = *mask & self.block == 0;
        *mask |= self.block;
        new
    }

    /// A folded word: itself, and the letters in it.
    fn word(&mut self, word: &[u8]) {
        if term_of(word).is_none_or(|hash| self.note(hash)) {
            self.letters(word);
        }
    }

    fn letters(&mut self, word: &[u8]) {
        grams::grams_of(word, |gram| self.grams[usize::from(gram) / 8] |= 1 << (gram % 8));
    }
}

impl Marks {
    fn begin_block(&mut self, block: Mask) {
        self.terms.block = block;
        self.terms.seen.fill(0);
        self.words.forget();
        self.values.forget();
        self.names.forget();
        self.escaped.forget();
    }

    /// The name of a field; the rows of a block have much the same.
    fn name(&mut self, field: &str) {
        if !self.names.says(field) {
            self.terms.note(name(field));
        }
    }

    /// The words of a text.
    fn text(&mut self, text: &str, scratch: &mut String) {
        if text.is_ascii() {
            words::places(text, |start, end| self.ascii_word(text.as_bytes(), start, end));
        } else {
            fold_into(text, scratch);
            words::each(scratch, |word| self.terms.word(word.as_bytes()));
        }
    }

    /// A word of ASCII letters and digits, as it stands in a text.
    #[inline]
    fn ascii_word(&mut self, text: &[u8], start: usize, end: usize) {
        let length = end - start;
        if length > MAX_PACKED {
            return self.long_word(&text[start..end]);
        }
        // A single character is no term, and has no letters in a row.
        if length > 1 {
            let Self { words, terms, .. } = self;
            words.once(text, start, length, |word| terms.word(word));
        }
    }

    fn long_word(&mut self, word: &[u8]) {
        let mut folded = [0; MAX_TERM];
        match folded.get_mut(..word.len()) {
            Some(folded) => {
                folded.copy_from_slice(word);
                folded.make_ascii_lowercase();
                self.terms.word(folded);
            }
            None => self.terms.letters(&word.to_ascii_lowercase()),
        }
    }

    /// A value: itself, and the words in it; unless it was in this block before, and so were they.
    fn value(&mut self, value: &str, scratch: &mut String) {
        if self.values.says(value) {
            return;
        }
        // The words first: one that is the whole value is to be new here, so that its letters are noted.
        self.text(value, scratch);
        // Folded text beyond ASCII may be shorter.
        if value.len() <= MAX_TERM || !value.is_ascii() {
            fold_into(value, scratch);
            if let Some(hash) = term(scratch) {
                self.terms.note(hash);
            }
        }
    }
}

/// Notes the values of fields: each as a whole, and the words in it.
struct Leaf<'a> {
    marks: &'a mut Marks,
    scratch: &'a mut String,
    number: &'a mut String,
    raw: &'a str,
}

impl Leaf<'_> {
    fn name(&mut self, field: &str) {
        self.marks.name(field);
    }

    /// The names and values in JSON. Text that is none has no fields to search for, so whatever is noted of it does no harm.
    fn json(&mut self, json: &str) {
        for token in json::tokens(json) {
            match token {
                Token::Name(name) if name.escaped => name.read().iter().for_each(|name| self.name(name)),
                Token::Name(name) => self.name(name.text),
                Token::Text(text) if !text.escaped => self.text(text.text),
                // What is the same as it is written is the same when it is read.
                Token::Text(text) if self.marks.escaped.says(text.text) => {}
                Token::Text(text) => text.read().iter().for_each(|text| self.text(text)),
                Token::Other(literal) => {
                    if let Ok(value) = serde_json::from_str::<Value>(literal) {
                        self.value(&value);
                    }
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        if text.len() > LONG && encode::part(self.raw, text).is_some_and(|at| self.is_whole(at, text.len())) {
            return;
        }
        self.marks.value(text, self.scratch);
    }

    /// Whether the words of this part of the raw text are words of the whole.
    fn is_whole(&self, at: usize, length: usize) -> bool {
        words::starts(self.raw, at) && words::ends(self.raw, at + length)
    }

    fn number(&mut self, number: impl fmt::Display) {
        let mut text = std::mem::take(self.number);
        text.clear();
        // Writing to a string does not fail.
        let _ = write!(text, "{number}");
        self.marks.value(&text, self.scratch);
        *self.number = text;
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(flag) => self.number(flag),
            // As a column has it, and as it is read from JSON: 1.0 and 1.
            Value::Number(number) => {
                self.number(number);
                number.as_f64().filter(|_| number.is_f64()).into_iter().for_each(|number| self.number(number));
            }
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(object) => object.iter().for_each(|(field, value)| {
                self.name(field);
                self.value(value);
            }),
        }
    }
}
