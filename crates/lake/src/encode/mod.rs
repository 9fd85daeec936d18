//! Rows to Arrow: only the columns that are asked for, since a search of the unflushed tail needs few of them.

mod file;
mod message;

pub use file::{Encoded, Encoder, Facts, Level, file, sort};
pub(crate) use message::{Place, place, read};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, StringViewArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use serde_json::Value;

use crate::Row;
use crate::column::{self, COLUMNS, Column, Kind};

/// The ECS field that is the column `event_code`, unless [`NO_CODE`] stands among the others.
pub(crate) const CODE: &str = "event.code";
pub(crate) const NO_CODE: &str = "!event.code";

/// What a batch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// To be searched and forgotten: nothing is made smaller.
    Tail,
    /// To be kept.
    File,
}

/// The rows as one batch with the columns of `schema`, each of which must be one of the table's.
pub(crate) fn batch(rows: &[Arc<Row>], schema: &SchemaRef, form: Form) -> Result<RecordBatch, ArrowError> {
    let places = if form == Form::File { rows.iter().map(|row| place(row)).collect() } else { vec![None; rows.len()] };
    let rows = Rows { rows, places, form };
    let arrays = schema.fields().iter().map(|field| {
        let column = COLUMNS.iter().find(|column| column.name == field.name().as_str());
        column.map(|column| rows.array(column)).ok_or_else(|| ArrowError::SchemaError(format!("no column {}", field.name())))
    });
    let arrays = arrays.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.rows.len()));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
}

/// Rows, and where their messages stand in their raw texts.
struct Rows<'a> {
    rows: &'a [Arc<Row>],
    places: Vec<Option<Place>>,
    form: Form,
}

impl<'a> Rows<'a> {
    fn array(&self, column: &Column) -> ArrayRef {
        match column.kind {
            Kind::Time => {
                let values = self.rows.iter().map(|row| if column.name == "event_time" { row.event_time } else { row.receipt_time });
                Arc::new(TimestampMicrosecondArray::from_iter_values(values).with_timezone("UTC"))
            }
            Kind::Int => Arc::new(self.each().map(|(row, place)| integer(column, row, place)).collect::<Int64Array>()),
            Kind::Text | Kind::Prose | Kind::Ip => {
                Arc::new(self.each().map(|(row, place)| text(column, row, place, self.form)).collect::<StringViewArray>())
            }
        }
    }

    fn each(&self) -> impl Iterator<Item = (&'a Row, Option<Place>)> {
        self.rows.iter().map(AsRef::as_ref).zip(self.places.iter().copied())
    }
}

fn integer(column: &Column, row: &Row, place: Option<Place>) -> Option<i64> {
    let count = |bytes: usize| i64::try_from(bytes).ok();
    match (column.ecs, column.name) {
        (Some(field), _) => row.ecs.get(field).and_then(scalar_integer),
        (None, "raw_bytes") => count(row.raw.len()),
        (None, "message_bytes") => count(row.message.len()),
        (None, "message_end") => count(place?.end),
        (None, "message_escapes") => count(place?.escapes),
        _ => None,
    }
}

fn text<'a>(column: &Column, row: &'a Row, place: Option<Place>, form: Form) -> Option<Cow<'a, str>> {
    if let Some(field) = column.ecs {
        let value = row.ecs.get(field).and_then(scalar_text)?;
        return Some(if column.kind == Kind::Ip { Cow::Owned(column::canonical_ip(&value)) } else { value });
    }
    let derived = form == Form::File && row.way.is_some();
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
        "message" => place.is_none().then(|| row.message.as_str().into()),
        "raw" => Some(row.raw.as_str().into()),
        "way" => row.way.as_deref().map(Cow::from),
        "added" => row.added.as_deref().map(Cow::from),
        "fields" => (!derived).then(|| row.fields.as_str().into()),
        "ecs" => remaining(row).map(Cow::Owned),
        _ => None,
    }
}

/// The ECS fields a column does not hold exactly, as a JSON object; none if there are none. A value of another type than its
/// column (a port sent as text, several addresses) is in both: the column for searching, this for giving back what came.
fn remaining(row: &Row) -> Option<String> {
    let rest = row.ecs.iter().filter(|(field, value)| {
        let held = column::of_ecs(field).is_some_and(|column| is_exact(column.kind, value));
        let implied = field.as_str() == CODE && row.event_code.as_deref().is_some_and(|code| value.as_str() == Some(code));
        !held && !implied
    });
    let mut rest: BTreeMap<&str, &Value> = rest.map(|(field, value)| (field.as_str(), value)).collect();
    if row.event_code.is_some() && !row.ecs.contains_key(CODE) {
        rest.insert(NO_CODE, &Value::Null);
    }
    // Values were JSON before, so they can be written as JSON.
    (!rest.is_empty()).then(|| serde_json::to_string(&rest).unwrap_or_default())
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
pub(crate) fn scalar_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(flag.to_string().into()),
        Value::Array(items) => items.iter().filter(|item| !item.is_array()).find_map(scalar_text),
        Value::Null | Value::Object(_) => None,
    }
}

pub(crate) fn scalar_integer(value: &Value) -> Option<i64> {
    scalar_text(value)?.parse().ok()
}
