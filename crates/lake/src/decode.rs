//! Arrow back to rows: the exact inverse of encoding.

use datafusion::arrow::array::{Array, AsArray, Int64Array, StringViewArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::arrow::record_batch::RecordBatch;
use serde_json::Value;

use crate::column::{COLUMNS, Kind};
use crate::{LakeError, Row};

/// A text column of a batch.
pub(crate) fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringViewArray, LakeError> {
    batch.column_by_name(name).and_then(|array| array.as_string_view_opt()).ok_or_else(|| unexpected(name))
}

/// An integer column of a batch.
pub(crate) fn integers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array, LakeError> {
    batch.column_by_name(name).and_then(|array| array.as_primitive_opt::<Int64Type>()).ok_or_else(|| unexpected(name))
}

/// A time column of a batch.
pub(crate) fn times<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a TimestampMicrosecondArray, LakeError> {
    let column = batch.column_by_name(name);
    column.and_then(|array| array.as_primitive_opt::<TimestampMicrosecondType>()).ok_or_else(|| unexpected(name))
}

fn unexpected(name: &str) -> LakeError {
    LakeError::Engine(format!("column {name} is missing or of another type"))
}

/// The rows of a batch that has all columns.
pub(crate) fn rows(batch: &RecordBatch) -> Result<Vec<Row>, LakeError> {
    let text = |name: &str| texts(batch, name);
    let (id, source, category, tier) = (text("id")?, text("source")?, text("source_category")?, text("tier")?);
    let (record_type, reason_code, reason) = (text("record_type")?, text("reason_code")?, text("reason")?);
    let (vendor, product, parser, code) = (text("vendor")?, text("product")?, text("parser")?, text("event_code")?);
    let (message, raw, fields) = (text("message")?, text("raw")?, text("fields")?);
    let (event_time, receipt_time) = (times(batch, "event_time")?, times(batch, "receipt_time")?);
    let mut rows = Vec::with_capacity(batch.num_rows());
    for at in 0..batch.num_rows() {
        rows.push(Row {
            id: id.value(at).to_owned(),
            event_time: event_time.value(at),
            receipt_time: receipt_time.value(at),
            source: source.value(at).to_owned(),
            source_category: category.value(at).to_owned(),
            tier: optional(tier, at).unwrap_or_default(),
            record_type: record_type.value(at).to_owned(),
            reason_code: optional(reason_code, at),
            reason: optional(reason, at),
            vendor: optional(vendor, at),
            product: optional(product, at),
            parser: optional(parser, at),
            event_code: optional(code, at),
            message: message.value(at).to_owned(),
            raw: raw.value(at).to_owned(),
            fields: fields.value(at).to_owned(),
            ecs: Default::default(),
        });
    }
    ecs(batch, &mut rows)?;
    Ok(rows)
}

fn optional(array: &StringViewArray, at: usize) -> Option<String> {
    array.is_valid(at).then(|| array.value(at).to_owned())
}

/// Puts the ECS fields back: those of the columns, then what the JSON column holds exactly.
fn ecs(batch: &RecordBatch, rows: &mut [Row]) -> Result<(), LakeError> {
    for column in COLUMNS {
        let Some(field) = column.ecs else { continue };
        if column.kind == Kind::Int {
            let array = integers(batch, column.name)?;
            for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| array.is_valid(*at)) {
                row.ecs.insert(field.to_owned(), array.value(at).into());
            }
        } else {
            let array = texts(batch, column.name)?;
            for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| array.is_valid(*at)) {
                row.ecs.insert(field.to_owned(), array.value(at).into());
            }
        }
    }
    let rest = texts(batch, "ecs")?;
    for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| rest.is_valid(*at)) {
        let object: serde_json::Map<String, Value> = serde_json::from_str(rest.value(at))
            .map_err(|error| LakeError::Engine(format!("row {}: column ecs is no JSON object: {error}", row.id)))?;
        row.ecs.extend(object);
    }
    Ok(())
}
