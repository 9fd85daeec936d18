//! Writing files so that they are there after a power cut: written under a temporary name, fsynced, renamed, and the
//! folders fsynced. (The object store's local `put` does not fsync, so this goes to the file system itself.)

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

use crate::encode::{self, Level};
use crate::index::beside;
use crate::{FileEntry, LakeError, Row};

const MAX_NAME: usize = 128;
const MAX_TIER: usize = 32;
const EXTENSION: &str = ".parquet";
const TEMPORARY: &str = ".tmp";

/// The difference between `event_time` and `receipt_time` above which a row is kept apart from the others, so that their bounds
/// stay tight.
const LATE_US: i64 = 24 * 3600 * 1_000_000;

/// Where a row goes: the folder of the UTC day it was received, the tier it is kept for, and whether its time is far from that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    folder: String,
    tier: String,
    late: bool,
}

impl Place {
    fn of(row: &Row) -> Result<Self, LakeError> {
        let plain = row.tier.bytes().all(|b| b.is_ascii_lowercase());
        if !plain || row.tier.len() > MAX_TIER {
            return Err(LakeError::invalid("tier", format!("of row {} must be at most {MAX_TIER} of a-z", row.id)));
        }
        row.check_time()?;
        let late = row.event_time.abs_diff(row.receipt_time) > LATE_US.unsigned_abs();
        Ok(Self { folder: row.folder()?, tier: row.tier.clone(), late })
    }

    fn path(&self, name: &str) -> String {
        let dot = if self.tier.is_empty() { "" } else { "." };
        let late = if self.late { ".late" } else { "" };
        format!("{}/{name}{dot}{}{late}{EXTENSION}", self.folder, self.tier)
    }
}

/// Writes the rows: a file for each day they were received on, tier, and late or not.
pub(crate) fn write(root: &Path, name: &str, rows: &[Arc<Row>]) -> Result<Vec<FileEntry>, LakeError> {
    check_name(name)?;
    let mut places: BTreeMap<Place, Vec<Arc<Row>>> = BTreeMap::new();
    for row in rows {
        places.entry(Place::of(row)?).or_default().push(Arc::clone(row));
    }
    let written = places.into_iter().map(|(place, rows)| {
        let encoded = encode::file(&rows, Level::Hot)?;
        let entry = encoded.entry(place.path(name));
        // The index first: a file that is there has its index.
        write_file(root, &beside(&entry.path), &encoded.index)?;
        write_file(root, &entry.path, &encoded.parquet)?;
        Ok(entry)
    });
    written.collect()
}

fn check_name(name: &str) -> Result<(), LakeError> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if name.is_empty() || name.len() > MAX_NAME || name.starts_with(['.', '_']) || !plain {
        let rule = format!("1 to {MAX_NAME} of A-Z a-z 0-9 - _ . and not beginning with . or _");
        return Err(LakeError::invalid("name", rule));
    }
    Ok(())
}

/// Puts bytes at a path inside the lake, durably; none, nothing.
fn write_file(root: &Path, path: &str, bytes: &[u8]) -> Result<(), LakeError> {
    if bytes.is_empty() {
        return Ok(());
    }
    let (folder, name) = path.split_once('/').unwrap_or(("", path));
    let directory = root.join(folder);
    create_folder(root, &directory)?;
    let temporary = directory.join(format!(".{name}{TEMPORARY}"));
    let mut file = File::create(&temporary).map_err(LakeError::io(&temporary))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(LakeError::io(&temporary))?;
    let path = directory.join(name);
    fs::rename(&temporary, &path).map_err(LakeError::io(&path))?;
    sync_folder(&directory)
}

/// Makes the lake's own directory, durably, and gives its absolute path.
pub(crate) fn create_root(root: &Path) -> Result<std::path::PathBuf, LakeError> {
    let existed = root.is_dir();
    fs::create_dir_all(root).map_err(LakeError::io(root))?;
    let root = fs::canonicalize(root).map_err(LakeError::io(root))?;
    if let Some(parent) = root.parent().filter(|_| !existed) {
        sync_folder(parent)?;
    }
    Ok(root)
}

fn create_folder(root: &Path, folder: &Path) -> Result<(), LakeError> {
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(root),
        // Made by a write that may have been cut off before it synced the root.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => sync_folder(root),
        Err(error) => Err(LakeError::io(folder)(error)),
    }
}

fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(LakeError::io(folder))
}

/// Removes every file in a day's folder that is not listed, and gives their paths in order; a folder left empty goes too.
pub(crate) fn remove_unlisted(root: &Path, listed: &[FileEntry]) -> Result<Vec<String>, LakeError> {
    let listed: HashSet<String> = listed.iter().flat_map(|file| [file.path.clone(), beside(&file.path)]).collect();
    let mut removed = Vec::new();
    for folder in names(root, |name, kind| kind.is_dir() && name.starts_with("day="))? {
        let directory = root.join(&folder);
        let files = names(&directory, |_, kind| kind.is_file())?;
        let unlisted = files.iter().map(|file| format!("{folder}/{file}")).filter(|path| !listed.contains(path));
        let unlisted: Vec<String> = unlisted.collect();
        for path in &unlisted {
            let path = root.join(path);
            fs::remove_file(&path).map_err(LakeError::io(&path))?;
        }
        if unlisted.len() == files.len() && fs::remove_dir(&directory).is_ok() {
            sync_folder(root)?;
        } else if !unlisted.is_empty() {
            sync_folder(&directory)?;
        }
        removed.extend(unlisted);
    }
    Ok(removed)
}

fn names(directory: &Path, keep: fn(&str, fs::FileType) -> bool) -> Result<Vec<String>, LakeError> {
    let mut names = Vec::new();
    for item in fs::read_dir(directory).map_err(LakeError::io(directory))? {
        let item = item.map_err(LakeError::io(directory))?;
        let kind = item.file_type().map_err(LakeError::io(directory))?;
        if let Ok(name) = item.file_name().into_string()
            && keep(&name, kind)
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
