//! The console's one call of a sync.

use crate::{
    State,
    access::{NoQuery, WorkspaceGrant},
};
use axum::{Json, extract::State as With};
use bailiwick_api::{AskSync, SyncAnswer};
use bailiwick_chassis::{Refusal, extract::Json as Body};

/// Takes what the console decided for this workspace and tells how it stands. What is refused is named in `refused`; the rest is taken.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/sync", tag = "sync", params(("workspace" = String, Path)), request_body = AskSync,
               responses((status = 200, body = SyncAnswer)))]
pub(crate) async fn sync(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery, Body(ask): Body<AskSync>) -> Result<Json<SyncAnswer>, Refusal> {
    super::answer(&state, &grant, &ask).await.map(Json)
}
