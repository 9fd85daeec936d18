//! The index beside each file: which blocks of rows can have a word, a value or a few letters of one. It never says that a row
//! matches, only which blocks need not be read; a wrong "maybe" costs time, a wrong "no" cannot happen.
//!
//! A file of the index, little-endian throughout:
//!
//! ```text
//! magic "BWX1", rows in a block u32, blocks in a segment u32, rows u64, segments u32
//! end of each segment, counted from the end of this table, u32
//! segments, each:
//!   smallest and largest event_time of each block, i64
//!   letters: three in a row that stand in a word of the segment, one bit for each of 36 × 36 × 36
//!   terms:   buckets u32, the bit at which each begins and the last ends u32, the bits (`terms`)
//! xxh3 of all that, u64
//! ```

mod bits;
mod build;
mod cache;
mod grams;
mod json;
mod load;
mod need;
mod open;
mod seen;
mod term;
mod terms;

pub(crate) use build::Builder;
pub(crate) use cache::Cache;
pub(crate) use grams::grams;
pub(crate) use load::load;
pub(crate) use need::Need;
pub use open::{Index, IndexDamaged};
pub(crate) use seen::{Hashed, by_ends};
pub(crate) use term::{name, term};

const MAGIC: &[u8; 4] = b"BWX1";
/// Rows in a block: what is read or left out as one.
pub(crate) const BLOCK_ROWS: u32 = 1024;
/// Blocks whose terms are kept together; a mask has a bit for each.
const SEGMENT_BLOCKS: u32 = 16;
/// The most blocks a segment of any file may have.
const MAX_SEGMENT_BLOCKS: u32 = 16;

/// Which blocks of a segment.
type Mask = u16;
