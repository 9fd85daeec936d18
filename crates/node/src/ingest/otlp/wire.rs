//! The outer messages of a request, walked without building them: requests hold resources, these hold scopes, these hold records.

use super::{Malformed, Taking};
use bailiwick_event::MAX_EVENT_BYTES;
use opentelemetry_proto::tonic::{common::v1::InstrumentationScope, logs::v1::LogRecord, resource::v1::Resource};
use prost::{
    Message,
    encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// Walks a protobuf request.
pub(super) fn protobuf(body: &[u8], taking: &mut Taking) -> Result<(), Malformed> {
    for resource_logs in children(body, 1) {
        let resource_logs = resource_logs?;
        let resource: Option<Resource> = only(resource_logs)?;
        for scope_logs in children(resource_logs, 2) {
            let scope_logs = scope_logs?;
            let scope: Option<InstrumentationScope> = only(scope_logs)?;
            taking.within(resource.as_ref(), scope.as_ref());
            for record in children(scope_logs, 2) {
                let record = record?;
                taking.record(record, || LogRecord::decode(record).map_err(|error| error.to_string()))?;
            }
        }
    }
    Ok(())
}

/// The message in field 1 of a message: its resource or scope. It may stand behind what it is said of.
fn only<M: Message + Default>(message: &[u8]) -> Result<Option<M>, Malformed> {
    let Some(last) = children(message, 1).last().transpose()? else { return Ok(None) };
    bounded(last.len())?;
    M::decode(last).map(Some).map_err(|error| unreadable(&error))
}

/// A resource or scope is read at once, so it must be no larger than an event.
fn bounded(bytes: usize) -> Result<(), Malformed> {
    if bytes <= MAX_EVENT_BYTES { Ok(()) } else { Err(unreadable(&format!("a resource or scope of more than {MAX_EVENT_BYTES} bytes"))) }
}

/// The messages in one field of a message, in order. Ends with the first error.
fn children(message: &[u8], field: u32) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    let mut rest = message;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            match next(&mut rest, field) {
                Ok(Some(child)) => return Some(Ok(child)),
                Ok(None) => {}
                Err(malformed) => {
                    rest = &[];
                    return Some(Err(malformed));
                }
            }
        }
        None
    })
}

/// Reads one field; its bytes when it is the one wanted.
fn next<'a>(rest: &mut &'a [u8], wanted: u32) -> Result<Option<&'a [u8]>, Malformed> {
    let (field, kind) = decode_key(rest).map_err(|error| unreadable(&error))?;
    if field != wanted || kind != WireType::LengthDelimited {
        return skip_field(kind, field, rest, DecodeContext::default()).map(|()| None).map_err(|error| unreadable(&error));
    }
    let length = decode_varint(rest).map_err(|error| unreadable(&error))?;
    let cut = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
    let (child, after) = cut.ok_or_else(|| unreadable(&"a message ends before its length"))?;
    *rest = after;
    Ok(Some(child))
}

fn unreadable(error: &impl std::fmt::Display) -> Malformed {
    Malformed::Unreadable(error.to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow, default)]
    resource_logs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    scope_logs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    #[serde(borrow, default)]
    scope: Option<&'a RawValue>,
    #[serde(borrow, default)]
    log_records: Option<&'a RawValue>,
}

/// Walks a JSON request.
pub(super) fn json(body: &[u8], taking: &mut Taking) -> Result<(), Malformed> {
    let text = std::str::from_utf8(body).map_err(|error| unreadable(&error))?;
    let request: Request<'_> = object(text)?;
    for resource_logs in elements(request.resource_logs) {
        let resource_logs: ResourceLogs<'_> = object(resource_logs?.get())?;
        let resource: Option<Resource> = small(resource_logs.resource)?;
        for scope_logs in elements(resource_logs.scope_logs) {
            let scope_logs: ScopeLogs<'_> = object(scope_logs?.get())?;
            let scope: Option<InstrumentationScope> = small(scope_logs.scope)?;
            taking.within(resource.as_ref(), scope.as_ref());
            for record in elements(scope_logs.log_records) {
                let record = record?.get();
                taking.record(record.as_bytes(), || object(record).map_err(|error| error.to_string()))?;
            }
        }
    }
    Ok(())
}

/// A message in JSON. Without the check an array would be read as its fields in their order.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Malformed> {
    if !text.trim_start().starts_with('{') {
        return Err(unreadable(&"expected an object"));
    }
    serde_json::from_str(text).map_err(|error| unreadable(&error))
}

fn small<T: DeserializeOwned>(value: Option<&RawValue>) -> Result<Option<T>, Malformed> {
    let Some(value) = value else { return Ok(None) };
    bounded(value.get().len())?;
    object(value.get()).map(Some)
}

/// The elements of an array, one by one. The text was read before, so it is valid JSON; that it is an array is checked here.
fn elements(array: Option<&RawValue>) -> impl Iterator<Item = Result<&RawValue, Malformed>> {
    let mut rest = array.map_or("[]", RawValue::get);
    let mut first = true;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let wanted = if first { "[" } else { "," };
        let Some(after) = rest.strip_prefix(wanted) else {
            let ended = rest.is_empty() || (!first && rest.starts_with(']'));
            rest = "";
            return (!ended).then(|| Err(unreadable(&"expected an array")));
        };
        rest = after.trim_start();
        if first && rest.starts_with(']') {
            rest = "";
            return None;
        }
        first = false;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let value = values.next()?.map_err(|error| unreadable(&error));
        rest = if value.is_ok() { &rest[values.byte_offset()..] } else { "" };
        Some(value)
    })
}
