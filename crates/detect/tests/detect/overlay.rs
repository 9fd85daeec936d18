//! A workspace's decisions over shared rules: states, severities, own rules, exceptions, entities, and rules set aside.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bailiwick_detect::correlate::Policy;
use bailiwick_detect::{
    CostLimit, Detection, EntitySetting, Exception, ExceptionKind, Glob, Indicators, Meter, Overlay, RuleSet, RuleSetting, RuleState, Windows,
};
use bailiwick_event::{Entity, EntityKind};
use serde_json::json;

use crate::support::{matching, record_of, rules_of};

const SHARED: &str = "title: One\nid: one\nname: one\nlogsource: {product: p}\ndetection:\n  s: {A|contains: x}\n  condition: s\n---\n\
title: Two\nid: two\nlogsource: {product: p}\ndetection:\n  s: {A|contains: x}\n  condition: s\nlevel: high\n";
const OWN: &str = "title: Mine\nid: mine\nlogsource: {product: p}\ndetection:\n  s: {A: x}\n  condition: s\n";
const OVER: &str =
    "title: Over\nid: over\ncorrelation:\n  type: event_count\n  rules: [one, mine]\n  group-by: [U]\n  timespan: 1h\n  condition: {gte: 2}\n";
const P: [Option<&str>; 3] = [Some("p"), None, None];

fn shared() -> Arc<RuleSet> {
    Arc::new(rules_of(SHARED))
}

fn setting(state: RuleState) -> RuleSetting {
    RuleSetting { state, ..RuleSetting::default() }
}

fn detection(overlay: Overlay) -> Detection {
    Detection::new(shared(), overlay, None)
}

fn found(detection: &Detection) -> Vec<String> {
    matching(detection.evaluate(&record_of(json!({"A": "x", "U": "u"}), P)))
}

#[test]
fn a_state_holds_for_one_workspace_and_the_shared_rules_stay_as_they_are() {
    let shared = shared();
    let with = |state| {
        let overlay = Overlay { rules: HashMap::from([("one".to_owned(), setting(state))]), ..Overlay::default() };
        found(&Detection::new(Arc::clone(&shared), overlay, None))
    };
    assert_eq!(with(RuleState::Active), ["one", "two"]);
    assert_eq!(with(RuleState::Prototype), ["one", "two"], "on trial it still matches");
    assert_eq!(with(RuleState::Disabled), ["two"]);
    assert_eq!(with(RuleState::Failed), ["two"]);
    assert_eq!(found(&Detection::plain(shared)), ["one", "two"], "another workspace");
}

#[test]
fn severities_are_overruled_and_criticality_is_looked_up_by_value_then_by_pattern() {
    let entity = |pattern: &str, criticality: Option<&str>, suppressed| EntitySetting {
        kind: EntityKind::Host,
        pattern: Glob::new(pattern).expect("a pattern"),
        criticality: criticality.map(|text| text.parse().expect("arithmetic")),
        suppressed,
    };
    let overlay = Overlay {
        rules: HashMap::from([("two".to_owned(), RuleSetting { severity: Some(2), ..RuleSetting::default() })]),
        entities: vec![entity("dc*", Some("severity+1"), false), entity("dc01", Some("severity*2"), false), entity("dc0*", None, true)],
        ..Overlay::default()
    };
    let detection = detection(overlay);
    let (one, two) = (detection.rule("one").expect("one"), detection.rule("two").expect("two"));
    assert_eq!((detection.severity(one), detection.severity(two)), (5, 2));
    let of = |value: &str| {
        let effect = detection.entity(&Entity { kind: EntityKind::Host, value: value.to_owned(), scores: true });
        (effect.criticality.map(|criticality| criticality.adjust(5)), effect.suppressed)
    };
    assert_eq!(of("dc01"), (Some(10), true));
    assert_eq!(of("dc02"), (Some(6), true));
    assert_eq!(of("dc-x"), (Some(6), false));
    assert_eq!(of("web"), (None, false));
}

#[test]
fn own_rules_stand_beside_and_their_correlations_may_name_shared_ones() {
    let shared = shared();
    let (own, report) = shared.beside(vec![("own/mine.yml".to_owned(), OWN.to_owned()), ("own/over.yml".to_owned(), OVER.to_owned())]);
    assert!(report.refused.is_empty(), "{:?}", report.refused);
    let own = Arc::new(own);
    let detection = Detection::new(Arc::clone(&shared), Overlay { own: Some(Arc::clone(&own)), ..Overlay::default() }, None);
    assert_eq!(found(&detection), ["mine", "one", "two"]);
    assert!(detection.rule("one").expect("shared").alerts, "a shared rule is not silenced by what an own correlation watches");
    let mut windows = Windows::new(&own);
    let record = record_of(json!({"A": "x", "U": "u"}), P);
    let fired = |windows: &mut Windows, id: &str| windows.observe(&own, &record, &detection.evaluate(&record), id).fired.len();
    assert_eq!((fired(&mut windows, "1"), fired(&mut windows, "2"), fired(&mut windows, "3")), (0, 1, 0), "each event counts once");
    let (taken, report) = shared.beside(vec![("own/one.yml".to_owned(), SHARED.split("---").next().expect("one").to_owned())]);
    assert_eq!(taken.rules().len(), 0);
    assert!(report.refused[0].reason.contains("already taken"), "{:?}", report.refused);
    let (_, report) = shared.beside(vec![(
        "own/bad.yml".to_owned(),
        "title: x\nid: x\nlogsource: {product: p}\ndetection:\n  s: {A|nope: 1}\n  condition: s\n".to_owned(),
    )]);
    assert!(report.refused[0].reason.contains("nope"), "{:?}", report.refused);
}

fn exception(kind: ExceptionKind, rules: Option<&[&str]>) -> Exception {
    let rules = rules.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
    Exception { id: "e".to_owned(), name: "e".to_owned(), rules, until_us: 100, kind }
}

fn excepts(kind: ExceptionKind, rules: Option<&[&str]>, rule: &str, fields: serde_json::Value, entity: (EntityKind, &str), at_us: i64) -> bool {
    let detection = detection(Overlay { exceptions: vec![exception(kind, rules)], ..Overlay::default() });
    let rule = Arc::clone(detection.rule(rule).expect("a rule"));
    let entity = Entity { kind: entity.0, value: entity.1.to_owned(), scores: true };
    let mut record = record_of(fields, P);
    record.entities.push(entity.clone());
    !detection.excepting_record(&rule, &record, &[], at_us).is_empty() || !detection.excepting_entity(&rule, &entity, at_us).is_empty()
}

#[test]
fn exceptions_have_a_scope_an_end_and_four_kinds() {
    let filter = |rules: &str| {
        let yaml = format!("title: f\nlogsource: {{product: p}}\nfilter:\n  rules: {rules}\n  backup: {{U: svc-backup}}\n  condition: not backup\n");
        ExceptionKind::filter(&yaml, &shared()).expect("a filter")
    };
    let (host, web) = ((EntityKind::Host, "web"), (EntityKind::Host, "web"));
    let (backup, ada) = (json!({"A": "x", "U": "svc-backup"}), json!({"A": "x", "U": "ada"}));
    assert!(excepts(filter("any"), None, "one", backup.clone(), host, 99));
    assert!(!excepts(filter("any"), None, "one", backup.clone(), host, 100), "it has ended");
    assert!(!excepts(filter("any"), None, "one", ada.clone(), host, 0));
    assert!(excepts(filter("[one]"), None, "one", backup.clone(), host, 0), "by name or id");
    assert!(!excepts(filter("[one]"), None, "two", backup.clone(), host, 0));
    assert!(!excepts(filter("any"), Some(&["two"]), "one", backup.clone(), host, 0), "out of scope");
    let elsewhere = "title: f\nlogsource: {product: q}\nfilter:\n  backup: {U: svc-backup}\n  condition: not backup\n";
    assert!(!excepts(ExceptionKind::filter(elsewhere, &shared()).expect("a filter"), None, "one", backup.clone(), host, 0), "another logsource");
    let entity = || ExceptionKind::Entity(EntityKind::Host, Glob::new("we*").expect("a pattern"));
    assert!(excepts(entity(), None, "one", ada.clone(), web, 0));
    assert!(!excepts(entity(), None, "one", ada.clone(), (EntityKind::User, "web"), 0));
    let network = || ExceptionKind::Network("10.0.0.0/8".parse().expect("a network"));
    assert!(excepts(network(), None, "one", ada.clone(), (EntityKind::Ip, "10.1.2.3"), 0));
    assert!(!excepts(network(), None, "one", ada.clone(), (EntityKind::Ip, "11.1.2.3"), 0));
    let list = |values: &[&str], fields: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        ExceptionKind::Indicators(Indicators::new(&owned(values), &owned(fields)).expect("a list"))
    };
    assert!(excepts(list(&["192.0.2.0/24", "ADA"], &["U"]), None, "one", ada.clone(), host, 0));
    assert!(!excepts(list(&["ada"], &["A"]), None, "one", ada.clone(), host, 0), "another field");
    assert!(excepts(list(&["192.0.2.0/24"], &[]), None, "one", ada.clone(), (EntityKind::Ip, "192.0.2.9"), 0), "any address");
    assert!(!excepts(list(&["web"], &[]), None, "one", ada, host, 0), "hosts are no indicators");
}

#[test]
fn what_is_wrong_with_a_filter_is_said() {
    for (yaml, part) in [
        ("title: f\nlogsource: {product: p}\n", "filter"),
        (SHARED, "exactly one document"),
        ("title: f\nfilter:\n  a: {U: x}\n  condition: not a\n", "logsource"),
        ("title: f\nlogsource: {product: p}\nfilter:\n  a: {U|nope: x}\n  condition: not a\n", "nope"),
        ("title: f\nlogsource: {product: p}\nfilter:\n  a: {U: x}\n  condition: not b\n", "b"),
    ] {
        let reason = ExceptionKind::filter(yaml, &shared()).err().unwrap_or_else(|| panic!("taken: {yaml}"));
        assert!(reason.to_lowercase().contains(part), "{reason}");
    }
    assert!(Indicators::new(&[], &[]).is_err());
}

static NOW: AtomicU64 = AtomicU64::new(0);

/// A clock that a test moves: each reading takes as long as the test says.
fn clock() -> u64 {
    NOW.fetch_add(20_000_000, Ordering::SeqCst)
}

fn still() -> u64 {
    7
}

#[test]
fn a_slow_rule_is_found_struck_and_set_aside_alone() {
    let record = record_of(json!({"A": "x", "U": "u"}), P);
    let before = detection(Overlay::default());
    let meter = Meter::new(clock, CostLimit { rule_ns: 10_000_000, strikes: 3 });
    let costly: Vec<bool> = (0..3).map(|_| meter.evaluate(&before, &record).1).collect();
    assert_eq!(costly, [false, false, true], "three strikes");
    let costly = meter.take_costly();
    assert_eq!((costly.len(), costly[0].strikes, costly[0].sample.as_str()), (1, 3, "a test"));
    let slow = costly[0].rule_id.as_str();
    let after = before.setting_aside([slow]);
    assert_eq!(found(&after).len(), 1, "the other goes on");
    assert!(!found(&after).contains(&slow.to_owned()));
    assert_eq!(found(&before), ["one", "two"]);
    let meter = Meter::new(still, CostLimit::default());
    assert!((0..300).all(|_| !meter.evaluate(&before, &record).1), "nothing takes long");
}

#[test]
fn the_policy_and_the_overlay_of_an_idle_workspace_are_the_defaults() {
    let plain = Detection::plain(shared());
    assert_eq!(*plain.policy(), Policy::default());
    assert!(plain.own().is_none() && plain.customs().is_empty() && plain.runs("one"));
}
