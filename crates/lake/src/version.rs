//! Files of a later version are refused: what they mean is not known here.

use std::ops::Range;
use std::sync::Arc;

use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{CachedParquetFileReaderFactory, ParquetFileReaderFactory};
use datafusion::error::Result;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use object_store::ObjectMeta;

use crate::{SCHEMA_KEY, SCHEMA_VERSION};

/// Makes readers that look at a file's version before anything else.
#[derive(Debug)]
pub(crate) struct Versioned(CachedParquetFileReaderFactory);

impl Versioned {
    pub(crate) fn new(readers: CachedParquetFileReaderFactory) -> Self {
        Self(readers)
    }

    /// A reader of a file outside of any plan.
    pub(crate) fn reader(&self, file: ObjectMeta) -> ParquetResult<Reader> {
        let reader = self.0.create_reader(0, PartitionedFile::new_from_meta(file), None, &ExecutionPlanMetricsSet::new());
        reader.map(Reader).map_err(|error| ParquetError::External(Box::new(error)))
    }
}

impl ParquetFileReaderFactory for Versioned {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        Ok(Box::new(Reader(self.0.create_reader(partition, file, hint, metrics)?)))
    }
}

/// A reader that refuses files of later versions.
pub(crate) struct Reader(Box<dyn AsyncFileReader + Send>);

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<bytes::Bytes>> {
        self.0.get_bytes(range)
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<bytes::Bytes>>> {
        self.0.get_byte_ranges(ranges)
    }

    fn get_metadata<'a>(&'a mut self, options: Option<&'a ArrowReaderOptions>) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        async move {
            let metadata = self.0.get_metadata(options).await?;
            check(&metadata).map(|()| metadata)
        }
        .boxed()
    }
}

/// Every file this crate wrote says its version.
fn check(metadata: &ParquetMetaData) -> ParquetResult<()> {
    let pairs = metadata.file_metadata().key_value_metadata().map(Vec::as_slice).unwrap_or_default();
    let version = pairs.iter().find(|pair| pair.key == SCHEMA_KEY).and_then(|pair| pair.value.as_deref());
    match version.and_then(|version| version.parse::<u32>().ok()) {
        Some(1..=SCHEMA_VERSION) => Ok(()),
        _ => {
            let version = version.map_or_else(|| "no version".to_owned(), |version| format!("version {version:?}"));
            Err(ParquetError::General(format!("is of {version}; this program reads versions 1 to {SCHEMA_VERSION}")))
        }
    }
}
