//! The endpoints of saved searches.

use super::{enter, noted, pass};
use crate::{access::Actor, federation};
use axum::{
    Json as Answer,
    extract::{Path, State, rejection::PathRejection},
};
use bailiwick_api::{CustomerId, List, NewSavedSearch, Problem, SavedKind, SavedSearch, SavedSearchPatch};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query, QueryParams},
};
use bailiwick_client::NodeClient;
use http::{Method, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

const MAX_ID_CHARS: usize = 100;

type PathOf<T> = Result<Path<T>, PathRejection>;

/// Which searches.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SavedParams {
    /// What they find; all unless told.
    #[param(inline)]
    kind: Option<SavedKind>,
}

impl QueryParams for SavedParams {}

/// The person's own saved searches at one customer, and those that others share there, by name. Those over many customers are at `primary`.
///
/// Codes: UNKNOWN_PARAMETER, INVALID_INPUT (400), NOT_FOUND (404), NO_PRIMARY (409), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/customers/{id}/saved-searches", operation_id = "list_saved_searches", tag = "saved searches", params(("id" = String, Path, description = "Customer, or `primary`"), SavedParams), responses((status = 200, body = List<SavedSearch>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    State(state): State<crate::State>,
    actor: Actor,
    id: PathOf<CustomerId>,
    Query(SavedParams { kind }): Query<SavedParams>,
) -> Result<Answer<List<SavedSearch>>, Refusal> {
    let grant = enter(&state, &actor, &named(id)?).await?;
    let (at, deadline) = ((grant.workspace(), grant.role()), state.federation.pace().deadline);
    let query = kind.map(|kind| format!("&kind={kind}")).unwrap_or_default();
    let query = query.as_str();
    let call = |client: NodeClient, caller| async move { client.read(&caller, at, "saved-searches", query, deadline).await };
    let answer = federation::call(&state, &grant, call).await;
    answer.map(Answer).map_err(|trouble| trouble.refusal(grant.customer()))
}

/// Keeps a search at one customer; one over many customers at `primary`.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT (400), NOT_FOUND (404), NO_PRIMARY (409), TOO_MANY (422), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/customers/{id}/saved-searches", operation_id = "add_saved_search", tag = "saved searches", params(("id" = String, Path, description = "Customer, or `primary`")), request_body = NewSavedSearch, responses((status = 201, body = SavedSearch), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add(
    State(state): State<crate::State>,
    actor: Actor,
    id: PathOf<CustomerId>,
    Json(new): Json<NewSavedSearch>,
) -> Result<(StatusCode, Answer<SavedSearch>), Refusal> {
    let grant = enter(&state, &actor, &named(id)?).await?;
    let made = pass(&state, &grant, (&Method::POST, "saved-searches"), Some(&new)).await;
    noted(&state, &grant, "saved_search.add", made).await.map(|made| (StatusCode::CREATED, Answer(made)))
}

/// Changes one's own search.
///
/// Codes: UNKNOWN_FIELD, INVALID_INPUT (400), NOT_OWNER (403), NOT_FOUND (404), NO_PRIMARY (409), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(patch, path = "/api/v1/customers/{id}/saved-searches/{search}", operation_id = "update_saved_search", tag = "saved searches", params(("id" = String, Path, description = "Customer, or `primary`"), ("search" = String, Path, description = "Id of the search")), request_body = SavedSearchPatch, responses((status = 200, body = SavedSearch), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn patch(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(CustomerId, String)>,
    Json(patch): Json<SavedSearchPatch>,
) -> Result<Answer<SavedSearch>, Refusal> {
    let (id, search) = named(path)?;
    let grant = enter(&state, &actor, &id).await?;
    let changed = pass(&state, &grant, (&Method::PATCH, &noun(&search)?), Some(&patch)).await;
    noted(&state, &grant, "saved_search.change", changed).await.map(Answer)
}

/// Lets go of one's own search.
///
/// Codes: NOT_OWNER (403), NOT_FOUND (404), NO_PRIMARY (409), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(delete, path = "/api/v1/customers/{id}/saved-searches/{search}", operation_id = "remove_saved_search", tag = "saved searches", params(("id" = String, Path, description = "Customer, or `primary`"), ("search" = String, Path, description = "Id of the search")), responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(CustomerId, String)>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<StatusCode, Refusal> {
    let (id, search) = named(path)?;
    let grant = enter(&state, &actor, &id).await?;
    let removed = pass::<(), ()>(&state, &grant, (&Method::DELETE, &noun(&search)?), None).await;
    noted(&state, &grant, "saved_search.remove", removed).await.map(|()| StatusCode::NO_CONTENT)
}

/// The part of a node's path for one search; what cannot be an id names nothing there is.
fn noun(search: &str) -> Result<String, Refusal> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if search.is_empty() || search.len() > MAX_ID_CHARS || !search.bytes().all(plain) {
        return Err(Refusal::not_found());
    }
    Ok(format!("saved-searches/{search}"))
}

/// A path that cannot be read names nothing there is.
fn named<T>(path: PathOf<T>) -> Result<T, Refusal> {
    path.map(|Path(value)| value).map_err(|_| Refusal::not_found())
}
