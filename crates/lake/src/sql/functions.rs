//! The functions a statement may use: those on these lists, all of them pure.
//!
//! Left out are functions that say something of this program or of the clock, those whose results are lists or structures, and
//! those that could make much of little (`repeat`, `lpad`) or take long over little (`levenshtein`).

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, StringViewArray};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{DFSchema, ScalarValue, exec_err};
use datafusion::error::Result;
use datafusion::functions::{core, datetime, regex, string, unicode};
use datafusion::functions_aggregate::{all_default_aggregate_functions, planner::AggregateFunctionPlanner};
use datafusion::functions_window::{all_default_window_functions, planner::WindowFunctionPlanner};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{AggregateUDF, ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, WindowUDF};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::growth::{Bounded, Growth};
use crate::member;

const SCALAR: &[&str] = &[
    "nullif",
    "nvl",
    "nvl2",
    "coalesce",
    "greatest",
    "least",
    "ascii",
    "bit_length",
    "btrim",
    "chr",
    "contains",
    "ends_with",
    "lower",
    "ltrim",
    "octet_length",
    "rtrim",
    "split_part",
    "starts_with",
    "to_hex",
    "upper",
    "character_length",
    "find_in_set",
    "initcap",
    "left",
    "reverse",
    "right",
    "strpos",
    "substr",
    "substr_index",
    "translate",
    "regexp_count",
    "regexp_instr",
    "regexp_like",
    "date_bin",
    "date_part",
    "date_trunc",
    "from_unixtime",
    "make_date",
    "to_unixtime",
    "to_timestamp",
    "to_timestamp_seconds",
    "to_timestamp_millis",
    "to_timestamp_micros",
    "to_date",
];

const GROWING: &[(&str, Growth)] =
    &[("concat", Growth::Sum), ("concat_ws", Growth::Joined), ("replace", Growth::Replaced), ("regexp_replace", Growth::Replaced)];

const NOT_AGGREGATE: &[&str] = &["array_agg", "string_agg"];

/// The name of what `||` is turned into.
const JOINED: &str = "||";

/// The scalar functions; `now` is what `now()` says, microseconds UTC.
pub(super) fn scalar(now: i64) -> Vec<Arc<ScalarUDF>> {
    let all = [core::functions(), string::functions(), unicode::functions(), regex::functions(), datetime::functions()].concat();
    let mut functions: Vec<Arc<ScalarUDF>> = all.iter().filter(|function| SCALAR.contains(&function.name())).cloned().collect();
    for function in all {
        if let Some((_, growth)) = GROWING.iter().find(|(name, _)| *name == function.name()) {
            functions.push(Arc::new(ScalarUDF::new_from_impl(Bounded::new(function, *growth))));
        }
    }
    functions.push(Arc::new(ScalarUDF::new_from_impl(Now {
        now,
        aliases: vec!["current_timestamp".into()],
        signature: Signature::nullary(Volatility::Immutable),
    })));
    functions.push(Arc::new(ScalarUDF::new_from_impl(Member { signature: Signature::exact(vec![DataType::Utf8View; 2], Volatility::Immutable) })));
    functions
}

/// The aggregate functions.
pub(super) fn aggregate() -> Vec<Arc<AggregateUDF>> {
    all_default_aggregate_functions().into_iter().filter(|function| !NOT_AGGREGATE.contains(&function.name())).collect()
}

/// The window functions.
pub(super) fn window() -> Vec<Arc<WindowUDF>> {
    all_default_window_functions()
}

/// What turns syntax into functions.
pub(super) fn planners() -> Vec<Arc<dyn ExprPlanner>> {
    let joined = Bounded::new(string::concat(), Growth::Sum).strict(JOINED);
    vec![
        Arc::new(Joining(Arc::new(ScalarUDF::new_from_impl(joined)))),
        Arc::new(datetime::planner::DatetimeFunctionPlanner),
        Arc::new(unicode::planner::UnicodeFunctionPlanner),
        Arc::new(AggregateFunctionPlanner),
        Arc::new(WindowFunctionPlanner),
    ]
}

/// Turns `a || b` into a function with bounds.
#[derive(Debug)]
struct Joining(Arc<ScalarUDF>);

impl ExprPlanner for Joining {
    fn plan_binary_op(&self, raw: RawBinaryExpr, _: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        Ok(match raw.op {
            BinaryOperator::StringConcat => PlannerResult::Planned(self.0.call(vec![raw.left, raw.right])),
            _ => PlannerResult::Original(raw),
        })
    }
}

/// `now()`: the time the caller says it is.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Now {
    now: i64,
    aliases: Vec<String>,
    signature: Signature,
}

impl ScalarUDFImpl for Now {
    fn name(&self) -> &str {
        "now"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(ScalarValue::TimestampMicrosecond(Some(self.now), Some("UTC".into()))))
    }
}

/// `field(fields, 'name')`: the first value of a field in a JSON text.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Member {
    signature: Signature,
}

impl ScalarUDFImpl for Member {
    fn name(&self) -> &str {
        "field"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays = args.args.into_iter().map(|arg| arg.into_array(rows)).collect::<Result<Vec<_>>>()?;
        let [json, names] = arrays.as_slice() else { return exec_err!("field needs a JSON text and a name") };
        let (Some(json), Some(names)) = (json.as_string_view_opt(), names.as_string_view_opt()) else {
            return exec_err!("field needs a JSON text and a name");
        };
        let value = |at: usize| (json.is_valid(at) && names.is_valid(at)).then(|| member::first(json.value(at), names.value(at))).flatten();
        Ok(ColumnarValue::Array(Arc::new((0..rows).map(value).collect::<StringViewArray>())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_on_a_list_is_there() {
        let there = scalar(0);
        for name in SCALAR.iter().chain(GROWING.iter().map(|(name, _)| name)).chain(&["now", "field"]) {
            assert_eq!(there.iter().filter(|function| function.name() == *name).count(), 1, "{name}");
        }
        for name in NOT_AGGREGATE {
            assert!(all_default_aggregate_functions().iter().any(|function| function.name() == *name), "{name}");
        }
    }
}
