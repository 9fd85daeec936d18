//! The session endpoints: a cookie out of reach of scripts, and the token unsafe calls carry.

use crate::access::{Actor, COOKIE};
use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use bailiwick_api::{Me, Problem, SignIn, UseLink};
use bailiwick_chassis::{Refusal, extract::Json, sessions};
use http::{HeaderMap, StatusCode, header};

/// Signs in. Sets the session's cookie; unsafe calls carry `csrf` of the answer in `X-CSRF-Token`.
///
/// Codes: AUTH_FAILED (401), THROTTLED (429).
#[utoipa::path(post, path = "/api/v1/session", operation_id = "sign_in", tag = "session", request_body = SignIn, responses((status = 200, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin(State(state): State<crate::State>, Json(input): Json<SignIn>) -> Result<Response, Refusal> {
    let (me, token) = super::sign_in(&state, &input).await?;
    Ok(with_cookie(&state, me, &token))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "sign_out", tag = "session", responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn end(State(state): State<crate::State>, actor: Actor, headers: HeaderMap) -> Result<Response, Refusal> {
    sessions::end(&state.db, COOKIE, &headers).await?;
    super::note(&state, actor.email(), "session.end", crate::audit::OK).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, sessions::clear_cookie(COOKIE))]).into_response())
}

/// Opens a single-use link: sets the password of the person it was made for, and signs them in. `name` is the mail address of the
/// first administrator and left out otherwise.
///
/// Codes: PASSWORD_WEAK, MISSING_FIELD, MAIL_INVALID (400), LINK_USED (403).
#[utoipa::path(post, path = "/api/v1/setup", operation_id = "use_link", tag = "session", request_body = UseLink, responses((status = 200, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn setup(State(state): State<crate::State>, Json(input): Json<UseLink>) -> Result<Response, Refusal> {
    let (me, token) = super::use_link(&state, &input).await?;
    Ok(with_cookie(&state, me, &token))
}

fn with_cookie(state: &crate::State, me: Me, token: &str) -> Response {
    let cookie = sessions::set_cookie(COOKIE, token, state.secure_cookies);
    ([(header::SET_COOKIE, cookie)], Answer(me)).into_response()
}
