//! One event in, one outcome out.

use std::sync::Arc;

use vrl::compiler::TimeZone;
use vrl::compiler::runtime::Runtime;

use crate::derive::Derivation;
use crate::draft::Draft;
use crate::fields::{Fields, Known as KnownValue};
use crate::outcome::{Known, Refusal, one_line};
use crate::parsers::{Parsers, SetAside};
use crate::program::{Parser, RunError};
use crate::record::{Input, Outcome, ReasonCode, Record, RecordType};
use crate::shape::{self, Shaped};
use crate::value::{Value, ValueRef};
use crate::{MAX_MESSAGE_BYTES, dictionary, entity, time};

/// Normalises events, one at a time; make one per thread, it keeps the programs' working memory.
#[derive(Debug)]
pub struct Normaliser {
    parsers: Arc<Parsers>,
    runtime: Runtime,
    zone: TimeZone,
    derivation: Option<Derivation>,
}

impl Normaliser {
    /// A normaliser over shared parsers.
    pub fn new(parsers: Arc<Parsers>) -> Self {
        let zone = TimeZone::parse("UTC").expect("the time zone database has UTC");
        Self { parsers, runtime: Runtime::default(), zone, derivation: None }
    }

    /// Makes a record of an event, or a failed record that says why not. The same input gives the same outcome, but where an uploaded
    /// parser runs out of time or is set aside.
    pub fn normalise(&mut self, input: &Input<'_>) -> Outcome {
        self.derivation = None;
        match self.record(input) {
            Ok(record) => Outcome::Record(Box::new(record)),
            Err(refusal) => Outcome::Failed(refusal.into_failed(input.receipt_time)),
        }
    }

    /// How the fields of the record that was made last follow from its raw text.
    pub fn derivation(&mut self) -> Option<Derivation> {
        self.derivation.take()
    }

    /// The uploaded parsers that were set aside since the last call, by any normaliser over the same parsers. Each is given once.
    pub fn set_aside(&self) -> Vec<SetAside> {
        self.parsers.set_aside()
    }

    fn record(&mut self, input: &Input<'_>) -> Result<Record, Refusal> {
        let Shaped { mut fields, way, parsers, mut otherwise } = shape::read(input)?;
        let hinted = hinted(&mut fields, input);
        let mut parsers: Vec<&str> = parsers.to_vec();
        if let Some(insisted) = input.parser {
            (parsers, otherwise) = (vec![insisted], ReasonCode::ParseFailed);
        } else if input.hints.is_some() && otherwise == ReasonCode::NoParser {
            // A line of no known kind whose transport says where it is from.
            parsers.push("json");
        }
        let shipped = Arc::clone(&self.parsers);
        let mut why = String::new();
        for name in &parsers {
            let Some(parser) = shipped.get(name) else {
                return Err(Refusal::new(ReasonCode::NoParser, format!("there is no parser {name}")));
            };
            let mut draft = Draft::new();
            match parser.run(&mut self.runtime, &self.zone, &fields, input, &mut draft) {
                Ok(()) => {
                    let (mut record, added) = build(parser, draft, &fields, input)?;
                    let mut added = Fields::from_pairs(added);
                    added.iter().for_each(|(name, value)| fields.insert(name, value.to_value()));
                    added.add_absent(hinted.iter());
                    record.fields = fields;
                    self.derivation = way.map(|way| Derivation { way, added });
                    return Ok(record);
                }
                Err(RunError::Aborted(reason)) => why = reason,
                Err(error) => return Err(refusal(parser, error)),
            }
        }
        // Before a parser has taken the event, only a parser that had to take it is named.
        let parser = (otherwise == ReasonCode::ParseFailed).then(|| parsers.last().map(|name| (*name).to_owned())).flatten();
        Err(Refusal::new(otherwise, why).with(Known { parser, ..Known::default() }))
    }
}

/// Why a parser that had the event could not make a record of it.
fn refusal(parser: &Parser, error: RunError) -> Refusal {
    let (code, reason) = match error {
        RunError::Aborted(reason) => (ReasonCode::ParseFailed, reason),
        RunError::Failed(reason) => (ReasonCode::ProgramError, reason),
        RunError::Mismatch(reason) => (ReasonCode::OutputMismatch, reason),
        RunError::Excess(excess) => (ReasonCode::ParserLimit, excess.to_string()),
        RunError::SetAside(why) => (ReasonCode::ParserSetAside, format!("the parser is set aside: {why}")),
    };
    Refusal::new(code, reason).with(Known { parser: Some(parser.name.clone()), ..Known::default() })
}

/// Puts what the transport said beside the event's own fields, whose word wins; gives what was put in.
fn hinted(fields: &mut Fields, input: &Input<'_>) -> Fields {
    let Some(hints) = input.hints else { return Fields::default() };
    let host = hints.host.iter().filter(|host| !host.is_empty()).map(|host| ("host".to_owned(), host.as_str().into()));
    let told = hints.fields.iter().map(|(name, value)| (name.clone(), value.clone())).chain(host);
    let new = told.filter(|(name, _)| !fields.contains(name)).collect();
    let new: Fields = serde_json::from_value(serde_json::Value::Object(new)).unwrap_or_default();
    fields.add_absent(new.iter());
    new
}

/// Further fields of the event.
type Added = Vec<(Box<str>, Value)>;

/// The record, still without the event's own fields, and what is to be added to them.
fn build(parser: &Parser, mut draft: Draft<'_>, fields: &Fields, input: &Input<'_>) -> Result<(Record, Added), Refusal> {
    let (vendor, product, event_code) = (draft.vendor.take(), draft.product.take(), draft.event_code.take());
    let refuse = |code: ReasonCode, reason: String| {
        let known = Known { parser: Some(parser.name.clone()), vendor: vendor.clone(), product: product.clone(), event_code: event_code.clone() };
        Refusal::new(code, reason).with(known)
    };
    if let Some((code, reason)) = draft.failed.take() {
        return Err(refuse(code, reason));
    }
    let mut ecs = std::mem::take(&mut draft.ecs);
    if let Some(code) = &event_code {
        push(&mut ecs, "event.code", code);
    }
    ecs.settle();
    let said = draft.record_type.as_deref();
    let record_type = record_type(parser, said, &mut ecs, fields, event_code.as_deref()).map_err(|(code, why)| refuse(code, why))?;
    if let Some(host) = input.hints.and_then(|hints| hints.host.as_deref()).filter(|_| !ecs.contains("host.name")) {
        push(&mut ecs, "host.name", host);
        ecs.settle();
    }
    entity::split_domains(&mut ecs);
    let entities = entity::entities(&ecs);
    if entities.is_empty() {
        return Err(refuse(ReasonCode::NoEntity, "it names no host, user, address or anything else it could be about".to_owned()));
    }
    let hinted = || input.hints.and_then(|hints| hints.time.as_deref());
    let event_time = time::judge(draft.time.as_deref().or_else(hinted), input.receipt_time);
    let message = match &draft.message {
        Some(text) => one_line(text, MAX_MESSAGE_BYTES),
        None => summary(&ecs, product.as_deref()),
    };
    let record = Record {
        time: event_time.time,
        time_rejected: event_time.rejected,
        record_type,
        vendor: vendor.unwrap_or_else(unknown),
        product: product.unwrap_or_else(unknown),
        parser: parser.name.clone(),
        event_code,
        logsource: draft.logsource,
        message,
        fields: Fields::new(),
        ecs,
        entities,
    };
    Ok((record, draft.added))
}

/// What vendor and product are called before parsing got that far.
fn unknown() -> String {
    "UNKNOWN".to_owned()
}

fn push(ecs: &mut Fields, name: &str, text: &str) {
    if let Some(at) = dictionary::place(name) {
        let _says_something = dictionary::write(ecs, at, ValueRef::Str(text));
    }
}

fn set(ecs: &mut Fields, name: &str, text: &str) {
    if let Some(at) = dictionary::place(name) {
        ecs.insert_known(at, KnownValue::Text(text));
    }
}

/// The record type. What the parser's table says of an event id wins over the program, but for the action, which a program
/// may know better.
fn record_type(
    parser: &Parser,
    said: Option<&str>,
    ecs: &mut Fields,
    fields: &Fields,
    code: Option<&str>,
) -> Result<RecordType, (ReasonCode, String)> {
    let event = code.and_then(|code| parser.known_event(fields.get_str("Channel").unwrap_or_default(), code));
    if let Some(event) = event {
        if let Some(outcome) = event.outcome.as_deref() {
            set(ecs, "event.outcome", outcome);
        }
        if !ecs.contains("event.action") {
            set(ecs, "event.action", &event.action);
        }
    }
    match (event, said) {
        (Some(event), _) => Ok(event.record_type),
        (None, Some(said)) => said.parse().map_err(|error| (ReasonCode::OutputMismatch, format!("%record_type: {error}"))),
        (None, None) => Err((ReasonCode::NoMapper, "the program gave no record type".to_owned())),
    }
}

/// A line for people where the program gave none: what, who, where, from where, on what.
fn summary(ecs: &Fields, product: Option<&str>) -> String {
    let text = |name: &str| ecs.get(name).and_then(ValueRef::to_text);
    let mut line = String::with_capacity(160);
    let mut add = |before: &str, part: Option<std::borrow::Cow<'_, str>>| {
        if let Some(part) = part.filter(|_| line.len() < MAX_MESSAGE_BYTES) {
            line.push_str(before);
            line.push_str(crate::outcome::prefix(&part, MAX_MESSAGE_BYTES));
        }
    };
    add("", product.map(Into::into));
    add(" ", text("event.code").filter(|code| text("event.action").as_ref() != Some(code)));
    add(" ", text("event.action"));
    add(" ", text("event.outcome"));
    add(" by ", text("user.name"));
    add(" for ", text("user.target.name"));
    add(" on ", text("host.name"));
    add(" from ", text("source.ip"));
    add(" to ", text("destination.ip"));
    const OBJECTS: [&str; 10] = [
        "process.command_line",
        "powershell.file.script_block_text",
        "registry.path",
        "file.path",
        "service.name",
        "task.name",
        "dns.question.name",
        "share.name",
        "cloud.resource.id",
        "process.executable",
    ];
    add(": ", OBJECTS.iter().find_map(|name| text(name)));
    one_line(&line, MAX_MESSAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Hints, derive};

    fn record(raw: &str, hints: &Hints, parser: Option<&str>) -> (Outcome, Option<String>) {
        let mut normaliser = Normaliser::new(Parsers::shipped().expect("parsers"));
        let receipt = "2026-03-02T00:00:01Z".parse().expect("a time");
        let input = Input { hints: Some(hints), parser, ..Input::new(raw.as_bytes(), Format::Auto, receipt) };
        let outcome = normaliser.normalise(&input);
        let fields = normaliser.derivation().and_then(|way| derive(way.way(), raw, way.added().as_deref()));
        (outcome, fields)
    }

    #[test]
    fn what_the_transport_says_fills_what_the_event_leaves_out() {
        let hints = Hints {
            time: Some("2026-03-02T00:00:00Z".into()),
            host: Some("web-1".into()),
            fields: serde_json::from_str(r#"{"service.name":"shop","level":"hinted"}"#).expect("fields"),
        };
        let (outcome, fields) = record(r#"{"level":"own","message":"hello"}"#, &hints, None);
        let record = outcome.record().expect("a record");
        assert_eq!(record.ecs.get_str("host.name"), Some("web-1"));
        assert_eq!(record.time.to_rfc3339(), "2026-03-02T00:00:00+00:00");
        assert_eq!((record.fields.get_str("level"), record.fields.get_str("service.name")), (Some("own"), Some("shop")));
        assert_eq!(
            fields.as_deref(),
            Some(serde_json::Value::Object(record.fields.to_json()).to_string().as_str()),
            "and comes back from the raw text"
        );
    }

    #[test]
    fn a_plain_line_with_a_host_is_a_record_and_a_source_may_insist_on_a_parser() {
        let hints = Hints { host: Some("web-1".into()), ..Hints::default() };
        assert!(record("something happened", &hints, None).0.record().is_some());
        let Outcome::Failed(failed) = record("something happened", &hints, Some("no-such")).0 else { panic!("no parser of that name") };
        assert!(failed.reason_code == ReasonCode::NoParser && failed.reason.contains("no-such"), "{}", failed.reason);
        assert_eq!(record("something happened", &hints, Some("sshd")).0.record().map(|record| record.parser.as_str()), Some("sshd"));
    }
}
