//! Reading and setting the numbers of a workspace.

use super::{check, load};
use crate::{
    State,
    access::{Action, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::DetectionSettings;
use bailiwick_chassis::{Refusal, extract::Json as Body};

/// How signals add up here.
#[utoipa::path(get, path = "/api/v1/detection", tag = "detection", responses((status = 200, body = DetectionSettings)))]
pub(crate) async fn get(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<DetectionSettings>, Refusal> {
    load::settings(grant.demand(&[Action::ManageDetection])?.db()).await.map(Json)
}

/// Sets how signals add up here, from the next signal on.
#[utoipa::path(put, path = "/api/v1/detection", tag = "detection", request_body = DetectionSettings, responses((status = 200, body = DetectionSettings)))]
pub(crate) async fn put(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(settings): Body<DetectionSettings>,
) -> Result<Json<DetectionSettings>, Refusal> {
    let work = async {
        let workspace = grant.demand(&[Action::ManageDetection])?;
        check(&settings)?;
        let value = serde_json::to_string(&settings).map_err(Refusal::internal)?;
        let text = "insert into detection_setting (name, value) values ('policy', $1) on conflict (name) do update set value = excluded.value";
        sqlx::query(text).bind(value).execute(workspace.db().pool()).await?;
        workspace.reload_detection().await
    };
    audit::audited(&state, &grant, "detection.set", "", work).await?;
    Ok(Json(settings))
}
