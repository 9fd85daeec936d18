//! Writing files so that they are there after a power cut: written under a temporary name, fsynced, renamed, and the
//! folders fsynced. (The object store's local `put` does not fsync, so this goes to the file system itself.)

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::KeyValue;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;

use crate::column::{BLOOM, NO_DICTIONARY, SCHEMA};
use crate::engine::BATCH_ROWS;
use crate::{FileEntry, LakeError, Row, SCHEMA_KEY, SCHEMA_VERSION, encode};

const ROW_GROUP_ROWS: usize = 1 << 20;
const ROW_GROUP_BYTES: usize = 256 << 20;
const MAX_NAME: usize = 128;
const EXTENSION: &str = ".parquet";
const TEMPORARY: &str = ".tmp";

/// Writes the rows, one file per UTC day, each named `name`.
pub(crate) fn write(root: &Path, name: &str, rows: &[Arc<Row>]) -> Result<Vec<FileEntry>, LakeError> {
    check_name(name)?;
    let mut days: BTreeMap<String, Vec<Arc<Row>>> = BTreeMap::new();
    for row in rows {
        days.entry(row.folder()?).or_default().push(Arc::clone(row));
    }
    days.into_iter().map(|(folder, rows)| write_day(root, &folder, name, rows)).collect()
}

fn check_name(name: &str) -> Result<(), LakeError> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if name.is_empty() || name.len() > MAX_NAME || name.starts_with(['.', '_']) || !plain {
        let rule = format!("1 to {MAX_NAME} of A-Z a-z 0-9 - _ . and not beginning with . or _");
        return Err(LakeError::invalid("name", rule));
    }
    Ok(())
}

fn write_day(root: &Path, folder: &str, name: &str, mut rows: Vec<Arc<Row>>) -> Result<FileEntry, LakeError> {
    // Newest first, as they are read: once a page is full the rest of the file fails on its times alone.
    rows.sort_by(|a, b| (b.event_time, &b.id).cmp(&(a.event_time, &a.id)));
    let directory = root.join(folder);
    create_folder(root, &directory)?;
    let temporary = directory.join(format!(".{name}{EXTENSION}{TEMPORARY}"));
    let path = directory.join(format!("{name}{EXTENSION}"));
    let bytes = write_file(&temporary, &rows)?;
    fs::rename(&temporary, &path).map_err(LakeError::io(&path))?;
    sync_folder(&directory)?;
    Ok(entry(format!("{folder}/{name}{EXTENSION}"), bytes, &rows))
}

fn entry(path: String, bytes: u64, rows: &[Arc<Row>]) -> FileEntry {
    let id = |pick: Option<&Arc<Row>>| pick.map(|row| row.id.clone()).unwrap_or_default();
    FileEntry {
        path,
        rows: rows.len() as u64,
        bytes,
        raw_bytes: rows.iter().map(|row| row.raw.len() as u64).sum(),
        min_time: rows.last().map_or(0, |row| row.event_time),
        max_time: rows.first().map_or(0, |row| row.event_time),
        first_id: id(rows.iter().min_by_key(|row| &row.id)),
        last_id: id(rows.iter().max_by_key(|row| &row.id)),
        tier: rows.first().map(|row| row.tier.clone()).unwrap_or_default(),
        max_receipt: rows.iter().map(|row| row.receipt_time).max().unwrap_or_default(),
        index_bytes: 0,
    }
}

fn write_file(path: &Path, rows: &[Arc<Row>]) -> Result<u64, LakeError> {
    let file = File::create(path).map_err(LakeError::io(path))?;
    let failed = |error: ParquetError| LakeError::io(path)(std::io::Error::other(error));
    let options = ArrowWriterOptions::new().with_properties(properties(rows.len())?).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(BufWriter::new(file), Arc::clone(&SCHEMA), options).map_err(failed)?;
    for chunk in rows.chunks(BATCH_ROWS) {
        let batch = encode::batch(chunk, &SCHEMA).map_err(|error| LakeError::Engine(error.to_string()))?;
        writer.write(&batch).map_err(failed)?;
    }
    let buffered = writer.into_inner().map_err(failed)?;
    let file = buffered.into_inner().map_err(|error| LakeError::io(path)(error.into_error()))?;
    file.sync_all().map_err(LakeError::io(path))?;
    Ok(file.metadata().map_err(LakeError::io(path))?.len())
}

/// Nothing in here depends on when or where: the same rows give the same bytes.
fn properties(rows: usize) -> Result<WriterProperties, LakeError> {
    let zstd = ZstdLevel::try_new(3).map_err(|error| LakeError::Engine(error.to_string()))?;
    let mut builder = WriterProperties::builder()
        .set_created_by("bailiwick-lake".to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(SCHEMA_KEY.to_owned(), SCHEMA_VERSION.to_string())]))
        .set_compression(Compression::ZSTD(zstd))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_data_page_row_count_limit(BATCH_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page);
    for column in NO_DICTIONARY {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(*column), false);
    }
    let distinct = rows.clamp(1, ROW_GROUP_ROWS) as u64;
    for column in BLOOM {
        builder = builder
            .set_column_bloom_filter_enabled(ColumnPath::from(*column), true)
            .set_column_bloom_filter_max_ndv(ColumnPath::from(*column), distinct);
    }
    Ok(builder.build())
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
    let listed: std::collections::HashSet<&str> = listed.iter().map(|file| file.path.as_str()).collect();
    let mut removed = Vec::new();
    for folder in names(root, |name, kind| kind.is_dir() && name.starts_with("day="))? {
        let directory = root.join(&folder);
        let files = names(&directory, |_, kind| kind.is_file())?;
        let unlisted = files.iter().map(|file| format!("{folder}/{file}")).filter(|path| !listed.contains(path.as_str()));
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
