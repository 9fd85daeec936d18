//! Events to rows, and which rules match them. Runs off the async threads; nothing here waits.

use super::Sources;
use crate::{
    detection::LiveDetection,
    failed_records::is_replayable,
    meters::Labels,
    parsers::CurrentParsers,
    wal::{Event, Logged, Position},
    workspaces::{BatchNote, SourceInfo, TailRow},
};
use bailiwick_api::{Format as SourceFormat, Tier};
use bailiwick_chassis::clock::from_us;
use bailiwick_detect::Hit;
use bailiwick_event::{
    Derivation, FailedRecord, Fields, Format, Hints, Input, MAX_EVENT_BYTES, Normaliser, Outcome, Parsers, ReasonCode, Record, derive,
};
use bailiwick_lake::Row;
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

/// The record type of what could not become a record.
const FAILED: &str = "FailedRecord";

/// What became of some batches.
pub(super) struct Worked {
    /// Every event, as it is stored.
    pub(super) rows: Vec<TailRow>,
    /// The batches.
    pub(super) batches: Vec<Arc<BatchNote>>,
    /// The events that matched a rule.
    pub(super) matched: Vec<Entry>,
}

/// An event that matched.
pub(super) struct Entry {
    /// What is stored.
    pub(super) row: Arc<Row>,
    /// What is detected on.
    pub(super) record: Box<Record>,
    /// The rules it matches.
    pub(super) hits: Vec<Hit>,
    /// The end of its batch.
    pub(super) end: Position,
    /// When it was received, in microseconds.
    pub(super) received: i64,
}

/// Does the work of one workspace; holds the parsers' runtime.
pub(super) struct Worker {
    normaliser: Normaliser,
    parsers: Arc<CurrentParsers>,
    /// Those of them the normaliser has, and their version.
    using: Arc<Parsers>,
    version: u64,
    detection: Arc<LiveDetection>,
}

impl Worker {
    pub(super) fn new(parsers: Arc<CurrentParsers>, detection: Arc<LiveDetection>) -> Self {
        let (version, using) = (parsers.version(), parsers.get());
        Self { normaliser: Normaliser::new(Arc::clone(&using)), parsers, using, version, detection }
    }

    /// Another one with the same parsers.
    pub(super) fn twin(&self) -> Self {
        let (parsers, using, detection) = (Arc::clone(&self.parsers), Arc::clone(&self.using), Arc::clone(&self.detection));
        Self { normaliser: Normaliser::new(Arc::clone(&using)), parsers, using, version: self.version, detection }
    }

    /// Tells of parsers that were set aside.
    pub(super) fn tell(&self) {
        self.parsers.tell(self.normaliser.set_aside());
    }

    /// Takes over what was enabled, replaced or switched off meanwhile.
    fn renew(&mut self) {
        let version = self.parsers.version();
        if version != self.version {
            self.using = self.parsers.get();
            self.normaliser = Normaliser::new(Arc::clone(&self.using));
            self.version = version;
        }
    }

    /// Every event of the batches becomes one row.
    pub(super) fn work(&mut self, batches: Vec<Logged>, sources: &Sources) -> Worked {
        self.renew();
        let mut worked = Worked { rows: Vec::new(), batches: Vec::with_capacity(batches.len()), matched: Vec::new() };
        for logged in batches {
            let source = sources(&logged.batch.source);
            let note = Arc::new(note(&logged, source.as_ref()));
            worked.rows.reserve(logged.batch.events.len());
            for (index, event) in logged.batch.events.iter().enumerate() {
                self.event(&logged, index, event, source.as_ref(), &note, &mut worked);
            }
            worked.batches.push(note);
        }
        self.tell();
        worked
    }

    fn event(&mut self, logged: &Logged, index: usize, event: &Event, source: Option<&SourceInfo>, note: &Arc<BatchNote>, worked: &mut Worked) {
        let batch = &logged.batch;
        let receipt_time = from_us(batch.received);
        let hints: Option<Hints> = event.hints.as_deref().and_then(|hints| serde_json::from_slice(hints).ok());
        let (outcome, hits, derivation) = if event.length as usize > event.raw.len() {
            (Outcome::Failed(too_long(event, receipt_time)), Vec::new(), None)
        } else {
            let parser = source.and_then(|source| source.parser.as_deref());
            let input = Input { hints: hints.as_ref(), parser, ..Input::new(&event.raw, parser_format(batch.format), receipt_time) };
            let (outcome, hits) = self.worked(&input, source.is_none_or(|source| source.cse));
            (outcome, hits, self.normaliser.derivation())
        };
        let base = Row {
            id: logged.event_id(index),
            receipt_time: batch.received,
            source: batch.source.as_str().to_owned(),
            source_category: note.labels.category.clone(),
            tier: note.labels.tier.clone(),
            raw: text(&event.raw),
            ..Row::default()
        };
        let (row, record) = match outcome {
            Outcome::Record(record) => {
                let matched = (!hits.is_empty()).then(|| record.clone());
                (record_row(base, *record, derivation), matched)
            }
            Outcome::Failed(failed) => (failed_row(base, failed, hints), None),
        };
        let field_bytes = u32::try_from(row.fields.len()).unwrap_or(u32::MAX);
        let row = Arc::new(row);
        if let Some(record) = record {
            worked.matched.push(Entry { row: Arc::clone(&row), record, hits, end: logged.end, received: batch.received });
        }
        worked.rows.push(TailRow { row, note: Arc::clone(note), bytes: event.length, field_bytes });
    }
}

/// Nearly all events are text, and to look whether one is costs less than to look for what is not.
fn text(raw: &[u8]) -> String {
    std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw).into_owned(), str::to_owned)
}

fn note(logged: &Logged, source: Option<&SourceInfo>) -> BatchNote {
    let batch = &logged.batch;
    let unknown = || Labels { tier: Tier::Continuous.as_str().to_owned(), ..Labels::default() };
    BatchNote {
        end: logged.end,
        received: batch.received,
        source: batch.source.clone(),
        labels: source.map_or_else(unknown, Labels::from),
        events: batch.events.len() as u64,
        dropped: batch.dropped.clone(),
        idempotency_key: batch.idempotency_key.clone(),
        event_ids: batch.ids().map(str::to_owned).collect(),
    }
}

impl Worker {
    /// Works a failed record again as if it came now from its source as it is now, but keeps its id and its time of receipt: the row of a
    /// record, and what of it matches. None when it fails again, or when what is kept is not all that was sent.
    pub(super) fn again(&mut self, before: &Row, source: Option<&SourceInfo>, detect: bool) -> Option<(Row, Box<Record>, Vec<Hit>)> {
        if before.reason_code.as_deref()?.parse().is_ok_and(|code| !is_replayable(code)) {
            return None;
        }
        let kept: Kept = serde_json::from_str(&before.fields).unwrap_or_default();
        let format = parser_format(source.map_or(SourceFormat::Auto, |source| source.format));
        let parser = source.and_then(|source| source.parser.as_deref());
        let input = Input { hints: kept.transport.as_ref(), parser, ..Input::new(before.raw.as_bytes(), format, from_us(before.receipt_time)) };
        let (outcome, hits) = self.worked(&input, detect);
        let derivation = self.normaliser.derivation();
        let Outcome::Record(record) = outcome else { return None };
        let base = Row {
            id: before.id.clone(),
            receipt_time: before.receipt_time,
            source: before.source.clone(),
            source_category: before.source_category.clone(),
            tier: before.tier.clone(),
            raw: before.raw.clone(),
            ..Row::default()
        };
        Some((record_row(base, Record::clone(&record), derivation), record, hits))
    }

    /// Normalises and matches. One event that makes either panic becomes a failed record; the others go on.
    fn worked(&mut self, input: &Input<'_>, detect: bool) -> (Outcome, Vec<Hit>) {
        let tried = panic::catch_unwind(AssertUnwindSafe(|| {
            let outcome = self.normaliser.normalise(input);
            let hits = outcome.record().filter(|_| detect).map_or_else(Vec::new, |record| self.detection.evaluate(record));
            (outcome, hits)
        }));
        tried.unwrap_or_else(|_| {
            tracing::error!("a parser or a rule panicked; the event is kept as a failed record");
            self.normaliser = Normaliser::new(Arc::clone(&self.using));
            (Outcome::Failed(panicked(input.receipt_time)), Vec::new())
        })
    }
}

fn panicked(time: chrono::DateTime<chrono::Utc>) -> FailedRecord {
    FailedRecord {
        time,
        reason_code: ReasonCode::ProgramError,
        reason: "the parser or a rule failed on this event; the node's log says where".to_owned(),
        parser: None,
        vendor: None,
        product: None,
        event_code: None,
    }
}

fn parser_format(format: SourceFormat) -> Format {
    match format {
        SourceFormat::Auto => Format::Auto,
        SourceFormat::Json => Format::Json,
        SourceFormat::Syslog => Format::Syslog,
        SourceFormat::Windows => Format::Windows,
        SourceFormat::CloudTrail => Format::CloudTrail,
        SourceFormat::WebAccess => Format::WebAccess,
    }
}

fn too_long(event: &Event, time: chrono::DateTime<chrono::Utc>) -> FailedRecord {
    FailedRecord {
        time,
        reason_code: ReasonCode::TooLong,
        reason: format!("{} bytes, at most {MAX_EVENT_BYTES} are read; the raw text is cut", event.length),
        parser: None,
        vendor: None,
        product: None,
        event_code: None,
    }
}

fn record_row(base: Row, record: Record, derivation: Option<Derivation>) -> Row {
    let fields = record.fields.to_json_text();
    let derivation = derivation.filter(|d| d.is_exact() || derive(d.way(), &base.raw, d.added().as_deref()).as_ref() == Some(&fields));
    Row {
        event_time: record.time.timestamp_micros(),
        record_type: record.record_type.as_str().to_owned(),
        vendor: Some(record.vendor),
        product: Some(record.product),
        parser: Some(record.parser),
        event_code: record.event_code,
        message: record.message,
        fields,
        added: derivation.as_ref().and_then(Derivation::added),
        way: derivation.map(|derivation| derivation.way().into()),
        ecs: ecs(&record.ecs, record.time_rejected),
        ..base
    }
}

fn ecs(fields: &Fields, time_rejected: Option<String>) -> BTreeMap<Cow<'static, str>, serde_json::Value> {
    let mut ecs: BTreeMap<_, _> = fields.iter_named().map(|(name, value)| (name, value.to_json())).collect();
    if let Some(text) = time_rejected {
        ecs.insert("event.time_rejected".into(), text.into());
    }
    ecs
}

/// The fields of a failed record: what the transport said beside the text, so that it is there when the event is worked again.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<Hints>,
}

fn failed_row(base: Row, failed: FailedRecord, transport: Option<Hints>) -> Row {
    Row {
        event_time: base.receipt_time,
        record_type: FAILED.to_owned(),
        reason_code: Some(failed.reason_code.as_str().to_owned()),
        reason: Some(failed.reason.clone()),
        vendor: failed.vendor,
        product: failed.product,
        parser: failed.parser,
        event_code: failed.event_code,
        message: failed.reason,
        fields: serde_json::to_string(&Kept { transport }).unwrap_or_else(|_| "{}".to_owned()),
        ..base
    }
}
