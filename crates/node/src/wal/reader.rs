//! Reading a log back after a start.

use super::{
    Logged, Position, WalError,
    frame::{self, Frame, Read},
    segment_path, segments,
};
use bytes::Bytes;
use std::{
    fs::{self, OpenOptions},
    path::Path,
};

/// Reads every batch from a position on, and where the log ends. What a crash left behind the last sync is cut off.
pub fn read_from(dir: &Path, from: Position) -> Result<(Vec<Logged>, Position), WalError> {
    fs::create_dir_all(dir).map_err(|e| WalError::io(dir, e))?;
    let all = segments(dir).map_err(|e| WalError::io(dir, e))?;
    let last = all.last().copied().unwrap_or(0);
    let mut batches = Vec::new();
    let mut end = from;
    for segment in all.into_iter().filter(|s| *s >= from.segment) {
        let start = if segment == from.segment { from.offset } else { 0 };
        let offset = read_segment(dir, segment, start, segment == last, &mut batches)?;
        end = Position { segment, offset };
    }
    Ok((batches, end))
}

/// Reads one segment; returns the offset after its last whole frame.
fn read_segment(dir: &Path, segment: u64, start: u64, last: bool, batches: &mut Vec<Logged>) -> Result<u64, WalError> {
    let path = segment_path(dir, segment);
    let data = Bytes::from(fs::read(&path).map_err(|e| WalError::io(&path, e))?);
    let mut offset = usize::try_from(start).unwrap_or(usize::MAX);
    while offset < data.len() {
        let Frame { batch, bytes, .. } = match frame::read(&data.slice(offset..)) {
            Read::Whole(frame) => frame,
            Read::Torn if last && !was_synced(&data, offset) => {
                cut(&path, offset as u64)?;
                break;
            }
            Read::Torn | Read::Unknown => return Err(WalError::Damaged { path, offset: offset as u64 }),
        };
        let next = offset + bytes;
        let at = |offset: usize| Position { segment, offset: offset as u64 };
        batches.push(Logged { at: at(offset), end: at(next), batch });
        offset = next;
    }
    Ok(offset as u64)
}

/// Whether something at `offset` was on disk once: a later frame says so. Then it is damage, not a write that a crash cut short.
fn was_synced(data: &Bytes, offset: usize) -> bool {
    let says_so = |at: usize| matches!(frame::read(&data.slice(at..)), Read::Whole(frame) if frame.synced > offset as u64);
    (offset + 1..data.len()).any(says_so)
}

fn cut(path: &Path, length: u64) -> Result<(), WalError> {
    tracing::warn!(wal.path = %path.display(), wal.offset = length, "cut off a torn frame that was never acknowledged");
    let file = OpenOptions::new().write(true).open(path).map_err(|e| WalError::io(path, e))?;
    file.set_len(length).and_then(|()| file.sync_all()).map_err(|e| WalError::io(path, e))
}
