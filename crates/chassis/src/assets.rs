//! The built pages, served from the binary: hashed files for ever, `index.html` always fresh, one strict content policy.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};
use rust_embed::EmbeddedFile;

/// Finds an embedded file by its path.
pub type Pages = fn(&str) -> Option<EmbeddedFile>;

/// What pages may load and do.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Answers a request that no route took: a file, or the page itself for a path of the application.
pub fn serve(pages: Pages, request: &Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return crate::Refusal::not_found().into_response();
    }
    if path.starts_with("api/") {
        return crate::Refusal::not_found().into_response();
    }
    match pages(path) {
        Some(file) if !path.is_empty() => respond(path, file),
        _ if path.starts_with("assets/") => crate::Refusal::not_found().into_response(),
        _ => pages("index.html")
            .map_or_else(|| (StatusCode::NOT_FOUND, "the pages were not built into this binary").into_response(), |file| respond("index.html", file)),
    }
}

fn respond(path: &str, file: EmbeddedFile) -> Response {
    let mut response = Response::new(Body::from(file.data.into_owned()));
    let headers = response.headers_mut();
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind.essence_str()).unwrap_or(HeaderValue::from_static("application/octet-stream")));
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    response
}
