//! A checkpoint: the whole state of the table in one Parquet file, so that a reader need not read every version, and versions can
//! go.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Int32Array, Int64Array, ListArray, ListBuilder, MapArray, MapBuilder, NullBufferBuilder, StringArray,
    StringBuilder, StructArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use serde_json::json;

use super::actions::{Add, PARTITION, Protocol};
use super::{LOG, Published};
use crate::{FileEntry, Lake, LakeError};

/// Rows before those of the files: the protocol and the metadata.
const HEAD: usize = 2;

impl Lake {
    /// Writes the state at a version, points to it, and removes versions from before the checkpoint before.
    pub(super) async fn checkpoint(&self, published: &mut Published, listed: &[FileEntry], version: u64) -> Result<(), LakeError> {
        let bytes = encode(published, listed).map_err(|error| LakeError::Engine(error.to_string()))?;
        self.files.put(&checkpoint_path(version), bytes).await?;
        let pointer = json!({"version": version, "size": listed.len() + HEAD});
        self.files.put(&format!("{LOG}/_last_checkpoint"), pointer.to_string().into_bytes()).await?;
        if let Some(before) = published.checkpoint.replace(version) {
            let old = self.files.list(LOG).await?.into_iter().map(|file| file.path).filter(|path| is_older(path, before));
            self.files.remove(&old.collect::<Vec<_>>()).await?;
        }
        Ok(())
    }
}

fn checkpoint_path(version: u64) -> String {
    format!("{LOG}/{version:020}.checkpoint.parquet")
}

/// Whether a file of the log is of a version before this one.
fn is_older(path: &str, version: u64) -> bool {
    let name = path.strip_prefix(LOG).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    let (number, ending) = name.split_once('.').unwrap_or((name, ""));
    matches!(ending, "json" | "checkpoint.parquet") && number.len() == 20 && number.parse::<u64>().is_ok_and(|number| number < version)
}

/// One row an action: the protocol, the metadata, and an `add` for each file. Files that were removed are not told again: they are
/// removed from the store by us, never by a reader's vacuum.
fn encode(published: &Published, listed: &[FileEntry]) -> Result<Vec<u8>, ArrowError> {
    let adds: Vec<Add> = listed.iter().map(|file| Add::of(file, published.files.get(&file.path).copied().unwrap_or_default())).collect();
    let columns = [("protocol", protocol(adds.len())), ("metaData", metadata(published, adds.len())?), ("add", add(&adds)?)];
    let fields: Vec<Field> = columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None)?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?)
}

/// A struct column that is there in the rows `from..to` of all.
fn column(fields: Vec<(&str, ArrayRef)>, from: usize, to: usize, all: usize) -> ArrayRef {
    let types: Fields = fields.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let mut nulls = NullBufferBuilder::new(all);
    nulls.append_n_nulls(from);
    nulls.append_n_non_nulls(to - from);
    nulls.append_n_nulls(all - to);
    let arrays = fields.into_iter().map(|(_, array)| array).collect();
    Arc::new(StructArray::new(types, arrays, nulls.finish() as Option<NullBuffer>))
}

/// The values with nulls around them, `from` before and so many that there are `all`.
fn padded<T>(values: impl IntoIterator<Item = T>, from: usize, all: usize) -> impl Iterator<Item = Option<T>> {
    let nulls = || std::iter::repeat_with(|| None);
    nulls().take(from).chain(values.into_iter().map(Some)).chain(nulls()).take(all)
}

fn protocol(files: usize) -> ArrayRef {
    let all = files + HEAD;
    let one = |version: i32| Arc::new(padded([version], 0, all).collect::<Int32Array>()) as ArrayRef;
    let fields = vec![("minReaderVersion", one(Protocol::OURS.min_reader_version)), ("minWriterVersion", one(Protocol::OURS.min_writer_version))];
    column(fields, 0, 1, all)
}

fn metadata(published: &Published, files: usize) -> Result<ArrayRef, ArrowError> {
    let all = files + HEAD;
    let text = |value: &str| Arc::new(padded([value], 1, all).collect::<StringArray>()) as ArrayRef;
    let empty = maps(padded([vec![]], 1, all))?;
    let format = column(vec![("provider", text("parquet")), ("options", Arc::new(empty.clone()))], 1, 2, all);
    let created = Arc::new(padded([published.created], 1, all).collect::<Int64Array>());
    let fields = vec![
        ("id", text(&published.id)),
        ("name", Arc::new(StringArray::new_null(all)) as ArrayRef),
        ("description", Arc::new(StringArray::new_null(all))),
        ("format", format),
        ("schemaString", text(&published.schema)),
        ("partitionColumns", Arc::new(lists(padded([PARTITION], 1, all)))),
        ("configuration", Arc::new(empty)),
        ("createdTime", created),
    ];
    Ok(column(fields, 1, 2, all))
}

fn add(adds: &[Add]) -> Result<ArrayRef, ArrowError> {
    let all = adds.len() + HEAD;
    let text = |of: fn(&Add) -> &str| Arc::new(padded(adds.iter().map(of), HEAD, all).collect::<StringArray>()) as ArrayRef;
    let number = |of: fn(&Add) -> i64| Arc::new(padded(adds.iter().map(of), HEAD, all).collect::<Int64Array>()) as ArrayRef;
    let values = adds.iter().map(|add| add.partition_values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect());
    let fields = vec![
        ("path", text(|add| &add.path)),
        ("partitionValues", Arc::new(maps(padded(values, HEAD, all))?) as ArrayRef),
        ("size", number(|add| add.size)),
        ("modificationTime", number(|add| add.modification_time)),
        ("dataChange", Arc::new(padded(adds.iter().map(|add| add.data_change), HEAD, all).collect::<BooleanArray>())),
        ("stats", text(|add| &add.stats)),
    ];
    Ok(column(fields, HEAD, all, all))
}

fn lists<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ListArray {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for value in values {
        if let Some(value) = value {
            lists.values().append_value(value);
        }
        lists.append(value.is_some());
    }
    lists.finish()
}

fn maps<'a>(values: impl Iterator<Item = Option<Vec<(&'a str, &'a str)>>>) -> Result<MapArray, ArrowError> {
    let mut maps = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for pairs in values {
        for (name, value) in pairs.iter().flatten() {
            maps.keys().append_value(name);
            maps.values().append_value(value);
        }
        maps.append(pairs.is_some())?;
    }
    let maps = maps.finish();
    debug_assert!(matches!(maps.data_type(), DataType::Map(..)));
    Ok(maps)
}
