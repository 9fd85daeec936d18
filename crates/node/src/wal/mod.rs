//! The write-ahead log of a workspace: what was acknowledged is in it, synced, before anybody is told.
//!
//! A log is a row of segment files, `<segment, 16 hex digits>.wal`, each a row of frames ([`frame`]). One frame is one batch as it was
//! received: whole or not there. A position is (segment, offset); ids of events are made from it, so a replay makes the same ids.
//!
//! Appends from many senders share one sync ([`writer`], group commit). What a crash tears was written after the last sync and never
//! acknowledged; it is cut off when the log is opened. Each frame says how far the log was synced before it, so damage to what was
//! acknowledged is told apart from that, and is an error that names the file.

mod frame;
mod reader;
mod writer;

pub use frame::{Batch, Dropped, Event};
pub use reader::read_from;
pub use writer::{Unwritten, Wal, WalError};

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Bytes after which a new segment begins.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// A place in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Segment number, from 1.
    pub segment: u64,
    /// Offset in it.
    pub offset: u64,
}

/// A batch in the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Where its frame begins.
    pub at: Position,
    /// Where the next frame begins.
    pub end: Position,
    /// The batch.
    pub batch: Batch,
}

impl Logged {
    /// The id of an event of this batch: sorts in order of arrival.
    pub fn event_id(&self, index: usize) -> String {
        format!("{:08x}{:08x}{index:06x}", self.at.segment, self.at.offset)
    }
}

fn segment_path(dir: &Path, segment: u64) -> PathBuf {
    dir.join(format!("{segment:016x}.wal"))
}

/// The segments there are, in order.
fn segments(dir: &Path) -> io::Result<Vec<u64>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|n| n.strip_suffix(".wal")).and_then(|n| u64::from_str_radix(n, 16).ok());
        found.extend(number);
    }
    found.sort_unstable();
    Ok(found)
}

/// Makes names in a directory durable.
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Removes segments that lie wholly before a position.
pub fn remove_before(dir: &Path, position: Position) -> io::Result<()> {
    for segment in segments(dir)?.into_iter().filter(|s| *s < position.segment) {
        fs::remove_file(segment_path(dir, segment))?;
    }
    sync_dir(dir)
}

#[cfg(test)]
mod tests;
