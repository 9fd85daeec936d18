//! The tests of `matching` as functions of the query engine, so that they run inside the readers of files.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::prelude::col;

use crate::matching::{JsonField, Test};

#[derive(Debug, PartialEq, Eq, Hash)]
enum Matcher {
    /// Of one text column.
    Text(Test),
    /// Of the JSON columns, one of which must have the field.
    Json(JsonField),
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Matches {
    name: String,
    matcher: Matcher,
    signature: Signature,
}

/// Whether the column's text passes; a null does not.
pub(super) fn text(column: &str, test: Test) -> Expr {
    call(Matcher::Text(test), vec![col(column)])
}

/// Whether the field, normalised or original, passes.
pub(super) fn json(field: JsonField) -> Expr {
    call(Matcher::Json(field), vec![col("ecs"), col("fields")])
}

fn call(matcher: Matcher, columns: Vec<Expr>) -> Expr {
    let signature = Signature::exact(vec![DataType::Utf8View; columns.len()], Volatility::Immutable);
    let name = format!("matches[{matcher:?}]");
    ScalarUDF::new_from_impl(Matches { name, matcher, signature }).call(columns)
}

impl ScalarUDFImpl for Matches {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays = args.args.into_iter().map(|arg| arg.into_array(rows)).collect::<Result<Vec<ArrayRef>>>()?;
        let columns: Vec<&StringViewArray> = arrays.iter().filter_map(|array| array.as_string_view_opt()).collect();
        if columns.len() != arrays.len() {
            return exec_err!("matches needs text columns");
        }
        let passes = |at: usize| columns.iter().any(|column| column.is_valid(at) && self.matcher.passes(column.value(at)));
        let answer: BooleanArray = (0..rows).map(|at| Some(passes(at))).collect();
        Ok(ColumnarValue::Array(Arc::new(answer)))
    }
}

impl Matcher {
    fn passes(&self, text: &str) -> bool {
        match self {
            Self::Text(test) => test.matches(text),
            Self::Json(field) => field.matches(text),
        }
    }
}
