//! The endpoints of one's own preferences.

use crate::access::Actor;
use axum::{Json as Answer, extract::State};
use bailiwick_api::{Preferences, PreferencesPatch, Problem};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query},
};

/// What a person set for themselves.
#[utoipa::path(get, path = "/api/v1/me/preferences", operation_id = "my_preferences", tag = "me", responses((status = 200, body = Preferences), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(State(state): State<crate::State>, actor: Actor, Query(NoParams {}): Query<NoParams>) -> Result<Answer<Preferences>, Refusal> {
    super::get(&state, &actor).await.map(Answer)
}

/// Changes some of it. Without `multi_customer`, views over many customers are empty, every customer is skipped with TOGGLE_OFF, and a view
/// of exactly one customer is as ever.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT (400), MULTI_CUSTOMER_UNAVAILABLE (409).
#[utoipa::path(patch, path = "/api/v1/me/preferences", operation_id = "update_preferences", tag = "me", request_body = PreferencesPatch, responses((status = 200, body = Preferences), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn patch(State(state): State<crate::State>, actor: Actor, Json(patch): Json<PreferencesPatch>) -> Result<Answer<Preferences>, Refusal> {
    super::change(&state, &actor, patch).await.map(Answer)
}
