//! Getting the index of a file: from memory, else from the store.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use object_store::path::Path as StorePath;
use object_store::{ObjectStore, ObjectStoreExt};

use super::Index;
use crate::store::{Files, index_path};
use crate::{Engine, FileEntry};

/// The index of a file; none if it cannot be used, which is told and counted, and only means that the whole file is read.
pub(crate) async fn load(files: &Files, store: &dyn ObjectStore, entry: &FileEntry, engine: &Engine) -> Option<Arc<Index>> {
    let location = index_path(files.location(&entry.path).ok()?.as_ref());
    if let Some(index) = engine.indexes.get(&location).filter(|index| index.rows() == entry.rows) {
        return Some(index);
    }
    match read(store, &location, entry).await {
        Ok(index) => {
            let index = Arc::new(index);
            engine.indexes.put(location, Arc::clone(&index));
            Some(index)
        }
        Err(reason) => {
            engine.damaged_indexes.fetch_add(1, Ordering::Relaxed);
            files.note_damaged_index();
            tracing::warn!(file = %entry.path, reason, "the index of a file cannot be used; the whole file is read");
            None
        }
    }
}

async fn read(store: &dyn ObjectStore, location: &str, entry: &FileEntry) -> Result<Index, String> {
    let found = store.get(&StorePath::from(location)).await.map_err(|error| error.to_string())?;
    if found.meta.size != entry.index_bytes {
        return Err(format!("has {} bytes, its entry says {}", found.meta.size, entry.index_bytes));
    }
    let bytes = found.bytes().await.map_err(|error| error.to_string())?;
    let index = Index::open(bytes.into()).map_err(|error| error.to_string())?;
    if index.rows() == entry.rows { Ok(index) } else { Err(format!("is of {} rows, the file has {}", index.rows(), entry.rows)) }
}
