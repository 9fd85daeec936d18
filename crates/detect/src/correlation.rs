//! Correlation rules, checked and ready to run: which rules feed them, what groups their matches, what they wait for.
//!
//! Four of Sigma's types run: `event_count`, `value_count`, `temporal` and `temporal_ordered`, in sliding, tumbling and session
//! windows. The statistical types (`value_sum` and its like) are refused at load with that reason.

use std::collections::HashMap;
use std::sync::Arc;

use bailiwick_event::Record;
use rsigma_eval::{Event, EventValue};
use rsigma_parser::{ConditionExpr, ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType, WindowMode};
use rsigma_parser::{Quantifier, SelectorPattern, detection_name_matches};

use crate::Rule;
use crate::event_view::{RecordEvent, event_value};

/// The longest window a correlation may have: 31 days.
const MAX_SPAN_SECONDS: u64 = 31 * 24 * 3600;
/// The highest count a correlation may wait for; it decides how many matches a group must hold.
pub(crate) const MAX_COUNT: u64 = 10_000;
/// How many matches a group of an ordered sequence keeps.
const MAX_SEQUENCE: usize = 1_000;
/// The most rules one correlation may name.
const MAX_BASES: usize = 64;

/// What a correlation counts or waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Matching events.
    EventCount,
    /// Distinct values of these fields together.
    ValueCount(Vec<String>),
    /// Distinct rules, in any order.
    Temporal,
    /// Distinct rules, in the order they are named.
    TemporalOrdered,
}

/// How a window lies in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The span before the newest match.
    Sliding,
    /// One of the spans that follow each other since 1970.
    Tumbling,
    /// As long as matches follow each other within this many microseconds, at most the span.
    Session(i64),
}

/// When the window is full enough.
#[derive(Debug, Clone)]
enum Test {
    Number(Vec<(ConditionOperator, u64)>),
    Rules(ConditionExpr),
}

/// A rule that feeds a correlation.
#[derive(Debug, Clone)]
struct Base {
    id: String,
    /// How the correlation calls it: by name or by id.
    called: String,
}

/// A correlation rule that runs.
#[derive(Debug, Clone)]
pub struct Correlation {
    /// The rule its signals point to.
    pub rule: Arc<Rule>,
    pub(crate) kind: Kind,
    pub(crate) span_us: i64,
    pub(crate) shape: Shape,
    pub(crate) group_by: Vec<String>,
    bases: Vec<Base>,
    aliases: HashMap<String, HashMap<String, String>>,
    test: Test,
}

impl Correlation {
    /// Checks `sigma` and binds the rules it names, which `resolve` turns from a name or id into an id. The error says
    /// why it cannot run.
    pub(crate) fn new(sigma: &CorrelationRule, rule: Arc<Rule>, resolve: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        if sigma.timespan.seconds == 0 {
            return Err("timespan is zero".to_owned());
        }
        if sigma.timespan.seconds > MAX_SPAN_SECONDS {
            return Err(format!("timespan {} is longer than 31 days", sigma.timespan.original));
        }
        if sigma.rules.is_empty() || sigma.rules.len() > MAX_BASES {
            return Err(format!("rules must name 1 to {MAX_BASES} rules, not {}", sigma.rules.len()));
        }
        let mut bases: Vec<Base> = Vec::new();
        for called in &sigma.rules {
            let id = resolve(called).ok_or_else(|| format!("rules names {called:?}, which no loaded rule has as name or id"))?;
            if bases.iter().all(|base| base.id != id) {
                bases.push(Base { id, called: called.clone() });
            }
        }
        let correlation = Self {
            rule,
            kind: kind(sigma)?,
            span_us: i64::try_from(sigma.timespan.seconds * 1_000_000).map_err(|_| "timespan is too long".to_owned())?,
            shape: shape(sigma)?,
            group_by: sigma.group_by.clone(),
            bases,
            aliases: sigma.aliases.iter().map(|alias| (alias.alias.clone(), alias.mapping.clone())).collect(),
            test: test(sigma)?,
        };
        correlation.check_test()?;
        Ok(correlation)
    }

    /// When the window that holds `time_us` begins, for windows that lie fixed in time.
    pub(crate) fn tumbling_start(&self, time_us: i64) -> Option<i64> {
        (self.shape == Shape::Tumbling).then(|| time_us - time_us.rem_euclid(self.span_us))
    }

    /// The ids of the rules that feed it, in order.
    pub fn base_rules(&self) -> impl Iterator<Item = &str> {
        self.bases.iter().map(|base| base.id.as_str())
    }

    /// The length of its window, in seconds.
    #[must_use]
    pub fn timespan_seconds(&self) -> i64 {
        self.span_us / 1_000_000
    }

    /// The place of a rule among those that feed it.
    pub(crate) fn position(&self, rule_id: &str) -> Option<usize> {
        self.bases.iter().position(|base| base.id == rule_id)
    }

    /// Whether the condition only asks for at least so many, which the newest matches decide alone.
    fn at_least(&self) -> Option<u64> {
        let Test::Number(tests) = &self.test else { return None };
        let only = tests.iter().all(|(op, _)| matches!(op, ConditionOperator::Gt | ConditionOperator::Gte));
        only.then(|| tests.iter().map(|(_, bound)| *bound).max()).flatten()
    }

    /// How many matches a group keeps, the newest.
    pub(crate) fn keep(&self) -> usize {
        let count = |n: u64| usize::try_from(n.min(MAX_COUNT)).unwrap_or(usize::MAX).saturating_add(1);
        match self.kind {
            Kind::EventCount | Kind::ValueCount(_) => count(self.at_least().unwrap_or(MAX_COUNT)),
            Kind::Temporal => self.bases.len(),
            Kind::TemporalOrdered => MAX_SEQUENCE,
        }
    }

    /// Whether keeping only [`keep`](Self::keep) matches can change what the condition says.
    pub(crate) fn loses(&self) -> bool {
        match self.kind {
            Kind::EventCount | Kind::ValueCount(_) => self.at_least().is_none(),
            Kind::Temporal => false,
            Kind::TemporalOrdered => true,
        }
    }

    /// Whether a number (of events, values or rules) satisfies a condition that is a number; for one over rule names,
    /// whether `present` (by place) does.
    pub(crate) fn satisfied(&self, number: u64, present: &[bool]) -> bool {
        match &self.test {
            Test::Number(tests) => tests.iter().all(|(op, bound)| compare(*op, number, *bound)),
            Test::Rules(expr) => self.holds(expr, present),
        }
    }

    /// The number of rules an ordered sequence must reach: all that are present when the condition is over names.
    pub(crate) fn over_names(&self) -> bool {
        matches!(self.test, Test::Rules(_))
    }

    pub(crate) fn bases_len(&self) -> usize {
        self.bases.len()
    }

    /// The values that group a match of the base at `base`, named as the correlation names them; `None` when the record lacks
    /// one, since a match about nothing in particular cannot be counted with others.
    pub(crate) fn group(&self, record: &Record, base: usize) -> Option<Vec<(String, String)>> {
        self.group_by.iter().map(|name| Some((name.clone(), self.field(record, base, name)?))).collect()
    }

    /// The value a `value_count` counts, `None` when the record lacks a part of it.
    pub(crate) fn counted(&self, fields: &[String], record: &Record, base: usize) -> Option<String> {
        let parts: Option<Vec<String>> = fields.iter().map(|name| Some(self.field(record, base, name)?.to_lowercase())).collect();
        let parts = parts?;
        if let [only] = parts.as_slice() {
            return Some(only.clone());
        }
        Some(serde_json::Value::from(parts).to_string())
    }

    fn field(&self, record: &Record, base: usize, name: &str) -> Option<String> {
        let base = self.bases.get(base)?;
        let mapped = self.aliases.get(name).and_then(|by_rule| by_rule.get(&base.called).or_else(|| by_rule.get(&base.id)));
        field_text(record, mapped.map_or(name, String::as_str))
    }

    fn check_test(&self) -> Result<(), String> {
        match &self.test {
            Test::Number(tests) => {
                let high = tests.iter().find(|(_, bound)| *bound > MAX_COUNT);
                high.map_or(Ok(()), |(_, bound)| Err(format!("condition counts to {bound}, more than {MAX_COUNT}")))
            }
            Test::Rules(_) if !matches!(self.kind, Kind::Temporal | Kind::TemporalOrdered) => {
                Err("condition over rule names needs type temporal or temporal_ordered".to_owned())
            }
            Test::Rules(expr) => self.check_names(expr),
        }
    }

    fn check_names(&self, expr: &ConditionExpr) -> Result<(), String> {
        match expr {
            ConditionExpr::And(parts) | ConditionExpr::Or(parts) => parts.iter().try_for_each(|part| self.check_names(part)),
            ConditionExpr::Not(inner) => self.check_names(inner),
            ConditionExpr::Identifier(name) if self.named(name).is_none() => Err(format!("condition names {name:?}, which rules does not")),
            ConditionExpr::Identifier(_) | ConditionExpr::Selector { .. } => Ok(()),
        }
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.bases.iter().position(|base| base.called == name || base.id == name)
    }

    fn holds(&self, expr: &ConditionExpr, present: &[bool]) -> bool {
        match expr {
            ConditionExpr::And(parts) => parts.iter().all(|part| self.holds(part, present)),
            ConditionExpr::Or(parts) => parts.iter().any(|part| self.holds(part, present)),
            ConditionExpr::Not(inner) => !self.holds(inner, present),
            ConditionExpr::Identifier(name) => self.named(name).and_then(|at| present.get(at)).copied().unwrap_or(false),
            ConditionExpr::Selector { quantifier, pattern } => {
                let chosen = |base: &Base| match pattern {
                    SelectorPattern::Them => true,
                    SelectorPattern::Pattern(pattern) => detection_name_matches(pattern, &base.called),
                };
                let (mut of, mut there) = (0_u64, 0_u64);
                for (base, here) in self.bases.iter().zip(present) {
                    if chosen(base) {
                        of += 1;
                        there += u64::from(*here);
                    }
                }
                match quantifier {
                    Quantifier::Any => there > 0,
                    Quantifier::All => of > 0 && there == of,
                    Quantifier::Count(n) => there >= n.get(),
                }
            }
        }
    }
}

fn shape(sigma: &CorrelationRule) -> Result<Shape, String> {
    match sigma.window {
        WindowMode::Sliding => Ok(Shape::Sliding),
        WindowMode::Tumbling => Ok(Shape::Tumbling),
        WindowMode::Session => {
            let gap = sigma.gap.as_ref().ok_or("window session needs a gap")?;
            if gap.seconds == 0 || gap.seconds > sigma.timespan.seconds {
                return Err(format!("gap {} must be longer than nothing and no longer than timespan", gap.original));
            }
            i64::try_from(gap.seconds * 1_000_000).map(Shape::Session).map_err(|_| "gap is too long".to_owned())
        }
    }
}

fn kind(sigma: &CorrelationRule) -> Result<Kind, String> {
    match sigma.correlation_type {
        CorrelationType::EventCount => Ok(Kind::EventCount),
        CorrelationType::ValueCount => match &sigma.condition {
            CorrelationCondition::Threshold { field: Some(fields), .. } => Ok(Kind::ValueCount(fields.clone())),
            _ => Err("condition of a value_count names no field".to_owned()),
        },
        CorrelationType::Temporal => Ok(Kind::Temporal),
        CorrelationType::TemporalOrdered => Ok(Kind::TemporalOrdered),
        other => Err(format!("type {} is not supported", other.as_str())),
    }
}

fn test(sigma: &CorrelationRule) -> Result<Test, String> {
    match &sigma.condition {
        CorrelationCondition::Threshold { predicates, .. } if predicates.is_empty() => Err("condition has no number".to_owned()),
        CorrelationCondition::Threshold { predicates, .. } => Ok(Test::Number(predicates.clone())),
        CorrelationCondition::Extended(expr) => Ok(Test::Rules(expr.clone())),
    }
}

fn compare(op: ConditionOperator, number: u64, bound: u64) -> bool {
    match op {
        ConditionOperator::Lt => number < bound,
        ConditionOperator::Lte => number <= bound,
        ConditionOperator::Gt => number > bound,
        ConditionOperator::Gte => number >= bound,
        ConditionOperator::Eq => number == bound,
        ConditionOperator::Neq => number != bound,
    }
}

/// A field's text: by its original name, or by its name in the field dictionary, so that one correlation can span
/// products. Empty texts and the `-` Windows writes for nothing count as absent; of several values the first is taken.
fn field_text(record: &Record, name: &str) -> Option<String> {
    let event = RecordEvent::new(&record.fields);
    let original = event.get_field(name).and_then(|value| text(&value));
    original.or_else(|| record.ecs.get(name).and_then(|value| text(&event_value(value))))
}

fn text(value: &EventValue<'_>) -> Option<String> {
    match value {
        EventValue::Array(items) => items.iter().find_map(text),
        scalar => scalar.as_str().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty() && text != "-"),
    }
}
