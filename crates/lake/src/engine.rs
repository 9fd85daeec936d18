//! What all lakes of a process share: the memory searches may use, the cache of file footers, and how many run at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use object_store::ObjectStore;
use tokio::sync::Semaphore;

use crate::derive::{Derive, Underived};
use crate::index::Cache;
use crate::sql::Threads;
use crate::store::Remote;
use crate::version::Versioned;
use crate::{Bucket, LakeError};

/// Rows decoded at a time, and rows in a page of a file.
pub(crate) const BATCH_ROWS: usize = 8192;

/// The bounds of an engine.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes all searches together may use for sorting and the like.
    pub memory_bytes: usize,
    /// Bytes of these that one SQL statement may use.
    pub sql_bytes: usize,
    /// Bytes of file footers kept between searches.
    pub footer_cache_bytes: usize,
    /// Bytes of indexes kept between searches.
    pub index_cache_bytes: usize,
    /// Threads one search may use; at least one.
    pub partitions: usize,
    /// Searches that run at once; the next ones wait, within their deadline.
    pub concurrent: usize,
    /// Bytes of raw text in one page of rows; a page has at least one row.
    pub page_bytes: u64,
    /// How long fetching rows by id may take.
    pub get_deadline: Duration,
    /// The share of its time that merging and rewriting files works, 1 to 100 percent; it rests for the others meanwhile.
    pub background_percent: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            sql_bytes: 128 << 20,
            footer_cache_bytes: 64 << 20,
            index_cache_bytes: 128 << 20,
            partitions: std::thread::available_parallelism().map_or(2, usize::from).max(2),
            concurrent: 8,
            page_bytes: 16 << 20,
            get_deadline: Duration::from_secs(10),
            background_percent: 50,
        }
    }
}

/// The shared part of all lakes of a process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) limits: Arc<Limits>,
    pub(crate) turns: Arc<Semaphore>,
    /// Of SQL statements, which may take long, so that searches need not wait for them.
    pub(crate) sql_turns: Arc<Semaphore>,
    pub(crate) sql_threads: Arc<Threads>,
    pub(crate) remote: Option<Arc<Remote>>,
    pub(crate) indexes: Arc<Cache>,
    pub(crate) damaged_indexes: Arc<AtomicU64>,
    pub(crate) derive: Arc<dyn Derive>,
    pub(crate) runtime: Arc<RuntimeEnv>,
}

impl Engine {
    /// An engine with these bounds for lakes in directories of this machine.
    ///
    /// # Errors
    /// [`LakeError::Engine`] if the query engine does not start.
    pub fn new(limits: Limits) -> Result<Self, LakeError> {
        Self::over(limits, None)
    }

    /// An engine with these bounds for lakes in folders of a bucket. Nothing is asked of the store yet.
    ///
    /// # Errors
    /// [`LakeError::Store`] for settings that cannot mean a store, [`LakeError::Engine`] if the query engine does not start.
    pub fn on_bucket(limits: Limits, bucket: &Bucket) -> Result<Self, LakeError> {
        Self::over(limits, Some(Arc::new(Remote::new(bucket)?)))
    }

    fn over(limits: Limits, remote: Option<Arc<Remote>>) -> Result<Self, LakeError> {
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(GreedyMemoryPool::new(limits.memory_bytes)))
            .with_metadata_cache_limit(limits.footer_cache_bytes)
            // No row is ever spilled outside its lake's directory.
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
            .build_arc()?;
        if let Some(remote) = &remote {
            runtime.register_object_store(remote.url.as_ref(), Arc::clone(&remote.objects));
        }
        let turns = Arc::new(Semaphore::new(limits.concurrent.max(1)));
        let sql_turns = Arc::new(Semaphore::new((limits.concurrent / 2).max(1)));
        let indexes = Arc::new(Cache::new(limits.index_cache_bytes));
        let sql_threads = Arc::new(Threads::new(limits.partitions.max(1)));
        let (derive, damaged_indexes) = (Arc::new(Underived), Arc::default());
        Ok(Self { limits: Arc::new(limits), turns, sql_turns, sql_threads, remote, indexes, damaged_indexes, derive, runtime })
    }

    /// The same engine for lakes whose rows' fields follow from their raw text in these ways.
    #[must_use]
    pub fn deriving(self, derive: Arc<dyn Derive>) -> Self {
        Self { derive, ..self }
    }

    /// How often an index could not be used since the engine was made, and its file was read as a whole instead.
    pub fn damaged_indexes(&self) -> u64 {
        self.damaged_indexes.load(Ordering::Relaxed)
    }

    /// The store of this name, and what makes readers of its files.
    pub(crate) fn readers(&self, url: &ObjectStoreUrl) -> Result<(Arc<dyn ObjectStore>, Versioned), LakeError> {
        let store = self.runtime.object_store(url)?;
        let cache = self.runtime.cache_manager.get_file_metadata_cache();
        Ok((Arc::clone(&store), Versioned::new(CachedParquetFileReaderFactory::new(store, cache))))
    }

    /// A context for one plan on so many threads: no tables, no functions, no file formats, no catalogue of anything else.
    pub(crate) fn context(&self, partitions: usize) -> SessionContext {
        let config = self.config(partitions);
        let state = SessionStateBuilder::new().with_config(config).with_runtime_env(Arc::clone(&self.runtime)).build();
        SessionContext::new_with_state(state)
    }

    /// How plans are made and files are read.
    pub(crate) fn config(&self, partitions: usize) -> SessionConfig {
        let mut config = SessionConfig::new()
            .with_target_partitions(partitions.max(1))
            .with_batch_size(BATCH_ROWS)
            .with_information_schema(false)
            .with_repartition_file_scans(false);
        let parquet = &mut config.options_mut().execution.parquet;
        parquet.pushdown_filters = true;
        parquet.reorder_filters = true;
        parquet.enable_page_index = true;
        parquet.bloom_filter_on_read = true;
        parquet.schema_force_view_types = true;
        config
    }
}
