//! Events, and what is brought to read and judge them.

use bailiwick_detect::{RuleSet, RuleSources, Windows};
use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers, Record, Uploaded};
use std::{
    cell::RefCell,
    fs,
    path::PathBuf,
    sync::{Arc, LazyLock},
};

/// One event of each kind that rules look at.
const EVENTS: [&str; 3] = [
    r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"pc-1","Image":"C:\\a.exe","CommandLine":"a -b"}"#,
    "<38>1 2026-03-02T00:00:00Z web-01 sshd 9 - - Failed password for root from 203.0.113.9 port 4022 ssh2",
    r#"{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","userIdentity":{"type":"Root"},"sourceIPAddress":"203.0.113.9"}"#,
];
/// The archives that are read, by the end of their names.
const KINDS: [&str; 4] = ["tar", "tar.gz", "tar.zst", "zip"];

static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| {
    let mut normaliser = normaliser();
    let outcomes = EVENTS.map(|event| normaliser.normalise(&input(event.as_bytes(), Format::Auto)));
    let records = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Record(record) => Some(*record),
        Outcome::Failed(_) => None,
    });
    records.collect()
});

static SHIPPED: LazyLock<Arc<Parsers>> = LazyLock::new(|| Parsers::shipped().expect("the shipped parsers compile"));

thread_local! {
    static NORMALISER: RefCell<Normaliser> = RefCell::new(normaliser());
}

fn normaliser() -> Normaliser {
    Normaliser::new(Arc::clone(&SHIPPED))
}

fn input(raw: &[u8], format: Format) -> Input<'_> {
    Input::new(raw, format, "2026-03-02T00:00:01Z".parse().expect("a time"))
}

/// An event of any format, told by the first byte: no panic, and the same outcome when it is worked again.
pub(super) fn normalise(data: &[u8]) {
    let Some((&first, raw)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(first) % Format::ALL.len()];
    NORMALISER.with_borrow_mut(|normaliser| {
        let mut outcome = || normaliser.normalise(&input(raw, format));
        assert_eq!(outcome(), outcome());
    });
}

/// A program as an administrator uploads it: refused, or run within its limits on some events.
pub(super) fn parser_program(data: &[u8]) {
    let program = Uploaded { name: "uploaded".to_owned(), source: String::from_utf8_lossy(data).into_owned(), set_aside: None };
    let Ok(parsers) = SHIPPED.with(std::slice::from_ref(&program), None) else { return };
    let mut normaliser = Normaliser::new(parsers);
    for event in EVENTS {
        let _outcome = normaliser.normalise(&Input { parser: Some("uploaded"), ..input(event.as_bytes(), Format::Auto) });
    }
}

/// One rule file: it loads or is refused, and what loads can be run.
pub(super) fn rule_file(data: &[u8]) {
    load(data, "yml");
}

/// An archive of rules, of the kind told by the first byte: never a panic, never without end.
pub(super) fn rule_archive(data: &[u8]) {
    let Some((&first, archive)) = data.split_first() else { return };
    load(archive, KINDS[usize::from(first) % KINDS.len()]);
}

/// Loads bytes as a rule source whose name ends so, and shows some records to what came of it. Rules are read from paths only, so the
/// bytes go into a file of this process, which the next input writes over.
fn load(bytes: &[u8], ending: &str) {
    let path: PathBuf = std::env::temp_dir().join(format!("bailiwick-fuzz-{}.{ending}", std::process::id()));
    fs::write(&path, bytes).expect("the temporary directory takes a file");
    let loaded = RuleSet::load(&RuleSources { starter: false, paths: vec![path], ..RuleSources::default() });
    let Ok((rules, report)) = loaded else { return };
    assert_eq!(rules.rules().len(), report.loaded + report.correlations, "the report counts the rules that run");
    let mut windows = Windows::new(&rules);
    for (at, record) in RECORDS.iter().enumerate() {
        let hits = rules.evaluate(record);
        windows.observe(&rules, record, &hits, &at.to_string());
    }
}
