//! The decision over the signals of one match, taken together.

use std::collections::{BTreeMap, HashMap};

use super::{CustomInsight, EntityKey, EntityState, NewSignal, OpenInvestigation, PastSignal, Policy, Priority, Quiet};
use crate::Level;
use crate::ids;

/// What becomes of a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It counts towards its entity's score, or its rule is on trial.
    Keep {
        /// The signal.
        signal: String,
    },
    /// It would have opened an investigation, and its rule opens none for now. It is kept, and counts.
    Hold {
        /// The signal.
        signal: String,
    },
    /// It repeats an earlier one: stored and shown, never scored.
    Suppress {
        /// The signal.
        signal: String,
        /// Which signal it repeats, for people.
        reason: String,
    },
    /// It becomes part of an investigation that is open.
    Join {
        /// The signal.
        signal: String,
        /// The investigation.
        investigation: String,
        /// The higher priority the investigation takes with it. Of several signals that join at once, the first says it.
        raise: Option<Priority>,
    },
    /// It opens an investigation. The other signals of its match that count join what it opened, each by a decision of its own.
    Open(Opening),
}

/// A new investigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The signal that opens it.
    pub signal: String,
    /// The id, derived from that signal's.
    pub investigation_id: String,
    /// What it is about.
    pub entity: EntityKey,
    /// For people: the most severe signal's name on the entity's value.
    pub title: String,
    /// By the sum of its signals' severities.
    pub priority: Priority,
    /// Every signal it starts with, sorted, the opening one among them.
    pub signals: Vec<String>,
    /// The matches those signals belong to, sorted. Other signals of these matches, on entities the caller gave no state for,
    /// belong to it too where they count and are in no investigation.
    pub matches: Vec<String>,
}

/// Decides what becomes of the signals of one match, and brings `states` up to date. All must share one `match_id`; one that
/// does not is decided as if it did. `states` should hold every entity of the match; an absent one is taken as never seen.
/// Each signal gets exactly one decision: an opening first, then in the order of the signals' entities, whatever order they
/// come in.
///
/// An investigation opens for the score, for a critical rule, or because the signals meet one of the `customs`, which then names it.
pub fn decide(
    policy: &Policy,
    customs: &[CustomInsight],
    states: &mut HashMap<EntityKey, EntityState>,
    match_signals: Vec<NewSignal>,
) -> Vec<Decision> {
    decide_throttled(policy, customs, states, match_signals, true)
}

/// The same for a match whose rule may open no investigation for now, unless `opens`.
pub fn decide_throttled(
    policy: &Policy,
    customs: &[CustomInsight],
    states: &mut HashMap<EntityKey, EntityState>,
    match_signals: Vec<NewSignal>,
    opens: bool,
) -> Vec<Decision> {
    let mut signals = match_signals;
    signals.sort_by(|a, b| (&a.entity, &a.id).cmp(&(&b.entity, &b.id)));
    signals.dedup_by(|a, b| a.id == b.id);
    let Some(now_us) = signals.iter().map(|signal| signal.time_us).max() else { return Vec::new() };
    let mut decisions: BTreeMap<usize, Decision> = BTreeMap::new();
    let mut counting = Vec::new();
    for (at, signal) in signals.iter().enumerate() {
        let state = states.entry(signal.entity.clone()).or_default();
        state.forget(policy, now_us);
        if signal.prototype {
            decisions.insert(at, Decision::Keep { signal: signal.id.clone() });
        } else if let Some(reason) = suppress(policy, state, signal) {
            decisions.insert(at, Decision::Suppress { signal: signal.id.clone(), reason });
        } else {
            counting.push(at);
        }
    }
    let counting: Vec<(usize, &NewSignal)> = counting.into_iter().map(|at| (at, &signals[at])).collect();
    if let Some(host) = open_of_match(states, &counting) {
        join(policy, states, &counting, &host, &mut decisions);
    } else {
        for (_, signal) in &counting {
            states.entry(signal.entity.clone()).or_default().signals.push(PastSignal::of(signal));
        }
        match choose_opening(policy, customs, states, &counting, now_us) {
            Some(chosen) if opens => open(policy, states, &counting, &chosen, now_us, &mut decisions),
            Some(chosen) => decisions.extend(counting.iter().map(|(at, signal)| (*at, kept(signal, chosen.opener)))),
            None => decisions.extend(counting.iter().map(|(at, signal)| (*at, Decision::Keep { signal: signal.id.clone() }))),
        }
    }
    let mut decisions: Vec<Decision> = decisions.into_values().collect();
    decisions.sort_by_key(|decision| !matches!(decision, Decision::Open(_)));
    decisions
}

fn kept(signal: &NewSignal, opener: &NewSignal) -> Decision {
    let id = signal.id.clone();
    if id == opener.id { Decision::Hold { signal: id } } else { Decision::Keep { signal: id } }
}

/// Extends the quiet period a signal falls into and says which, or starts a new one.
fn suppress(policy: &Policy, state: &mut EntityState, signal: &NewSignal) -> Option<String> {
    if let Some(quiet) = state.quiet.get_mut(&signal.name)
        && signal.time_us <= quiet.until_us(policy)
    {
        quiet.last_us = quiet.last_us.max(signal.time_us);
        quiet.idle_us = signal.quiet_us;
        return Some(format!("repeats signal {}", quiet.first_signal));
    }
    let quiet = Quiet { first_us: signal.time_us, last_us: signal.time_us, first_signal: signal.id.clone(), idle_us: signal.quiet_us };
    state.quiet.insert(signal.name.clone(), quiet);
    None
}

/// The entity whose open investigation takes in the siblings that have none of their own: the most urgent, then by id.
fn open_of_match(states: &HashMap<EntityKey, EntityState>, counting: &[(usize, &NewSignal)]) -> Option<EntityKey> {
    let open = counting.iter().filter_map(|(_, signal)| Some((&signal.entity, states.get(&signal.entity)?.open.as_ref()?)));
    let best = open.min_by(|(_, a), (_, b)| b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id)));
    best.map(|(entity, _)| entity.clone())
}

fn join(
    policy: &Policy,
    states: &mut HashMap<EntityKey, EntityState>,
    counting: &[(usize, &NewSignal)],
    host: &EntityKey,
    decisions: &mut BTreeMap<usize, Decision>,
) {
    let mut joining: BTreeMap<EntityKey, Vec<(usize, &NewSignal)>> = BTreeMap::new();
    for (at, signal) in counting {
        let own = states.get(&signal.entity).is_some_and(|state| state.open.is_some());
        joining.entry(if own { signal.entity.clone() } else { host.clone() }).or_default().push((*at, *signal));
    }
    for (entity, signals) in joining {
        let Some(investigation) = states.get_mut(&entity).and_then(|state| state.open.as_mut()) else { continue };
        let before = investigation.band(policy);
        for (_, signal) in &signals {
            investigation.add(&signal.name, signal.severity, signal.level);
        }
        let mut raise = raised(policy, investigation, before);
        if let Some(priority) = raise {
            investigation.priority = priority;
        }
        let investigation = investigation.id.clone();
        for (at, signal) in signals {
            let join = Decision::Join { signal: signal.id.clone(), investigation: investigation.clone(), raise: raise.take() };
            decisions.insert(at, join);
        }
    }
}

/// The priority a join earns: higher than now, and, where a person chose the present one, higher than what they saw.
fn raised(policy: &Policy, investigation: &OpenInvestigation, before: Priority) -> Option<Priority> {
    let after = investigation.band(policy);
    let earned = !investigation.priority_by_hand || after > before;
    (earned && after > investigation.priority).then_some(after)
}

/// The signal that opens an investigation, and the definition that made it do so.
struct Chosen<'a> {
    opener: &'a NewSignal,
    custom: Option<&'a CustomInsight>,
}

/// The signal that opens an investigation, if one does: one that meets a custom insight, then the one on the entity with the highest
/// score, then the first in order.
fn choose_opening<'a>(
    policy: &Policy,
    customs: &'a [CustomInsight],
    states: &HashMap<EntityKey, EntityState>,
    counting: &[(usize, &'a NewSignal)],
    now_us: i64,
) -> Option<Chosen<'a>> {
    let mut best: Option<((bool, u32), Chosen<'a>)> = None;
    for (_, signal) in counting {
        let Some(state) = states.get(&signal.entity) else { continue };
        let score = state.score(policy, now_us);
        let custom = customs.iter().find(|custom| custom.met(state, policy, now_us));
        let opens = custom.is_some() || score > policy.threshold || (policy.critical_opens && signal.level == Level::Critical);
        let rank = (custom.is_some(), score);
        if opens && best.as_ref().is_none_or(|(highest, _)| rank > *highest) {
            best = Some((rank, Chosen { opener: signal, custom }));
        }
    }
    best.map(|(_, chosen)| chosen)
}

fn open(
    policy: &Policy,
    states: &mut HashMap<EntityKey, EntityState>,
    counting: &[(usize, &NewSignal)],
    chosen: &Chosen<'_>,
    now_us: i64,
    decisions: &mut BTreeMap<usize, Decision>,
) {
    let opener = chosen.opener;
    let id = ids::investigation_id(&opener.id);
    let own: Vec<PastSignal> = states
        .get(&opener.entity)
        .map_or_else(Vec::new, |state| state.signals.iter().filter(|signal| signal.counts(policy, now_us)).cloned().collect());
    let mut matches: Vec<String> = own.iter().map(|signal| signal.match_id.clone()).collect();
    matches.sort_unstable();
    matches.dedup();
    let mut attached = own;
    for (entity, state) in states.iter_mut() {
        let (mine, taking) = (*entity == opener.entity, state.open.is_none());
        let belongs = |signal: &PastSignal| mine || (taking && matches.binary_search(&signal.match_id).is_ok());
        let (taken, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut state.signals).into_iter().partition(|signal| signal.counts(policy, now_us) && belongs(signal));
        state.signals = left;
        if !mine {
            attached.extend(taken);
        }
    }
    let mut investigation = OpenInvestigation { id: id.clone(), priority: Priority::Unspecified, priority_by_hand: false, names: BTreeMap::new() };
    for signal in &attached {
        investigation.add(&signal.name, signal.severity, signal.level);
    }
    investigation.priority = priority(policy, &investigation, &attached, chosen);
    let opening = Opening {
        signal: opener.id.clone(),
        investigation_id: id,
        entity: opener.entity.clone(),
        title: title(&attached, chosen),
        priority: investigation.priority,
        signals: sorted(attached.into_iter().map(|signal| signal.id)),
        matches,
    };
    states.entry(opener.entity.clone()).or_default().open = Some(investigation);
    for (at, signal) in counting {
        let decision = if signal.id == opener.id {
            Decision::Open(opening.clone())
        } else {
            Decision::Join { signal: signal.id.clone(), investigation: opening.investigation_id.clone(), raise: None }
        };
        decisions.insert(*at, decision);
    }
}

/// The priority of an investigation as it opens: of its band, or as the custom insight says. Where the score alone would have opened
/// it too, the higher of both.
fn priority(policy: &Policy, investigation: &OpenInvestigation, attached: &[PastSignal], chosen: &Chosen<'_>) -> Priority {
    let band = investigation.band(policy);
    let Some(custom) = chosen.custom else { return band };
    let said = custom.severity.priority(attached.iter().map(|signal| signal.severity).max().unwrap_or_default());
    let sum = investigation.names.values().map(|name| name.severity).fold(0, u32::saturating_add);
    if sum > policy.threshold { said.max(band) } else { said }
}

fn title(attached: &[PastSignal], chosen: &Chosen<'_>) -> String {
    let opener = chosen.opener;
    if let Some(custom) = chosen.custom {
        return format!("{} on {}", custom.name, opener.entity.value);
    }
    // The most severe; of equals the one that opened, then the first by name, so that order cannot matter.
    let rank = |signal: &PastSignal| (signal.level, signal.severity, signal.name == opener.name);
    let most = attached.iter().max_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| b.name.cmp(&a.name)));
    format!("{} on {}", most.map_or(opener.name.as_str(), |signal| signal.name.as_str()), opener.entity.value)
}

fn sorted(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.collect();
    ids.sort_unstable();
    ids
}
