//! The functions an uploaded program may call, each measured. A list of what is allowed, so that a function VRL gains is not.

use vrl::compiler::expression::FunctionExpression;
use vrl::compiler::function::{ArgumentList, Compiled, Example, FunctionCompileContext, closure};
use vrl::compiler::state::{TypeInfo, TypeState};
use vrl::compiler::value::kind;
use vrl::compiler::{Context, Expression, ExpressionError, Function, Parameter, TypeDef};
use vrl::value::Value;

use crate::budget;

/// The functions an uploaded program may call.
const FUNCTIONS: &str = "abs append array basename bool ceil chunks community_id compact contains contains_all decode_base16 decode_base64 \
    decode_charset decode_mime_q decode_percent decode_punycode del dirname downcase encode_base16 encode_base64 \
    encode_json encode_percent ends_with exists filter find float floor for_each format_int format_timestamp from_entries \
    from_unix_timestamp get includes int ip_aton ip_cidr_contains ip_ntoa ip_ntop ip_pton ip_subnet ip_to_ipv6 \
    ipv6_to_ipv4 is_array is_boolean is_empty is_float is_integer is_ipv4 is_ipv6 is_json is_null is_nullish is_object \
    is_regex is_string is_timestamp join keys length map_values match match_any match_array merge mod object \
    object_from_array parse_apache_log parse_aws_alb_log parse_aws_vpc_flow_log parse_bytes parse_cef parse_common_log \
    parse_csv parse_duration parse_float parse_int parse_json parse_key_value parse_logfmt parse_nginx_log \
    parse_query_string parse_regex parse_timestamp parse_tokens parse_url pop push range remove replace round \
    shannon_entropy slice split split_path starts_with string strip_ansi_escape_codes strip_whitespace strlen timestamp \
    to_bool to_entries to_float to_int to_string to_syslog_facility to_syslog_facility_code to_syslog_level \
    to_syslog_severity to_unix_timestamp truncate unique upcase values zip";

/// Gives a value back, and counts it.
pub(super) const MEASURED: &str = "measured_value";
/// Gives a value back, unless it is a text.
pub(super) const NUMBER: &str = "number_only";

/// The functions for uploaded programs, measured.
pub(crate) fn functions() -> Vec<Box<dyn Function>> {
    let chosen = vrl::stdlib::all().into_iter().filter(|function| FUNCTIONS.split_whitespace().any(|name| name == function.identifier()));
    let measured = chosen.map(|function| Box::new(Measured(function)) as Box<dyn Function>);
    measured
        .chain([Box::new(OfOne { name: MEASURED, check: budget::charge }) as _, Box::new(OfOne { name: NUMBER, check: number_only }) as _])
        .collect()
}

fn number_only(value: &Value) -> Result<(), ExpressionError> {
    match value {
        Value::Bytes(_) | Value::String(_) => Err("text cannot be multiplied".into()),
        _ => Ok(()),
    }
}

/// A function whose results are measured.
#[derive(Debug)]
struct Measured(Box<dyn Function>);

impl Function for Measured {
    fn identifier(&self) -> &'static str {
        self.0.identifier()
    }

    fn usage(&self) -> &'static str {
        self.0.usage()
    }

    fn category(&self) -> &'static str {
        self.0.category()
    }

    fn return_kind(&self) -> u16 {
        self.0.return_kind()
    }

    fn examples(&self) -> &'static [Example] {
        self.0.examples()
    }

    fn pure(&self) -> bool {
        self.0.pure()
    }

    fn parameters(&self) -> &'static [Parameter] {
        self.0.parameters()
    }

    fn closure(&self) -> Option<closure::Definition> {
        self.0.closure()
    }

    fn compile(&self, state: &TypeState, ctx: &mut FunctionCompileContext, arguments: ArgumentList) -> Compiled {
        self.0.compile(state, ctx, arguments).map(|inner| Box::new(MeasuredCall { inner }) as Box<dyn Expression>)
    }
}

#[derive(Clone, Debug)]
struct MeasuredCall {
    inner: Box<dyn Expression>,
}

impl Expression for MeasuredCall {
    fn resolve(&self, ctx: &mut Context<'_>) -> Result<Value, ExpressionError> {
        let value = self.inner.resolve(ctx)?;
        budget::charge(&value)?;
        Ok(value)
    }

    fn resolve_constant(&self, state: &TypeState) -> Option<Value> {
        self.inner.resolve_constant(state)
    }

    fn type_info(&self, state: &TypeState) -> TypeInfo {
        self.inner.type_info(state)
    }
}

/// A function of one value that gives it back after a check.
#[derive(Clone, Copy, Debug)]
struct OfOne {
    name: &'static str,
    check: fn(&Value) -> Result<(), ExpressionError>,
}

impl Function for OfOne {
    fn identifier(&self) -> &'static str {
        self.name
    }

    fn usage(&self) -> &'static str {
        "Put in by the node."
    }

    fn category(&self) -> &'static str {
        "System"
    }

    fn return_kind(&self) -> u16 {
        kind::ANY
    }

    fn examples(&self) -> &'static [Example] {
        &[]
    }

    fn parameters(&self) -> &'static [Parameter] {
        const PARAMETERS: &[Parameter] = &[Parameter::required("value", kind::ANY, "The value.")];
        PARAMETERS
    }

    fn compile(&self, _: &TypeState, _: &mut FunctionCompileContext, arguments: ArgumentList) -> Compiled {
        Ok(CheckedValue { value: arguments.required("value"), check: self.check }.as_expr())
    }
}

#[derive(Clone, Debug)]
struct CheckedValue {
    value: Box<dyn Expression>,
    check: fn(&Value) -> Result<(), ExpressionError>,
}

impl FunctionExpression for CheckedValue {
    fn resolve(&self, ctx: &mut Context<'_>) -> Result<Value, ExpressionError> {
        let value = self.value.resolve(ctx)?;
        (self.check)(&value)?;
        Ok(value)
    }

    fn type_def(&self, state: &TypeState) -> TypeDef {
        self.value.type_def(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_are_named_exist() {
        let all: Vec<&str> = vrl::stdlib::all().iter().map(|function| function.identifier()).collect();
        let unknown: Vec<&str> = FUNCTIONS.split_whitespace().filter(|name| !all.contains(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
