//! Reading one rule.

use super::find;
use crate::{
    State,
    access::{AtWorkspace, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::RuleInfo;
use bailiwick_chassis::{Refusal, extract::Query};

/// The rule behind a signal.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/rules/{rule}", tag = "investigations",
               params(("workspace" = String, Path), ("rule" = String, Path), AtWorkspace), responses((status = 200, body = RuleInfo)))]
pub(crate) async fn get(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, rule)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<Json<RuleInfo>, Refusal> {
    audit::audited(&state, &grant, "rule.view", &rule, find(&state, &grant, &rule)).await.map(Json)
}
