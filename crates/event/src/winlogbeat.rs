//! Windows events as Winlogbeat and the Elastic Agent ship them (`winlog.channel`, `winlog.event_data.…`) to the names of the flat
//! shape, so that one parser and one set of Sigma field names serve them too.

use serde_json::{Map, Value as Json};

use crate::fields::Fields;
use crate::value::Value;

/// Where the flat shape has what `winlog` holds.
const RENAMED: &[(&str, &str)] = &[
    ("/channel", "Channel"),
    ("/event_id", "EventID"),
    ("/computer_name", "Computer"),
    ("/provider_name", "Provider_Name"),
    ("/provider_guid", "Provider_Guid"),
    ("/record_id", "EventRecordID"),
    ("/task", "Task"),
    ("/opcode", "Opcode"),
    ("/version", "Version"),
    ("/activity_id", "ActivityID"),
    ("/process/pid", "Execution_ProcessID"),
    ("/process/thread/id", "Execution_ThreadID"),
    ("/user/identifier", "UserID"),
];
/// Parts of the envelope that say of the event what `winlog` says better.
const ENVELOPE: [&str; 3] = ["winlog", "event", "ecs"];

/// Whether the fields are such an event.
pub(crate) fn is_winlogbeat(fields: &Fields) -> bool {
    fields.contains("winlog") && fields.contains("@timestamp")
}

/// The flat fields: what the envelope tells besides (host, agent, tags) stays under its own name, the event's data wins over it.
pub(crate) fn flatten(mut fields: Fields) -> Fields {
    let Some(Value::Json(Json::Object(mut winlog))) = fields.remove("winlog") else { return fields };
    // The last pair of a name wins, so what must win goes in last.
    let mut pairs: Vec<(Box<str>, Value)> = Vec::with_capacity(48);
    for (name, value) in fields.into_pairs() {
        match name.as_ref() {
            "message" => pairs.push(("Message".into(), value)),
            name if ENVELOPE.contains(&name) => {}
            _ => pairs.push((name, value)),
        }
    }
    for section in ["user_data", "event_data"] {
        if let Some(Json::Object(data)) = winlog.remove(section) {
            pairs.extend(data.into_iter().map(|(name, value)| (name.into_boxed_str(), value.into())));
        }
    }
    if let Some(kind) = audit_result(&winlog) {
        pairs.push(("EventType".into(), kind.into()));
    }
    let winlog = Json::Object(winlog);
    for (path, name) in RENAMED {
        match winlog.pointer(path) {
            None | Some(Json::Null) => {}
            Some(Json::String(text)) if *name == "EventID" => pairs.push((Box::from(*name), number(text))),
            Some(value) => pairs.push((Box::from(*name), value.clone().into())),
        }
    }
    Fields::from_pairs(pairs)
}

/// Event ids are text in newer versions and numbers everywhere else.
fn number(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| text.into(), Value::Int)
}

/// The audit keywords in the word NXLog has for them.
fn audit_result(winlog: &Map<String, Json>) -> Option<&'static str> {
    let keywords = winlog.get("keywords")?.as_array()?;
    let has = |word: &str| keywords.iter().any(|keyword| keyword.as_str() == Some(word));
    if has("Audit Failure") { Some("AUDIT_FAILURE") } else { has("Audit Success").then_some("AUDIT_SUCCESS") }
}
