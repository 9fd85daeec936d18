//! What must hold for any stream of matches.

use std::collections::{BTreeMap, HashMap, HashSet};

use bailiwick_event::EntityKind;
use proptest::prelude::*;

use super::*;
use crate::{Level, ids};

const HOUR: i64 = 3_600 * 1_000_000;
const KINDS: [EntityKind; 3] = [EntityKind::Host, EntityKind::User, EntityKind::Ip];

/// One match: a name, a severity, hours since the one before, the entities it is about.
#[derive(Debug, Clone)]
struct Match {
    name: u8,
    severity: u32,
    critical: bool,
    after_hours: i64,
    entities: Vec<u8>,
}

fn matches() -> impl Strategy<Value = Vec<Match>> {
    let one = (0..6_u8, 0..10_u32, prop::bool::weighted(0.05), 0..40_i64, prop::collection::hash_set(0..5_u8, 1..4));
    let one = one.prop_map(|(name, severity, critical, after_hours, entities)| {
        let mut entities: Vec<u8> = entities.into_iter().collect();
        entities.sort_unstable();
        Match { name, severity, critical, after_hours, entities }
    });
    prop::collection::vec(one, 1..40)
}

fn entity(n: u8) -> EntityKey {
    EntityKey { kind: KINDS[usize::from(n) % KINDS.len()], value: format!("v{n}") }
}

fn signals(at: usize, time_us: i64, one: &Match) -> Vec<NewSignal> {
    let (event, name) = (format!("e{at}"), format!("rule {}", one.name));
    let new = |n: &u8| {
        let entity = entity(*n);
        NewSignal {
            id: ids::signal_id(&event, &name, entity.kind.as_str(), &entity.value),
            name: name.clone(),
            rule_id: name.clone(),
            severity: one.severity,
            level: if one.critical { Level::Critical } else { Level::Medium },
            time_us,
            prototype: false,
            quiet_us: None,
            match_id: ids::match_id(&event, &name),
            entity,
        }
    };
    one.entities.iter().map(new).collect()
}

/// Runs the stream; `reorder` changes the order of each match's signals. Gives every decision and the state after each match.
fn run(stream: &[Match], reorder: impl Fn(&mut Vec<NewSignal>)) -> (Vec<Vec<Decision>>, HashMap<EntityKey, EntityState>) {
    let (mut states, mut decisions, mut now) = (HashMap::new(), Vec::new(), 0);
    for (at, one) in stream.iter().enumerate() {
        now += one.after_hours * HOUR;
        let mut signals = signals(at, now, one);
        reorder(&mut signals);
        decisions.push(decide(&Policy::default(), &[], &mut states, signals));
    }
    (decisions, states)
}

proptest! {
    #[test]
    fn the_order_of_entities_never_matters(stream in matches()) {
        let (forward, states) = run(&stream, |_| {});
        let (backward, reversed) = run(&stream, |signals| signals.reverse());
        prop_assert_eq!(forward, backward);
        prop_assert_eq!(states, reversed);
    }

    #[test]
    fn one_match_opens_at_most_one_investigation_and_every_signal_gets_one_decision(stream in matches()) {
        let (decisions, _) = run(&stream, |_| {});
        let mut opened = HashSet::new();
        for (one, decisions) in stream.iter().zip(&decisions) {
            let openings: Vec<&Opening> =
                decisions.iter().filter_map(|decision| if let Decision::Open(opening) = decision { Some(opening) } else { None }).collect();
            prop_assert!(openings.len() <= 1);
            prop_assert_eq!(decisions.len(), one.entities.len());
            for opening in openings {
                prop_assert!(opened.insert(opening.investigation_id.clone()), "an id came twice");
                prop_assert!(opening.signals.contains(&opening.signal));
            }
        }
    }

    #[test]
    fn no_signal_is_ever_in_two_investigations(stream in matches()) {
        let (decisions, _) = run(&stream, |_| {});
        let mut place: HashMap<String, String> = HashMap::new();
        for decision in decisions.into_iter().flatten() {
            let pairs: Vec<(String, String)> = match decision {
                Decision::Open(opening) => opening.signals.iter().map(|signal| (signal.clone(), opening.investigation_id.clone())).collect(),
                Decision::Join { signal, investigation, .. } => vec![(signal, investigation)],
                Decision::Keep { .. } | Decision::Hold { .. } | Decision::Suppress { .. } => Vec::new(),
            };
            for (signal, investigation) in pairs {
                let before = place.insert(signal, investigation.clone());
                prop_assert!(before.is_none_or(|before| before == investigation));
            }
        }
    }

    /// The score, written as naively as the formula reads.
    #[test]
    fn the_score_is_the_formula(
        signals in prop::collection::vec((0..4_u8, 0..12_u32, 0..20_i64, any::<bool>(), any::<bool>(), any::<bool>()), 0..30),
    ) {
        let (policy, now) = (Policy::default(), 20 * 24 * HOUR);
        let past = |(at, (name, severity, day, suppressed, prototype, attached)): (usize, &(u8, u32, i64, bool, bool, bool))| PastSignal {
            id: at.to_string(),
            name: name.to_string(),
            rule_id: String::new(),
            severity: *severity,
            level: Level::Low,
            time_us: day * 24 * HOUR,
            suppressed: *suppressed,
            prototype: *prototype,
            investigation: attached.then(|| "i".to_owned()),
            match_id: at.to_string(),
        };
        let state = EntityState { signals: signals.iter().enumerate().map(past).collect(), ..EntityState::default() };
        let mut naive: BTreeMap<u8, u32> = BTreeMap::new();
        for (name, severity, day, suppressed, prototype, attached) in signals {
            if !suppressed && !prototype && !attached && day > 20 - 14 {
                naive.entry(name).and_modify(|most| *most = severity.max(*most)).or_insert(severity);
            }
        }
        prop_assert_eq!(state.score(&policy, now), naive.values().sum::<u32>());
    }

    /// An entity is left without an investigation only while its score allows it.
    #[test]
    fn no_entity_of_a_match_stays_above_the_threshold_without_an_investigation(stream in matches()) {
        let policy = Policy::default();
        let (mut states, mut now) = (HashMap::new(), 0);
        for (at, one) in stream.iter().enumerate() {
            now += one.after_hours * HOUR;
            decide(&policy, &[], &mut states, signals(at, now, one));
            for (key, state) in &states {
                prop_assert!(state.open.is_some() || state.score(&policy, now) <= policy.threshold, "{:?}", key);
            }
        }
    }
}
