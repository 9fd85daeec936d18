//! The terms of one segment, each with the blocks it occurs in, in about eleven bits a term.
//!
//! A term's hash is scaled to a number below `buckets` × 4096; the first part says the bucket, the rest is kept, sorted, as
//! gaps. With 128 terms in a bucket on average, one in 32 terms that are not there seems to be. A term of one block, as most are,
//! says which; others have a bit for each block.

use super::Mask;
use super::bits::{Reader, Writer};

/// Terms in a bucket on average.
const BUCKET: usize = 128;
/// What is kept of a hash in its bucket: `BUCKET` × 32 values.
const REST_BITS: u32 = 12;
/// The typical gap between terms of a bucket is 2^5.
const GAP_BITS: u32 = 5;
/// Bits of the number of terms in a bucket.
const COUNT_BITS: u32 = REST_BITS + 1;

/// Writes the terms of a segment of `blocks` blocks.
pub(super) fn write(terms: impl ExactSizeIterator<Item = (u64, Mask)>, blocks: u32, out: &mut Vec<u8>) {
    let buckets = terms.len().div_ceil(BUCKET);
    let mut scaled: Vec<(u64, Mask)> = terms.map(|(hash, mask)| (scale(hash, buckets as u64), mask)).collect();
    scaled.sort_unstable();
    scaled.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 |= if same { next.1 } else { 0 };
        same
    });
    let mut bits = Writer::default();
    let mut starts = Vec::with_capacity(buckets + 1);
    let mut rest = scaled.as_slice();
    for bucket in 0..buckets as u64 {
        starts.push(bits.position());
        let (inside, behind) = rest.split_at(rest.partition_point(|(scaled, _)| scaled >> REST_BITS == bucket));
        write_bucket(inside, blocks, &mut bits);
        rest = behind;
    }
    starts.push(bits.position());
    out.extend((buckets as u32).to_le_bytes());
    starts.iter().for_each(|start| out.extend((*start as u32).to_le_bytes()));
    out.extend(bits.finish());
}

fn write_bucket(terms: &[(u64, Mask)], blocks: u32, bits: &mut Writer) {
    bits.put(terms.len() as u32, COUNT_BITS);
    let mut next = 0;
    for (scaled, mask) in terms {
        let rest = (scaled & ((1 << REST_BITS) - 1)) as u32;
        bits.rice(rest - next, GAP_BITS);
        next = rest + 1;
        let single = mask.count_ones() == 1;
        bits.put(u32::from(single), 1);
        if single { bits.put(mask.trailing_zeros(), place_bits(blocks)) } else { bits.put(u32::from(*mask), blocks) }
    }
}

/// The terms of a segment, as they were written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    pub(super) buckets: u64,
    pub(super) starts: &'a [u8],
    pub(super) bits: &'a [u8],
    pub(super) blocks: u32,
}

impl Terms<'_> {
    /// The blocks a term may occur in.
    pub(super) fn mask(&self, hash: u64) -> Mask {
        if self.buckets == 0 {
            return 0;
        }
        // What cannot be read rules nothing out.
        self.find(scale(hash, self.buckets)).unwrap_or(Mask::MAX)
    }

    fn find(&self, scaled: u64) -> Option<Mask> {
        let wanted = (scaled & ((1 << REST_BITS) - 1)) as u32;
        let start = self.starts.chunks_exact(4).nth((scaled >> REST_BITS) as usize)?.first_chunk::<4>()?;
        let mut bits = Reader::at(self.bits, u32::from_le_bytes(*start) as usize);
        let mut next = 0_u32;
        for _ in 0..bits.take(COUNT_BITS)? {
            let rest = next.checked_add(bits.rice(GAP_BITS)?)?;
            let single = bits.take(1)? == 1;
            let blocks = bits.take(if single { place_bits(self.blocks) } else { self.blocks })?;
            if rest >= wanted {
                let mask = if single { 1_u32.checked_shl(blocks)? } else { blocks };
                return Some(if rest == wanted { mask as Mask } else { 0 });
            }
            next = rest.checked_add(1)?;
        }
        Some(0)
    }
}

/// Bits that say one of so many blocks.
fn place_bits(blocks: u32) -> u32 {
    u32::BITS - blocks.saturating_sub(1).leading_zeros()
}

fn scale(hash: u64, buckets: u64) -> u64 {
    ((u128::from(hash) * u128::from(buckets << REST_BITS)) >> 64) as u64
}
