//! Throttles: what one rule, one entity or the whole workspace may do to investigations within minutes. Signals beyond stay signals and say
//! so; they are counted on the investigation they would have joined, and by kind and minute for the workspace's health.
//!
//! Everything counted is read back from the signals and investigations themselves, by their receipt times: a log that is worked again comes to
//! the same.

use crate::pipeline::detect::Match;
use bailiwick_chassis::{Refusal, sql::Tx};
use bailiwick_detect::correlate::{Decision, EntityKey, Policy};
use sqlx::Row;
use std::collections::{BTreeMap, HashMap, hash_map::Entry};

const MINUTE_US: i64 = 60_000_000;
const FIVE_MINUTES_US: i64 = 5 * MINUTE_US;
/// Counts that are kept in memory; with more the memory is emptied, and what is needed is read again.
const MAX_COUNTS: usize = 20_000;
/// How long is kept what was held back when.
const KEPT_MINUTES: i64 = 7 * 24 * 60;

/// Something that was held back.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) kind: &'static str,
    /// For people, at the signal.
    pub(super) reason: String,
    /// The investigation it would have joined.
    pub(super) investigation: Option<String>,
    pub(super) at_us: i64,
}

impl Held {
    /// An investigation that was not opened.
    pub(super) fn opening(at_us: i64) -> Self {
        Self { kind: "rule", reason: String::new(), investigation: None, at_us }
    }
}

/// What was counted, by minute since 1970, and by five of them for rules.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    entities: HashMap<(EntityKey, i64), u32>,
    workspace: HashMap<i64, u32>,
    rules: HashMap<(String, i64), u32>,
}

impl Throttle {
    /// Forgets everything; it is read again when it is needed.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Reads what these matches need and is not known yet.
    pub(super) async fn load(&mut self, tx: &mut Tx, matches: &[Match]) -> Result<(), Refusal> {
        if self.entities.len() + self.workspace.len() + self.rules.len() > MAX_COUNTS {
            self.clear();
        }
        for one in matches {
            let (minute, window) = (one.created.div_euclid(MINUTE_US), one.created.div_euclid(FIVE_MINUTES_US));
            if let Entry::Vacant(unknown) = self.workspace.entry(minute) {
                let text = "select count(*) as n from signal where created >= $1 and created < $2 and suppressed is null and prototype = 0";
                let query = sqlx::query(text).bind(minute * MINUTE_US).bind((minute + 1) * MINUTE_US);
                unknown.insert(number(&query.fetch_one(&mut **tx).await?)?);
            }
            if let Entry::Vacant(unknown) = self.rules.entry((one.rule.id.clone(), window)) {
                let text = "select count(*) as n from investigation where opened_by = $1 and created >= $2 and created < $3";
                let query = sqlx::query(text).bind(&one.rule.id).bind(window * FIVE_MINUTES_US).bind((window + 1) * FIVE_MINUTES_US);
                unknown.insert(number(&query.fetch_one(&mut **tx).await?)?);
            }
            for about in one.subjects.iter().filter(|about| about.reasons.is_empty() && about.entity.scores) {
                if let Entry::Vacant(unknown) = self.entities.entry((EntityKey::from(&about.entity), minute)) {
                    let text = "select count(*) as n from signal where entity_value = $1 and entity_type = $2 and created >= $3 and created < $4 \
                                and suppressed is null and prototype = 0";
                    let query = sqlx::query(text).bind(&unknown.key().0.value).bind(unknown.key().0.kind.as_str());
                    let query = query.bind(minute * MINUTE_US).bind((minute + 1) * MINUTE_US);
                    unknown.insert(number(&query.fetch_one(&mut **tx).await?)?);
                }
            }
        }
        Ok(())
    }

    /// Which throttle a further signal about this entity runs into, and what is said of it.
    pub(super) fn full(&self, policy: &Policy, one: &Match, entity: &EntityKey) -> Option<(&'static str, String)> {
        let minute = one.created.div_euclid(MINUTE_US);
        let about = self.entities.get(&(entity.clone(), minute)).copied().unwrap_or_default();
        if about >= policy.entity_signals_per_minute {
            return Some(("entity", format!("throttled: more than {} signals about it within a minute", policy.entity_signals_per_minute)));
        }
        let all = self.workspace.get(&minute).copied().unwrap_or_default();
        let told = || format!("throttled: more than {} signals of the workspace within a minute", policy.workspace_signals_per_minute);
        (all >= policy.workspace_signals_per_minute).then(|| ("workspace", told()))
    }

    /// Whether the rule of a match may open one more investigation.
    pub(super) fn opens(&self, policy: &Policy, one: &Match) -> bool {
        let window = one.created.div_euclid(FIVE_MINUTES_US);
        self.rules.get(&(one.rule.id.clone(), window)).copied().unwrap_or_default() < policy.rule_openings_per_five_minutes
    }

    /// Counts what was decided.
    pub(super) fn count(&mut self, one: &Match, decision: &Decision, entities: &HashMap<String, EntityKey>) {
        let minute = one.created.div_euclid(MINUTE_US);
        let signal = match decision {
            Decision::Suppress { .. } => return,
            Decision::Keep { signal } | Decision::Hold { signal } | Decision::Join { signal, .. } => signal,
            Decision::Open(opening) => {
                let window = one.created.div_euclid(FIVE_MINUTES_US);
                *self.rules.entry((one.rule.id.clone(), window)).or_default() += 1;
                &opening.signal
            }
        };
        if one.prototype {
            return;
        }
        *self.workspace.entry(minute).or_default() += 1;
        if let Some(entity) = entities.get(signal) {
            *self.entities.entry((entity.clone(), minute)).or_default() += 1;
        }
    }
}

/// Counts what was held back: on investigations, and by kind and minute.
pub(super) async fn write(tx: &mut Tx, held: &[Held]) -> Result<(), Refusal> {
    let (mut minutes, mut investigations) = (BTreeMap::new(), BTreeMap::new());
    for one in held {
        *minutes.entry((one.kind, one.at_us.div_euclid(MINUTE_US))).or_insert(0_i64) += 1;
        if let Some(id) = &one.investigation {
            let (count, at) = investigations.entry(id.as_str()).or_insert((0_i64, one.at_us));
            (*count, *at) = (*count + 1, (*at).max(one.at_us));
        }
    }
    for ((kind, minute), count) in minutes {
        let text =
            "insert into held_back (kind, minute, n) values ($1, $2, $3) on conflict (kind, minute) do update set n = held_back.n + excluded.n";
        sqlx::query(text).bind(kind).bind(minute).bind(count).execute(&mut **tx).await?;
    }
    for (id, (count, at)) in investigations {
        sqlx::query("update investigation set throttled = throttled + $1 where id = $2").bind(count).bind(id).execute(&mut **tx).await?;
        crate::investigations::store::changed(tx, id, at).await?;
    }
    Ok(())
}

/// Forgets what was held back long ago.
pub(super) async fn prune(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    let oldest = now_us.div_euclid(MINUTE_US) - KEPT_MINUTES;
    sqlx::query("delete from held_back where minute < $1").bind(oldest).execute(&mut **tx).await?;
    Ok(())
}

fn number(row: &sqlx::any::AnyRow) -> Result<u32, Refusal> {
    Ok(u32::try_from(row.try_get::<i64, _>("n")?).unwrap_or(u32::MAX))
}
