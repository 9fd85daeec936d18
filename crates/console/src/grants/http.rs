//! Listing grants and deciding on them.

use super::{Which, store};
use crate::{
    access::{Action, Actor, permits},
    audit,
};
use axum::{Json as Answer, extract::State};
use bailiwick_api::{CustomerId, Grant, List, NewGrant, Problem, UserId};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, Query, QueryParams},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Narrows the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct GrantFilter {
    /// Grants of this person.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
    /// Grants on this customer.
    #[param(value_type = Option<String>)]
    customer: Option<CustomerId>,
}

impl QueryParams for GrantFilter {}

/// Grants by customer and person, at most 5000 (the latest). Whoever may not manage grants sees their own.
#[utoipa::path(get, path = "/api/v1/grants", operation_id = "list_grants", tag = "grants", params(GrantFilter), responses((status = 200, body = List<Grant>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, actor: Actor, Query(filter): Query<GrantFilter>) -> Result<Answer<List<Grant>>, Refusal> {
    let which = if permits(actor.role(), Action::ManageGrants) {
        Which { user: filter.user, customer: filter.customer, standing: false }
    } else if filter.user.is_some_and(|user| user != *actor.user()) {
        return Ok(Answer(List { data: Vec::new() }));
    } else {
        Which { user: Some(actor.user().clone()), customer: filter.customer, standing: true }
    };
    Ok(Answer(List { data: store::list(&state.db, &which).await? }))
}

/// Gives a person a role on a customer, changes it, or takes it away (`role` null). It counts at the console at once; `state` tells
/// how far it has come at the customer's node, which gets it when it answers. Granting again asks a customer again who had revoked it.
///
/// Codes: UNKNOWN_USER, UNKNOWN_CUSTOMER (400), NOT_FOUND (404: there is no grant to take away).
#[utoipa::path(put, path = "/api/v1/grants", operation_id = "put_grant", tag = "grants", request_body = NewGrant, responses((status = 200, body = Grant), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put(State(state): State<crate::State>, actor: Actor, Json(new): Json<NewGrant>) -> Result<Answer<Grant>, Refusal> {
    let decided = super::decide(&state, &actor, &new).await;
    let verb = if new.role.is_some() { "grant.set" } else { "grant.remove" };
    // Refused is what names nobody there is: neither is noted.
    audit::refusals(&state, &actor, verb, None, decided).await.map(Answer)
}
