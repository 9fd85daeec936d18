//! Setting the licence, by the console that allocates it or by the node's operator, and seeing it.

use super::usage;
use crate::{
    State,
    access::{Action, NoQuery, WorkspaceGrant, operate, people::SignedIn},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{Licence, LicenceState, WorkspaceId};
use bailiwick_chassis::{Refusal, extract::Json as Body};

/// The licence as the console allocates it.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/licence", tag = "licence", params(("workspace" = String, Path)), request_body = Licence,
               responses((status = 200, body = LicenceState)))]
pub(crate) async fn put(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(licence): Body<Licence>,
) -> Result<Json<LicenceState>, Refusal> {
    set(&state, &grant, &licence).await
}

/// The licence as the node's operator sets it where no console does.
#[utoipa::path(put, path = "/api/v1/licences/{workspace}", tag = "licence", params(("workspace" = String, Path)), request_body = Licence,
               responses((status = 200, body = LicenceState)))]
pub(crate) async fn put_as_operator(
    With(state): With<State>,
    signed_in: SignedIn,
    Path(workspace): Path<String>,
    _: NoQuery,
    Body(licence): Body<Licence>,
) -> Result<Json<LicenceState>, Refusal> {
    let grant = operate(&state, &signed_in, &WorkspaceId(workspace), Action::ManageLicence).await?;
    set(&state, &grant, &licence).await
}

/// The licence and what is used of it.
#[utoipa::path(get, path = "/api/v1/licence", tag = "licence", responses((status = 200, body = LicenceState)))]
pub(crate) async fn get(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery) -> Result<Json<LicenceState>, Refusal> {
    usage::state(&state, &grant).await.map(Json)
}

async fn set(state: &State, grant: &WorkspaceGrant, licence: &Licence) -> Result<Json<LicenceState>, Refusal> {
    // Whoever sets what it is already has acted, too; a sync that repeats itself has not.
    if !super::set(state, grant, licence).await? {
        audit::audited(state, grant, "licence.set", "", async { Ok(()) }).await?;
    }
    usage::state(state, grant).await.map(Json)
}
