//! Reading rows straight from the blocks that can have them, without a plan: the way of a page of a search.
//!
//! The index of each file says which blocks can have a wanted row and between which times they lie. The blocks of all files and
//! the tail are read newest first until the page is full and nothing that is left is newer than its last row (`newest`). Then
//! the rows of the page are fetched by their places in their files, only the columns that have something there (`rows`).

mod filter;
mod newest;
mod rows;

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::new_null_array;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::runtime::SpawnedTask;
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection};
use datafusion::parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStreamBuilder};
use datafusion::parquet::arrow::{ProjectionMask, RowNumber, parquet_to_arrow_schema};
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use object_store::ObjectStore;

use crate::column::SCHEMA;
use crate::index::BLOCK_ROWS;
use crate::store::Files;
use crate::version::{Reader, Versioned};
use crate::{Engine, FileEntry, LakeError};

pub(crate) use filter::Filter;
pub(crate) use newest::{Found, Place, newest};
pub(crate) use rows::rows;

/// Rows decoded at a time: a block.
const BATCH_ROWS: usize = BLOCK_ROWS as usize;

/// The column that says where in its file a row is.
const ROW: &str = "row";

/// What opens the files of a lake. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Opener {
    files: Files,
    store: Arc<dyn ObjectStore>,
    readers: Arc<Versioned>,
    pub(crate) engine: Engine,
}

type Builder = ParquetRecordBatchStreamBuilder<Reader>;

impl Opener {
    pub(crate) fn new(files: &Files, engine: &Engine) -> Result<Self, LakeError> {
        let (store, readers) = engine.readers(&files.url())?;
        Ok(Self { files: files.clone(), store, readers: Arc::new(readers), engine: engine.clone() })
    }

    /// Begins to read a listed file.
    async fn open(&self, entry: &FileEntry) -> Result<Builder, LakeError> {
        let meta = self.files.locate(self.store.as_ref(), entry).await?;
        let opened = async {
            let mut reader = self.readers.reader(meta)?;
            let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_page_index_policy(PageIndexPolicy::Optional);
            let metadata = reader.get_metadata(Some(&options)).await?;
            let row = Arc::new(Field::new(ROW, DataType::Int64, false).with_extension_type(RowNumber));
            let options = options.with_schema(schema(&metadata)?).with_virtual_columns(vec![row])?;
            let metadata = ArrowReaderMetadata::try_new(metadata, options)?;
            Ok(ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata).with_batch_size(BATCH_ROWS))
        };
        match opened.await {
            Ok(builder) => Ok(builder),
            Err(error) => Err(self.blame(entry, &error).await),
        }
    }

    /// Whose fault it is that a file cannot be read: that a store does not answer is none of the file's.
    async fn blame(&self, entry: &FileEntry, error: &ParquetError) -> LakeError {
        match self.files.ask(&entry.path).await {
            Ok(()) => LakeError::file(&entry.path, error.to_string()),
            Err(error) => error,
        }
    }
}

/// The types the table has for the columns a file has; a column of an old file that the table has not is as it is.
fn schema(metadata: &ParquetMetaData) -> ParquetResult<SchemaRef> {
    let stored = parquet_to_arrow_schema(metadata.file_metadata().schema_descr(), None)?;
    let fields = stored.fields().iter().map(|field| match SCHEMA.field_with_name(field.name()) {
        Ok(known) => Field::new(field.name(), known.data_type().clone(), field.is_nullable()),
        Err(_) => Field::clone(field),
    });
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

/// Those of these columns that the file has.
fn projection<'a>(builder: &Builder, columns: impl IntoIterator<Item = &'a str>) -> ProjectionMask {
    ProjectionMask::columns(builder.parquet_schema(), columns)
}

fn selection(ranges: impl IntoIterator<Item = Range<usize>>, entry: &FileEntry) -> Result<RowSelection, LakeError> {
    let rows = usize::try_from(entry.rows).map_err(|_| LakeError::file(&entry.path, "has too many rows"))?;
    Ok(RowSelection::from_consecutive_ranges(ranges.into_iter(), rows))
}

/// A batch with the columns of a schema: those that are not there are null.
fn adapted(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let rows = batch.num_rows();
    let arrays = schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
        Some(array) => Ok(Arc::clone(array)),
        None if field.is_nullable() => Ok(new_null_array(field.data_type(), rows)),
        None => Err(ArrowError::SchemaError(format!("has no column {}", field.name()))),
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays.collect::<Result<Vec<_>, _>>()?, &options)
}

/// What a task gave; a decoder that panics over a damaged file is an error of that file.
async fn joined<T: 'static>(task: SpawnedTask<Result<T, LakeError>>, path: &str) -> Result<T, LakeError> {
    task.join().await.unwrap_or_else(|error| Err(LakeError::file(path, error.to_string())))
}
