//! From bytes to fields and the parsers that may take them, told by a source's format or by the event's shape.
//!
//! The routes are three tables: [`JSON`] by the fields of an object, [`MESSAGES`] by what a line or the text of a syslog frame looks like,
//! [`PROGRAMS`] by who wrote a syslog frame. The first row that fits decides. A new parser adds a row to one of them.

use crate::derive::Way;
use serde::de::DeserializeSeed;

use crate::fields::Fields;
use crate::outcome::{Known, Refusal};
use crate::reader::Reader;
use crate::record::{Format, Input, ReasonCode};
use crate::value::ValueRef;
use crate::{MAX_EVENT_BYTES, kinds, syslog, windows, winlogbeat, zeek_tsv};

/// The names of parsers, in the order they are tried; the first that does not abort has the event.
type Parsers = &'static [&'static str];

/// Whether a text is of a kind.
type Looks = fn(&str) -> bool;

/// An event read as far as its shape goes.
#[derive(Debug)]
pub(crate) struct Shaped {
    pub(crate) fields: Fields,
    /// How the fields follow from the raw text, for [`derive`](crate::derive); none where they must be kept.
    pub(crate) way: Option<Way>,
    pub(crate) parsers: Parsers,
    /// What it means when all of them abort.
    pub(crate) otherwise: ReasonCode,
}

impl Shaped {
    fn new(way: Way, fields: Fields, parsers: Parsers) -> Self {
        Self { fields, way: Some(way), parsers, otherwise: ReasonCode::ParseFailed }
    }
}

/// One kind of JSON object.
struct JsonKind {
    is: fn(&Fields) -> bool,
    way: Way,
    /// Brings the fields into the form its parser reads, or refuses them.
    read: fn(Fields) -> Result<Fields, Refusal>,
    parsers: Parsers,
}

/// JSON objects of a known kind. All others go to `json`.
const JSON: &[JsonKind] = &[
    JsonKind { is: windows::is_windows, way: Way::Windows, read: windows::flatten, parsers: &["windows"] },
    JsonKind { is: |fields| is_cloudtrail(fields) || is_delivery(fields), way: Way::Object, read: cloudtrail, parsers: &["cloudtrail"] },
    JsonKind {
        is: winlogbeat::is_winlogbeat,
        way: Way::Winlogbeat,
        read: |fields| windows::flatten(winlogbeat::flatten(fields)),
        parsers: &["windows"],
    },
    JsonKind { is: kinds::is_zeek, way: Way::Object, read: Ok, parsers: &["zeek", "json"] },
    JsonKind { is: kinds::is_eve, way: Way::Object, read: Ok, parsers: &["suricata", "json"] },
    JsonKind { is: kinds::is_m365, way: Way::Object, read: Ok, parsers: &["m365"] },
    JsonKind { is: kinds::is_entra, way: Way::Object, read: Ok, parsers: &["entra", "json"] },
    JsonKind { is: kinds::is_azure_activity, way: Way::Object, read: Ok, parsers: &["azure-activity", "json"] },
    JsonKind { is: kinds::is_okta, way: Way::Object, read: Ok, parsers: &["okta"] },
    JsonKind { is: kinds::is_kubernetes_audit, way: Way::Object, read: Ok, parsers: &["kubernetes-audit"] },
    JsonKind { is: kinds::is_gcp_audit, way: Way::Object, read: Ok, parsers: &["gcp-audit"] },
    JsonKind { is: kinds::is_github_audit, way: Way::Object, read: Ok, parsers: &["github-audit", "json"] },
    JsonKind { is: kinds::is_onelogin, way: Way::Object, read: Ok, parsers: &["onelogin", "json"] },
];

/// Lines whose text says what they are, alone or as the message of a syslog frame.
const MESSAGES: &[(Looks, Parsers)] = &[
    (kinds::is_cef, &["cef"]),
    (kinds::is_leef, &["leef"]),
    (kinds::is_paloalto, &["paloalto"]),
    (kinds::is_fortigate, &["fortinet"]),
    (kinds::is_auditd, &["auditd"]),
    (kinds::is_cisco_asa, &["cisco-asa"]),
    (kinds::is_web_error, &["web-error"]),
    (kinds::is_key_value, &["key-value", "syslog"]),
];

/// What programs write to syslog, by the name of the program; `name*` means every name that starts so.
const PROGRAMS: &[(&[&str], Parsers)] = &[
    (&["sshd", "sshd-session", "sshd-auth"], &["sshd"]),
    (&["sudo"], &["sudo", "syslog"]),
    (&["su", "su-l"], &["su", "syslog"]),
    (&["user*", "group*", "gpasswd", "passwd", "chpasswd", "chage", "chfn", "chsh", "newusers"], &["shadow", "syslog"]),
    (&["systemd-logind"], &["logind", "syslog"]),
    (&["audit*", "audispd", "audisp-syslog"], &["auditd", "syslog"]),
    (&["nginx*", "apache*", "httpd*", "haproxy*"], &["web-access", "web-error", "syslog"]),
];

/// Frames of every other program.
const ANY_PROGRAM: Parsers = &["syslog"];
/// Lines that are neither JSON nor a frame nor of a known kind.
const ANY_LINE: Parsers = &["web-access"];

/// Reads an event in its source's format.
pub(crate) fn read(input: &Input<'_>) -> Result<Shaped, Refusal> {
    let line = text(input.raw)?;
    match input.format {
        Format::Auto if line.starts_with('{') || (line.starts_with('[') && !kinds::starts_with_weekday(line)) => read_json(line),
        Format::Auto => read_line(line),
        Format::Json => read_json(line),
        Format::Windows => Ok(Shaped::new(Way::Windows, windows::flatten(object(line)?)?, &["windows"])),
        Format::CloudTrail => Ok(Shaped::new(Way::Object, cloudtrail(object(line)?)?, &["cloudtrail"])),
        Format::Syslog => read_frame(line),
        Format::WebAccess if syslog::looks_framed(line) => Ok(Shaped::new(Way::Frame, frame(line).into_fields(), &["web-access"])),
        Format::WebAccess => Ok(Shaped::new(Way::Line, message(line), &["web-access"])),
    }
}

/// The fields that follow from a raw text in a way; none if it cannot be read so.
pub(crate) fn fields(way: Way, raw: &str) -> Option<Fields> {
    let line = text(raw.as_bytes()).ok()?;
    match way {
        Way::Object => object(line).ok(),
        Way::Windows => windows::flatten(object(line).ok()?).ok(),
        Way::Winlogbeat => windows::flatten(winlogbeat::flatten(object(line).ok()?)).ok(),
        Way::Frame => Some(frame(line).into_fields()),
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
    let invalid = |error: serde_json::Error| Refusal::new(ReasonCode::JsonInvalid, format!("not a JSON object: {error}"));
    let mut json = serde_json::Deserializer::from_str(line);
    let fields = Reader { bytes: line.len() }.deserialize(&mut json).map_err(invalid)?;
    json.end().map_err(invalid)?;
    Ok(fields)
}

fn read_json(line: &str) -> Result<Shaped, Refusal> {
    read_fields(object(line)?)
}

fn read_fields(fields: Fields) -> Result<Shaped, Refusal> {
    match JSON.iter().find(|kind| (kind.is)(&fields)) {
        Some(kind) => Ok(Shaped::new(kind.way, (kind.read)(fields)?, kind.parsers)),
        None => Ok(Shaped { fields, way: Some(Way::Object), parsers: &["json"], otherwise: ReasonCode::NoMapper }),
    }
}

fn is_cloudtrail(fields: &Fields) -> bool {
    ["eventSource", "eventName"].iter().all(|name| fields.get_str(name).is_some())
        && (fields.contains("userIdentity") || fields.contains("eventVersion"))
}

/// A file as AWS delivers it to a bucket, many events in one object.
fn is_delivery(fields: &Fields) -> bool {
    fields.len() == 1 && matches!(fields.get("Records"), Some(ValueRef::Json(records)) if records.is_array())
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
        return read_frame(line);
    }
    if kinds::is_zeek_tsv(line) {
        return Ok(Shaped { way: None, ..Shaped::new(Way::Line, zeek_tsv::read(line)?, &["zeek"]) });
    }
    match parsers_of_message(line) {
        Some(parsers) => Ok(Shaped::new(Way::Line, message(line), parsers)),
        None => Ok(Shaped { fields: message(line), way: Some(Way::Line), parsers: ANY_LINE, otherwise: ReasonCode::NoParser }),
    }
}

fn frame(line: &str) -> syslog::Frame<'_> {
    kinds::unwrap_self_named(syslog::parse(line), line)
}

fn read_frame(line: &str) -> Result<Shaped, Refusal> {
    let frame = frame(line);
    if let Some(fields) = kinds::framed_json(&frame) {
        return Ok(Shaped { way: None, ..read_fields(fields)? });
    }
    let parsers = parsers_of_message(frame.message).unwrap_or_else(|| parsers_of_program(frame.appname.unwrap_or_default()));
    Ok(Shaped::new(Way::Frame, frame.into_fields(), parsers))
}

fn parsers_of_message(text: &str) -> Option<Parsers> {
    MESSAGES.iter().find(|(is, _)| is(text)).map(|(_, parsers)| *parsers)
}

fn parsers_of_program(appname: &str) -> Parsers {
    let program = appname.rsplit('/').next().unwrap_or(appname);
    let fits = |name: &&str| name.strip_suffix('*').map_or(*name == program, |stem| program.starts_with(stem));
    PROGRAMS.iter().find(|(names, _)| names.iter().any(fits)).map_or(ANY_PROGRAM, |(_, parsers)| parsers)
}

fn message(line: &str) -> Fields {
    let mut fields = Fields::with_capacity(1, line.len() + 8);
    fields.push_str("message", line);
    fields
}
