//! The rules of a node, compiled once and shared by all its workspaces.
//!
//! Loading never stops at a bad rule: every document that cannot run is listed with its path, title and reason. After
//! loading nothing changes; evaluation borrows the set and keeps no state, so any number of threads may use it.

use std::collections::HashMap;
use std::sync::Arc;

use bailiwick_event::Record;
use rsigma_eval::{Engine, EvaluationResult};

use crate::compile::compile;
use crate::correlation::Correlation;
use crate::cost::Costs;
use crate::event_view::RecordEvent;
use crate::load::{self, LoadError, LoadReport, RuleFile, RuleSources};
use crate::pipelines::Pipelines;
use crate::route::Router;
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
    pipelines: Arc<Pipelines>,
    costs: Costs,
}

impl RuleSet {
    /// Reads and compiles everything `sources` names.
    ///
    /// # Errors
    /// When a source cannot be read at all. A rule that cannot run is no error: it is in the report.
    pub fn load(sources: &RuleSources) -> Result<(Self, LoadReport), LoadError> {
        let mut report = LoadReport::default();
        let pipelines = Pipelines::parse(&load::read_pipelines(sources, &mut report.refused)?)?;
        let files = load::read(sources, &mut report.refused)?;
        report.files = files.len();
        let set = Self::of(&files, Arc::new(pipelines), &[], &mut report);
        Ok((set, report))
    }

    /// Compiles further rules to stand beside these: rewritten by the same pipelines, and correlations among them may name the
    /// detections here. `texts` are paths and YAML texts. A rule that cannot run is in the report; one with an id that is taken here, too.
    #[must_use]
    pub fn beside(&self, texts: Vec<(String, String)>) -> (Self, LoadReport) {
        let mut report = LoadReport { files: texts.len(), ..LoadReport::default() };
        let files: Vec<RuleFile> = texts.into_iter().map(|(path, text)| RuleFile { path, text }).collect();
        let set = Self::of(&files, Arc::clone(&self.pipelines), &self.rules, &mut report);
        (set, report)
    }

    fn of(files: &[RuleFile], pipelines: Arc<Pipelines>, beside: &[Arc<Rule>], report: &mut LoadReport) -> Self {
        let compiled = compile(files, &pipelines, beside, report);
        Self {
            router: Router::new(compiled.groups),
            by_id: compiled.rules.iter().map(|rule| (rule.id.clone(), Arc::clone(rule))).collect(),
            costs: Costs::new(&compiled.engines),
            engines: compiled.engines,
            rules: compiled.rules,
            correlations: compiled.correlations,
            fed_by: compiled.fed_by,
            pipelines,
        }
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

    /// Whether a correlation here watches the rule `id`.
    #[must_use]
    pub fn feeds(&self, id: &str) -> bool {
        !self.fed_by(id).is_empty()
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
        self.route(record, |at| self.look(self.engine(at), &event, &mut hits));
        hits
    }

    /// Calls `visit` with the number of every engine that looks at `record`.
    pub(crate) fn route(&self, record: &Record, visit: impl FnMut(usize)) {
        self.router.route(record, visit);
    }

    /// An engine by its number.
    pub(crate) fn engine(&self, at: usize) -> &Engine {
        &self.engines[at]
    }

    /// An engine by its number, if there is one.
    pub(crate) fn engine_at(&self, at: usize) -> Option<&Engine> {
        self.engines.get(at)
    }

    /// What one rule took when it was evaluated alone, lately and on average.
    pub(crate) fn costs(&self) -> &Costs {
        &self.costs
    }

    pub(crate) fn pipelines(&self) -> &Pipelines {
        &self.pipelines
    }

    /// The number of the engine that holds a detection.
    pub(crate) fn engine_of(&self, id: &str) -> Option<usize> {
        self.engines.iter().position(|engine| engine.rules().iter().any(|rule| rule.id.as_deref() == Some(id)))
    }

    /// An engine again, without these rules.
    pub(crate) fn engine_without(&self, at: usize, left_out: &dyn Fn(&str) -> bool) -> Engine {
        let mut engine = Engine::new();
        let stays = |rule: &&rsigma_eval::CompiledRule| !rule.id.as_deref().is_some_and(left_out);
        engine.extend_compiled_rules(self.engines[at].rules().iter().filter(stays).cloned());
        engine
    }

    /// Adds the hits of one engine.
    pub(crate) fn look(&self, engine: &Engine, event: &RecordEvent<'_>, hits: &mut Vec<Hit>) {
        hits.extend(engine.evaluate(event).into_iter().filter_map(|result| self.hit(result)));
    }

    fn hit(&self, result: EvaluationResult) -> Option<Hit> {
        let rule = self.by_id.get(result.header.rule_id.as_deref()?)?;
        let fields = result.as_detection().map_or(&[][..], |body| body.matched_fields.as_slice());
        let matched = fields.iter().take(MAX_MATCHED).map(|found| (found.field.clone(), bounded(&found.value)));
        Some(Hit { rule: Arc::clone(rule), matched: matched.collect() })
    }
}

fn bounded(value: &serde_json::Value) -> String {
    let mut text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.len() > MAX_MATCHED_BYTES {
        text.truncate((0..=MAX_MATCHED_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0));
    }
    text
}
