//! What deciding needs to know about an entity.

use std::collections::{BTreeMap, HashMap};

use bailiwick_event::{Entity, EntityKind};
use serde::{Deserialize, Serialize};

use super::{Policy, Priority};
use crate::Level;

/// The most past signals an entity's state holds; beyond it the oldest go, which only a policy without suppression reaches.
pub const MAX_SIGNALS: usize = 2_000;
/// How often what is out of date is forgotten, in microseconds.
const FORGET_US: i64 = 3_600 * 1_000_000;

/// Names an entity. Ordered by kind (host, user, address), then value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntityKey {
    /// What it is.
    pub kind: EntityKind,
    /// Its normalised value.
    pub value: String,
}

impl From<&Entity> for EntityKey {
    fn from(entity: &Entity) -> Self {
        Self { kind: entity.kind, value: entity.value.clone() }
    }
}

/// A signal about to be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignal {
    /// See [`signal_id`](crate::ids::signal_id).
    pub id: String,
    /// What repetitions have in common and the score counts once: the rule's title, unless the rule names its signals.
    pub name: String,
    /// The rule.
    pub rule_id: String,
    /// The rule's severity, adjusted by the entity's criticality.
    pub severity: u32,
    /// The rule's level.
    pub level: Level,
    /// When the signal is made (not when its event happened), in microseconds.
    pub time_us: i64,
    /// Whether the rule is on trial: its signals are kept and do nothing else.
    pub prototype: bool,
    /// How long it silences others of its name on its entity, in microseconds; as the policy says when `None`.
    pub quiet_us: Option<i64>,
    /// See [`match_id`](crate::ids::match_id).
    pub match_id: String,
    /// What it is about.
    pub entity: EntityKey,
}

/// A signal decided earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastSignal {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its rule.
    pub rule_id: String,
    /// Its severity when it was made.
    pub severity: u32,
    /// Its rule's level.
    pub level: Level,
    /// When it was made, in microseconds.
    pub time_us: i64,
    /// Whether it was suppressed.
    pub suppressed: bool,
    /// Whether its rule was on trial.
    pub prototype: bool,
    /// The investigation it is in.
    pub investigation: Option<String>,
    /// The match it belongs to.
    pub match_id: String,
}

impl PastSignal {
    /// Whether the signal adds to its entity's score at `now_us`.
    #[must_use]
    pub fn counts(&self, policy: &Policy, now_us: i64) -> bool {
        !self.suppressed && !self.prototype && self.investigation.is_none() && self.time_us > now_us.saturating_sub(policy.window_us())
    }

    pub(super) fn of(signal: &NewSignal) -> Self {
        Self {
            id: signal.id.clone(),
            name: signal.name.clone(),
            rule_id: signal.rule_id.clone(),
            severity: signal.severity,
            level: signal.level,
            time_us: signal.time_us,
            suppressed: false,
            prototype: signal.prototype,
            investigation: None,
            match_id: signal.match_id.clone(),
        }
    }
}

/// A quiet period of one signal name on one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// When the signal that counts was made, in microseconds.
    pub first_us: i64,
    /// When the last of that name was made, in microseconds.
    pub last_us: i64,
    /// The signal that counts.
    pub first_signal: String,
    /// How long a repetition is suppressed after the last one, in microseconds; as the policy says when `None`.
    pub idle_us: Option<i64>,
}

impl Quiet {
    /// The last moment at which a repetition is suppressed.
    #[must_use]
    pub fn until_us(&self, policy: &Policy) -> i64 {
        self.last_us.saturating_add(self.idle_us.unwrap_or_else(|| policy.quiet_us())).min(self.first_us.saturating_add(policy.quiet_cap_us()))
    }
}

/// What one name adds to an investigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameWeight {
    /// The highest severity among its attached signals of that name.
    pub severity: u32,
    /// Whether one of them is of level critical.
    pub critical: bool,
}

/// An investigation about an entity that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvestigation {
    /// Its id.
    pub id: String,
    /// Its priority now.
    pub priority: Priority,
    /// Whether a person set that priority.
    pub priority_by_hand: bool,
    /// The distinct names of its signals, on whatever entity, and what each weighs.
    pub names: BTreeMap<String, NameWeight>,
}

impl OpenInvestigation {
    /// The priority its signals alone would give it.
    #[must_use]
    pub fn band(&self, policy: &Policy) -> Priority {
        policy.priority(self.names.values().map(|name| name.severity).fold(0, u32::saturating_add), self.names.values().any(|name| name.critical))
    }

    pub(super) fn add(&mut self, name: &str, severity: u32, level: Level) {
        let weight = self.names.entry(name.to_owned()).or_insert(NameWeight { severity, critical: false });
        weight.severity = weight.severity.max(severity);
        weight.critical |= level == Level::Critical;
    }
}

/// Everything deciding knows about one entity. Empty for an entity never seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityState {
    /// Signals that may still count; suppressed and attached ones need not be here.
    pub signals: Vec<PastSignal>,
    /// Quiet periods by signal name.
    pub quiet: HashMap<String, Quiet>,
    /// The investigation about this entity that is not closed.
    pub open: Option<OpenInvestigation>,
    /// When [`forget`](Self::forget) last ran, in microseconds.
    pub forgot_us: i64,
}

impl EntityState {
    /// The score at `now_us`: over distinct names, the highest severity of the signals that count.
    #[must_use]
    pub fn score(&self, policy: &Policy, now_us: i64) -> u32 {
        let mut names: HashMap<&str, u32> = HashMap::new();
        for signal in self.signals.iter().filter(|signal| signal.counts(policy, now_us)) {
            let highest = names.entry(&signal.name).or_default();
            *highest = signal.severity.max(*highest);
        }
        names.values().copied().fold(0, u32::saturating_add)
    }

    /// Whether nothing is known that could still matter at `now_us`, so that the state may be forgotten.
    #[must_use]
    pub fn idle(&self, policy: &Policy, now_us: i64) -> bool {
        self.open.is_none()
            && self.signals.iter().all(|signal| !signal.counts(policy, now_us))
            && self.quiet.values().all(|quiet| quiet.until_us(policy) < now_us)
    }

    /// Forgets what can no longer matter at `now_us`, and keeps to [`MAX_SIGNALS`]. What is out of date never counts, whether it
    /// is forgotten or not; so this is done once an hour at most, and whenever there is too much.
    pub fn forget(&mut self, policy: &Policy, now_us: i64) {
        if now_us.saturating_sub(self.forgot_us) < FORGET_US && self.signals.len() <= MAX_SIGNALS {
            return;
        }
        self.forgot_us = now_us;
        self.signals.retain(|signal| signal.counts(policy, now_us));
        let over = self.signals.len().saturating_sub(MAX_SIGNALS);
        self.signals.drain(..over);
        self.quiet.retain(|_, quiet| quiet.until_us(policy) >= now_us);
    }
}
