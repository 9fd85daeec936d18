//! How long events are kept, and what the lake holds, for the workspace's administrator.

use crate::{
    State,
    access::{Action, NoQuery, WorkspaceGrant},
    audit, licences,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{Retention, Storage};
use bailiwick_chassis::{Refusal, extract::Json as Body};

/// How long events of each tier are kept.
#[utoipa::path(get, path = "/api/v1/retention", tag = "storage", responses((status = 200, body = Retention)))]
pub(crate) async fn retention(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<Retention>, Refusal> {
    grant.demand(&[Action::ManageRetention])?.keeper().retention().await.map(Json)
}

/// Sets how long events of each tier are kept. What is older goes within minutes, for good. Longer than licensed: LICENCE_EXCEEDED (409).
#[utoipa::path(put, path = "/api/v1/retention", tag = "storage", request_body = Retention, responses((status = 200, body = Retention)))]
pub(crate) async fn set_retention(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(retention): Body<Retention>,
) -> Result<Json<Retention>, Refusal> {
    let workspace = grant.demand(&[Action::ManageRetention])?;
    let work = async {
        licences::check_retention(workspace, &retention).await?;
        workspace.keeper().set_retention(&retention).await
    };
    audit::audited(&state, &grant, "retention.set", "", work).await?;
    workspace.keeper().retention().await.map(Json)
}

/// What the lake holds, and what was last done for it.
#[utoipa::path(get, path = "/api/v1/storage", tag = "storage", responses((status = 200, body = Storage)))]
pub(crate) async fn storage(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery) -> Result<Json<Storage>, Refusal> {
    let workspace = grant.demand(&[Action::ViewHealth])?;
    workspace.caught_up().await?;
    workspace.keeper().storage(&state.workspaces().lakes().config).await.map(Json)
}
