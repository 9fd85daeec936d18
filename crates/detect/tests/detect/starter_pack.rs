//! Every rule of `rules/` against its own samples, and the pack as a whole against ordinary noise and strong stories.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bailiwick_detect::correlate::{Decision, EntityKey, NewSignal, Policy, Priority, decide};
use bailiwick_detect::{Rule, RuleSet, RuleSources, Windows, ids};
use bailiwick_event::{EntityKind, Record};

use crate::support::{Maker, rules_folder, run, starter};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn sample(rule: &Path, kind: &str) -> Vec<String> {
    let stem = rule.with_extension("");
    let read = |extension: &str| std::fs::read_to_string(format!("{}.{kind}.{extension}", stem.display())).ok();
    let text = read("ndjson").or_else(|| read("log")).unwrap_or_else(|| panic!("{} has no {kind} sample", rule.display()));
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert!(!lines.is_empty(), "the {kind} sample of {} is empty", rule.display());
    lines
}

#[test]
fn every_rule_fires_on_its_match_sample_and_not_on_the_other() {
    let (rules, mut maker) = (starter(), Maker::new());
    let mut all = Vec::new();
    files(&rules_folder(), &mut all);
    let mut checked = 0;
    let mut problems = Vec::new();
    for path in all.iter().filter(|path| path.extension().is_some_and(|extension| extension == "yml")) {
        let shown = format!("starter/{}", path.strip_prefix(rules_folder()).expect("inside").display());
        let mut expected: Vec<String> = rules.rules().filter(|rule| rule.path == shown && rule.alerts).map(|rule| rule.id.clone()).collect();
        expected.sort();
        assert!(!expected.is_empty(), "{shown} holds no rule that makes signals");
        let mut fired = |kind: &str| -> Vec<String> {
            let records: Vec<Record> = sample(path, kind).iter().map(|line| maker.record(line)).collect();
            let found = run(&rules, &mut Windows::new(&rules), &records).rules();
            found.into_iter().filter(|id| expected.contains(id)).collect()
        };
        if fired("match") != expected {
            problems.push(format!("{shown}: not all of its rules fire on the match sample"));
        }
        if !fired("nomatch").is_empty() {
            problems.push(format!("{shown}: fires on the sample it must not match"));
        }
        checked += 1;
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(checked >= 24, "only {checked} rules");
}

#[test]
fn each_line_of_a_match_sample_without_correlation_fires_by_itself() {
    let (rules, mut maker) = (starter(), Maker::new());
    for rule in rules.rules().filter(|rule| rule.alerts && !rule.correlation) {
        let path = rules_folder().join(rule.path.trim_start_matches("starter/"));
        for line in sample(&path, "match") {
            let record = maker.record(&line);
            assert!(rules.evaluate(&record).iter().any(|hit| hit.rule.id == rule.id), "{} on {line}", rule.path);
            assert!(record.entities.iter().any(|entity| entity.scores), "{}: nothing to score in {line}", rule.path);
        }
    }
}

#[test]
fn the_pack_is_the_same_from_the_binary_and_from_the_folder() {
    let embedded = starter();
    let sources = RuleSources { paths: vec![rules_folder()], ..RuleSources::default() };
    let (folder, report) = RuleSet::load(&sources).expect("the folder loads");
    assert!(report.refused.is_empty(), "{report:#?}");
    let ids = |set: &RuleSet| set.rules().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&embedded), ids(&folder), "when this fails after adding a rule, rebuild the crate");
}

#[test]
fn every_rule_of_the_pack_says_what_an_analyst_needs() {
    for rule in starter().rules() {
        let ours = rule.author.as_deref() == Some("Bailiwick") && rule.source.contains("license: Apache-2.0");
        assert!(ours && rule.id.len() == 36 && !rule.description.is_empty(), "{}", rule.path);
        let technique = rule.tags.iter().any(|tag| tag.starts_with("attack.t") && tag[8..].starts_with(|c: char| c.is_ascii_digit()));
        assert!(!rule.alerts || (technique && !rule.falsepositives.is_empty()), "{}", rule.path);
    }
}

/// A day's ordinary events: nothing in them may make a signal.
#[test]
fn ordinary_noise_fires_nothing() {
    let (rules, mut maker) = (starter(), Maker::new());
    let records: Vec<Record> = include_str!("noise.log").lines().map(|line| maker.record(line)).collect();
    assert!(records.len() >= 30);
    let found = run(&rules, &mut Windows::new(&rules), &records);
    let said: Vec<String> = found.hits.iter().map(|(at, hit)| format!("{at}: {}", hit.rule.title)).collect();
    assert!(found.rules().is_empty(), "{said:?} {:?}", found.fired.iter().map(|(at, fired)| (at, &fired.rule.title)).collect::<Vec<_>>());
}

fn signals(event: &str, rule: &Rule, entities: &[bailiwick_event::Entity], time_us: i64) -> Vec<NewSignal> {
    let new = |entity: &bailiwick_event::Entity| NewSignal {
        id: ids::signal_id(event, &rule.id, entity.kind.as_str(), &entity.value),
        name: rule.title.clone(),
        rule_id: rule.id.clone(),
        severity: rule.severity,
        level: rule.level,
        time_us,
        prototype: false,
        quiet_us: None,
        match_id: ids::match_id(event, &rule.id),
        entity: EntityKey::from(entity),
    };
    entities.iter().filter(|entity| entity.scores).map(new).collect()
}

/// Plays the match samples of these rules one after the other and gives the openings.
fn play(story: &[&str]) -> Vec<bailiwick_detect::correlate::Opening> {
    let (rules, mut maker, mut windows, mut states) = (starter(), Maker::new(), Windows::new(&starter()), HashMap::new());
    let mut openings = Vec::new();
    let lines = story.iter().flat_map(|name| sample(&rules_folder().join(format!("{name}.yml")), "match"));
    for (at, line) in lines.enumerate() {
        let (record, event) = (maker.record(&line), format!("event-{at}"));
        let hits = rules.evaluate(&record);
        let fired = windows.observe(&rules, &record, &hits, &event).fired;
        let now = i64::try_from(at).expect("few events") * 1_000_000;
        let alerting = hits.iter().filter(|hit| hit.rule.alerts).map(|hit| signals(&event, &hit.rule, &record.entities, now));
        for matched in alerting.chain(fired.iter().map(|fired| signals(&event, &fired.rule, &fired.entities, now))) {
            for decision in decide(&Policy::default(), &[], &mut states, matched) {
                if let Decision::Open(opening) = decision {
                    openings.push(opening);
                }
            }
        }
    }
    openings
}

#[test]
fn a_guessed_password_and_what_follows_open_one_investigation() {
    let openings = play(&["windows/security/password_spray_then_logon", "windows/security/account_created"]);
    assert_eq!(openings.len(), 1, "{openings:#?}");
    assert!(openings[0].priority >= Priority::Medium);
    assert!(openings[0].title.contains("Password Spray") || openings[0].title.contains("After a Password"), "{}", openings[0].title);
}

#[test]
fn a_ransomware_story_opens_an_investigation_about_its_host() {
    let story =
        ["windows/system/service_installed_suspicious", "windows/process_access/lsass_memory_read", "windows/process_creation/shadow_copies_deleted"];
    let openings = play(&story);
    assert_eq!(openings.len(), 1, "{openings:#?}");
    assert_eq!(openings[0].entity.kind, EntityKind::Host);
    assert!(openings[0].title.ends_with(" on fs-01") || openings[0].title.ends_with(" on fs-01.corp.example"), "{}", openings[0].title);
}

#[test]
fn one_rule_alone_never_opens_an_investigation() {
    for rule in starter().rules().filter(|rule| rule.alerts) {
        assert!(rule.severity <= Policy::default().threshold && rule.level < bailiwick_detect::Level::Critical, "{}", rule.title);
    }
}
