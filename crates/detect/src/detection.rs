//! The rules as one workspace sees them: a shared set, and over it what this workspace decided.
//!
//! The shared set is never compiled again. A workspace keeps only what differs: states and severities of some rules, its own rules
//! (compiled by themselves), exceptions, entities, custom insights and the numbers of its policy. Nothing here changes once made: a
//! change makes another one.

use std::collections::HashMap;
use std::sync::Arc;

use bailiwick_event::{Entity, EntityKind, Record};
use rsigma_eval::Engine;

use crate::correlate::{Criticality, CustomInsight, EntityKey, Policy};
use crate::event_view::RecordEvent;
use crate::exception::Exception;
use crate::glob::Glob;
use crate::rule::Rule;
use crate::set::{Hit, RuleSet};

/// The longest quiet period a rule may ask for, in microseconds: 72 hours.
pub const MAX_QUIET_US: i64 = 72 * 3_600 * 1_000_000;

/// What a workspace lets a rule do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RuleState {
    /// It makes signals that count.
    #[default]
    Active,
    /// It does nothing.
    Disabled,
    /// On trial: it makes signals that are never suppressed, never score and are in no investigation.
    Prototype,
    /// Set aside because it cost too much or fired too often. It does nothing and is not evaluated.
    Failed,
}

/// What a workspace decided about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleSetting {
    /// Its state.
    pub state: RuleState,
    /// What its signals weigh instead of the rule's own severity.
    pub severity: Option<u32>,
    /// How long one silences others of its name on its entity instead of the policy's time, in microseconds.
    pub quiet_us: Option<i64>,
}

/// What a workspace decided about entities.
#[derive(Debug, Clone, PartialEq)]
pub struct EntitySetting {
    /// Of which kind.
    pub kind: EntityKind,
    /// Which values.
    pub pattern: Glob,
    /// How their signals' severity is changed.
    pub criticality: Option<Criticality>,
    /// Whether their signals are suppressed.
    pub suppressed: bool,
}

/// What holds for one entity.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntityEffect<'a> {
    /// How its signals' severity is changed.
    pub criticality: Option<&'a Criticality>,
    /// Whether its signals are suppressed.
    pub suppressed: bool,
}

/// Everything a workspace decided.
#[derive(Default)]
pub struct Overlay {
    /// By rule id; rules that are as they came need no entry.
    pub rules: HashMap<String, RuleSetting>,
    /// The workspace's own rules.
    pub own: Option<Arc<RuleSet>>,
    /// What it does not want to be told about.
    pub exceptions: Vec<Exception>,
    /// How much entities matter.
    pub entities: Vec<EntitySetting>,
    /// Its own reasons to open an investigation.
    pub customs: Vec<CustomInsight>,
    /// Its numbers.
    pub policy: Policy,
}

/// The rules of one workspace.
pub struct Detection {
    shared: Arc<RuleSet>,
    rules: HashMap<String, RuleSetting>,
    own: Option<Arc<RuleSet>>,
    exceptions: Arc<[Exception]>,
    entities: Arc<Entities>,
    customs: Arc<[CustomInsight]>,
    policy: Policy,
    replaced: HashMap<(bool, usize), Arc<Engine>>,
}

/// Settings of entities, as they are looked up.
struct Entities {
    plain: HashMap<EntityKey, EntitySetting>,
    globs: Vec<EntitySetting>,
}

impl Detection {
    /// The shared rules with a workspace's decisions over them. An engine that holds a failed rule is made again without it, for this
    /// workspace alone; `before` lends those it has already.
    #[must_use]
    pub fn new(shared: Arc<RuleSet>, overlay: Overlay, before: Option<&Self>) -> Self {
        let (plain, mut globs): (Vec<_>, Vec<_>) = overlay.entities.into_iter().partition(|setting| setting.pattern.is_plain());
        // The longest pattern says the most, so it is asked first.
        globs.sort_by_key(|setting| std::cmp::Reverse(setting.pattern.as_str().len()));
        let key = |setting: &EntitySetting| EntityKey { kind: setting.kind, value: setting.pattern.as_str().to_owned() };
        let mut detection = Self {
            shared,
            rules: overlay.rules,
            own: overlay.own,
            exceptions: overlay.exceptions.into(),
            entities: Arc::new(Entities { plain: plain.into_iter().map(|setting| (key(&setting), setting)).collect(), globs }),
            customs: overlay.customs.into(),
            policy: overlay.policy,
            replaced: HashMap::new(),
        };
        detection.replace_engines(before);
        detection
    }

    /// The shared rules as they came.
    #[must_use]
    pub fn plain(shared: Arc<RuleSet>) -> Self {
        Self::new(shared, Overlay::default(), None)
    }

    /// The same, with these rules set aside.
    #[must_use]
    pub fn setting_aside<'a>(&self, rule_ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut rules = self.rules.clone();
        for id in rule_ids {
            rules.entry(id.to_owned()).or_default().state = RuleState::Failed;
        }
        let mut detection = Self {
            shared: Arc::clone(&self.shared),
            rules,
            own: self.own.clone(),
            exceptions: Arc::clone(&self.exceptions),
            entities: Arc::clone(&self.entities),
            customs: Arc::clone(&self.customs),
            policy: self.policy,
            replaced: HashMap::new(),
        };
        detection.replace_engines(Some(self));
        detection
    }

    /// The rules that match a record, without those that are disabled or failed. Rules on trial are among them.
    #[must_use]
    pub fn evaluate(&self, record: &Record) -> Vec<Hit> {
        let event = RecordEvent::new(&record.fields);
        let mut hits = Vec::new();
        self.engines_of(record, |own, _, engine| {
            if let Some(set) = self.set(own) {
                set.look(engine, &event, &mut hits);
            }
        });
        if !self.rules.is_empty() {
            hits.retain(|hit| self.runs(&hit.rule.id));
        }
        hits
    }

    /// Whether a rule does anything.
    #[must_use]
    pub fn runs(&self, rule_id: &str) -> bool {
        matches!(self.setting(rule_id).state, RuleState::Active | RuleState::Prototype)
    }

    /// What was decided about a rule.
    #[must_use]
    pub fn setting(&self, rule_id: &str) -> RuleSetting {
        self.rules.get(rule_id).copied().unwrap_or_default()
    }

    /// What a signal of a rule weighs before its entity's criticality.
    #[must_use]
    pub fn severity(&self, rule: &Rule) -> u32 {
        self.setting(&rule.id).severity.unwrap_or(rule.severity)
    }

    /// A rule, shared or own.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.shared.rule(id).or_else(|| self.own.as_ref()?.rule(id))
    }

    /// Every rule, the workspace's own last.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.shared.rules().chain(self.own.iter().flat_map(|own| own.rules()))
    }

    /// The rules all workspaces share.
    #[must_use]
    pub fn shared(&self) -> &Arc<RuleSet> {
        &self.shared
    }

    /// The workspace's own rules.
    #[must_use]
    pub fn own(&self) -> Option<&Arc<RuleSet>> {
        self.own.as_ref()
    }

    /// The numbers of the workspace.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Its own reasons to open an investigation.
    #[must_use]
    pub fn customs(&self) -> &[CustomInsight] {
        &self.customs
    }

    /// What holds for an entity: a setting for just this one wins over patterns, a longer pattern over a shorter one.
    #[must_use]
    pub fn entity(&self, entity: &Entity) -> EntityEffect<'_> {
        if self.entities.plain.is_empty() && self.entities.globs.is_empty() {
            return EntityEffect::default();
        }
        let plain = self.entities.plain.get(&EntityKey::from(entity));
        let globs = self.entities.globs.iter().filter(|setting| setting.kind == entity.kind && setting.pattern.matches(&entity.value));
        let settings: Vec<&EntitySetting> = plain.into_iter().chain(globs).collect();
        EntityEffect {
            criticality: settings.iter().find_map(|setting| setting.criticality.as_ref()),
            suppressed: settings.iter().any(|setting| setting.suppressed),
        }
    }

    pub(crate) fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// The set a number belongs to: the workspace's own, or the shared one.
    pub(crate) fn set(&self, own: bool) -> Option<&RuleSet> {
        if own { self.own.as_deref() } else { Some(&self.shared) }
    }

    /// Calls `visit` with every engine that looks at a record.
    pub(crate) fn engines_of(&self, record: &Record, mut visit: impl FnMut(bool, usize, &Engine)) {
        for own in [false, true] {
            let Some(set) = self.set(own) else { continue };
            set.route(record, |at| {
                let replaced = if self.replaced.is_empty() { None } else { self.replaced.get(&(own, at)) };
                let engine: &Engine = match replaced {
                    Some(engine) => engine,
                    None => set.engine(at),
                };
                visit(own, at, engine);
            });
        }
    }

    fn replace_engines(&mut self, before: Option<&Self>) {
        let failed = |id: &str| self.rules.get(id).is_some_and(|setting| setting.state == RuleState::Failed);
        let mut replaced = HashMap::new();
        for own in [false, true] {
            let Some(set) = self.set(own) else { continue };
            let hit = self.rules.iter().filter(|(_, setting)| setting.state == RuleState::Failed).filter_map(|(id, _)| set.engine_of(id));
            for at in hit.collect::<std::collections::BTreeSet<_>>() {
                let lent = before.filter(|before| before.holds_same(self, own)).and_then(|before| before.replaced.get(&(own, at)));
                let wanted = set.engine(at).rules().iter().filter(|rule| !rule.id.as_deref().is_some_and(failed));
                let same = |engine: &&Arc<Engine>| engine.rules().iter().map(|rule| &rule.id).eq(wanted.map(|rule| &rule.id));
                let engine = lent.filter(same).cloned().unwrap_or_else(|| Arc::new(set.engine_without(at, &failed)));
                replaced.insert((own, at), engine);
            }
        }
        self.replaced = replaced;
    }

    fn holds_same(&self, other: &Self, own: bool) -> bool {
        match (self.set(own), other.set(own)) {
            (Some(mine), Some(theirs)) => std::ptr::eq(mine, theirs),
            _ => false,
        }
    }
}
