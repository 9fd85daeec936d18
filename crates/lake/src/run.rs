//! Running a plan: in its turn, within its time, and with a name for the file that is to blame when it fails.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr, cast};
use datafusion::prelude::{SessionContext, col, lit};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use tokio::task::JoinSet;

use crate::index::{self, Need};
use crate::query::deriving;
use crate::search::{Times, text};
use crate::store::Files;
use crate::table::{Events, Located};
use crate::{Derive, Engine, FileEntry, LakeError, Row, Search};

/// The record type of what could not be made a record.
pub(crate) const FAILED_RECORD: &str = "FailedRecord";

/// Files looked up at once before a plan.
const LOOKUPS: usize = 16;

/// What a plan is to give.
#[derive(Clone, Debug)]
pub(crate) enum Want {
    /// Whole rows, in any order.
    Rows { condition: Expr },
    /// The times of all rows and how much text they have: `event_time`, `raw_bytes`.
    Times,
    /// The ids of rows: `id`.
    Ids { condition: Expr },
    /// The most frequent values of a column and the number of their rows, in a column [`Want::COUNT`].
    Groups { condition: Expr, column: &'static str, limit: usize },
    /// The first rows by id, whole.
    First { condition: Expr, limit: usize },
    /// The number of rows, in a column [`Want::COUNT`].
    Count { condition: Option<Expr> },
    /// Of rows by their time: the number of the span of so many microseconds since `origin` ([`Want::SPAN`]), whether they are failed
    /// records ([`Want::FAILED`]), how many there are ([`Want::COUNT`]), and the first and last time ([`Want::MIN`], [`Want::MAX`]).
    Spans { condition: Option<Expr>, origin: i64, width: i64 },
    /// Some columns of rows, in any order.
    Columns { condition: Option<Expr>, columns: Vec<&'static str> },
}

/// Is shown batches, by several threads at once.
pub(crate) type Take = dyn Fn(&RecordBatch) -> Result<(), LakeError> + Send + Sync;

/// What is known of wanted rows before any is read: blocks that cannot have them are left out.
#[derive(Clone, Debug)]
pub(crate) struct Prune {
    pub(crate) need: Need,
    pub(crate) times: Times,
}

impl Prune {
    /// Of the rows of a search.
    pub(crate) fn of(search: &Search, continued: bool) -> Self {
        Self { need: search.query.need().clone(), times: search.times(continued) }
    }

    /// Nothing is known.
    pub(crate) const NOTHING: Self = Self { need: Need::Nothing, times: Times::ALL };

    /// Whether an index could leave anything out of a file.
    fn can_help(&self, file: &FileEntry) -> bool {
        let inside = self.times.hold(file.min_time, file.max_time);
        file.index_bytes > 0 && !(inside && self.need == Need::Nothing)
    }
}

impl Want {
    pub(crate) const COUNT: &'static str = "rows";
    pub(crate) const SPAN: &'static str = "span";
    pub(crate) const FAILED: &'static str = "failed";
    pub(crate) const MIN: &'static str = "first";
    pub(crate) const MAX: &'static str = "last";

    fn plan(&self, events: DataFrame, derive: &Arc<dyn Derive>) -> datafusion::error::Result<DataFrame> {
        let filtered = |events: DataFrame, condition: &Option<Expr>| match condition {
            Some(condition) => events.filter(deriving(condition.clone(), derive)?),
            None => Ok(events),
        };
        match self {
            Self::Rows { condition } => events.filter(condition.clone()),
            Self::Times => events.select(vec![col("event_time"), col("raw_bytes")]),
            Self::Ids { condition } => events.filter(condition.clone())?.select(vec![col("id")]),
            Self::Groups { condition, column, limit } => events
                .filter(condition.clone())?
                .aggregate(vec![col(*column)], vec![count(lit(1_i64)).alias(Self::COUNT)])?
                .sort(vec![col(Self::COUNT).sort(false, false), col(*column).sort(true, false)])?
                .limit(0, Some(*limit)),
            Self::First { condition, limit } => events.filter(condition.clone())?.sort(vec![col("id").sort(true, false)])?.limit(0, Some(*limit)),
            Self::Count { condition } => filtered(events, condition)?.aggregate(vec![], vec![count(lit(1_i64)).alias(Self::COUNT)]),
            Self::Spans { condition, origin, width } => {
                let span = (cast(col("event_time"), DataType::Int64) - lit(*origin)) / lit(*width);
                let failed = col("record_type").eq(text(FAILED_RECORD));
                let times = [min(col("event_time")).alias(Self::MIN), max(col("event_time")).alias(Self::MAX)];
                let rows = count(lit(1_i64)).alias(Self::COUNT);
                filtered(events, condition)?.aggregate(vec![span.alias(Self::SPAN), failed.alias(Self::FAILED)], [vec![rows], times.into()].concat())
            }
            Self::Columns { condition, columns } => filtered(events, condition)?.select(columns.iter().map(|name| col(*name)).collect::<Vec<_>>()),
        }
    }
}

/// Runs plans over one lake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runner<'a> {
    pub(crate) files: &'a Files,
    pub(crate) engine: &'a Engine,
    /// Threads a plan may use.
    pub(crate) partitions: usize,
}

impl Runner<'_> {
    /// Waits for a turn and does the work, all within the deadline; work that is late is dropped, its tasks with it.
    pub(crate) async fn within<T>(&self, deadline: Duration, work: impl Future<Output = Result<T, LakeError>>) -> Result<T, LakeError> {
        let turn = async {
            let _turn = self.engine.turns.acquire().await.map_err(|error| LakeError::Engine(error.to_string()))?;
            work.await
        };
        tokio::time::timeout(deadline, turn).await.map_err(|_| LakeError::Deadline)?
    }

    /// Runs a plan over the files and the tail. If it fails, each file is tried alone to name the one that is to blame.
    pub(crate) async fn run(&self, want: &Want, prune: &Prune, files: &[&FileEntry], tail: Vec<Arc<Row>>) -> Result<Vec<RecordBatch>, LakeError> {
        let context = self.engine.context(self.partitions);
        let located = self.locate(files).await?;
        let located = self.prune(prune, located).await?;
        let error = match self.collect(&context, want, located.clone(), tail).await {
            Err(LakeError::Engine(error)) => error,
            answer => return answer,
        };
        Err(self.blame(&context, want, files, located, error).await)
    }

    /// Runs a plan over the files and the tail and shows its batches to `take`, which keeps what it needs of them. If it fails, each
    /// file is tried alone to name the one that is to blame.
    pub(crate) async fn each(&self, want: &Want, prune: &Prune, files: &[&FileEntry], tail: Vec<Arc<Row>>, take: Arc<Take>) -> Result<(), LakeError> {
        let context = self.engine.context(self.partitions);
        let located = self.locate(files).await?;
        let located = self.prune(prune, located).await?;
        match self.show(&context, want, located.clone(), tail, take).await {
            Err(LakeError::Engine(error)) => Err(self.blame(&context, want, files, located, error).await),
            answer => answer,
        }
    }

    /// Why a plan failed: the store that does not answer, or a file, or else what it said itself.
    async fn blame(&self, context: &SessionContext, want: &Want, files: &[&FileEntry], located: Vec<Located>, error: String) -> LakeError {
        // That a store does not answer is no fault of a file.
        if let Some(file) = files.first()
            && let Err(away) = self.files.ask(&file.path).await
        {
            return away;
        }
        tracing::warn!(%error, files = located.len(), "a lake search failed; trying its files one by one");
        for file in located {
            let path = file.entry.path.clone();
            if let Err(LakeError::Engine(reason)) = self.show(context, want, vec![file], Vec::new(), Arc::new(|_| Ok(()))).await {
                return LakeError::File { path, reason };
            }
        }
        LakeError::Engine(error)
    }

    /// Runs a plan and shows its batches to `take`; each partition of it in a task of its own.
    async fn show(&self, context: &SessionContext, want: &Want, files: Vec<Located>, tail: Vec<Arc<Row>>, take: Arc<Take>) -> Result<(), LakeError> {
        let events = context.read_table(Arc::new(Events::new(self.files.url(), files, tail)))?;
        let plan = want.plan(events, &self.engine.derive)?;
        let mut tasks = JoinSet::<Result<(), LakeError>>::new();
        for mut stream in plan.execute_stream_partitioned().await? {
            let take = Arc::clone(&take);
            tasks.spawn(async move {
                while let Some(batch) = stream.try_next().await? {
                    take(&batch)?;
                }
                Ok(())
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.map_err(|error| {
                LakeError::Engine(error.try_into_panic().map_or_else(|error| error.to_string(), |panic| panic_text(panic.as_ref())))
            })??;
        }
        Ok(())
    }

    pub(crate) async fn locate(&self, files: &[&FileEntry]) -> Result<Vec<Located>, LakeError> {
        let store = self.engine.runtime.object_store(self.files.url())?;
        let lookups = files.iter().map(|file| {
            let (store, entry) = (Arc::clone(&store), FileEntry::clone(file));
            async move { Ok(Located { meta: self.files.locate(store.as_ref(), &entry).await?, entry, ranges: None }) }
        });
        stream::iter(lookups.collect::<Vec<_>>()).buffered(LOOKUPS).try_collect().await
    }

    async fn collect(&self, context: &SessionContext, want: &Want, files: Vec<Located>, tail: Vec<Arc<Row>>) -> Result<Vec<RecordBatch>, LakeError> {
        let events = context.read_table(Arc::new(Events::new(self.files.url(), files, tail)))?;
        let plan = want.plan(events, &self.engine.derive)?;
        // A damaged file should give an error; should a decoder panic over it, that is an error too.
        match AssertUnwindSafe(plan.collect()).catch_unwind().await {
            Ok(batches) => Ok(batches?),
            Err(panic) => Err(LakeError::Engine(panic_text(panic.as_ref()))),
        }
    }

    /// Leaves out what the indexes say cannot have a wanted row: blocks, and whole files.
    pub(crate) async fn prune(&self, prune: &Prune, files: Vec<Located>) -> Result<Vec<Located>, LakeError> {
        let store = self.engine.runtime.object_store(self.files.url())?;
        let pruned = files.into_iter().map(|mut file| {
            let store = Arc::clone(&store);
            async move {
                if prune.can_help(&file.entry)
                    && let Some(index) = index::load(self.files, store.as_ref(), &file.entry, self.engine).await
                {
                    file.ranges = Some(index.select(&prune.need, |min, max| prune.times.touch(min, max)));
                }
                file
            }
        });
        let pruned: Vec<Located> = stream::iter(pruned.collect::<Vec<_>>()).buffered(LOOKUPS).collect().await;
        Ok(pruned.into_iter().filter(|file| file.ranges.as_ref().is_none_or(|ranges| !ranges.is_empty())).collect())
    }
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("no message"))
}
