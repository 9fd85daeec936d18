//! The table a search sees: the listed files and the unflushed tail as one.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ScalarValue, Statistics};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::{CachedParquetFileReaderFactory, ParquetRowSelection};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::parquet::arrow::arrow_reader::RowSelection;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::union::UnionExec;
use object_store::ObjectMeta;

use crate::column::SCHEMA;
use crate::engine::BATCH_ROWS;
use crate::version::Versioned;
use crate::{FileEntry, Row, encode};

/// A listed file that is there: its entry, and where and how it was found.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) entry: FileEntry,
    pub(crate) meta: ObjectMeta,
    /// The rows that need to be read; all if none are named.
    pub(crate) ranges: Option<Vec<Range<usize>>>,
}

impl Located {
    fn partitioned(&self) -> PartitionedFile {
        let file = PartitionedFile::new_from_meta(self.meta.clone()).with_statistics(Arc::new(statistics(&self.entry)));
        match (&self.ranges, usize::try_from(self.entry.rows)) {
            (Some(ranges), Ok(rows)) => {
                let selection = RowSelection::from_consecutive_ranges(ranges.iter().cloned(), rows);
                file.with_extension(ParquetRowSelection::new(selection))
            }
            _ => file,
        }
    }
}

/// The rows of some files and of the tail.
#[derive(Debug)]
pub(crate) struct Events {
    /// What the query engine knows the files' store by.
    url: ObjectStoreUrl,
    /// Newest first.
    files: Vec<Located>,
    tail: Vec<Arc<Row>>,
}

impl Events {
    pub(crate) fn new(url: ObjectStoreUrl, mut files: Vec<Located>, tail: Vec<Arc<Row>>) -> Self {
        files.sort_by(|a, b| (b.entry.max_time, &b.entry.path).cmp(&(a.entry.max_time, &a.entry.path)));
        Self { url, files, tail }
    }

    fn scan_files(&self, state: &dyn Session, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
        let url = self.url.clone();
        let runtime = state.runtime_env();
        let cache = runtime.cache_manager.get_file_metadata_cache();
        let reader = Versioned::new(CachedParquetFileReaderFactory::new(runtime.object_store(&url)?, cache));
        let options = TableParquetOptions { global: state.config_options().execution.parquet.clone(), ..TableParquetOptions::default() };
        let source = ParquetSource::new(Arc::clone(&SCHEMA)).with_table_parquet_options(options).with_parquet_file_reader_factory(Arc::new(reader));
        let config = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(self.groups(state.config().target_partitions()))
            .with_projection_indices(projection.cloned())?
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    /// The files dealt out to the partitions like cards: every partition begins with new ones, so the newest rows are found
    /// early and most of the older files need not be opened.
    fn groups(&self, partitions: usize) -> Vec<FileGroup> {
        let mut groups = vec![Vec::new(); partitions.clamp(1, self.files.len().max(1))];
        let count = groups.len();
        for (at, file) in self.files.iter().enumerate() {
            groups[at % count].push(file.partitioned());
        }
        groups.into_iter().map(FileGroup::new).collect()
    }

    fn scan_tail(&self, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(SCHEMA.project(columns)?),
            None => Arc::clone(&SCHEMA),
        };
        let batches = self.tail.chunks(BATCH_ROWS).map(|rows| encode::batch(rows, &schema)).collect::<Result<Vec<_>, _>>()?;
        Ok(MemorySourceConfig::try_new_exec(&[batches], schema, None)?)
    }
}

/// What the list knows about a file: enough to leave it unopened once newer rows fill the page.
fn statistics(entry: &FileEntry) -> Statistics {
    let mut statistics = Statistics::new_unknown(&SCHEMA);
    statistics.num_rows = usize::try_from(entry.rows).map_or(Precision::Absent, Precision::Exact);
    let time = |micros| Precision::Exact(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())));
    let id = |text: &str| Precision::Exact(ScalarValue::Utf8View(Some(text.to_owned())));
    for (field, column) in SCHEMA.fields().iter().zip(&mut statistics.column_statistics) {
        let bounds = match field.name().as_str() {
            "event_time" => (time(entry.min_time), time(entry.max_time)),
            "id" => (id(&entry.first_id), id(&entry.last_id)),
            _ => continue,
        };
        (column.min_value, column.max_value) = bounds;
        column.null_count = Precision::Exact(0);
    }
    statistics
}

#[async_trait]
impl TableProvider for Events {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&SCHEMA)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut inputs = Vec::with_capacity(2);
        if !self.files.is_empty() {
            inputs.push(self.scan_files(state, projection)?);
        }
        if !self.tail.is_empty() || inputs.is_empty() {
            inputs.push(self.scan_tail(projection)?);
        }
        UnionExec::try_new(inputs)
    }

    /// Inexact: the filters stay in the plan, and the physical planner moves them into the files' readers from there.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}
