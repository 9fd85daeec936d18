//! Bounds the engine does not keep by itself: the memory of one statement, what windows hold on to, and that work can be stopped.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::config::ConfigOptions;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions};
use futures_util::{StreamExt, stream};

/// The same runtime with a share of its memory.
pub(super) fn share(runtime: &Arc<RuntimeEnv>, limit: usize) -> Result<Arc<RuntimeEnv>, super::SqlError> {
    let pool = Share { whole: Arc::clone(&runtime.memory_pool), limit, used: AtomicUsize::new(0) };
    let shared = RuntimeEnvBuilder::from_runtime_env(runtime).with_memory_pool(Arc::new(pool)).build_arc();
    shared.map_err(super::error::running)
}

/// A part of a memory pool.
#[derive(Debug)]
struct Share {
    whole: Arc<dyn MemoryPool>,
    limit: usize,
    used: AtomicUsize,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "share({} of {} bytes)", self.used.load(Ordering::Relaxed), self.limit)
    }
}

impl MemoryPool for Share {
    fn name(&self) -> &str {
        "share"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.whole.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.whole.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.used.fetch_add(additional, Ordering::Relaxed);
        self.whole.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.used.fetch_sub(shrink, Ordering::Relaxed);
        self.whole.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let used = self.used.fetch_add(additional, Ordering::Relaxed).saturating_add(additional);
        let grown = if used > self.limit {
            Err(DataFusionError::ResourcesExhausted(format!("a statement may use {} MiB", self.limit >> 20)))
        } else {
            self.whole.try_grow(reservation, additional)
        };
        grown.inspect_err(|_| {
            self.used.fetch_sub(additional, Ordering::Relaxed);
        })
    }

    fn reserved(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit)
    }
}

/// Puts the guards into a plan: what windows read is counted, and joins, which make many rows of few, let others run in between, so
/// that they can be stopped.
#[derive(Debug)]
pub(super) struct Guards;

/// Rows that a join without an equality compares with all of the other side before others may run.
const SLICE: usize = 64;

impl PhysicalOptimizerRule for Guards {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let inputs: Vec<_> = node.children().into_iter().map(Arc::clone).collect();
            let guarded = if node.name().ends_with("WindowAggExec") {
                Some(inputs.into_iter().map(|input| Guard::around(Watch::Count, input)).collect())
            } else if let ("NestedLoopJoinExec", [kept, passing]) = (node.name(), inputs.as_slice()) {
                Some(vec![Arc::clone(kept), Guard::around(Watch::Slice, Arc::clone(passing))])
            } else if node.name().ends_with("JoinExec") {
                None
            } else {
                return Ok(Transformed::no(node));
            };
            let node = match guarded {
                Some(inputs) => node.replace_children(inputs, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))?,
                None => node,
            };
            Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>))
        })
        .data()
    }

    fn name(&self) -> &str {
        "guards"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// What a guard does with the rows that pass.
#[derive(Clone, Copy, Debug)]
enum Watch {
    /// Counts them as memory in use, until the end.
    Count,
    /// Gives a few at a time, and lets others run in between.
    Slice,
}

/// Passes rows on and watches.
#[derive(Debug)]
struct Guard {
    watch: Watch,
    input: Arc<dyn ExecutionPlan>,
}

impl Guard {
    fn around(watch: Watch, input: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        Arc::new(Self { watch, input })
    }
}

impl DisplayAs for Guard {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guard: {:?}", self.watch)
    }
}

impl ExecutionPlan for Guard {
    fn name(&self) -> &str {
        "Guard"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(&self, _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>, _: ReplaceChildrenOptions) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Self::around(self.watch, input)),
            Err(_) => Err(DataFusionError::Internal("a guard has one input".into())),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let reservation = MemoryConsumer::new("window").register(context.memory_pool());
        let (schema, input) = (self.input.schema(), self.input.execute(partition, context)?);
        let watched = match self.watch {
            Watch::Count => input
                .map(move |batch| {
                    let batch = batch?;
                    reservation.try_grow(batch.get_array_memory_size())?;
                    Ok(batch)
                })
                .boxed(),
            Watch::Slice => input.flat_map(|batch| stream::iter(slices(batch))).then(after_others).boxed(),
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, watched)))
    }
}

fn slices(batch: Result<RecordBatch>) -> Vec<Result<RecordBatch>> {
    match batch {
        Ok(batch) => (0..batch.num_rows()).step_by(SLICE).map(|at| Ok(batch.slice(at, SLICE.min(batch.num_rows() - at)))).collect(),
        Err(error) => vec![Err(error)],
    }
}

/// The batch, once others have had their turn.
async fn after_others(batch: Result<RecordBatch>) -> Result<RecordBatch> {
    tokio::task::yield_now().await;
    batch
}
