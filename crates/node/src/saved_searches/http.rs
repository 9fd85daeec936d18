//! Listing, keeping, changing and letting go of saved searches, as a technician.

use super::{check, store};
use crate::{
    State,
    access::{AtWorkspace, AtWorkspaceWith, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{List, NewSavedSearch, SavedKind, SavedSearch, SavedSearchPatch};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Body, Query, QueryParams},
    secrets,
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which searches.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfKind {
    /// What they find; all unless told.
    #[param(inline)]
    kind: Option<SavedKind>,
}

impl QueryParams for OfKind {}

/// The person's own saved searches and the shared ones, by name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/saved-searches", tag = "investigations", params(("workspace" = String, Path), AtWorkspace, OfKind),
               responses((status = 200, body = List<SavedSearch>)))]
pub(crate) async fn list(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(_workspace): Path<String>,
    AtWorkspaceWith(of): AtWorkspaceWith<OfKind>,
) -> Result<Json<List<SavedSearch>>, Refusal> {
    let data = audit::audited_each_minute(&state, &grant, "saved_searches.list", store::list(&grant, of.kind)).await?;
    Ok(Json(List { data }))
}

/// Keeps a search.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/saved-searches", tag = "investigations", request_body = NewSavedSearch,
               params(("workspace" = String, Path), AtWorkspace), responses((status = 201, body = SavedSearch)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(_workspace): Path<String>,
    Query(_role): Query<AtWorkspace>,
    Body(new): Body<NewSavedSearch>,
) -> Result<(StatusCode, Json<SavedSearch>), Refusal> {
    let id = secrets::random_id("search-");
    let work = async { store::add(&grant, &id, &check(new)?, state.clock().now_us()).await };
    let made = audit::audited(&state, &grant, "saved_search.add", &id, work).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Changes one's own search. Codes: NOT_OWNER (403).
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspace}/saved-searches/{search}", tag = "investigations", request_body = SavedSearchPatch,
               params(("workspace" = String, Path), ("search" = String, Path), AtWorkspace), responses((status = 200, body = SavedSearch)))]
pub(crate) async fn change(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
    Body(patch): Body<SavedSearchPatch>,
) -> Result<Json<SavedSearch>, Refusal> {
    let apply = |before: SavedSearch| {
        let SavedSearchPatch { name, body, shared } = patch;
        let (name, body) = (name.unwrap_or(before.name), body.unwrap_or(before.body));
        check(NewSavedSearch { kind: before.kind, name, body, shared: shared.unwrap_or(before.shared) })
    };
    let work = store::change(&grant, &id, apply, state.clock().now_us());
    audit::audited(&state, &grant, "saved_search.change", &id, work).await.map(Json)
}

/// Lets go of one's own search. Codes: NOT_OWNER (403).
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/saved-searches/{search}", tag = "investigations",
               params(("workspace" = String, Path), ("search" = String, Path), AtWorkspace), responses((status = 204)))]
pub(crate) async fn remove(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path((_workspace, id)): Path<(String, String)>,
    Query(_role): Query<AtWorkspace>,
) -> Result<StatusCode, Refusal> {
    audit::audited(&state, &grant, "saved_search.remove", &id, store::remove(&grant, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
