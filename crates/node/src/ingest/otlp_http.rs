//! OTLP over HTTP: `POST /v1/logs`. Success means durable; records that cannot be read are counted in `partial_success`.

use super::{
    Dialect, batch, beside,
    body::Body,
    count,
    otlp::{self, Encoding, Malformed},
};
use crate::{State, access::IngestGrant};
use axum::{
    extract::{Request, State as Shared},
    response::{IntoResponse, Response},
};
use bailiwick_chassis::Refusal;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Takes log records in.
#[utoipa::path(post, path = "/v1/logs", tag = "ingest",
    request_body(content = String, content_type = "application/x-protobuf", description = "`ExportLogsServiceRequest`, in protobuf or JSON"),
    responses((status = 200, description = "`ExportLogsServiceResponse` in the same encoding")))]
pub(crate) async fn logs(Shared(state): Shared<State>, grant: IngestGrant, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let words = |refusal| Dialect::Otlp.words(refusal, &parts.headers);
    let Body { bytes, mut lease } = state.ingest().bodies.read(&parts.headers, body).await.map_err(words)?;
    let encoding = encoding(&parts.headers, &bytes).map_err(words)?;
    let work = move |body: &Bytes| otlp::parse(body, encoding).map(|parsed| (beside(&parsed.events, body), parsed));
    let divided = state.ingest().divide(bytes, work).await.map_err(words)?;
    let (beside, parsed) = divided.map_err(|malformed| words(refusal(&malformed)))?;
    lease.hold(beside).map_err(words)?;
    let taken = parsed.events.len();
    if taken > 0 {
        grant.workspace().append(batch(&grant, state.clock().now_us(), None, parsed.events)).await.map_err(words)?;
        count("otlp", taken);
    }
    let reason = parsed.reason.map(|reason| format!("cannot be read, the first of them: {reason}")).unwrap_or_default();
    let said = encoding.response(parsed.rejected, &reason);
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, HeaderValue::from_static(encoding.content_type()))], said).into_response())
}

/// How the request is written. One that does not say is told by its first byte: no protobuf message begins like JSON.
fn encoding(headers: &HeaderMap, body: &[u8]) -> Result<Encoding, Refusal> {
    if !headers.contains_key(header::CONTENT_TYPE) {
        let json = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        return Ok(if json { Encoding::Json } else { Encoding::Protobuf });
    }
    Encoding::of(headers).ok_or_else(|| {
        let detail = "Content-Type: application/x-protobuf or application/json";
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "CONTENT_TYPE_UNSUPPORTED").field("Content-Type").detail(detail)
    })
}

fn refusal(malformed: &Malformed) -> Refusal {
    let status = match malformed {
        Malformed::Unreadable(_) => StatusCode::BAD_REQUEST,
        Malformed::TooMany | Malformed::TooMuchBeside => StatusCode::PAYLOAD_TOO_LARGE,
    };
    Refusal::new(status, "OTLP_MALFORMED").field("body").detail(malformed.to_string())
}
