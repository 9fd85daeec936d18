//! Reading an index: checked once as a whole, then asked without copying.
#![allow(clippy::single_range_in_vec_init, reason = "a list of ranges may have one")]

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::terms::Terms;
use super::{MAGIC, MAX_SEGMENT_BLOCKS, Mask, Need, grams, term};
use crate::matching::fold;

const HEADER: usize = 24;
const CHECKSUM: usize = 8;
/// Bytes of the times of a block.
const TIMES: usize = 16;

/// Why bytes are no index.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IndexDamaged(pub(crate) &'static str);

/// The index of a file.
#[derive(Clone, Debug)]
pub struct Index {
    bytes: Vec<u8>,
    block_rows: u64,
    segment_blocks: u32,
    rows: u64,
    segments: Vec<Range<usize>>,
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// [`IndexDamaged`] for bytes that are not what was written.
    pub fn open(bytes: Vec<u8>) -> Result<Self, IndexDamaged> {
        let Some((body, checksum)) = bytes.split_last_chunk::<CHECKSUM>() else { return Err(IndexDamaged("is cut short")) };
        if body.first_chunk() != Some(MAGIC) {
            return Err(IndexDamaged("is of another kind or version"));
        }
        if xxh3_64(body) != u64::from_le_bytes(*checksum) {
            return Err(IndexDamaged("does not have its checksum"));
        }
        let damaged = || IndexDamaged("is not laid out as it should be");
        let block_rows = u64::from(number(body, 4).ok_or_else(damaged)?);
        let segment_blocks = number(body, 8).ok_or_else(damaged)?;
        let rows = body.get(12..20).and_then(|rows| rows.first_chunk()).map(|rows| u64::from_le_bytes(*rows)).ok_or_else(damaged)?;
        let count = number(body, 20).ok_or_else(damaged)? as usize;
        let segment_rows = block_rows * u64::from(segment_blocks);
        let whole = (1..=MAX_SEGMENT_BLOCKS).contains(&segment_blocks) && segment_rows > 0 && rows.div_ceil(segment_rows) == count as u64;
        let base = count.checked_mul(4).and_then(|table| table.checked_add(HEADER)).filter(|base| whole && *base <= body.len());
        let base = base.ok_or_else(damaged)?;
        let mut start = base;
        let mut segments = Vec::with_capacity(count);
        for at in 0..count {
            let end = base + number(body, HEADER + at * 4).ok_or_else(damaged)? as usize;
            if end < start || end > body.len() {
                return Err(damaged());
            }
            segments.push(start..end);
            start = end;
        }
        let index = Self { block_rows, segment_blocks, rows, segments, bytes };
        let sound = (0..index.segments.len()).all(|at| index.segment(at).is_some());
        if sound { Ok(index) } else { Err(damaged()) }
    }

    /// The bytes of an index from all but their checksum.
    pub fn seal(mut body: Vec<u8>) -> Vec<u8> {
        body.extend(xxh3_64(&body).to_le_bytes());
        body
    }

    /// The rows that can have this word or whole value: ranges in their order that do not touch.
    pub fn rows_with(&self, word: &str) -> Vec<Range<usize>> {
        self.select(&term(&fold(word)).map_or(Need::Nothing, Need::Term), |_, _| true)
    }

    /// Rows of the file.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len() + self.segments.len() * size_of::<Range<usize>>() + size_of::<Self>()
    }

    /// The rows that can fulfil a need, of the blocks whose smallest and largest time are admitted: ranges in their order that do
    /// not touch.
    pub(crate) fn select(&self, need: &Need, admits: impl Fn(i64, i64) -> bool) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for Block { rows, .. } in self.blocks(need, admits) {
            match ranges.last_mut().filter(|last| last.end == rows.start) {
                Some(last) => last.end = rows.end,
                None => ranges.push(rows),
            }
        }
        ranges
    }

    /// The blocks that can fulfil a need and whose smallest and largest time are admitted, in their order.
    pub(crate) fn blocks(&self, need: &Need, admits: impl Fn(i64, i64) -> bool) -> Vec<Block> {
        let mut blocks = Vec::new();
        for at in 0..self.segments.len() {
            let Some(segment) = self.segment(at) else { continue };
            let mask = need.mask(&|hash| segment.terms.mask(hash), &|gram| grams::has(segment.grams, gram));
            let first = at as u64 * u64::from(self.segment_blocks);
            for (block, times) in segment.times.chunks_exact(TIMES).enumerate() {
                let times = block_times(times);
                if mask >> block & 1 == 0 || !times.is_none_or(|(min, max)| admits(min, max)) {
                    continue;
                }
                let start = (first + block as u64) * self.block_rows;
                let rows = start as usize..(start + self.block_rows).min(self.rows) as usize;
                blocks.push(Block { rows, max: times.map_or(i64::MAX, |(_, max)| max) });
            }
        }
        blocks
    }

    fn segment(&self, at: usize) -> Option<Segment<'_>> {
        let bytes = self.bytes.get(self.segments.get(at)?.clone())?;
        let before = at as u64 * u64::from(self.segment_blocks) * self.block_rows;
        let blocks = self.rows.checked_sub(before)?.div_ceil(self.block_rows).min(u64::from(self.segment_blocks)) as usize;
        let (times, rest) = bytes.split_at_checked(blocks * TIMES)?;
        let (grams, rest) = rest.split_at_checked(grams::BYTES)?;
        let buckets = number(rest, 0)?;
        let (starts, bits) = rest.get(4..)?.split_at_checked((buckets as usize).checked_add(1)?.checked_mul(4)?)?;
        Some(Segment { times, grams, terms: Terms { buckets: u64::from(buckets), starts, bits, blocks: self.segment_blocks } })
    }
}

/// A block that can have wanted rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) rows: Range<usize>,
    /// The largest `event_time` in it, microseconds UTC.
    pub(crate) max: i64,
}

struct Segment<'a> {
    times: &'a [u8],
    grams: &'a [u8],
    terms: Terms<'a>,
}

const _: () = assert!(MAX_SEGMENT_BLOCKS <= Mask::BITS);

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

fn block_times(bytes: &[u8]) -> Option<(i64, i64)> {
    let (min, max) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_le_bytes(*min), i64::from_le_bytes(*max.first_chunk()?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Builder;
    use super::*;
    use crate::Row;

    fn built(rows: usize) -> Vec<u8> {
        let mut builder = Builder::default();
        for n in 0..rows {
            let raw = format!("row {n} of user{} says {:x}", n % 300, n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            builder.add(&Row { event_time: -(n as i64), raw, fields: "{}".into(), ..Row::default() }, false);
        }
        builder.finish()
    }

    #[test]
    fn every_word_is_in_its_block_and_few_others_seem_to_be() {
        let index = Index::open(built(40_000)).expect("an index");
        let mut wrong = 0;
        for n in (0..40_000_usize).step_by(37) {
            let ranges = index.rows_with(&format!("{:X}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
            assert!(ranges.iter().any(|range| range.contains(&n)), "row {n}");
            wrong += ranges.iter().map(|range| range.len().div_ceil(1024)).sum::<usize>() - 1;
        }
        // One in 32 for each of the other two segments.
        assert!(wrong < 150, "{wrong} blocks too many of 1082 words");
        // The last block has the numbers 36 to 99 only.
        assert_eq!(index.rows_with("user7"), [0..39_936]);
        assert_eq!(index.select(&Need::Term(term("user7").expect("a term")), |min, max| min <= -20_000 && max >= -20_001), [19_456..20_480]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_laid_out_wrong_is_refused_or_answers(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in 0_usize..40) {
            let mut bytes = built(5000);
            bytes.truncate(bytes.len() - 8 - cut % 3 * cut);
            for (at, byte) in changes {
                // Most of the bytes are letters and terms; what lays them out stands in front.
                let at = if byte % 2 == 0 { at.index(60) } else { at.index(bytes.len()) };
                bytes[at] = byte;
            }
            if let Ok(index) = Index::open(Index::seal(bytes)) {
                let ranges = index.rows_with("user7");
                prop_assert!(ranges.iter().all(|range| range.start < range.end && range.end as u64 <= index.rows()));
            }
        }
    }
}
