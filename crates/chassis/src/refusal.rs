//! One error type for every endpoint: a status, a code for programs, a sentence for people. Internal causes are logged once, here,
//! and never reach the caller.

use axum::response::{IntoResponse, Response};
use bailiwick_api::{Position, Problem};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// Why a call was refused. Boxed: results are passed on far more often than they fail.
#[derive(Debug)]
pub struct Refusal(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    code: String,
    detail: Option<String>,
    field: Option<String>,
    position: Option<Position>,
    current: Option<serde_json::Value>,
    matched: Option<u64>,
    retry_after_seconds: Option<u64>,
    headers: HeaderMap,
    /// Its content type and its bytes, where a foreign protocol says it in its own words.
    body: Option<(HeaderValue, Vec<u8>)>,
}

impl Refusal {
    /// A refusal with a status and a code.
    pub fn new(status: StatusCode, code: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            code: code.into(),
            detail: None,
            field: None,
            position: None,
            current: None,
            matched: None,
            retry_after_seconds: None,
            headers: HeaderMap::new(),
            body: None,
        }))
    }

    /// 400: the input is wrong.
    pub fn invalid(code: &str, field: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code).field(field).detail(detail)
    }

    /// 401: nobody is signed in, or the proof is wrong.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AUTH_FAILED").detail(detail)
    }

    /// 403: the caller may see the thing but not do this.
    pub fn forbidden(permission: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN").detail(format!("missing permission: {permission}"))
    }

    /// 404: there is no such thing, or the caller may not know of it.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND").detail("no such thing, or not for you")
    }

    /// 409: a race was lost; carries the current row.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code).detail(detail)
    }

    /// 500: our fault. The cause is logged, not told.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(error = %cause, "request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL").detail("the server could not do this; its log says why")
    }

    /// Adds a sentence for people.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Names the field at fault.
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Says where in the text of the field.
    pub fn position(mut self, position: Option<Position>) -> Self {
        self.0.position = position;
        self
    }

    /// Adds the current row.
    pub fn current(mut self, row: &impl serde::Serialize) -> Self {
        self.0.current = serde_json::to_value(row).ok();
        self
    }

    /// Says how many there are, when that is more than the caller allowed.
    pub fn matched(mut self, matched: u64) -> Self {
        self.0.matched = Some(matched);
        self
    }

    /// Says when to try again.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// Adds a header to the answer.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// Answers in the words of a foreign protocol instead of a problem.
    pub fn worded(mut self, status: StatusCode, kind: &'static str, body: Vec<u8>) -> Self {
        self.0.status = status;
        self.0.body = Some((HeaderValue::from_static(kind), body));
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The code for programs.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The same refusal as it travels.
    pub fn problem(&self) -> Problem {
        Problem {
            status: self.0.status.as_u16(),
            title: self.0.status.canonical_reason().unwrap_or("Error").to_owned(),
            code: self.0.code.clone(),
            detail: self.0.detail.clone(),
            field: self.0.field.clone(),
            position: self.0.position,
            current: self.0.current.clone(),
            matched: self.0.matched,
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let mut refusal = Self::new(StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_GATEWAY), problem.code);
        refusal.0.detail = problem.detail;
        refusal.0.field = problem.field;
        refusal.0.position = problem.position;
        refusal.0.current = problem.current;
        refusal.0.matched = problem.matched;
        refusal
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::internal(format!("sql: {error}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(mut self) -> Response {
        let problem = || (HeaderValue::from_static("application/problem+json"), serde_json::to_vec(&self.problem()).unwrap_or_default());
        let (kind, body) = self.0.body.clone().unwrap_or_else(problem);
        let mut response = (self.0.status, body).into_response();
        let headers = response.headers_mut();
        headers.extend(std::mem::take(&mut self.0.headers));
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = self.0.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
