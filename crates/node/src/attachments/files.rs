//! The content of attachments on disk.

use crate::workspaces::Workspace;
use bailiwick_api::ATTACHMENT_PART_BYTES;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Where a file is. Ids are made here and hold letters, digits and `-` alone.
pub(super) fn path(workspace: &Workspace, id: &str) -> PathBuf {
    workspace.dir().join("attachments").join(id)
}

/// Does it where waiting for a disk harms nobody.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Makes an empty file.
pub(super) fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path).map(drop)
}

/// Writes a part where the one before ended; gives the length then. A part that is there already, sent again, changes nothing.
pub(super) fn write(path: &Path, offset: u64, part: &[u8]) -> io::Result<u64> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    if offset > length {
        return Ok(length);
    }
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(part)?;
    Ok(length.max(offset + part.len() as u64))
}

/// Makes sure that it is on the disk; gives its length and SHA-256.
pub(super) fn settle(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    file.sync_all()?;
    let (mut hash, mut length) = (Sha256::new(), 0);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        length += read as u64;
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        let _infallible = write!(text, "{byte:02x}");
    }
    Ok((length, text))
}

/// The bytes from there, at most a part.
pub(super) fn read(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut part = Vec::new();
    file.take(ATTACHMENT_PART_BYTES as u64).read_to_end(&mut part)?;
    Ok(part)
}
