//! Trying rules on events: what a rule would say, before anybody is told anything.

use super::own;
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{MatchedField, RuleTest, RuleTestResult, TriedEvent, TriedMatch};
use bailiwick_chassis::Refusal;
use bailiwick_detect::{RuleSet, Windows};
use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers};
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};

/// The most events of a trial.
const MAX_EVENTS: usize = 50;
/// How long a trial may take.
const DEADLINE: Duration = Duration::from_secs(10);
const PATH: &str = "the rules on trial";

/// Tries rules on events. Those of the workspace are there to be named by correlations, but say nothing themselves.
pub(super) async fn run(grant: &WorkspaceGrant, test: RuleTest, now: DateTime<Utc>) -> Result<RuleTestResult, Refusal> {
    let workspace = grant.demand(&[Action::ManageDetection])?;
    own::bounded(&test.yaml)?;
    if test.events.is_empty() || test.events.len() > MAX_EVENTS {
        return Err(Refusal::invalid("INVALID_INPUT", "events", format!("events: 1 to {MAX_EVENTS}")));
    }
    let mut texts = vec![(PATH.to_owned(), test.yaml)];
    texts.extend(own::for_trial(grant).await?);
    let events: Vec<String> = test.events.iter().map(|event| event.as_str().map_or_else(|| event.to_string(), str::to_owned)).collect();
    let (shared, parsers) = (Arc::clone(workspace.detection().current().shared()), workspace.parsers().get());
    let work = tokio::task::spawn_blocking(move || tried(&shared, parsers, texts, &events, now));
    match tokio::time::timeout(DEADLINE, work).await {
        Ok(done) => done.map_err(Refusal::internal)?,
        Err(_) => Err(Refusal::invalid("RULE_TOO_COSTLY", "yaml", format!("yaml: the trial took longer than {} s", DEADLINE.as_secs()))),
    }
}

fn tried(
    shared: &RuleSet,
    parsers: Arc<Parsers>,
    texts: Vec<(String, String)>,
    events: &[String],
    now: DateTime<Utc>,
) -> Result<RuleTestResult, Refusal> {
    let (rules, report) = shared.beside(texts);
    if let Some(refused) = report.refused.iter().find(|refused| refused.path == PATH) {
        return Err(Refusal::invalid("RULE_INVALID", "yaml", format!("yaml: {}", refused.reason)));
    }
    let (mut normaliser, mut windows) = (Normaliser::new(parsers), Windows::new(&rules));
    let mut tried = Vec::with_capacity(events.len());
    for (at, raw) in events.iter().enumerate() {
        let outcome = normaliser.normalise(&Input::new(raw.as_bytes(), Format::Auto, now));
        let record = match outcome {
            Outcome::Record(record) => record,
            Outcome::Failed(failed) => {
                tried.push(TriedEvent { matches: Vec::new(), failed: Some(failed.reason), parser: failed.parser, logsource: None });
                continue;
            }
        };
        let hits = rules.evaluate(&record);
        let fed: Vec<_> = shared.evaluate(&record).into_iter().chain(hits.iter().cloned()).collect();
        let fired = windows.observe(&rules, &record, &fed, &at.to_string()).fired;
        let field = |(field, value): &(String, String)| MatchedField { field: field.clone(), value: value.clone() };
        let of_hits = hits.iter().filter(|hit| hit.rule.path == PATH).map(|hit| TriedMatch {
            rule_id: hit.rule.id.clone(),
            title: hit.rule.title.clone(),
            matched: hit.matched.iter().map(field).collect(),
        });
        let of_fired = fired.iter().filter(|fired| fired.rule.path == PATH).map(|fired| {
            let count = ("count".to_owned(), fired.count.to_string());
            let matched = fired.group.iter().chain([&count]).map(field).collect();
            TriedMatch { rule_id: fired.rule.id.clone(), title: fired.rule.title.clone(), matched }
        });
        let logsource = record.logsource.clone();
        tried.push(TriedEvent {
            matches: of_hits.chain(of_fired).collect(),
            failed: None,
            parser: Some(record.parser.clone()),
            logsource: Some([logsource.product, logsource.category, logsource.service]),
        });
    }
    let warnings = report.warnings.into_iter().filter(|warning| warning.path == PATH).map(|warning| warning.reason);
    Ok(RuleTestResult { events: tried, warnings: warnings.collect() })
}
