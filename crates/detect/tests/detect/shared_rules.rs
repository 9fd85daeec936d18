//! The public SigmaHQ rules against events they are known to match. Skipped where the shared data is absent.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use bailiwick_detect::{RuleSet, RuleSources};
use bailiwick_event::Outcome;

use crate::support::{Maker, shared, shared_path};

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}

/// Line numbers (from 1, inclusive) by source file.
fn sources(bytes: &[u8]) -> HashMap<String, (usize, usize)> {
    let row = |line: String| {
        let mut columns = line.splitn(3, '\t');
        let mut number = || columns.next().and_then(|text| text.parse().ok()).expect("a line number");
        let range = (number(), number());
        (columns.next().expect("a source").to_owned(), range)
    };
    lines(bytes).into_iter().map(row).collect()
}

#[test]
fn public_rules_load_whole_and_find_what_they_are_known_to_find() {
    let Some(archive) = shared_path("sigma-rules-8eaafff.tar.zst") else { return };
    let started = Instant::now();
    let (rules, report) = RuleSet::load(&RuleSources { paths: vec![archive], ..RuleSources::default() }).expect("the archive loads");
    eprintln!("{} rules of {} files in {:.2} s", report.loaded, report.files, started.elapsed().as_secs_f64());
    assert!(report.loaded >= 3_700, "{}", report.loaded);
    assert!(report.refused.is_empty(), "{:#?}", report.refused);
    for shape in ["evtx-flat", "evtx-nested"] {
        let (events, places) = (format!("{shape}/sigma-regression.ndjson.zst"), format!("{shape}/sigma-regression.src.tsv.zst"));
        let (Some(events), Some(places)) = (shared(&events), shared(&places)) else { return };
        let Some(expected) = shared("evtx-flat/sigma-regression.expect.json.zst") else { return };
        regression(&rules, shape, &lines(&events), &sources(&places), &expected);
    }
}

fn regression(rules: &RuleSet, shape: &str, events: &[String], places: &HashMap<String, (usize, usize)>, expected: &[u8]) {
    let expected: serde_json::Value = serde_json::from_slice(expected).expect("JSON");
    let (mut maker, mut checked, mut missed, mut failed) = (Maker::new(), 0, Vec::new(), Vec::new());
    for case in expected.as_array().expect("a list") {
        let source = case["source"].as_str().expect("a source");
        let (first, last) = places[source];
        let mut fired = HashSet::new();
        for line in &events[first - 1..last] {
            match maker.outcome(line) {
                Outcome::Record(record) => fired.extend(rules.evaluate(&record).into_iter().map(|hit| hit.rule.id.clone())),
                Outcome::Failed(why) => failed.push(format!("{source}: {why:?}")),
            }
        }
        for id in case["rule_ids"].as_array().expect("a list").iter().filter_map(|id| id.as_str()) {
            checked += 1;
            if !fired.contains(id) {
                missed.push(format!("{id} {source}"));
            }
        }
    }
    eprintln!("{shape}: {checked} expectations");
    let first = |list: &[String]| list.iter().take(5).cloned().collect::<Vec<_>>();
    assert!(missed.is_empty(), "{shape}: {} missed, {:#?}", missed.len(), first(&missed));
    assert!(failed.is_empty(), "{shape}: {} failed, {:#?}", failed.len(), first(&failed));
    assert!(checked >= 103, "{checked}");
}
