//! Logs of OpenTelemetry, `ExportLogsServiceRequest`, in protobuf and in JSON.
//!
//! Pure: bytes in, events out. The outer messages are walked by hand, record by record, and each record is read by `opentelemetry-proto`:
//! reading a whole request at once takes a hundred times its bytes in memory when it is made of empty messages.

use super::{MAX_EVENTS, cut, hints_json};
use crate::wal::Event;
use bailiwick_event::{Hints, MAX_EVENT_BYTES};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use http::{HeaderMap, header};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    logs::v1::LogRecord,
    resource::v1::Resource,
};
use serde_json::{Map, Value};

mod wire;

/// Bytes that what is said beside the records of one request may take in all, since it is kept with each of them.
pub const MAX_BESIDE: usize = 64 << 20;
/// Bytes of a record from which on it is not read but kept as too long: its text has as much room as any event, its attributes the same.
const MAX_RECORD: usize = 2 * MAX_EVENT_BYTES;

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Protobuf.
    Protobuf,
    /// JSON.
    Json,
}

impl Encoding {
    /// What `Content-Type` says; none when it is another.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim();
        match kind {
            "application/x-protobuf" | "application/protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    /// What an answer says.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    /// `google.rpc.Status`.
    pub fn status(self, code: i32, message: &str) -> Vec<u8> {
        match self {
            Self::Json => serde_json::json!({"code": code, "message": message}).to_string().into_bytes(),
            Self::Protobuf => {
                let mut out = Vec::new();
                prost::encoding::int32::encode(1, &code, &mut out);
                prost::encoding::string::encode(2, &message.to_owned(), &mut out);
                out
            }
        }
    }

    /// `ExportLogsServiceResponse`.
    pub fn response(self, rejected: i64, message: &str) -> Vec<u8> {
        match self {
            Self::Json if rejected == 0 => b"{}".to_vec(),
            // A 64-bit number is a string in protobuf's JSON.
            Self::Json => {
                let partial = serde_json::json!({"rejectedLogRecords": rejected.to_string(), "errorMessage": message});
                serde_json::json!({"partialSuccess": partial}).to_string().into_bytes()
            }
            Self::Protobuf if rejected == 0 => Vec::new(),
            Self::Protobuf => {
                let mut partial = Vec::new();
                prost::encoding::int64::encode(1, &rejected, &mut partial);
                prost::encoding::string::encode(2, &message.to_owned(), &mut partial);
                let mut out = Vec::new();
                prost::encoding::bytes::encode(1, &partial, &mut out);
                out
            }
        }
    }
}

/// Why a request cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not what its encoding says.
    #[error("body: {0}")]
    Unreadable(String),
    /// More records than a body may hold.
    #[error("body: more than {MAX_EVENTS} log records; nothing was accepted")]
    TooMany,
    /// Resources and attributes that take too much.
    #[error("body: resource, scope and attributes of all records take more than {MAX_BESIDE} bytes; nothing was accepted")]
    TooMuchBeside,
}

/// What a request holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The records, as events.
    pub events: Vec<Event>,
    /// Records that cannot be read.
    pub rejected: i64,
    /// Why the first of them cannot.
    pub reason: Option<String>,
}

/// Reads a request.
pub fn parse(body: &Bytes, encoding: Encoding) -> Result<Parsed, Malformed> {
    let mut taking = Taking::default();
    match encoding {
        Encoding::Protobuf => wire::protobuf(body, &mut taking)?,
        Encoding::Json => wire::json(body, &mut taking)?,
    }
    Ok(taking.parsed)
}

/// What is taken so far.
#[derive(Default)]
struct Taking {
    parsed: Parsed,
    /// What resource and scope say of the records that follow.
    around: Hints,
    around_bytes: usize,
    beside: usize,
}

impl Taking {
    fn within(&mut self, resource: Option<&Resource>, scope: Option<&InstrumentationScope>) {
        let mut fields = Map::new();
        if let Some(resource) = resource {
            insert_all(&mut fields, &resource.attributes);
        }
        if let Some(scope) = scope {
            insert_all(&mut fields, &scope.attributes);
            insert(&mut fields, "otel.scope.name", &scope.name);
            insert(&mut fields, "otel.scope.version", &scope.version);
        }
        self.around = Hints { fields, ..Hints::default() };
        self.around_bytes = hints_json(&self.around).map_or(0, |json| json.len());
    }

    /// Makes an event of a record, or counts it as one that cannot be read.
    fn record(&mut self, bytes: &[u8], read: impl FnOnce() -> Result<LogRecord, String>) -> Result<(), Malformed> {
        if self.parsed.events.len() + usize::try_from(self.parsed.rejected).unwrap_or(usize::MAX) >= MAX_EVENTS {
            return Err(Malformed::TooMany);
        }
        if self.beside + self.around_bytes > MAX_BESIDE {
            return Err(Malformed::TooMuchBeside);
        }
        if bytes.len() > MAX_RECORD {
            let kept = Bytes::copy_from_slice(&bytes[..MAX_EVENT_BYTES]);
            self.parsed.events.push(Event::new(kept, u32::try_from(bytes.len()).unwrap_or(u32::MAX)));
            return Ok(());
        }
        match read() {
            Ok(record) => {
                let event = event(&record, &self.around);
                self.beside += event.hints.as_ref().map_or(0, Bytes::len);
                self.parsed.events.push(event);
            }
            Err(reason) => {
                self.parsed.rejected += 1;
                self.parsed.reason.get_or_insert(reason);
            }
        }
        Ok(())
    }
}

/// A text body is the event as it is; any other is its JSON text. A record without a body is what its attributes say.
fn event(record: &LogRecord, around: &Hints) -> Event {
    let mut hints = around.clone();
    let fields = &mut hints.fields;
    insert_all(fields, &record.attributes);
    insert(fields, "severity_text", &record.severity_text);
    insert(fields, "event_name", &record.event_name);
    if record.severity_number != 0 {
        fields.insert("severity_number".to_owned(), record.severity_number.into());
    }
    insert(fields, "trace_id", &id(&record.trace_id, 16));
    insert(fields, "span_id", &id(&record.span_id, 8));
    hints.host = fields.get("host.name").and_then(Value::as_str).map(str::to_owned);
    let nanos = if record.time_unix_nano == 0 { record.observed_time_unix_nano } else { record.time_unix_nano };
    hints.time = (nanos != 0).then(|| time(nanos));
    let raw = match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone().into_bytes(),
        Some(value) => json(value).to_string().into_bytes(),
        None => {
            let mut said = Map::new();
            insert_all(&mut said, &record.attributes);
            insert(&mut said, "event_name", &record.event_name);
            Value::Object(said).to_string().into_bytes()
        }
    };
    Event { hints: hints_json(&hints), ..cut(Bytes::from(raw)) }
}

/// RFC 3339 where it is one; the number itself, to be judged with the event, where it lies beyond.
fn time(nanos: u64) -> String {
    let known = i64::try_from(nanos).map(DateTime::from_timestamp_nanos);
    known.map_or_else(|_| nanos.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::Nanos, true))
}

/// An id in hex; none when it is not of its length or all zero.
fn id(bytes: &[u8], length: usize) -> String {
    let valid = bytes.len() == length && bytes.iter().any(|byte| *byte != 0);
    if valid { data_encoding::HEXLOWER.encode(bytes) } else { String::new() }
}

fn insert(fields: &mut Map<String, Value>, name: &str, text: &str) {
    if !text.is_empty() {
        fields.insert(name.to_owned(), Value::String(text.to_owned()));
    }
}

fn insert_all(fields: &mut Map<String, Value>, attributes: &[KeyValue]) {
    for attribute in attributes {
        if let Some(value) = attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
            fields.insert(attribute.key.clone(), json(value));
        }
    }
}

fn json(value: &any_value::Value) -> Value {
    use any_value::Value as V;
    let inner = |value: &AnyValue| value.value.as_ref().map_or(Value::Null, json);
    match value {
        V::StringValue(text) => Value::String(text.clone()),
        V::BoolValue(flag) => Value::Bool(*flag),
        V::IntValue(number) => (*number).into(),
        // JSON has no infinity and no NaN.
        V::DoubleValue(number) => serde_json::Number::from_f64(*number).map_or_else(|| Value::String(number.to_string()), Value::Number),
        V::ArrayValue(array) => Value::Array(array.values.iter().map(inner).collect()),
        V::KvlistValue(list) => {
            let mut map = Map::new();
            insert_all(&mut map, &list.values);
            Value::Object(map)
        }
        V::BytesValue(bytes) => Value::String(data_encoding::BASE64.encode(bytes)),
        // An index into the dictionary of profiles; logs have none.
        V::StringValueStrindex(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests;
