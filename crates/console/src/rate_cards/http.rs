//! The endpoints of rate cards.

use crate::access::Actor;
use axum::{Json as Answer, extract::State};
use bailiwick_api::{CustomerId, List, Problem, dashboards::RateCard};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query, QueryParams},
};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which card.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CardParams {
    /// Whose; left out for the card of everybody.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    customer: Option<CustomerId>,
    /// When it begins.
    effective_from: DateTime<Utc>,
}

impl QueryParams for CardParams {}

/// The rate cards of everybody, and those of customers this person sees, by customer and time.
#[utoipa::path(get, path = "/api/v1/rate-cards", operation_id = "list_rate_cards", tag = "dashboards", responses((status = 200, body = List<RateCard>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, actor: Actor, Query(NoParams {}): Query<NoParams>) -> Result<Answer<List<RateCard>>, Refusal> {
    Ok(Answer(List { data: super::list(&state, &actor).await? }))
}

/// Writes a rate card, in the place of one of the same customer that begins at the same time. It holds for what was received from then until
/// the next card; before a customer's first card, those of everybody hold.
///
/// Codes: UNKNOWN_FIELD, MISSING_FIELD, INVALID_INPUT (400), NOT_FOUND (404), TOO_MANY (422).
#[utoipa::path(put, path = "/api/v1/rate-cards", operation_id = "put_rate_card", tag = "dashboards", request_body = RateCard, responses((status = 200, body = RateCard), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put(State(state): State<crate::State>, actor: Actor, Json(card): Json<RateCard>) -> Result<Answer<RateCard>, Refusal> {
    super::put(&state, &actor, &card).await.map(Answer)
}

/// Takes a rate card away.
///
/// Codes: UNKNOWN_PARAMETER, INVALID_INPUT (400), NOT_FOUND (404).
#[utoipa::path(delete, path = "/api/v1/rate-cards", operation_id = "remove_rate_card", tag = "dashboards", params(CardParams), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(State(state): State<crate::State>, actor: Actor, Query(params): Query<CardParams>) -> Result<StatusCode, Refusal> {
    super::remove(&state, &actor, params.customer.as_ref(), params.effective_from.timestamp_micros()).await?;
    Ok(StatusCode::NO_CONTENT)
}
