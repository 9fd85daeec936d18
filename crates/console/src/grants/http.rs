//! Delegating, taking delegations back, and listing the grants that follow.

use super::{Which, delegate, delegations};
use crate::{
    access::{Action, Actor, permits},
    audit,
};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CustomerId, Delegation, DelegationId, Grant, GroupId, List, NewDelegations, NewGrant, Paged, Problem, UserId};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query, QueryParams},
};
use http::StatusCode;
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

/// Grants by customer and person, at most 5000 (the latest), with the delegations they follow from. Whoever may not manage grants sees
/// their own.
#[utoipa::path(get, path = "/api/v1/grants", operation_id = "list_grants", tag = "grants", params(GrantFilter), responses((status = 200, body = List<Grant>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, actor: Actor, Query(filter): Query<GrantFilter>) -> Result<Answer<List<Grant>>, Refusal> {
    let which = if permits(actor.role(), Action::ManageGrants) {
        Which { user: filter.user, customer: filter.customer, standing: false }
    } else if filter.user.is_some_and(|user| user != *actor.user()) {
        return Ok(Answer(List { data: Vec::new() }));
    } else {
        Which { user: Some(actor.user().clone()), customer: filter.customer, standing: true }
    };
    Ok(Answer(List { data: super::list(&state, &which).await? }))
}

/// Delegates one customer to one person with a role, without end, or takes that delegation back (`role` null). It counts at the console at
/// once; `state` tells how far it has come at the customer's node, which gets it when it answers. Delegating again asks a customer again who
/// had revoked it. The role that follows is never more than the person's own at the console; taken back, another delegation may still
/// reach the customer, and the answer shows the role that is left.
///
/// Codes: UNKNOWN_USER, UNKNOWN_CUSTOMER (400), NOT_FOUND (404: there is nothing to take back), USER_DISABLED, DELEGATED_OTHERWISE (409: the
/// role follows from a group or all), DENIED (409: a delegation of a group or all denies it).
#[utoipa::path(put, path = "/api/v1/grants", operation_id = "put_grant", tag = "grants", request_body = NewGrant, responses((status = 200, body = Grant), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put(State(state): State<crate::State>, actor: Actor, Json(new): Json<NewGrant>) -> Result<Answer<Grant>, Refusal> {
    let verb = if new.role.is_some() { "grant.set" } else { "grant.remove" };
    // Refused is what names nobody there is: neither is noted.
    audit::refusals(&state, &actor, verb, None, delegate::one(&state, &actor, &new).await).await.map(Answer)
}

/// Narrows the list of delegations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct DelegationFilter {
    /// Of this person.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
    /// All that reach this customer: by its name, by a group it is in, or by naming all.
    #[param(value_type = Option<String>)]
    customer: Option<CustomerId>,
    /// All that name this group.
    #[param(value_type = Option<String>)]
    group: Option<GroupId>,
    /// Rows of a page: 1 to 1000, 200 unless said.
    limit: Option<u32>,
    /// Where the page begins, as the one before says.
    cursor: Option<String>,
}

impl QueryParams for DelegationFilter {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// Delegations, the latest first; expired ones stay for 90 days.
///
/// Codes: CURSOR_INVALID, INVALID_INPUT (400).
#[utoipa::path(get, path = "/api/v1/delegations", operation_id = "list_delegations", tag = "grants", params(DelegationFilter), responses((status = 200, body = Paged<Delegation>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delegations(State(state): State<crate::State>, Query(filter): Query<DelegationFilter>) -> Result<Answer<Paged<Delegation>>, Refusal> {
    let limit = filter.limit.unwrap_or(200);
    if !(1..=1000).contains(&limit) {
        return Err(Refusal::invalid("INVALID_INPUT", "limit", "query: limit: 1 to 1000"));
    }
    let of = delegations::Of { user: filter.user, customer: filter.customer, group: filter.group };
    Ok(Answer(delegations::page(&state, &of, limit, filter.cursor.as_deref()).await?))
}

/// Delegates: each of the people times each of the customers and groups, or all customers. All of it or nothing. What somebody was
/// delegated before of the same customer, group, or all, is replaced. The answer lists the delegations.
///
/// Codes: INVALID_INPUT (400: the field says which list is empty or too long, or that neither or both of `role` and `deny` were said),
/// UNKNOWN_USER, UNKNOWN_CUSTOMER, UNKNOWN_GROUP, EXPIRES_INVALID, REASON_INVALID (400), USER_DISABLED (409), TOO_MANY (422).
#[utoipa::path(post, path = "/api/v1/delegations", operation_id = "add_delegations", tag = "grants", request_body = NewDelegations, responses((status = 201, body = List<Delegation>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add(
    State(state): State<crate::State>,
    actor: Actor,
    Json(new): Json<NewDelegations>,
) -> Result<(StatusCode, Answer<List<Delegation>>), Refusal> {
    Ok((StatusCode::CREATED, Answer(List { data: delegate::many(&state, &actor, &new).await? })))
}

/// Takes a delegation back. It counts at the console at once, and at a node when it answers.
///
/// Codes: NOT_FOUND (404).
#[utoipa::path(delete, path = "/api/v1/delegations/{id}", operation_id = "remove_delegation", tag = "grants", params(("id" = String, Path, description = "Delegation id")), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<DelegationId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<StatusCode, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    delegate::remove(&state, &actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
