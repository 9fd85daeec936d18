//! The condition of a search, taken apart so that what is cheap to read is tested first, and dear columns only where that passed.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, BooleanArray};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::DFSchema;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::split_conjunction_owned;
use datafusion::parquet::arrow::arrow_reader::{ArrowPredicate, ArrowPredicateFn, RowFilter};
use datafusion::physical_expr::PhysicalExpr;

use super::{Builder, adapted, projection};
use crate::column::{COLUMNS, Coding};
use crate::{Engine, LakeError, Row, encode};

/// All conditions a row must fulfil, the cheapest first. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    parts: Arc<[Part]>,
}

#[derive(Debug)]
struct Part {
    expr: Arc<dyn PhysicalExpr>,
    /// The columns it needs.
    schema: SchemaRef,
}

impl Filter {
    /// Of a condition on the table's rows; none lets every row pass.
    pub(crate) fn new(condition: Option<Expr>, engine: &Engine) -> Result<Self, LakeError> {
        let mut parts = Vec::new();
        let state = engine.context(1).state();
        for expr in condition.map(split_conjunction_owned).unwrap_or_default() {
            let used = expr.column_refs();
            // A condition on nothing still needs to know how many rows there are.
            let needed = |name: &str| used.iter().any(|column| column.name == name) || (used.is_empty() && name == "event_time");
            let columns: Vec<_> = COLUMNS.iter().filter(|column| needed(column.name)).collect();
            let cost = columns.iter().map(|column| cost(column.coding)).sum::<u32>();
            let fields = columns.iter().map(|column| column.field());
            let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
            let expr = state.create_physical_expr(expr, &DFSchema::try_from(Schema::clone(&schema))?)?;
            parts.push((cost, Part { expr, schema }));
        }
        parts.sort_by_key(|(cost, _)| *cost);
        Ok(Self { parts: parts.into_iter().map(|(_, part)| part).collect() })
    }

    /// For a reader of a file.
    pub(super) fn of_file(&self, builder: &Builder) -> Option<RowFilter> {
        let predicates = (0..self.parts.len()).map(|at| {
            let filter = self.clone();
            let columns = self.parts[at].schema.fields().iter().map(|field| field.name().as_str());
            let test = move |batch: RecordBatch| filter.parts[at].test(&batch);
            Box::new(ArrowPredicateFn::new(projection(builder, columns), test)) as Box<dyn ArrowPredicate>
        });
        (!self.parts.is_empty()).then(|| RowFilter::new(predicates.collect()))
    }

    /// The rows of the tail that pass.
    pub(super) fn of_tail(&self, mut rows: Vec<Arc<Row>>) -> Result<Vec<Arc<Row>>, LakeError> {
        for part in self.parts.iter() {
            if rows.is_empty() {
                break;
            }
            let batch = encode::batch(&rows, &part.schema).map_err(|error| LakeError::Engine(error.to_string()))?;
            let passed = part.test(&batch).map_err(|error| LakeError::from(DataFusionError::from(error)))?;
            let mut passed = passed.iter();
            rows.retain(|_| passed.next().flatten() == Some(true));
        }
        Ok(rows)
    }
}

impl Part {
    fn test(&self, batch: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let answer = self.expr.evaluate(&adapted(batch, &self.schema)?)?.into_array(batch.num_rows())?;
        let answer = answer.as_boolean_opt().filter(|answer| answer.len() == batch.num_rows());
        answer.cloned().ok_or_else(|| ArrowError::ComputeError("a condition gave no truth values".to_owned()))
    }
}

/// What it takes to read a column.
fn cost(coding: Coding) -> u32 {
    match coding {
        Coding::Numbers => 1,
        Coding::Dictionary => 2,
        Coding::Names => 20,
        Coding::Text => 1000,
    }
}
