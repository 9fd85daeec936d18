//! Processing pipelines: mapped fields, conditions by logsource, and a rewritten logsource that decides the routing.

use bailiwick_detect::{LoadError, RuleSet, RuleSources};
use serde_json::json;

use crate::support::{matching, record_of};

const RULES: &str = "title: Whoami\nid: whoami\nname: whoami\nlogsource: {product: linux, category: process_creation}\ndetection:\n  s: {CommandLine|contains: whoami}\n  condition: s\n---\n\
title: Many\nid: many\ncorrelation:\n  type: event_count\n  rules: [whoami]\n  group-by: [User]\n  timespan: 1m\n  condition: {gte: 2}\n  generate: true\n---\n\
title: Filtered\nlogsource: {product: linux, category: process_creation}\nfilter:\n  rules: [whoami]\n  backup: {CommandLine|contains: backup}\n  condition: not backup\n";
const PIPELINE: &str = "name: names\npriority: 20\ntransformations:\n  - type: field_name_mapping\n    mapping: {CommandLine: process.args, User: user.name}\n  - type: change_logsource\n    product: sysmon_linux\n    service: sysmon\n    rule_conditions: [{type: logsource, category: process_creation}]\n";

fn load(pipelines: &[(&str, &str)]) -> Result<RuleSet, LoadError> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("rules.yml"), RULES).expect("written");
    let mut sources = RuleSources { paths: vec![folder.path().join("rules.yml")], ..RuleSources::default() };
    for (name, text) in pipelines {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        sources.pipelines.push(path);
    }
    let (rules, report) = RuleSet::load(&sources)?;
    assert!(report.refused.is_empty(), "{:#?}", report.refused);
    assert_eq!((report.pipelines, report.filters), (pipelines.len(), 1));
    Ok(rules)
}

#[test]
fn fields_and_logsources_are_rewritten_in_rules_filters_and_correlations() {
    let rules = load(&[("names.yml", PIPELINE)]).expect("it loads");
    let there = [Some("sysmon_linux"), None, Some("sysmon")];
    let found = |fields, logsource| matching(rules.evaluate(&record_of(fields, logsource)));
    assert_eq!(found(json!({"process.args": "whoami -a"}), there), ["whoami"]);
    assert!(found(json!({"CommandLine": "whoami -a"}), there).is_empty(), "the old name");
    assert!(found(json!({"process.args": "whoami"}), [Some("linux"), Some("process_creation"), None]).is_empty(), "the old logsource");
    assert!(found(json!({"process.args": "whoami backup"}), there).is_empty(), "the filter reads the mapped field, too");
    assert_eq!(rules.rule("whoami").expect("it runs").logsource.product.as_deref(), Some("linux"), "people see what the author wrote");
    let mut windows = bailiwick_detect::Windows::new(&rules);
    let fired: usize = (0..2)
        .map(|at| {
            let record = record_of(json!({"process.args": "whoami", "user.name": "ada"}), there);
            windows.observe(&rules, &record, &rules.evaluate(&record), &at.to_string()).fired.len()
        })
        .sum();
    assert_eq!(fired, 1, "the correlation groups by the mapped field");
}

#[test]
fn without_a_pipeline_names_stay_and_a_bad_one_stops_the_load() {
    let rules = load(&[]).expect("it loads");
    let linux = [Some("linux"), Some("process_creation"), None];
    assert_eq!(matching(rules.evaluate(&record_of(json!({"CommandLine": "whoami"}), linux))), ["whoami"]);
    let wrong = |text: &str| load(&[("p.yml", text)]).err().expect("refused").to_string();
    assert!(wrong("name: x\ntransformations:\n  - type: no_such_thing\n").contains("p.yml"));
}

#[test]
fn pipelines_run_by_priority() {
    let first = "name: first\npriority: 1\ntransformations:\n  - type: field_name_mapping\n    mapping: {CommandLine: middle}\n";
    let last = "name: last\npriority: 9\ntransformations:\n  - type: field_name_mapping\n    mapping: {middle: args}\n";
    let rules = load(&[("b.yml", last), ("a.yml", first)]).expect("it loads");
    let linux = [Some("linux"), Some("process_creation"), None];
    assert_eq!(matching(rules.evaluate(&record_of(json!({"args": "whoami"}), linux))), ["whoami"]);
}
