//! The large sets of real logs beside the repository, where present: every event becomes a record, and the two shapes of the
//! same Windows events give the same fields.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use bailiwick_event::{FailedRecord, Fields, Format, Input, Normaliser, Outcome, Parsers, Value};

/// The folder of shared data, or nothing when it is not there.
fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).map(|root| root.join("shared"));
    let folder = std::env::var_os("BAILIWICK_SHARED").map(PathBuf::from).or_else(beside)?.join("data");
    if !folder.is_dir() {
        eprintln!("skipped: no shared data at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// The first lines of a zstd file, by the `zstd` command; nothing when file or command are absent.
fn lines(name: &str, limit: usize) -> Vec<String> {
    let Some(path) = shared().map(|folder| folder.join(name)).filter(|path| path.is_file()) else {
        eprintln!("skipped: no {name}");
        return Vec::new();
    };
    let Ok(mut child) = Command::new("zstd").arg("-dcq").arg(path).stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
        eprintln!("skipped: no zstd command");
        return Vec::new();
    };
    let output = BufReader::new(child.stdout.take().expect("a piped output"));
    let lines = output.lines().take(limit).map(|line| line.expect("text")).collect();
    child.kill().and_then(|()| child.wait()).expect("zstd ends");
    lines
}

fn normalise(lines: &[String]) -> Vec<Outcome> {
    static PARSERS: LazyLock<Arc<Parsers>> = LazyLock::new(|| Parsers::shipped().expect("the shipped parsers compile"));
    let mut normaliser = Normaliser::new(Arc::clone(&PARSERS));
    let receipt_time = "2026-11-22T00:00:00Z".parse().expect("a time");
    lines.iter().map(|line| normaliser.normalise(&Input::new(line.as_bytes(), Format::Auto, receipt_time))).collect()
}

#[track_caller]
fn all_are_records_of(parser: &str, name: &str, limit: usize, others: &[&str]) {
    let outcomes = normalise(&lines(name, limit));
    let failed: Vec<&FailedRecord> = outcomes.iter().filter_map(Outcome::failed).collect();
    assert!(failed.is_empty(), "{name}: {} failed records of {}, the first {:?}", failed.len(), outcomes.len(), failed.first());
    for record in outcomes.iter().filter_map(Outcome::record) {
        assert!(record.parser == parser || others.contains(&record.parser.as_str()), "{name}: {record:?}");
        assert_eq!(record.time_rejected, None, "{name}: {record:?}");
    }
}

#[test]
fn windows_events_are_records() {
    all_are_records_of("windows", "evtx-flat/evtx-to-mitre.ndjson.zst", usize::MAX, &[]);
    all_are_records_of("windows", "evtx-nested/evtx-to-mitre.ndjson.zst", usize::MAX, &[]);
    all_are_records_of("windows", "evtx-flat/sigma-regression.ndjson.zst", usize::MAX, &[]);
    all_are_records_of("windows", "evtx-nested/sigma-regression.ndjson.zst", usize::MAX, &[]);
    all_are_records_of("windows", "windows-secdatasets-atomic.ndjson.zst", 5000, &[]);
}

#[test]
fn cloudtrail_events_are_records() {
    all_are_records_of("cloudtrail", "cloudtrail-invictus.ndjson.zst", usize::MAX, &[]);
    all_are_records_of("cloudtrail", "cloudtrail-stratus.ndjson.zst", usize::MAX, &[]);
}

#[test]
fn syslog_lines_are_records() {
    let parsers = ["sshd", "sudo", "web-access", "su", "shadow", "logind", "key-value"];
    all_are_records_of("syslog", "syslog-gen-rfc3164.log.zst", 5000, &parsers);
    all_are_records_of("syslog", "syslog-gen-rfc5424.log.zst", 5000, &parsers);
}

#[test]
fn audit_lines_are_records() {
    all_are_records_of("auditd", "auditd-secdatasets.log.zst", usize::MAX, &[]);
    let outcomes = normalise(&lines("auditd-secdatasets.log.zst", usize::MAX));
    assert!(outcomes.is_empty() || outcomes.len() == 18, "{} audit lines", outcomes.len());
}

#[test]
fn every_log_of_zeek_is_records() {
    all_are_records_of("zeek", "zeek-secdatasets.ndjson.zst", usize::MAX, &[]);
    let outcomes = normalise(&lines("zeek-secdatasets.ndjson.zst", usize::MAX));
    assert!(outcomes.is_empty() || outcomes.len() == 10_433, "{} Zeek events", outcomes.len());
    let service = |outcome: &Outcome| outcome.record().and_then(|record| record.logsource.service.clone());
    let mut services: Vec<String> = outcomes.iter().filter_map(service).collect();
    services.sort_unstable();
    services.dedup();
    assert!(services.is_empty() || services.len() == 19, "{services:?}");
}

/// Files of tab-separated values: the columns of the default layouts are known, header lines are refused, and so is what names nobody.
#[test]
fn zeek_files_of_tab_separated_values_are_records_but_for_their_headers() {
    let lines = lines("zeek-tsv-secdatasets-lsass.log.zst", usize::MAX);
    let (mut records, mut headers, mut others) = (0, 0, Vec::new());
    for (line, outcome) in lines.iter().zip(normalise(&lines)) {
        match outcome {
            Outcome::Record(record) => {
                assert_eq!((record.parser.as_str(), &record.time_rejected), ("zeek", &None), "{line}");
                records += 1;
            }
            Outcome::Failed(_) if line.starts_with('#') => headers += 1,
            Outcome::Failed(failed) => others.push(failed),
        }
    }
    assert!(lines.is_empty() || (records, headers, others.len()) == (4_768, 108, 1), "{records} {headers} {others:?}");
}

#[test]
fn flat_windows_events_keep_every_field_as_received() {
    for name in ["evtx-flat/evtx-to-mitre.ndjson.zst", "windows-secdatasets-atomic.ndjson.zst"] {
        let lines = lines(name, 5000);
        for (line, outcome) in lines.iter().zip(normalise(&lines)) {
            let received: Fields = serde_json::from_str(line).expect("JSON");
            assert_eq!(outcome.record().expect("a record").fields, received);
        }
    }
}

/// The nested shape gives what the flat one has, but for three differences: it leaves out empty strings, it takes blanks out of
/// names, and it keeps elements that have only attributes, which the flat files dropped.
#[test]
fn nested_and_flat_windows_events_give_the_same_fields() {
    for set in ["evtx-to-mitre", "sigma-regression"] {
        let flat = normalise(&lines(&format!("evtx-flat/{set}.ndjson.zst"), usize::MAX));
        let nested = normalise(&lines(&format!("evtx-nested/{set}.ndjson.zst"), usize::MAX));
        assert_eq!(flat.len(), nested.len());
        for (flat, nested) in flat.iter().zip(&nested) {
            let flat = flat.record().expect("a record").fields.clone().into_pairs();
            let flat = flat.into_iter().filter(|(_, value)| value.as_str() != Some("")).map(|(name, value)| (name.replace(' ', "").into(), value));
            let nested = nested.record().expect("a record").fields.clone().into_pairs();
            let nested = nested.into_iter().filter(|(_, value)| !matches!(value, Value::Json(json) if json.is_object()));
            assert_eq!(Fields::from_pairs(flat.collect()), Fields::from_pairs(nested.collect()));
        }
    }
}
