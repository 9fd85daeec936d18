//! Reading a log back after a start.

use super::{
    Batch, Logged, Position, WalError,
    frame::{HEADER_BYTES, MAX_PAYLOAD_BYTES, header},
    segment_path, segments,
};
use bytes::Bytes;
use std::{
    fs::{self, OpenOptions},
    path::Path,
};

/// Reads every batch from a position on, and where the log ends. A torn frame at the very end is cut off.
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
        let Some((batch, next)) = frame_at(&data, offset) else {
            if !last {
                return Err(WalError::Damaged { path, offset: offset as u64 });
            }
            cut(&path, offset as u64)?;
            break;
        };
        let at = |offset: usize| Position { segment, offset: offset as u64 };
        batches.push(Logged { at: at(offset), end: at(next), batch });
        offset = next;
    }
    Ok(offset as u64)
}

fn frame_at(data: &Bytes, offset: usize) -> Option<(Batch, usize)> {
    let (length, crc) = header(data.get(offset..)?)?;
    let start = offset + HEADER_BYTES;
    let end = start.checked_add(length)?;
    if length > MAX_PAYLOAD_BYTES || end > data.len() {
        return None;
    }
    let payload = data.slice(start..end);
    (crc32fast::hash(&payload) == crc).then(|| Batch::decode(payload)).flatten().map(|batch| (batch, end))
}

fn cut(path: &Path, length: u64) -> Result<(), WalError> {
    tracing::warn!(wal.path = %path.display(), wal.offset = length, "cut off a torn frame that was never acknowledged");
    let file = OpenOptions::new().write(true).open(path).map_err(|e| WalError::io(path, e))?;
    file.set_len(length).and_then(|()| file.sync_all()).map_err(|e| WalError::io(path, e))
}
