//! What servers left on disk.

use std::{io, path::Path};

/// Every file below a directory that holds the text anywhere in its bytes, in UTF-8 or in UTF-16; by path.
pub fn contains(dir: &Path, text: &str) -> io::Result<Vec<String>> {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut found = Vec::new();
    search(dir, &[text.as_bytes(), &wide], &mut found)?;
    Ok(found)
}

fn search(dir: &Path, needles: &[&[u8]], found: &mut Vec<String>) -> io::Result<()> {
    for entry in dir.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            search(&entry.path(), needles, found)?;
            continue;
        }
        let bytes = std::fs::read(entry.path())?;
        if needles.iter().any(|needle| holds(&bytes, needle)) {
            found.push(entry.path().display().to_string());
        }
    }
    Ok(())
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && bytes.windows(needle.len()).any(|window| window == needle)
}
