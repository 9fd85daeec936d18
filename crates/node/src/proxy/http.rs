//! Telling and seeing how the workspace is reached through a reverse proxy.

use super::{check, store};
use crate::{
    State,
    access::{NoQuery, WorkspaceGrant},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::Proxy;
use bailiwick_chassis::{Refusal, extract::Json as Body};

/// How the workspace is reached through a reverse proxy.
#[utoipa::path(get, path = "/api/v1/proxy", tag = "sync", responses((status = 200, body = Proxy)))]
pub(crate) async fn get(grant: WorkspaceGrant, _: NoQuery) -> Result<Json<Proxy>, Refusal> {
    store::read(&grant).await.map(Json)
}

/// Tells how the workspace is reached through a reverse proxy; the console learns it with its next sync.
#[utoipa::path(put, path = "/api/v1/proxy", tag = "sync", request_body = Proxy, responses((status = 200, body = Proxy)))]
pub(crate) async fn put(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery, Body(proxy): Body<Proxy>) -> Result<Json<Proxy>, Refusal> {
    let work = async {
        check(&proxy)?;
        store::write(&grant, &proxy, state.clock().now_us()).await
    };
    audit::audited(&state, &grant, "proxy.set", "", work).await?;
    Ok(Json(proxy))
}
