//! Exceptions: what a workspace has decided not to be told about. What one matches is stored as suppressed, never dropped, so that it
//! stays countable. An exception ends by itself.

use std::collections::HashSet;
use std::net::IpAddr;

use bailiwick_event::{Entity, EntityKind, Record};
use ipnet::IpNet;
use rsigma_eval::{CompiledRule, compile_rule, evaluate_rule};
use rsigma_parser::{FilterRuleTarget, SigmaRule, parse_sigma_yaml};

use crate::event_view::RecordEvent;
use crate::glob::Glob;
use crate::pipelines::Pipelines;
use crate::rule::{Rule, RuleLogSource};
use crate::{Detection, RuleSet};

/// The most values of an indicator list.
const MAX_INDICATORS: usize = 10_000;
/// The most fields an indicator list looks at.
const MAX_FIELDS: usize = 50;
/// A rule to hang a filter's detection on.
const CARRIER: &str = "title: filter\nlogsource: {product: any}\ndetection:\n  none: {none: none}\n  condition: none\n";

/// One exception.
#[derive(Debug)]
pub struct Exception {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The rules it is about, by id; every rule when `None`.
    pub rules: Option<HashSet<String>>,
    /// When it ends, in microseconds: at this moment it has no effect any more.
    pub until_us: i64,
    /// What it excepts.
    pub kind: ExceptionKind,
}

/// What an exception excepts.
#[derive(Debug)]
pub enum ExceptionKind {
    /// Records for which the condition of a Sigma filter is false.
    Filter(Box<Filter>),
    /// Signals about entities of this kind with such a value.
    Entity(EntityKind, Glob),
    /// Signals about addresses of this network.
    Network(IpNet),
    /// Records that hold one of these values.
    Indicators(Indicators),
}

/// A compiled Sigma filter.
#[derive(Debug)]
pub struct Filter {
    names: Option<HashSet<String>>,
    logsource: RuleLogSource,
    compiled: CompiledRule,
}

/// A list of values, compared in any case, and networks.
#[derive(Debug, Default)]
pub struct Indicators {
    values: HashSet<String>,
    networks: Vec<IpNet>,
    /// Fields they are looked for in, by their original or their dictionary name; every address, domain and hash the record is about
    /// when empty.
    fields: Vec<String>,
}

impl ExceptionKind {
    /// Reads a Sigma filter (one YAML document with `filter:`), rewritten by the pipelines of `rules`.
    ///
    /// # Errors
    /// Why it cannot run, for people.
    pub fn filter(yaml: &str, rules: &RuleSet) -> Result<Self, String> {
        Filter::parse(yaml, rules.pipelines()).map(|filter| Self::Filter(Box::new(filter)))
    }

    /// Whether it looks at records, not at entities.
    fn of_records(&self) -> bool {
        matches!(self, Self::Filter(_) | Self::Indicators(_))
    }
}

impl Filter {
    fn parse(yaml: &str, pipelines: &Pipelines) -> Result<Self, String> {
        if !yaml.lines().any(|line| line.trim_start().starts_with("filter:")) && !yaml.contains("detection:") {
            return Err("filter: is missing".to_owned());
        }
        let mut parsed = parse_sigma_yaml(yaml).map_err(|error| error.to_string())?;
        if let Some(problem) = parsed.errors().next() {
            return Err(problem.message.clone());
        }
        let others = parsed.rules.len() + parsed.correlations.len();
        let (Some(filter), 0, true) = (parsed.filters.pop(), others, parsed.filters.is_empty()) else {
            return Err("expected exactly one document with filter:".to_owned());
        };
        if filter.detection.conditions.len() != 1 {
            return Err("filter.condition: exactly one is needed, such as `not selection`".to_owned());
        }
        let mut carrier: SigmaRule =
            parse_sigma_yaml(CARRIER).map_err(|error| error.to_string())?.rules.pop().ok_or("no rule to carry the filter")?;
        let logsource = filter.logsource.unwrap_or_default();
        let about = RuleLogSource::from(&logsource);
        carrier.logsource = logsource;
        carrier.detection = filter.detection;
        pipelines.rewrite(&mut carrier)?;
        let names = match filter.rules {
            FilterRuleTarget::Any => None,
            FilterRuleTarget::Specific(names) => Some(names.into_iter().collect()),
        };
        Ok(Self { names, logsource: about, compiled: compile_rule(&carrier).map_err(|error| error.to_string())? })
    }

    fn excepts(&self, rule: &Rule, event: &RecordEvent<'_>) -> bool {
        let named = self.names.as_ref().is_none_or(|names| names.contains(&rule.id) || rule.name.as_ref().is_some_and(|name| names.contains(name)));
        let about = rule.correlation || self.logsource.contains(&rule.logsource);
        named && about && evaluate_rule(&self.compiled, event).is_none()
    }
}

impl Indicators {
    /// Takes values and networks (`10.0.0.0/8`) and the fields they are looked for in.
    ///
    /// # Errors
    /// Which one is wrong.
    pub fn new(values: &[String], fields: &[String]) -> Result<Self, String> {
        if values.is_empty() || values.len() > MAX_INDICATORS {
            return Err(format!("values: 1 to {MAX_INDICATORS}"));
        }
        if fields.len() > MAX_FIELDS {
            return Err(format!("fields: at most {MAX_FIELDS}"));
        }
        let mut list = Self { fields: fields.to_vec(), ..Self::default() };
        for value in values.iter().map(|value| value.trim()) {
            if value.is_empty() || value.len() > 512 {
                return Err("values: each 1 to 512 bytes".to_owned());
            }
            if value.contains('/')
                && let Ok(network) = value.parse::<IpNet>()
            {
                list.networks.push(network);
            } else {
                list.values.insert(value.to_lowercase());
            }
        }
        Ok(list)
    }

    fn holds(&self, value: &str) -> bool {
        let listed = self.values.contains(&value.to_lowercase());
        listed || (!self.networks.is_empty() && value.parse::<IpAddr>().is_ok_and(|address| self.networks.iter().any(|net| net.contains(&address))))
    }

    fn excepts(&self, record: &Record, entities: &[Entity]) -> bool {
        if self.fields.is_empty() {
            let looked_at = |entity: &&Entity| matches!(entity.kind, EntityKind::Ip | EntityKind::Domain | EntityKind::Hash);
            return record.entities.iter().chain(entities).filter(looked_at).any(|entity| self.holds(&entity.value));
        }
        self.fields.iter().any(|name| {
            let values = [record.fields.get(name), record.ecs.get(name)];
            values.into_iter().flatten().any(|value| value.to_text().is_some_and(|text| self.holds(&text)))
        })
    }
}

impl Exception {
    fn is_about(&self, rule: &Rule, at_us: i64) -> bool {
        at_us < self.until_us && self.rules.as_ref().is_none_or(|rules| rules.contains(&rule.id))
    }
}

impl Detection {
    /// The exceptions that suppress every signal `rule` makes of `record` at `at_us`. `entities` are what else the match is about.
    #[must_use]
    pub fn excepting_record(&self, rule: &Rule, record: &Record, entities: &[Entity], at_us: i64) -> Vec<&Exception> {
        if self.exceptions().is_empty() {
            return Vec::new();
        }
        let event = RecordEvent::new(&record.fields);
        let about = self.exceptions().iter().filter(|exception| exception.kind.of_records() && exception.is_about(rule, at_us));
        let excepts = |exception: &&Exception| match &exception.kind {
            ExceptionKind::Filter(filter) => filter.excepts(rule, &event),
            ExceptionKind::Indicators(list) => list.excepts(record, entities),
            ExceptionKind::Entity(..) | ExceptionKind::Network(_) => false,
        };
        about.filter(excepts).collect()
    }

    /// The exceptions that suppress what `rule` says about `entity` at `at_us`.
    #[must_use]
    pub fn excepting_entity(&self, rule: &Rule, entity: &Entity, at_us: i64) -> Vec<&Exception> {
        let about = self.exceptions().iter().filter(|exception| !exception.kind.of_records() && exception.is_about(rule, at_us));
        let excepts = |exception: &&Exception| match &exception.kind {
            ExceptionKind::Entity(kind, glob) => *kind == entity.kind && glob.matches(&entity.value),
            ExceptionKind::Network(network) => {
                entity.kind == EntityKind::Ip && entity.value.parse::<IpAddr>().is_ok_and(|address| network.contains(&address))
            }
            ExceptionKind::Filter(_) | ExceptionKind::Indicators(_) => false,
        };
        about.filter(excepts).collect()
    }
}
