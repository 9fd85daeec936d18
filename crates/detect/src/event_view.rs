//! A record as the Sigma engine sees it.
//!
//! Rules read the original field names of a record (`fields`), flat first and then by path into the values that are
//! JSON: `userIdentity.type`, `resources.name` over every member of an array, `args[0]` for one of them. The semantics
//! are those of the engine's own JSON event over the unflattened object, so a rule means the same on both.

use std::borrow::Cow;

use bailiwick_event::{Fields, ValueRef};
use rsigma_eval::{Event, EventValue};
use rsigma_parser::fieldpath::{first_unescaped, unescape_brackets};
use serde_json::Value as Json;

/// How deep keyword rules look into nested values; deeper text is not searched.
const MAX_DEPTH: usize = 64;

/// Borrows a record's original fields for one evaluation.
pub(crate) struct RecordEvent<'a> {
    fields: &'a Fields,
}

impl<'a> RecordEvent<'a> {
    pub(crate) fn new(fields: &'a Fields) -> Self {
        Self { fields }
    }
}

impl Event for RecordEvent<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        if let Some(value) = self.fields.get(path) {
            return Some(event_value(value));
        }
        if !path.bytes().any(|b| matches!(b, b'.' | b'[' | b'\\')) {
            return None;
        }
        // Most probes miss: look for the root before taking the path apart.
        let ValueRef::Json(_) = self.fields.get(root_key(path)?.as_ref())? else { return None };
        let steps = parse_steps(path);
        let (Step::Key(root), steps) = steps.split_first()? else { return None };
        let ValueRef::Json(json) = self.fields.get(root)? else { return None };
        let mut found = Vec::new();
        collect(json, steps, &mut found);
        match found.len() {
            0 => None,
            1 => found.pop(),
            _ => Some(EventValue::Array(found)),
        }
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        self.fields.iter().any(|(_, value)| any_text(value, pred))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let mut texts = Vec::new();
        self.visit_string_values(&mut |text| texts.push(Cow::Owned(text.to_owned())));
        texts
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        for (_, value) in self.fields.iter() {
            visit_texts(value, visit);
        }
    }

    fn to_json(&self) -> Json {
        Json::Object(self.fields.to_json())
    }

    fn top_level_keys(&self) -> Option<Vec<Cow<'_, str>>> {
        Some(self.fields.iter().map(|(name, _)| Cow::Borrowed(name)).collect())
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        for (name, _) in self.fields.iter() {
            visit(name);
        }
        true
    }
}

/// The engine's value for one of ours, borrowing text.
pub(crate) fn event_value(value: ValueRef<'_>) -> EventValue<'_> {
    match value {
        ValueRef::Str(text) => EventValue::Str(Cow::Borrowed(text)),
        ValueRef::Int(n) => EventValue::Int(n),
        ValueRef::Float(n) => EventValue::Float(n),
        ValueRef::Bool(b) => EventValue::Bool(b),
        ValueRef::Null => EventValue::Null,
        ValueRef::Json(json) => EventValue::from(json),
    }
}

/// A number as it would stand in JSON, which is what keywords are compared with.
fn float_text(n: f64) -> Option<String> {
    serde_json::Number::from_f64(n).map(|number| number.to_string())
}

fn any_text(value: ValueRef<'_>, pred: &dyn Fn(&str) -> bool) -> bool {
    match value {
        ValueRef::Str(text) => pred(text),
        ValueRef::Int(n) => pred(&n.to_string()),
        ValueRef::Float(n) => float_text(n).is_some_and(|text| pred(&text)),
        ValueRef::Bool(_) | ValueRef::Null => false,
        ValueRef::Json(json) => any_json_text(json, pred, MAX_DEPTH - 1),
    }
}

fn any_json_text(json: &Json, pred: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match json {
        Json::String(text) => pred(text),
        Json::Number(n) => pred(&n.to_string()),
        Json::Array(items) => items.iter().any(|item| any_json_text(item, pred, depth - 1)),
        Json::Object(map) => map.values().any(|item| any_json_text(item, pred, depth - 1)),
        Json::Bool(_) | Json::Null => false,
    }
}

fn visit_texts(value: ValueRef<'_>, visit: &mut dyn FnMut(&str)) {
    match value {
        ValueRef::Str(text) => visit(text),
        ValueRef::Int(n) => visit(&n.to_string()),
        ValueRef::Float(n) => {
            if let Some(text) = float_text(n) {
                visit(&text);
            }
        }
        ValueRef::Bool(_) | ValueRef::Null => {}
        ValueRef::Json(json) => visit_json_texts(json, visit, MAX_DEPTH - 1),
    }
}

fn visit_json_texts(json: &Json, visit: &mut dyn FnMut(&str), depth: usize) {
    if depth == 0 {
        return;
    }
    match json {
        Json::String(text) => visit(text),
        Json::Number(n) => visit(&n.to_string()),
        Json::Array(items) => items.iter().for_each(|item| visit_json_texts(item, visit, depth - 1)),
        Json::Object(map) => map.values().for_each(|item| visit_json_texts(item, visit, depth - 1)),
        Json::Bool(_) | Json::Null => {}
    }
}

/// One step along a path.
enum Step<'a> {
    /// An object's member; over an array, that member of every element.
    Key(Cow<'a, str>),
    /// One element of an array, counted from the end when negative.
    Index(i64),
}

/// The first member a path names, or `None` when it starts with a dot or an index.
fn root_key(path: &str) -> Option<Cow<'_, str>> {
    let segment = first_unescaped(path, b'.').map_or(path, |at| &path[..at]);
    let name = first_unescaped(segment, b'[').map_or(segment, |at| &segment[..at]);
    (!name.is_empty()).then(|| unescape_brackets(name))
}

fn parse_steps(path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for segment in path.split('.') {
        let indexed = first_unescaped(segment, b'[').and_then(|at| Some((at, parse_indices(&segment[at..])?)));
        let Some((at, indices)) = indexed else {
            steps.push(Step::Key(unescape_brackets(segment)));
            continue;
        };
        if at > 0 {
            steps.push(Step::Key(unescape_brackets(&segment[..at])));
        }
        steps.extend(indices.into_iter().map(Step::Index));
    }
    steps
}

fn parse_indices(mut text: &str) -> Option<Vec<i64>> {
    let mut indices = Vec::new();
    while !text.is_empty() {
        let inner = text.strip_prefix('[')?;
        let close = inner.find(']')?;
        indices.push(inner[..close].parse().ok()?);
        text = &inner[close + 1..];
    }
    Some(indices)
}

fn collect<'a>(current: &'a Json, steps: &[Step<'_>], found: &mut Vec<EventValue<'a>>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(EventValue::from(current));
        return;
    };
    match (step, current) {
        (Step::Key(key), Json::Object(map)) => {
            if let Some(next) = map.get(key.as_ref()) {
                collect(next, rest, found);
            }
        }
        (Step::Key(_), Json::Array(items)) => items.iter().for_each(|item| collect(item, steps, found)),
        (Step::Index(index), Json::Array(items)) => {
            if let Some(next) = position(*index, items.len()).and_then(|at| items.get(at)) {
                collect(next, rest, found);
            }
        }
        _ => {}
    }
}

fn position(index: i64, length: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(at) => Some(at),
        Err(_) => length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsigma_eval::JsonEvent;
    use serde_json::json;

    fn sample() -> Json {
        json!({
            "userIdentity": {"type": "IAMUser", "sessionContext": {"mfa": false}},
            "resources": [{"name": "a", "tags": ["x", "y"]}, {"name": "b"}],
            "flat.key": "flat", "flat": {"key": "nested"},
            "args": ["-c", "id", 7], "n": 3, "f": 1.0, "none": null, "yes": true
        })
    }

    fn fields(json: &Json) -> Fields {
        Fields::from_json(json.as_object().expect("an object").clone())
    }

    /// Every path reads the same here as in the engine's own JSON event.
    #[test]
    fn paths_read_like_the_engines_own_json_event() {
        let json = sample();
        let (fields, theirs) = (fields(&json), JsonEvent::borrow(&json));
        let ours = RecordEvent::new(&fields);
        for path in [
            "userIdentity.type",
            "userIdentity.sessionContext.mfa",
            "userIdentity",
            "userIdentity.none",
            "resources.name",
            "resources.tags",
            "resources[1].name",
            "resources[-1].name",
            "resources[9].name",
            "resources[x].name",
            "flat.key",
            "args",
            "args[0]",
            "args[-1]",
            "args[-9]",
            "n",
            "n.x",
            "f",
            "none",
            "yes",
            "absent",
            "absent.deep",
            ".n",
            "[0]",
            "n[0]",
        ] {
            assert_eq!(ours.get_field(path), theirs.get_field(path), "{path}");
        }
    }

    #[test]
    fn keywords_search_the_same_texts_as_the_engines_own_json_event() {
        let json = sample();
        let (fields, theirs) = (fields(&json), JsonEvent::borrow(&json));
        let ours = RecordEvent::new(&fields);
        let sorted = |mut texts: Vec<Cow<'_, str>>| {
            texts.sort();
            texts.into_iter().map(Cow::into_owned).collect::<Vec<_>>()
        };
        assert_eq!(sorted(ours.all_string_values()), sorted(theirs.all_string_values()));
        for text in ["IAMUser", "y", "7", "3", "1.0", "true", "absent"] {
            assert_eq!(ours.any_string_value(&|t| t == text), theirs.any_string_value(&|t| t == text), "{text}");
        }
    }
}
