//! Batches over HTTP: NDJSON, a JSON array, or plain lines.
//!
//! `POST /ingest/v1/events` with `Authorization: Bearer <ingest key>`, plain or packed with gzip, zstd or deflate. Success means durable; lines that cannot become records are kept
//! as failed records and named in the answer. A retry under the same `Idempotency-Key` changes nothing.

use super::{
    MAX_EVENTS, batch, count, event,
    split::{Numbered, split},
};
use crate::{
    State,
    access::{IngestGrant, NoQuery},
    workspaces::Admission,
};
use axum::{
    Json,
    extract::{Request, State as Shared},
};
use bailiwick_api::{Format, IngestReceipt, LineError};
use bailiwick_chassis::{Refusal, secrets};
use bailiwick_event::{MAX_EVENT_BYTES, ReasonCode};
use http::{HeaderMap, StatusCode};

/// Reasons named in an answer.
const ERRORS: usize = 20;
/// Characters an idempotency key may have.
const KEY_CHARS: usize = 200;

/// Takes a batch in.
#[utoipa::path(post, path = "/ingest/v1/events", tag = "ingest", request_body(content = String, description = "NDJSON, a JSON array, or plain lines"),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe for a day")), responses((status = 200, body = IngestReceipt)))]
pub(crate) async fn events(Shared(state): Shared<State>, grant: IngestGrant, _: NoQuery, request: Request) -> Result<Json<IngestReceipt>, Refusal> {
    let (parts, body) = request.into_parts();
    let idempotency_key = idempotency_key(&parts.headers)?;
    let body = state.ingest().bodies.read(&parts.headers, body).await?;
    let format = grant.source().format;
    let work = move |body: &bytes::Bytes| {
        // A key stands for one body: the same key with another body is another batch, and nothing of it is lost.
        let key = idempotency_key.map(|key| format!("{key}:{}", secrets::digest(body)));
        let numbered = split(body);
        let foreseen = foresee(&numbered, format);
        (key, numbered, foreseen)
    };
    let (idempotency_key, numbered, (failed, errors)) = state.ingest().divide(body.bytes.clone(), work).await?;
    if numbered.len() > MAX_EVENTS {
        let detail = format!("body: more than {MAX_EVENTS} events; nothing was accepted");
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_MANY_EVENTS").detail(detail));
    }
    let events = numbered.into_iter().map(|(_, raw)| event(raw)).collect();
    let batch = batch(&grant, state.clock().now_us(), idempotency_key, events);
    let accepted = batch.events.len() as u64;
    if accepted == 0 {
        return Ok(Json(IngestReceipt { accepted, failed, errors, duplicate: false }));
    }
    let receipt = match grant.workspace().append(batch).await? {
        Admission::Duplicate(before) => IngestReceipt { accepted: before, failed: 0, errors: Vec::new(), duplicate: true },
        Admission::New | Admission::InFlight => IngestReceipt { accepted, failed, errors, duplicate: false },
    };
    if !receipt.duplicate {
        count("own", usize::try_from(accepted).unwrap_or(usize::MAX));
    }
    Ok(Json(receipt))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().ok().filter(|t| !t.is_empty() && t.len() <= KEY_CHARS);
    let refusal = || Refusal::invalid("INVALID_INPUT", "Idempotency-Key", format!("Idempotency-Key: 1 to {KEY_CHARS} visible characters"));
    text.map(|t| Some(t.to_owned())).ok_or_else(refusal)
}

/// Which lines can only become failed records, so that the sender learns at once. A body that begins with a JSON object is NDJSON: a line
/// of it that is neither JSON nor syslog is named too.
fn foresee(events: &[Numbered], format: Format) -> (u64, Vec<LineError>) {
    let ndjson = events.first().is_some_and(|(_, raw)| first_byte(raw) == Some(b'{'));
    let mut failed = 0;
    let mut errors = Vec::new();
    for (line, raw) in events {
        let json = match format {
            Format::Json | Format::Windows | Format::CloudTrail => true,
            Format::Auto => first_byte(raw) == Some(b'{') || (ndjson && first_byte(raw) != Some(b'<')),
            Format::Syslog | Format::WebAccess => false,
        };
        if let Some((code, detail)) = flaw(raw, json) {
            failed += 1;
            if errors.len() < ERRORS {
                errors.push(LineError { line: *line, code: code.as_str().to_owned(), detail });
            }
        }
    }
    (failed, errors)
}

fn first_byte(raw: &[u8]) -> Option<u8> {
    raw.iter().find(|b| !b.is_ascii_whitespace()).copied()
}

fn flaw(raw: &[u8], json: bool) -> Option<(ReasonCode, String)> {
    if raw.len() > MAX_EVENT_BYTES {
        return Some((ReasonCode::TooLong, format!("{} bytes, at most {MAX_EVENT_BYTES}", raw.len())));
    }
    if let Err(error) = std::str::from_utf8(raw) {
        return Some((ReasonCode::NotText, format!("not UTF-8 at byte {}", error.valid_up_to())));
    }
    let parsed = json.then(|| serde_json::from_slice::<serde::de::IgnoredAny>(raw));
    parsed?.err().map(|error| (ReasonCode::JsonInvalid, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn bad_lines_are_counted_and_named_by_their_place_in_the_body() {
        let body = Bytes::from_static(b"{\"a\":1}\n{\"a\":\n\nplain words\n<13>Oct 11 22:14:15 host app: fine\n\xff\n");
        let (failed, errors) = foresee(&split(&body), Format::Auto);
        let named: Vec<(u64, &str)> = errors.iter().map(|e| (e.line, e.code.as_str())).collect();
        assert_eq!((failed, named), (3, vec![(2, "JSON_INVALID"), (4, "JSON_INVALID"), (6, "NOT_TEXT")]));
        let lines = Bytes::from_static(b"plain words\nmore words\n");
        assert_eq!(foresee(&split(&lines), Format::Auto).0, 0, "a body of plain lines is not NDJSON");
    }
}
