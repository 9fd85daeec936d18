//! Functions that can make long text of short text, kept from filling the memory: the engine counts what plans hold on to, but not
//! what a function makes. How long the result can be at most is known before it is made; rows are worked through a few at a time.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::compute::{concat, is_null, nullif, or};
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};

/// Bytes of text one call may make of a batch of rows.
const MOST: usize = 64 << 20;

/// How long the results of a function can be, by the lengths of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Growth {
    /// As long as all arguments together.
    Sum,
    /// The same with the first argument between any two others.
    Joined,
    /// Each character of the first argument replaced by the third argument.
    Replaced,
}

/// A function of the engine with bounds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bounded {
    inner: Arc<ScalarUDF>,
    name: String,
    growth: Growth,
    /// Whether the result is null if an argument is.
    strict: bool,
}

impl Bounded {
    pub(super) fn new(inner: Arc<ScalarUDF>, growth: Growth) -> Self {
        Self { name: inner.name().to_owned(), inner, growth, strict: false }
    }

    /// The same under a name of its own, null if an argument is.
    pub(super) fn strict(self, name: &str) -> Self {
        Self { name: name.to_owned(), strict: true, ..self }
    }

    /// Bytes the result for a row can have.
    fn bytes(&self, args: &[ColumnarValue], row: usize) -> usize {
        let length = |at: usize| args.get(at).map_or(0, |arg| length(arg, row));
        let sum = || (0..args.len()).map(length).fold(0, usize::saturating_add);
        match self.growth {
            Growth::Sum => sum(),
            Growth::Joined => sum().saturating_add(length(0).saturating_mul(args.len())),
            // A replacement may repeat what was found, which is no longer than what was searched.
            Growth::Replaced => length(0).saturating_add(1).saturating_mul(length(2).saturating_add(1)).saturating_mul(2),
        }
    }

    /// Rows that can be worked through at once, each with the first row behind it.
    fn slices(&self, args: &[ColumnarValue], rows: usize) -> Result<Vec<(usize, usize)>> {
        let mut slices = Vec::new();
        let (mut start, mut bytes) = (0, 0_usize);
        for row in 0..rows {
            let more = self.bytes(args, row);
            if more > MOST {
                return Err(self.too_long());
            }
            if bytes + more > MOST {
                slices.push((start, row));
                (start, bytes) = (row, 0);
            }
            bytes += more;
        }
        slices.push((start, rows));
        Ok(slices)
    }

    fn too_long(&self) -> DataFusionError {
        DataFusionError::ResourcesExhausted(format!("{} could make more than {} MiB of text", self.inner.name(), MOST >> 20))
    }
}

fn length(arg: &ColumnarValue, row: usize) -> usize {
    match arg {
        ColumnarValue::Scalar(scalar) => match scalar {
            ScalarValue::Utf8(text) | ScalarValue::LargeUtf8(text) | ScalarValue::Utf8View(text) => text.as_ref().map_or(0, String::len),
            _ => 64,
        },
        ColumnarValue::Array(array) if array.is_null(row) => 0,
        ColumnarValue::Array(array) => match array.data_type() {
            DataType::Utf8 => array.as_string::<i32>().value(row).len(),
            DataType::LargeUtf8 => array.as_string::<i64>().value(row).len(),
            DataType::Utf8View => array.as_string_view().value(row).len(),
            _ => 64,
        },
    }
}

/// The same arguments for some of the rows.
fn part(args: &ScalarFunctionArgs, start: usize, end: usize) -> ScalarFunctionArgs {
    let cut = |arg: &ColumnarValue| match arg {
        ColumnarValue::Array(array) => ColumnarValue::Array(array.slice(start, end - start)),
        scalar @ ColumnarValue::Scalar(_) => scalar.clone(),
    };
    ScalarFunctionArgs { args: args.args.iter().map(cut).collect(), number_rows: end - start, ..args.clone() }
}

fn without_nulls_of(args: &[ColumnarValue], rows: usize, made: &ArrayRef) -> Result<ArrayRef> {
    let mut nulls: Option<BooleanArray> = None;
    for arg in args {
        let here = is_null(&arg.clone().into_array(rows)?)?;
        nulls = Some(match nulls {
            Some(others) => or(&others, &here)?,
            None => here,
        });
    }
    match nulls {
        Some(nulls) => Ok(nullif(made, &nulls)?),
        None => Ok(Arc::clone(made)),
    }
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        &self.name
    }

    fn aliases(&self) -> &[String] {
        if self.strict { &[] } else { self.inner.aliases() }
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let field = self.inner.return_field_from_args(args)?;
        Ok(Arc::new(field.as_ref().clone().with_nullable(true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let mut parts = Vec::new();
        let mut bytes = 0;
        for (start, end) in self.slices(&args.args, rows)? {
            let part = part(&args, start, end);
            let given = part.args.clone();
            let made = self.inner.invoke_with_args(part)?.into_array(end - start)?;
            let made = if self.strict { without_nulls_of(&given, end - start, &made)? } else { made };
            bytes += made.get_array_memory_size();
            if bytes > 2 * MOST {
                return Err(self.too_long());
            }
            parts.push(made);
        }
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        let all = concat(&parts)?;
        if constant { ScalarValue::try_from_array(&all, 0).map(ColumnarValue::Scalar) } else { Ok(ColumnarValue::Array(all)) }
    }
}
