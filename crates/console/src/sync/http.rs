//! Seeing how a sync stands, beginning one, and the settings it carries.

use super::settings;
use crate::{
    access::{self, Actor},
    audit,
};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CustomerId, CustomerSettings, CustomerSettingsNow, Problem, SyncStatus};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};
use http::StatusCode;

/// How a customer's sync stands, module by module, its last 20 runs, and what the node told last. An administrator sees every customer's,
/// others those they have a grant for.
#[utoipa::path(get, path = "/api/v1/customers/{id}/sync", operation_id = "get_sync", tag = "sync", params(("id" = String, Path, description = "Customer id")), responses((status = 200, body = SyncStatus), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<SyncStatus>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let seen = access::see(&state, &actor, &id).await?;
    Ok(Answer(super::status(&state, &seen).await?))
}

/// Syncs a customer now. It joins one that is waiting or at work; the answer says how it stands.
#[utoipa::path(post, path = "/api/v1/customers/{id}/sync", operation_id = "sync_customer", tag = "sync", params(("id" = String, Path, description = "Customer id")), responses((status = 202, body = SyncStatus), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<(StatusCode, Answer<SyncStatus>), Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let seen = access::see(&state, &actor, &id).await?;
    Ok((StatusCode::ACCEPTED, Answer(super::begin(&state, &actor, &seen).await?)))
}

/// What belongs to every customer; null is the product's own standard.
#[utoipa::path(get, path = "/api/v1/settings/customers", operation_id = "get_customer_settings", tag = "sync", responses((status = 200, body = CustomerSettingsNow), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn customer_settings(
    State(state): State<crate::State>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<CustomerSettingsNow>, Refusal> {
    Ok(Answer(settings::show(&state.db).await?))
}

/// Sets what belongs to every customer. It reaches each node, new ones included, by sync; what a customer's administrator decided wins.
#[utoipa::path(put, path = "/api/v1/settings/customers", operation_id = "put_customer_settings", tag = "sync", request_body = CustomerSettings, responses((status = 200, body = CustomerSettings), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put_customer_settings(
    State(state): State<crate::State>,
    actor: Actor,
    Json(new): Json<CustomerSettings>,
) -> Result<Answer<CustomerSettings>, Refusal> {
    let written = settings::write(&state, &actor, &new).await;
    audit::refusals(&state, &actor, "settings.customers", None, written).await.map(|()| Answer(new))
}
