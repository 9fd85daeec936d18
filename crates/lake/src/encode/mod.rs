//! Rows to Arrow: only the columns that are asked for, since a search of the unflushed tail needs few of them.

mod file;
mod message;

pub use file::{Encoded, Encoder, Facts, Level, file, sort};
pub(crate) use message::{Place, part, place, read};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, StringViewArray, TimestampMicrosecondArray, new_null_array};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use serde_json::Value;

use crate::Row;
use crate::column::{self, COLUMNS, Column, Kind, SCHEMA};

/// The ECS field that is the column `event_code`, unless [`NO_CODE`] stands among the others.
pub(crate) const CODE: &str = "event.code";
pub(crate) const NO_CODE: &str = "!event.code";

/// What a batch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// To be searched and forgotten: nothing is made smaller.
    Tail,
    /// To be kept.
    File,
}

/// Rows to be searched as one batch with the columns of `schema`, each of which must be one of the table's.
pub(crate) fn batch(rows: &[Arc<Row>], schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    build(&Rows { rows, places: &vec![None; rows.len()], form: Form::Tail }, schema)
}

/// Rows to be kept as one batch with all columns; `places` says where their messages stand.
fn stored(rows: &[Arc<Row>], places: &[Option<Place>]) -> Result<RecordBatch, ArrowError> {
    build(&Rows { rows, places, form: Form::File }, &SCHEMA)
}

fn build(rows: &Rows<'_>, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let values = rows.ecs();
    let arrays = schema.fields().iter().map(|field| {
        let at = COLUMNS.iter().position(|column| column.name == field.name().as_str());
        let at = at.ok_or_else(|| ArrowError::SchemaError(format!("no column {}", field.name())))?;
        Ok(match COLUMNS[at].ecs {
            Some(_) => ecs_array(COLUMNS[at].kind, &values[at], rows.rows.len()),
            None => rows.array(&COLUMNS[at]),
        })
    });
    let arrays = arrays.collect::<Result<Vec<_>, ArrowError>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.rows.len()));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
}

/// A column of ECS values; of most columns, most batches have none.
fn ecs_array(kind: Kind, values: &[Option<&Value>], rows: usize) -> ArrayRef {
    if values.is_empty() {
        return new_null_array(&kind.data_type(), rows);
    }
    let text = |value: &Option<&'_ Value>| value.and_then(scalar_text).map(Cow::into_owned);
    match kind {
        Kind::Int => Arc::new(values.iter().map(|value| value.and_then(scalar_integer)).collect::<Int64Array>()),
        Kind::Ip => Arc::new(values.iter().map(|value| text(value).map(|text| column::canonical_ip(&text))).collect::<StringViewArray>()),
        _ => Arc::new(values.iter().map(|value| value.and_then(scalar_text)).collect::<StringViewArray>()),
    }
}

/// Rows, and where their messages stand in their raw texts.
struct Rows<'a> {
    rows: &'a [Arc<Row>],
    places: &'a [Option<Place>],
    form: Form,
}

impl<'a> Rows<'a> {
    /// The ECS values of each column, row by row; nothing for a column that has none.
    fn ecs(&self) -> Vec<Vec<Option<&'a Value>>> {
        let mut values: Vec<Vec<Option<&Value>>> = vec![Vec::new(); COLUMNS.len()];
        for (at, row) in self.rows.iter().enumerate() {
            for (field, value) in &row.ecs {
                let Some(column) = column::place_of_ecs(field).and_then(|place| values.get_mut(place)) else { continue };
                if column.is_empty() {
                    column.resize(self.rows.len(), None);
                }
                column[at] = Some(value);
            }
        }
        values
    }

    fn array(&self, column: &Column) -> ArrayRef {
        match column.kind {
            Kind::Time => {
                let values = self.rows.iter().map(|row| if column.name == "event_time" { row.event_time } else { row.receipt_time });
                Arc::new(TimestampMicrosecondArray::from_iter_values(values).with_timezone("UTC"))
            }
            Kind::Int => Arc::new(self.each().map(|(row, place)| integer(column.name, row, place)).collect::<Int64Array>()),
            Kind::Text | Kind::Prose | Kind::Ip => {
                let derived = |row: &Row| self.form == Form::File && row.way.is_some();
                let text = text(column.name);
                let texts = self.each().map(|(row, place)| match column.name {
                    "message" if place.is_some() => None,
                    "fields" if derived(row) => None,
                    "ecs" => remaining(row).map(Cow::Owned),
                    _ => text(row).map(Cow::Borrowed),
                });
                Arc::new(texts.collect::<StringViewArray>())
            }
        }
    }

    fn each(&self) -> impl Iterator<Item = (&'a Row, Option<Place>)> {
        self.rows.iter().map(AsRef::as_ref).zip(self.places.iter().copied())
    }
}

fn integer(column: &str, row: &Row, place: Option<Place>) -> Option<i64> {
    let count = |bytes: usize| i64::try_from(bytes).ok();
    match column {
        "raw_bytes" => count(row.raw.len()),
        "message_bytes" => count(row.message.len()),
        "message_end" => count(place?.end),
        "message_escapes" => count(place?.escapes),
        _ => None,
    }
}

/// How the text of a column is found in a row.
fn text(column: &str) -> fn(&Row) -> Option<&str> {
    match column {
        "id" => |row| Some(&row.id),
        "source" => |row| Some(&row.source),
        "source_category" => |row| Some(&row.source_category),
        "tier" => |row| Some(row.tier.as_str()).filter(|tier| !tier.is_empty()),
        "record_type" => |row| Some(&row.record_type),
        "reason_code" => |row| row.reason_code.as_deref(),
        "reason" => |row| row.reason.as_deref(),
        "vendor" => |row| row.vendor.as_deref(),
        "product" => |row| row.product.as_deref(),
        "parser" => |row| row.parser.as_deref(),
        "event_code" => |row| row.event_code.as_deref(),
        "message" => |row| Some(&row.message),
        "raw" => |row| Some(&row.raw),
        "way" => |row| row.way.as_deref(),
        "added" => |row| row.added.as_deref(),
        "fields" => |row| Some(&row.fields),
        _ => |_| None,
    }
}

/// The ECS fields a column does not hold exactly, as a JSON object; none if there are none. A value of another type than its
/// column (a port sent as text, several addresses) is in both: the column for searching, this for giving back what came.
fn remaining(row: &Row) -> Option<String> {
    let rest = row.ecs.iter().filter(|(field, value)| {
        let held = column::of_ecs(field).is_some_and(|column| is_exact(column.kind, value));
        let implied = field.as_ref() == CODE && row.event_code.as_deref().is_some_and(|code| value.as_str() == Some(code));
        !held && !implied
    });
    let mut rest: BTreeMap<&str, &Value> = rest.map(|(field, value)| (field.as_ref(), value)).collect();
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
