//! From files to compiled rules: parsing, filters, pipelines, one engine per group, correlations bound to what feeds them.
//!
//! Nothing here stops at a bad rule; each is refused by name with the reason.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rsigma_eval::{Engine, apply_filters};
use rsigma_parser::{CollectionDiagnostic, CorrelationRule, FilterRule, SigmaCollection, SigmaRule, parse_sigma_yaml};

use crate::correlation::Correlation;
use crate::load::{LoadReport, Refused, RuleFile};
use crate::pipelines::Pipelines;
use crate::route::Group;
use crate::rule::{Rule, RuleLogSource};

/// What compiling gives.
pub(crate) struct Compiled {
    pub(crate) engines: Vec<Engine>,
    pub(crate) groups: HashMap<Group, usize>,
    pub(crate) rules: Vec<Arc<Rule>>,
    pub(crate) correlations: Vec<Correlation>,
    pub(crate) fed_by: HashMap<String, Vec<usize>>,
}

/// Compiles what the files hold. Correlations may also name rules of `beside`, which go on making signals of their own.
pub(crate) fn compile(files: &[RuleFile], pipelines: &Pipelines, beside: &[Arc<Rule>], report: &mut LoadReport) -> Compiled {
    let mut parsed = Parsed::default();
    parsed.places.extend(beside.iter().map(|rule| (rule.id.clone(), rule.path.clone())));
    for file in files {
        parsed.add(file, report);
    }
    parsed.narrow();
    parsed.rewrite(pipelines, report);
    let (engines, groups) = compile_groups(&mut parsed, report);
    let bound = Bound::new(&parsed, beside, report);
    let rules: Vec<Arc<Rule>> = parsed
        .detections
        .into_iter()
        .map(|(_, rule)| Arc::new(Rule { alerts: !bound.silent.contains(&rule.id), ..rule }))
        .chain(bound.correlations.iter().map(|correlation| Arc::clone(&correlation.rule)))
        .collect();
    report.correlations = bound.correlations.len();
    report.loaded = rules.len() - bound.correlations.len();
    report.filters = parsed.filters.len();
    report.pipelines = pipelines.len();
    Compiled { engines, groups, rules, correlations: bound.correlations, fed_by: bound.fed_by }
}

/// Everything read, before anything is compiled.
#[derive(Default)]
struct Parsed {
    detections: Vec<(SigmaRule, Rule)>,
    correlations: Vec<(CorrelationRule, Rule)>,
    filters: Vec<FilterRule>,
    places: HashMap<String, String>,
}

impl Parsed {
    fn add(&mut self, file: &RuleFile, report: &mut LoadReport) {
        let refused = |reason: String| Refused { path: file.path.clone(), title: first_title(&file.text), reason };
        let collection = match parse_sigma_yaml(&file.text) {
            Ok(collection) => collection,
            Err(error) => return report.refused.push(refused(error.to_string())),
        };
        for problem in &collection.diagnostics {
            let list = if problem.is_error() { &mut report.refused } else { &mut report.warnings };
            list.push(refused(explained(problem)));
        }
        for mut sigma in collection.rules {
            let rule = Rule::from_detection(&sigma, &file.path, &file.text);
            if self.first(&rule, report) {
                sigma.id = Some(rule.id.clone());
                self.detections.push((sigma, rule));
            }
        }
        for sigma in collection.correlations {
            let rule = Rule::from_correlation(&sigma, &file.path, &file.text);
            if self.first(&rule, report) {
                self.correlations.push((sigma, rule));
            }
        }
        self.filters.extend(collection.filters);
    }

    /// Merges every filter into the rules it names.
    fn narrow(&mut self) {
        if self.filters.is_empty() {
            return;
        }
        let mut all = SigmaCollection::new();
        all.rules = self.detections.iter().map(|(sigma, _)| sigma.clone()).collect();
        all.filters.clone_from(&self.filters);
        for ((sigma, _), narrowed) in self.detections.iter_mut().zip(apply_filters(&all)) {
            *sigma = narrowed;
        }
    }

    fn rewrite(&mut self, pipelines: &Pipelines, report: &mut LoadReport) {
        if pipelines.len() == 0 {
            return;
        }
        self.detections.retain_mut(|(sigma, rule)| match pipelines.rewrite(sigma) {
            Ok(()) => true,
            Err(reason) => {
                refuse(report, rule, reason);
                false
            }
        });
        self.correlations.retain_mut(|(sigma, rule)| match pipelines.rewrite_correlation(sigma) {
            Ok(()) => true,
            Err(reason) => {
                refuse(report, rule, reason);
                false
            }
        });
    }

    /// Whether this is the first rule of its id; a later one is refused.
    fn first(&mut self, rule: &Rule, report: &mut LoadReport) -> bool {
        if let Some(place) = self.places.get(&rule.id) {
            let reason = format!("id {} is already taken by {place}", rule.id);
            report.refused.push(Refused { path: rule.path.clone(), title: Some(rule.title.clone()), reason });
            return false;
        }
        self.places.insert(rule.id.clone(), rule.path.clone());
        true
    }
}

/// One engine per group of rules. Rules that do not compile leave `parsed` and are reported.
fn compile_groups(parsed: &mut Parsed, report: &mut LoadReport) -> (Vec<Engine>, HashMap<Group, usize>) {
    let mut by_group: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    for (at, (sigma, _)) in parsed.detections.iter().enumerate() {
        by_group.entry(Group::of(&RuleLogSource::from(&sigma.logsource))).or_default().push(at);
    }
    let (mut engines, mut groups, mut failed) = (Vec::new(), HashMap::new(), HashSet::new());
    for (group, members) in by_group {
        let mut engine = Engine::new();
        for (member, error) in engine.add_rules(members.iter().map(|at| &parsed.detections[*at].0)) {
            let rule = &parsed.detections[members[member]].1;
            report.refused.push(Refused { path: rule.path.clone(), title: Some(rule.title.clone()), reason: error.to_string() });
            failed.insert(rule.id.clone());
        }
        groups.insert(group, engines.len());
        engines.push(engine);
    }
    parsed.detections.retain(|(_, rule)| !failed.contains(&rule.id));
    (engines, groups)
}

/// Correlations bound to the rules that feed them.
#[derive(Default)]
struct Bound {
    correlations: Vec<Correlation>,
    fed_by: HashMap<String, Vec<usize>>,
    /// Rules that make no signal of their own: fed to correlations, none of which says `generate: true`.
    silent: HashSet<String>,
}

impl Bound {
    /// Binds in rounds, so that a correlation over another stands after it; what never binds names an unknown rule or, in the
    /// end, itself.
    fn new(parsed: &Parsed, beside: &[Arc<Rule>], report: &mut LoadReport) -> Self {
        let mut known: HashMap<&str, &str> = HashMap::new();
        for rule in beside.iter().filter(|rule| !rule.correlation) {
            learn(&mut known, rule);
        }
        for (_, rule) in &parsed.detections {
            learn(&mut known, rule);
        }
        let mut waiting: Vec<&(CorrelationRule, Rule)> = parsed.correlations.iter().collect();
        let (mut bound, mut loud, mut done) = (Self::default(), HashSet::new(), Vec::new());
        loop {
            let (ready, later): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(sigma, _)| sigma.rules.iter().all(|called| known.contains_key(called.as_str())));
            if ready.is_empty() {
                waiting = later;
                break;
            }
            for (sigma, rule) in ready {
                let resolve = |called: &str| known.get(called).map(|id| (*id).to_owned());
                match Correlation::new(sigma, Arc::new(rule.clone()), resolve) {
                    Ok(correlation) => {
                        let feeds = correlation.base_rules().map(str::to_owned);
                        if sigma.generate {
                            loud.extend(feeds)
                        } else {
                            bound.silent.extend(feeds)
                        }
                        done.push(correlation);
                        learn(&mut known, rule);
                    }
                    Err(reason) => refuse(report, rule, reason),
                }
            }
            waiting = later;
        }
        for (sigma, rule) in waiting {
            let missing: Vec<&str> = sigma.rules.iter().map(String::as_str).filter(|called| !known.contains_key(called)).collect();
            refuse(report, rule, format!("rules names {missing:?}, which no rule that runs has as name or id"));
        }
        bound.silent.retain(|id| !loud.contains(id));
        bound.finish(done)
    }

    fn finish(mut self, correlations: Vec<Correlation>) -> Self {
        for (at, mut correlation) in correlations.into_iter().enumerate() {
            if self.silent.contains(&correlation.rule.id) {
                correlation.rule = Arc::new(Rule { alerts: false, ..Rule::clone(&correlation.rule) });
            }
            for base in correlation.base_rules() {
                self.fed_by.entry(base.to_owned()).or_default().push(at);
            }
            self.correlations.push(correlation);
        }
        self
    }
}

fn learn<'a>(known: &mut HashMap<&'a str, &'a str>, rule: &'a Rule) {
    known.insert(&rule.id, &rule.id);
    if let Some(name) = &rule.name {
        known.entry(name).or_insert(&rule.id);
    }
}

fn refuse(report: &mut LoadReport, rule: &Rule, reason: String) {
    report.refused.push(Refused { path: rule.path.clone(), title: Some(rule.title.clone()), reason });
}

/// The first `title:` of a file, to name what could not be parsed.
fn first_title(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("title:"))?;
    let title = line.trim().trim_matches(['"', '\'']).to_owned();
    (!title.is_empty()).then_some(title)
}

/// A problem of the parser with its place, where that is known.
fn explained(problem: &CollectionDiagnostic) -> String {
    match problem.location {
        Some(at) if !problem.message.contains(&at.to_string()) => format!("line {}, column {}: {}", at.line, at.col, problem.message),
        _ => problem.message.clone(),
    }
}
