//! Building an index, a row at a time in the order of the file.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fmt::Write as _;
use std::hash::{BuildHasherDefault, Hasher};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::term::{MAX_TERM, name, term};
use super::{BLOCK_ROWS, Index, MAGIC, Mask, SEGMENT_BLOCKS, grams, terms};
use crate::Row;
use crate::column::{self, Kind};
use crate::encode;
use crate::matching::{fold_into, words};

/// Terms of the block at hand that are looked up without the map.
const SEEN: usize = 1 << 12;

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
    text: String,
    value: String,
    /// What the rows of this block said last in the columns that hardly change.
    said: [String; 8],
}

/// What a segment has.
#[derive(Debug)]
struct Marks {
    block: Mask,
    terms: HashMap<u64, Mask, Hashed>,
    grams: Vec<u8>,
    /// Terms of this block, by their lowest bits.
    seen: Vec<u64>,
    /// Names of fields of this block.
    names: HashSet<u64, Hashed>,
}

impl Default for Builder {
    fn default() -> Self {
        let marks = Marks { block: 1, terms: HashMap::default(), grams: vec![0; grams::BYTES], seen: vec![0; SEEN], names: HashSet::default() };
        Self {
            rows: 0,
            times: Vec::new(),
            in_block: 0,
            marks,
            ends: Vec::new(),
            segments: Vec::new(),
            text: String::new(),
            value: String::new(),
            said: Default::default(),
        }
    }
}

impl Builder {
    /// Adds the next row; `plain` says that its message stands in the raw text as it is.
    pub(crate) fn add(&mut self, row: &Row, plain: bool) {
        self.begin_row(row.event_time);
        let Self { marks, text, value, said, .. } = self;
        fold_into(&row.raw, text);
        words::each(text, |word| marks.word(word));
        if !plain {
            fold_into(&row.message, text);
            words::each(text, |word| marks.word(word));
        }
        let mut leaf = Leaf { marks, scratch: value, raw: &row.raw };
        let optional = [&row.event_code, &row.reason_code, &row.vendor, &row.product, &row.parser];
        let always = [&row.record_type, &row.source, &row.source_category];
        let named = optional.into_iter().map(Option::as_deref).chain(always.into_iter().map(|text| Some(text.as_str())));
        for (text, said) in named.zip(said) {
            if let Some(text) = text.filter(|text| text != said) {
                said.clear();
                said.push_str(text);
                leaf.text(text);
            }
        }
        for (field, value) in &row.ecs {
            leaf.name(field);
            leaf.value(value);
            match column::of_ecs(field).map(|column| column.kind) {
                Some(Kind::Int) => encode::scalar_integer(value).into_iter().for_each(|number| leaf.number(number)),
                Some(Kind::Ip) => encode::scalar_text(value).into_iter().for_each(|text| leaf.text(&column::canonical_ip(&text))),
                _ => {}
            }
        }
        // Text that is no object has no fields to search for; neither has what follows a fault in it.
        let _ = (&mut leaf).deserialize(&mut serde_json::Deserializer::from_str(&row.fields));
    }

    fn begin_row(&mut self, time: i64) {
        if self.in_block == BLOCK_ROWS || self.times.is_empty() {
            if self.times.len() == SEGMENT_BLOCKS as usize {
                self.end_segment();
            }
            self.marks.block = 1 << self.times.len();
            self.marks.seen.fill(0);
            self.marks.names.clear();
            self.said.iter_mut().for_each(String::clear);
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
        self.segments.extend(&self.marks.grams);
        self.marks.grams.fill(0);
        terms::write(self.marks.terms.drain(), SEGMENT_BLOCKS, &mut self.segments);
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

impl Marks {
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

    /// The name of a field; the rows of a block have much the same.
    fn name(&mut self, field: &str) {
        if self.names.insert(xxh3_64(field.as_bytes())) {
            self.note(name(field));
        }
    }

    /// A folded word: itself, and the letters in it.
    fn word(&mut self, word: &str) {
        if term(word).is_none_or(|hash| self.note(hash)) {
            self.letters(word);
        }
    }

    fn letters(&mut self, word: &str) {
        grams::grams(word, |gram| self.grams[usize::from(gram) / 8] |= 1 << (gram % 8));
    }

    /// A folded value: itself, and the words in it; unless it was in this block before, and so were they.
    fn value(&mut self, value: &str) {
        if term(value).is_none_or(|hash| self.note(hash)) {
            words::each(value, |word| if word.len() == value.len() { self.letters(word) } else { self.word(word) });
        }
    }
}

/// Notes the values of fields: each as a whole, and the words in it.
struct Leaf<'a> {
    marks: &'a mut Marks,
    scratch: &'a mut String,
    raw: &'a str,
}

impl Leaf<'_> {
    fn name(&mut self, field: &str) {
        self.marks.name(field);
    }

    fn text(&mut self, text: &str) {
        if text.len() > MAX_TERM && encode::part(self.raw, text).is_some_and(|at| self.is_whole(at, text.len())) {
            return;
        }
        fold_into(text, self.scratch);
        self.marks.value(self.scratch);
    }

    /// Whether the words of this part of the raw text are words of the whole.
    fn is_whole(&self, at: usize, length: usize) -> bool {
        words::starts(self.raw, at) && words::ends(self.raw, at + length)
    }

    fn number(&mut self, number: impl fmt::Display) {
        self.scratch.clear();
        // Writing to a string does not fail.
        let _ = write!(self.scratch, "{number}");
        self.marks.value(self.scratch);
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

impl<'de> DeserializeSeed<'de> for &mut Leaf<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Leaf<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(Key(self))?.is_some() {
            map.next_value_seed(&mut *self)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.text(text);
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.number(flag);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.number(number);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.number(number);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.number(number);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The name of a field.
struct Key<'a, 'b>(&'a mut Leaf<'b>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, field: &str) -> Result<(), E> {
        self.0.name(field);
        Ok(())
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
