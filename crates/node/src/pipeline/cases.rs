//! Signals and investigations: what [`bailiwick_detect::correlate`] decides, written in the caller's transaction.
//!
//! A slice of matches is decided in memory and written at once; most signals are repetitions, and they cost one row each. What is known
//! of entities is kept from slice to slice, until somebody else changed an investigation, which its history tells.

pub(super) mod batch;
mod states;
mod throttle;
mod writes;

use super::detect::{Match, Subject};
use crate::rules;
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use bailiwick_detect::{
    Detection, MAX_QUIET_US, Rule,
    correlate::{Decision, EntityKey, NewSignal, decide_throttled},
};
use sqlx::Row;
use states::States;
use std::collections::{BTreeSet, HashMap, HashSet};
use throttle::{Held, Throttle};
use writes::{Change, SignalRow, Writes};

/// Entities that are kept in memory; with more the memory is emptied.
const MAX_STATES: usize = 10_000;
/// No id of an event sorts above this.
const ABOVE_ALL: &str = "~";

/// What is known from one slice to the next.
pub(super) struct Cases {
    states: States,
    throttle: Throttle,
    /// Something was held back since it was last asked.
    held: bool,
    /// The newest row of the history that the states know of.
    history: i64,
    /// Rules whose text is written down, by id and place in memory.
    rules: HashSet<(String, usize)>,
    /// No signal was made of an event whose id sorts after this one.
    high: String,
}

impl Cases {
    pub(super) async fn load(db: &Db) -> Result<Self, Refusal> {
        let row = sqlx::query("select event from signalled where id = 1").fetch_optional(db.pool()).await?;
        let high = row.map(|row| row.try_get("event")).transpose()?.unwrap_or_default();
        Ok(Self { states: States::new(), throttle: Throttle::default(), held: false, history: 0, rules: HashSet::new(), high })
    }

    /// Something that was to be written may be there or not: whatever comes is looked for first, and nothing is remembered.
    pub(super) fn doubt(&mut self) {
        ABOVE_ALL.clone_into(&mut self.high);
        self.states.clear();
        self.throttle.clear();
        self.rules.clear();
    }

    /// The rules and the policy may be others.
    pub(super) fn forget_states(&mut self) {
        self.states.clear();
        self.rules.clear();
    }

    /// Writes the signals of matches and what they do to investigations.
    pub(super) async fn apply(&mut self, tx: &mut Tx, detection: &Detection, matches: &[Match], now_us: i64) -> Result<(), Refusal> {
        if self.high == ABOVE_ALL {
            let row = sqlx::query("select event from signalled where id = 1").fetch_optional(&mut **tx).await?;
            self.high = row.map(|row| row.try_get("event")).transpose()?.unwrap_or_default();
        }
        if newest_history(tx).await? != self.history || self.states.len() > MAX_STATES {
            self.states.clear();
        }
        self.keep_rules(tx, matches).await?;
        self.load_states(tx, detection, matches, now_us).await?;
        self.throttle.load(tx, matches).await?;
        let mut writes = Writes::default();
        for one in matches {
            let there = if one.event_id > self.high { HashSet::new() } else { already(tx, one).await? };
            self.decide_match(detection, one, &there, &mut writes);
        }
        writes.write(tx).await?;
        self.held |= !writes.held.is_empty();
        if let Some(last) = matches.last().filter(|last| last.event_id > self.high) {
            let text = "insert into signalled (id, event) values (1, $1) on conflict (id) do update set event = excluded.event";
            sqlx::query(text).bind(&last.event_id).execute(&mut **tx).await?;
            self.high.clone_from(&last.event_id);
        }
        self.history = newest_history(tx).await?;
        Ok(())
    }

    /// Whether something was held back since this was last asked.
    pub(super) fn took_held(&mut self) -> bool {
        std::mem::take(&mut self.held)
    }

    /// Whether a signal that would count is too many; what repeats another is suppressed for that.
    fn held_back(&self, detection: &Detection, one: &Match, about: &Subject) -> Option<Held> {
        let key = EntityKey::from(&about.entity);
        let state = self.states.get(&key);
        let repeats = state.and_then(|state| state.quiet.get(&one.rule.title)).is_some_and(|quiet| one.created <= quiet.until_us(detection.policy()));
        if one.prototype || repeats {
            return None;
        }
        let (kind, reason) = self.throttle.full(detection.policy(), one, &key)?;
        let investigation = self.would_join(one, &key);
        Some(Held { kind, reason, investigation, at_us: one.created })
    }

    /// The investigation a signal would join: its entity's own, else the most urgent of its match, as correlation decides it.
    fn would_join(&self, one: &Match, key: &EntityKey) -> Option<String> {
        let open = |key: &EntityKey| self.states.get(key).and_then(|state| state.open.as_ref());
        let of_match = || {
            let all = one.subjects.iter().filter_map(|about| open(&EntityKey::from(&about.entity)));
            all.min_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id)))
        };
        open(key).or_else(of_match).map(|open| open.id.clone())
    }

    fn decide_match<'a>(&mut self, detection: &Detection, one: &'a Match, there: &HashSet<String>, writes: &mut Writes<'a>) {
        let (mut scoring, mut places) = (Vec::new(), HashMap::new());
        for about in one.subjects.iter().filter(|about| !there.contains(&about.signal_id)) {
            let mut suppressed = (!about.reasons.is_empty()).then(|| about.reasons.join("\n"));
            if about.reasons.is_empty() && about.entity.scores {
                match self.held_back(detection, one, about) {
                    Some(held) => {
                        suppressed = Some(held.reason.clone());
                        writes.held.push(held);
                    }
                    None => {
                        scoring.push(new_signal(one, about));
                        places.insert(about.signal_id.as_str(), writes.signals.len());
                    }
                }
            }
            writes.signals.push(SignalRow { of: one, about, suppressed, investigation: None });
        }
        if scoring.is_empty() {
            return;
        }
        let quieted: Vec<(EntityKey, String)> = scoring.iter().filter(|s| !s.prototype).map(|s| (s.entity.clone(), s.name.clone())).collect();
        let entities: HashMap<String, EntityKey> = scoring.iter().map(|signal| (signal.id.clone(), signal.entity.clone())).collect();
        let opens = self.throttle.opens(detection.policy(), one);
        for decision in decide_throttled(detection.policy(), detection.customs(), &mut self.states, scoring, opens) {
            self.throttle.count(one, &decision, &entities);
            match decision {
                Decision::Keep { .. } => {}
                Decision::Hold { .. } => writes.held.push(Held::opening(one.created)),
                Decision::Suppress { signal, reason } => {
                    if let Some(row) = row(writes, &places, &signal) {
                        row.suppressed = Some(reason);
                    }
                }
                Decision::Join { signal, investigation, raise } => {
                    if let Some(row) = row(writes, &places, &signal) {
                        row.investigation = Some(investigation.clone());
                    }
                    writes.changes.push(Change::Joined(one, investigation.clone()));
                    writes.changes.extend(raise.map(|priority| Change::Raised(one, investigation, priority)));
                }
                Decision::Open(opening) => {
                    if let Some(row) = row(writes, &places, &opening.signal) {
                        row.investigation = Some(opening.investigation_id.clone());
                    }
                    writes.changes.push(Change::Opened(one, Box::new(opening)));
                }
            }
        }
        for (key, name) in quieted {
            if let Some(quiet) = self.states.get(&key).and_then(|state| state.quiet.get(&name)) {
                writes.quiet.insert((key, name), quiet.clone());
            }
        }
    }

    async fn load_states(&mut self, tx: &mut Tx, detection: &Detection, matches: &[Match], now_us: i64) -> Result<(), Refusal> {
        let scoring = matches.iter().flat_map(|one| &one.subjects).filter(|about| about.entity.scores);
        let keys: BTreeSet<EntityKey> = scoring.map(|about| EntityKey::from(&about.entity)).filter(|key| !self.states.contains_key(key)).collect();
        let keys: Vec<EntityKey> = keys.into_iter().collect();
        states::load(tx, &mut self.states, detection.policy(), &keys, now_us).await
    }

    /// Rules as they are when they match, so that a signal can always be explained.
    async fn keep_rules(&mut self, tx: &mut Tx, matches: &[Match]) -> Result<(), Refusal> {
        for rule in matches.iter().map(|one| &one.rule) {
            let place = std::sync::Arc::as_ptr(rule).addr();
            if !self.rules.contains(&(rule.id.clone(), place)) {
                keep_rule(tx, rule).await?;
                self.rules.insert((rule.id.clone(), place));
            }
        }
        Ok(())
    }
}

/// The row of a signal of the match being decided.
fn row<'w, 'a>(writes: &'w mut Writes<'a>, places: &HashMap<&str, usize>, signal: &str) -> Option<&'w mut SignalRow<'a>> {
    places.get(signal).and_then(|at| writes.signals.get_mut(*at))
}

/// Quiet periods that ended long ago are of no use.
pub(super) async fn prune(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    sqlx::query("delete from quiet where last < $1").bind(now_us - MAX_QUIET_US).execute(&mut **tx).await?;
    throttle::prune(tx, now_us).await
}

fn new_signal(one: &Match, about: &Subject) -> NewSignal {
    NewSignal {
        id: about.signal_id.clone(),
        name: one.rule.title.clone(),
        rule_id: one.rule.id.clone(),
        severity: about.severity,
        level: one.rule.level,
        time_us: one.created,
        prototype: one.prototype,
        quiet_us: one.quiet_us,
        match_id: one.id.clone(),
        entity: EntityKey::from(&about.entity),
    }
}

async fn newest_history(tx: &mut Tx) -> Result<i64, Refusal> {
    Ok(sqlx::query("select coalesce(max(id), 0) as n from history").fetch_one(&mut **tx).await?.try_get("n")?)
}

/// The signals of a match that are there already, so that nothing is decided twice.
async fn already(tx: &mut Tx, one: &Match) -> Result<HashSet<String>, Refusal> {
    let mut found = HashSet::new();
    for about in &one.subjects {
        let text = "select id from signal where entity_value = $1 and entity_type = $2 and id = $3 limit 1";
        let query = sqlx::query(text).bind(&about.entity.value).bind(about.entity.kind.as_str()).bind(&about.signal_id);
        if query.fetch_optional(&mut **tx).await?.is_some() {
            found.insert(about.signal_id.clone());
        }
    }
    Ok(found)
}

async fn keep_rule(tx: &mut Tx, rule: &Rule) -> Result<(), Refusal> {
    let body = serde_json::to_string(&rules::info(rule)).map_err(Refusal::internal)?;
    let text = "insert into rule (id, body) values ($1, $2) on conflict (id) do update set body = excluded.body";
    sqlx::query(text).bind(&rule.id).bind(body).execute(&mut **tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
