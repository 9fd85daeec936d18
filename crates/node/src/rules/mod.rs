//! The rule behind a signal, as it was when it made one: a workspace keeps a copy of each rule that ever fired in it, so that
//! an old signal can be understood after the rule was changed or taken away.

pub(crate) mod http;

use crate::{
    State,
    access::{Action, WorkspaceGrant},
};
use bailiwick_api::RuleInfo;
use bailiwick_chassis::Refusal;
use bailiwick_detect::Rule;
use sqlx::Row;

/// The workspace's own copy, or the rule as it runs now.
async fn find(state: &State, grant: &WorkspaceGrant, id: &str) -> Result<RuleInfo, Refusal> {
    let workspace = grant.demand(&[Action::ViewInvestigations])?;
    let row = sqlx::query("select body from rule where id = $1").bind(id).fetch_optional(workspace.db().pool()).await?;
    match row {
        Some(row) => serde_json::from_str(row.try_get::<String, _>("body")?.as_str()).map_err(Refusal::internal),
        None => state.rules().rule(id).map(|rule| info(rule)).ok_or_else(Refusal::not_found),
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
