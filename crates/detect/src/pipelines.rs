//! Processing pipelines: what rewrites rules between their text and the engine. Field names, logsources, values, conditions.
//!
//! The rewritten logsource decides which records a rule looks at. The pipelines built into the engine are not offered: its `sysmon`
//! one rewrites the logsource of every Windows rule and so kills rules that are routed by channel.

use rsigma_eval::{Pipeline, PipelineState, apply_pipelines, parse_pipeline};
use rsigma_parser::{CorrelationRule, SigmaRule};

use crate::load::{LoadError, RuleFile};

/// The most pipelines.
const MAX_PIPELINES: usize = 100;

/// Pipelines in the order they run.
#[derive(Debug, Default)]
pub(crate) struct Pipelines(Vec<Pipeline>);

impl Pipelines {
    /// Reads pipelines and orders them by their priority; of equals, the one read first runs first.
    pub(crate) fn parse(files: &[RuleFile]) -> Result<Self, LoadError> {
        let wrong = |path: &str, reason: String| LoadError::Pipeline { path: path.to_owned(), reason };
        let mut pipelines = Vec::new();
        for file in files {
            let pipeline = parse_pipeline(&file.text).map_err(|error| wrong(&file.path, error.to_string()))?;
            if pipeline.is_dynamic() {
                return Err(wrong(&file.path, "refers to a source outside (${source…}), which is not read".to_owned()));
            }
            if pipelines.len() >= MAX_PIPELINES {
                return Err(wrong(&file.path, format!("more than {MAX_PIPELINES} pipelines")));
            }
            pipelines.push(pipeline);
        }
        pipelines.sort_by_key(|pipeline| pipeline.priority);
        Ok(Self(pipelines))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Rewrites a detection rule; the error says why it must not run.
    pub(crate) fn rewrite(&self, rule: &mut SigmaRule) -> Result<(), String> {
        apply_pipelines(&self.0, rule).map_err(|error| error.to_string())
    }

    /// Rewrites the fields of a correlation rule.
    pub(crate) fn rewrite_correlation(&self, rule: &mut CorrelationRule) -> Result<(), String> {
        for pipeline in &self.0 {
            let mut state = PipelineState::new(pipeline.vars.clone());
            pipeline.apply_to_correlation(rule, &mut state).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
