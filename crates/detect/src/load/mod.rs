//! Reading rule files from where they are kept: the starter pack inside the binary, a directory, an archive, one file.
//!
//! This is the only place of the crate that touches a disk, and it only reads. An archive is read as a stream; nothing
//! of it is ever written anywhere, so a path inside it can do no harm. Everything is bounded: the number of files, the size of
//! each and of all together, the depth of folders.

mod archive;
mod report;
mod zip;

use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

pub use report::{LoadError, LoadReport, Refused};

static STARTER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../rules");

/// The most rule files taken from one source.
pub const MAX_FILES: usize = 50_000;
/// The most entries of any kind looked at in one source.
pub const MAX_ENTRIES: usize = 200_000;
/// The largest rule file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// The most rule text taken from one source, in bytes; also the most bytes an archive may unpack to.
pub const MAX_TOTAL_BYTES: u64 = 512 * 1024 * 1024;
/// How deep folders are followed.
const MAX_DEPTH: usize = 32;

/// Where rules come from. Sources are read in order: the starter pack first, then `paths` as listed; of two rules with
/// the same id the first wins.
#[derive(Debug, Clone, Default)]
pub struct RuleSources {
    /// Whether the pack built into the binary takes part.
    pub starter: bool,
    /// Directories, archives (`.tar`, `.tar.gz`, `.tgz`, `.tar.zst`, `.zip`) or single `.yml` files.
    pub paths: Vec<PathBuf>,
    /// Processing pipelines (`.yml` files or folders of them) that rewrite rules before they are compiled: field names, logsources,
    /// values. They run by their priority.
    pub pipelines: Vec<PathBuf>,
}

impl RuleSources {
    /// The starter pack alone.
    #[must_use]
    pub fn starter() -> Self {
        Self { starter: true, ..Self::default() }
    }
}

/// A rule file's text and its place inside its source, with `/` between folders.
pub(crate) struct RuleFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Collects what one source holds and keeps to the bounds.
pub(crate) struct Collected<'a> {
    source: &'a Path,
    files: Vec<RuleFile>,
    entries: usize,
    bytes: u64,
    refused: &'a mut Vec<Refused>,
}

impl<'a> Collected<'a> {
    fn new(source: &'a Path, refused: &'a mut Vec<Refused>) -> Self {
        Self { source, files: Vec::new(), entries: 0, bytes: 0, refused }
    }

    /// Counts an entry of any kind; an error once the source holds too many.
    fn entry(&mut self) -> Result<(), LoadError> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(self.too_large(format!("more than {MAX_ENTRIES} entries")));
        }
        Ok(())
    }

    fn refuse(&mut self, path: &str, reason: String) {
        self.refused.push(Refused { path: path.to_owned(), title: None, reason });
    }

    /// Takes a file's bytes. Text that is not UTF-8 is refused by name and the rest goes on.
    fn take(&mut self, path: String, bytes: Vec<u8>) -> Result<(), LoadError> {
        if bytes.len() as u64 > MAX_FILE_BYTES {
            self.refuse(&path, format!("larger than {MAX_FILE_BYTES} bytes"));
            return Ok(());
        }
        self.bytes += bytes.len() as u64;
        if self.bytes > MAX_TOTAL_BYTES {
            return Err(self.too_large(format!("more than {MAX_TOTAL_BYTES} bytes of rules")));
        }
        if self.files.len() >= MAX_FILES {
            return Err(self.too_large(format!("more than {MAX_FILES} rule files")));
        }
        match String::from_utf8(bytes) {
            Ok(text) => self.files.push(RuleFile { path, text }),
            Err(_) => self.refuse(&path, "not UTF-8 text".to_owned()),
        }
        Ok(())
    }

    fn too_large(&self, what: String) -> LoadError {
        LoadError::TooLarge { path: self.source.to_owned(), what }
    }
}

/// Reads every rule file of `sources`, in a fixed order.
pub(crate) fn read(sources: &RuleSources, refused: &mut Vec<Refused>) -> Result<Vec<RuleFile>, LoadError> {
    let mut files = Vec::new();
    if sources.starter {
        files.extend(starter());
    }
    for path in &sources.paths {
        files.extend(read_source(path, refused)?);
    }
    Ok(files)
}

/// Reads the files of the pipelines `sources` names.
pub(crate) fn read_pipelines(sources: &RuleSources, refused: &mut Vec<Refused>) -> Result<Vec<RuleFile>, LoadError> {
    let mut files = Vec::new();
    for path in &sources.pipelines {
        files.extend(read_source(path, refused)?);
    }
    Ok(files)
}

fn starter() -> Vec<RuleFile> {
    let mut files = Vec::new();
    let mut folders = vec![&STARTER];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            if let (true, Some(text)) = (is_rule_file(&path), file.contents_utf8()) {
                files.push(RuleFile { path: format!("starter/{path}"), text: text.to_owned() });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn read_source(path: &Path, refused: &mut Vec<Refused>) -> Result<Vec<RuleFile>, LoadError> {
    let io = |error| LoadError::Read { path: path.to_owned(), error };
    let kind = fs::metadata(path).map_err(io)?;
    let mut collected = Collected::new(path, refused);
    if kind.is_dir() {
        walk(path, path, 0, &mut collected)?;
    } else if is_rule_file(&path.to_string_lossy()) {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        take_file(path, name, &mut collected)?;
    } else {
        archive::read(path, &mut collected)?;
    }
    let mut files = collected.files;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Walks a folder. Links to folders are not followed, so the walk ends; links to files are, since mounted
/// configuration is made of them.
fn walk(root: &Path, folder: &Path, depth: usize, collected: &mut Collected<'_>) -> Result<(), LoadError> {
    let io = |error| LoadError::Read { path: folder.to_owned(), error };
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        collected.entry()?;
        let path = entry.path();
        let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if entry.file_type().map_err(io)?.is_dir() {
            if depth >= MAX_DEPTH {
                collected.refuse(&shown, format!("folders deeper than {MAX_DEPTH} are not read"));
                continue;
            }
            walk(root, &path, depth + 1, collected)?;
        } else if is_rule_file(&shown) {
            take_file(&path, shown, collected)?;
        }
    }
    Ok(())
}

fn take_file(path: &Path, shown: String, collected: &mut Collected<'_>) -> Result<(), LoadError> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() && about.len() > MAX_FILE_BYTES => {
            collected.refuse(&shown, format!("larger than {MAX_FILE_BYTES} bytes"));
            return Ok(());
        }
        Ok(about) if about.is_file() => {}
        Ok(_) => return Ok(()),
        Err(error) => {
            collected.refuse(&shown, format!("cannot be read: {error}"));
            return Ok(());
        }
    }
    match fs::read(path) {
        Ok(bytes) => collected.take(shown, bytes),
        Err(error) => {
            collected.refuse(&shown, format!("cannot be read: {error}"));
            Ok(())
        }
    }
}

/// Whether a path names a rule file. Hidden files, such as the ones macOS puts beside each file of an archive, do not.
fn is_rule_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    !name.starts_with('.') && matches!(extension.as_deref(), Some("yml" | "yaml"))
}
