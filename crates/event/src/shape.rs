//! From bytes to fields and the parsers that may take them, told by a source's format or by the event's shape.

use crate::derive::Way;
use crate::fields::{Fields, Value};
use crate::outcome::{Known, Refusal};
use crate::record::{Format, Input, ReasonCode};
use crate::{MAX_EVENT_BYTES, syslog, windows};

/// An event read as far as its shape goes.
#[derive(Debug)]
pub(crate) struct Shaped {
    pub(crate) fields: Fields,
    /// How the fields follow from the raw text, for [`derive`](crate::derive).
    pub(crate) way: Way,
    /// Tried in this order; the first that does not abort has it.
    pub(crate) parsers: &'static [&'static str],
    /// What it means when all of them abort.
    pub(crate) otherwise: ReasonCode,
}

impl Shaped {
    fn new(way: Way, fields: Fields, parsers: &'static [&'static str]) -> Self {
        Self { fields, way, parsers, otherwise: ReasonCode::ParseFailed }
    }
}

/// Reads an event in its source's format.
pub(crate) fn read(input: &Input<'_>) -> Result<Shaped, Refusal> {
    let line = text(input.raw)?;
    match input.format {
        Format::Auto if line.starts_with('{') || line.starts_with('[') => read_json(line),
        Format::Auto => read_line(line),
        Format::Json => read_json(line),
        Format::Windows => Ok(Shaped::new(Way::Windows, windows::flatten(object(line)?)?, &["windows"])),
        Format::CloudTrail => Ok(Shaped::new(Way::Object, cloudtrail(object(line)?)?, &["cloudtrail"])),
        Format::Syslog => Ok(read_frame(line)),
        Format::WebAccess if syslog::looks_framed(line) => Ok(Shaped::new(Way::Frame, syslog::parse(line).into_fields(), &["web-access"])),
        Format::WebAccess => Ok(Shaped::new(Way::Line, message(line), &["web-access"])),
    }
}

/// The fields that follow from a raw text in a way; none if it cannot be read so.
pub(crate) fn fields(way: Way, raw: &str) -> Option<Fields> {
    let line = text(raw.as_bytes()).ok()?;
    match way {
        Way::Object => object(line).ok(),
        Way::Windows => windows::flatten(object(line).ok()?).ok(),
        Way::Frame => Some(syslog::parse(line).into_fields()),
        Way::Line => Some(message(line)),
    }
}

fn text(raw: &[u8]) -> Result<&str, Refusal> {
    if raw.len() > MAX_EVENT_BYTES {
        let reason = format!("the event has {} bytes, {MAX_EVENT_BYTES} at most", raw.len());
        return Err(Refusal::new(ReasonCode::TooLong, reason));
    }
    let text = std::str::from_utf8(raw)
        .map_err(|error| Refusal::new(ReasonCode::NotText, format!("not UTF-8 text: invalid at byte {}", error.valid_up_to())))?;
    let line = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    if line.is_empty() {
        return Err(Refusal::new(ReasonCode::EmptyLine, "the event is empty"));
    }
    Ok(line)
}

fn object(line: &str) -> Result<Fields, Refusal> {
    if line.starts_with('[') {
        let reason = "a JSON array where one event, a JSON object, is expected";
        return Err(Refusal::new(ReasonCode::NoParser, reason));
    }
    serde_json::from_str(line).map_err(|error| Refusal::new(ReasonCode::JsonInvalid, format!("not a JSON object: {error}")))
}

fn read_json(line: &str) -> Result<Shaped, Refusal> {
    let fields = object(line)?;
    if windows::is_windows(&fields) {
        return Ok(Shaped::new(Way::Windows, windows::flatten(fields)?, &["windows"]));
    }
    if is_cloudtrail(&fields) || is_delivery(&fields) {
        return Ok(Shaped::new(Way::Object, cloudtrail(fields)?, &["cloudtrail"]));
    }
    Ok(Shaped { fields, way: Way::Object, parsers: &["json"], otherwise: ReasonCode::NoMapper })
}

fn is_cloudtrail(fields: &Fields) -> bool {
    ["eventSource", "eventName"].iter().all(|name| fields.get_str(name).is_some())
        && (fields.contains("userIdentity") || fields.contains("eventVersion"))
}

/// A file as AWS delivers it to a bucket, many events in one object.
fn is_delivery(fields: &Fields) -> bool {
    fields.len() == 1 && matches!(fields.get("Records"), Some(Value::Json(records)) if records.is_array())
}

fn cloudtrail(fields: Fields) -> Result<Fields, Refusal> {
    if is_delivery(&fields) {
        let reason = "a CloudTrail delivery file: send each object of its Records as an event of its own";
        return Err(Refusal::new(ReasonCode::NoParser, reason));
    }
    match ["eventSource", "eventName"].iter().find(|name| fields.get_str(name).is_none_or(str::is_empty)) {
        Some(name) => Err(Refusal::new(ReasonCode::FieldMissing, format!("a CloudTrail event needs the field {name}")).with(Known {
            parser: Some("cloudtrail".to_owned()),
            vendor: Some("Amazon".to_owned()),
            product: Some("CloudTrail".to_owned()),
            event_code: fields.get_str("eventName").map(str::to_owned),
        })),
        None => Ok(fields),
    }
}

fn read_line(line: &str) -> Result<Shaped, Refusal> {
    if syslog::looks_framed(line) {
        return Ok(read_frame(line));
    }
    Ok(Shaped { fields: message(line), way: Way::Line, parsers: &["web-access"], otherwise: ReasonCode::NoParser })
}

fn read_frame(line: &str) -> Shaped {
    let frame = syslog::parse(line);
    let parsers = parsers_of_program(frame.appname.unwrap_or_default());
    Shaped::new(Way::Frame, frame.into_fields(), parsers)
}

/// The parsers for what a program writes to syslog; the generic one is always last.
fn parsers_of_program(appname: &str) -> &'static [&'static str] {
    let name = appname.rsplit('/').next().unwrap_or(appname);
    match name {
        "sshd" | "sshd-session" | "sshd-auth" => &["sshd"],
        "sudo" => &["sudo", "syslog"],
        _ if ["nginx", "apache", "httpd", "haproxy"].iter().any(|server| name.starts_with(server)) => &["web-access", "syslog"],
        _ => &["syslog"],
    }
}

fn message(line: &str) -> Fields {
    Fields::from_pairs(vec![("message".into(), line.into())])
}
