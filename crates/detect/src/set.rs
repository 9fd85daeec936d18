//! The rules of a node, compiled once and shared by all its workspaces.
//!
//! Loading never stops at a bad rule: every document that cannot run is listed with its path, title and reason. After
//! loading nothing changes; evaluation borrows the set and keeps no state, so any number of threads may use it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bailiwick_event::Record;
use rsigma_eval::{Engine, EvaluationResult};
use rsigma_parser::{CorrelationRule, FilterRule, SigmaRule, parse_sigma_yaml};

use crate::correlation::Correlation;
use crate::event_view::RecordEvent;
use crate::load::{self, LoadError, LoadReport, Refused, RuleFile, RuleSources};
use crate::route::{Group, Router};
use crate::rule::Rule;

/// The most matched fields a hit names.
pub const MAX_MATCHED: usize = 16;
/// The longest text of a matched value, in bytes.
pub const MAX_MATCHED_BYTES: usize = 512;

/// One rule matched one record.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The rule; a hit of a rule that does not `alert` only feeds correlations.
    pub rule: Arc<Rule>,
    /// The fields that decided it and their values, at most [`MAX_MATCHED`], each at most [`MAX_MATCHED_BYTES`] long.
    pub matched: Vec<(String, String)>,
}

/// Compiled rules.
pub struct RuleSet {
    engines: Vec<Engine>,
    router: Router,
    rules: Vec<Arc<Rule>>,
    by_id: HashMap<String, Arc<Rule>>,
    correlations: Vec<Correlation>,
    fed_by: HashMap<String, Vec<usize>>,
}

impl RuleSet {
    /// Reads and compiles everything `sources` names.
    ///
    /// # Errors
    /// When a source cannot be read at all. A rule that cannot run is no error: it is in the report.
    pub fn load(sources: &RuleSources) -> Result<(Self, LoadReport), LoadError> {
        let mut report = LoadReport::default();
        let files = load::read(sources, &mut report.refused)?;
        report.files = files.len();
        Ok((Self::compile(files, &mut report), report))
    }

    /// The rule of this id, detection or correlation.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.by_id.get(id)
    }

    /// Every rule that runs: detections in the order they were read, then correlations.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Arc<Rule>> {
        self.rules.iter()
    }

    /// The correlations that run. One that feeds another stands before it.
    #[must_use]
    pub fn correlations(&self) -> &[Correlation] {
        &self.correlations
    }

    /// The places in [`correlations`](Self::correlations) of those that the rule `id` feeds.
    pub(crate) fn fed_by(&self, id: &str) -> &[usize] {
        self.fed_by.get(id).map_or(&[], Vec::as_slice)
    }

    /// Every detection rule that matches `record`, those that only feed correlations included.
    #[must_use]
    pub fn evaluate(&self, record: &Record) -> Vec<Hit> {
        let event = RecordEvent::new(&record.fields);
        let mut hits = Vec::new();
        self.router.route(record, |engine| {
            let Some(engine) = self.engines.get(engine) else { return };
            hits.extend(engine.evaluate(&event).into_iter().filter_map(|result| self.hit(result)));
        });
        hits
    }

    fn hit(&self, result: EvaluationResult) -> Option<Hit> {
        let rule = self.by_id.get(result.header.rule_id.as_deref()?)?;
        let fields = result.as_detection().map_or(&[][..], |body| body.matched_fields.as_slice());
        let matched = fields.iter().take(MAX_MATCHED).map(|found| (found.field.clone(), bounded(&found.value)));
        Some(Hit { rule: Arc::clone(rule), matched: matched.collect() })
    }

    fn compile(files: Vec<RuleFile>, report: &mut LoadReport) -> Self {
        let mut parsed = Parsed::default();
        for file in files {
            parsed.add(&file, report);
        }
        let (engines, groups) = compile_groups(&mut parsed, report);
        let bound = Bound::new(&parsed, report);
        let rules: Vec<Arc<Rule>> = parsed
            .detections
            .into_iter()
            .map(|(_, rule)| Arc::new(Rule { alerts: !bound.silent.contains(&rule.id), ..rule }))
            .chain(bound.correlations.iter().map(|correlation| Arc::clone(&correlation.rule)))
            .collect();
        report.correlations = bound.correlations.len();
        report.loaded = rules.len() - bound.correlations.len();
        report.filters = parsed.filters.len();
        Self {
            engines,
            router: Router::new(groups),
            by_id: rules.iter().map(|rule| (rule.id.clone(), Arc::clone(rule))).collect(),
            rules,
            correlations: bound.correlations,
            fed_by: bound.fed_by,
        }
    }
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
            list.push(refused(problem.message.clone()));
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
    for (at, (_, rule)) in parsed.detections.iter().enumerate() {
        by_group.entry(Group::of(&rule.logsource)).or_default().push(at);
    }
    let (mut engines, mut groups, mut failed) = (Vec::new(), HashMap::new(), HashSet::new());
    for (group, members) in by_group {
        let mut engine = Engine::new();
        for (member, error) in engine.add_rules(members.iter().map(|at| &parsed.detections[*at].0)) {
            let rule = &parsed.detections[members[member]].1;
            report.refused.push(Refused { path: rule.path.clone(), title: Some(rule.title.clone()), reason: error.to_string() });
            failed.insert(rule.id.clone());
        }
        for filter in &parsed.filters {
            if let Err(error) = engine.apply_filter(filter) {
                report.refused.push(Refused { path: String::new(), title: Some(filter.title.clone()), reason: error.to_string() });
            }
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
    fn new(parsed: &Parsed, report: &mut LoadReport) -> Self {
        let mut known: HashMap<&str, &str> = HashMap::new();
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

fn bounded(value: &serde_json::Value) -> String {
    let mut text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.len() > MAX_MATCHED_BYTES {
        text.truncate((0..=MAX_MATCHED_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0));
    }
    text
}
