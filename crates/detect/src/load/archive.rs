//! Archives as rule packs are released: tar, plain or compressed by gzip or Zstandard, and zip.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::{Collected, LoadError, MAX_FILE_BYTES, MAX_TOTAL_BYTES, is_rule_file, zip};

/// Reads the archive at `path`, its kind told by its name.
pub(super) fn read(path: &Path, collected: &mut Collected<'_>) -> Result<(), LoadError> {
    let io = |error| LoadError::Read { path: path.to_owned(), error };
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    if !ends(&[".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".zip"]) {
        return Err(LoadError::UnknownKind { path: path.to_owned() });
    }
    let file = File::open(path).map_err(io)?;
    if ends(&[".zip"]) {
        return zip::read(file, collected);
    }
    let file = BufReader::new(file);
    if ends(&[".tar.gz", ".tgz"]) {
        tar(flate2::read::MultiGzDecoder::new(file), collected)
    } else if ends(&[".tar.zst", ".tzst"]) {
        tar(zstd::stream::read::Decoder::with_buffer(file).map_err(io)?, collected)
    } else {
        tar(file, collected)
    }
}

fn tar(reader: impl Read, collected: &mut Collected<'_>) -> Result<(), LoadError> {
    let source = collected.source.to_owned();
    let io = |error| LoadError::Read { path: source.clone(), error };
    let mut archive = tar::Archive::new(Bounded { inner: reader, left: MAX_TOTAL_BYTES });
    for entry in archive.entries().map_err(io)? {
        let mut entry = entry.map_err(io)?;
        collected.entry()?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./").to_owned();
        if !is_rule_file(&path) {
            continue;
        }
        let mut bytes = Vec::new();
        entry.by_ref().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
        collected.take(path, bytes)?;
    }
    Ok(())
}

/// Fails once more than `left` bytes came out, so that a small archive cannot unpack without end.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(format!("unpacks to more than {MAX_TOTAL_BYTES} bytes")))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_that_unpacks_without_end_is_stopped() {
        let mut reader = Bounded { inner: io::repeat(0), left: 10_000 };
        let error = io::copy(&mut reader, &mut io::sink()).expect_err("endless");
        assert!(error.to_string().contains("unpacks to more than"), "{error}");
    }
}
