//! What the rule targets share: loading bytes as a rule source and running what came of it.
//!
//! Rules are read from paths only, so the bytes go into a file of this process first. The file is written over by the next
//! input, and its name tells the loader what it is.

use bailiwick_detect::{RuleSet, RuleSources, Windows};
use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers, Record};
use std::{fs, path::PathBuf, sync::LazyLock};

/// One event of each kind that rules look at.
const EVENTS: [&str; 3] = [
    r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"pc-1","Image":"C:\\a.exe","CommandLine":"a -b"}"#,
    "<38>1 2026-03-02T00:00:00Z web-01 sshd 9 - - Failed password for root from 203.0.113.9 port 4022 ssh2",
    r#"{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","userIdentity":{"type":"Root"},"sourceIPAddress":"203.0.113.9"}"#,
];

static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| {
    let mut normaliser = Normaliser::new(Parsers::shipped().expect("the shipped parsers compile"));
    let receipt_time = "2026-03-02T00:00:01Z".parse().expect("a time");
    let outcomes = EVENTS.map(|event| normaliser.normalise(&Input::new(event.as_bytes(), Format::Auto, receipt_time)));
    let records = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Record(record) => Some(*record),
        Outcome::Failed(_) => None,
    });
    records.collect()
});

/// Loads `bytes` as a rule source whose name ends in `ending`, and shows some records to what came of it.
pub fn load(bytes: &[u8], ending: &str) {
    let path: PathBuf = std::env::temp_dir().join(format!("bailiwick-fuzz-{}.{ending}", std::process::id()));
    fs::write(&path, bytes).expect("the temporary directory takes a file");
    let loaded = RuleSet::load(&RuleSources { starter: false, paths: vec![path] });
    let Ok((rules, report)) = loaded else { return };
    assert_eq!(rules.rules().len(), report.loaded + report.correlations, "the report counts the rules that run");
    let mut windows = Windows::new(&rules);
    for (at, record) in RECORDS.iter().enumerate() {
        let hits = rules.evaluate(record);
        windows.observe(&rules, record, &hits, &at.to_string());
    }
}
