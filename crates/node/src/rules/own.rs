//! A workspace's own rules: uploaded, compiled beside the shared ones, and taken away again.

use super::{READ, store};
use crate::{
    access::{Action, WorkspaceGrant},
    detection::load::own_path,
};
use bailiwick_api::{NewRule, RuleState};
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_detect::{LoadReport, RuleSet, RuleSetting};
use sqlx::Row;
use std::sync::Arc;

/// The longest text of a rule, in bytes.
pub(super) const MAX_TEXT: usize = 64 * 1024;
/// The most rules of a workspace's own.
const MAX_OWN: usize = 500;

fn wrong(detail: impl Into<String>) -> Refusal {
    Refusal::invalid("RULE_INVALID", "yaml", format!("yaml: {}", detail.into()))
}

/// Refuses a text that is too long.
pub(super) fn bounded(yaml: &str) -> Result<(), Refusal> {
    if yaml.trim().is_empty() || yaml.len() > MAX_TEXT {
        return Err(wrong(format!("1 to {MAX_TEXT} bytes")));
    }
    Ok(())
}

/// Compiles texts beside the shared rules, off the async threads.
async fn compile(shared: &Arc<RuleSet>, texts: Vec<(String, String)>) -> Result<(RuleSet, LoadReport), Refusal> {
    let shared = Arc::clone(shared);
    tokio::task::spawn_blocking(move || shared.beside(texts)).await.map_err(Refusal::internal)
}

async fn texts(db: &Db) -> Result<Vec<(String, String)>, Refusal> {
    let rows = sqlx::query("select rule, yaml from custom_rule order by created, rule").fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok((own_path(&row.try_get::<String, _>("rule")?), row.try_get("yaml")?))).collect()
}

/// Adds a rule; gives its id.
pub(super) async fn add(grant: &WorkspaceGrant, new: &NewRule, now_us: i64) -> Result<String, Refusal> {
    let workspace = grant.demand(&[Action::ManageDetection])?;
    bounded(&new.yaml)?;
    let state = new.state.unwrap_or(RuleState::Active);
    if state == RuleState::Failed {
        return Err(Refusal::invalid("INVALID_INPUT", "state", "state: active, disabled or prototype"));
    }
    let mut texts = texts(workspace.db()).await?;
    if texts.len() >= MAX_OWN {
        return Err(Refusal::conflict("TOO_MANY_RULES", format!("a workspace has at most {MAX_OWN} rules of its own")));
    }
    const PATH: &str = "the new rule";
    texts.push((PATH.to_owned(), new.yaml.clone()));
    let (own, report) = compile(workspace.detection().current().shared(), texts).await?;
    if let Some(refused) = report.refused.iter().find(|refused| refused.path == PATH) {
        let taken = refused.reason.contains("already taken");
        return Err(if taken { Refusal::conflict("RULE_EXISTS", format!("yaml: {}", refused.reason)).field("yaml") } else { wrong(&refused.reason) });
    }
    let mut made = own.rules().filter(|rule| rule.path == PATH);
    let (Some(rule), None) = (made.next(), made.next()) else {
        return Err(wrong("exactly one detection or correlation rule; a filter is an exception, and rules a correlation names come first"));
    };
    if !new.yaml.lines().any(|line| line.starts_with("id:")) {
        return Err(wrong("a rule needs an id of its own, such as a UUID"));
    }
    let text = "insert into custom_rule (rule, yaml, created, created_by) values ($1, $2, $3, $4)";
    sqlx::query(text).bind(&rule.id).bind(&new.yaml).bind(now_us).bind(grant.actor()).execute(workspace.db().pool()).await?;
    if state != RuleState::Active {
        store::set(workspace.db(), &rule.id, state, &RuleSetting::default(), (grant.actor(), now_us)).await?;
    }
    workspace.reload_detection().await?;
    Ok(rule.id.clone())
}

/// Takes a rule away, unless another own rule needs it.
pub(super) async fn remove(grant: &WorkspaceGrant, id: &str) -> Result<(), Refusal> {
    let workspace = grant.demand(&[Action::ManageDetection])?;
    let mut left = texts(workspace.db()).await?;
    let path = own_path(id);
    let before = left.len();
    left.retain(|(at, _)| *at != path);
    if left.len() == before {
        return Err(Refusal::not_found());
    }
    let (_, report) = compile(workspace.detection().current().shared(), left).await?;
    if let Some(needs) = report.refused.first() {
        let by = needs.title.clone().unwrap_or_else(|| needs.path.clone());
        return Err(Refusal::conflict("RULE_IN_USE", format!("the correlation {by:?} names this rule")));
    }
    let mut tx = workspace.db().begin().await?;
    for text in ["delete from custom_rule where rule = $1", "delete from rule_setting where rule = $1", "delete from window_hit where rule = $1"] {
        sqlx::query(text).bind(id).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    workspace.reload_detection().await
}

/// The own rules' texts for a trial, which changes nothing.
pub(super) async fn for_trial(grant: &WorkspaceGrant) -> Result<Vec<(String, String)>, Refusal> {
    texts(grant.demand(READ)?.db()).await
}
