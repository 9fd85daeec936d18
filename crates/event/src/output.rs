//! What a program wrote, brought into the draft: dictionary fields get their types, everything else is text.

use std::borrow::Cow;

use vrl::value::{ObjectMap, Value as VrlValue};

use crate::dictionary;
use crate::draft::{Draft, Part};
use crate::program::RunError;
use crate::record::ReasonCode;
use crate::value::{Value, ValueRef};

/// The most fields a program may add to an event.
const MAX_ADDED_FIELDS: usize = 256;

/// Brings a program's output into the draft. What the table wrote stays where the program says nothing.
pub(crate) fn finish(output: ObjectMap, draft: &mut Draft<'_>) -> Result<(), RunError> {
    for (name, value) in output {
        match (name.as_str(), value) {
            ("ecs", VrlValue::Object(members)) => members.iter().for_each(|(name, value)| write(draft, name, value)),
            ("fields", VrlValue::Object(members)) => draft.added = added(members)?,
            ("logsource", VrlValue::Object(members)) => {
                for (name, value) in members {
                    set(draft, Part::named(&format!("logsource.{name}")), value);
                }
            }
            ("failed", VrlValue::Object(mut members)) if !members.is_empty() => {
                let mut text = |name: &str| members.remove(name).and_then(text);
                let code = text("reason_code").and_then(|code| code.parse().ok()).unwrap_or(ReasonCode::NoMapper);
                draft.failed = Some((code, text("reason").unwrap_or_else(|| "refused by the parser".to_owned())));
            }
            (name, value) => set(draft, Part::named(name), value),
        }
    }
    Ok(())
}

fn set(draft: &mut Draft<'_>, part: Option<Part>, value: VrlValue) {
    if let (Some(part), Some(text)) = (part, text(value)) {
        draft.set(part, Some(Cow::Owned(text)));
    }
}

/// A scalar as text; the empty text is none.
fn text(value: VrlValue) -> Option<String> {
    match value {
        VrlValue::Object(_) | VrlValue::Array(_) => None,
        other => from_vrl(other)?.view().to_text().map(Cow::into_owned).filter(|text| !text.is_empty()),
    }
}

fn write(draft: &mut Draft<'_>, name: &str, value: &VrlValue) {
    let Some(at) = dictionary::place(name) else { return };
    let ecs = &mut draft.ecs;
    let _written = match value {
        VrlValue::Integer(number) => dictionary::write(ecs, at, ValueRef::Int(*number)),
        VrlValue::Float(number) => dictionary::write(ecs, at, ValueRef::Float(number.into_inner())),
        VrlValue::Boolean(flag) => dictionary::write(ecs, at, ValueRef::Bool(*flag)),
        VrlValue::Timestamp(time) => dictionary::write(ecs, at, ValueRef::Str(&time.to_rfc3339())),
        VrlValue::Null | VrlValue::Object(_) | VrlValue::Array(_) => false,
        text => dictionary::write(ecs, at, ValueRef::Str(&text.to_string_lossy())),
    };
}

/// Further fields of the event, null and empty ones left out.
fn added(members: ObjectMap) -> Result<Vec<(Box<str>, Value)>, RunError> {
    if members.len() > MAX_ADDED_FIELDS {
        return Err(RunError::Mismatch(format!("the program added {} fields, {MAX_ADDED_FIELDS} at most", members.len())));
    }
    let pairs = members.into_iter().filter_map(|(name, value)| Some((String::from(name).into_boxed_str(), from_vrl(value)?)));
    Ok(pairs.filter(|(_, value)| value.as_str() != Some("")).collect())
}

fn from_vrl(value: VrlValue) -> Option<Value> {
    Some(match value {
        VrlValue::Null => return None,
        VrlValue::Integer(number) => Value::Int(number),
        VrlValue::Float(number) => Value::Float(number.into_inner()),
        VrlValue::Boolean(flag) => Value::Bool(flag),
        VrlValue::Timestamp(time) => Value::Str(time.to_rfc3339()),
        nested @ (VrlValue::Object(_) | VrlValue::Array(_)) => Value::Json(nested.try_into().ok()?),
        text => Value::Str(text.to_string_lossy().into_owned()),
    })
}
