//! Setting the licence, by the console that allocates it or by the node's operator, and seeing it.

use super::{minute_bytes, store};
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

const DAY_US: i64 = 86_400_000_000;
/// A licence of more than this is a slip of the hand: 1 PiB a day.
const MAX_DAILY_BYTES: u64 = 1 << 50;

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

/// The licence and what came today.
#[utoipa::path(get, path = "/api/v1/licence", tag = "licence", responses((status = 200, body = LicenceState)))]
pub(crate) async fn get(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery) -> Result<Json<LicenceState>, Refusal> {
    shown(&state, &grant).await
}

async fn set(state: &State, grant: &WorkspaceGrant, licence: &Licence) -> Result<Json<LicenceState>, Refusal> {
    if licence.daily_bytes.is_some_and(|bytes| bytes == 0 || bytes > MAX_DAILY_BYTES) {
        return Err(Refusal::invalid("INVALID_INPUT", "daily_bytes", format!("daily_bytes: 1 to {MAX_DAILY_BYTES}, or null for no limit")));
    }
    let work = store::set(grant, licence.daily_bytes, state.clock().now_us());
    audit::audited(state, grant, "licence.set", "", work).await?;
    shown(state, grant).await
}

async fn shown(state: &State, grant: &WorkspaceGrant) -> Result<Json<LicenceState>, Refusal> {
    let now_us = state.clock().now_us();
    let today = now_us - now_us.rem_euclid(DAY_US);
    let workspace = grant.workspace();
    // Read before the meters: what is stored in between counts twice for a moment, never not at all.
    let unflushed = workspace.unflushed().values().map(|counts| counts.bytes).sum::<u64>();
    let (daily_bytes, set_by) = store::read(workspace.db()).await?;
    Ok(Json(LicenceState {
        daily_bytes,
        minute_bytes: daily_bytes.map(minute_bytes),
        today_bytes: store::bytes_since(grant, today).await? + unflushed,
        this_minute_bytes: workspace.throttle().this_minute(now_us),
        set_by,
    }))
}
