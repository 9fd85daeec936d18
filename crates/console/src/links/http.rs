//! Where nodes dial in.

use super::accept;
use axum::{
    extract::{Request, State},
    response::Response,
};
use bailiwick_api::Problem;
use bailiwick_chassis::Refusal;
use http::{HeaderValue, StatusCode, header};
use std::sync::Arc;

/// A node opens its outbound link: a WebSocket, over which both prove their keys and then speak HTTP/2, the console as the client.
/// For nodes alone; who may link is decided by keys made at enrolment.
///
/// Codes: UPGRADE_REQUIRED (426), TOO_MANY (503: very many nodes dial in at this moment).
#[utoipa::path(get, path = "/api/v1/link", operation_id = "open_link", tag = "operation", responses((status = 101), (status = 426, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub async fn open(State(state): State<crate::State>, request: Request) -> Result<Response, Refusal> {
    let place = Arc::clone(&state.links.handshakes).try_acquire_owned().map_err(|_| {
        let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY");
        refusal.detail("very many nodes dial in at this moment").retry_after(5)
    })?;
    let Some((response, connection)) = bailiwick_link::accept(request) else {
        let refusal = Refusal::new(StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED").header(header::UPGRADE, HeaderValue::from_static("websocket"));
        return Err(refusal.detail("this is where nodes open a WebSocket; a proxy on the way must pass it on"));
    };
    let owner = state.clone();
    state.tasks.spawn(async move { accept::receive(&owner, connection, place).await });
    Ok(response)
}
