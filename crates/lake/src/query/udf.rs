//! The tests of `matching` as functions of the query engine, so that they run inside the readers of files.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::prelude::col;

use crate::Derive;
use crate::decode::Messages;
use crate::derive::Underived;
use crate::matching::{JsonField, Pattern, Test};

/// The columns of a message, in the order `Messages` takes them.
const MESSAGE: &[&str] = &["message", "message_bytes", "message_end", "message_escapes"];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Matcher {
    /// Of one text column.
    Text(Test),
    /// Of the normalised and the original fields, one of which must be the field.
    Json(JsonField, Ways),
    /// Of the message, wherever it is kept.
    Message(Test),
    /// Of the message and the raw text; the second pattern is the first as JSON writes it, and looked for in the raw text only.
    Words(Pattern, Option<Pattern>),
}

/// How fields follow from raw text; known once a lake is searched.
#[derive(Clone, Debug)]
struct Ways(Arc<dyn Derive>);

impl PartialEq for Ways {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Ways {}

impl Hash for Ways {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Matches {
    name: String,
    matcher: Matcher,
    signature: Signature,
}

/// Whether the column's text passes; a null does not.
pub(super) fn text(column: &str, test: Test) -> Expr {
    call(Matcher::Text(test), &[column])
}

/// Whether the field, normalised or original, passes.
pub(super) fn json(field: JsonField) -> Expr {
    call(Matcher::Json(field, Ways(Arc::new(Underived))), &["ecs", "fields", "way", "added", "raw"])
}

/// Whether the message passes.
pub(super) fn message(test: Test) -> Expr {
    call(Matcher::Message(test), &[MESSAGE, &["raw"]].concat())
}

/// Whether the words stand in the message or in the raw text.
pub(super) fn words(pattern: Pattern, escaped: Option<Pattern>) -> Expr {
    call(Matcher::Words(pattern, escaped), &[MESSAGE, &["raw"]].concat())
}

/// The same condition for rows whose fields follow from their raw text in these ways.
pub(crate) fn deriving(condition: Expr, derive: &Arc<dyn Derive>) -> Result<Expr> {
    let bound = condition.transform(|expr| {
        let matches = match &expr {
            Expr::ScalarFunction(function) => function.func.inner().downcast_ref::<Matches>().map(|matches| &matches.matcher),
            _ => None,
        };
        let Some(Matcher::Json(field, _)) = matches else { return Ok(Transformed::no(expr)) };
        let matcher = Matcher::Json(field.clone(), Ways(Arc::clone(derive)));
        Ok(Transformed::yes(call(matcher, &["ecs", "fields", "way", "added", "raw"])))
    });
    Ok(bound?.data)
}

fn call(matcher: Matcher, columns: &[&str]) -> Expr {
    let is_number = |column: &&str| MESSAGE[1..].contains(column);
    let types = columns.iter().map(|column| if is_number(column) { DataType::Int64 } else { DataType::Utf8View });
    let signature = Signature::exact(types.collect(), Volatility::Immutable);
    let name = format!("matches[{matcher:?}]");
    ScalarUDF::new_from_impl(Matches { name, matcher, signature }).call(columns.iter().map(|column| col(*column)).collect())
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
        let answer = self.matcher.all(rows, &arrays)?;
        Ok(ColumnarValue::Array(Arc::new(answer)))
    }
}

impl Matcher {
    fn all(&self, rows: usize, arrays: &[ArrayRef]) -> Result<BooleanArray> {
        let text = |at: usize| arrays.get(at).and_then(|array| array.as_string_view_opt());
        let messages = || arrays.get(..MESSAGE.len()).and_then(Messages::from_arrays).zip(text(MESSAGE.len()));
        match self {
            Self::Text(test) => {
                let Some(texts) = text(0) else { return exec_err!("matches needs a text column") };
                Ok((0..rows).map(|at| Some(value(texts, at).is_some_and(|text| test.matches(text)))).collect())
            }
            Self::Message(test) => {
                let Some((messages, raw)) = messages() else { return exec_err!("matches needs the message's columns") };
                Ok((0..rows).map(|at| Some(messages.at(raw.value(at), at).is_some_and(|text| test.matches(&text)))).collect())
            }
            Self::Words(pattern, escaped) => {
                let Some((messages, raw)) = messages() else { return exec_err!("matches needs the message's columns") };
                Ok((0..rows).map(|at| Some(words_at(pattern, escaped.as_ref(), &messages, raw.value(at), at))).collect())
            }
            Self::Json(field, ways) => {
                let columns: Vec<&StringViewArray> = (0..5).filter_map(text).collect();
                let [ecs, fields, way, added, raw] = columns[..] else { return exec_err!("matches needs the fields' columns") };
                let passes = |at: usize| {
                    if [ecs, fields].iter().any(|column| value(column, at).is_some_and(|json| field.matches(json))) {
                        return Ok(Some(true));
                    }
                    let Some(way) = value(way, at).filter(|_| fields.is_null(at)) else { return Ok(Some(false)) };
                    match ways.0.fields(way, raw.value(at), value(added, at)) {
                        Some(json) => Ok(Some(field.matches(&json))),
                        None => exec_err!("the fields of a row do not follow from its raw text by {way:?}"),
                    }
                };
                (0..rows).map(passes).collect()
            }
        }
    }
}

fn words_at(pattern: &Pattern, escaped: Option<&Pattern>, messages: &Messages<'_>, raw: &str, at: usize) -> bool {
    if pattern.matches(raw) || escaped.is_some_and(|escaped| escaped.matches(raw)) {
        return true;
    }
    // A message that stands in the raw text as it is has no words the raw text has not.
    !messages.is_plain(at) && messages.at(raw, at).is_some_and(|message| pattern.matches(&message))
}

fn value(array: &StringViewArray, at: usize) -> Option<&str> {
    array.is_valid(at).then(|| array.value(at))
}
