//! Why do I, or does somebody, see each customer or not.

use super::{Action, Actor, explain, reach};
use crate::{State as Shared, federation, users};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{Access, CustomerId, List, Problem, UserId};
use bailiwick_chassis::{
    Refusal,
    extract::{Query, QueryParams},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Narrows the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AccessFilter {
    /// This customer alone.
    #[param(value_type = Option<String>)]
    customer: Option<CustomerId>,
}

impl QueryParams for AccessFilter {}

/// Every customer, whether this person reaches it, and why not: the whole chain, link by link. The nodes are asked, live, whether they know
/// the person; of a node that does not answer, what it last confirmed counts. Customers whose names are not for this person are one entry
/// with a count.
///
/// Codes: UNKNOWN_CUSTOMER (400).
#[utoipa::path(get, path = "/api/v1/me/access", operation_id = "my_access", tag = "me", params(AccessFilter), responses((status = 200, body = List<Access>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn mine(State(state): State<Shared>, actor: Actor, Query(filter): Query<AccessFilter>) -> Result<Answer<List<Access>>, Refusal> {
    let only = filter.customer.as_ref();
    let reach = reach(&state, &actor, Action::ViewInvestigations, only.map(std::slice::from_ref)).await?;
    let (_, scope) = federation::open_counts(&state, &reach).await;
    let user = users::find(&state.db, actor.user()).await?.ok_or_else(Refusal::not_found)?;
    let facts = explain::facts(&state, &user, only).await?;
    Ok(Answer(List { data: explain::live(&facts, &reach, &scope) }))
}

/// The same of somebody else, for whoever manages grants. Nobody is impersonated for it: what a node last confirmed counts, and what is not
/// known is said to be so.
///
/// Codes: UNKNOWN_CUSTOMER (400), NOT_FOUND (404).
#[utoipa::path(get, path = "/api/v1/users/{id}/access", operation_id = "user_access", tag = "users", params(("id" = String, Path, description = "User id"), AccessFilter), responses((status = 200, body = List<Access>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn of_user(
    State(state): State<Shared>,
    id: Result<Path<UserId>, PathRejection>,
    Query(filter): Query<AccessFilter>,
) -> Result<Answer<List<Access>>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let user = users::find(&state.db, &id).await?.ok_or_else(Refusal::not_found)?;
    let facts = explain::facts(&state, &user, filter.customer.as_ref()).await?;
    if facts.customers.is_empty() && filter.customer.is_some() {
        return Err(Refusal::invalid("UNKNOWN_CUSTOMER", "customer", "query: customer: none has this id"));
    }
    Ok(Answer(List { data: explain::known(&facts) }))
}
