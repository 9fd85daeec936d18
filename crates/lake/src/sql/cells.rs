//! Arrow to the values of an answer, within its bounds.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{
    DataType, Field, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value;

/// Bytes a value takes beside its text.
const VALUE: usize = 16;

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlColumn {
    /// As named in the statement.
    pub name: String,
    /// `text`, `integer`, `float`, `decimal`, `boolean`, `time`, `date`, `interval`, `null`, or else what the engine calls it.
    pub kind: String,
}

/// What cut an answer off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TruncatedBy {
    /// There are more rows than were asked for.
    Rows,
    /// The values have more bytes than an answer may.
    Bytes,
}

impl SqlColumn {
    pub(super) fn of(field: &Field) -> Self {
        use DataType as T;
        let kind = match field.data_type() {
            T::Utf8 | T::LargeUtf8 | T::Utf8View => "text",
            T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => "integer",
            T::Float16 | T::Float32 | T::Float64 => "float",
            T::Decimal32(..) | T::Decimal64(..) | T::Decimal128(..) | T::Decimal256(..) => "decimal",
            T::Boolean => "boolean",
            T::Timestamp(..) => "time",
            T::Date32 | T::Date64 => "date",
            T::Interval(_) | T::Duration(_) => "interval",
            T::Null => "null",
            other => return Self { name: field.name().clone(), kind: other.to_string().to_lowercase() },
        };
        Self { name: field.name().clone(), kind: kind.to_owned() }
    }
}

/// Collects rows until one too many comes.
pub(super) struct Rows {
    most: usize,
    bytes_left: usize,
    rows: Vec<Vec<Value>>,
    truncated: Option<TruncatedBy>,
}

impl Rows {
    pub(super) fn new(most: usize, bytes: usize) -> Self {
        Self { most, bytes_left: bytes, rows: Vec::new(), truncated: None }
    }

    /// Takes a batch; false once the answer is full.
    pub(super) fn take(&mut self, batch: &RecordBatch) -> Result<bool, ArrowError> {
        let options = FormatOptions::default().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"));
        let columns = batch.columns().iter().map(|array| Column::new(array, &options)).collect::<Result<Vec<_>, _>>()?;
        for at in 0..batch.num_rows() {
            if self.rows.len() == self.most {
                self.truncated = Some(TruncatedBy::Rows);
                return Ok(false);
            }
            let mut row = Vec::with_capacity(columns.len());
            for column in &columns {
                let value = column.value(at)?;
                let bytes = VALUE + value.as_str().map_or(0, str::len);
                let Some(left) = self.bytes_left.checked_sub(bytes) else {
                    self.truncated = Some(TruncatedBy::Bytes);
                    return Ok(false);
                };
                self.bytes_left = left;
                row.push(value);
            }
            self.rows.push(row);
        }
        Ok(true)
    }

    pub(super) fn finish(self) -> (Vec<Vec<Value>>, Option<TruncatedBy>) {
        (self.rows, self.truncated)
    }
}

/// One column of a batch.
struct Column<'a> {
    array: &'a ArrayRef,
    text: ArrayFormatter<'a>,
}

impl<'a> Column<'a> {
    fn new(array: &'a ArrayRef, options: &'a FormatOptions<'a>) -> Result<Self, ArrowError> {
        Ok(Self { array, text: ArrayFormatter::try_new(array.as_ref(), options)? })
    }

    fn value(&self, at: usize) -> Result<Value, ArrowError> {
        use DataType as T;
        let array = self.array;
        if array.is_null(at) {
            return Ok(Value::Null);
        }
        Ok(match array.data_type() {
            T::Null => Value::Null,
            T::Boolean => array.as_boolean().value(at).into(),
            T::Utf8 => array.as_string::<i32>().value(at).into(),
            T::LargeUtf8 => array.as_string::<i64>().value(at).into(),
            T::Utf8View => array.as_string_view().value(at).into(),
            T::Int8 => array.as_primitive::<Int8Type>().value(at).into(),
            T::Int16 => array.as_primitive::<Int16Type>().value(at).into(),
            T::Int32 => array.as_primitive::<Int32Type>().value(at).into(),
            T::Int64 => array.as_primitive::<Int64Type>().value(at).into(),
            T::UInt8 => array.as_primitive::<UInt8Type>().value(at).into(),
            T::UInt16 => array.as_primitive::<UInt16Type>().value(at).into(),
            T::UInt32 => array.as_primitive::<UInt32Type>().value(at).into(),
            T::UInt64 => array.as_primitive::<UInt64Type>().value(at).into(),
            // JSON has no number for what is none or without end.
            T::Float32 => f64::from(array.as_primitive::<Float32Type>().value(at)).into(),
            T::Float64 => array.as_primitive::<Float64Type>().value(at).into(),
            T::Timestamp(TimeUnit::Microsecond, Some(_)) => time(array.as_primitive::<TimestampMicrosecondType>().value(at)),
            _ => self.text.value(at).try_to_string()?.into(),
        })
    }
}

fn time(micros: i64) -> Value {
    let time = chrono::DateTime::<chrono::Utc>::from_timestamp_micros(micros);
    time.map_or_else(|| micros.into(), |time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into())
}
