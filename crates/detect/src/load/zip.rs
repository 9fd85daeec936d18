//! Just enough of the zip format to read the release archives rules come in: stored and deflated entries, found by
//! the central directory, each checked by its CRC. Encrypted and 64-bit archives are refused by name.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::{Collected, LoadError, MAX_FILE_BYTES, MAX_TOTAL_BYTES, is_rule_file};

const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const ENTRY_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const END_BYTES: usize = 22;
const ENTRY_BYTES: usize = 46;
const LOCAL_BYTES: u64 = 30;
const MAX_COMMENT: u64 = 65_535;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// One file of the central directory.
struct Entry {
    path: String,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    offset: u64,
}

pub(super) fn read(mut file: File, collected: &mut Collected<'_>) -> Result<(), LoadError> {
    let source = collected.source.to_owned();
    let io = |error| LoadError::Read { path: source.clone(), error };
    let directory = read_directory(&mut file).map_err(io)?;
    let mut at = 0;
    while let Some(entry) = parse_entry(&directory, &mut at).map_err(io)? {
        collected.entry()?;
        if !is_rule_file(&entry.path) {
            continue;
        }
        match unpack(&mut file, &entry) {
            Ok(bytes) => collected.take(entry.path, bytes)?,
            Err(error) => collected.refuse(&entry.path, format!("cannot be unpacked: {error}")),
        }
    }
    Ok(())
}

/// The bytes of the central directory, found by the record at the end of the file.
fn read_directory(file: &mut File) -> io::Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail = length.min(END_BYTES as u64 + MAX_COMMENT);
    file.seek(SeekFrom::Start(length - tail))?;
    let mut end = Vec::new();
    file.take(tail).read_to_end(&mut end)?;
    let at = end
        .windows(END_SIGNATURE.len())
        .rposition(|bytes| bytes == END_SIGNATURE)
        .filter(|at| at + END_BYTES <= end.len())
        .ok_or_else(|| invalid("not a zip archive: no end record"))?;
    let (size, offset) = (u64::from(u32_at(&end, at + 12)?), u64::from(u32_at(&end, at + 16)?));
    if u16_at(&end, at + 10)? == u16::MAX || offset == u64::from(u32::MAX) {
        return Err(invalid("64-bit zip archives are not read; repack it as .tar.gz"));
    }
    if size > MAX_TOTAL_BYTES || offset.saturating_add(size) > length {
        return Err(invalid("the directory of the zip archive is damaged"));
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut directory = Vec::new();
    file.take(size).read_to_end(&mut directory)?;
    Ok(directory)
}

fn parse_entry(directory: &[u8], at: &mut usize) -> io::Result<Option<Entry>> {
    let start = *at;
    if directory.len() < start + ENTRY_BYTES || directory[start..start + 4] != ENTRY_SIGNATURE {
        return Ok(None);
    }
    let name = usize::from(u16_at(directory, start + 28)?);
    let extra = usize::from(u16_at(directory, start + 30)?);
    let comment = usize::from(u16_at(directory, start + 32)?);
    let path =
        directory.get(start + ENTRY_BYTES..start + ENTRY_BYTES + name).ok_or_else(|| invalid("the directory of the zip archive is cut short"))?;
    *at = start + ENTRY_BYTES + name + extra + comment;
    Ok(Some(Entry {
        path: String::from_utf8_lossy(path).replace('\\', "/"),
        flags: u16_at(directory, start + 8)?,
        method: u16_at(directory, start + 10)?,
        crc: u32_at(directory, start + 16)?,
        packed: u64::from(u32_at(directory, start + 20)?),
        offset: u64::from(u32_at(directory, start + 42)?),
    }))
}

fn unpack(file: &mut File, entry: &Entry) -> io::Result<Vec<u8>> {
    if entry.flags & 1 != 0 {
        return Err(invalid("encrypted"));
    }
    file.seek(SeekFrom::Start(entry.offset))?;
    let mut local = [0; LOCAL_BYTES as usize];
    file.read_exact(&mut local)?;
    if local[..4] != LOCAL_SIGNATURE {
        return Err(invalid("its header is damaged"));
    }
    let skipped = u64::from(u16_at(&local, 26)?) + u64::from(u16_at(&local, 28)?);
    file.seek(SeekFrom::Start(entry.offset + LOCAL_BYTES + skipped))?;
    let packed = file.take(entry.packed);
    let mut bytes = Vec::new();
    match entry.method {
        STORED => packed.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?,
        DEFLATED => flate2::read::DeflateDecoder::new(packed).take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?,
        method => return Err(invalid(&format!("compression method {method} is not supported"))),
    };
    let mut crc = flate2::Crc::new();
    crc.update(&bytes);
    if bytes.len() as u64 <= MAX_FILE_BYTES && crc.sum() != entry.crc {
        return Err(invalid("its checksum does not match"));
    }
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> io::Result<u16> {
    let found = bytes.get(at..at + 2).and_then(|two| two.try_into().ok());
    found.map(u16::from_le_bytes).ok_or_else(|| invalid("the zip archive is cut short"))
}

fn u32_at(bytes: &[u8], at: usize) -> io::Result<u32> {
    let found = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    found.map(u32::from_le_bytes).ok_or_else(|| invalid("the zip archive is cut short"))
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
