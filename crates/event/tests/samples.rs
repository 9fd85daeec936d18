//! Every sample of every parser gives exactly the outcome that was read and approved (`snapshots/`).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers};

fn parsers_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../parsers")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn outcomes(parsers: &Arc<Parsers>, text: &str) -> Vec<serde_json::Value> {
    let mut normaliser = Normaliser::new(Arc::clone(parsers));
    let receipt_time = "2026-03-02T08:15:31Z".parse().expect("a time");
    text.lines()
        .map(|line| match normaliser.normalise(&Input::new(line.as_bytes(), Format::Auto, receipt_time)) {
            Outcome::Record(record) => serde_json::json!({ "record": *record }),
            Outcome::Failed(failed) => serde_json::json!({ "failed": failed }),
        })
        .collect()
}

#[test]
fn every_sample_gives_the_approved_outcome() {
    let parsers = Parsers::shipped().expect("the shipped parsers compile");
    let mut files = 0;
    for folder in entries(&parsers_folder()).into_iter().filter(|path| path.is_dir()) {
        let parser = folder.file_name().expect("a name").to_string_lossy().into_owned();
        for sample in entries(&folder.join("samples")) {
            let name = format!("{parser}__{}", sample.file_stem().expect("a name").to_string_lossy());
            let outcomes = outcomes(&parsers, &fs::read_to_string(&sample).expect("a text file"));
            let of_parser = outcomes.iter().filter(|outcome| outcome["record"]["parser"] == parser.as_str()).count();
            assert!(of_parser >= 2, "{name}: only {of_parser} records by this parser");
            insta::assert_json_snapshot!(name, outcomes);
            files += 1;
        }
    }
    assert!(files >= 34, "only {files} sample files");
}

#[test]
fn every_parser_of_the_repository_is_shipped() {
    let parsers = Parsers::shipped().expect("the shipped parsers compile");
    let expected = [
        "auditd",
        "azure-activity",
        "cef",
        "cisco-asa",
        "cloudtrail",
        "entra",
        "fortinet",
        "gcp-audit",
        "github-audit",
        "json",
        "key-value",
        "kubernetes-audit",
        "leef",
        "logind",
        "m365",
        "okta",
        "onelogin",
        "paloalto",
        "shadow",
        "sshd",
        "su",
        "sudo",
        "suricata",
        "syslog",
        "web-access",
        "web-error",
        "windows",
        "zeek",
    ];
    assert_eq!(parsers.names().collect::<Vec<_>>(), expected);
}
