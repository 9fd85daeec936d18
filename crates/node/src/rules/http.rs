//! Reading, changing, adding and trying rules.

use super::{RuleFilter, change, detail, find, own, page, trial};
use crate::{
    State,
    access::{AtWorkspace, AtWorkspaceWith, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{NewRule, RuleDetail, RuleInfo, RulePage, RulePatch, RuleTest, RuleTestResult};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query},
};
use http::StatusCode;

/// The rule behind a signal.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/rules/{rule}", tag = "investigations",
               params(("workspace" = String, Path), ("rule" = String, Path), AtWorkspace), responses((status = 200, body = RuleInfo)))]
pub(crate) async fn get(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, rule)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<RuleInfo>, Refusal> {
    audit::audited(&state, &grant, "rule.view", &rule, find(&grant, &rule)).await.map(Json)
}

/// The rules of a workspace, by title, with what they found and cost.
#[utoipa::path(get, path = "/api/v1/rules", tag = "detection", params(RuleFilter), responses((status = 200, body = RulePage)))]
pub(crate) async fn list(grant: WorkspaceGrant, Query(filter): Query<RuleFilter>) -> Result<Json<RulePage>, Refusal> {
    page(&grant, &filter).await.map(Json)
}

/// The same for somebody who works there.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/rules", tag = "detection",
               params(("workspace" = String, Path), AtWorkspace, RuleFilter), responses((status = 200, body = RulePage)))]
pub(crate) async fn list_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(_workspace): Path<String>,
    AtWorkspaceWith(filter): AtWorkspaceWith<RuleFilter>,
) -> Result<Json<RulePage>, Refusal> {
    audit::audited(&state, &grant, "rule.list", "", page(&grant, &filter)).await.map(Json)
}

/// One rule as it runs here, with its text.
#[utoipa::path(get, path = "/api/v1/rules/{rule}", tag = "detection", params(("rule" = String, Path)), responses((status = 200, body = RuleDetail)))]
pub(crate) async fn one(grant: WorkspaceGrant, Path(rule): Path<String>, _: NoQuery) -> Result<Json<RuleDetail>, Refusal> {
    detail(&grant, &rule).await.map(Json)
}

/// Changes what a rule may do here and what it weighs, from the next event on.
#[utoipa::path(patch, path = "/api/v1/rules/{rule}", tag = "detection", params(("rule" = String, Path)), request_body = RulePatch,
               responses((status = 200, body = RuleDetail)))]
pub(crate) async fn update(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(rule): Path<String>,
    _: NoQuery,
    Body(patch): Body<RulePatch>,
) -> Result<Json<RuleDetail>, Refusal> {
    audit::audited(&state, &grant, "rule.update", &rule, change(&grant, &rule, &patch, state.clock().now_us())).await?;
    detail(&grant, &rule).await.map(Json)
}

/// Adds a rule of the workspace's own.
#[utoipa::path(post, path = "/api/v1/rules", tag = "detection", request_body = NewRule, responses((status = 201, body = RuleDetail)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(new): Body<NewRule>,
) -> Result<(StatusCode, Json<RuleDetail>), Refusal> {
    let id = audit::audited(&state, &grant, "rule.add", "", own::add(&grant, &new, state.clock().now_us())).await?;
    Ok((StatusCode::CREATED, Json(detail(&grant, &id).await?)))
}

/// Takes away a rule of the workspace's own. Its signals stay.
#[utoipa::path(delete, path = "/api/v1/rules/{rule}", tag = "detection", params(("rule" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove(With(state): With<State>, grant: WorkspaceGrant, Path(rule): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    audit::audited(&state, &grant, "rule.remove", &rule, own::remove(&grant, &rule)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries rules on events; nothing is stored.
#[utoipa::path(post, path = "/api/v1/rules/test", tag = "detection", request_body = RuleTest, responses((status = 200, body = RuleTestResult)))]
pub(crate) async fn test(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(test): Body<RuleTest>,
) -> Result<Json<RuleTestResult>, Refusal> {
    let now = state.clock().now();
    audit::audited(&state, &grant, "rule.test", "", trial::run(&grant, test, now)).await.map(Json)
}
