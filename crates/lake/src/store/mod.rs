//! Where the files of a lake are, and how they get there so that they stay: a directory of this machine, or a folder of an
//! S3-compatible bucket.
//!
//! A path here is relative to the lake. What is written is there whole or not at all; `put` replaces what has the name,
//! `create` never does.

mod bucket;
mod disk;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::path::Path as StorePath;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

pub use bucket::Bucket;
pub(crate) use bucket::Remote;
use bucket::{Folder, Parts};
use disk::Directory;

use crate::{FileEntry, LakeError};

/// The ending of a file of rows.
pub(crate) const PARQUET: &str = ".parquet";

/// The ending of the index beside it.
pub(crate) const INDEX: &str = ".idx";

/// A file that was found by listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Relative to the lake.
    pub(crate) path: String,
    /// When it was last written, microseconds UTC, by the store's clock.
    pub(crate) modified: i64,
}

/// The files of one lake. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    place: Arc<Place>,
    trouble: Arc<Mutex<Option<String>>>,
    damaged_indexes: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Place {
    Directory(Directory),
    Folder(Folder),
}

/// The index beside a file of rows.
pub(crate) fn index_path(path: &str) -> String {
    format!("{}{INDEX}", path.strip_suffix(PARQUET).unwrap_or(path))
}

impl Files {
    /// The files in a directory, which is made if it is not there.
    pub(crate) fn in_directory(root: &Path) -> Result<Self, LakeError> {
        Ok(Self::at(Place::Directory(Directory::open(root)?)))
    }

    /// The files in a folder of a bucket. `owner` is who may write there.
    pub(crate) fn in_bucket(remote: Arc<Remote>, folder: &str, owner: &str) -> Result<Self, LakeError> {
        Ok(Self::at(Place::Folder(Folder::new(remote, folder, owner)?)))
    }

    fn at(place: Place) -> Self {
        Self { place: Arc::new(place), trouble: Arc::default(), damaged_indexes: Arc::default() }
    }

    pub(crate) fn is_remote(&self) -> bool {
        matches!(*self.place, Place::Folder(_))
    }

    /// What the query engine knows the store by.
    pub(crate) fn url(&self) -> ObjectStoreUrl {
        match &*self.place {
            Place::Directory(_) => ObjectStoreUrl::local_filesystem(),
            Place::Folder(folder) => folder.url(),
        }
    }

    /// Why the last write, list or removal failed; none if it did not.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often an index could not be used.
    pub(crate) fn damaged_indexes(&self) -> u64 {
        self.damaged_indexes.load(Ordering::Relaxed)
    }

    /// Notes that an index could not be used.
    pub(crate) fn note_damaged_index(&self) {
        self.damaged_indexes.fetch_add(1, Ordering::Relaxed);
    }

    /// What a reader needs to know of a listed file. The whole path is the file's name in the shared cache of footers, and an
    /// engine has one store: two lakes can never meet there.
    pub(crate) async fn locate(&self, store: &dyn ObjectStore, entry: &FileEntry) -> Result<ObjectMeta, LakeError> {
        let location = self.location(&entry.path)?;
        let meta = match &*self.place {
            Place::Directory(_) => store.head(&location).await.map_err(|error| match error {
                object_store::Error::NotFound { .. } => LakeError::file(&entry.path, "is missing"),
                other => LakeError::file(&entry.path, other.to_string()),
            })?,
            // A file of a bucket never changes once it is listed; asking for each before every search would cost more than the search.
            Place::Folder(_) => ObjectMeta { location, last_modified: chrono::DateTime::UNIX_EPOCH, size: entry.bytes, e_tag: None, version: None },
        };
        if meta.size != entry.bytes {
            return Err(LakeError::file(&entry.path, format!("has {} bytes, its entry says {}", meta.size, entry.bytes)));
        }
        Ok(meta)
    }

    /// Asks the store for a file, though it be gone, to see whether it answers; a disk always does.
    pub(crate) async fn ask(&self, path: &str) -> Result<(), LakeError> {
        match &*self.place {
            Place::Directory(_) => Ok(()),
            Place::Folder(folder) => folder.ask(path).await,
        }
    }

    /// The name of a file in its store.
    pub(crate) fn location(&self, path: &str) -> Result<StorePath, LakeError> {
        check(path)?;
        match &*self.place {
            Place::Directory(directory) => {
                StorePath::from_absolute_path(directory.path(path)).map_err(|error| LakeError::file(path, error.to_string()))
            }
            Place::Folder(folder) => Ok(folder.location(path)),
        }
    }

    /// Writes a file, in place of one of the same name. It is durable when this returns.
    pub(crate) async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        check(path)?;
        self.noted(match &*self.place {
            Place::Directory(directory) => directory.put(path, bytes).await,
            Place::Folder(folder) => folder.put(path, bytes).await,
        })
    }

    /// Writes a file unless one has the name; false if one has. It is durable when this returns.
    pub(crate) async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        check(path)?;
        self.noted(match &*self.place {
            Place::Directory(directory) => directory.create(path, bytes).await,
            Place::Folder(folder) => folder.create(path, bytes).await,
        })
    }

    /// A whole file, if it is there, of at most so many bytes.
    pub(crate) async fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, LakeError> {
        check(path)?;
        self.noted(match &*self.place {
            Place::Directory(directory) => directory.read(path, max_bytes).await,
            Place::Folder(folder) => folder.read(path, max_bytes).await,
        })
    }

    /// The files directly in the folders of the lake whose names begin so, by path.
    pub(crate) async fn list(&self, folders: &'static str) -> Result<Vec<Found>, LakeError> {
        let mut found = self.noted(match &*self.place {
            Place::Directory(directory) => directory.list(folders).await,
            Place::Folder(folder) => folder.list(folders).await,
        })?;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Removes files; one that is not there is no error. On a disk a folder left empty goes too.
    pub(crate) async fn remove(&self, paths: &[String]) -> Result<(), LakeError> {
        paths.iter().try_for_each(|path| check(path))?;
        self.noted(match &*self.place {
            Place::Directory(directory) => directory.remove(paths).await,
            Place::Folder(folder) => folder.remove(paths).await,
        })
    }

    /// Begins a file that is written piece by piece.
    pub(crate) async fn upload(&self, path: &str) -> Result<Upload, LakeError> {
        check(path)?;
        let sink = match &*self.place {
            Place::Directory(directory) => directory.begin(path).await.map(Sink::File),
            Place::Folder(folder) => folder.begin(path).await.map(|parts| Sink::Parts(Box::new(parts))),
        };
        Ok(Upload { sink: self.noted(sink)?, files: self.clone() })
    }

    fn noted<T>(&self, answer: Result<T, LakeError>) -> Result<T, LakeError> {
        let trouble = match &answer {
            Err(error @ (LakeError::Io { .. } | LakeError::Store { .. })) => Some(error.to_string()),
            Err(_) | Ok(_) => None,
        };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        answer
    }
}

/// A file on its way. Dropped before [`Upload::finish`] it was never there.
#[derive(Debug)]
pub(crate) struct Upload {
    sink: Sink,
    files: Files,
}

#[derive(Debug)]
enum Sink {
    File(disk::Writing),
    Parts(Box<Parts>),
}

impl Upload {
    pub(crate) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), LakeError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let written = match &mut self.sink {
            Sink::File(file) => file.write(bytes).await,
            Sink::Parts(parts) => parts.write(bytes).await,
        };
        self.files.noted(written)
    }

    /// Gives it up, and leaves nothing of it in the store as far as that answers.
    pub(crate) async fn abort(self) {
        if let Sink::Parts(parts) = self.sink {
            parts.abort().await;
        }
    }

    /// Makes the file be there, durably.
    pub(crate) async fn finish(self) -> Result<(), LakeError> {
        let finished = match self.sink {
            Sink::File(file) => file.finish().await,
            Sink::Parts(parts) => parts.finish().await,
        };
        self.files.noted(finished)
    }
}

/// A path that cannot lead out of the lake.
fn check(path: &str) -> Result<(), LakeError> {
    let plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if plain { Ok(()) } else { Err(LakeError::file(path, "is not a path inside the lake")) }
}
