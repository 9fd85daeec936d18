//! Arrow back to rows: the exact inverse of encoding.

use std::borrow::Cow;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringViewArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::arrow::record_batch::RecordBatch;
use serde_json::Value;

use crate::column::{COLUMNS, Kind};
use crate::encode::{self, Place};
use crate::{Derive, LakeError, Row};

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

/// The rows of a batch that has all columns; `derive` gives fields that follow from the raw text.
pub(crate) fn rows(batch: &RecordBatch, derive: &dyn Derive) -> Result<Vec<Row>, LakeError> {
    let text = |name: &str| texts(batch, name);
    let (id, source, category, tier) = (text("id")?, text("source")?, text("source_category")?, text("tier")?);
    let (record_type, reason_code, reason) = (text("record_type")?, text("reason_code")?, text("reason")?);
    let (vendor, product, parser, code) = (text("vendor")?, text("product")?, text("parser")?, text("event_code")?);
    let (messages, raw, way, added) = (Messages::of(batch)?, text("raw")?, text("way")?, text("added")?);
    let fields = text("fields")?;
    let (event_time, receipt_time) = (times(batch, "event_time")?, times(batch, "receipt_time")?);
    let mut rows = Vec::with_capacity(batch.num_rows());
    for at in 0..batch.num_rows() {
        let broken = |what: &str| LakeError::Engine(format!("row {}: {what}", id.value(at)));
        let (way, added) = (optional(way, at), optional(added, at));
        let fields = match (&way, optional(fields, at)) {
            (_, Some(fields)) => fields,
            (Some(way), None) => derive
                .fields(way, raw.value(at), added.as_deref())
                .ok_or_else(|| broken(&format!("its fields do not follow from its raw text by {way:?}")))?,
            (None, None) => return Err(broken("has neither fields nor a way to them")),
        };
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
            message: messages.at(raw.value(at), at).ok_or_else(|| broken("its message is not where it should be"))?.into_owned(),
            raw: raw.value(at).to_owned(),
            fields,
            way: way.map(Cow::Owned),
            added,
            ecs: Default::default(),
        });
    }
    ecs(batch, &mut rows)?;
    Ok(rows)
}

/// The messages of a batch, wherever they are kept.
pub(crate) struct Messages<'a> {
    text: &'a StringViewArray,
    bytes: &'a Int64Array,
    end: &'a Int64Array,
    escapes: &'a Int64Array,
}

impl<'a> Messages<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Result<Self, LakeError> {
        let number = |name: &str| integers(batch, name);
        let (bytes, end, escapes) = (number("message_bytes")?, number("message_end")?, number("message_escapes")?);
        Ok(Self { text: texts(batch, "message")?, bytes, end, escapes })
    }

    /// From arrays in the order text, bytes, end, escapes.
    pub(crate) fn from_arrays(arrays: &'a [ArrayRef]) -> Option<Self> {
        let [text, bytes, end, escapes] = arrays else { return None };
        let number = |array: &'a ArrayRef| array.as_primitive_opt::<Int64Type>();
        Some(Self { text: text.as_string_view_opt()?, bytes: number(bytes)?, end: number(end)?, escapes: number(escapes)? })
    }

    /// The message that is kept as a text of its own.
    pub(crate) fn own(&self, at: usize) -> Option<&'a str> {
        self.text.is_valid(at).then(|| self.text.value(at))
    }

    /// Whether the message stands in the raw text as it is.
    pub(crate) fn is_plain(&self, at: usize) -> bool {
        self.escapes.is_valid(at) && self.escapes.value(at) == 0
    }

    /// The message, given the raw text.
    pub(crate) fn at(&self, raw: &'a str, at: usize) -> Option<Cow<'a, str>> {
        if let Some(text) = self.own(at) {
            return Some(Cow::Borrowed(text));
        }
        let number = |array: &Int64Array| array.is_valid(at).then(|| usize::try_from(array.value(at)).ok()).flatten();
        encode::read(raw, number(self.bytes)?, Place { end: number(self.end)?, escapes: number(self.escapes)? })
    }
}

/// The text at a place, unless it is null.
pub(crate) fn optional(array: &StringViewArray, at: usize) -> Option<String> {
    array.is_valid(at).then(|| array.value(at).to_owned())
}

/// Puts the ECS fields back: those of the columns, then what the JSON column holds exactly.
fn ecs(batch: &RecordBatch, rows: &mut [Row]) -> Result<(), LakeError> {
    for column in COLUMNS {
        let Some(field) = column.ecs else { continue };
        if column.kind == Kind::Int {
            let array = integers(batch, column.name)?;
            for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| array.is_valid(*at)) {
                row.ecs.insert(field.into(), array.value(at).into());
            }
        } else {
            let array = texts(batch, column.name)?;
            for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| array.is_valid(*at)) {
                row.ecs.insert(field.into(), array.value(at).into());
            }
        }
    }
    let (rest, kept) = (texts(batch, "ecs")?, integers(batch, "message_bytes")?);
    for (at, row) in rows.iter_mut().enumerate() {
        let mut object: serde_json::Map<String, Value> = match rest.is_valid(at) {
            false => serde_json::Map::new(),
            true => serde_json::from_str(rest.value(at))
                .map_err(|error| LakeError::Engine(format!("row {}: column ecs is no JSON object: {error}", row.id)))?,
        };
        // Version 1 wrote the event's code into both.
        let implied = kept.is_valid(at) && object.remove(encode::NO_CODE).is_none();
        if let Some(code) = row.event_code.as_ref().filter(|_| implied) {
            row.ecs.insert(encode::CODE.into(), code.as_str().into());
        }
        row.ecs.extend(object.into_iter().map(|(field, value)| (field.into(), value)));
    }
    Ok(())
}
