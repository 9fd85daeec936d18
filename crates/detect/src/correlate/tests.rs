//! The cases the model is specified by: scores and bands, repetitions, what adds nothing, and how matches stay together.

use std::collections::HashMap;

use bailiwick_event::EntityKind;

use super::*;
use crate::{Level, ids};

const HOUR: i64 = 3_600 * 1_000_000;

fn key(kind: EntityKind, value: &str) -> EntityKey {
    EntityKey { kind, value: value.to_owned() }
}

fn host(value: &str) -> EntityKey {
    key(EntityKind::Host, value)
}

/// A signal called `name` about `entity`, of the match `event`.
fn signal(event: &str, name: &str, severity: u32, time_us: i64, entity: &EntityKey) -> NewSignal {
    NewSignal {
        id: ids::signal_id(event, name, entity.kind.as_str(), &entity.value),
        name: name.to_owned(),
        rule_id: name.to_owned(),
        severity,
        level: Level::Medium,
        time_us,
        prototype: false,
        quiet_us: None,
        match_id: ids::match_id(event, name),
        entity: entity.clone(),
    }
}

struct World {
    policy: Policy,
    states: HashMap<EntityKey, EntityState>,
    events: u32,
}

impl World {
    fn new() -> Self {
        Self { policy: Policy::default(), states: HashMap::new(), events: 0 }
    }

    fn event(&mut self) -> String {
        self.events += 1;
        format!("e{}", self.events)
    }

    fn one(&mut self, name: &str, severity: u32, time_us: i64, entity: &EntityKey) -> Decision {
        let event = self.event();
        self.decide(vec![signal(&event, name, severity, time_us, entity)]).remove(0)
    }

    fn all(&mut self, name: &str, severity: u32, time_us: i64, entities: &[&EntityKey]) -> Vec<Decision> {
        let event = self.event();
        self.decide(entities.iter().map(|entity| signal(&event, name, severity, time_us, entity)).collect())
    }

    fn decide(&mut self, signals: Vec<NewSignal>) -> Vec<Decision> {
        decide(&self.policy, &[], &mut self.states, signals)
    }
}

fn opening(decision: &Decision) -> &Opening {
    match decision {
        Decision::Open(opening) => opening,
        other => panic!("expected an opening, got {other:?}"),
    }
}

fn suppressed(decision: &Decision) -> bool {
    matches!(decision, Decision::Suppress { .. })
}

/// Section 8, item 4: A5, A5, B7 give 12 and open nothing; C1 more gives 13, low.
#[test]
fn a_score_opens_strictly_above_the_threshold_and_counts_each_name_once() {
    let (mut world, web) = (World::new(), host("web"));
    for (name, severity, at) in [("A", 5, 0), ("A", 5, 13), ("B", 7, 14)] {
        assert!(matches!(world.one(name, severity, at * HOUR, &web), Decision::Keep { .. }), "{name}");
    }
    assert_eq!(world.states[&web].score(&world.policy, 14 * HOUR), 12);
    let decision = world.one("C", 1, 15 * HOUR, &web);
    assert_eq!(opening(&decision).priority, Priority::Low);
    assert_eq!(opening(&decision).signals.len(), 4, "both signals of the repeated name are taken");
    assert_eq!(opening(&decision).title, "B on web");
    assert_eq!(world.states[&web].score(&world.policy, 15 * HOUR), 0, "attached signals are consumed");
}

#[test]
fn the_sum_of_severities_gives_the_priority() {
    let bands = |threshold: u32| {
        let policy = Policy { threshold, ..Policy::default() };
        (threshold + 1..=threshold + 5).map(|sum| policy.priority(sum, false)).collect::<Vec<_>>()
    };
    let expected = [Priority::Low, Priority::Medium, Priority::Medium, Priority::High, Priority::High];
    assert_eq!(bands(12), expected);
    assert_eq!(bands(20), expected);
    assert_eq!(Policy::default().priority(1, true), Priority::Critical);
    let (mut world, web) = (World::new(), host("web"));
    world.one("A", 5, 0, &web);
    let opened = [("B", 8, Priority::Low), ("B", 9, Priority::Medium), ("B", 11, Priority::High)];
    for (name, severity, priority) in opened {
        let mut world = World { policy: world.policy, states: world.states.clone(), events: 10 };
        assert_eq!(opening(&world.one(name, severity, HOUR, &web)).priority, priority, "5 + {severity}");
    }
}

/// Section 8, item 5.
#[test]
fn repetitions_are_suppressed_for_twelve_hours_after_the_last() {
    let (mut world, web) = (World::new(), host("web"));
    let counted = (0..=48).filter(|half| !suppressed(&world.one("A", 1, half * HOUR / 2, &web))).count();
    assert_eq!(counted, 1, "every half hour for a day");
    assert!(!suppressed(&world.one("A", 1, 24 * HOUR + 12 * HOUR + 1, &web)), "after more than 12 hours of silence");
    let (mut world, web) = (World::new(), host("web"));
    assert!(!suppressed(&world.one("A", 1, 0, &web)) && !suppressed(&world.one("A", 1, 13 * HOUR, &web)));
    let (mut world, web) = (World::new(), host("web"));
    world.one("A", 1, 0, &web);
    assert!(suppressed(&world.one("A", 1, 12 * HOUR, &web)), "exactly 12 hours is within");
    assert!(!suppressed(&world.one("A", 1, HOUR, &host("db"))), "another entity has its own quiet period");
    assert!(!suppressed(&world.one("B", 1, HOUR, &web)), "another name has its own quiet period");
}

#[test]
fn a_quiet_period_ends_72_hours_after_its_first_signal() {
    let (mut world, web) = (World::new(), host("web"));
    let counted: Vec<i64> = (0..=160).filter(|half| !suppressed(&world.one("A", 1, half * HOUR / 2, &web))).collect();
    assert_eq!(counted, [0, 145], "the first, and the first after 72 hours");
}

#[test]
fn a_suppressed_signal_names_the_one_it_repeats() {
    let (mut world, web) = (World::new(), host("web"));
    world.one("A", 1, 0, &web);
    let first = world.states[&web].signals[0].id.clone();
    world.one("A", 1, HOUR, &web);
    let Decision::Suppress { reason, .. } = world.one("A", 1, 2 * HOUR, &web) else { panic!("not suppressed") };
    assert!(reason.contains(&first), "{reason}");
}

/// Section 8, item 6.
#[test]
fn prototype_suppressed_attached_and_old_signals_add_nothing() {
    let (mut world, web) = (World::new(), host("web"));
    let mut trial = signal("t", "T", 50, 0, &web);
    trial.prototype = true;
    assert!(matches!(world.decide(vec![trial.clone()])[0], Decision::Keep { .. }));
    trial.id = "again".to_owned();
    assert!(matches!(world.decide(vec![trial])[0], Decision::Keep { .. }), "prototypes are never suppressed");
    assert_eq!(world.states[&web].score(&world.policy, 0), 0);
    world.one("A", 7, 0, &web);
    world.one("A", 7, HOUR, &web);
    assert_eq!(world.states[&web].score(&world.policy, HOUR), 7);
    let window = world.policy.window_us();
    assert_eq!(world.states[&web].score(&world.policy, window - 1), 7);
    assert_eq!(world.states[&web].score(&world.policy, window), 0, "14 days later it is out");
    let mut state = world.states[&web].clone();
    state.signals.iter_mut().for_each(|signal| signal.investigation = Some("i".to_owned()));
    assert_eq!(state.score(&world.policy, HOUR), 0);
}

#[test]
fn criticality_changes_a_severity_rounded_down_and_never_below_zero() {
    let adjust = |text: &str| text.parse::<Criticality>().expect(text).adjust(5);
    assert_eq!([adjust("severity*1.5"), adjust("severity-9"), adjust("severity+10"), adjust("severity / 2")], [7, 0, 15, 2]);
    for bad in ["", "severity", "severity+", "severity/0", "severity^2", "severity+-1", "severity*inf", "5+severity", "severityé2"] {
        assert!(bad.parse::<Criticality>().is_err(), "{bad}");
    }
}

#[test]
fn a_critical_rule_opens_at_once_unless_suppressed_or_told_otherwise() {
    let (mut world, web) = (World::new(), host("web"));
    let critical = |event: &str, time_us| NewSignal { level: Level::Critical, ..signal(event, "A", 9, time_us, &web) };
    let decision = world.decide(vec![critical("1", 0)]).remove(0);
    assert_eq!((opening(&decision).priority, opening(&decision).signals.len()), (Priority::Critical, 1));
    world.states.get_mut(&web).expect("seen").open = None;
    assert!(suppressed(&world.decide(vec![critical("2", HOUR)])[0]), "a repetition opens nothing");
    let mut world = World::new();
    world.policy.critical_opens = false;
    assert!(matches!(world.decide(vec![critical("1", 0)])[0], Decision::Keep { .. }));
}

#[test]
fn signals_join_the_open_investigation_and_raise_its_priority() {
    let (mut world, web) = (World::new(), host("web"));
    world.one("A", 7, 0, &web);
    let id = opening(&world.one("B", 6, 0, &web)).investigation_id.clone();
    let Decision::Join { investigation, raise, .. } = world.one("C", 1, HOUR, &web) else { panic!("no join") };
    assert_eq!((investigation, raise), (id, Some(Priority::Medium)), "13 is low, 14 medium");
    let Decision::Join { raise, .. } = world.one("D", 1, HOUR, &web) else { panic!("no join") };
    assert_eq!(raise, None, "15 is still medium");
    assert!(suppressed(&world.one("C", 1, 2 * HOUR, &web)), "a repetition does not join");
}

#[test]
fn a_priority_set_by_hand_is_overruled_only_by_what_comes_after_and_never_lowered() {
    let open = |priority, by_hand| {
        let (mut world, web) = (World::new(), host("web"));
        world.one("A", 7, 0, &web);
        world.one("B", 6, 0, &web);
        let investigation = world.states.get_mut(&web).and_then(|state| state.open.as_mut()).expect("open");
        (investigation.priority, investigation.priority_by_hand) = (priority, by_hand);
        world
    };
    let join = |world: &mut World, severity| match world.one("C", severity, HOUR, &host("web")) {
        Decision::Join { raise, .. } => raise,
        other => panic!("{other:?}"),
    };
    assert_eq!(join(&mut open(Priority::Unspecified, true), 0), None, "nothing changed since a person lowered it");
    assert_eq!(join(&mut open(Priority::Unspecified, false), 0), Some(Priority::Low));
    assert_eq!(join(&mut open(Priority::Unspecified, true), 1), Some(Priority::Medium), "the join lifted the band");
    assert_eq!(join(&mut open(Priority::High, true), 1), None, "higher by hand stays");
    assert_eq!(join(&mut open(Priority::Critical, false), 20), None, "never lowered");
}

#[test]
fn the_signals_of_one_match_stay_together() {
    let (web, user, ip) = (host("web"), key(EntityKind::User, "ada"), key(EntityKind::Ip, "192.0.2.1"));
    let mut world = World::new();
    world.all("A", 7, 0, &[&ip, &user, &web]);
    let decisions = world.all("B", 7, HOUR, &[&user, &ip, &web]);
    let opened = opening(&decisions[0]);
    assert_eq!(opened.entity, web, "all scores are equal, so the first in order");
    assert_eq!(opened.signals.len(), 6, "three entities, two matches each: the earlier match comes along whole");
    assert_eq!(opened.matches.len(), 2);
    let joins = decisions[1..].iter().filter(|d| matches!(d, Decision::Join { investigation, .. } if *investigation == opened.investigation_id));
    assert_eq!(joins.count(), 2);
    assert!(world.states[&user].open.is_none() && world.states[&user].signals.is_empty());
    let later = world.all("C", 5, 2 * HOUR, &[&web, &user]);
    assert!(later.iter().all(|decision| matches!(decision, Decision::Join { .. })), "the sibling follows: {later:?}");
    assert!(matches!(world.one("D", 5, 3 * HOUR, &user), Decision::Keep { .. }), "alone on the user, it is not about the host");
}

#[test]
fn a_sibling_with_an_open_investigation_of_its_own_joins_that_one() {
    let (web, user, ip) = (host("web"), key(EntityKind::User, "ada"), key(EntityKind::Ip, "192.0.2.1"));
    let mut world = World::new();
    for entity in [&web, &user] {
        world.one("A", 7, 0, entity);
        world.one("B", 7, 0, entity);
    }
    let about = |world: &World, entity: &EntityKey| world.states[entity].open.as_ref().expect("open").id.clone();
    let (of_web, of_user) = (about(&world, &web), about(&world, &user));
    assert_ne!(of_web, of_user);
    world.states.get_mut(&user).and_then(|state| state.open.as_mut()).expect("open").priority = Priority::Critical;
    let decisions = world.all("C", 5, HOUR, &[&ip, &user, &web]);
    let joined: Vec<&str> = decisions
        .iter()
        .map(|decision| match decision {
            Decision::Join { investigation, .. } => investigation.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(joined, [of_web.as_str(), of_user.as_str(), of_user.as_str()], "the address goes to the more urgent one");
}

/// Section 8, item 4, the whole of it: the second A counts once, 13 is low, 14 medium, 16 high, and the bands move with the threshold.
#[test]
fn check_4_scores_and_bands() {
    let opened = |threshold: u32, severities: &[u32]| {
        let (mut world, web) = (World::new(), host("web"));
        world.policy.threshold = threshold;
        let names = ["A", "B", "C", "D"];
        let decisions: Vec<Decision> = severities.iter().zip(names).map(|(severity, name)| world.one(name, *severity, 0, &web)).collect();
        decisions.iter().find_map(|decision| match decision {
            Decision::Open(opening) => Some(opening.priority),
            _ => None,
        })
    };
    assert_eq!(opened(12, &[5, 7]), None);
    assert_eq!(opened(12, &[5, 7, 1]), Some(Priority::Low));
    assert_eq!(opened(12, &[5, 8, 1]), Some(Priority::Low), "B8 makes 13 and opens before C comes");
    assert_eq!(opened(12, &[5, 1, 8]), Some(Priority::Medium), "14");
    assert_eq!(opened(12, &[5, 10]), Some(Priority::Medium), "15");
    assert_eq!(opened(12, &[5, 11]), Some(Priority::High), "16");
    let bands: Vec<Option<Priority>> = (20..=24).map(|sum| opened(20, &[10, sum - 10])).collect();
    assert_eq!(bands, [None, Some(Priority::Low), Some(Priority::Medium), Some(Priority::Medium), Some(Priority::High)]);
}

/// Section 8, item 5.
#[test]
fn check_5_redundancy() {
    let counted = |halves: &[i64]| {
        let (mut world, web) = (World::new(), host("web"));
        halves.iter().filter(|half| !suppressed(&world.one("A", 1, **half * HOUR / 2, &web))).count()
    };
    assert_eq!(counted(&(0..=48).collect::<Vec<_>>()), 1, "every half hour for a day");
    assert_eq!(counted(&[0, 26]), 2, "hour 0 and hour 13");
    assert_eq!(counted(&(0..=160).collect::<Vec<_>>()), 2, "80 hours: one more once the cap of 72 passes");
}

/// Section 8, item 6.
#[test]
fn check_6_what_adds_nothing_and_criticality() {
    let (mut world, web) = (World::new(), host("web"));
    let mut trial = signal("t", "T", 50, 0, &web);
    trial.prototype = true;
    world.decide(vec![trial]);
    world.one("A", 7, 0, &web);
    world.one("A", 7, HOUR, &web);
    assert_eq!(world.states[&web].score(&world.policy, HOUR), 7, "one of three counts");
    world.one("B", 6, HOUR, &web);
    assert_eq!(world.states[&web].score(&world.policy, HOUR), 0, "attached");
    let adjust = |text: &str| text.parse::<Criticality>().expect(text).adjust(5);
    assert_eq!([adjust("severity*1.5"), adjust("severity-9"), adjust("severity+10")], [7, 0, 15]);
}

/// Section 8, item 7.
#[test]
fn check_7_custom_dynamic_severity() {
    let thresholds = vec![(3, Priority::Low), (7, Priority::Critical), (5, Priority::Medium)];
    let severity = CustomSeverity::Dynamic { thresholds, otherwise: Priority::Unspecified };
    let priorities = [9, 7, 6, 5, 4, 3, 2].map(|highest| severity.priority(highest));
    let (critical, medium, low) = (Priority::Critical, Priority::Medium, Priority::Low);
    assert_eq!(priorities, [critical, critical, medium, medium, low, low, Priority::Unspecified]);
    assert_eq!(CustomSeverity::Constant(Priority::High).priority(1), Priority::High);
}

fn custom(rules: &[&str], order: Order, severity: CustomSeverity) -> CustomInsight {
    let rules = rules.iter().map(|rule| crate::Glob::new(rule).expect("a pattern")).collect();
    CustomInsight { id: "c".to_owned(), name: "Intrusion".to_owned(), rules, order, severity }
}

/// What the signals open, in order, one an hour: the name and priority of the first investigation.
fn played(custom: &CustomInsight, signals: &[(&str, u32)]) -> Option<(String, Priority)> {
    let (policy, web, mut states) = (Policy::default(), host("web"), HashMap::new());
    for (at, (name, severity)) in signals.iter().enumerate() {
        let time_us = i64::try_from(at).expect("few") * HOUR;
        let new = signal(&format!("e{at}"), name, *severity, time_us, &web);
        for decision in decide(&policy, std::slice::from_ref(custom), &mut states, vec![new]) {
            if let Decision::Open(opening) = decision {
                assert_eq!(opening.signals.len(), at + 1, "related signals come along");
                return Some((opening.title, opening.priority));
            }
        }
    }
    None
}

#[test]
fn a_custom_insight_opens_whatever_the_score_in_its_order() {
    let constant = |order| custom(&["Recon*", "exfil-rule"], order, CustomSeverity::Constant(Priority::Critical));
    let opened = Some(("Intrusion on web".to_owned(), Priority::Critical));
    let any = constant(Order::Any);
    assert_eq!(played(&any, &[("Recon of ports", 1), ("exfil-rule", 1)]), opened);
    assert_eq!(played(&any, &[("exfil-rule", 1), ("Other", 1), ("recon again", 1)]), opened);
    assert_eq!(played(&any, &[("Recon", 1), ("Recon", 1)]), None);
    let exact = constant(Order::Exact);
    assert_eq!(played(&exact, &[("Recon", 1), ("exfil-rule", 1)]), opened);
    assert_eq!(played(&exact, &[("exfil-rule", 1), ("Recon", 1)]), None);
    let by_severity = CustomSeverity::Dynamic { thresholds: vec![(7, Priority::High), (5, Priority::Medium)], otherwise: Priority::Low };
    let dynamic = custom(&["A", "B"], Order::Any, by_severity);
    assert_eq!(played(&dynamic, &[("A", 1), ("B", 6)]), Some(("Intrusion on web".to_owned(), Priority::Medium)));
    assert_eq!(played(&dynamic, &[("A", 1), ("B", 2)]), Some(("Intrusion on web".to_owned(), Priority::Low)));
    assert_eq!(played(&dynamic, &[("A", 5), ("B", 20)]).map(|(_, priority)| priority), Some(Priority::High), "the band alone would say so, too");
    assert_eq!(played(&dynamic, &[("X", 7), ("Y", 6)]).map(|(title, _)| title), Some("X on web".to_owned()), "the score goes on by itself");
}

#[test]
fn a_custom_insight_opens_one_investigation_an_entity_and_not_for_what_does_not_count() {
    let insight = custom(&["A", "B"], Order::Any, CustomSeverity::Constant(Priority::High));
    let (policy, web, mut states) = (Policy::default(), host("web"), HashMap::new());
    let mut play = |event: &str, name: &str, time_us: i64, prototype: bool| {
        let new = NewSignal { prototype, ..signal(event, name, 1, time_us, &web) };
        decide(&policy, std::slice::from_ref(&insight), &mut states, vec![new]).remove(0)
    };
    assert!(matches!(play("1", "A", 0, false), Decision::Keep { .. }));
    assert!(matches!(play("2", "B", 0, true), Decision::Keep { .. }), "of a rule on trial");
    assert!(matches!(play("3", "B", 20 * 24 * HOUR, false), Decision::Keep { .. }), "A is out of the window");
    assert!(matches!(play("4", "A", 20 * 24 * HOUR, false), Decision::Open(_)));
    assert!(matches!(play("5", "A", 21 * 24 * HOUR, false), Decision::Join { .. }), "it is open");
}

#[test]
fn a_rule_may_have_a_quiet_period_of_its_own() {
    let (mut world, web) = (World::new(), host("web"));
    let mut at = |hours: i64, quiet_hours: i64| {
        let event = format!("e{hours}");
        let new = NewSignal { quiet_us: Some(quiet_hours * HOUR), ..signal(&event, "A", 1, hours * HOUR, &web) };
        suppressed(&world.decide(vec![new])[0])
    };
    assert!(!at(0, 2) && at(2, 2) && !at(5, 2), "two hours");
    assert!(!at(46, 48) && at(93, 48), "48 hours");
}

#[test]
fn a_rule_that_may_open_none_is_held_and_the_next_match_opens_with_everything() {
    let policy = Policy::default();
    let (mut states, entity) = (HashMap::new(), host("dc01"));
    let critical = |n: u32, time_us: i64| NewSignal { level: Level::Critical, ..signal(&format!("e{n}"), &format!("rule {n}"), 9, time_us, &entity) };
    let held = decide_throttled(&policy, &[], &mut states, vec![critical(1, 0)], false);
    assert!(matches!(&held[..], [Decision::Hold { .. }]), "{held:?}");
    let opened = decide_throttled(&policy, &[], &mut states, vec![critical(2, 1)], true);
    assert!(matches!(&opened[..], [Decision::Open(opening)] if opening.signals.len() == 2), "{opened:?}");
    let joined = decide_throttled(&policy, &[], &mut states, vec![critical(3, 2)], false);
    assert!(matches!(&joined[..], [Decision::Join { .. }]), "joining is no opening: {joined:?}");
}
