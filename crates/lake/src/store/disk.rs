//! Files on a disk, there after a power cut: written under a temporary name, fsynced, renamed, and the folders fsynced. (The
//! object store's local `put` does not fsync, so this goes to the file system itself.)

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::Found;
use crate::LakeError;

const TEMPORARY: &str = ".tmp";

/// A lake's directory.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Makes it, durably, if it is not there.
    pub(super) fn open(root: &Path) -> Result<Self, LakeError> {
        let existed = root.is_dir();
        fs::create_dir_all(root).map_err(LakeError::io(root))?;
        let root = fs::canonicalize(root).map_err(LakeError::io(root))?;
        if let Some(parent) = root.parent().filter(|_| !existed) {
            sync_folder(parent)?;
        }
        Ok(Self { root })
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(super) async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        let mut writing = self.begin(path).await?;
        writing.write(bytes).await?;
        writing.finish().await
    }

    pub(super) async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        let mut writing = self.begin(path).await?;
        writing.write(bytes).await?;
        blocking(move || writing.link()).await
    }

    pub(super) async fn begin(&self, path: &str) -> Result<Writing, LakeError> {
        let (root, target) = (self.root.clone(), self.path(path));
        blocking(move || Writing::begin(&root, target)).await
    }

    pub(super) async fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, LakeError> {
        let target = self.path(path);
        let name = path.to_owned();
        blocking(move || {
            let file = match File::open(&target) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                other => other.map_err(LakeError::io(&target))?,
            };
            let mut bytes = Vec::new();
            file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(LakeError::io(&target))?;
            if bytes.len() as u64 > max_bytes {
                return Err(LakeError::file(&name, format!("has more than {max_bytes} bytes")));
            }
            Ok(Some(bytes))
        })
        .await
    }

    pub(super) async fn list(&self, folders: &'static str) -> Result<Vec<Found>, LakeError> {
        let root = self.root.clone();
        blocking(move || list(&root, folders)).await
    }

    pub(super) async fn remove(&self, paths: &[String]) -> Result<(), LakeError> {
        let (root, paths) = (self.root.clone(), paths.to_vec());
        blocking(move || remove(&root, &paths)).await
    }
}

/// A file under its temporary name.
#[derive(Debug)]
pub(super) struct Writing {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
    folder: PathBuf,
    named: bool,
}

impl Drop for Writing {
    /// A disk that is full must not stay so because of what could not be written.
    fn drop(&mut self) {
        if !self.named
            && let Err(error) = fs::remove_file(&self.temporary)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %self.temporary.display(), "half a file is left; it is removed when the lake is opened");
        }
    }
}

impl Writing {
    fn begin(root: &Path, target: PathBuf) -> Result<Self, LakeError> {
        let folder = target.parent().map_or_else(|| root.to_owned(), Path::to_owned);
        if folder != root {
            create_folder(root, &folder)?;
        }
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let temporary = folder.join(format!(".{name}{TEMPORARY}"));
        let file = File::create(&temporary).map_err(LakeError::io(&temporary))?;
        Ok(Self { file, temporary, target, folder, named: false })
    }

    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), LakeError> {
        let mut file = self.file.try_clone().map_err(LakeError::io(&self.temporary))?;
        let temporary = self.temporary.clone();
        blocking(move || file.write_all(&bytes).map_err(LakeError::io(&temporary))).await
    }

    pub(super) async fn finish(mut self) -> Result<(), LakeError> {
        blocking(move || {
            self.file.sync_all().map_err(LakeError::io(&self.temporary))?;
            fs::rename(&self.temporary, &self.target).map_err(LakeError::io(&self.target))?;
            self.named = true;
            sync_folder(&self.folder)
        })
        .await
    }

    /// Gives the file its name unless another has it.
    fn link(self) -> Result<bool, LakeError> {
        self.file.sync_all().map_err(LakeError::io(&self.temporary))?;
        let linked = match fs::hard_link(&self.temporary, &self.target) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            other => other.map(|()| true).map_err(LakeError::io(&self.target))?,
        };
        // The temporary name goes when this is dropped.
        sync_folder(&self.folder)?;
        Ok(linked)
    }
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

fn remove(root: &Path, paths: &[String]) -> Result<(), LakeError> {
    let mut folders = std::collections::BTreeSet::new();
    for path in paths {
        let target = root.join(path);
        match fs::remove_file(&target) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(LakeError::io(&target)(error)),
            _ => folders.extend(target.parent().map(Path::to_owned)),
        }
    }
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        // Refused by the file system unless it is empty.
        if folder != root && fs::remove_dir(folder).is_ok() {
            sync_folder(root)?;
        } else {
            sync_folder(folder)?;
        }
    }
    Ok(())
}

fn list(root: &Path, folders: &str) -> Result<Vec<Found>, LakeError> {
    let mut found = Vec::new();
    for (folder, _) in items(root, |name, kind| kind.is_dir() && name.starts_with(folders))? {
        for (name, modified) in items(&root.join(&folder), |_, kind| kind.is_file())? {
            found.push(Found { path: format!("{folder}/{name}"), modified });
        }
    }
    Ok(found)
}

fn items(directory: &Path, keep: impl Fn(&str, fs::FileType) -> bool) -> Result<Vec<(String, i64)>, LakeError> {
    let mut kept = Vec::new();
    for item in fs::read_dir(directory).map_err(LakeError::io(directory))? {
        let item = item.map_err(LakeError::io(directory))?;
        let metadata = item.metadata().map_err(LakeError::io(directory))?;
        let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
        if let Ok(name) = item.file_name().into_string()
            && keep(&name, metadata.file_type())
        {
            kept.push((name, modified));
        }
    }
    Ok(kept)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, LakeError> + Send + 'static) -> Result<T, LakeError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| LakeError::Engine(error.to_string()))?
}
