//! Rows to Arrow: only the columns that are asked for, since a search of the unflushed tail needs few of them.

mod file;

pub use file::{Encoded, Encoder, Facts, Level, file, sort};

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, StringViewArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use serde_json::{Map, Value};

use crate::Row;
use crate::column::{self, COLUMNS, Column, Kind};
use crate::matching::fold;

/// What a batch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// To be searched and forgotten: nothing is made smaller.
    Tail,
    /// To be kept.
    File,
}

/// The rows as one batch with the columns of `schema`, each of which must be one of the table's.
pub(crate) fn batch(rows: &[Arc<Row>], schema: &SchemaRef, _form: Form) -> Result<RecordBatch, ArrowError> {
    let arrays = schema.fields().iter().map(|field| {
        let column = COLUMNS.iter().find(|column| column.name == field.name().as_str());
        column.map(|column| array(column, rows)).ok_or_else(|| ArrowError::SchemaError(format!("no column {}", field.name())))
    });
    let arrays = arrays.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
}

fn array(column: &Column, rows: &[Arc<Row>]) -> ArrayRef {
    match column.kind {
        Kind::Time => {
            let values = rows.iter().map(|row| if column.name == "event_time" { row.event_time } else { row.receipt_time });
            Arc::new(TimestampMicrosecondArray::from_iter_values(values).with_timezone("UTC"))
        }
        Kind::Int => Arc::new(rows.iter().map(|row| integer(column, row)).collect::<Int64Array>()),
        Kind::Text | Kind::Prose | Kind::Ip => Arc::new(rows.iter().map(|row| text(column, row)).collect::<StringViewArray>()),
    }
}

fn integer(column: &Column, row: &Row) -> Option<i64> {
    match column.ecs {
        Some(field) => row.ecs.get(field).and_then(scalar_integer),
        None => Some(i64::try_from(row.raw.len()).unwrap_or(i64::MAX)),
    }
}

fn text<'a>(column: &Column, row: &'a Row) -> Option<Cow<'a, str>> {
    if let Some(field) = column.ecs {
        let value = row.ecs.get(field).and_then(scalar_text)?;
        return Some(if column.kind == Kind::Ip { Cow::Owned(column::canonical_ip(&value)) } else { value });
    }
    let lower = |field: &str| row.ecs.get(field).and_then(scalar_text).map(|value| Cow::Owned(fold(&value)));
    match column.name {
        "id" => Some(row.id.as_str().into()),
        "source" => Some(row.source.as_str().into()),
        "source_category" => Some(row.source_category.as_str().into()),
        "tier" => Some(row.tier.as_str()).filter(|tier| !tier.is_empty()).map(Cow::from),
        "record_type" => Some(row.record_type.as_str().into()),
        "reason_code" => row.reason_code.as_deref().map(Cow::from),
        "reason" => row.reason.as_deref().map(Cow::from),
        "vendor" => row.vendor.as_deref().map(Cow::from),
        "product" => row.product.as_deref().map(Cow::from),
        "parser" => row.parser.as_deref().map(Cow::from),
        "event_code" => row.event_code.as_deref().map(Cow::from),
        "host_name_lower" => lower("host.name"),
        "user_name_lower" => lower("user.name"),
        "message" => Some(row.message.as_str().into()),
        "raw" => Some(row.raw.as_str().into()),
        "fields" => Some(row.fields.as_str().into()),
        "ecs" => remaining(row).map(Cow::Owned),
        _ => None,
    }
}

/// The ECS fields a column does not hold exactly, as a JSON object; none if there are none. A value of another type than its
/// column (a port sent as text, several addresses) is in both: the column for searching, this for giving back what came.
fn remaining(row: &Row) -> Option<String> {
    let rest = row.ecs.iter().filter(|(field, value)| !column::of_ecs(field).is_some_and(|column| is_exact(column.kind, value)));
    let rest: Map<String, Value> = rest.map(|(field, value)| (field.clone(), value.clone())).collect();
    (!rest.is_empty()).then(|| Value::Object(rest).to_string())
}

fn is_exact(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Int, Value::Number(number)) => number.is_i64(),
        (Kind::Ip, Value::String(text)) => column::canonical_ip(text) == *text,
        (Kind::Text, Value::String(_)) => true,
        _ => false,
    }
}

/// The text a value is searched by: of a list, that of its first scalar.
fn scalar_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(flag.to_string().into()),
        Value::Array(items) => items.iter().filter(|item| !item.is_array()).find_map(scalar_text),
        Value::Null | Value::Object(_) => None,
    }
}

fn scalar_integer(value: &Value) -> Option<i64> {
    scalar_text(value)?.parse().ok()
}
