//! The tables of a lake as statements see them: `events`, and of them `records` and `failed_records`.
//!
//! They show what a row says, not how it is kept: the message and the fields are there whether they are stored or follow from the
//! raw text. A condition that an index knows something of leaves out files and blocks as a search does.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{ScalarValue, exec_err};
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TableProviderFilterPushDown, Volatility,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;

use super::column as col;
use crate::column::{self, COLUMNS, Kind, SCHEMA};
use crate::decode::Messages;
use crate::encode::NO_CODE;
use crate::index::{Need, term};
use crate::matching::{Pattern, value};
use crate::run::{FAILED_RECORD, Prune, Runner};
use crate::search::{Times, text};
use crate::table::Events;
use crate::{Derive, FileEntry, Lake, Row};

/// Columns that say how a row is kept.
const HIDDEN: &[&str] = &["message_bytes", "message_end", "message_escapes", "way", "added"];

/// Makes the tables known to a context.
pub(super) fn register(context: &SessionContext, lake: &Lake, files: &[FileEntry], tail: &[Arc<Row>]) -> Result<()> {
    let stored = Stored { lake: lake.clone(), files: files.to_vec(), tail: tail.to_vec() };
    let stored = context.read_table(Arc::new(stored))?;
    let shown = COLUMNS.iter().filter(|column| !HIDDEN.contains(&column.name)).map(|column| shown(column.name, &lake.engine.derive));
    let events = stored.select(shown.collect::<Vec<_>>())?;
    let failed = || col("record_type").eq(text(FAILED_RECORD));
    context.register_table("records", events.clone().filter(Expr::Not(Box::new(failed())))?.into_view())?;
    context.register_table("failed_records", events.clone().filter(failed())?.into_view())?;
    context.register_table("events", events.into_view())?;
    Ok(())
}

/// A column as it is shown.
fn shown(name: &str, derive: &Arc<dyn Derive>) -> Expr {
    let (part, columns): (Part, &[&str]) = match name {
        "message" => (Part::Message, &["message", "message_bytes", "message_end", "message_escapes", "raw"]),
        "fields" => (Part::Fields(Ways(Arc::clone(derive))), &["fields", "way", "added", "raw"]),
        "ecs" => (Part::Ecs, &["ecs"]),
        _ => return col(name),
    };
    let types = columns.iter().map(|name| SCHEMA.field_with_name(name).map_or(DataType::Null, |field| field.data_type().clone()));
    let signature = Signature::exact(types.collect(), Volatility::Immutable);
    ScalarUDF::new_from_impl(Shown { part, signature }).call(columns.iter().map(|name| col(name)).collect()).alias(name)
}

/// The rows as they are kept.
#[derive(Debug)]
struct Stored {
    lake: Lake,
    files: Vec<FileEntry>,
    tail: Vec<Arc<Row>>,
}

#[async_trait]
impl TableProvider for Stored {
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
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let prune = prune(filters);
        let files = self.files.iter().filter(|file| prune.times.touch(file.min_time, file.max_time));
        let runner = Runner { files: &self.lake.files, engine: &self.lake.engine, partitions: state.config().target_partitions() };
        let outer = |error| DataFusionError::External(Box::new(error));
        let located = runner.locate(&files.collect::<Vec<_>>()).await.map_err(outer)?;
        let located = runner.prune(&prune, located).await.map_err(outer)?;
        Events::new(self.lake.files.url(), located, self.tail.clone()).scan(state, projection, filters, limit).await
    }

    /// Inexact: as with a search, the filters stay in the plan.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}

/// What is known of rows that pass all of these.
fn prune(filters: &[Expr]) -> Prune {
    let (mut from, mut to) = (i64::MIN, i64::MAX);
    for filter in filters {
        window(filter, &mut from, &mut to);
    }
    Prune { need: Need::all(filters.iter().map(need)), times: Times { from, to } }
}

/// Narrows a window of event times, both included, by a condition.
fn window(condition: &Expr, from: &mut i64, to: &mut i64) {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = condition else { return };
    if *op == Operator::And {
        window(left, from, to);
        window(right, from, to);
        return;
    }
    let (Expr::Column(column), Expr::Literal(ScalarValue::TimestampMicrosecond(Some(time), _), _)) = (left.as_ref(), right.as_ref()) else { return };
    if column.name != "event_time" {
        return;
    }
    match op {
        Operator::GtEq | Operator::Gt => *from = (*from).max(*time),
        Operator::LtEq | Operator::Lt => *to = (*to).min(*time),
        Operator::Eq => (*from, *to) = ((*from).max(*time), (*to).min(*time)),
        _ => {}
    }
}

/// What the index can know of rows that pass.
fn need(condition: &Expr) -> Need {
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => Need::all([need(left), need(right)]),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => Need::one([need(left), need(right)]),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => equal(left, right),
        Expr::InList(list) if !list.negated => Need::one(list.list.iter().map(|item| equal(&list.expr, item))),
        _ => Need::Nothing,
    }
}

/// Of rows in which a column has a value.
fn equal(column: &Expr, value_of: &Expr) -> Need {
    let (Expr::Column(named), Expr::Literal(literal, _)) = (column, value_of) else { return Need::Nothing };
    let Some(column) = COLUMNS.iter().find(|column| column.name == named.name).filter(|column| column.is_indexed()) else { return Need::Nothing };
    match (column.kind, literal) {
        (Kind::Int, ScalarValue::Int64(Some(number))) => term(&number.to_string()).map_or(Need::Nothing, Need::Term),
        (Kind::Text, literal) => literal.try_as_str().flatten().map_or(Need::Nothing, |text| value(&Pattern::exact(text))),
        (Kind::Ip, literal) => {
            let address = literal.try_as_str().flatten().map(column::canonical_ip);
            address.and_then(|address| term(&address)).map_or(Need::Nothing, Need::Term)
        }
        _ => Need::Nothing,
    }
}

/// How fields follow from raw text.
#[derive(Clone, Debug)]
struct Ways(Arc<dyn Derive>);

impl PartialEq for Ways {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Ways {}

impl Hash for Ways {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// What is put together of several columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Message,
    Fields(Ways),
    Ecs,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Shown {
    part: Part,
    signature: Signature,
}

impl ScalarUDFImpl for Shown {
    fn name(&self) -> &str {
        match self.part {
            Part::Message => "shown_message",
            Part::Fields(_) => "shown_fields",
            Part::Ecs => "shown_ecs",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays = args.args.into_iter().map(|arg| arg.into_array(rows)).collect::<Result<Vec<ArrayRef>>>()?;
        Ok(ColumnarValue::Array(Arc::new(self.part.all(rows, &arrays)?)))
    }
}

impl Part {
    fn all(&self, rows: usize, arrays: &[ArrayRef]) -> Result<StringViewArray> {
        let text = |at: usize| arrays.get(at).and_then(|array| array.as_string_view_opt());
        match self {
            Self::Message => {
                let messages = arrays.get(..4).and_then(Messages::from_arrays).zip(text(4));
                let Some((messages, raw)) = messages else { return exec_err!("a message needs its columns") };
                Ok((0..rows).map(|at| messages.at(raw.value(at), at)).collect())
            }
            Self::Fields(ways) => {
                let columns: Vec<&StringViewArray> = (0..4).filter_map(text).collect();
                let [fields, way, added, raw] = columns[..] else { return exec_err!("fields need their columns") };
                let given = |array: &StringViewArray, at: usize| array.is_valid(at).then(|| array.value(at).to_owned());
                let all = (0..rows).map(|at| match (given(fields, at), given(way, at)) {
                    (None, Some(way)) => match ways.0.fields(&way, raw.value(at), given(added, at).as_deref()) {
                        Some(fields) => Ok(Some(fields)),
                        None => exec_err!("the fields of a row do not follow from its raw text by {way:?}"),
                    },
                    (fields, _) => Ok(fields),
                });
                all.collect()
            }
            Self::Ecs => {
                let Some(ecs) = text(0) else { return exec_err!("ecs needs its column") };
                Ok((0..rows).map(|at| ecs.is_valid(at).then(|| without_mark(ecs.value(at))).flatten()).collect())
            }
        }
    }
}

/// The fields without what only says how they are kept; none if there are no others.
fn without_mark(json: &str) -> Option<String> {
    if !json.contains(NO_CODE) {
        return Some(json.to_owned());
    }
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
    fields.remove(NO_CODE);
    (!fields.is_empty()).then(|| serde_json::Value::Object(fields).to_string())
}
