//! Windows events in their three JSON shapes to flat fields, in Rust because they are the bulk of what arrives.
//!
//! - *flat* (`Channel`, `EventID`, `Computer`, `Provider_Name`, …) and *NXLog* (`Channel`, `EventID`, `Hostname`,
//!   `SourceName`, …): every name and value is kept as received.
//! - *nested* (`Event.System`, `Event.EventData` or `Event.UserData`, attributes under `#attributes`): gives the names of the
//!   flat shape. `System` wins over the event's data. Blanks in names are left out (`Threat Name` is `ThreatName` to a rule),
//!   and so are nulls, empty strings and attributes of the envelope.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::fields::Fields;
use crate::outcome::{Known, Refusal};
use crate::record::ReasonCode;
use crate::value::{Value, ValueRef};

const ATTRIBUTES: &str = "#attributes";
const TEXT: &str = "#text";

/// Whether the fields are a Windows event in any of the three shapes.
pub(crate) fn is_windows(fields: &Fields) -> bool {
    is_nested(fields) || (fields.get_str("Channel").is_some() && fields.contains("EventID"))
}

fn is_nested(fields: &Fields) -> bool {
    matches!(fields.get("Event"), Some(ValueRef::Json(Json::Object(event))) if event.get("System").is_some_and(Json::is_object))
}

/// The flat fields of an event in any of the three shapes. Refuses an event without a channel or an event id.
pub(crate) fn flatten(mut fields: Fields) -> Result<Fields, Refusal> {
    if is_nested(&fields)
        && let Some(Value::Json(Json::Object(event))) = fields.remove("Event")
    {
        fields = flatten_nested(event);
    }
    for name in ["Channel", "EventID"] {
        let says = match fields.get(name) {
            Some(ValueRef::Str(text)) => !text.trim().is_empty(),
            Some(ValueRef::Int(_) | ValueRef::Float(_) | ValueRef::Bool(_)) => true,
            Some(ValueRef::Null | ValueRef::Json(_)) | None => false,
        };
        if !says {
            let code = fields.get("EventID").and_then(ValueRef::to_text).map(Cow::into_owned);
            return Err(Refusal::new(ReasonCode::FieldMissing, format!("a Windows event needs the field {name}")).with(Known {
                parser: Some("windows".to_owned()),
                vendor: Some("Microsoft".to_owned()),
                product: Some("Windows".to_owned()),
                event_code: code,
            }));
        }
    }
    Ok(fields)
}

fn flatten_nested(mut event: Map<String, Json>) -> Fields {
    // The last pair of a name wins, so what must win goes in last.
    let mut pairs = Fields::with_capacity(40, 1024);
    if let Some(Json::Object(sections)) = event.remove("UserData") {
        for (name, section) in sections {
            match section {
                Json::Object(data) => push_data(&mut pairs, data),
                scalar => push(&mut pairs, &name, scalar),
            }
        }
    }
    match event.remove("EventData") {
        Some(Json::Object(data)) => push_data(&mut pairs, data),
        Some(scalar) => push(&mut pairs, "Data", scalar),
        None => {}
    }
    if let Some(Json::Object(system)) = event.remove("System") {
        push_system(&mut pairs, system);
    }
    pairs.settle();
    pairs
}

fn push_system(pairs: &mut Fields, system: Map<String, Json>) {
    for (name, value) in system {
        let renamed: &[(&str, &str)] = match name.as_str() {
            "Provider" => &[("Name", "Provider_Name"), ("Guid", "Provider_Guid")],
            "TimeCreated" => &[("SystemTime", "@timestamp")],
            "Execution" => &[("ProcessID", "Execution_ProcessID"), ("ThreadID", "Execution_ThreadID")],
            "Security" => &[("UserID", "UserID")],
            "Correlation" => &[],
            _ => {
                push(pairs, &name, value);
                continue;
            }
        };
        let Json::Object(mut element) = value else {
            continue;
        };
        let Some(Json::Object(mut attributes)) = element.remove(ATTRIBUTES) else {
            continue;
        };
        for (attribute, field) in renamed {
            if let Some(value) = attributes.remove(*attribute) {
                push(pairs, field, value);
            }
        }
    }
}

fn push_data(pairs: &mut Fields, data: Map<String, Json>) {
    for (name, value) in data {
        match value {
            Json::Array(items) if name == "Data" && items.iter().any(is_named) => {
                items.into_iter().for_each(|item| push_named(pairs, item));
            }
            value if name == "Data" && is_named(&value) => push_named(pairs, value),
            value => push(pairs, &name, value),
        }
    }
}

/// `{"#attributes": {"Name": "Image"}, "#text": "…"}`: how some converters write `<Data Name="Image">`.
fn is_named(item: &Json) -> bool {
    item.get(ATTRIBUTES).and_then(|attributes| attributes.get("Name")).is_some_and(Json::is_string)
}

fn push_named(pairs: &mut Fields, mut item: Json) {
    let text = item.get_mut(TEXT).map(Json::take).unwrap_or_default();
    if let Some(name) = item.get(ATTRIBUTES).and_then(|attributes| attributes.get("Name")).and_then(Json::as_str) {
        push(pairs, name, text);
    }
}

fn push(pairs: &mut Fields, name: &str, value: Json) {
    let value = match value {
        Json::Object(mut element) => match element.remove(TEXT) {
            Some(text) => text,
            None => Json::Object(element),
        },
        other => other,
    };
    let absent = name == ATTRIBUTES || value.is_null() || value.as_str().is_some_and(str::is_empty);
    if !absent {
        let name = if name.contains(' ') { Cow::Owned(name.replace(' ', "")) } else { Cow::Borrowed(name) };
        match value {
            Json::String(text) => pairs.push_str(&name, &text),
            other => pairs.push(&name, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn flat(json: Json) -> Result<Json, Refusal> {
        let Json::Object(object) = json else { unreachable!("tests pass objects") };
        flatten(Fields::from_json(object)).map(|fields| Json::Object(fields.to_json()))
    }

    #[test]
    fn nested_gives_the_names_of_the_flat_shape() {
        let event = json!({"Event": {"#attributes": {"xmlns": "x"},
            "System": {"Provider": {"#attributes": {"Name": "P", "Guid": "G", "EventSourceName": "S"}},
                "EventID": {"#attributes": {"Qualifiers": 1}, "#text": 7045}, "TimeCreated": {"#attributes": {"SystemTime": "T"}},
                "Correlation": null, "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": 5}},
                "Channel": "System", "Computer": "c", "Security": {"#attributes": {"UserID": "S-1"}}},
            "EventData": {"#attributes": {"Name": "n"}, "Threat Name": "x", "Empty": "", "Null": null,
                "Data": {"#text": ["a", "b"]}, "Nested": {"#attributes": {"a": 1}}}}});
        assert_eq!(
            flat(event).expect("a Windows event"),
            json!({"Provider_Name": "P", "Provider_Guid": "G", "EventID": 7045,
            "@timestamp": "T", "Execution_ProcessID": 4, "Execution_ThreadID": 5, "Channel": "System", "Computer": "c", "UserID": "S-1",
            "ThreatName": "x", "Data": ["a", "b"], "Nested": {"#attributes": {"a": 1}}})
        );
    }

    #[test]
    fn user_data_never_overwrites_the_channel() {
        let event = json!({"Event": {"System": {"EventID": 104, "Channel": "System"},
            "UserData": {"LogFileCleared": {"#attributes": {"xmlns": "x"}, "Channel": "Application", "SubjectUserName": "bob"}}}});
        assert_eq!(flat(event).expect("a Windows event"), json!({"EventID": 104, "Channel": "System", "SubjectUserName": "bob"}));
    }

    #[test]
    fn named_data_elements_become_fields() {
        let event = json!({"Event": {"System": {"EventID": 1, "Channel": "c"}, "EventData": {"Data": [
            {"#attributes": {"Name": "Image"}, "#text": "a.exe"}, {"#attributes": {"Name": "Hash"}}]}}});
        assert_eq!(flat(event).expect("a Windows event"), json!({"EventID": 1, "Channel": "c", "Image": "a.exe"}));
    }

    #[test]
    fn the_flat_shape_is_kept_as_received() {
        let event = json!({"Channel": "Security", "EventID": "4624", "New Value": "", "x": null, "n": 1.5});
        assert_eq!(flat(event.clone()).expect("a Windows event"), event);
    }

    #[test]
    fn what_is_missing_is_named() {
        let refusal = flat(json!({"Event": {"System": {"Channel": "c"}}})).expect_err("no event id");
        assert_eq!((refusal.code, refusal.reason.as_str()), (ReasonCode::FieldMissing, "a Windows event needs the field EventID"));
    }
}
