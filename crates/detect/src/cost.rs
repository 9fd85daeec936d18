//! What rules cost, measured so that measuring costs next to nothing. How and why: `docs/decisions/0013`.
//!
//! The engine evaluates all rules of a group at once, so no rule can be timed where it runs. Instead:
//!
//! - every evaluation is timed as a whole (two readings of the clock);
//! - one in [`SAMPLE`] is done again: each engine by itself, and a few of its rules alone, in turn. An engine's time is shared among its
//!   rules in proportion to what they take alone: that is the time a rule *spent*;
//! - an evaluation slower than the limit is looked into at once: every rule that saw the record is evaluated alone, and the slowest, if
//!   it is slow again, gets a strike. A few strikes within an hour and the rule is too costly.
//!
//! The clock is handed in: it counts nanoseconds from anywhere.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bailiwick_event::Record;
use rsigma_eval::{CompiledRule, Engine, evaluate_rule};

use crate::event_view::RecordEvent;
use crate::{Detection, Hit};

/// One evaluation of so many is looked at more closely.
const SAMPLE: u64 = 128;
/// Rules of an engine timed alone in one sample.
const RULES_PER_SAMPLE: usize = 2;
/// How long strikes are remembered, in nanoseconds.
const STRIKES_NS: u64 = 3_600 * 1_000_000_000;
/// Looking into slow evaluations may take one part in so many of the time spent evaluating.
const INQUEST_SHARE: u64 = 10;
/// What looking into them may take in any case, in nanoseconds.
const INQUEST_FREE_NS: u64 = 2_000_000_000;
/// The most rules with strikes that are remembered.
const MAX_STRUCK: usize = 1_000;

/// Nanoseconds from anywhere, never going back.
pub type Clock = fn() -> u64;

/// When a rule is too costly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostLimit {
    /// What one rule may take for one event, in nanoseconds.
    pub rule_ns: u64,
    /// How often within an hour it may take longer before it is set aside.
    pub strikes: u32,
}

impl Default for CostLimit {
    fn default() -> Self {
        Self { rule_ns: 10_000_000, strikes: 3 }
    }
}

/// A rule that is too costly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costly {
    /// The rule.
    pub rule_id: String,
    /// The longest it took for one event, in nanoseconds.
    pub worst_ns: u64,
    /// How often it took too long.
    pub strikes: u32,
    /// The message of the last record it took too long on.
    pub sample: String,
}

/// What each rule of a set takes alone, on average, in nanoseconds. Shared by all who use the set.
pub(crate) struct Costs {
    engines: Vec<EngineCosts>,
}

struct EngineCosts {
    rules: Box<[AtomicU32]>,
    next: AtomicU32,
}

impl Costs {
    pub(crate) fn new(engines: &[Engine]) -> Self {
        let of = |engine: &Engine| EngineCosts { rules: engine.rules().iter().map(|_| AtomicU32::new(0)).collect(), next: AtomicU32::new(0) };
        Self { engines: engines.iter().map(of).collect() }
    }

    /// Takes a measurement into the average.
    fn learn(&self, engine: usize, rule: usize, took_ns: u64) {
        let Some(mean) = self.engines.get(engine).and_then(|costs| costs.rules.get(rule)) else { return };
        let took = u32::try_from(took_ns.clamp(1, u64::from(u32::MAX))).unwrap_or(u32::MAX);
        let before = mean.load(Ordering::Relaxed);
        let after = if before == 0 { took } else { before - before / 8 + took / 8 };
        mean.store(after, Ordering::Relaxed);
    }

    /// The next rules of an engine to be timed.
    fn turn(&self, engine: usize) -> impl Iterator<Item = usize> {
        let costs = self.engines.get(engine);
        let length = costs.map_or(0, |costs| costs.rules.len());
        let from = costs.map_or(0, |costs| costs.next.fetch_add(1, Ordering::Relaxed)) as usize * RULES_PER_SAMPLE;
        (0..RULES_PER_SAMPLE.min(length)).map(move |step| (from + step) % length)
    }

    fn mean(&self, engine: usize, rule: usize) -> u64 {
        self.engines.get(engine).and_then(|costs| costs.rules.get(rule)).map_or(0, |mean| u64::from(mean.load(Ordering::Relaxed)))
    }
}

/// Measures the evaluations of one workspace.
pub struct Meter {
    clock: Clock,
    limit: CostLimit,
    events: AtomicU64,
    spent_ns: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    engines: BTreeMap<(bool, usize), u64>,
    inquests_ns: u64,
    struck: HashMap<String, Struck>,
    costly: Vec<Costly>,
}

struct Struck {
    count: u32,
    last_ns: u64,
    worst_ns: u64,
}

impl Meter {
    /// Nothing measured yet.
    #[must_use]
    pub fn new(clock: Clock, limit: CostLimit) -> Self {
        Self { clock, limit, events: AtomicU64::new(0), spent_ns: AtomicU64::new(0), inner: Mutex::default() }
    }

    /// Evaluates and measures. True beside the hits when a rule became too costly: see [`take_costly`](Self::take_costly).
    pub fn evaluate(&self, detection: &Detection, record: &Record) -> (Vec<Hit>, bool) {
        let began = (self.clock)();
        let hits = detection.evaluate(record);
        let took = (self.clock)().saturating_sub(began);
        self.spent_ns.fetch_add(took, Ordering::Relaxed);
        let number = self.events.fetch_add(1, Ordering::Relaxed);
        let mut costly = false;
        if took > self.limit.rule_ns {
            costly = self.inquest(detection, record);
        } else if number.is_multiple_of(SAMPLE) {
            self.sample(detection, record);
        }
        (hits, costly)
    }

    /// The rules that became too costly since the last call.
    pub fn take_costly(&self) -> Vec<Costly> {
        std::mem::take(&mut self.lock().costly)
    }

    /// Forgets the strikes of a rule, so that it starts anew.
    pub fn pardon(&self, rule_id: &str) {
        self.lock().struck.remove(rule_id);
    }

    /// The time spent evaluating, in nanoseconds.
    #[must_use]
    pub fn spent_ns(&self) -> u64 {
        self.spent_ns.load(Ordering::Relaxed)
    }

    /// The time each rule spent, in nanoseconds, as far as is known: an engine's time, shared as its rules take alone.
    #[must_use]
    pub fn spent_by_rule(&self, detection: &Detection) -> HashMap<String, u64> {
        let engines = self.lock().engines.clone();
        let mut spent = HashMap::new();
        for ((own, at), engine_ns) in engines {
            let Some(set) = detection.set(own) else { continue };
            let Some(engine) = set.engine_at(at) else { continue };
            let means: Vec<u64> = (0..engine.rules().len()).map(|rule| set.costs().mean(at, rule)).collect();
            let sum = u128::from(means.iter().sum::<u64>()).max(1);
            for (rule, mean) in engine.rules().iter().zip(means) {
                let share = u64::try_from(u128::from(engine_ns) * u128::from(mean) / sum).unwrap_or(u64::MAX);
                if let (Some(id), true) = (&rule.id, share > 0) {
                    spent.insert(id.clone(), share);
                }
            }
        }
        spent
    }

    fn timed<T>(&self, work: impl FnOnce() -> T) -> u64 {
        let began = (self.clock)();
        let done = work();
        let took = (self.clock)().saturating_sub(began);
        drop(done);
        took
    }

    fn sample(&self, detection: &Detection, record: &Record) {
        let event = RecordEvent::new(&record.fields);
        let mut engines = Vec::new();
        detection.engines_of(record, |own, at, engine| {
            engines.push(((own, at), self.timed(|| engine.evaluate(&event))));
            let Some(set) = detection.set(own) else { return };
            for rule in set.costs().turn(at) {
                if let Some(compiled) = set.engine(at).rules().get(rule) {
                    set.costs().learn(at, rule, self.timed(|| evaluate_rule(compiled, &event)));
                }
            }
        });
        let mut inner = self.lock();
        for (engine, took) in engines {
            *inner.engines.entry(engine).or_default() += took.saturating_mul(SAMPLE);
        }
    }

    /// Looks for the rule that made an evaluation slow. True when it has become too costly.
    fn inquest(&self, detection: &Detection, record: &Record) -> bool {
        let allowed = self.spent_ns() / INQUEST_SHARE + INQUEST_FREE_NS;
        if self.lock().inquests_ns > allowed {
            return false;
        }
        let began = (self.clock)();
        let event = RecordEvent::new(&record.fields);
        let mut slowest: Option<(String, u64)> = None;
        detection.engines_of(record, |own, at, engine| {
            let learned = detection.set(own).filter(|set| set.engine(at).rules().len() == engine.rules().len());
            for (rule, compiled) in engine.rules().iter().enumerate() {
                let took = self.timed(|| evaluate_rule(compiled, &event));
                if let Some(set) = learned {
                    set.costs().learn(at, rule, took);
                }
                // Again, since a thread that had to wait looks slow, too.
                if took > self.limit.rule_ns && slowest.as_ref().is_none_or(|(_, most)| took > *most) {
                    let took = took.min(self.timed(|| evaluate_rule(compiled, &event)));
                    slowest = slow(compiled, took, self.limit.rule_ns).or(slowest.take());
                }
            }
        });
        let ended = (self.clock)();
        let mut inner = self.lock();
        inner.inquests_ns += ended.saturating_sub(began);
        slowest.is_some_and(|(id, took)| inner.strike(id, took, ended, self.limit, &record.message))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slow(rule: &CompiledRule, took: u64, limit_ns: u64) -> Option<(String, u64)> {
    rule.id.clone().filter(|_| took > limit_ns).map(|id| (id, took))
}

impl Inner {
    fn strike(&mut self, id: String, took: u64, now_ns: u64, limit: CostLimit, message: &str) -> bool {
        if self.struck.len() >= MAX_STRUCK && !self.struck.contains_key(&id) {
            self.struck.retain(|_, struck| now_ns.saturating_sub(struck.last_ns) < STRIKES_NS);
        }
        let struck = self.struck.entry(id.clone()).or_insert(Struck { count: 0, last_ns: now_ns, worst_ns: 0 });
        if now_ns.saturating_sub(struck.last_ns) > STRIKES_NS {
            *struck = Struck { count: 0, last_ns: now_ns, worst_ns: 0 };
        }
        struck.count += 1;
        struck.last_ns = now_ns;
        struck.worst_ns = struck.worst_ns.max(took);
        if struck.count < limit.strikes {
            return false;
        }
        let costly = Costly { rule_id: id.clone(), worst_ns: struck.worst_ns, strikes: struck.count, sample: message.to_owned() };
        self.struck.remove(&id);
        self.costly.push(costly);
        true
    }
}
