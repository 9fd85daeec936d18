//! Events to records as a node makes them, and where shared test data is.

use std::io::Read;
use std::path::{Path, PathBuf};

use bailiwick_detect::{Fired, Hit, RuleSet, RuleSources, Windows};
use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers, Record};
use chrono::{DateTime, Utc};

/// A normaliser and the moment all events are received, shortly after the times in the samples.
pub(crate) struct Maker {
    normaliser: Normaliser,
    receipt_time: DateTime<Utc>,
}

impl Maker {
    pub(crate) fn new() -> Self {
        let parsers = Parsers::shipped().expect("the shipped parsers compile");
        let receipt_time = "2026-11-20T14:00:00Z".parse().expect("a time");
        Self { normaliser: Normaliser::new(parsers), receipt_time }
    }

    pub(crate) fn outcome(&mut self, line: &str) -> Outcome {
        self.normaliser.normalise(&Input::new(line.as_bytes(), Format::Auto, self.receipt_time))
    }

    pub(crate) fn record(&mut self, line: &str) -> Record {
        match self.outcome(line) {
            Outcome::Record(record) => *record,
            Outcome::Failed(failed) => panic!("{failed:?}\nfor {line}"),
        }
    }
}

/// What a run over events found: the hits that alert and what fired, with the event's number.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) hits: Vec<(usize, Hit)>,
    pub(crate) fired: Vec<(usize, Fired)>,
}

impl Found {
    /// The ids of the rules that would make a signal, sorted, each once.
    pub(crate) fn rules(&self) -> Vec<String> {
        let hits = self.hits.iter().map(|(_, hit)| hit.rule.id.clone());
        let mut ids: Vec<String> = hits.chain(self.fired.iter().map(|(_, fired)| fired.rule.id.clone())).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}

/// Runs records in order through rules and windows.
pub(crate) fn run(rules: &RuleSet, windows: &mut Windows, records: &[Record]) -> Found {
    let mut found = Found::default();
    for (at, record) in records.iter().enumerate() {
        let hits = rules.evaluate(record);
        let observed = windows.observe(rules, record, &hits, &format!("event-{at}"));
        found.fired.extend(observed.fired.into_iter().map(|fired| (at, fired)));
        found.hits.extend(hits.into_iter().filter(|hit| hit.rule.alerts).map(|hit| (at, hit)));
    }
    found
}

/// The starter pack, which must load whole.
pub(crate) fn starter() -> RuleSet {
    let (rules, report) = RuleSet::load(&RuleSources::starter()).expect("the pack is inside the binary");
    assert!(report.refused.is_empty() && report.warnings.is_empty(), "{report:#?}");
    rules
}

/// The repository's own folder of rules.
pub(crate) fn rules_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules")
}

/// A file of the shared data, unpacked; `None`, said on standard error, where it is absent.
pub(crate) fn shared(name: &str) -> Option<Vec<u8>> {
    let path = shared_path(name)?;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).expect("the file opens");
    zstd::stream::read::Decoder::new(file).and_then(|mut unpacked| unpacked.read_to_end(&mut bytes)).expect("the file unpacks");
    Some(bytes)
}

/// Where a file of the shared data is.
pub(crate) fn shared_path(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("BAILIWICK_SHARED").map(PathBuf::from);
    let above = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared")).find(|shared| shared.join("data").is_dir());
    let path = named.or_else(above).map(|shared| shared.join("data").join(name)).filter(|path| path.is_file());
    if path.is_none() {
        eprintln!("skipped: no shared data file {name}; set BAILIWICK_SHARED to the folder that holds data/");
    }
    path
}

/// Rules of one YAML text, all of which must run.
pub(crate) fn rules_of(yaml: &str) -> RuleSet {
    let (nothing, _) = RuleSet::load(&RuleSources::default()).expect("nothing to read");
    let (rules, report) = nothing.beside(vec![("rules.yml".to_owned(), yaml.to_owned())]);
    assert!(report.refused.is_empty(), "{:?}\n{yaml}", report.refused);
    rules
}

/// A record with these fields under their own names, of this product, category and service.
pub(crate) fn record_of(fields: serde_json::Value, logsource: [Option<&str>; 3]) -> Record {
    let serde_json::Value::Object(fields) = fields else { panic!("fields are an object") };
    let [product, category, service] = logsource.map(|part| part.map(str::to_owned));
    Record {
        time: "2026-11-20T12:00:00Z".parse().expect("a time"),
        time_rejected: None,
        record_type: bailiwick_event::RecordType::Audit,
        vendor: "test".to_owned(),
        product: "test".to_owned(),
        parser: "test".to_owned(),
        event_code: None,
        logsource: bailiwick_event::LogSource { product, category, service },
        message: "a test".to_owned(),
        fields: bailiwick_event::Fields::from_json(fields),
        ecs: bailiwick_event::Fields::new(),
        entities: Vec::new(),
    }
}

/// The ids of the rules that match, sorted.
pub(crate) fn matching(hits: Vec<Hit>) -> Vec<String> {
    let mut ids: Vec<String> = hits.into_iter().map(|hit| hit.rule.id.clone()).collect();
    ids.sort();
    ids
}
