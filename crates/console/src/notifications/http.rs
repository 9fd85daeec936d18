//! How notifications are sent: seeing it, setting it, trying it.

use super::{event, made, send, settings};
use crate::{
    access::Actor,
    audit::{self, Line},
};
use axum::{Json as Answer, extract::State};
use bailiwick_api::{List, NotificationTrial, Notifications, Problem, PutNotifications};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};

/// How notifications are sent, without the secrets, and what became of the last 50.
#[utoipa::path(get, path = "/api/v1/notifications", operation_id = "get_notifications", tag = "notifications", responses((status = 200, body = Notifications), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(State(state): State<crate::State>, Query(NoParams {}): Query<NoParams>) -> Result<Answer<Notifications>, Refusal> {
    Ok(Answer(settings::show(&state).await?))
}

/// Sets how notifications are sent, as a whole. A password or secret that is left out stays while its server does.
///
/// Codes: INVALID_INPUT (400, names the field).
#[utoipa::path(put, path = "/api/v1/notifications", operation_id = "put_notifications", tag = "notifications", request_body = PutNotifications, responses((status = 200, body = Notifications), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put(State(state): State<crate::State>, actor: Actor, Json(new): Json<PutNotifications>) -> Result<Answer<Notifications>, Refusal> {
    Ok(Answer(settings::put(&state, &actor, new).await?))
}

/// Sends a test by every channel that is set, now, and says how each went.
#[utoipa::path(post, path = "/api/v1/notifications/test", operation_id = "test_notifications", tag = "notifications", responses((status = 200, body = List<NotificationTrial>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn test(
    State(state): State<crate::State>,
    actor: Actor,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<List<NotificationTrial>>, Refusal> {
    let set = settings::read(&state.db).await?;
    let event = event::test(&made(&state, "test", state.clock.now_us()));
    let mut data = Vec::new();
    for channel in set.channels() {
        let error = send::send(&state, &set, channel, &event).await.err();
        data.push(NotificationTrial { channel, ok: error.is_none(), error });
    }
    let outcome = if data.iter().all(|trial| trial.ok) { audit::OK } else { "NOT_SENT" };
    audit::record(&state, Line { actor: actor.email(), verb: "notification.test", customer: None, outcome }).await?;
    Ok(Answer(List { data }))
}
