//! Rules as a workspace runs them: their states, what they found and cost, its own rules, and trying one.
//!
//! The rule behind a signal is shown as it was when it made one: a workspace keeps a copy of each rule that ever fired in it, so that
//! an old signal can be understood after the rule was changed or taken away.

pub(crate) mod http;
pub(crate) mod own;
mod store;
pub(crate) mod trial;

use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{RuleDetail, RuleInfo, RulePage, RulePatch, RuleRow, RuleState};
use bailiwick_chassis::{Refusal, clock::from_us, extract::QueryParams};
use bailiwick_detect::{Detection, Rule};
use serde::Deserialize;
use sqlx::Row;
use std::collections::HashMap;
use store::Known;
use utoipa::IntoParams;

/// Rules a page, unless told.
const PAGE: usize = 100;
/// The most rules a page.
const MAX_PAGE: usize = 500;
/// The highest severity a workspace may give.
const MAX_SEVERITY: u32 = 10;
/// The longest quiet period, in minutes.
const MAX_QUIET_MINUTES: u32 = 72 * 60;
const MINUTE_US: i64 = 60_000_000;
const HOUR_US: i64 = 3_600_000_000;

const READ: &[Action] = &[Action::ViewInvestigations, Action::ManageDetection];

/// Which rules.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RuleFilter {
    /// In this state.
    #[param(inline)]
    state: Option<RuleState>,
    /// Of this Sigma level.
    level: Option<String>,
    /// For this product.
    product: Option<String>,
    /// Words in title, id or tags, all of them, any case.
    q: Option<String>,
    /// Rules a page, 1 to 500, 100 unless told.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for RuleFilter {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// A page of the rules of a workspace, by title.
async fn page(grant: &WorkspaceGrant, filter: &RuleFilter) -> Result<RulePage, Refusal> {
    let workspace = grant.demand(READ)?;
    let limit = page_size(filter.limit, PAGE, MAX_PAGE)?;
    let known = store::known(workspace.db()).await?;
    let spent = workspace.detection().spent_by_rule();
    let detection = workspace.detection().current();
    let words: Vec<String> = filter.q.as_deref().unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
    let mut rules: Vec<_> = detection.rules().filter(|rule| fits(filter, &words, rule)).collect();
    rules.sort_by_cached_key(|rule| (rule.title.to_lowercase(), rule.id.clone()));
    let mut rows = rules.into_iter().map(|rule| row(&detection, rule, &known, &spent)).filter(|row| filter.state.is_none_or(|s| s == row.state));
    if let Some(cursor) = &filter.cursor {
        let invalid = || Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: no rule of this list");
        rows.find(|row| row.id == *cursor).ok_or_else(invalid)?;
    }
    let data: Vec<RuleRow> = rows.by_ref().take(limit).collect();
    let next = rows.next().and_then(|_| data.last().map(|row| row.id.clone()));
    Ok(RulePage { data, next })
}

/// How many rows a page holds; a wrong wish is refused.
pub(crate) fn page_size(asked: Option<u32>, usual: usize, most: usize) -> Result<usize, Refusal> {
    let asked = asked.map_or(usual, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let refusal = || Refusal::invalid("INVALID_INPUT", "limit", format!("limit: 1 to {most}"));
    if (1..=most).contains(&asked) { Ok(asked) } else { Err(refusal()) }
}

fn fits(filter: &RuleFilter, words: &[String], rule: &Rule) -> bool {
    let same =
        |wanted: &Option<String>, is: Option<&str>| wanted.as_deref().is_none_or(|wanted| is.is_some_and(|is| is.eq_ignore_ascii_case(wanted)));
    if !same(&filter.level, Some(rule.level.as_str())) || !same(&filter.product, rule.logsource.product.as_deref()) {
        return false;
    }
    if words.is_empty() {
        return true;
    }
    let text = format!("{}\n{}\n{}", rule.title, rule.id, rule.tags.join("\n")).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

/// One rule with its text.
async fn detail(grant: &WorkspaceGrant, id: &str) -> Result<RuleDetail, Refusal> {
    let workspace = grant.demand(READ)?;
    let detection = workspace.detection().current();
    let rule = detection.rule(id).ok_or_else(Refusal::not_found)?;
    let known = store::known(workspace.db()).await?;
    Ok(RuleDetail { rule: row(&detection, rule, &known, &workspace.detection().spent_by_rule()), info: info(rule) })
}

fn row(detection: &Detection, rule: &Rule, known: &Known, spent: &HashMap<String, u64>) -> RuleRow {
    let setting = detection.setting(&rule.id);
    let (noted, counted) = (known.settings.get(&rule.id), known.counts.get(&rule.id));
    RuleRow {
        id: rule.id.clone(),
        title: rule.title.clone(),
        level: rule.level.as_str().to_owned(),
        severity: detection.severity(rule),
        own_severity: rule.severity,
        state: shown(setting.state),
        reason: noted.and_then(|noted| noted.reason.clone()),
        sample: noted.and_then(|noted| noted.sample.clone()),
        failed_time: noted.and_then(|noted| noted.failed).map(from_us),
        quiet_minutes: setting.quiet_us.and_then(|us| u32::try_from(us / MINUTE_US).ok()),
        product: rule.logsource.product.clone(),
        category: rule.logsource.category.clone(),
        service: rule.logsource.service.clone(),
        tags: rule.tags.clone(),
        correlation: rule.correlation,
        custom: detection.own().is_some_and(|own| own.rule(&rule.id).is_some()),
        hits: counted.map_or(0, |counted| counted.hits),
        signals: counted.map_or(0, |counted| counted.signals),
        last_hit_time: counted.and_then(|counted| counted.last_hour).map(|hour| from_us(hour.saturating_mul(HOUR_US))),
        spent_us: spent.get(&rule.id).map_or(0, |ns| ns / 1_000),
    }
}

fn shown(state: bailiwick_detect::RuleState) -> RuleState {
    match state {
        bailiwick_detect::RuleState::Active => RuleState::Active,
        bailiwick_detect::RuleState::Disabled => RuleState::Disabled,
        bailiwick_detect::RuleState::Prototype => RuleState::Prototype,
        bailiwick_detect::RuleState::Failed => RuleState::Failed,
    }
}

/// Changes what a workspace lets a rule do, from the next event on.
async fn change(grant: &WorkspaceGrant, id: &str, patch: &RulePatch, now_us: i64) -> Result<(), Refusal> {
    let workspace = grant.demand(&[Action::ManageDetection])?;
    let detection = workspace.detection().current();
    detection.rule(id).ok_or_else(Refusal::not_found)?;
    let invalid = |field: &str, detail: String| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {detail}")));
    if patch.state == Some(RuleState::Failed) {
        return invalid("state", "active, disabled or prototype".to_owned());
    }
    if patch.severity.flatten().is_some_and(|severity| severity > MAX_SEVERITY) {
        return invalid("severity", format!("0 to {MAX_SEVERITY}"));
    }
    let sets = [Some(detection.shared()), detection.own()];
    let window = sets.into_iter().flatten().flat_map(|set| set.correlations()).find(|correlation| correlation.rule.id == id);
    let least = window.map_or(1, |correlation| u32::try_from((correlation.timespan_seconds() + 59) / 60).unwrap_or(1)).clamp(1, MAX_QUIET_MINUTES);
    if patch.quiet_minutes.flatten().is_some_and(|minutes| !(least..=MAX_QUIET_MINUTES).contains(&minutes)) {
        return invalid("quiet_minutes", format!("{least} to {MAX_QUIET_MINUTES}"));
    }
    let mut setting = detection.setting(id);
    setting.severity = patch.severity.unwrap_or(setting.severity);
    setting.quiet_us = patch.quiet_minutes.map_or(setting.quiet_us, |minutes| minutes.map(|minutes| i64::from(minutes) * MINUTE_US));
    let state = patch.state.unwrap_or(shown(setting.state));
    store::set(workspace.db(), id, state, &setting, (grant.actor(), now_us)).await?;
    workspace.reload_detection().await
}

/// The workspace's own copy, or the rule as it runs now.
async fn find(grant: &WorkspaceGrant, id: &str) -> Result<RuleInfo, Refusal> {
    let workspace = grant.demand(READ)?;
    let row = sqlx::query("select body from rule where id = $1").bind(id).fetch_optional(workspace.db().pool()).await?;
    match row {
        Some(row) => serde_json::from_str(row.try_get::<String, _>("body")?.as_str()).map_err(Refusal::internal),
        None => workspace.detection().current().rule(id).map(|rule| info(rule)).ok_or_else(Refusal::not_found),
    }
}

/// A rule as it travels and as a workspace keeps it.
pub(crate) fn info(rule: &Rule) -> RuleInfo {
    RuleInfo {
        id: rule.id.clone(),
        title: rule.title.clone(),
        level: rule.level.as_str().to_owned(),
        description: rule.description.clone(),
        tags: rule.tags.clone(),
        author: rule.author.clone(),
        false_positives: rule.falsepositives.clone(),
        references: rule.references.clone(),
        source: rule.source.clone(),
    }
}
