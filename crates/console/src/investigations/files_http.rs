//! The endpoints of a case's files: attachments in and out.

use super::{
    attachments,
    case::read,
    http::{PathOf, named},
    one,
};
use crate::access::{Action, Actor};
use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bailiwick_api::{Attachment, CaseFormat, List, MAX_ATTACHMENT_BYTES, NewUpload, Problem};
use bailiwick_chassis::{
    Refusal,
    extract::{NoParams, Query, QueryParams},
};
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

/// What a file is called.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileParams {
    /// Name of the file.
    name: String,
    /// Its media type.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    mime_type: Option<String>,
}

impl QueryParams for FileParams {}

/// Attaches a file of at most 25 MiB, which is the body as it is. It is kept and scanned at the node.
///
/// Codes: INVALID_INPUT (400), FORBIDDEN (403), NOT_FOUND (404), MERGED, TOO_MANY_ATTACHMENTS, ATTACHMENT_QUOTA (409), TOO_LARGE (413),
/// TOO_SLOW (408), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(post, path = "/api/v1/investigations/{rrn}/attachments", operation_id = "add_attachment", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), FileParams), request_body(content = String, content_type = "application/octet-stream"), responses((status = 201, body = Attachment), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn attach(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(FileParams { name, mime_type }): Query<FileParams>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Answer<Attachment>), Refusal> {
    let entered = one::enter(&state, &actor, Action::EditInvestigations, &named(rrn)?).await?;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_ATTACHMENT_BYTES) {
        let detail = format!("body: more than {MAX_ATTACHMENT_BYTES} bytes");
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE").detail(detail));
    }
    let new = NewUpload { name, mime_type: mime_type.unwrap_or_default() };
    Ok((StatusCode::CREATED, Answer(attachments::attach(&state, &entered, new, body).await?)))
}

/// Files of an investigation, oldest first.
///
/// Codes: NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/attachments", operation_id = "list_attachments", tag = "investigations", params(("rrn" = String, Path, description = "RRN")), responses((status = 200, body = List<Attachment>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<List<Attachment>>, Refusal> {
    let entered = one::enter(&state, &actor, Action::ViewInvestigations, &named(rrn)?).await?;
    read(&state, &entered, &["attachments"], "").await.map(Answer)
}

/// The content of a file, to be saved. Refused while it waits for the scanner and when that found malware.
///
/// Codes: NOT_FOUND (404), ATTACHMENT_PENDING, ATTACHMENT_INFECTED (409), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/attachments/{attachment}", operation_id = "get_attachment", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ("attachment" = String, Path, description = "Attachment")), responses((status = 200, body = String, content_type = "application/octet-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn download(
    State(state): State<crate::State>,
    actor: Actor,
    path: PathOf<(String, String)>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Response, Refusal> {
    let (rrn, id) = named(path)?;
    let entered = one::enter(&state, &actor, Action::ViewInvestigations, &rrn).await?;
    let file: Attachment = read(&state, &entered, &["attachments", &id], "").await?;
    let head = saved_as("application/octet-stream", &file.file_name);
    let length = [(header::CONTENT_LENGTH, file.size.to_string())];
    Ok((head, length, Body::from_stream(attachments::content(state, entered, file.id))).into_response())
}

/// How the file is written.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// `json` unless told.
    #[param(inline)]
    format: Option<CaseFormat>,
}

impl QueryParams for ExportParams {}

/// An investigation as a file, made at its node: a document for people or everything for programs. Times are UTC.
///
/// Codes: EXPORT_OFF (403: the customer's administrator has not allowed it), NOT_FOUND (404), VERSION (502), NODE_DOWN (503), TIMEOUT (504).
#[utoipa::path(get, path = "/api/v1/investigations/{rrn}/export", operation_id = "export_investigation", tag = "investigations", params(("rrn" = String, Path, description = "RRN"), ExportParams), responses((status = 200, content((String = "application/json"), (String = "application/pdf"))), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn export(
    State(state): State<crate::State>,
    actor: Actor,
    rrn: PathOf<String>,
    Query(ExportParams { format }): Query<ExportParams>,
) -> Result<Response, Refusal> {
    let entered = one::enter(&state, &actor, Action::ViewInvestigations, &named(rrn)?).await?;
    let (word, kind) = match format.unwrap_or_default() {
        CaseFormat::Json => ("json", "application/json"),
        CaseFormat::Pdf => ("pdf", "application/pdf"),
    };
    let file = attachments::export(&state, &entered, word).await?;
    Ok((saved_as(kind, &format!("investigation-{}.{word}", entered.id())), file).into_response())
}

/// The headers of what is to be saved, never to be shown.
fn saved_as(kind: &str, name: &str) -> [(HeaderName, String); 4] {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", encoded.replace('+', "%20"))),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ]
}
