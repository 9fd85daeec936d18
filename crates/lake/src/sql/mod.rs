//! Read-only SQL over one lake.
//!
//! ```text
//!  text ─► Sql::parse ─► Lake::sql: a context with these tables and functions and nothing else ─► rows, at most so many
//!           one SELECT     events, records, failed_records (files + tail, index first), tables of the caller
//! ```
//!
//! What a statement can do is bounded on all sides: one `SELECT` of so many bytes and tables and no recursion; functions on a list,
//! all of them pure, and none that makes long text of short text unbounded; memory by a share of the engine's; time by a deadline;
//! the answer by rows and bytes. The context knows no file format, no path, no setting and no other lake.

mod cells;
mod error;
mod functions;
mod growth;
mod guard;
mod outside;
mod statement;
mod tables;
mod threads;

pub use cells::{SqlColumn, TruncatedBy};
pub use error::SqlError;
pub use outside::{Cells, Outside, SqlKind, SqlPage, SqlPages};
pub use statement::{MAX_SQL_BYTES, MAX_SQL_TABLES, Sql};
pub(crate) use threads::Threads;

use std::sync::Arc;
use std::time::Duration;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::dataframe::DataFrame;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::prelude::{SessionContext, col};
use futures_util::TryStreamExt;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::column::COLUMNS;
use crate::run::{Prune, Want, panic_text};
use crate::{FileEntry, Lake, LakeError, Row};

/// The most rows an answer may be asked to have.
pub const MAX_SQL_ROWS: usize = 10_000;

/// Bounds of one answer, and what it may know.
#[derive(Clone, Debug)]
pub struct SqlAsk {
    /// Rows, 1 to [`MAX_SQL_ROWS`].
    pub rows: usize,
    /// Bytes of all values, roughly.
    pub bytes: usize,
    /// How long it may take, waiting for its turn included.
    pub deadline: Duration,
    /// What `now()` says, microseconds UTC.
    pub now: i64,
}

/// The rows a statement gave.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlAnswer {
    /// The columns.
    pub columns: Vec<SqlColumn>,
    /// The rows, each with a value for each column: null, a boolean, a number, or text. Times are text as in RFC 3339.
    pub rows: Vec<Vec<Value>>,
    /// What cut the answer off; none if it is whole.
    pub truncated: Option<TruncatedBy>,
}

impl Lake {
    /// Runs a statement over the rows of files and tail, and the tables of `outside`, which are read only if the statement does.
    ///
    /// # Errors
    /// [`SqlError::Invalid`] if it cannot mean anything here, [`SqlError::Failed`] if it fails on the rows, [`SqlError::Lake`] with
    /// [`LakeError::Deadline`], [`LakeError::Memory`], [`LakeError::Invalid`] for a number of rows out of its bounds, or
    /// [`LakeError::File`] for a file that cannot be read.
    pub async fn sql(
        &self,
        files: &[FileEntry],
        tail: &[Arc<Row>],
        outside: Vec<Outside>,
        statement: &Sql,
        ask: &SqlAsk,
    ) -> Result<SqlAnswer, SqlError> {
        if !(1..=MAX_SQL_ROWS).contains(&ask.rows) {
            return Err(LakeError::invalid("limit", format!("must be 1 to {MAX_SQL_ROWS}, is {}", ask.rows)).into());
        }
        let context = self.sql_context(files, tail, outside, ask.now)?;
        let (turns, threads) = (Arc::clone(&self.engine.sql_turns), self.engine.sql_threads.handle()?);
        let (statement, asked) = (statement.clone(), ask.clone());
        let work = async {
            let turn = turns.acquire_owned().await.map_err(|error| LakeError::Engine(error.to_string()))?;
            let mut task = JoinSet::new();
            task.spawn_on(
                async move {
                    // Kept until the work has really ended, though nobody waits for it any more.
                    let _turn = turn;
                    answer(&context, &statement, &asked).await
                },
                &threads,
            );
            // A decoder that panics over a damaged file takes this answer with it and no more.
            let panicked = |error: tokio::task::JoinError| match error.try_into_panic() {
                Ok(panic) => SqlError::Unreadable(panic_text(panic.as_ref())),
                Err(error) => SqlError::Unreadable(error.to_string()),
            };
            task.join_next().await.unwrap_or_else(|| Ok(Err(SqlError::Unreadable("no task".into())))).map_err(panicked)?
        };
        match tokio::time::timeout(ask.deadline, work).await {
            Err(_late) => Err(LakeError::Deadline.into()),
            Ok(Err(SqlError::Unreadable(reason))) => Err(self.unreadable(files, ask.deadline, reason).await.into()),
            Ok(answer) => answer,
        }
    }

    /// Parses and plans a statement over an empty lake: whether it could run, without running it.
    ///
    /// # Errors
    /// As [`Lake::sql`].
    pub async fn plan_sql(&self, text: &str) -> Result<(), SqlError> {
        let statement = Sql::parse(text)?;
        let context = self.sql_context(&[], &[], Vec::new(), 0)?;
        let plan = plan(&context, &statement).await?;
        plan.create_physical_plan().await.map(drop).map_err(|error| error::planning(error, statement.text()))
    }

    /// A context that holds this lake's tables, those of the caller, and the functions a statement may use.
    fn sql_context(&self, files: &[FileEntry], tail: &[Arc<Row>], outside: Vec<Outside>, now: i64) -> Result<SessionContext, SqlError> {
        let engine = &self.engine;
        let mut config = engine.config(engine.limits.partitions);
        let options = config.options_mut();
        options.sql_parser.collect_spans = true;
        options.execution.enable_recursive_ctes = false;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(guard::share(&engine.runtime, engine.limits.sql_bytes)?)
            .with_physical_optimizer_rule(Arc::new(guard::Guards))
            .with_expr_planners(functions::planners())
            .with_scalar_functions(functions::scalar(now))
            .with_aggregate_functions(functions::aggregate())
            .with_window_functions(functions::window())
            .build();
        let context = SessionContext::new_with_state(state);
        tables::register(&context, self, files, tail).map_err(error::running)?;
        for table in outside {
            context.register_table(table.name, table.provider().map_err(error::running)?).map_err(error::running)?;
        }
        Ok(context)
    }

    /// The file that cannot be read, if there is one.
    async fn unreadable(&self, files: &[FileEntry], deadline: Duration, reason: String) -> LakeError {
        let want = Want::Columns { condition: None, columns: COLUMNS.iter().map(|column| column.name).collect() };
        let files: Vec<&FileEntry> = files.iter().collect();
        let (runner, all) = (self.runner(), Prune::NOTHING);
        let looked = runner.each(&want, &all, &files, Vec::new(), Arc::new(|_| Ok(())));
        runner.within(deadline, looked).await.err().unwrap_or(LakeError::Engine(reason))
    }
}

/// Plans a statement; nothing but a query passes.
async fn plan(context: &SessionContext, statement: &Sql) -> Result<DataFrame, SqlError> {
    let invalid = |error| error::planning(error, statement.text());
    let plan = context.state().statement_to_plan(statement.parsed()).await.map_err(invalid)?;
    let only_queries = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    only_queries.verify_plan(&plan).map_err(invalid)?;
    if repeats_itself(&plan).map_err(invalid)? {
        return Err(SqlError::invalid(
            "a subquery and the query around it compute the same expressions under the same names: give one of them others",
        ));
    }
    context.execute_logical_plan(plan).await.map_err(invalid)
}

/// Whether a projection stands right over its equal. The engine takes such two for one, though `f(f(x))` is not `f(x)`: it looks
/// only at the expressions, in which both times the column they are made of has the same name.
fn repeats_itself(plan: &LogicalPlan) -> datafusion::error::Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::Projection(outer) = node
            && let LogicalPlan::Projection(inner) = outer.input.as_ref()
        {
            found |= inner.expr == outer.expr && !outer.expr.iter().all(|expr| matches!(expr, Expr::Column(_)));
        }
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

async fn answer(context: &SessionContext, statement: &Sql, ask: &SqlAsk) -> Result<SqlAnswer, SqlError> {
    let frame = plan(context, statement).await?;
    let columns = frame.schema().fields().iter().map(|field| SqlColumn::of(field)).collect();
    let frame = frame.limit(0, Some(ask.rows + 1)).map_err(error::running)?;
    // What is found out while the plan is made is about the statement too.
    let physical = frame.clone().create_physical_plan().await.map_err(|error| error::planning(error, statement.text()))?;
    let mut stream = datafusion::physical_plan::execute_stream(physical, context.task_ctx()).map_err(error::running)?;
    let mut rows = cells::Rows::new(ask.rows, ask.bytes);
    while let Some(batch) = stream.try_next().await.map_err(error::running)? {
        if !rows.take(&batch).map_err(|error| error::running(error.into()))? {
            break;
        }
    }
    let (rows, truncated) = rows.finish();
    Ok(SqlAnswer { columns, rows, truncated })
}

/// A column of the lake's table by its name.
fn column(name: &str) -> Expr {
    col(format!("\"{name}\""))
}
